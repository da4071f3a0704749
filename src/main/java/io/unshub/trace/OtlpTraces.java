package io.unshub.trace;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import io.unshub.uns.Excerpt;
import io.unshub.uns.Tally;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Sends traces to a collector, by OTLP over HTTP.
 *
 * <p>In: spans as they end. Out: protobuf, by a thread of its own, some hundred at a time.
 * Guarantees: at most {@value #MOST_WAITING} spans wait, further ones are dropped and counted; what
 * the collector does not take is tried again for some seconds, and then counted as failed. Failure:
 * a collector that is away is one line in the log, and one when it is back.
 */
public final class OtlpTraces implements Traces {

    /** How many spans may wait. */
    static final int MOST_WAITING = 4_096;

    private static final Logger LOG = Logger.getLogger(OtlpTraces.class);
    private static final int MOST_AT_ONCE = 512;
    private static final long STOP_SECONDS = 2;
    private static final W3CTraceContextPropagator W3C = W3CTraceContextPropagator.getInstance();
    private static final TextMapGetter<String> GIVEN =
            new TextMapGetter<>() {
                @Override
                public Iterable<String> keys(String carrier) {
                    return List.of(TRACEPARENT);
                }

                @Override
                public String get(String carrier, String key) {
                    return TRACEPARENT.equals(key) ? carrier : null;
                }
            };

    private final String endpoint;
    private final SdkTracerProvider provider;
    private final Tracer tracer;
    private final ThreadLocal<Open> current = new ThreadLocal<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final Tally<Outcome> counts = new Tally<>();
    private volatile boolean away;

    /**
     * @param endpoint of the collector, {@code http://host:4318}
     * @param service name of this hub in its traces
     * @param percent of the traces that begin here that are made; the rest of a chain follows its
     *     beginning
     */
    public OtlpTraces(String endpoint, String service, double percent) {
        this.endpoint = endpoint.replaceFirst("/$", "");
        provider =
                SdkTracerProvider.builder()
                        .setResource(
                                Resource.create(
                                        Attributes.builder().put("service.name", service).build()))
                        .setSampler(new Chained(Sampler.traceIdRatioBased(percent / 100)))
                        .addSpanProcessor(
                                new Bounded(
                                        BatchSpanProcessor.builder(new Counted(this.endpoint))
                                                .setMaxQueueSize(MOST_WAITING + MOST_AT_ONCE)
                                                .setMaxExportBatchSize(MOST_AT_ONCE)
                                                .setScheduleDelay(Duration.ofSeconds(1))
                                                .build()))
                        .build();
        tracer = provider.get("io.unshub");
    }

    @Override
    public boolean on() {
        return true;
    }

    @Override
    public Span begin(String name, Collection<String> madeOf) {
        SpanBuilder builder = tracer.spanBuilder(name).setSpanKind(SpanKind.CONSUMER).setNoParent();
        SpanContext untold = null;
        boolean told = false;
        for (String each : madeOf) {
            SpanContext origin = context(each);
            if (origin.isSampled()) {
                builder.addLink(origin);
                told = true;
            } else if (origin.isValid()) {
                untold = origin;
            }
        }
        if (!told && untold != null) {
            // has the sampler know that the chain is one that is not told
            builder.addLink(untold);
        }
        return new Open(builder.startSpan(), name, null);
    }

    @Override
    public Span join(String name, String parent) {
        Context caller =
                parent == null ? Context.root() : W3C.extract(Context.root(), parent, GIVEN);
        return new Open(
                tracer.spanBuilder(name).setSpanKind(SpanKind.SERVER).setParent(caller).startSpan(),
                name,
                null);
    }

    private static SpanContext context(String traceparent) {
        return io.opentelemetry.api.trace.Span.fromContext(
                        W3C.extract(Context.root(), traceparent, GIVEN))
                .getSpanContext();
    }

    @Override
    public Span current() {
        Open open = current.get();
        return open == null ? Span.NONE : open;
    }

    @Override
    public long count(Outcome outcome) {
        return counts.of(outcome);
    }

    @Override
    public void close() {
        provider.shutdown().join(STOP_SECONDS, TimeUnit.SECONDS);
    }

    /** A span that has not ended. */
    private final class Open implements Span {
        private final io.opentelemetry.api.trace.Span span;
        private final Open whole;
        private final Open before = current.get();
        private String name;
        private String traceparent;

        Open(io.opentelemetry.api.trace.Span span, String name, Open whole) {
            this.span = span;
            this.name = name;
            this.whole = whole;
            current.set(this);
            if (whole == null) {
                LogField.TRACE_ID.set(span.getSpanContext().getTraceId());
            }
        }

        @Override
        public Span stage(String stage) {
            return stage.equals(name)
                    ? Span.NONE
                    : new Open(
                            tracer.spanBuilder(stage)
                                    .setParent(Context.root().with(span))
                                    .startSpan(),
                            stage,
                            this);
        }

        @Override
        public void leave(String stage) {
            if (whole != null && stage.equals(name)) {
                close();
            }
        }

        @Override
        public void name(String other) {
            name = other;
            span.updateName(other);
        }

        @Override
        public void put(String key, String value) {
            span.setAttribute(key, value);
        }

        @Override
        public void put(String key, long value) {
            span.setAttribute(key, value);
        }

        @Override
        public void event(String what) {
            span.addEvent(what);
        }

        @Override
        public void fail(Throwable cause) {
            span.setStatus(StatusCode.ERROR, Excerpt.of(String.valueOf(cause.getMessage())));
        }

        @Override
        public String traceparent() {
            if (traceparent == null) {
                W3C.inject(
                        Context.root().with(span),
                        this,
                        (open, key, value) -> {
                            if (TRACEPARENT.equals(key)) {
                                open.traceparent = value;
                            }
                        });
            }
            return traceparent;
        }

        @Override
        public void close() {
            span.end();
            if (before == null) {
                current.remove();
            } else {
                current.set(before);
            }
            if (whole == null) {
                LogField.TRACE_ID.clear();
            }
        }
    }

    /** A batch is told if what it was made from is: a chain is told whole or not at all. */
    private record Chained(Sampler beginning) implements Sampler {

        @Override
        public SamplingResult shouldSample(
                Context parent,
                String traceId,
                String name,
                SpanKind kind,
                Attributes attributes,
                List<LinkData> links) {
            SpanContext caller =
                    io.opentelemetry.api.trace.Span.fromContext(parent).getSpanContext();
            if (caller.isValid()) {
                return told(caller.isSampled());
            }
            if (!links.isEmpty()) {
                return told(links.stream().anyMatch(link -> link.getSpanContext().isSampled()));
            }
            return beginning.shouldSample(parent, traceId, name, kind, attributes, links);
        }

        private static SamplingResult told(boolean whether) {
            return SamplingResult.create(
                    whether ? SamplingDecision.RECORD_AND_SAMPLE : SamplingDecision.DROP);
        }

        @Override
        public String getDescription() {
            return "chained to " + beginning.getDescription();
        }
    }

    /** Drops and counts what is too much. */
    private final class Bounded implements SpanProcessor {
        private final SpanProcessor sending;

        Bounded(SpanProcessor sending) {
            this.sending = sending;
        }

        @Override
        public void onStart(Context parent, ReadWriteSpan span) {}

        @Override
        public boolean isStartRequired() {
            return false;
        }

        @Override
        public void onEnd(ReadableSpan span) {
            if (waiting.incrementAndGet() > MOST_WAITING) {
                waiting.decrementAndGet();
                counts.count(Outcome.DROPPED);
            } else {
                sending.onEnd(span);
            }
        }

        @Override
        public boolean isEndRequired() {
            return true;
        }

        @Override
        public CompletableResultCode forceFlush() {
            return sending.forceFlush();
        }

        @Override
        public CompletableResultCode shutdown() {
            return sending.shutdown();
        }
    }

    /** Sends, and counts what became of it. */
    private final class Counted implements SpanExporter {
        private final SpanExporter otlp;

        Counted(String endpoint) {
            otlp = OtlpHttpSpanExporter.builder().setEndpoint(endpoint + "/v1/traces").build();
        }

        @Override
        public CompletableResultCode export(Collection<SpanData> spans) {
            int size = spans.size();
            waiting.addAndGet(-size);
            CompletableResultCode result = otlp.export(spans);
            result.whenComplete(() -> ended(result, size));
            return result;
        }

        private void ended(CompletableResultCode result, int size) {
            boolean taken = result.isSuccess();
            counts.count(taken ? Outcome.EXPORTED : Outcome.FAILED, size);
            if (taken && away) {
                LOG.infof("the collector of traces at %s takes spans again", endpoint);
            } else if (!taken && !away) {
                Throwable why = result.getFailureThrowable();
                LOG.warnf(
                        "the collector of traces at %s takes no spans (%s); they are dropped and counted, readings are not touched",
                        endpoint,
                        why == null ? "it refused them" : Excerpt.of(String.valueOf(why)));
            }
            away = !taken;
        }

        @Override
        public CompletableResultCode flush() {
            return otlp.flush();
        }

        @Override
        public CompletableResultCode shutdown() {
            return otlp.shutdown();
        }
    }
}
