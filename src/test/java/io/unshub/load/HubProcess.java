package io.unshub.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.docs.Secrets;
import io.unshub.drill.FarSideProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/**
 * The built hub in a process of its own, started by its launcher, with free ports and a data folder
 * that outlives it.
 */
public final class HubProcess implements AutoCloseable {

    /** What each hub has said is kept here, for who looks why a test failed. */
    private static final Path OUTPUT = Path.of("target", "it", "output");

    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();
    private static final Duration START = Duration.ofMinutes(3);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Path data;
    private final Map<String, String> properties = new TreeMap<>();
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private String profile = "demo";
    private Process process;
    private Thread reader;

    private HubProcess(Path data) throws IOException {
        this.data = data;
        properties.put("unshub.data-dir", data.toString());
        for (String port :
                List.of(
                        "unshub.mqtt.port",
                        "quarkus.http.port",
                        "unshub.eventhubs.local.port",
                        "unshub.simulator.opcua-port",
                        "unshub.simulator.modbus-port")) {
            properties.put(port, Integer.toString(freePort()));
        }
    }

    /** A hub that is not started yet. */
    public static HubProcess on(Path data) throws IOException {
        return new HubProcess(data);
    }

    /** Sets a configuration key for the next start. */
    public HubProcess with(String key, String value) {
        properties.put(key, value);
        return this;
    }

    /** Starts in another profile than demo. */
    public HubProcess inProfile(String name) {
        profile = name;
        return this;
    }

    /**
     * Forwards to a far side of its own process, there or not: {@link FarSideProcess}. Outside the
     * demo, which is to be said before, the connection string is in a file.
     */
    public HubProcess forwardingTo(int port) throws IOException {
        String connection = FarSideProcess.connectionString(port);
        if (!profile.equals("demo")) {
            Path file = Files.createDirectories(data).resolve("event-hub");
            connection = "file:" + Files.writeString(file, connection);
        }
        return with("unshub.eventhubs.local.enabled", "false")
                .with("unshub.eventhubs.connection-string", connection);
    }

    /** Starts the hub and waits until it says that it runs. */
    public HubProcess start() throws IOException {
        launch();
        awaitLine(".*Ctrl-C stops it.*", START);
        return this;
    }

    /** Starts the hub without waiting. */
    public HubProcess launch() throws IOException {
        lines.clear();
        ProcessBuilder builder =
                new ProcessBuilder("./uns-hub", "run", "--profile", profile)
                        .redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        StringBuilder options = new StringBuilder();
        properties.forEach((key, value) -> options.append(" -D" + key + "=" + value));
        builder.environment().put("JAVA_OPTS", options.toString());
        process = builder.start();
        reader = new Thread(() -> read(process), "hub-output");
        reader.setDaemon(true);
        reader.start();
        return this;
    }

    /** Waits for a line of output that matches whole. */
    public Matcher awaitLine(String regex, Duration limit) {
        Pattern pattern = Pattern.compile(regex);
        return Awaitility.await("output line " + regex)
                .atMost(limit)
                .until(
                        () -> {
                            boolean ended = !process.isAlive();
                            Matcher found = find(pattern);
                            if (ended && found == null && !reader.isAlive()) {
                                // no fail-fast of the library: its message hides the reason
                                throw new IllegalStateException(
                                        "the hub ended with "
                                                + process.exitValue()
                                                + " after printing\n"
                                                + String.join("\n", lines));
                            }
                            return found;
                        },
                        found -> found != null);
    }

    /** What the hub has printed since it was started. */
    public List<String> lines() {
        return List.copyOf(lines);
    }

    /** Port of a key such as {@code unshub.mqtt.port}. */
    public int port(String key) {
        return Integer.parseInt(properties.get(key));
    }

    /** MQTT port. */
    public int mqttPort() {
        return port("unshub.mqtt.port");
    }

    /** Folder with journal and ledger. */
    public Path data() {
        return data;
    }

    /** Connection string of the embedded Event Hubs endpoint. */
    public String connectionString() {
        return awaitLine("  Event Hubs   (.*)", START).group(1);
    }

    /** The ledger, by the control API. */
    public JsonNode ledger() throws IOException, InterruptedException {
        return get("ledger");
    }

    /** A document of the control API. */
    public JsonNode get(String path) throws IOException, InterruptedException {
        HttpResponse<String> response =
                HTTP.send(
                        request(path, "control-token").build(),
                        HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(path + " answered " + response.statusCode());
        }
        return new ObjectMapper().readTree(response.body());
    }

    /** Posts readings, with the token for that; what the hub answers. */
    public String ingest(String readings) throws IOException, InterruptedException {
        return post("readings", "readings-token", readings).body();
    }

    /**
     * Posts JSON.
     *
     * @param path below /api/v1/
     * @param token the file in the data folder with the token that it takes
     * @param headers names and values by turns
     */
    public HttpResponse<String> post(String path, String token, String json, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                request(path, token)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(json));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path, String token) throws IOException {
        String url = "http://127.0.0.1:" + port("quarkus.http.port") + "/api/v1/" + path;
        return HttpRequest.newBuilder(URI.create(url))
                .header("Authorization", "Bearer " + Files.readString(data.resolve(token)));
    }

    /** The metrics, in Prometheus form. */
    public String metrics() throws IOException, InterruptedException {
        return observe("metrics").body();
    }

    /** What one of the endpoints of health says: live, started or ready. */
    public HttpResponse<String> health(String which) throws IOException, InterruptedException {
        return observe("health/" + which);
    }

    private HttpResponse<String> observe(String path) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://127.0.0.1:%d/observe/%s"
                                                .formatted(port("quarkus.http.port"), path)))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Waits until nothing is buffered any more and returns the ledger of that moment. */
    public JsonNode drained(Duration limit) {
        return Awaitility.await("an empty buffer")
                .atMost(limit)
                .pollInterval(Duration.ofMillis(300))
                .ignoreExceptions()
                .until(this::ledger, l -> l.path("total").path("buffered").asLong() == 0);
    }

    /** Waits until nothing comes in any more, and then for the empty buffer. */
    public JsonNode quiet(Duration limit) {
        long[] before = {-1};
        Awaitility.await("an end of readings")
                .atMost(limit)
                .pollInterval(Duration.ofSeconds(3))
                .ignoreExceptions()
                .until(
                        () -> {
                            JsonNode total = ledger().path("total");
                            long now = total.path("accepted").asLong();
                            boolean same = now == before[0];
                            before[0] = now;
                            return same && total.path("buffered").asLong() == 0;
                        });
        return drained(limit);
    }

    /** Runs a command of the launcher against this hub and returns its exit code and output. */
    public Result command(String... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("./uns-hub"));
        command.addAll(List.of(args));
        command.addAll(
                List.of(
                        "--url",
                        "http://127.0.0.1:" + port("quarkus.http.port"),
                        "--data",
                        data.toString()));
        return Result.of(new ProcessBuilder(command), "");
    }

    /** Kills the process without warning, as {@code kill -9} does. */
    public void kill9() throws InterruptedException {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
    }

    /** Asks the hub to stop, as Ctrl-C does, and returns its exit code. */
    public int interrupt() throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-TERM", Long.toString(process.pid())).start().waitFor();
        return awaitExit();
    }

    /** Waits for the end and returns the exit code. */
    public int awaitExit() throws InterruptedException {
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the hub did not end within 60 s: " + lines);
        }
        return process.exitValue();
    }

    /** Process id. */
    public long pid() {
        return process.pid();
    }

    /** CPU time used so far, in seconds. */
    public double cpuSeconds() {
        return process.toHandle().info().totalCpuDuration().map(d -> d.toNanos() / 1e9).orElse(0.0);
    }

    @Override
    public void close() {
        try {
            if (process != null) {
                kill9();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        findNoSecret();
    }

    /** Whatever a test had the hub do, its log has no secret: neither its own nor another's. */
    private void findNoSecret() {
        String log = String.join("\n", lines);
        List<String> found = new ArrayList<>(Secrets.in(log));
        for (String file :
                List.of("control-token", "readings-token", "inference-token", "console-password")) {
            try {
                if (Files.exists(data.resolve(file))) {
                    String secret = Files.readString(data.resolve(file)).strip();
                    if (!secret.isEmpty() && log.contains(secret)) {
                        found.add(file);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        if (!found.isEmpty()) {
            throw new AssertionError("the log of the hub has secrets: " + found);
        }
    }

    /**
     * A port that was free a moment ago, and that no other call has returned. It is none of those
     * that a system takes for connections of its own, the hub's among them, as the next one may be.
     */
    public static int freePort() throws IOException {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(10_000, 32_000);
            try (ServerSocket socket = new ServerSocket(port)) {
                if (GIVEN.add(socket.getLocalPort())) {
                    return port;
                }
            } catch (BindException e) {
                // somebody has it: the next one
            }
        }
    }

    private Matcher find(Pattern pattern) {
        for (String line : lines) {
            Matcher matcher = pattern.matcher(line);
            if (matcher.matches()) {
                return matcher;
            }
        }
        return null;
    }

    private void read(Process from) {
        try (BufferedReader in = from.inputReader(StandardCharsets.UTF_8);
                PrintWriter kept =
                        new PrintWriter(
                                Files.newBufferedWriter(
                                        Files.createDirectories(OUTPUT)
                                                .resolve("hub-" + from.pid() + ".log")),
                                true)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                lines.add(line);
                kept.println(line);
            }
        } catch (IOException e) {
            lines.add("(output ended: " + e.getMessage() + ")");
        }
    }

    /**
     * How a command ended.
     *
     * @param exit its exit code
     * @param out standard output
     * @param err standard error
     */
    public record Result(int exit, String out, String err) {

        /** Runs a command with the given standard input. */
        public static Result of(ProcessBuilder builder, String input)
                throws IOException, InterruptedException {
            builder.environment().putIfAbsent("JAVA_HOME", System.getProperty("java.home"));
            Path err = Files.createTempFile("uns-hub", ".err");
            Process process = builder.redirectError(err.toFile()).start();
            process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().close();
            String out =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int exit = process.waitFor();
            String error = Files.readString(err);
            Files.delete(err);
            return new Result(exit, out, error);
        }
    }
}
