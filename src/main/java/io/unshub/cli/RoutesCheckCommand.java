package io.unshub.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.ops.HubConfig;
import io.unshub.route.RouteCheck;
import io.unshub.route.RouteCheck.Checked;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code uns-hub routes check}: needs no running hub. */
@Command(
        name = "check",
        description = "Checks route files as the hub does before they take effect.",
        mixinStandardHelpOptions = true,
        footerHeading = "%n",
        footer = "Exit code: 0 all may take effect, 1 some may not, 2 it could not be told.")
final class RoutesCheckCommand implements Callable<Integer> {

    private static final int OK = 0;
    private static final int FOUND = 1;

    @Spec private CommandSpec spec;

    @Parameters(
            paramLabel = "FILE",
            arity = "0..*",
            description =
                    "Route files, looked at together. Default: all in the configuration's routes"
                            + " folder.")
    private List<Path> files;

    @Option(
            names = "--config",
            paramLabel = "DIR",
            defaultValue = "config",
            description = "The configuration folder. Default: ${DEFAULT-VALUE}.")
    private Path config;

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    /** A check by the components that a configuration's routes may use. */
    static RouteCheck of(Path config) throws IOException {
        HubConfig.Routes routes =
                CommandProperties.of(config).getConfigMapping(HubConfig.class).routes();
        return new RouteCheck(routes.components(), routes.folders());
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        List<Checked> checked =
                of(config)
                        .check(files == null ? RouteCheck.files(config.resolve("routes")) : files);
        long bad = checked.stream().filter(each -> !each.ok()).count();
        if (json) {
            out.println(
                    new ObjectMapper()
                            .writeValueAsString(
                                    checked.stream().map(RoutesCheckCommand::facts).toList()));
        } else {
            checked.forEach(each -> each.sentences().forEach(out::println));
            out.printf(
                    "%d route files, %s%n",
                    checked.size(), bad == 0 ? "all may take effect" : bad + " may not");
        }
        return bad == 0 ? OK : FOUND;
    }

    private static Map<String, Object> facts(Checked checked) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("file", checked.path().toString());
        facts.put("route", checked.id());
        facts.put("ok", checked.ok());
        facts.put("findings", checked.findings());
        return facts;
    }
}
