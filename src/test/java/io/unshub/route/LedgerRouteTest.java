package io.unshub.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.buffer.QueueView;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServerConfiguration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The books, asked over HTTP. */
class LedgerRouteTest {

    @RegisterExtension final HubFixture hub = new HubFixture();

    private int port;

    @BeforeEach
    void serve() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        VertxPlatformHttpServerConfiguration server = new VertxPlatformHttpServerConfiguration();
        server.setBindHost("127.0.0.1");
        server.setBindPort(port);
        hub.camel().addService(new VertxPlatformHttpServer(server));
        hub.run(HubFixture.TO_BUFFER).run("ledger");
    }

    @Test
    void answersTheTermsOfAllAndOfEachTopic() throws Exception {
        hub.publishValues(HubFixture.TOPIC, 1, 3);
        hub.publish(HubFixture.TOPIC, "broken");
        hub.awaitAccepted(4);

        HttpResponse<String> response = request("GET");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
        JsonNode report = new ObjectMapper().readTree(response.body());
        assertThat(report.path("balanced").asBoolean()).isTrue();
        assertThat(report.path("findings")).isEmpty();
        assertThat(report.path("total").path("accepted").asLong()).isEqualTo(4);
        assertThat(report.path("total").path("buffered").asLong()).isEqualTo(3);
        assertThat(report.path("total").path("deadLettered").asLong()).isEqualTo(1);
        assertThat(report.path("topics")).hasSize(1);
        assertThat(report.path("topics").get(0).path("topic").asText()).isEqualTo(HubFixture.TOPIC);
        assertThat(report.path("topics").get(0).path("lastHubSeq").asLong()).isEqualTo(4);
    }

    @Test
    void namesTheReadingThatIsMissing() throws Exception {
        hub.publishValues(HubFixture.TOPIC, 1, 3);
        hub.awaitAccepted(3);
        QueueView.delete(hub.broker(), HubFixture.TOPIC, 2);

        HubFixture.eventually(() -> request("GET").body().contains("missing hubSeq 2"));

        JsonNode report = new ObjectMapper().readTree(request("GET").body());
        assertThat(report.path("balanced").asBoolean()).isFalse();
        assertThat(report.path("findings").toString())
                .contains(HubFixture.TOPIC + ": missing hubSeq 2 in the buffer");
    }

    @Test
    void takesNoOtherMethodThanGet() throws Exception {
        assertThat(request("POST").statusCode()).isEqualTo(405);
    }

    private HttpResponse<String> request(String method) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(
                                        URI.create("http://127.0.0.1:" + port + "/api/v1/ledger"))
                                .method(method, HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }
}
