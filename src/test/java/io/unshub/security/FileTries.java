package io.unshub.security;

import static org.awaitility.Awaitility.await;

import io.unshub.access.AccessRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Attempts of who may write a file of the configuration, or of the hub's own records. */
final class FileTries extends Tries {

    private static final Duration SOON = Duration.ofMinutes(2);

    private final Target target;
    private final Path marker;

    /**
     * @param marker a file that the attempts would make
     */
    FileTries(Target target, Path marker) {
        this.target = target;
        this.marker = marker.toAbsolutePath();
        on(Attempt.ROUTE_EXEC, () -> route("exec:touch?args=RAW(" + this.marker + ")"));
        on(
                Attempt.ROUTE_SCRIPT,
                () ->
                        route(
                                "language:groovy:RAW(new File('%s').createNewFile())"
                                        .formatted(this.marker)));
        on(
                Attempt.ROUTE_FILE_OUTSIDE,
                () ->
                        route(
                                "file:%s?fileName=%s"
                                        .formatted(
                                                this.marker.getParent(),
                                                this.marker.getFileName())));
        on(
                Attempt.YAML_TAG,
                () ->
                        rules(
                                """
                                version: !!javax.script.ScriptEngineManager [
                                  !!java.net.URLClassLoader [[!!java.net.URL ["http://127.0.0.1:9/"]]]
                                ]
                                """));
        on(Attempt.YAML_ALIAS_BOMB, () -> rules(aliases()));
        on(Attempt.AUDIT_TAMPERED, this::tamper);
    }

    /** A route of the plant's own that would make a file; whether the hub does not run it. */
    private boolean route(String uri) throws Exception {
        Path file = target.config("routes/evil.yaml");
        Files.createDirectories(file.getParent());
        try {
            Files.writeString(
                    file,
                    """
                    - route:
                        id: evil
                        from:
                          uri: timer:evil?period=200&delay=0
                          steps:
                            - setBody:
                                constant: x
                            - to: "%s"
                    """
                            .formatted(uri));
            await("the route is judged")
                    .atMost(SOON)
                    .until(
                            () ->
                                    !target.hub().get("routes").findValues("problems").stream()
                                            .allMatch(problems -> problems.isEmpty()));
            return !Files.exists(marker);
        } finally {
            Files.delete(file);
            await("the route is gone")
                    .atMost(SOON)
                    .until(
                            () ->
                                    target.hub().get("routes").findValues("problems").stream()
                                            .allMatch(problems -> problems.isEmpty()));
        }
    }

    /** Rules for MQTT that are none; whether those before stay in force. */
    private boolean rules(String hostile) throws Exception {
        Path file = target.config(AccessRules.FILE);
        String before = Files.readString(file);
        try {
            Files.writeString(file, hostile);
            await("the rules are judged").atMost(SOON).until(this::alarms);
            var client = target.client("pump-02");
            client.connect();
            client.disconnect();
            return true;
        } finally {
            Files.writeString(file, before);
            await("the rules are good again").atMost(SOON).until(() -> !alarms());
        }
    }

    private boolean alarms() throws Exception {
        return target.hub().get("alarms").toString().contains("mqtt-acl");
    }

    /** Nine levels of nine aliases each. */
    private static String aliases() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (int level = 1; level < 9; level++) {
            bomb.append("a%d: &a%d [".formatted(level, level))
                    .append(("*a" + (level - 1) + ", ").repeat(9))
                    .append("]\n");
        }
        return bomb.append("version: *a8\n").toString();
    }

    /** Changes a line of the audit file of a hub that stands still. */
    private boolean tamper() throws Exception {
        target.hub().interrupt();
        Path file = target.hub().data().resolve("audit.ndjson");
        List<String> lines = new ArrayList<>(Files.readAllLines(file));
        int at = lines.size() / 2;
        lines.set(
                at, lines.get(at).replaceFirst("\"who\":\"[^\"]*\"", "\"who\":\"nobody at all\""));
        Files.write(file, lines);
        var verified =
                io.unshub.load.HubProcess.Result.of(
                        new ProcessBuilder(
                                "./uns-hub",
                                "audit",
                                "verify",
                                "--data",
                                target.hub().data().toString()),
                        "");
        target.start();
        if (verified.exit() != 1) {
            throw new IOException("audit verify ended with " + verified.exit() + verified.err());
        }
        return true;
    }
}
