package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.trace.v1.Span;
import io.unshub.load.OtlpReceiver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A reading can be followed from where it is handed over to where it leaves. */
class StageSpansTest {

    private static final OtlpReceiver COLLECTOR = collector();
    private static final int READINGS = 50;
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String CALLER = "00-" + TRACE + "-b7ad6b7169203331-01";

    @RegisterExtension
    final HubFixture hub =
            new HubFixture()
                    .with("unshub.traces.endpoint", COLLECTOR.endpoint())
                    .with("unshub.traces.percent", "100");

    private static OtlpReceiver collector() {
        try {
            return new OtlpReceiver();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterAll
    static void stop() {
        COLLECTOR.close();
    }

    @Test
    void followsARequestToTheBatchThatLeaves() throws Exception {
        hub.startFarSide();
        hub.run(HubFixture.TO_BUFFER).run("collect-http").run("forward");
        List<byte[]> readings = new ArrayList<>();
        for (int value = 0; value < READINGS; value++) {
            readings.add(hub.envelope(HubFixture.TOPIC, value, Instant.now()).getBytes(UTF_8));
        }
        try (var request = hub.traces().join("request", CALLER)) {
            hub.intake().take(readings);
        }

        Span posted = COLLECTOR.await("collect-http", span -> true);
        assertThat(hex(posted.getTraceId())).isEqualTo(TRACE);
        Span ingest = COLLECTOR.await("ingest", span -> isMadeOf(span, posted.getTraceId()));
        assertThat(ingest.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_CONSUMER);
        assertThat(ingest.getLinksList())
                .as("one for the request, none for each reading")
                .singleElement()
                .satisfies(link -> assertThat(link.getSpanId()).isEqualTo(posted.getSpanId()));
        assertThat(ingest.getEvents(0).getName()).isEqualTo("handled");
        COLLECTOR.await("forward", span -> isMadeOf(span, ingest.getTraceId()));
        assertThat(COLLECTOR.spans())
                .as("one for each route, none for a reading or a Kamelet")
                .filteredOn(span -> span.getTraceId().equals(ingest.getTraceId()))
                .extracting(Span::getName)
                .containsExactlyInAnyOrderElementsOf(HubFixture.TO_BUFFER);
    }

    @Test
    void linksABatchToThePublishersOnMqttThatNameTheirTrace() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
        hub.publishWith(
                HubFixture.TOPIC,
                hub.envelope(HubFixture.TOPIC, 1, Instant.now()),
                "shift",
                "early",
                "traceparent",
                CALLER);
        hub.publishWith(
                HubFixture.TOPIC,
                hub.envelope(HubFixture.TOPIC, 2, Instant.now()),
                "traceparent",
                "nonsense");

        COLLECTOR.await(
                "ingest",
                span ->
                        span.getLinksList().stream()
                                .anyMatch(link -> hex(link.getTraceId()).equals(TRACE)));
        hub.awaitAccepted(2);
        assertThat(hub.buffered()).hasSize(2);
    }

    private static boolean isMadeOf(Span span, ByteString trace) {
        return span.getLinksList().stream().anyMatch(link -> link.getTraceId().equals(trace));
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }
}
