package io.unshub.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.buffer.Subscriptions.Subscription;
import io.unshub.collect.ConfigurationException;
import io.unshub.envelope.EnvelopeSchemas;
import io.unshub.route.AsideConfig;
import io.unshub.route.Recording;
import io.unshub.route.Rehearsal;
import io.unshub.route.Rehearsal.Published;
import io.unshub.route.Rehearsal.Result;
import io.unshub.route.RouteCheck;
import io.unshub.route.RouteCheck.Checked;
import io.unshub.scoring.CircuitConfig;
import io.unshub.uns.RulesException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code uns-hub contract}: what publishers and consumers rely on; needs no running hub. */
@Command(
        name = "contract",
        description = "Works on what publishers and consumers rely on.",
        mixinStandardHelpOptions = true)
final class ContractCommand implements Runnable {

    private static final int NONE = 0;
    private static final int SOME = 1;
    private static final int FAILED = 2;
    private static final int MOST_TOPICS = 5;
    private static final String SCHEMA = "envelope.schema.json";
    private static final Map<String, String> PLACES =
            Map.of(
                    "hierarchy.yaml", "uns",
                    "quality.yaml", "uns",
                    "eventhubs-bridge-mapping.yaml", ".");

    @Spec private CommandSpec spec;

    /**
     * What a change would do.
     *
     * @param readings of the recording
     * @param fail how many of them would become dead letters that do not now
     * @param reasons of those, with how many
     * @param topics of those
     * @param routes of the plant's own that would miss them
     * @param models that would miss them
     */
    record Impact(
            long readings,
            long fail,
            Map<String, Long> reasons,
            Set<String> topics,
            Set<String> routes,
            Set<String> models) {}

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "contract needs a subcommand; try: contract impact FILE --recording FILE");
    }

    @Command(
            name = "impact",
            description =
                    "Says which recorded readings a changed schema or rules file would refuse, and"
                            + " what would miss them.",
            mixinStandardHelpOptions = true,
            footerHeading = "%n",
            footer = {
                "FILE is a hierarchy.yaml, quality.yaml or eventhubs-bridge-mapping.yaml, or an",
                "envelope.schema.json in a folder with the name of its version, as v1.1.",
                "Exit code: 0 no reading that passes now would fail, 1 some would, 2 it could not be",
                "told."
            })
    int impact(
            @Parameters(paramLabel = "FILE", description = "The changed file.") Path changed,
            @Option(
                            names = "--recording",
                            required = true,
                            paramLabel = "FILE",
                            description = "What uns-hub routes record has written.")
                    Path recording,
            @Option(
                            names = "--config",
                            paramLabel = "DIR",
                            defaultValue = "config",
                            description = "The configuration as it is. Default: ${DEFAULT-VALUE}.")
                    Path config,
            @Option(names = "--json", description = "Prints JSON.") boolean json) {
        PrintWriter out = spec.commandLine().getOut();
        try {
            List<Published> readings = Recording.read(recording);
            Set<String> failNow = failing(run(config, readings)).keySet();
            Map<String, Result> failThen = failing(changed(config, changed, readings));
            failThen.keySet().removeAll(failNow);
            Impact impact = impact(config, readings.size(), failThen);
            out.println(
                    json
                            ? new ObjectMapper().writeValueAsString(impact)
                            : sentence(changed, impact));
            return impact.fail() == 0 ? NONE : SOME;
        } catch (ConfigurationException | RulesException e) {
            spec.commandLine()
                    .getErr()
                    .println(
                            "uns-hub: the configuration is not valid with it: "
                                    + RoutesDiffCommand.shortened(e.getMessage()));
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            spec.commandLine().getErr().println("uns-hub: " + e.getMessage());
        } catch (Exception e) {
            spec.commandLine().getErr().println("uns-hub: it could not be run: " + e);
        }
        return FAILED;
    }

    private static List<Result> changed(Path config, Path changed, List<Published> readings)
            throws Exception {
        List<Path> routes = RouteCheck.files(config.resolve("routes"));
        try (AsideConfig aside = AsideConfig.with(config, routes)) {
            Path place = aside.folder().resolve(place(changed));
            Files.createDirectories(place);
            Files.copy(
                    changed,
                    place.resolve(changed.getFileName()),
                    StandardCopyOption.REPLACE_EXISTING);
            return run(aside.folder(), readings);
        }
    }

    private static String place(Path changed) {
        String name = changed.getFileName().toString();
        if (name.equals(SCHEMA)) {
            return EnvelopeSchemas.FOLDER
                    + "/"
                    + changed.toAbsolutePath().getParent().getFileName();
        }
        String place = PLACES.get(name);
        if (place == null) {
            throw new IllegalArgumentException(
                    "%s is none of %s, %s; give the changed file the name that it has in the configuration"
                            .formatted(
                                    changed,
                                    PLACES.keySet().stream()
                                            .sorted()
                                            .collect(Collectors.joining(", ")),
                                    SCHEMA));
        }
        return place;
    }

    private static List<Result> run(Path config, List<Published> readings) throws Exception {
        try (Rehearsal rehearsal = new Rehearsal(config)) {
            return rehearsal.run(readings);
        }
    }

    private static Map<String, Result> failing(List<Result> results) {
        Map<String, Result> failing = new TreeMap<>();
        results.stream()
                .filter(result -> result.quality() == null)
                .forEach(result -> failing.put(result.topic() + " " + result.hubSeq(), result));
        return failing;
    }

    private static Impact impact(Path config, long readings, Map<String, Result> failing)
            throws IOException {
        Map<String, Long> reasons =
                failing.values().stream()
                        .collect(
                                Collectors.groupingBy(
                                        result -> result.destination().replace("dead-letter ", ""),
                                        TreeMap::new,
                                        Collectors.counting()));
        Set<String> topics =
                failing.values().stream()
                        .map(Result::topic)
                        .collect(Collectors.toCollection(TreeSet::new));
        Set<String> routes =
                RoutesCheckCommand.of(config)
                        .check(RouteCheck.files(config.resolve("routes")))
                        .stream()
                        .filter(route -> topics.stream().anyMatch(wantedBy(route)))
                        .map(Checked::id)
                        .collect(Collectors.toCollection(TreeSet::new));
        Set<String> models =
                CircuitConfig.loadAll(config).stream()
                        .filter(circuit -> topics.stream().anyMatch(circuit::looksAt))
                        .map(CircuitConfig::id)
                        .collect(Collectors.toCollection(TreeSet::new));
        return new Impact(readings, failing.size(), reasons, topics, routes, models);
    }

    private static Predicate<String> wantedBy(Checked route) {
        Set<Subscription> subscriptions = route.subscriptions();
        return topic -> subscriptions.stream().anyMatch(each -> each.wants(topic));
    }

    private static String sentence(Path changed, Impact impact) {
        if (impact.fail() == 0) {
            return "%,d recorded readings; none that passes now would fail with %s"
                    .formatted(impact.readings(), changed);
        }
        return "%,d of %,d recorded readings (%.2f %%) pass now and would fail with %s: %s%non %s%nroutes that would miss them: %s%nmodels that would miss them: %s"
                .formatted(
                        impact.fail(),
                        impact.readings(),
                        100.0 * impact.fail() / impact.readings(),
                        changed,
                        impact.reasons().entrySet().stream()
                                .map(each -> each.getKey() + " " + each.getValue())
                                .collect(Collectors.joining(", ")),
                        impact.topics().stream()
                                        .limit(MOST_TOPICS)
                                        .collect(Collectors.joining(", "))
                                + (impact.topics().size() > MOST_TOPICS
                                        ? " and %d more topics"
                                                .formatted(impact.topics().size() - MOST_TOPICS)
                                        : ""),
                        none(impact.routes()),
                        none(impact.models()));
    }

    private static String none(Set<String> names) {
        return names.isEmpty() ? "none" : String.join(", ", names);
    }
}
