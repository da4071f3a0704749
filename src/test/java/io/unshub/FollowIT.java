package io.unshub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.opentelemetry.proto.trace.v1.Span;
import io.unshub.load.HubProcess;
import io.unshub.load.OtlpReceiver;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A request is followed through a hub in a process of its own, by its traces and its log. */
class FollowIT {

    private static final String TOPIC = "acme/plant9/mixing/line1/cell1/mixer-01/torque";
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path work = TestFolders.fresh("follow");

    @Test
    void tellsOfARequestInTracesAndInLinesOfJson() throws Exception {
        Path config = TestFolders.config(work.resolve("config"));
        try (OtlpReceiver collector = new OtlpReceiver();
                HubProcess hub =
                        HubProcess.on(work.resolve("data"))
                                .with("unshub.config-dir", config.toString())
                                .with("unshub.traces.endpoint", collector.endpoint())
                                .with("unshub.traces.percent", "0")
                                .with("unshub.traces.service", "plant9")
                                .with("quarkus.log.console.json.enabled", "true")) {
            hub.start();
            assertThat(post(hub, "shift-7").statusCode()).isEqualTo(207);

            Span request = collector.await("POST /api/v1/readings", span -> true);
            assertThat(hex(request.getTraceId())).isEqualTo(TRACE);
            Span ingest = collector.await("ingest", span -> isMadeOf(span, request));
            Span forward = collector.await("forward", span -> isMadeOf(span, ingest));
            assertThat(forward.getTraceId()).isNotEqualTo(ingest.getTraceId());
            assertThat(collector.services()).contains("plant9");
            assertThat(hub.metrics()).contains("unshub_trace_spans_total{outcome=\"exported\"}");

            JsonNode refused = line(hub, "readings of request shift-7: 1 accepted");
            assertThat(refused.at("/mdc/requestId").asText()).isEqualTo("shift-7");
            assertThat(refused.at("/mdc/traceId").asText()).isEqualTo(TRACE);
            assertThat(refused.path("level").asText()).isEqualTo("WARN");
            assertThat(line(hub, "connected to opc.tcp").at("/mdc/connection").asText())
                    .isEqualTo("plant1-scada");
            Path routes = Files.createDirectories(config.resolve("routes"));
            Files.writeString(routes.resolve("means.yaml"), "- rout:\n");
            assertThat(line(hub, "means.yaml:1: [one-route]").at("/mdc/route").asText())
                    .isEqualTo("means");
            assertThat(line(hub, "alarm route-means: ").at("/mdc/alarm").asText())
                    .isEqualTo("route-means");
            Files.writeString(
                    routes.resolve("means.yaml"),
                    """
                    - route:
                        id: means
                        from:
                          uri: kamelet:unshub-uns-source
                          parameters:
                            name: means
                            topics: acme/plant9/#
                          steps:
                            - log:
                                message: one batch of ${body.size}
                                loggingLevel: WARN
                    """);
            line(hub, "route means is in force");
            assertThat(post(hub, "shift-8").statusCode()).isEqualTo(207);
            JsonNode batch = line(hub, "one batch of 1");
            assertThat(batch.at("/mdc/route").asText()).isEqualTo("means");
            assertThat(batch.at("/mdc/batch").asText()).isEqualTo("$hub/subscription/means-1");
            hub.interrupt();
            assertThat(hub.lines()).isNotEmpty().allSatisfy(JSON::readTree);
        }
    }

    private static JsonNode line(HubProcess hub, String part) {
        return await("a line with " + part)
                .atMost(LONG)
                .until(
                        () -> {
                            for (String line : hub.lines()) {
                                JsonNode read = json(line);
                                if (read.path("message").asText().contains(part)) {
                                    return read;
                                }
                            }
                            return null;
                        },
                        line -> line != null);
    }

    private static JsonNode json(String line) throws JsonProcessingException {
        return JSON.readTree(line);
    }

    private static boolean isMadeOf(Span span, Span origin) {
        return span.getLinksList().stream()
                .anyMatch(link -> link.getTraceId().equals(origin.getTraceId()));
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    private static HttpResponse<String> post(HubProcess hub, String id) throws Exception {
        String good =
                ("{\"messageId\":\"%s\",\"tsUtc\":\"%s\",\"topic\":\"%s\",\"value\":7,"
                                + "\"quality\":\"GOOD\",\"units\":\"1\",\"sourceSystem\":\"test\","
                                + "\"lineageVersion\":\"1\",\"schemaVersion\":\"1.0\"}")
                        .formatted(UUID.randomUUID(), Instant.now(), TOPIC);
        return hub.post(
                "readings",
                "readings-token",
                String.valueOf(List.of(good, good.replace("GOOD", "FINE"))),
                "X-Correlation-ID",
                id,
                "traceparent",
                "00-" + TRACE + "-b7ad6b7169203331-01");
    }
}
