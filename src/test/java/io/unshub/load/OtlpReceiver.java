package io.unshub.load;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** A collector of traces: takes OTLP over HTTP, as any other would, and keeps what came. */
public final class OtlpReceiver implements AutoCloseable {

    private final HttpServer server;
    private final List<Span> spans = new CopyOnWriteArrayList<>();
    private final List<String> services = new CopyOnWriteArrayList<>();
    private volatile int answer = 200;

    /** Starts it on a free port. */
    public OtlpReceiver() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/v1/traces", this::take);
        server.start();
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (answer == 200) {
                var request = ExportTraceServiceRequest.parseFrom(body);
                for (var resource : request.getResourceSpansList()) {
                    resource.getResource()
                            .getAttributesList()
                            .forEach(each -> services.add(each.getValue().getStringValue()));
                    resource.getScopeSpansList()
                            .forEach(scope -> spans.addAll(scope.getSpansList()));
                }
            }
            exchange.sendResponseHeaders(answer, -1);
        }
    }

    /** What it answers from now on; it keeps what came with 200 only. */
    public OtlpReceiver answering(int status) {
        answer = status;
        return this;
    }

    /** Where it listens. */
    public String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** What came. */
    public List<Span> spans() {
        return List.copyOf(spans);
    }

    /** Whose it was. */
    public List<String> services() {
        return List.copyOf(services);
    }

    /** Waits for a span. */
    public Span await(String name, Predicate<Span> which) {
        return Awaitility.await("a span " + name)
                .atMost(Duration.ofSeconds(60))
                .until(
                        () ->
                                spans.stream()
                                        .filter(span -> span.getName().equals(name))
                                        .filter(which)
                                        .findFirst()
                                        .orElse(null),
                        span -> span != null);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
