package io.unshub.cli;

import io.unshub.ops.AuditEvent;
import io.unshub.ops.AuditFile;
import io.unshub.ops.access.ApiKey;
import io.unshub.ops.access.ApiKeys;
import io.unshub.ops.access.Scope;
import io.unshub.uns.Excerpt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code uns-hub keys}: API keys for programs that speak HTTP. */
@Command(
        name = "keys",
        description =
                "API keys for programs that speak HTTP; a running hub needs no start for them.",
        mixinStandardHelpOptions = true)
final class KeysCommand implements Runnable {

    private static final int NOT_THERE = 1;
    private static final String DATA = "The hub's data folder. Default: ${DEFAULT-VALUE}.";

    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "keys needs a command: add, list or revoke");
    }

    @Command(
            name = "add",
            description = "Makes a key and prints it, this once: the hub keeps its SHA-256 only.",
            mixinStandardHelpOptions = true)
    int add(
            @Parameters(paramLabel = "NAME", description = "Who has it.") String name,
            @Option(
                            names = "--scope",
                            paramLabel = "SCOPE",
                            required = true,
                            split = ",",
                            description =
                                    "What it may ask for: ingest, read, replay, score, admin; several with commas.")
                    List<String> words,
            @Option(
                            names = "--topics",
                            paramLabel = "SUBTREE",
                            defaultValue = "#",
                            description =
                                    "The part of the namespace that it reaches, as in acme/plant1/#; for ingest and read only. Default: all.")
                    String topics,
            @Option(
                            names = "--days",
                            paramLabel = "DAYS",
                            defaultValue = "365",
                            description =
                                    "How long it holds; 0 for ever. Default: ${DEFAULT-VALUE}.")
                    int days,
            @Option(names = "--data", paramLabel = "DIR", defaultValue = "data", description = DATA)
                    Path data)
            throws CommandFailed {
        List<Scope> scopes = new ArrayList<>();
        for (String word : words) {
            Optional<Scope> scope = Scope.of(word);
            if (scope.isEmpty()) {
                throw new CommandFailed(
                        "the scope is %s, known scopes are %s; see docs/security/http.md"
                                .formatted(Excerpt.of(word), Scope.words()));
            }
            scopes.add(scope.get());
        }
        if (days < 0) {
            throw new CommandFailed("days is %d; give 0 or more".formatted(days));
        }
        try {
            String key =
                    new ApiKeys(data, Clock.systemUTC())
                            .add(name, scopes, topics, days == 0 ? null : Duration.ofDays(days));
            note(
                    data,
                    AuditEvent.KEY_ADDED,
                    Map.of(
                            "name",
                            name,
                            "scopes",
                            String.join(",", words),
                            "topics",
                            topics,
                            "days",
                            days));
            spec.commandLine().getOut().println(key);
            return 0;
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(e.getMessage(), e);
        } catch (IOException | UncheckedIOException e) {
            throw new CommandFailed("the keys cannot be written: " + e.getMessage(), e);
        }
    }

    @Command(
            name = "list",
            description = "Prints the keys by name, with what they may and when they end.",
            mixinStandardHelpOptions = true)
    int list(
            @Option(names = "--data", paramLabel = "DIR", defaultValue = "data", description = DATA)
                    Path data)
            throws CommandFailed {
        try {
            List<ApiKey> keys = new ApiKeys(data, Clock.systemUTC()).all();
            if (keys.isEmpty()) {
                spec.commandLine().getOut().println("no keys");
            }
            for (ApiKey key : keys) {
                spec.commandLine()
                        .getOut()
                        .printf(
                                "%-24s %-24s %-32s made %s, %s%n",
                                key.name(),
                                key.scopes().stream()
                                        .map(Scope::word)
                                        .collect(Collectors.joining(",")),
                                key.topics(),
                                key.made(),
                                ends(key));
            }
            return 0;
        } catch (IOException e) {
            throw new CommandFailed("the keys cannot be read: " + e.getMessage(), e);
        }
    }

    private static String ends(ApiKey key) {
        if (key.expires() == null) {
            return "holds for ever";
        }
        return (key.expired(Clock.systemUTC().instant()) ? "has ended " : "ends ") + key.expires();
    }

    @Command(
            name = "revoke",
            description = "Takes a key back; the next request with it is refused.",
            mixinStandardHelpOptions = true)
    int revoke(
            @Parameters(paramLabel = "NAME", description = "Who has it.") String name,
            @Option(names = "--data", paramLabel = "DIR", defaultValue = "data", description = DATA)
                    Path data)
            throws CommandFailed {
        try {
            if (!new ApiKeys(data, Clock.systemUTC()).revoke(name)) {
                spec.commandLine()
                        .getErr()
                        .printf(
                                "uns-hub: there is no key %s; uns-hub keys list shows what there is%n",
                                Excerpt.of(name));
                return NOT_THERE;
            }
            note(data, AuditEvent.KEY_REVOKED, Map.of("name", name));
            return 0;
        } catch (IOException | UncheckedIOException e) {
            throw new CommandFailed("the keys cannot be written: " + e.getMessage(), e);
        }
    }

    private static void note(Path data, AuditEvent event, Map<String, ?> facts) {
        AuditFile.in(data, Clock.systemUTC()).add(HubClient.user(), event, facts);
    }
}
