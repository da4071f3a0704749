package io.unshub.cli;

import io.unshub.route.KameletCatalog;
import io.unshub.route.KameletCatalog.Kamelet;
import io.unshub.route.Patterns;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code uns-hub routes patterns}: needs no running hub. */
@Command(
        name = "patterns",
        description = "Lists the patterns to start from and the Kamelets, or what a Kamelet takes.",
        mixinStandardHelpOptions = true)
final class RoutesPatternsCommand implements Callable<Integer> {

    private static final int OK = 0;

    @Spec private CommandSpec spec;

    @Parameters(
            paramLabel = "KAMELET",
            arity = "0..1",
            description = "A Kamelet whose parameters are printed.")
    private String name;

    @Override
    public Integer call() throws CommandFailed {
        PrintWriter out = spec.commandLine().getOut();
        KameletCatalog catalog = new KameletCatalog();
        if (name == null) {
            out.println("To start from, with uns-hub routes new PATTERN:");
            for (String each : Patterns.names()) {
                out.printf("  %-21s %s%n", each, Patterns.sentence(each));
            }
            out.printf("%nKamelets, of which uns-hub routes patterns KAMELET tells more:%n");
            for (String each : catalog.names()) {
                out.printf("  %-30s %s%n", each, catalog.find(each).orElseThrow().title());
            }
            return OK;
        }
        Optional<Kamelet> kamelet = catalog.find(name);
        if (kamelet.isEmpty()) {
            throw new CommandFailed(
                    "there is no Kamelet " + name + "; uns-hub routes patterns lists them");
        }
        out.println(kamelet.get().description());
        for (Kamelet.Parameter each : kamelet.get().parameters()) {
            out.printf(
                    "%n%s (%s, %s)%n    %s Example: %s%n",
                    each.name(),
                    each.definition().path("type").asText(),
                    each.required() ? "required" : "default " + each.definition().path("default"),
                    each.definition().path("description").asText(),
                    each.definition().path("example").asText());
        }
        return OK;
    }
}
