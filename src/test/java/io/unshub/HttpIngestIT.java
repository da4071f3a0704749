package io.unshub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.load.HubProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Readings are posted to a hub in a process of its own, as a program on the plant does. */
class HttpIngestIT {

    private static final String TOPIC = "acme/plant9/mixing/line1/cell1/mixer-01/torque";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path work = TestFolders.fresh("http");
    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void takesReadingsOnceAndSaysOfEachWhatBecameOfIt() throws Exception {
        try (HubProcess hub = hub().start()) {
            String token = Files.readString(hub.data().resolve("readings-token"));
            String body = "[" + envelope() + "," + envelope().replace("GOOD", "FINE") + "]";

            HttpResponse<String> first = post(hub, token, body, "Idempotency-Key", "order-66");
            HttpResponse<String> again = post(hub, token, body, "Idempotency-Key", "order-66");
            HttpResponse<String> one = post(hub, token, envelope(), "X-Correlation-ID", "shift-7");
            HttpResponse<String> none = post(hub, token, "{}");
            HttpResponse<String> broken = post(hub, token, "[{]");
            HttpResponse<String> empty = post(hub, token, "");

            assertThat(first.statusCode()).isEqualTo(207);
            assertThat(json(first).path("accepted").asInt()).isEqualTo(1);
            JsonNode error = json(first).path("errors").path(0);
            assertThat(error.path("index").asInt()).isEqualTo(1);
            assertThat(error.path("outcome").asText()).isEqualTo("DEAD_LETTERED");
            assertThat(error.path("reason").asText()).isEqualTo("UNKNOWN_FLAG");
            assertThat(error.path("detail").asText())
                    .startsWith("quality is \"FINE\", known flags");
            assertThat(again.statusCode()).isEqualTo(207);
            assertThat(again.body()).isEqualTo(first.body());
            assertThat(one.statusCode()).isEqualTo(202);
            assertThat(one.headers().firstValue("X-Correlation-ID")).contains("shift-7");
            assertThat(none.statusCode()).isEqualTo(422);
            assertThat(json(none).path("errors").path(0).path("outcome").asText())
                    .isEqualTo("REFUSED");
            assertThat(broken.statusCode()).isEqualTo(400);
            assertThat(json(broken).path("detail").asText())
                    .startsWith("the body is no JSON at byte 2: ");
            assertThat(empty.statusCode()).isEqualTo(400);
            assertThat(json(empty).path("detail").asText())
                    .startsWith("the body holds no reading; send an envelope");

            JsonNode ledger = hub.drained(Duration.ofSeconds(30));
            assertThat(ledger.path("total").path("accepted").asLong()).isEqualTo(3);
            assertThat(ledger.path("total").path("forwarded").asLong()).isEqualTo(2);
            assertThat(ledger.path("total").path("deadLettered").asLong()).isEqualTo(1);
            assertThat(hub.metrics())
                    .contains("unshub_http_readings_total{outcome=\"accepted\"} 2.0");
        }
    }

    @Test
    void letsTheTokenForReadingsPostReadingsAndNothingElse() throws Exception {
        String token;
        try (HubProcess hub = hub().start()) {
            token = Files.readString(hub.data().resolve("readings-token"));

            assertThat(post(hub, "guess", envelope()).statusCode()).isEqualTo(401);
            assertThat(post(hub, "guess", envelope()).body()).contains("file readings-token in");
            assertThat(send(hub, token, "ledger").statusCode()).isEqualTo(401);
            assertThat(send(hub, token, "readings/../ledger").statusCode()).isEqualTo(400);
            assertThat(hub.metrics()).contains("unshub_authentication_failures_total 3.0");
        }
        try (HubProcess hub = hub().start()) {
            assertThat(post(hub, token, envelope()).statusCode()).isEqualTo(202);
            Files.writeString(hub.data().resolve("readings-token"), "");
        }
        try (HubProcess hub = hub().start()) {
            assertThat(post(hub, "", envelope()).statusCode()).isEqualTo(401);
            assertThat(Files.readString(hub.data().resolve("readings-token"))).hasSize(43);
        }
    }

    @Test
    void asksToComeAgainWhileTheBufferIsFull() throws Exception {
        FileStore volume = Files.getFileStore(work);
        double free = (double) volume.getUsableSpace() / volume.getTotalSpace();
        assumeThat(free).as("a volume of which more than a tenth is used").isLessThan(0.85);
        try (HubProcess hub = hub().with("unshub.buffer.max-volume-percent", "10").start()) {
            hub.awaitLine(".*the buffer is full.*", Duration.ofSeconds(30));
            String token = Files.readString(hub.data().resolve("readings-token"));

            HttpResponse<String> response = post(hub, token, envelope());

            assertThat(response.statusCode()).isEqualTo(503);
            assertThat(hub.health("ready").statusCode()).isEqualTo(503);
            assertThat(hub.health("live").statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("Retry-After")).contains("10");
            assertThat(json(response).path("detail").asText())
                    .startsWith("the buffer is full; send the same again");
            assertThat(hub.ledger().path("total").path("accepted").asLong()).isZero();
        }
    }

    private HubProcess hub() throws IOException {
        return HubProcess.on(work.resolve("data")).with("unshub.simulator.enabled", "false");
    }

    private HttpResponse<String> post(HubProcess hub, String token, String body, String... headers)
            throws Exception {
        HttpRequest.Builder request =
                request(hub, token, "readings")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> send(HubProcess hub, String token, String path) throws Exception {
        return client.send(request(hub, token, path).build(), BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(HubProcess hub, String token, String path) {
        return HttpRequest.newBuilder(
                        URI.create(
                                "http://127.0.0.1:%d/api/v1/%s"
                                        .formatted(hub.port("quarkus.http.port"), path)))
                .header("Authorization", "Bearer " + token);
    }

    private static JsonNode json(HttpResponse<String> response) throws IOException {
        return JSON.readTree(response.body());
    }

    private static String envelope() {
        return ("{\"messageId\":\"%s\",\"tsUtc\":\"%s\",\"topic\":\"%s\",\"value\":1,"
                        + "\"quality\":\"GOOD\",\"units\":\"1\",\"sourceSystem\":\"test\","
                        + "\"lineageVersion\":\"1\",\"schemaVersion\":\"1.0\"}")
                .formatted(UUID.randomUUID(), Instant.now(), TOPIC);
    }
}
