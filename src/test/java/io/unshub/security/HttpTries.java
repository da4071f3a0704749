package io.unshub.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.unshub.load.ConsoleClient;
import java.io.IOException;
import java.net.Socket;
import java.util.Map;

/** Attempts over HTTP, written by hand where no client's library would send them. */
final class HttpTries extends Tries {

    /** How a line of the log begins that nobody but the hub may write. */
    static final String FORGED = "2026-01-01 00:00:00 INFO  the forged line";

    private static final int LARGE = 5 << 20;

    private final Target target;

    /**
     * @param ingest a key that may post readings
     * @param part a key that may look at a part of the namespace
     * @param password of the account viewer of the console
     */
    HttpTries(Target target, String ingest, String part, String password) {
        this.target = target;
        on(Attempt.HTTP_NO_KEY, () -> is(401, Attempt.HTTP_NO_KEY, get("/api/v1/ledger", null)));
        on(
                Attempt.HTTP_WRONG_KEY,
                () -> is(401, Attempt.HTTP_WRONG_KEY, get("/api/v1/ledger", "unshub_guess")));
        on(
                Attempt.HTTP_GUESSING,
                () -> {
                    boolean delayed = false;
                    for (int i = 0; i < 6; i++) {
                        delayed =
                                is(
                                        429,
                                        Attempt.HTTP_GUESSING,
                                        get("/api/v1/ledger", "unshub_guess" + i));
                    }
                    return delayed;
                });
        on(
                Attempt.HTTP_WRONG_SCOPE,
                () -> is(403, Attempt.HTTP_WRONG_SCOPE, get("/api/v1/ledger", ingest)));
        on(
                Attempt.HTTP_OUTSIDE_SUBTREE,
                () -> is(403, Attempt.HTTP_OUTSIDE_SUBTREE, get("/api/v1/ledger", part)));
        on(Attempt.HTTP_OVER_RATE, () -> overRate(part));
        on(Attempt.HTTP_PATH_TRAVERSAL, () -> climbs(part));
        on(Attempt.HTTP_HEADER_INJECTION, this::injects);
        on(
                Attempt.HTTP_OVERSIZED_BODY,
                () ->
                        is(
                                413,
                                Attempt.HTTP_OVERSIZED_BODY,
                                post(ingest, "Content-Length: " + LARGE + "\r\n", "")));
        on(Attempt.HTTP_OVERSIZED_CHUNKS, () -> chunks(ingest));
        on(
                Attempt.HTTP_OVERSIZED_HEADERS,
                () ->
                        is(
                                431,
                                Attempt.HTTP_OVERSIZED_HEADERS,
                                "GET /api/v1/ledger HTTP/1.1\r\nHost: localhost\r\nX-Large: %s\r\n\r\n"
                                        .formatted("x".repeat(20_000))));
        on(
                Attempt.HTTP_OVERSIZED_LINE,
                () ->
                        is(
                                414,
                                Attempt.HTTP_OVERSIZED_LINE,
                                get("/api/v1/ledger?" + "x".repeat(10_000), null)));
        on(
                Attempt.HTTP_MALFORMED_BODY,
                () -> is(400, Attempt.HTTP_MALFORMED_BODY, post(ingest, "{\"messageId\":")));
        on(
                Attempt.HTTP_DEEP_BODY,
                () -> is(400, Attempt.HTTP_DEEP_BODY, post(ingest, "[".repeat(100_000))));
        on(
                Attempt.HTTP_LOG_INJECTION,
                () ->
                        is(
                                        401,
                                        Attempt.HTTP_LOG_INJECTION,
                                        get(
                                                "/api/v1/x%0d%0a"
                                                        + FORGED.replace(" ", "%20")
                                                        + "%1b%5b2J",
                                                null))
                                && !isForged(target));
        on(
                Attempt.JOLOKIA_NO_LOGIN,
                () -> is(401, Attempt.JOLOKIA_NO_LOGIN, get("/hawtio/jolokia", null)));
        on(
                Attempt.JOLOKIA_WRONG_PASSWORD,
                () ->
                        new ConsoleClient(target.hub()).login("operator", "guess").statusCode()
                                == 401);
        on(Attempt.JOLOKIA_VIEWER_EXECUTES, () -> executes(password));
    }

    /** Whether a stranger has written a line of the log. */
    static boolean isForged(Target target) {
        return target.hub().lines().stream().anyMatch(line -> line.startsWith(FORGED));
    }

    private static String get(String path, String key) {
        return "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n"
                .formatted(path, key == null ? "" : "Authorization: Bearer " + key + "\r\n");
    }

    private static String post(String key, String body) {
        return post(key, "Content-Length: " + body.length() + "\r\n", body);
    }

    private static String post(String key, String headers, String body) {
        return "POST /api/v1/readings HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n%s\r\n%s"
                .formatted(key, headers, body);
    }

    private boolean is(int status, Attempt attempt, String request) throws IOException {
        return answer(attempt, request).startsWith("HTTP/1.1 " + status + " ");
    }

    /** What comes back until the hub is done, or has ended the connection. */
    private String answer(Attempt attempt, String request) throws IOException {
        try (Socket socket = Target.socket(target.httpPort(), attempt.ordinal())) {
            try {
                socket.getOutputStream().write(request.getBytes(UTF_8));
                socket.getOutputStream().flush();
            } catch (IOException e) {
                // refused before all of it was read
            }
            socket.setSoTimeout(5_000);
            StringBuilder answer = new StringBuilder();
            byte[] part = new byte[8_192];
            try {
                for (int n = socket.getInputStream().read(part);
                        n > 0;
                        n = socket.getInputStream().read(part)) {
                    answer.append(new String(part, 0, n, UTF_8));
                    if (isWhole(answer)) {
                        break;
                    }
                }
            } catch (IOException e) {
                // what has come is the answer
            }
            return answer.toString();
        }
    }

    /** Whether the answer to the one request has come. */
    private static boolean isWhole(StringBuilder answer) {
        int end = answer.indexOf("\r\n\r\n");
        int length = answer.indexOf("content-length: ");
        return end > 0
                && length > 0
                && answer.length()
                        >= end
                                + 4
                                + Integer.parseInt(
                                        answer.substring(
                                                length + 16, answer.indexOf("\r", length)));
    }

    private boolean overRate(String key) throws IOException {
        String all = get("/api/v1/uns", key).repeat(Target.REQUESTS_PER_SECOND * 5);
        try (Socket socket = Target.socket(target.httpPort(), Attempt.HTTP_OVER_RATE.ordinal())) {
            socket.getOutputStream().write(all.getBytes(UTF_8));
            socket.setSoTimeout(5_000);
            StringBuilder answer = new StringBuilder();
            byte[] part = new byte[65_536];
            while (answer.indexOf("HTTP/1.1 429 ") < 0) {
                int n = socket.getInputStream().read(part);
                if (n < 0) {
                    return false;
                }
                answer.append(new String(part, 0, n, UTF_8));
            }
            return true;
        }
    }

    private boolean climbs(String key) throws IOException {
        boolean refused = true;
        for (String path :
                new String[] {
                    "/api/v1/../../../../etc/passwd",
                    "/api/v1/%2e%2e/%2e%2e/etc/passwd",
                    "/api/v1/..%2f..%2f..%2fetc%2fpasswd",
                    "/hawtio/static/../../../../etc/passwd",
                    "/hawtio/static/..%5c..%5cetc%5cpasswd",
                }) {
            String answer = answer(Attempt.HTTP_PATH_TRAVERSAL, get(path, key));
            refused &= answer.startsWith("HTTP/1.1 400 ") && !answer.contains("root:");
        }
        return refused;
    }

    /** Neither in the answer's headers, nor as who asks. */
    private boolean injects() throws IOException {
        String answer =
                answer(
                        Attempt.HTTP_HEADER_INJECTION,
                        get("/api/v1/x%0d%0aSet-Cookie:%20a=b%0d%0a", null));
        String head = answer.substring(0, answer.indexOf("\r\n\r\n"));
        return answer.startsWith("HTTP/1.1 401 ")
                && !head.toLowerCase(java.util.Locale.ROOT).contains("set-cookie");
    }

    private boolean chunks(String key) throws IOException {
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < LARGE / 65_536; i++) {
            body.append("10000\r\n").append(" ".repeat(65_536)).append("\r\n");
        }
        return is(
                413,
                Attempt.HTTP_OVERSIZED_CHUNKS,
                post(key, "Transfer-Encoding: chunked\r\n", body + "0\r\n\r\n"));
    }

    private boolean executes(String password) throws Exception {
        ConsoleClient viewer = new ConsoleClient(target.hub());
        if (viewer.login("viewer", password).statusCode() != 200) {
            throw new IOException("the viewer is not let in");
        }
        return viewer.jmx(
                                Map.of(
                                        "type",
                                        "exec",
                                        "mbean",
                                        "org.apache.camel:context=uns-hub,type=routes,name=\"score\"",
                                        "operation",
                                        "stop()"))
                        .path("status")
                        .asInt()
                == 403;
    }
}
