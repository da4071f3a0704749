package io.unshub.cli;

import io.unshub.collect.Bindings;
import io.unshub.collect.ConfigurationException;
import io.unshub.collect.TagDiff;
import io.unshub.collect.TagDiff.Change;
import io.unshub.ops.Preflight;
import io.unshub.uns.HierarchyRules;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.commons.io.FileUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code uns-hub tags}: checks tags and tag models before the hub reads them. */
@Command(
        name = "tags",
        description = "Checks tags and tag models, and shows what changed.",
        mixinStandardHelpOptions = true)
final class TagsCommand implements Runnable {

    private static final int FINE = 0;
    private static final int FINDING = 1;
    private static final int FAILED = 2;
    private static final String CHANGELOG = "CHANGELOG.md";

    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "tags needs a subcommand; try: tags lint");
    }

    @Command(
            name = "lint",
            description = "Checks all connections, models and tags of a configuration.",
            mixinStandardHelpOptions = true,
            footerHeading = "%n",
            footer = {
                "With --since, what changed must have raised the version of its file, as",
                "docs/uns/governance.md says, and CHANGELOG.md in the configuration folder must",
                "name the new version.",
                "Exit code: 0 all is well, 1 something is wrong, 2 it could not be checked."
            })
    int lint(
            @Option(
                            names = "--config",
                            paramLabel = "DIR",
                            defaultValue = "config",
                            description = "The configuration folder. Default: ${DEFAULT-VALUE}.")
                    Path config,
            @Option(
                            names = "--since",
                            paramLabel = "REF",
                            description = "A commit, branch or tag of git to compare with.")
                    String since)
            throws InterruptedException, IOException {
        PrintWriter out = spec.commandLine().getOut();
        List<String> problems = new ArrayList<>();
        try {
            Bindings now = read(config);
            for (var tag : now.tags()) {
                UcumUnits.problem(tag.units())
                        .ifPresent(
                                text ->
                                        problems.add(
                                                now.origin(tag.topic())
                                                        + ".yaml: tag "
                                                        + tag.topic()
                                                        + ": "
                                                        + text));
            }
            if (since != null) {
                Path file = config.resolve(CHANGELOG);
                problems.addAll(
                        new TagDiff(read(config, since), now)
                                .problems(Files.exists(file) ? Files.readString(file) : ""));
            }
            problems.forEach(out::println);
            out.printf(
                    "%d connections, %d tags: %s%n",
                    now.connections().size(),
                    now.tags().size(),
                    problems.isEmpty() ? "all is well" : problems.size() + " problems");
            return problems.isEmpty() ? FINE : FINDING;
        } catch (ConfigurationException e) {
            e.problems().forEach(out::println);
            return FINDING;
        }
    }

    @Command(
            name = "diff",
            description = "Shows tag by tag what changed since a commit of git.",
            mixinStandardHelpOptions = true,
            footerHeading = "%n",
            footer = "Exit code: 0 nothing changed, 1 something did, 2 it could not be told.")
    int diff(
            @Option(
                            names = "--config",
                            paramLabel = "DIR",
                            defaultValue = "config",
                            description = "The configuration folder. Default: ${DEFAULT-VALUE}.")
                    Path config,
            @Option(
                            names = "--since",
                            paramLabel = "REF",
                            defaultValue = "HEAD",
                            description =
                                    "A commit, branch or tag of git. Default: ${DEFAULT-VALUE}.")
                    String since)
            throws InterruptedException, IOException {
        PrintWriter out = spec.commandLine().getOut();
        try {
            TagDiff diff = new TagDiff(read(config, since), read(config));
            for (Change change : diff.changes()) {
                out.printf(
                        "%s  %s  %s (%s.yaml)%n",
                        change.level().name().toLowerCase(Locale.ROOT),
                        change.topic(),
                        change.text(),
                        change.origin());
            }
            return diff.changes().isEmpty() ? FINE : FINDING;
        } catch (ConfigurationException e) {
            e.problems().forEach(spec.commandLine().getErr()::println);
            return FAILED;
        }
    }

    private static Bindings read(Path config) throws ConfigurationException, IOException {
        return Preflight.bindings(
                config,
                HierarchyRules.load(config.resolve("uns/hierarchy.yaml")),
                CommandProperties.of(config));
    }

    /** The configuration as git has it at that commit. */
    private static Bindings read(Path config, String since)
            throws ConfigurationException, IOException, InterruptedException {
        Path copy = Files.createTempDirectory("uns-hub-tags-");
        try {
            export(config, since, copy);
            return read(copy);
        } catch (ConfigurationException e) {
            throw new ConfigurationException(
                    e.problems().stream()
                            .map(text -> since + ": " + text.replace(copy.toString(), ""))
                            .toList());
        } finally {
            FileUtils.deleteDirectory(copy.toFile());
        }
    }

    private static void export(Path config, String since, Path into)
            throws IOException, InterruptedException {
        Path errors = into.resolve("git.err");
        // names beginning with a hyphen would be options
        Process git =
                new ProcessBuilder("git", "archive", "--format=zip", "--end-of-options", since, ".")
                        .directory(config.toAbsolutePath().toFile())
                        .redirectError(errors.toFile())
                        .start();
        try (InputStream output = git.getInputStream();
                ZipInputStream zip = new ZipInputStream(output, StandardCharsets.UTF_8)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path target = into.resolve(entry.getName()).normalize();
                if (!target.startsWith(into)) {
                    throw new IOException("git gave a path outside the folder: " + entry);
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    Files.createDirectories(target.getParent());
                    Files.copy(zip, target);
                }
            }
            output.readAllBytes();
        }
        if (git.waitFor() != 0) {
            throw new IOException(
                    "git cannot give "
                            + config
                            + " at "
                            + since
                            + " ("
                            + Files.readString(errors).strip()
                            + "); name a commit that has it");
        }
        Files.delete(errors);
    }
}
