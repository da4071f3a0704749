package io.unshub.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.collect.ConfigurationException;
import io.unshub.route.AsideConfig;
import io.unshub.route.Comparison;
import io.unshub.route.Recording;
import io.unshub.route.Rehearsal;
import io.unshub.route.Rehearsal.Published;
import io.unshub.route.Rehearsal.Result;
import io.unshub.uns.RulesException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code uns-hub routes diff}: needs no running hub. */
@Command(
        name = "diff",
        description = "Says what two versions make of the same recorded readings.",
        mixinStandardHelpOptions = true,
        footerHeading = "%n",
        footer = {
            "A version is a configuration folder, or a route file, which then stands alone in the",
            "routes of --config. Each runs aside: nothing is read from a source or sent.",
            "Exit code: 0 no reading differs, 1 some do, 2 it could not be told."
        })
final class RoutesDiffCommand implements Callable<Integer> {

    private static final int SAME = 0;
    private static final int DIFFERENT = 1;
    private static final int FAILED = 2;
    private static final int MOST_LINES = 5;

    @Spec private CommandSpec spec;

    @Option(
            names = "--recording",
            required = true,
            paramLabel = "FILE",
            description = "What uns-hub routes record has written.")
    private Path recording;

    @Option(
            names = "--from",
            required = true,
            paramLabel = "OLD",
            description = "Configuration folder or route file before.")
    private Path from;

    @Option(
            names = "--to",
            required = true,
            paramLabel = "NEW",
            description = "Configuration folder or route file after.")
    private Path to;

    @Option(
            names = "--config",
            paramLabel = "DIR",
            defaultValue = "config",
            description = "The configuration around route files. Default: ${DEFAULT-VALUE}.")
    private Path config;

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        ExecutorService both = Executors.newFixedThreadPool(2);
        try {
            List<Published> readings = Recording.read(recording);
            Future<List<Result>> before = both.submit(() -> run(from, readings));
            Future<List<Result>> after = both.submit(() -> run(to, readings));
            Comparison comparison = Comparison.of(before.get(), after.get());
            if (json) {
                out.println(new ObjectMapper().writeValueAsString(comparison));
            } else {
                print(out, readings.size(), comparison);
            }
            return comparison.changes().isEmpty() ? SAME : DIFFERENT;
        } catch (IOException | IllegalArgumentException e) {
            spec.commandLine().getErr().println("uns-hub: " + e.getMessage());
        } catch (ExecutionException e) {
            spec.commandLine().getErr().println("uns-hub: " + e.getCause().getMessage());
        } finally {
            both.shutdownNow();
        }
        return FAILED;
    }

    private static void print(PrintWriter out, int readings, Comparison comparison) {
        out.printf("%,d recorded readings; %,d ends are the same%n", readings, comparison.same());
        comparison
                .changes()
                .forEach(
                        (kind, change) -> {
                            out.printf("%,9d %s%n", change.count(), kind);
                            change.examples().forEach(each -> out.println("            " + each));
                        });
    }

    private List<Result> run(Path version, List<Published> readings) throws Exception {
        if (Files.isDirectory(version)) {
            return run(version.toString(), version, readings);
        }
        if (!Files.isRegularFile(version)) {
            throw new IllegalArgumentException(
                    version + " is neither a configuration folder nor a route file");
        }
        try (AsideConfig aside = AsideConfig.with(config, List.of(version))) {
            return run(version.toString(), aside.folder(), readings);
        }
    }

    private static List<Result> run(String version, Path folder, List<Published> readings)
            throws Exception {
        try (Rehearsal rehearsal = new Rehearsal(folder)) {
            return rehearsal.run(readings);
        } catch (ConfigurationException
                | IllegalArgumentException
                | IllegalStateException
                | RulesException e) {
            throw new IllegalArgumentException(version + ": " + shortened(e.getMessage()), e);
        }
    }

    /** A long list of problems, its first lines. */
    static String shortened(String message) {
        List<String> lines = message.lines().toList();
        return lines.size() <= MOST_LINES
                ? message
                : String.join(System.lineSeparator(), lines.subList(0, MOST_LINES))
                        + "%n(and %d more)".formatted(lines.size() - MOST_LINES);
    }
}
