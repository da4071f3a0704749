package io.unshub.scoring;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit.MICROS;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BINARY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.DOUBLE;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.FLOAT;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT32;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT64;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import blue.strategic.parquet.ParquetWriter;
import com.fasterxml.jackson.databind.node.DoubleNode;
import io.unshub.quality.Quality;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingTest {

    @TempDir Path folder;

    private Training.Trained train(CircuitConfig config, Path data, int seeds, int trials)
            throws Exception {
        return new Training(config)
                .train(
                        History.read(data, config),
                        new Training.Options(seeds, trials),
                        new Training.Origin("0", "ann", null, Clock.systemUTC().instant()));
    }

    private CircuitConfig config(String... replacements) {
        String yaml = Circuits.YAML;
        for (int i = 0; i < replacements.length; i += 2) {
            assertThat(yaml).contains(replacements[i]);
            yaml = yaml.replace(replacements[i], replacements[i + 1]);
        }
        return Circuits.configure(folder, yaml);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "algorithm: cart\nhyperparameters: {depth: 4}",
                "algorithm: forest\nhyperparameters: {trees: 20}",
                "algorithm: xgboost\nhyperparameters: {rounds: 20}"
            })
    void learnsClassesAndSaysHowMuchBetterThanNothing(String algorithm) throws Exception {
        CircuitConfig config = config("algorithm: cart\nhyperparameters: {depth: 4}", algorithm);
        Training.Trained trained = train(config, Circuits.record(folder, 60, 1), 3, 0);

        ModelCard.Figure auc = trained.card().figures().get("auc");
        assertThat(auc.mean()).isGreaterThan(0.95);
        assertThat(auc.baseline()).isCloseTo(0.5, within(0.01));
        double[] scores =
                trained.scorer()
                        .score(List.of(new double[] {80, 45, 80}, new double[] {40, 45, 40}));
        assertThat(scores[0]).isGreaterThan(0.8);
        assertThat(scores[1]).isLessThan(0.2);
        assertThat(trained.scorer().explain(new double[] {80, 12, 80}, 1).values())
                .allSatisfy(moved -> assertThat(moved).isNotZero());
    }

    @Test
    void learnsNumbers() throws Exception {
        CircuitConfig config =
                config(
                        "task: classification\ntarget: failed\npositive: \"1\"\nalgorithm: cart\nhyperparameters: {depth: 4}",
                        "task: regression\ntarget: temperature\nalgorithm: forest\nhyperparameters: {trees: 20}");
        Training.Trained trained = train(config, Circuits.record(folder, 60, 1), 2, 0);

        ModelCard.Figure rmse = trained.card().figures().get("rmse");
        assertThat(rmse.mean()).isLessThan(rmse.baseline() / 3);
    }

    @Test
    void findsWhatIsUnlikeTheRestWithoutLabels() throws Exception {
        CircuitConfig config =
                config(
                        "task: classification\ntarget: failed\npositive: \"1\"\nalgorithm: cart\nhyperparameters: {depth: 4}",
                        "task: anomaly\nalgorithm: one-class-svm");
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = System.out;
        System.setOut(new PrintStream(said, true, UTF_8));
        Training.Trained trained;
        try {
            trained = train(config, Circuits.record(folder, 60, 1), 1, 0);
        } finally {
            System.setOut(out);
        }

        assertThat(said.toString(UTF_8)).isEmpty();
        double[] scores =
                trained.scorer()
                        .score(List.of(new double[] {60, 30, 60}, new double[] {500, 900, 500}));
        assertThat(scores[0]).isNegative();
        assertThat(scores[1]).isPositive();
    }

    @Test
    void isJudgedOnUnitsThatItHasNotSeen() throws Exception {
        CircuitConfig config = config();
        Path data = Circuits.record(folder, 40, 1);
        Examples examples = Examples.of(History.read(data, config), config);

        Split split = Split.of(examples, config, 0.2, 7);

        Set<String> judged = new HashSet<>();
        split.judge().forEach(place -> judged.add(examples.units().get(place)));
        assertThat(judged).hasSize(8);
        assertThat(split.learn())
                .allSatisfy(
                        place -> assertThat(judged).doesNotContain(examples.units().get(place)));
    }

    @Test
    void isJudgedOnTheLastPartOfFewUnits() throws Exception {
        CircuitConfig config = config();
        Examples examples =
                Examples.of(History.read(Circuits.record(folder, 2, 1), config), config);

        Split split = Split.of(examples, config, 0.2, 7);

        assertThat(split.judge()).containsExactly(16, 17, 18, 19, 36, 37, 38, 39);
    }

    @Test
    void keepsNoRowThatItHasLearnedFromNorAMachineOfOneRowAlone() throws Exception {
        CircuitConfig config = config();
        List<String> lines = new ArrayList<>(Files.readAllLines(Circuits.record(folder, 2, 1)));
        // no example is made of the first half of a machine
        for (int i = 1; i <= 10; i++) {
            lines.set(i, lines.get(i).replaceAll(",[^,]*,([01])$", ",,$1"));
        }
        lines.add("pump-9,0,80,45,1");
        Path data = Files.write(folder.resolve("few.csv"), lines);

        List<History.Row> kept = train(config, data, 1, 0).holdout().rows();

        assertThat(kept)
                .extracting(row -> row.unit() + " " + (int) row.time())
                .containsExactly(
                        "pump-0 1080",
                        "pump-0 1140",
                        "pump-1 960",
                        "pump-1 1020",
                        "pump-1 1080",
                        "pump-1 1140",
                        "pump-9 0");
    }

    @Test
    void findsTheSameAgainAndWritesDownItsSearch() throws Exception {
        CircuitConfig config =
                config("hyperparameters: {depth: 4}\n", "hyperparameters: {min_rows: 3}\n");
        Path data = Circuits.record(folder, 40, 1);

        ModelCard one = train(config, data, 2, 5).card();
        ModelCard two = train(config, data, 2, 5).card();

        assertThat(one.trials()).hasSize(5);
        assertThat(one.trials()).extracting(ModelCard.Trial::best).isSorted();
        assertThat(one.hyperparameters()).containsEntry("min_rows", 3.0);
        assertThat(two).usingRecursiveComparison().ignoringFields("createdUtc").isEqualTo(one);
    }

    /** The same readings, once as a history and once one by one, give the same features. */
    @Test
    void seesInTrainingWhatItSeesOnTheDataPath() throws Exception {
        CircuitConfig config = config();
        History history = History.read(Circuits.record(folder, 3, 1), config);
        Examples trained = Examples.of(history, config);

        for (String unit : history.units()) {
            Equipment equipment = new Equipment(config.features());
            for (int i = 0; i < trained.size(); i++) {
                if (!trained.units().get(i).equals(unit)) {
                    continue;
                }
                History.Row row = history.rows().get(i);
                for (int input = 0; input < row.inputs().length; input++) {
                    equipment.update(
                            input,
                            row.time(),
                            DoubleNode.valueOf(row.inputs()[input]),
                            Quality.GOOD);
                }
                assertThat(equipment.vector(row.time())).isEqualTo(trained.vectors().get(i));
            }
        }
    }

    @Test
    void saysWhatIsWrongWithTheData() throws Exception {
        CircuitConfig config = config();
        Path data = Circuits.record(folder, 10, 1);
        String text = Files.readString(data);

        assertThatThrownBy(() -> train(config, change(data, text, "torque", "speed"), 1, 0))
                .hasMessageContaining("has no column torque, which plant9/mixing/failure needs")
                .hasMessageContaining("it has [unit, time, temperature, speed, failed]");
        assertThatThrownBy(
                        () ->
                                train(
                                        config,
                                        change(data, text, "pump-0,60,", "pump-0,60,warm"),
                                        1,
                                        0))
                .hasMessageContaining("row 2: temperature is warm")
                .hasMessageContaining("give a number, or nothing where there is none");
        assertThatThrownBy(
                        () -> train(config, change(data, text, "pump-0,60,", "pump-0,noon,"), 1, 0))
                .hasMessageContaining(
                        "row 2: time is noon; give ISO 8601, or seconds, not milliseconds");
        assertThatThrownBy(() -> train(config, change(data, text, ",1\n", ",0\n"), 1, 0))
                .hasMessageContaining("every example is 0; give data with both classes");
    }

    @Test
    void readsWhatSpreadsheetsSeparateInOtherWays() throws Exception {
        CircuitConfig config = config();
        for (String separator : List.of(",", ";", "\t")) {
            Path data =
                    Files.writeString(
                            folder.resolve("sheet.csv"),
                            "unit,time,temperature,torque,failed\r\npump-Ü,5,1.5,2,0\r\n\r\n"
                                    .replace(",", separator));

            assertThat(History.read(data, config).rows())
                    .singleElement()
                    .satisfies(row -> assertThat(row.unit()).isEqualTo("pump-Ü"))
                    .satisfies(row -> assertThat(row.inputs()).containsExactly(1.5, 2));
        }
    }

    @Test
    void readsATableWithAsManyColumnsAsCmapss() throws Exception {
        CircuitConfig config = config();
        StringBuilder header = new StringBuilder("unit,time,temperature,torque,failed");
        StringBuilder row = new StringBuilder("a,5,1.5,2,0");
        for (int i = 5; i < 26; i++) {
            header.append(",other").append(i);
            row.append(",0");
        }
        Path data =
                Files.writeString(
                        folder.resolve("wide.tsv"), (header + "\n" + row).replace(',', '\t'));

        assertThat(History.read(data, config).rows())
                .singleElement()
                .satisfies(read -> assertThat(read.inputs()).containsExactly(1.5, 2));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a;5;1,5;2;0     | row 1: temperature is 1,5; give a number",
                "a,5,1,2,0,9     | cannot be read as CSV: line 2: Too many entries",
                ",5,1,2,0        | row 1: unit is empty; give it in each row",
                "a,,1,2,0        | row 1: time is empty; give it in each row",
                "a               | row 1: time is empty; give it in each row",
                "a,NaN,1,2,0     | row 1: time is NaN; give ISO 8601, or seconds, not milliseconds",
                "a,1767225600000,1,2,0 | row 1: time is 1767225600000; give ISO 8601, or seconds",
                "a,2026-02-30,1,2,0 | row 1: time is 2026-02-30; give ISO 8601",
                "a,31.12.2025 10:00,1,2,0 | row 1: time is 31.12.2025 10:00; give ISO 8601"
            })
    void saysWhichCellIsWrong(String row, String message) throws Exception {
        CircuitConfig config = config();
        String header = "unit,time,temperature,torque,failed";
        Path data =
                Files.writeString(
                        folder.resolve("odd.csv"),
                        (row.indexOf(';') < 0 ? header : header.replace(',', ';'))
                                + "\n"
                                + row
                                + "\n");

        assertThatThrownBy(() -> History.read(data, config))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"unit", "time"})
    void refusesAFileWithoutAColumnThatIsConfigured(String column) throws Exception {
        CircuitConfig config =
                config("trigger: torque", "columns: {" + column + ": id}\ntrigger: torque");
        Path data = Circuits.record(folder, 1, 1);

        assertThatThrownBy(() -> History.read(data, config))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has no column id, which plant9/mixing/failure needs");
    }

    @Test
    void refusesAFileInWhichAColumnIsThereTwice() throws Exception {
        CircuitConfig config = config();
        Path data =
                Files.writeString(
                        folder.resolve("twins.csv"),
                        "unit,time,temperature,torque,temperature,failed\na,5,1,2,9,0\n");

        assertThatThrownBy(() -> History.read(data, config))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "twins.csv has two columns temperature; name one otherwise or leave it out");
    }

    @Test
    void saysWhenAFileIsEmptyOrNoText() throws Exception {
        CircuitConfig config = config();
        Path data = Files.writeString(folder.resolve("empty.csv"), "");
        assertThatThrownBy(() -> History.read(data, config))
                .hasMessageContaining("empty.csv has no rows; give some");

        Files.writeString(data, "unit,time,temperature,torque,failed\nÜ,5,1,2,0\n", ISO_8859_1);
        assertThatThrownBy(() -> History.read(data, config))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("empty.csv is no text in UTF-8; save it as CSV in UTF-8");
    }

    @Test
    void saysWhenNothingCanBeLearnedOrJudged() throws Exception {
        CircuitConfig config = config();
        Path data = Circuits.record(folder, 20, 1);
        List<String> lines = Files.readAllLines(data);

        Files.write(data, lines.stream().map(line -> line.replaceAll(",1$", ",yes")).toList());
        assertThatThrownBy(() -> train(config, data, 1, 0))
                .hasMessageContaining("no example is 1, which is positive; failed has [0, yes]");

        // one unit alone has the class, and is never held out
        Files.write(
                data,
                lines.stream()
                        .map(
                                line ->
                                        line.startsWith("pump-7,0,")
                                                ? line.replaceAll(",[01]$", ",1")
                                                : line.replaceAll(",[01]$", ",0"))
                        .toList());
        for (int trials : new int[] {0, 2}) {
            assertThatThrownBy(() -> train(config, data, 1, trials))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("of 400 examples of 20 units none of one class was held");
        }

        Files.write(
                data,
                lines.stream()
                        .map(line -> line.replaceAll(",([0-9.]+),([01])$", ",$1e306,$2"))
                        .toList());
        assertThatThrownBy(() -> train(config, data, 1, 0))
                .hasMessageContaining("nothing can be learned from this data (")
                .hasMessageContaining("look for numbers that are far too large");
    }

    private static Path change(Path data, String text, String from, String to) throws Exception {
        return Files.writeString(
                data, text.replace(System.lineSeparator(), "\n").replace(from, to));
    }

    @Test
    void leavesOutWhatIsFromTheCutoffDateOn() throws Exception {
        CircuitConfig config =
                config("algorithm: cart", "cutoff_date: 2026-02-01\nalgorithm: cart");
        Path data =
                Files.writeString(
                        folder.resolve("dated.csv"),
                        """
                        unit,time,temperature,torque,failed
                        a,2026-01-31T23:59:59Z,1,2,0
                        a,2026-02-01T00:00:00Z,1,2,1
                        """);

        History history = History.read(data, config);

        assertThat(history.rows()).hasSize(2);
        assertThat(history.before(config.cutoff()).rows()).hasSize(1);
    }

    @Test
    void readsColumnsThatHaveOtherNamesAndAFileWithAByteOrderMark() throws Exception {
        CircuitConfig config =
                config(
                        "trigger: torque",
                        "columns: {temperature: 'Temp [K]', unit: id}\ntrigger: torque");
        Path data =
                Files.writeString(
                        folder.resolve("other.csv"),
                        "\uFEFFid,time,Temp [K],torque,failed\npump-1,5,298.1,42,0\n");

        assertThat(History.read(data, config).rows())
                .singleElement()
                .satisfies(
                        row -> {
                            assertThat(row.unit()).isEqualTo("pump-1");
                            assertThat(row.inputs()).containsExactly(298.1, 42);
                        });
    }

    @Test
    void readsRunsToFailureOfCmapss() throws Exception {
        String row = " 0.1 0.2 100.0" + " 1.5".repeat(21);
        Path data =
                Files.writeString(
                        folder.resolve("train_FD001.txt"),
                        "1 1%s\n1 2%s\n2 1%s\n".formatted(row, row, row));
        CircuitConfig config =
                config(
                        "temperature: temperature", "temperature: s2",
                        "inputs:\n", "inputs:\n  s2: s2\n",
                        "target: failed", "target: rul");

        assertThatThrownBy(() -> History.read(data, config))
                .hasMessageContaining("has no column temperature")
                .hasMessageContaining("cycle, setting1, setting2, setting3, s1, s2");
    }

    @Test
    void readsParquetAsItReadsCsv() throws Exception {
        CircuitConfig config = config("algorithm: cart", "algorithm: cart");
        File file = folder.resolve("recorded.parquet").toFile();
        MessageType schema =
                Types.buildMessage()
                        .required(BINARY)
                        .as(LogicalTypeAnnotation.stringType())
                        .named("unit")
                        .required(INT64)
                        .as(LogicalTypeAnnotation.timestampType(true, MICROS))
                        .named("time")
                        .optional(DOUBLE)
                        .named("temperature")
                        .required(FLOAT)
                        .named("torque")
                        .required(INT32)
                        .named("failed")
                        .named("recorded");
        try (ParquetWriter<Double> rows =
                ParquetWriter.writeFile(
                        schema,
                        file,
                        (value, to) -> {
                            to.write("unit", "a");
                            to.write("time", 1_767_225_600_000_000L);
                            if (value > 0) {
                                to.write("temperature", value);
                            }
                            to.write("torque", 2.5f);
                            to.write("failed", 1);
                        })) {
            // a first row with a gap does not take the column away
            rows.write(0.0);
            rows.write(80.5);
        }

        List<History.Row> read = History.read(file.toPath(), config).rows();

        assertThat(read).hasSize(2);
        assertThat(read.get(0).inputs()).containsExactly(Double.NaN, 2.5);
        assertThat(read.get(1).unit()).isEqualTo("a");
        assertThat(Instant.ofEpochSecond((long) read.get(1).time()))
                .isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
        assertThat(read.get(1).inputs()).containsExactly(80.5, 2.5);
        assertThat(read.get(1).target()).isEqualTo("1");

        Files.writeString(file.toPath(), "PAR1 and no more");
        assertThatThrownBy(() -> History.read(file.toPath(), config))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("recorded.parquet cannot be read as Parquet: ");
    }

    @Test
    void takesARowOnceThatIsThereTwice() throws Exception {
        CircuitConfig config = config();
        Path data =
                Files.writeString(
                        folder.resolve("again.csv"),
                        """
                        unit,time,temperature,torque,failed
                        a,5,1,,0
                        a,6,1,2,0
                        b,5,1,,0
                        a,5,1,,0
                        a,6,1,3,0
                        """);

        assertThat(History.read(data, config).rows())
                .extracting(row -> row.unit() + " " + row.time() + " " + row.inputs()[1])
                .containsExactly("a 5.0 NaN", "a 6.0 2.0", "a 6.0 3.0", "b 5.0 NaN");
    }

    @Test
    void takesSwitchesAsTheDataPathDoes() throws Exception {
        CircuitConfig config = config();
        Path data =
                Files.writeString(
                        folder.resolve("switches.csv"),
                        "unit,time,temperature,torque,failed\na,5,true,False,0\n");

        assertThat(History.read(data, config).rows())
                .singleElement()
                .satisfies(row -> assertThat(row.inputs()).containsExactly(1, 0));
    }

    @Test
    void takesTimesWithAndWithoutAZone() throws Exception {
        CircuitConfig config = config("algorithm: cart", "algorithm: cart");
        Path data =
                Files.writeString(
                        folder.resolve("times.csv"),
                        """
                        unit,time,temperature,torque,failed
                        a,1970-01-01 00:00:01,1,2,0
                        b,1970-01-01T01:00:02+01:00,1,2,1
                        c,1970-01-01T00:00:03.5Z,1,2,1
                        d,4,1,2,1
                        e,1970-01-01T02:00:05+0200,1,2,1
                        f,1970-01-01 01:00:06+01,1,2,1
                        g,1970-01-01t00:00:07z,1,2,1
                        h,1970-01-02,1,2,1
                        """);

        assertThat(History.read(data, config).rows())
                .extracting(History.Row::time)
                .containsExactly(1.0, 2.0, 3.5, 4.0, 5.0, 6.0, 7.0, 86_400.0);
    }
}
