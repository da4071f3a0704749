package io.unshub.scoring;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.unshub.uns.Excerpt;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.io.input.BOMInputStream;

/**
 * Recorded readings of a circuit's inputs, with what became of the equipment: what models are
 * trained and judged with.
 *
 * <p>A row is one moment of one unit, a machine or one of its lives. A file of C-MAPSS is read as
 * it is; any other is CSV with a header.
 */
public final class History {

    /** The column that tells units apart; without it each row is a unit of its own. */
    public static final String UNIT = "unit";

    /** The column of event time: ISO 8601, or seconds since 1970; without it the row number. */
    public static final String TIME = "time";

    private static final int CMAPSS_COLUMNS = 26;
    private static final CsvMapper CSV = new CsvMapper();

    private final List<Row> rows;

    /**
     * One moment of one unit.
     *
     * @param unit the machine, or one life of it
     * @param time event time in seconds
     * @param inputs in the order of the circuit's inputs, NaN where there is none
     * @param target what became of it; null for anomaly detection
     */
    public record Row(String unit, double time, double[] inputs, String target) {}

    private History(List<Row> rows) {
        this.rows = List.copyOf(rows);
    }

    /** Some of the rows. */
    History with(List<Row> some) {
        return new History(some);
    }

    /** All rows, each unit's together and in order of time. */
    public List<Row> rows() {
        return rows;
    }

    /** The rows before a day; all of them for null. */
    History before(LocalDate day) {
        if (day == null) {
            return this;
        }
        long end = day.atStartOfDay(ZoneOffset.UTC).toEpochSecond();
        return with(rows.stream().filter(row -> row.time() < end).toList());
    }

    /** The units, in the order of their first row. */
    public List<String> units() {
        return rows.stream().map(Row::unit).distinct().toList();
    }

    /**
     * Reads a file.
     *
     * @param file CSV with a header that has the circuit's inputs, and its target; or C-MAPSS,
     *     which has no header and 26 columns separated by blanks: unit, cycle, setting1 to
     *     setting3, s1 to s21, and the target rul made of the last cycle of each unit
     * @throws IllegalArgumentException if it has not, naming line, column and value
     */
    public static History read(Path file, CircuitConfig config) throws IOException {
        return read(file, config, config.columns());
    }

    /** Reads a file that {@link #write} made. */
    static History reread(Path file, CircuitConfig config) throws IOException {
        return read(file, config, Map.of());
    }

    private static History read(Path file, CircuitConfig config, Map<String, String> columns)
            throws IOException {
        List<Map<String, String>> cells = isCmapss(file) ? cmapss(file) : csv(file);
        if (cells.isEmpty()) {
            throw new IllegalArgumentException(file + " has no rows; give some");
        }
        List<String> needed = new ArrayList<>(config.inputs().keySet());
        if (config.target() != null) {
            needed.add(config.target());
        }
        for (String name : needed) {
            String column = columns.getOrDefault(name, name);
            if (!cells.get(0).containsKey(column)) {
                throw new IllegalArgumentException(
                        "%s has no column %s, which %s needs; it has %s"
                                .formatted(file, column, config.id(), cells.get(0).keySet()));
            }
        }
        Map<String, List<Row>> units = new LinkedHashMap<>();
        for (int i = 0; i < cells.size(); i++) {
            Map<String, String> cell = cells.get(i);
            String where = file + " row " + (i + 1);
            String unit = cell.getOrDefault(columns.getOrDefault(UNIT, UNIT), Integer.toString(i));
            String at = cell.get(columns.getOrDefault(TIME, TIME));
            double time = time(where, at, i);
            double[] inputs = new double[config.inputs().size()];
            int place = 0;
            for (String input : config.inputs().keySet()) {
                String column = columns.getOrDefault(input, input);
                inputs[place++] = number(where, column, cell.get(column));
            }
            String target =
                    config.target() == null
                            ? null
                            : cell.get(columns.getOrDefault(config.target(), config.target()));
            units.computeIfAbsent(unit, u -> new ArrayList<>())
                    .add(new Row(unit, time, inputs, target));
        }
        List<Row> rows = new ArrayList<>(cells.size());
        for (List<Row> unit : units.values()) {
            unit.sort((a, b) -> Double.compare(a.time(), b.time()));
            rows.addAll(unit);
        }
        return new History(rows);
    }

    /** Writes the rows as CSV that {@link #read} takes. */
    void write(Writer to, CircuitConfig config) throws IOException {
        CsvSchema.Builder header = CsvSchema.builder().addColumn(UNIT).addColumn(TIME);
        config.inputs().keySet().forEach(header::addColumn);
        if (config.target() != null) {
            header.addColumn(config.target());
        }
        try (var sequence =
                CSV.writer(header.build().withHeader()).forType(List.class).writeValues(to)) {
            for (Row row : rows) {
                List<Object> cells = new ArrayList<>(List.of(row.unit(), row.time()));
                for (double input : row.inputs()) {
                    cells.add(Double.isNaN(input) ? "" : input);
                }
                if (config.target() != null) {
                    cells.add(row.target());
                }
                sequence.write(cells);
            }
        }
    }

    private static double time(String where, String text, int row) {
        if (text == null) {
            return row;
        }
        try {
            if (text.indexOf('T') < 0) {
                return Double.parseDouble(text);
            }
            return FeatureState.seconds(Instant.parse(text));
        } catch (NumberFormatException | DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "%s: time is %s; give ISO 8601 with a Z, or seconds"
                            .formatted(where, Excerpt.of(text)),
                    e);
        }
    }

    private static double number(String where, String column, String text) {
        if (text == null || text.isBlank() || text.equalsIgnoreCase("nan")) {
            return Double.NaN;
        }
        try {
            double value = Double.parseDouble(text);
            return Double.isFinite(value) ? value : Double.NaN;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "%s: %s is %s; give a number, or nothing where there is none"
                            .formatted(where, column, Excerpt.of(text)),
                    e);
        }
    }

    private static boolean isCmapss(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.findFirst()
                    .filter(line -> line.strip().split("\\s+").length == CMAPSS_COLUMNS)
                    .isPresent();
        }
    }

    private static List<Map<String, String>> csv(Path file) throws IOException {
        try (BufferedReader in =
                        new BufferedReader(
                                new InputStreamReader(
                                        BOMInputStream.builder().setPath(file).get(),
                                        StandardCharsets.UTF_8));
                MappingIterator<Map<String, String>> rows =
                        CSV.readerForMapOf(String.class)
                                .with(CsvSchema.emptySchema().withHeader())
                                .readValues(in)) {
            return rows.readAll();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    file + " cannot be read as CSV: " + Excerpt.of(e.getOriginalMessage()), e);
        }
    }

    private static List<Map<String, String>> cmapss(Path file) {
        List<Map<String, String>> rows = new ArrayList<>();
        Map<String, Integer> last = new LinkedHashMap<>();
        try (Stream<String> lines = Files.lines(file)) {
            lines.filter(line -> !line.isBlank())
                    .forEach(
                            line -> {
                                String[] cells = line.strip().split("\\s+");
                                Map<String, String> row = new LinkedHashMap<>();
                                row.put(UNIT, cells[0]);
                                row.put(TIME, cells[1]);
                                row.put("cycle", cells[1]);
                                for (int i = 2; i < cells.length; i++) {
                                    row.put(i < 5 ? "setting" + (i - 1) : "s" + (i - 4), cells[i]);
                                }
                                last.merge(cells[0], Integer.parseInt(cells[1]), Math::max);
                                rows.add(row);
                            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (Map<String, String> row : rows) {
            int left = last.get(row.get(UNIT)) - Integer.parseInt(row.get(TIME));
            row.put("rul", Integer.toString(left));
        }
        return rows;
    }
}
