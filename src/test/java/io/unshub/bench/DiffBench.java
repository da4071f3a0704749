package io.unshub.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.unshub.TestFolders;
import io.unshub.route.Recording;
import io.unshub.route.Rehearsal.Published;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;

/**
 * {@code uns-hub routes diff} on 100,000 recorded readings, 100 tags once a second, and two
 * versions of a route with windows of ten seconds.
 */
final class DiffBench {

    private static final int READINGS = 100_000;
    private static final int TAGS = 100;
    private static final Instant BEGIN = Instant.parse("2026-03-01T00:00:00Z");

    private final Path folder;

    DiffBench(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
        TestFolders.config(folder.resolve("config"));
        String route = Files.readString(Path.of("src/main/resources/patterns/aggregator.yaml"));
        for (String function : new String[] {"mean", "max"}) {
            Path version = Files.createDirectories(folder.resolve(function));
            Files.writeString(
                    version.resolve("aggregator.yaml"),
                    route.replace("function: mean", "function: " + function));
        }
        try (Recording.Writer recording = new Recording.Writer(folder.resolve("day.ndjson"))) {
            for (int i = 0; i < READINGS; i++) {
                recording.add(reading(i));
            }
        }
    }

    private static Published reading(int i) {
        Instant time = BEGIN.plusSeconds(i / TAGS).plusMillis(i % TAGS);
        String topic =
                "acme/plant1/packaging/line%d/filler/pump-%d/temperature"
                        .formatted(i % TAGS / 10, i % 10);
        String payload =
                """
                {"messageId":"%08d-0000-4000-8000-000000000000","tsUtc":"%s","topic":"%s",\
                "value":%.3f,"quality":"GOOD","units":"Cel","sourceSystem":"plc-line%d",\
                "lineageVersion":"tags-12","schemaVersion":"1.0"}"""
                        .formatted(i, time, topic, 20 + 5 * Math.sin(i / 5_000.0), i % TAGS / 10);
        return new Published(topic, payload.getBytes(UTF_8), time);
    }

    /** What the command takes, from the start of its process to the end. */
    double seconds() throws IOException, InterruptedException {
        Path output = folder.resolve("diff.log");
        long begin = System.nanoTime();
        int code =
                new ProcessBuilder(
                                "./uns-hub",
                                "routes",
                                "diff",
                                "--recording=" + folder.resolve("day.ndjson"),
                                "--from=" + folder.resolve("mean/aggregator.yaml"),
                                "--to=" + folder.resolve("max/aggregator.yaml"),
                                "--config=" + folder.resolve("config"))
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start()
                        .waitFor();
        double seconds = (System.nanoTime() - begin) / 1e9;
        String text = Files.readString(output);
        // 100,000 that stay, and 10,000 windows whose value is another
        if (code != 1 || !text.contains("100,000 ends are the same")) {
            throw new IllegalStateException(
                    String.format(Locale.ROOT, "exit code %d: %s", code, text));
        }
        return seconds;
    }
}
