package io.unshub.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.opentelemetry.proto.trace.v1.Status;
import io.unshub.load.OtlpReceiver;
import io.unshub.trace.Traces.Outcome;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.jboss.logging.MDC;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OtlpTracesTest {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String TOLD = "00-" + TRACE + "-b7ad6b7169203331-01";
    private static final String UNTOLD = "00-" + TRACE + "-b7ad6b7169203331-00";

    private OtlpReceiver collector;

    @BeforeEach
    void start() throws Exception {
        collector = new OtlpReceiver();
    }

    @AfterEach
    void stop() {
        collector.close();
    }

    private Traces traces(double percent) {
        return new OtlpTraces(collector.endpoint() + "/", "plant1", percent);
    }

    @Test
    void tellsABatchWithItsStagesAndWhatItWasMadeOf() {
        try (Traces traces = traces(100)) {
            try (Span batch = traces.begin("lane.7", List.of(TOLD, UNTOLD, "nonsense"))) {
                batch.name("forward");
                assertThat(batch.stage("forward")).as("is the batch itself").isSameAs(Span.NONE);
                batch.put("messaging.batch.message_count", 3);
                try (Span stage = batch.stage("validate")) {
                    assertThat(traces.current()).isSameAs(stage);
                    stage.fail(new IllegalStateException("no disk"));
                }
                assertThat(MDC.get("traceId")).isEqualTo(batch.traceparent().substring(3, 35));
            }
            assertThat(traces.current()).isSameAs(Span.NONE);
            assertThat(MDC.get("traceId")).isNull();
        }
        var batch = collector.await("forward", span -> true);
        var stage = collector.await("validate", span -> true);
        assertThat(batch.getKind()).isEqualTo(SpanKind.SPAN_KIND_CONSUMER);
        assertThat(batch.getParentSpanId()).isEmpty();
        assertThat(batch.getLinksList())
                .singleElement()
                .satisfies(link -> assertThat(hex(link.getTraceId())).isEqualTo(TRACE));
        assertThat(batch.getAttributes(0).getValue().getIntValue()).isEqualTo(3);
        assertThat(stage.getParentSpanId()).isEqualTo(batch.getSpanId());
        assertThat(stage.getTraceId()).isEqualTo(batch.getTraceId());
        assertThat(stage.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
        assertThat(stage.getStatus().getMessage()).isEqualTo("no disk");
        assertThat(collector.services()).contains("plant1");
    }

    @Test
    void joinsACallersTraceOrBeginsOne() {
        try (Traces traces = traces(100)) {
            traces.join("asked", TOLD).close();
            traces.join("alone", null).close();
            traces.join("spoilt", "00-nonsense").close();
        }

        var asked = collector.await("asked", span -> true);
        assertThat(hex(asked.getTraceId())).isEqualTo(TRACE);
        assertThat(asked.getKind()).isEqualTo(SpanKind.SPAN_KIND_SERVER);
        assertThat(collector.await("alone", span -> true).getParentSpanId()).isEmpty();
        assertThat(collector.await("spoilt", span -> true).getParentSpanId()).isEmpty();
    }

    @Test
    void tellsAChainWholeOrNotAtAll() {
        try (Traces traces = traces(0)) {
            traces.begin("fresh", List.of()).close();
            traces.begin("untold", List.of(UNTOLD)).close();
            traces.join("unasked", UNTOLD).close();
            Span told = traces.begin("told", List.of(UNTOLD, TOLD));
            told.stage("its stage").close();
            told.close();
        }
        collector.await("told", span -> true);
        assertThat(collector.spans())
                .extracting(span -> span.getName())
                .containsExactlyInAnyOrder("told", "its stage");
        try (Traces traces = traces(100)) {
            traces.begin("still untold", List.of(UNTOLD)).close();
            traces.begin("fresh", List.of()).close();
        }
        collector.await("fresh", span -> true);
        assertThat(collector.spans()).extracting(span -> span.getName()).doesNotContain("untold");
        assertThat(collector.spans())
                .extracting(span -> span.getName())
                .doesNotContain("still untold");
    }

    @Test
    void dropsAndCountsWhatACollectorThatIsAwayDoesNotTake() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        int many = 3 * OtlpTraces.MOST_WAITING;
        try (Traces traces = new OtlpTraces("http://127.0.0.1:" + port, "plant1", 100)) {
            for (int i = 0; i < many; i++) {
                traces.begin("batch", List.of()).close();
            }
            assertThat(traces.count(Outcome.DROPPED)).isPositive();
            await().atMost(LONG).until(() -> traces.count(Outcome.FAILED) > 0);
            assertThat(traces.count(Outcome.EXPORTED)).isZero();
        }
    }

    @Test
    void countsWhatTheCollectorRefusesAndGoesOnOnceItTakesSpansAgain() {
        collector.answering(400);
        try (Traces traces = traces(100)) {
            traces.begin("refused", List.of()).close();
            await().atMost(LONG).until(() -> traces.count(Outcome.FAILED) == 1);
            collector.answering(200);
            traces.begin("taken", List.of()).close();
            await().atMost(LONG).until(() -> traces.count(Outcome.EXPORTED) == 1);
        }
        assertThat(collector.spans()).extracting(span -> span.getName()).containsExactly("taken");
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }
}
