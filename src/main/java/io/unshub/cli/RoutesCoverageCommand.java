package io.unshub.cli;

import io.unshub.route.RouteCheck;
import io.unshub.route.RouteCoverage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code uns-hub routes coverage}: needs no running hub. */
@Command(
        name = "coverage",
        description = "Says which steps of route files the tests have sent readings through.",
        mixinStandardHelpOptions = true,
        footerHeading = "%n",
        footer = {
            "Reads what tests have written that extend RouteTest; see docs/eip/testing-routes.md.",
            "Exit code: 0 enough steps are covered, 1 fewer are, 2 it could not be told."
        })
final class RoutesCoverageCommand implements Callable<Integer> {

    private static final int ENOUGH = 0;
    private static final int TOO_FEW = 1;
    private static final int ALL = 100;

    @Spec private CommandSpec spec;

    @Parameters(
            paramLabel = "FILE",
            arity = "0..*",
            description = "Route files. Default: all in the configuration's routes folder.")
    private List<Path> files;

    @Option(
            names = "--config",
            paramLabel = "DIR",
            defaultValue = "config",
            description = "The configuration folder. Default: ${DEFAULT-VALUE}.")
    private Path config;

    @Option(
            names = "--tests",
            paramLabel = "DIR",
            description =
                    "The folder that the tests wrote to, and report.xml goes to, in the form of"
                            + " Cobertura. Default: target/route-coverage.")
    private Path tests = RouteCoverage.FOLDER;

    @Option(
            names = "--minimum",
            paramLabel = "PERCENT",
            defaultValue = "100",
            description = "How many steps in a hundred must be covered. Default: ${DEFAULT-VALUE}.")
    private double minimum;

    @Override
    public Integer call() throws IOException, CommandFailed {
        if (!(minimum >= 0 && minimum <= ALL)) {
            throw new ParameterException(
                    spec.commandLine(), "--minimum is " + minimum + "; it is 0 to 100");
        }
        PrintWriter out = spec.commandLine().getOut();
        RouteCoverage coverage = RouteCoverage.of(files(), tests);
        coverage.writeXml(tests.resolve("report.xml"));
        coverage.gaps().forEach(out::println);
        out.printf(
                Locale.ROOT,
                "%d route files, %d of %d steps covered: %.1f %%, at least %.1f %% is asked%n",
                coverage.files().size(),
                coverage.passed(),
                coverage.steps(),
                coverage.percent(),
                minimum);
        return coverage.percent() >= minimum ? ENOUGH : TOO_FEW;
    }

    private List<Path> files() throws IOException, CommandFailed {
        Path folder = config.resolve("routes");
        List<Path> all = files == null ? RouteCheck.files(folder) : files;
        if (all.isEmpty()) {
            throw new CommandFailed(
                    "there are no route files in " + folder + "; name some, or check --config");
        }
        return all;
    }
}
