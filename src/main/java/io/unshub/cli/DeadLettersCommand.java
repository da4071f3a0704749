package io.unshub.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.unshub.uns.Excerpt;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code uns-hub dead-letters}: what was set aside, why, and how it gets on its way again. */
@Command(
        name = "dead-letters",
        description = "Shows, fixes and replays what the running hub has set aside.",
        mixinStandardHelpOptions = true,
        footerHeading = "%n",
        footer = {
            "A fix is a mapping file, see docs/deadletter/workbench.md. It is tried first: fix",
            "prints what each letter would become and the plan that replay --plan carries out.",
            "Only letters that would pass validation are replayed; nothing is ever deleted.",
            "Exit code: 0 done, 1 some letters would not pass, 2 the hub could not do it."
        })
final class DeadLettersCommand implements Runnable {

    private static final int OK = 0;
    private static final int SOME_FAIL = 1;
    private static final long POLL_MILLIS = 500;

    @Spec private CommandSpec spec;

    /** Which letters are meant. */
    static final class Which {

        @Option(
                names = "--reason",
                paramLabel = "REASON",
                description = "Only this reason, PARSE_ERROR.")
        private String reason;

        @Option(
                names = "--field",
                paramLabel = "FIELD",
                description = "Only this field or part, units.")
        private String field;

        @Option(
                names = "--topic",
                paramLabel = "FILTER",
                description = "Only topics of this MQTT filter, acme/plant1/#.")
        private String topic;

        Map<String, Object> asMap() {
            Map<String, Object> map = new HashMap<>();
            map.put("reason", reason);
            map.put("field", field);
            map.put("topic", topic);
            return map;
        }

        boolean isAll() {
            return reason == null && field == null && topic == null;
        }
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "dead-letters needs a subcommand; try: dead-letters groups");
    }

    @Command(
            name = "list",
            description = "Prints one line for each letter, the oldest first.",
            mixinStandardHelpOptions = true)
    int list(
            @Mixin HubClient hub,
            @Mixin Which which,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            defaultValue = "50",
                            description = "At most so many. Default: ${DEFAULT-VALUE}.")
                    int limit,
            @Option(names = "--json", description = "Prints JSON.") boolean json)
            throws InterruptedException, CommandFailed {
        Map<String, Object> asked = which.asMap();
        asked.put("limit", limit);
        JsonNode letters = hub.get("dead-letters", asked);
        if (json) {
            out().println(letters);
            return OK;
        }
        for (JsonNode letter : letters) {
            out().printf(
                            "%s  %s  %s  %s%n    %s%n",
                            letter.path("id").asText(),
                            letter.path("setAsideUtc").asText(),
                            letter.path("reason").asText(),
                            Excerpt.printable(letter.path("topic").asText()),
                            Excerpt.printable(letter.path("detail").asText()));
        }
        if (letters.isEmpty()) {
            out().println("no dead letters");
        } else if (letters.size() == limit) {
            out().printf("(the first %d; --limit shows more, groups shows all)%n", limit);
        }
        return OK;
    }

    @Command(
            name = "show",
            description = "Prints one letter with its payload.",
            mixinStandardHelpOptions = true)
    int show(
            @Mixin HubClient hub,
            @Parameters(paramLabel = "ID", description = "The letter.") String id,
            @Option(names = "--json", description = "Prints JSON.") boolean json)
            throws InterruptedException, CommandFailed {
        JsonNode letter = hub.get("dead-letters/" + id.replaceAll("[^0-9A-Za-z-]", "_"), Map.of());
        if (json) {
            out().println(letter);
            return OK;
        }
        letter.properties()
                .forEach(
                        field ->
                                out().printf(
                                                "%-14s %s%n",
                                                field.getKey(),
                                                Excerpt.printable(field.getValue().asText())));
        return OK;
    }

    @Command(
            name = "groups",
            description = "Prints how many letters there are by reason, field and topic.",
            mixinStandardHelpOptions = true)
    int groups(
            @Mixin HubClient hub,
            @Mixin Which which,
            @Option(names = "--json", description = "Prints JSON.") boolean json)
            throws InterruptedException, CommandFailed {
        JsonNode groups = hub.get("dead-letters/groups", which.asMap());
        if (json) {
            out().println(groups);
            return OK;
        }
        for (JsonNode group : groups) {
            out().printf(
                            "%8d  %s %s  %s%n          %s to %s: %s%n",
                            group.path("count").asLong(),
                            group.path("reason").asText(),
                            Excerpt.printable(group.path("field").asText()),
                            Excerpt.printable(group.path("topic").asText()),
                            group.path("first").asText(),
                            group.path("last").asText(),
                            Excerpt.printable(group.path("detail").asText()));
        }
        if (groups.isEmpty()) {
            out().println("no dead letters");
        }
        return OK;
    }

    @Command(
            name = "export",
            description = "Writes letters as JSON, one per line.",
            mixinStandardHelpOptions = true)
    int export(
            @Mixin HubClient hub,
            @Mixin Which which,
            @Option(
                            names = "--out",
                            paramLabel = "FILE",
                            description = "A file that is not there yet. Default: standard output.")
                    Path file)
            throws InterruptedException, CommandFailed, IOException {
        try (InputStream letters = hub.stream("dead-letters/export", which.asMap())) {
            if (file == null) {
                letters.transferTo(System.out);
                System.out.flush();
            } else {
                try (OutputStream to = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW)) {
                    letters.transferTo(to);
                }
            }
        }
        return OK;
    }

    @Command(
            name = "fix",
            description = "Dry run: prints what a mapping would make of the letters.",
            mixinStandardHelpOptions = true)
    int fix(
            @Mixin HubClient hub,
            @Mixin Which which,
            @Parameters(paramLabel = "FILE", description = "The mapping.") Path mapping,
            @Option(names = "--id", paramLabel = "ID", description = "Only this letter.") String id,
            @Option(names = "--json", description = "Prints JSON.") boolean json)
            throws InterruptedException, CommandFailed, IOException {
        JsonNode preview = plan(hub, which, id, Files.readString(mapping));
        return print(preview, json);
    }

    @Command(
            name = "replay",
            description = "Publishes letters that pass validation again.",
            mixinStandardHelpOptions = true)
    int replay(
            @Mixin HubClient hub,
            @Mixin Which which,
            @Option(
                            names = "--plan",
                            paramLabel = "PLAN",
                            description = "The dry run that fix printed.")
                    String plan,
            @Option(names = "--id", paramLabel = "ID", description = "Only this letter.") String id,
            @Option(names = "--all", description = "Every letter.") boolean all,
            @Option(
                            names = "--dry-run",
                            description = "Only prints which letters would pass as they are.")
                    boolean dryRun,
            @Option(names = "--no-wait", description = "Does not wait for the end.") boolean noWait)
            throws InterruptedException, CommandFailed {
        boolean chosen = id != null || !which.isAll();
        if ((plan != null ? 1 : 0) + (all ? 1 : 0) + (chosen ? 1 : 0) != 1) {
            throw new ParameterException(
                    spec.commandLine(),
                    "replay needs --plan, or --all, or some of --id, --reason, --field, --topic");
        }
        if (plan != null) {
            return start(hub, plan, noWait);
        }
        JsonNode preview = plan(hub, which, id, "");
        int outcome = print(preview, false);
        if (!dryRun && preview.path("passes").asLong() > 0) {
            start(hub, preview.path("plan").asText(), noWait);
        }
        return outcome;
    }

    private int start(HubClient hub, String plan, boolean noWait)
            throws CommandFailed, InterruptedException {
        hub.post("dead-letters/replays", Map.of("plan", plan));
        if (!noWait) {
            awaitEnd(hub);
        }
        return OK;
    }

    @Command(
            name = "status",
            description = "Prints the replay that runs, or the one that ran last.",
            mixinStandardHelpOptions = true)
    int status(@Mixin HubClient hub) throws InterruptedException, CommandFailed {
        JsonNode replays = hub.get("dead-letters/replays", Map.of());
        out().println(replays.isEmpty() ? "no replay since the hub's start" : line(replays.get(0)));
        return OK;
    }

    private static JsonNode plan(HubClient hub, Which which, String id, String mapping)
            throws CommandFailed, InterruptedException {
        Map<String, Object> request = which.asMap();
        request.put("id", id);
        request.put("mapping", mapping);
        return hub.post("dead-letters/plans", request);
    }

    private int print(JsonNode preview, boolean json) {
        long selected = preview.path("selected").asLong();
        long passes = preview.path("passes").asLong();
        if (json) {
            out().println(preview);
            return passes == selected ? OK : SOME_FAIL;
        }
        for (JsonNode example : preview.path("examples")) {
            out().printf(
                            "%s %s  %s%n  - %s%n  + %s%n",
                            example.path("passes").asBoolean() ? "passes" : "FAILS ",
                            example.path("id").asText(),
                            Excerpt.printable(example.path("topic").asText()),
                            Excerpt.printable(example.path("before").asText()),
                            example.path("passes").asBoolean()
                                    ? Excerpt.printable(example.path("after").asText())
                                    : Excerpt.printable(example.path("detail").asText()));
        }
        preview.path("fails")
                .properties()
                .forEach(
                        why ->
                                out().printf(
                                                "%8d would fail: %s%n",
                                                why.getValue().asLong(), why.getKey()));
        out().printf(
                        "%d of %d letters would pass%s%n",
                        passes,
                        selected,
                        passes == 0
                                ? ""
                                : "; replay them with: uns-hub dead-letters replay --plan "
                                        + preview.path("plan").asText());
        return passes == selected ? OK : SOME_FAIL;
    }

    private void awaitEnd(HubClient hub) throws CommandFailed, InterruptedException {
        long shown = -1;
        while (true) {
            JsonNode replay = hub.get("dead-letters/replays", Map.of()).path(0);
            long waiting = replay.path("waiting").asLong();
            if (waiting != shown) {
                out().println(line(replay));
                out().flush();
                shown = waiting;
            }
            if (waiting == 0) {
                return;
            }
            // a latch that nobody counts down: a pause
            new CountDownLatch(1).await(POLL_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private static String line(JsonNode replay) {
        return "replay %s by %s: %d of %d letters published again"
                .formatted(
                        replay.path("plan").asText(),
                        Excerpt.printable(replay.path("by").asText()),
                        replay.path("chosen").asLong() - replay.path("waiting").asLong(),
                        replay.path("chosen").asLong());
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
