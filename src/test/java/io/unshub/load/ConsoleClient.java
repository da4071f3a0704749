package io.unshub.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;

/** Somebody at the console of a hub, with a browser's cookies. */
public final class ConsoleClient {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final String root;
    private final HttpClient client =
            HttpClient.newBuilder().cookieHandler(new CookieManager()).build();

    public ConsoleClient(HubProcess hub) {
        root = "http://127.0.0.1:" + hub.port("quarkus.http.port");
    }

    public HttpResponse<String> login(String name, String password, String... headers)
            throws IOException, InterruptedException {
        return post("/hawtio/auth/login", Map.of("username", name, "password", password), headers);
    }

    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create(root + path)).build(), BodyHandlers.ofString());
    }

    public HttpResponse<String> post(String path, Object body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(root + path))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    /** What Jolokia answers. */
    public JsonNode jmx(Map<String, ?> request) throws IOException, InterruptedException {
        return JSON.readTree(post("/hawtio/jolokia", request).body());
    }
}
