package io.unshub.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.scoring.CircuitConfig;
import io.unshub.scoring.ModelBench;
import io.unshub.scoring.ModelCard;
import io.unshub.scoring.Registry;
import io.unshub.scoring.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.statistics.descriptive.Mean;
import org.apache.commons.statistics.descriptive.StandardDeviation;

/** How well the example models do on public data, each over splits of units not seen. */
final class Recorded {

    private static final Path EXAMPLES = Path.of("docs/examples/ml/reference");

    private final Path recorded;
    private final ModelBench bench;
    private final Path work;

    /**
     * @param recorded has {@code ai4i/ai4i2020.csv}, {@code cmapss-fd001/train_FD001.txt} and the
     *     two files of {@code nab/}
     * @param work takes the models
     */
    Recorded(Path recorded, Path work) {
        this.recorded = recorded;
        this.work = work;
        Registry registry = new Registry(work, Clock.systemUTC(), (what, about) -> {});
        bench = new ModelBench(registry, Clock.systemUTC());
    }

    /**
     * AI4I 2020, five stratified splits.
     *
     * @param engineered whether power, strain and the difference of temperatures are made of the
     *     sensor columns, beside these
     */
    ModelCard milling(boolean engineered) throws IOException {
        String config = engineered ? "ai4i-engineered.yml" : "ai4i.yml";
        return train(EXAMPLES.resolve(config), "ai4i/ai4i2020.csv", 5);
    }

    /** C-MAPSS FD001, ten splits by engine, one prediction for each at a random cut. */
    ModelCard engines(boolean capped) throws IOException {
        Path config = EXAMPLES.resolve("fd001.yml");
        if (!capped) {
            String text = Files.readString(config).replaceAll("(?m)^target_cap:.*\\R", "");
            Files.createDirectories(work);
            config = Files.writeString(work.resolve("fd001.yml"), text);
        }
        return train(config, "cmapss-fd001/train_FD001.txt", 10);
    }

    /**
     * What became of the labelled windows.
     *
     * @param windows there are after the training data
     * @param hit of these in which something alarmed
     * @param falseAlarms outside of them: alarms less than {@link #APART} apart are one
     */
    record Found(int windows, int hit, int falseAlarms) {}

    private static final Duration APART = Duration.ofHours(12);
    private static final int Z_SCORE = 3;

    /** NAB machine temperature: by the model, by a z-score above 3, and by alarming always. */
    List<Found> anomalies() throws Exception {
        CircuitConfig config = CircuitConfig.load(EXAMPLES.resolve("nab.yml"));
        Path raw = recorded.resolve("nab/machine_temperature_system_failure.csv");
        List<String> lines = new ArrayList<>(Files.readAllLines(raw));
        lines.replaceAll(line -> line + ",1");
        lines.set(0, lines.get(0).replace(",1", ",machine"));
        Path data = Files.write(Files.createDirectories(work).resolve("nab.csv"), lines);
        Instant begin = config.cutoff().atStartOfDay(ZoneOffset.UTC).toInstant();
        ModelCard card = bench.train(config, data, new Training.Options(1, 0), "bench", null);
        List<Instant> byModel =
                bench.score(config, card.version(), data, begin, null).stream()
                        .filter(ModelBench.BatchScore::alarm)
                        .map(ModelBench.BatchScore::tsUtc)
                        .toList();
        TreeMap<Instant, Double> values = new TreeMap<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split(",");
            values.put(time(cells[0]), Double.parseDouble(cells[1]));
        }
        double[] learned =
                values.headMap(begin).values().stream().mapToDouble(value -> value).toArray();
        double mean = Mean.of(learned).getAsDouble();
        double spread = StandardDeviation.of(learned).getAsDouble();
        List<Instant> byZScore =
                values.tailMap(begin).entrySet().stream()
                        .filter(of -> Math.abs(of.getValue() - mean) > Z_SCORE * spread)
                        .map(Map.Entry::getKey)
                        .toList();
        List<Instant> always = List.copyOf(values.tailMap(begin).keySet());
        List<Instant[]> windows = new ArrayList<>();
        for (JsonNode window :
                new ObjectMapper()
                        .readTree(
                                recorded.resolve("nab/machine_temperature_windows.json")
                                        .toFile())) {
            Instant end = time(window.path(1).asText());
            if (end.isAfter(begin)) {
                windows.add(new Instant[] {time(window.path(0).asText()), end});
            }
        }
        return List.of(found(windows, byModel), found(windows, byZScore), found(windows, always));
    }

    private static Instant time(String text) {
        return LocalDateTime.parse(text.replace(' ', 'T')).toInstant(ZoneOffset.UTC);
    }

    private static Found found(List<Instant[]> windows, List<Instant> alarms) {
        int hit = 0;
        for (Instant[] window : windows) {
            if (alarms.stream().anyMatch(at -> isIn(window, at))) {
                hit++;
            }
        }
        int wrong = 0;
        Instant last = Instant.MIN;
        for (Instant at : alarms) {
            if (windows.stream().noneMatch(window -> isIn(window, at))) {
                if (Duration.between(last, at).compareTo(APART) > 0) {
                    wrong++;
                }
                last = at;
            }
        }
        return new Found(windows.size(), hit, wrong);
    }

    private static boolean isIn(Instant[] window, Instant at) {
        return !at.isBefore(window[0]) && !at.isAfter(window[1]);
    }

    private ModelCard train(Path config, String data, int seeds) throws IOException {
        return bench.train(
                CircuitConfig.load(config),
                recorded.resolve(data),
                new Training.Options(seeds, 0),
                "bench",
                null);
    }
}
