package io.unshub.cli;

import io.unshub.ops.AuditEvent;
import io.unshub.ops.AuditFile;
import io.unshub.ops.console.Accounts;
import io.unshub.ops.console.Role;
import io.unshub.uns.Excerpt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code uns-hub users}: who may log in to the console. */
@Command(name = "users", description = "Accounts of the console.", mixinStandardHelpOptions = true)
final class UsersCommand implements Runnable {

    private static final int NOT_THERE = 1;
    private static final String DATA = "The hub's data folder. Default: ${DEFAULT-VALUE}.";

    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "users needs a command: add, list or remove");
    }

    @Command(
            name = "add",
            description = {
                "Adds an account, or gives one another role and a new password, and prints the password.",
                "A running hub needs no start for it."
            },
            mixinStandardHelpOptions = true)
    int add(
            @Parameters(paramLabel = "NAME", description = "The account.") String name,
            @Option(
                            names = "--role",
                            defaultValue = "viewer",
                            description =
                                    "viewer looks, operator also replays dead letters and stops and starts routes. Default: ${DEFAULT-VALUE}.")
                    String word,
            @Option(names = "--data", paramLabel = "DIR", defaultValue = "data", description = DATA)
                    Path data)
            throws CommandFailed {
        Optional<Role> role = Role.of(word);
        if (role.isEmpty()) {
            throw new CommandFailed(
                    "the role is %s, known roles are %s; see docs/operations/console.md"
                            .formatted(
                                    Excerpt.of(word),
                                    Arrays.stream(Role.values()).map(Role::word).toList()));
        }
        try {
            String password = new Accounts(data).add(name, role.get());
            AuditFile.in(data, Clock.systemUTC())
                    .add(
                            HubClient.user(),
                            AuditEvent.ACCOUNT,
                            Map.of("name", name, "role", role.get().word()));
            spec.commandLine().getOut().println(password);
            return 0;
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(e.getMessage(), e);
        } catch (IOException | UncheckedIOException e) {
            throw new CommandFailed("the accounts cannot be written: " + e, e);
        }
    }

    @Command(
            name = "list",
            description = "Prints the accounts by name, with their roles.",
            mixinStandardHelpOptions = true)
    int list(
            @Option(names = "--data", paramLabel = "DIR", defaultValue = "data", description = DATA)
                    Path data)
            throws CommandFailed {
        try {
            new Accounts(data)
                    .all()
                    .forEach(
                            (name, role) ->
                                    spec.commandLine()
                                            .getOut()
                                            .printf("%-24s %s%n", name, role.word()));
            return 0;
        } catch (IOException | IllegalArgumentException e) {
            throw new CommandFailed("the accounts cannot be read: " + e.getMessage(), e);
        }
    }

    @Command(
            name = "remove",
            description = "Takes an account away; who is logged in with it is no more.",
            mixinStandardHelpOptions = true)
    int remove(
            @Parameters(paramLabel = "NAME", description = "The account.") String name,
            @Option(names = "--data", paramLabel = "DIR", defaultValue = "data", description = DATA)
                    Path data)
            throws CommandFailed {
        try {
            if (!new Accounts(data).remove(name)) {
                spec.commandLine()
                        .getErr()
                        .printf(
                                "uns-hub: there is no account %s; uns-hub users list shows what there is%n",
                                Excerpt.of(name));
                return NOT_THERE;
            }
            AuditFile.in(data, Clock.systemUTC())
                    .add(HubClient.user(), AuditEvent.ACCOUNT_REMOVED, Map.of("name", name));
            return 0;
        } catch (IOException | UncheckedIOException e) {
            throw new CommandFailed("the accounts cannot be written: " + e, e);
        }
    }
}
