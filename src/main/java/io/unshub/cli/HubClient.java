package io.unshub.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.ops.ControlToken;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** The options with which a command finds the running hub, and the questions it asks it. */
final class HubClient {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIMIT = Duration.ofMinutes(5);

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8080",
            description = "The hub's HTTP address. Default: ${DEFAULT-VALUE}.")
    private String url;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "data",
            description =
                    "The hub's data folder, which holds the token. Default: ${DEFAULT-VALUE}.")
    private Path data;

    /** Asks for a document; parameters that are null are left out. */
    JsonNode get(String path, Map<String, ?> parameters)
            throws CommandFailed, InterruptedException {
        try (InputStream body = stream(path, parameters)) {
            return JSON.readTree(body);
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    /** Asks for a document of any length. */
    InputStream stream(String path, Map<String, ?> parameters)
            throws CommandFailed, InterruptedException {
        String query =
                parameters.entrySet().stream()
                        .filter(parameter -> parameter.getValue() != null)
                        .map(
                                parameter ->
                                        parameter.getKey()
                                                + "="
                                                + URLEncoder.encode(
                                                        parameter.getValue().toString(),
                                                        StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&"));
        return send(path + (query.isEmpty() ? "" : "?" + query), null);
    }

    /** Sends a request; values that are null are left out. */
    JsonNode post(String path, Map<String, ?> request) throws CommandFailed, InterruptedException {
        try (InputStream body = send(path, JSON.writeValueAsBytes(request))) {
            return JSON.readTree(body);
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private InputStream send(String path, byte[] body) throws CommandFailed, InterruptedException {
        try {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create(url + "/api/v1/" + path))
                            .header(
                                    "Authorization",
                                    "Bearer " + Files.readString(data.resolve(ControlToken.FILE)))
                            .header("Unshub-User", user())
                            .timeout(LIMIT);
            if (body != null) {
                request.header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
            }
            HttpResponse<InputStream> response =
                    Http.CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            if (response.statusCode() / 100 != 2) {
                throw new CommandFailed(problem(response), null);
            }
            return response.body();
        } catch (IOException | IllegalArgumentException e) {
            throw unreachable(e);
        }
    }

    /** Who calls, for the audit trail: the account of this machine. */
    static String user() {
        return System.getProperty("user.name", "unnamed").replaceAll("[^\\x20-\\x7E]", "?");
    }

    /**
     * Made for the first question and kept, without an upgrade to HTTP/2: there a client that
     * nobody holds any more may be collected, and its connection closed, while an answer is read.
     */
    private static final class Http {
        private static final HttpClient CLIENT =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    private static String problem(HttpResponse<InputStream> response) throws IOException {
        try (InputStream body = response.body()) {
            String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
            String type = response.headers().firstValue("Content-Type").orElse("");
            if (!type.contains("json")) {
                return "the hub answered " + response.statusCode() + ": " + text;
            }
            JsonNode problem = JSON.readTree(text);
            String detail = problem.path("detail").asText(text);
            String nextStep = problem.path("nextStep").asText();
            return detail.contains(nextStep) ? detail : detail + "; " + nextStep;
        }
    }

    private CommandFailed unreachable(Exception e) {
        return new CommandFailed(
                "no hub answers at %s with the token in %s (%s); start it with uns-hub run, or give --url and --data"
                        .formatted(url, data.resolve(ControlToken.FILE), e),
                e);
    }
}
