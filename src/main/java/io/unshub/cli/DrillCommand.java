package io.unshub.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.unshub.drill.Drill;
import io.unshub.drill.DrillResult;
import io.unshub.drill.Drills;
import io.unshub.drill.Verdict;
import io.unshub.uns.Excerpt;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.apache.commons.io.FileUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code uns-hub drill}: rehearses a fault and says what was lost. */
@Command(
        name = "drill",
        description =
                "Rehearses a fault on a hub of its own, and says what was lost, repeated or"
                        + " overtaken. A hub that runs is not touched.",
        mixinStandardHelpOptions = true,
        footerHeading = "%n",
        footer = {
            "Without a name it lists the drills. Exit code: 0 passed, 1 not, 2 it could not be done."
        })
final class DrillCommand implements Callable<Integer> {

    private static final int NOT_PASSED = 1;
    private static final int FAILED = 2;
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    @Spec private CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "NAME", description = "Which; all for all of them.")
    private List<String> names = List.of();

    @Option(names = "--thorough", description = "Takes minutes, with more of everything.")
    private boolean thorough;

    @Option(
            names = "--folder",
            paramLabel = "DIR",
            description = "Where to work, and leave what was written; default: a temporary folder.")
    private Path folder;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Keeps the latest result of each drill in this file, as JSON.")
    private Path report;

    @Option(
            names = "--live",
            paramLabel = "SECONDS",
            description =
                    "On the hub that runs, which is harmless: event-hubs-away only, 1 to 300 s.")
    private Integer live;

    @Mixin private HubClient hub;

    @Mixin private ParityCheck check;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        if (live != null) {
            return runLive(out);
        }
        if (names.isEmpty()) {
            Drills.all().forEach(drill -> out.printf("%-18s %s%n", drill.name(), drill.title()));
            return 0;
        }
        int exit = 0;
        for (Drill drill : chosen()) {
            exit = Math.max(exit, run(drill, out));
        }
        return exit;
    }

    private List<Drill> chosen() {
        if (names.equals(List.of("all"))) {
            return Drills.all();
        }
        return names.stream()
                .map(
                        name ->
                                Drills.named(name)
                                        .orElseThrow(
                                                () ->
                                                        new ParameterException(
                                                                spec.commandLine(),
                                                                "there is no drill "
                                                                        + Excerpt.of(name)
                                                                        + ", uns-hub drill lists"
                                                                        + " them")))
                .toList();
    }

    private int run(Drill drill, PrintWriter out) throws Exception {
        out.printf("%s: %s%n", drill.name(), drill.title());
        Path work = work(drill);
        int exit;
        try {
            Verdict verdict = drill.run(home(), work, thorough, out);
            if (report != null) {
                keep(verdict.result());
            }
            exit = said(verdict, out);
        } catch (IOException e) {
            exit = failed(e);
        }
        if (exit != 0) {
            out.println("journals, logs and acknowledged ids are in " + work);
        } else if (folder == null) {
            FileUtils.deleteDirectory(work.toFile());
        }
        return exit;
    }

    private Path work(Drill drill) throws IOException {
        if (folder == null) {
            return Files.createTempDirectory("uns-hub-drill-");
        }
        try {
            return Files.createDirectories(folder.resolve(drill.name()));
        } catch (IOException e) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--folder %s cannot be made a folder (%s), name another"
                            .formatted(folder, e.getMessage()));
        }
    }

    private static Path home() {
        return Path.of(System.getProperty("uns-hub.home", "")).toAbsolutePath();
    }

    private int runLive(PrintWriter out) throws InterruptedException {
        if (!names.equals(List.of(LiveDrill.NAME)) || report != null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--live goes with " + LiveDrill.NAME + " alone, and without --report");
        }
        try {
            return said(new LiveDrill(hub, check, out).run(live), out);
        } catch (CommandFailed e) {
            return failed(e);
        }
    }

    private int failed(Exception why) {
        spec.commandLine()
                .getErr()
                .println("uns-hub: the drill could not be done: " + why.getMessage());
        return FAILED;
    }

    private static int said(Verdict verdict, PrintWriter out) {
        DrillResult result = verdict.result();
        out.printf(
                "%s: accepted %,d = forwarded %,d + dead-lettered %,d + lost %,d; out of order %,d,"
                        + " duplicates %,d, recovered after %.1f s%n",
                result.drill(),
                result.accepted(),
                result.forwarded(),
                result.deadLettered(),
                result.lost(),
                result.outOfOrder(),
                result.duplicates(),
                result.recoverySeconds());
        verdict.faults().forEach(fault -> out.println("! " + Excerpt.printable(fault)));
        out.println(verdict.passed() ? "PASSED" : "NOT PASSED");
        out.println();
        return verdict.passed() ? 0 : NOT_PASSED;
    }

    /** Replaces what the report has of this drill. */
    private void keep(DrillResult result) throws IOException {
        Map<String, DrillResult> kept = new TreeMap<>();
        if (Files.exists(report)) {
            for (DrillResult earlier : JSON.readValue(report.toFile(), DrillResult[].class)) {
                kept.put(earlier.drill(), earlier);
            }
        }
        kept.put(result.drill(), result);
        Files.writeString(report, JSON.writeValueAsString(kept.values()) + System.lineSeparator());
    }
}
