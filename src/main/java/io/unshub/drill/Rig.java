package io.unshub.drill;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.forward.EventHubsReadBack;
import io.unshub.ops.ControlToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/**
 * A hub, an event hub and publishers for a drill, each a process, on free ports and in a folder of
 * their own: nothing of it touches a hub that runs.
 *
 * <p>Says each second what is where. Threads: one. Failure: an {@link IOException} that says what
 * did not happen in time.
 */
final class Rig implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LONG = Duration.ofMinutes(10);

    private final String name;
    private final Path launcher;
    private final Path folder;
    private final PrintWriter out;
    private final long begin = System.nanoTime();
    private String heap = "";
    private final Map<String, String> properties = new TreeMap<>();
    private final List<Child> publishers = new ArrayList<>();
    private final List<Path> acknowledged = new ArrayList<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private final int mqttPort = freePort();
    private final int httpPort = freePort();
    private final int farSidePort = freePort();
    private Path data;
    private Child hub;
    private Child farSide;
    private double recovery;
    private long said;
    private String last = "";

    /**
     * @param name of the drill
     * @param home the folder of the program {@code uns-hub}
     * @param folder empty; takes journals, logs and the publishers' files
     * @param out takes what is said
     */
    Rig(String name, Path home, Path folder, PrintWriter out) throws IOException {
        this.name = name;
        launcher = home.resolve("uns-hub");
        this.folder = folder.toAbsolutePath();
        this.out = out;
        data = this.folder.resolve("data");
        with("unshub.simulator.enabled", "false");
        with("unshub.eventhubs.local.enabled", "false");
        with("unshub.eventhubs.connection-string", FarSideProcess.connectionString(farSidePort));
        with("unshub.mqtt.port", Integer.toString(mqttPort));
        with("quarkus.http.port", Integer.toString(httpPort));
    }

    /** Sets a configuration key for the next start of the hub. */
    Rig with(String key, String value) {
        properties.put(key, value);
        return this;
    }

    /** Limits the heap of the hub from its next start on. */
    void heapMegabytes(int megabytes) {
        heap = "-Xmx" + megabytes + "m ";
    }

    /** Starts the hub, without waiting. */
    void launchHub() throws IOException {
        properties.put("unshub.data-dir", data.toString());
        String options =
                properties.entrySet().stream()
                        .map(key -> "-D" + key.getKey() + "=" + key.getValue())
                        .collect(Collectors.joining(" "));
        hub = Child.start(launcher, heap + options, List.of("run", "--profile", "demo"), folder);
    }

    /** Starts the hub, and waits until it runs. */
    void startHub() throws IOException, InterruptedException {
        launchHub();
        hub.awaitLine("  Ctrl-C stops it");
    }

    /** The hub's process. */
    Child hub() {
        return hub;
    }

    /** The hub's data folder. */
    Path data() {
        return data;
    }

    /** Lets the next start of the hub use another data folder. */
    void data(Path folder) {
        data = folder;
    }

    /** A path in the drill's folder. */
    Path path(String file) {
        return folder.resolve(file);
    }

    /** Starts the event hub, with what it held before. */
    void startFarSide() throws IOException, InterruptedException {
        farSide =
                Child.start(
                        launcher,
                        "",
                        List.of(
                                "event-hubs",
                                "--port=" + farSidePort,
                                "--data=" + folder.resolve("event-hub")),
                        folder);
        farSide.awaitLine("ready");
    }

    /** The event hub's process. */
    Child farSide() {
        return farSide;
    }

    /** Starts a publisher; its file is part of the verdict. */
    Child publish(String publisher, String... more) throws IOException {
        Path file = folder.resolve("acknowledged-" + publishers.size() + ".txt");
        List<String> words =
                new ArrayList<>(
                        List.of(
                                "load",
                                "--port=" + mqttPort,
                                "--name=" + publisher,
                                "--ack-file=" + file));
        words.addAll(List.of(more));
        Child child = Child.start(launcher, "", words, folder);
        publishers.add(child);
        acknowledged.add(file);
        return child;
    }

    /** Says what happens now. */
    void say(String what, Object... values) {
        out.printf("%5.0f s  %s%n", seconds(), what.formatted(values));
        out.flush();
    }

    /** Lets time pass, and says each second what is where. */
    void pass(double seconds) throws InterruptedException {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        while (System.nanoTime() < end) {
            Thread.sleep(50);
            status();
        }
    }

    /** Waits until something is so, and says each second what is where. */
    void until(String what, Callable<Boolean> so) throws Exception {
        long end = System.nanoTime() + LONG.toNanos();
        while (!so.call()) {
            if (System.nanoTime() > end) {
                throw new IOException(
                        "it did not come to this within %d min: %s; the hub last said: %s"
                                .formatted(LONG.toMinutes(), what, last));
            }
            pass(0.1);
        }
    }

    /** Waits until the broker writes its journal anew, without what has gone. */
    void untilItCompacts() throws Exception {
        Path journal = data.resolve("broker/journal");
        until(
                "the journal is compacted",
                () -> {
                    // it lasts for a fraction of a second
                    for (int millis = 0; millis < 500; millis++) {
                        String[] files =
                                journal.toFile().list((folder, file) -> file.endsWith(".cmp"));
                        if (files.length > 0) {
                            return true;
                        }
                        Thread.sleep(1);
                    }
                    return false;
                });
    }

    /** Waits until a reading is forwarded, after a fault that ends now; kept if it is longest. */
    double recovered() throws Exception {
        long before = forwarded();
        long end = System.nanoTime();
        until("a reading is forwarded", () -> forwarded() > before);
        double seconds = (System.nanoTime() - end) / 1e9;
        recovery = Math.max(recovery, seconds);
        say("readings are forwarded again after %.1f s", seconds);
        return seconds;
    }

    /** How many readings wait; fewer than none while the hub does not answer. */
    long buffered() throws InterruptedException {
        return total("buffered");
    }

    /** How many were forwarded; fewer than none while the hub does not answer. */
    long forwarded() throws InterruptedException {
        return total("forwarded");
    }

    /**
     * Whether the hub's ledger agrees with its queues, in one of five looks a second apart: while
     * readings move, one look may see a moment that is none.
     */
    boolean balances() throws IOException, InterruptedException {
        for (int look = 0; look < 5; look++) {
            JsonNode findings = get("ledger").path("findings");
            if (findings.isEmpty()) {
                return true;
            }
            say("the ledger finds: %s", findings.get(0).asText());
            pass(1);
        }
        return false;
    }

    /** Waits until nothing is buffered. */
    void drained() throws Exception {
        until("nothing waits", () -> buffered() == 0);
    }

    /** Waits for the publishers, for the buffer to drain, and looks who has what. */
    Verdict verdict(long mayRepeat) throws Exception {
        until("the publishers are done", () -> publishers.stream().noneMatch(Child::isAlive));
        drained();
        say("comparing what was acknowledged with Event Hubs and the dead letters");
        Evidence evidence = new Evidence();
        for (Path file : acknowledged) {
            evidence.acknowledged(file);
        }
        try (EventHubsReadBack events =
                new EventHubsReadBack(FarSideProcess.connectionString(farSidePort), "$Default")) {
            events.read(Instant.EPOCH, event -> evidence.arrived(event.topic(), event.payload()));
        }
        try (BufferedReader letters =
                new BufferedReader(
                        new InputStreamReader(
                                ask("dead-letters/export"), StandardCharsets.UTF_8))) {
            for (String line = letters.readLine(); line != null; line = letters.readLine()) {
                evidence.deadLetter(JSON.readTree(line).path("payload").asText());
            }
        }
        JsonNode ledger = get("ledger");
        return Verdict.of(
                evidence.result(
                        name,
                        ledger.path("total").path("buffered").asLong(),
                        ledger.path("total").path("withheld").asLong(),
                        recovery),
                evidence,
                ledger,
                mayRepeat);
    }

    @Override
    public void close() throws IOException {
        publishers.forEach(Child::close);
        if (hub != null) {
            hub.close();
        }
        if (farSide != null) {
            farSide.close();
        }
    }

    private void status() throws InterruptedException {
        long now = (long) seconds();
        if (now == said) {
            return;
        }
        said = now;
        JsonNode total = total();
        last =
                total == null
                        ? "the hub does not answer"
                        : "accepted %,d  forwarded %,d  dead-lettered %,d  buffered %,d"
                                .formatted(
                                        total.path("accepted").asLong(),
                                        total.path("forwarded").asLong(),
                                        total.path("deadLettered").asLong(),
                                        total.path("buffered").asLong());
        say("%s", last);
    }

    private long total(String term) throws InterruptedException {
        JsonNode total = total();
        return total == null ? -1 : total.path(term).asLong();
    }

    private JsonNode total() throws InterruptedException {
        try {
            return get("ledger").path("total");
        } catch (IOException e) {
            // killed, or not started yet
            return null;
        }
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        try (InputStream body = ask(path)) {
            return JSON.readTree(body);
        }
    }

    private InputStream ask(String path) throws IOException, InterruptedException {
        HttpResponse<InputStream> response =
                http.send(
                        HttpRequest.newBuilder(
                                        URI.create(
                                                "http://127.0.0.1:" + httpPort + "/api/v1/" + path))
                                .header(
                                        "Authorization",
                                        "Bearer "
                                                + Files.readString(data.resolve(ControlToken.FILE)))
                                .timeout(Duration.ofMinutes(2))
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            throw new IOException(path + " answered " + response.statusCode());
        }
        return response.body();
    }

    private double seconds() {
        return (System.nanoTime() - begin) / 1e9;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
