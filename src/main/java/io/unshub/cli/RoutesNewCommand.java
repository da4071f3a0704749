package io.unshub.cli;

import io.unshub.route.Patterns;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code uns-hub routes new}: needs no running hub. */
@Command(
        name = "new",
        description = "Writes a commented route file to start from.",
        mixinStandardHelpOptions = true,
        footerHeading = "%n",
        footer = {
            "A running hub takes up what is written into its routes folder: give --out, if the",
            "route is not to run yet.",
            "Exit code: 0 written, 2 not."
        })
final class RoutesNewCommand implements Callable<Integer> {

    private static final int OK = 0;

    @Spec private CommandSpec spec;

    @Parameters(
            paramLabel = "PATTERN",
            description = "One of those that uns-hub routes patterns lists.")
    private String pattern;

    @Option(
            names = "--id",
            paramLabel = "ID",
            description =
                    "Id of the route, name of its file and subscription. Default: the pattern's.")
    private String id;

    @Option(
            names = "--config",
            paramLabel = "DIR",
            defaultValue = "config",
            description = "The configuration folder. Default: ${DEFAULT-VALUE}.")
    private Path config;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder of the file. Default: the configuration's routes folder.")
    private Path folder;

    @Override
    public Integer call() throws CommandFailed {
        String name = id == null ? pattern : id;
        Optional<String> text = Patterns.start(pattern, name);
        if (text.isEmpty()) {
            throw new CommandFailed(
                    "there is no pattern "
                            + pattern
                            + "; there are "
                            + String.join(", ", Patterns.names()));
        }
        if (!name.matches("[a-z0-9][a-z0-9-]{0,62}")) {
            throw new CommandFailed(
                    "--id is "
                            + name
                            + "; it has 1 to 63 lower case letters, digits and -, as line1-means");
        }
        Path to = (folder == null ? config.resolve("routes") : folder).resolve(name + ".yaml");
        try {
            Files.createDirectories(to.toAbsolutePath().getParent());
            Files.writeString(to, text.get(), StandardOpenOption.CREATE_NEW);
            spec.commandLine()
                    .getOut()
                    .printf(
                            "%s is written; set its topics, then uns-hub routes check, and uns-hub routes try %s%n",
                            to, to);
            return OK;
        } catch (FileAlreadyExistsException e) {
            throw new CommandFailed(to + " is there already; give another --id", e);
        } catch (IOException e) {
            throw new CommandFailed(to + " cannot be written: " + e, e);
        }
    }
}
