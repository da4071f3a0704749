package io.unshub.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.buffer.Queues;
import io.unshub.forward.BridgeMapping;
import io.unshub.forward.Explanation;
import io.unshub.forward.LaneTable;
import io.unshub.uns.HierarchyRules;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code uns-hub routes}: where readings go, the files that say so, and orders to the routes. */
@Command(
        name = "routes",
        description = "Says where readings go, and works on route files.",
        mixinStandardHelpOptions = true,
        subcommands = {
            RoutesPatternsCommand.class,
            RoutesNewCommand.class,
            RoutesCheckCommand.class,
            RoutesTryCommand.class,
            RoutesCoverageCommand.class,
            RoutesRecordCommand.class,
            RoutesDiffCommand.class,
            RouteOrders.ListCommand.class,
            RouteOrders.StopCommand.class,
            RouteOrders.StartCommand.class,
            RouteOrders.DetourCommand.class
        })
final class RoutesCommand implements Runnable {

    private static final int FORWARDED = 0;
    private static final int STAYS = 1;

    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "routes needs a subcommand; try: routes explain TOPIC, or routes patterns");
    }

    @Command(
            name = "explain",
            description = "Prints where each topic's readings go, and by which rule.",
            mixinStandardHelpOptions = true,
            footerHeading = "%n",
            footer = {
                "Reads the configuration, not the running hub.",
                "Exit code: 0 every topic is forwarded, 1 some stay or are not valid, 2 it could",
                "not be told."
            })
    int explain(
            @Parameters(
                            paramLabel = "TOPIC",
                            arity = "1..*",
                            description = "Topics; - reads standard input, one a line.")
                    List<String> given,
            @Option(
                            names = "--config",
                            paramLabel = "DIR",
                            defaultValue = "config",
                            description = "The configuration folder. Default: ${DEFAULT-VALUE}.")
                    Path config,
            @Option(
                            names = "--data",
                            paramLabel = "DIR",
                            defaultValue = "data",
                            description =
                                    "The data folder, for the partitions. Default:"
                                            + " ${DEFAULT-VALUE}.")
                    Path data,
            @Option(names = "--json", description = "Prints JSON.") boolean json)
            throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        HierarchyRules rules = HierarchyRules.load(config.resolve("uns/hierarchy.yaml"));
        Path file = config.resolve(BridgeMapping.FILE);
        BridgeMapping mapping =
                Files.exists(file) ? BridgeMapping.load(file) : BridgeMapping.EVERYTHING;
        LaneTable lanes = new LaneTable(data.resolve("lanes.json"), Queues.LANES);
        boolean all = true;
        for (String topic : topics(given)) {
            Explanation explained =
                    Explanation.of(
                            topic,
                            rules,
                            mapping,
                            Queues::laneOf,
                            lane -> lanes.known() ? lanes.partitionOf(lane) : null);
            all &= explained.forwarded();
            out.println(
                    json ? new ObjectMapper().writeValueAsString(explained) : explained.sentence());
        }
        return all ? FORWARDED : STAYS;
    }

    private static List<String> topics(List<String> given) throws IOException {
        List<String> topics = new ArrayList<>();
        for (String topic : given) {
            if (!topic.equals("-")) {
                topics.add(topic);
                continue;
            }
            TopicLines lines = new TopicLines(System.in);
            for (TopicLines.Line line = lines.next(); line != null; line = lines.next()) {
                topics.add(line.text());
            }
        }
        return topics;
    }
}
