package io.unshub.cli;

import io.unshub.collect.Bindings;
import io.unshub.collect.ConfigurationException;
import io.unshub.collect.Connection;
import io.unshub.collect.ConnectionTrial;
import io.unshub.collect.OpcUaBrowser;
import io.unshub.collect.OpcUaBrowser.Variable;
import io.unshub.collect.Protocol;
import io.unshub.collect.Tag;
import io.unshub.envelope.Envelope;
import io.unshub.ops.Preflight;
import io.unshub.quality.Quality;
import io.unshub.uns.Excerpt;
import io.unshub.uns.HierarchyRules;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code uns-hub connections}: tries connections and looks around behind them, without the hub. */
@Command(
        name = "connections",
        description = "Tries connections, and lists what a server has.",
        mixinStandardHelpOptions = true)
final class ConnectionsCommand implements Runnable {

    private static final int FINE = 0;
    private static final int FINDING = 1;

    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "connections needs a subcommand; try: connections test"
                        + " config/connections/NAME.yaml");
    }

    @Command(
            name = "test",
            description = "Connects as the hub would, and prints the first reading of some tags.",
            mixinStandardHelpOptions = true,
            footerHeading = "%n",
            footer = {
                "Publishes nothing. A PLC that takes one client only must not be read by the hub",
                "meanwhile.",
                "Exit code: 0 all is well, 1 some tags cannot be read, 2 the connection cannot be",
                "used."
            })
    int test(
            @Parameters(paramLabel = "FILE", description = "The connection's file.") Path file,
            @Option(
                            names = "--tags",
                            paramLabel = "N",
                            defaultValue = "10",
                            description = "How many tags to read. Default: ${DEFAULT-VALUE}.")
                    int most,
            @Option(
                            names = "--seconds",
                            paramLabel = "S",
                            defaultValue = "20",
                            description = "How long to wait. Default: ${DEFAULT-VALUE}.")
                    int seconds)
            throws InterruptedException, CommandFailed {
        positive("--tags", most);
        positive("--seconds", seconds);
        Bindings bindings = bindings(file);
        Connection connection = bindings.connections().get(0);
        List<Tag> all = bindings.tags(connection.name());
        if (all.isEmpty()) {
            throw new CommandFailed(
                    "no tag file names connection "
                            + connection.name()
                            + "; add one to tags/, uns-hub connections browse can write it");
        }
        List<Tag> tags = all.subList(0, Math.min(most, all.size()));
        ConnectionTrial.Result result =
                ConnectionTrial.run(connection, tags, Duration.ofSeconds(seconds));
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                "connection  %s, %s %s%n",
                connection.name(), connection.protocol().word(), connection.url());
        if (connection.opcua() != null) {
            out.printf("security    %s%n", connection.opcua().security().inWords());
        }
        out.printf("network     %s%n", millis(result.networkMillis(), "no TCP connection"));
        out.printf("session     %s%n", millis(result.connectedMillis(), "none"));
        if (!connection.budget().equals(Connection.Budget.NONE)) {
            out.printf("budget      %s%n", connection.budget().inWords(all.size()));
        }
        if (result.connectedMillis().isEmpty()) {
            throw new CommandFailed(
                    result.problem() == null
                            ? connection.url() + " did not answer within " + seconds + " s"
                            : result.problem());
        }
        int readable = 0;
        for (Tag tag : tags) {
            Envelope reading = result.readings().get(tag.topic());
            boolean good = reading != null && reading.quality() != Quality.ERROR;
            readable += good ? 1 : 0;
            out.printf(
                    "%-11s %s %s%n", good ? "reading" : "NO READING", tag.topic(), shown(reading));
        }
        out.printf("%d of %d tags can be read; %d are bound%n", readable, tags.size(), all.size());
        return readable == tags.size() ? FINE : FINDING;
    }

    @Command(
            name = "browse",
            description = "Lists the variables of an OPC UA server as the draft of a tag file.",
            mixinStandardHelpOptions = true,
            footerHeading = "%n",
            footer = {
                "Topics are guesses from the server's names: correct them, and set units, range",
                "and interval, before the hub reads the file.",
                "Exit code: 0 something was found, 1 nothing was, 2 the connection cannot be used."
            })
    int browse(
            @Parameters(paramLabel = "FILE", description = "The connection's file.") Path file,
            @Option(
                            names = "--filter",
                            paramLabel = "REGEX",
                            defaultValue = "",
                            description = "Only variables in whose path this is found.")
                    String filter,
            @Option(
                            names = "--under",
                            paramLabel = "TOPIC",
                            defaultValue = "enterprise/site/area/line/cell",
                            description = "Where the equipment belongs. Default: ${DEFAULT-VALUE}.")
                    String under,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            defaultValue = "10000",
                            description = "How many variables at most. Default: ${DEFAULT-VALUE}.")
                    int limit)
            throws InterruptedException, CommandFailed {
        positive("--limit", limit);
        Predicate<String> wanted;
        try {
            wanted = Pattern.compile(filter).asPredicate();
        } catch (PatternSyntaxException e) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--filter is no regular expression: " + e.getDescription() + "; correct it");
        }
        Bindings bindings = bindings(file);
        Connection connection = bindings.connections().get(0);
        if (connection.protocol() != Protocol.OPCUA) {
            throw new CommandFailed(
                    connection.protocol().word()
                            + " devices cannot list what they have; take the addresses from the"
                            + " device's manual or its program");
        }
        OpcUaBrowser.Found found;
        try {
            found = OpcUaBrowser.browse(connection, wanted, limit);
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            throw new CommandFailed(connection.url() + ": " + e.getMessage(), e);
        }
        draft(connection.name(), under, found);
        return found.variables().isEmpty() ? FINDING : FINE;
    }

    private void draft(String connection, String under, OpcUaBrowser.Found found) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                "# Draft: %d variables%s. Correct the topics; set units (UCUM), range and"
                        + " interval.%n",
                found.variables().size(), found.cut() ? ", and there are more" : "");
        List<Map<String, Object>> tags =
                found.variables().stream()
                        .filter(variable -> variable.problem() == null)
                        .map(variable -> tag(under, variable))
                        .toList();
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("connection", connection);
        root.put("version", "0.1.0");
        root.put("tags", tags);
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        options.setIndentWithIndicator(true);
        options.setIndicatorIndent(2);
        options.setWidth(200);
        out.print(new Yaml(options).dump(root));
        found.variables().stream()
                .filter(variable -> variable.problem() != null)
                .forEach(
                        variable ->
                                out.printf(
                                        "# left out, %s: %s%n",
                                        variable.problem(),
                                        Excerpt.of(String.join("/", variable.path()))));
        out.flush();
    }

    private static Map<String, Object> tag(String under, Variable variable) {
        List<String> path = variable.path();
        String name = path.get(path.size() - 1);
        String equipment = path.size() > 1 ? path.get(path.size() - 2) : "equipment";
        Map<String, Object> tag = new LinkedHashMap<>();
        tag.put("topic", under + "/" + word(equipment) + "/" + word(name));
        tag.put("address", variable.address());
        tag.put("units", "1");
        tag.put("interval", "1s");
        return tag;
    }

    /** A name as the hierarchy wants its levels: small letters, digits and hyphens. */
    private static String word(String name) {
        String word =
                name.replaceAll("([a-z0-9])([A-Z])", "$1-$2")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9]+", "-")
                        .replaceAll("^-+|-+$", "");
        return word.isEmpty() ? "unnamed" : word;
    }

    /** The connection of that file with its tags. */
    private static Bindings bindings(Path file) throws CommandFailed {
        Path folder = file.toAbsolutePath().getParent();
        if (!Files.isRegularFile(file) || !folder.endsWith("connections")) {
            throw new CommandFailed(
                    file
                            + " is no file of a folder connections; give config/connections/NAME.yaml");
        }
        Path config = folder.getParent();
        try {
            HierarchyRules rules = HierarchyRules.load(config.resolve("uns/hierarchy.yaml"));
            return Preflight.bindings(
                    config, rules, CommandProperties.of(config), file.getFileName().toString());
        } catch (ConfigurationException e) {
            throw new CommandFailed(String.join("\nuns-hub: ", e.problems()), e);
        } catch (IOException e) {
            throw new CommandFailed(
                    config.resolve("application.properties") + " cannot be read: " + e, e);
        }
    }

    private void positive(String option, int value) {
        if (value < 1) {
            throw new ParameterException(
                    spec.commandLine(), option + " is " + value + "; give 1 or more");
        }
    }

    private static String millis(OptionalDouble millis, String none) {
        return millis.isEmpty()
                ? none
                : String.format(Locale.ROOT, "%.1f ms", millis.getAsDouble());
    }

    private static String shown(Envelope reading) {
        if (reading == null) {
            return "(nothing came)";
        }
        return "= %s %s %s%s, %s"
                .formatted(
                        Excerpt.of(reading.value().asText()),
                        reading.units(),
                        reading.quality(),
                        reading.errorCode() == null ? "" : " " + reading.errorCode(),
                        reading.tsUtc());
    }
}
