package io.unshub.simulator.eventhubs;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.unshub.buffer.Queues;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * How unevenly keys spread readings over partitions: the busiest partition over the mean, less one,
 * in percent.
 *
 * <p>Real are the hub's lanes, Event Hubs' hash of a partition key, and the shipped tags; the
 * larger plants are made up, ten machines a line and ten tags a machine, with a fixed seed.
 */
public final class PartitionSkew {

    private static final int[] PLANTS = {20, 200, 1_000};
    private static final int[] PARTITIONS = {4, 8, 32};
    private static final int TAGS = 10;
    private static final int READINGS_PER_TAG = 20;

    private PartitionSkew() {}

    /** A piece of equipment and its share of the readings. */
    private record Machine(String path, double load) {

        String line() {
            return path.substring(0, path.lastIndexOf('/', path.lastIndexOf('/') - 1));
        }

        String site() {
            return path.substring(0, path.indexOf('/', path.indexOf('/') + 1));
        }
    }

    /** Readings per partition for one key. */
    @FunctionalInterface
    private interface Key {
        double[] load(List<Machine> plant, int partitions);
    }

    /** The table of the page on the partition strategy. */
    public static String table() {
        StringBuilder text = new StringBuilder("| key |");
        StringBuilder rule = new StringBuilder("\n| --- |");
        for (int machines : PLANTS) {
            for (int partitions : PARTITIONS) {
                text.append(" %,d on %d |".formatted(machines, partitions));
                rule.append(" --- |");
            }
        }
        text.append(rule);
        keys().forEach((name, key) -> text.append(row(name, key, false)));
        keys().entrySet().stream()
                .filter(key -> key.getKey().startsWith("equipment"))
                .forEach(key -> text.append(row(key.getKey() + ", uneven", key.getValue(), true)));
        return text.toString();
    }

    /** The skew of the hub's own key, in percent. */
    static double ofTheHub(int machines, int partitions) {
        return skew(PartitionSkew::lanes32, machines, partitions, false);
    }

    private static Map<String, Key> keys() {
        Map<String, Key> keys = new TreeMap<>(Comparator.comparingInt(PartitionSkew::order));
        keys.put("messageId", (plant, partitions) -> messageIds(plant, partitions));
        keys.put("topic", PartitionSkew::topics);
        keys.put("equipment, by Event Hubs' hash", hashed(Machine::path));
        keys.put("equipment, by lane: the hub", PartitionSkew::lanes32);
        keys.put("equipment, 512 lanes by measured load", (plant, n) -> lanesByLoad(plant, 512, n));
        keys.put("equipment, 32 lanes by measured load", (plant, n) -> lanesByLoad(plant, 32, n));
        keys.put("equipment, each by measured load", PartitionSkew::machinesByLoad);
        keys.put("line", hashed(Machine::line));
        keys.put("site", hashed(Machine::site));
        return keys;
    }

    private static int order(String name) {
        return List.of(
                        "messageId",
                        "topic",
                        "equipment, by Event Hubs' hash",
                        "equipment, by lane: the hub",
                        "equipment, 32 lanes by measured load",
                        "equipment, 512 lanes by measured load",
                        "equipment, each by measured load",
                        "line",
                        "site")
                .indexOf(name);
    }

    private static String row(String name, Key key, boolean uneven) {
        StringBuilder text = new StringBuilder("\n| " + name + " |");
        for (int machines : PLANTS) {
            for (int partitions : PARTITIONS) {
                text.append(
                        String.format(
                                Locale.ROOT, " %.0f |", skew(key, machines, partitions, uneven)));
            }
        }
        return text.toString();
    }

    private static double skew(Key key, int machines, int partitions, boolean uneven) {
        double[] load = key.load(plant(machines, uneven), partitions);
        double sum = 0;
        double most = 0;
        for (double one : load) {
            sum += one;
            most = Math.max(most, one);
        }
        return (most * partitions / sum - 1) * 100;
    }

    private static List<Machine> plant(int machines, boolean uneven) {
        List<String> paths = machines == 20 ? shipped() : made(machines);
        List<Integer> ranks = new ArrayList<>(IntStream.range(0, paths.size()).boxed().toList());
        Collections.shuffle(ranks, new Random(1));
        List<Machine> plant = new ArrayList<>();
        for (int i = 0; i < paths.size(); i++) {
            // Zipf: the machine of rank r has 1/r of the load of the first
            plant.add(new Machine(paths.get(i), uneven ? 1.0 / (ranks.get(i) + 1) : 1));
        }
        return plant;
    }

    private static List<String> shipped() {
        LinkedHashSet<String> paths = new LinkedHashSet<>();
        for (String file : List.of("plant1-scada", "plant2-plc")) {
            try {
                new YAMLMapper()
                        .readTree(Path.of("config/tags", file + ".yaml").toFile())
                        .path("tags")
                        .findValuesAsText("topic")
                        .forEach(topic -> paths.add(topic.substring(0, topic.lastIndexOf('/'))));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return List.copyOf(paths);
    }

    private static List<String> made(int machines) {
        return IntStream.range(0, machines)
                .mapToObj(
                        i ->
                                "acme/plant%d/area%d/line%d/cell%d/machine-%04d"
                                        .formatted(
                                                i % 5 + 1,
                                                i / 100 + 1,
                                                i / 10 + 1,
                                                i % 10 / 5 + 1,
                                                i + 1))
                .toList();
    }

    private static Key hashed(Function<Machine, String> key) {
        return (plant, partitions) -> {
            double[] load = new double[partitions];
            for (Machine machine : plant) {
                load[PartitionKeys.partition(key.apply(machine), partitions)] += machine.load();
            }
            return load;
        };
    }

    private static double[] topics(List<Machine> plant, int partitions) {
        double[] load = new double[partitions];
        for (Machine machine : plant) {
            for (int tag = 0; tag < TAGS; tag++) {
                load[PartitionKeys.partition(machine.path() + "/tag-" + tag, partitions)] +=
                        machine.load();
            }
        }
        return load;
    }

    private static double[] messageIds(List<Machine> plant, int partitions) {
        Random random = new Random(1);
        double[] load = new double[partitions];
        for (int i = 0; i < plant.size() * TAGS * READINGS_PER_TAG; i++) {
            String id = new UUID(random.nextLong(), random.nextLong()).toString();
            load[PartitionKeys.partition(id, partitions)]++;
        }
        return load;
    }

    private static double[] lanes32(List<Machine> plant, int partitions) {
        double[] load = new double[partitions];
        for (Machine machine : plant) {
            load[Queues.laneOf(machine.path() + "/tag") % partitions] += machine.load();
        }
        return load;
    }

    private static double[] lanesByLoad(List<Machine> plant, int lanes, int partitions) {
        double[] load = new double[lanes];
        for (Machine machine : plant) {
            load[PartitionKeys.partition(machine.path(), lanes)] += machine.load();
        }
        return heaviestFirst(load, partitions);
    }

    private static double[] machinesByLoad(List<Machine> plant, int partitions) {
        return heaviestFirst(plant.stream().mapToDouble(Machine::load).toArray(), partitions);
    }

    /** Each item, the heaviest first, to the partition that has least. */
    private static double[] heaviestFirst(double[] items, int partitions) {
        double[] sorted = items.clone();
        Arrays.sort(sorted);
        double[] load = new double[partitions];
        for (int i = sorted.length - 1; i >= 0; i--) {
            int least = 0;
            for (int p = 1; p < partitions; p++) {
                least = load[p] < load[least] ? p : least;
            }
            load[least] += sorted[i];
        }
        return load;
    }
}
