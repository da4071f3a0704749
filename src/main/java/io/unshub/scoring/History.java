package io.unshub.scoring;

import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.unshub.uns.Excerpt;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Recorded readings of a circuit's inputs, with what became of the equipment: what models are
 * trained and judged with.
 *
 * <p>A row is one moment of one unit, a machine or one of its lives.
 */
public final class History {

    /** The column that tells units apart; without it each row is a unit of its own. */
    public static final String UNIT = "unit";

    /**
     * The column of event time: ISO 8601, UTC where it names no zone and midnight where it is a day
     * alone, or seconds since 1970; without it the row number.
     */
    public static final String TIME = "time";

    // the year 5138; today in milliseconds is beyond it
    private static final double MOST_SECONDS = 1e11;
    private static final Pattern DAY = Pattern.compile("\\s*\\d{4}-\\d\\d-\\d\\d\\s*");
    private static final DateTimeFormatter TIMES =
            new DateTimeFormatterBuilder()
                    .parseCaseInsensitive()
                    .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
                    .appendPattern("[XXX][XX][X]")
                    .toFormatter(Locale.ROOT);
    private static final CsvMapper CSV = new CsvMapper();

    private final List<Row> rows;

    /**
     * One moment of one unit.
     *
     * @param unit the machine, or one life of it
     * @param time event time in seconds
     * @param inputs in the order of the circuit's inputs, NaN where there is none
     * @param target what became of it; null for anomaly detection, and where it was not read
     */
    public record Row(String unit, double time, double[] inputs, String target) {

        /**
         * Whether it is another row of its unit again, which the hub would not have taken twice.
         */
        private boolean repeats(Row other) {
            return other != null
                    && time == other.time
                    && Arrays.equals(inputs, other.inputs)
                    && Objects.equals(target, other.target);
        }
    }

    private History(List<Row> rows) {
        this.rows = List.copyOf(rows);
    }

    /** Some of the rows. */
    History with(List<Row> some) {
        return new History(some);
    }

    /** All rows, each once, each unit's together and in order of time. */
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
     * @param file has the circuit's inputs, and its target, see {@link TableFile#read}
     * @throws IllegalArgumentException if it has not, naming line, column and value
     */
    public static History read(Path file, CircuitConfig config) throws IOException {
        return read(file, config, config.columns(), config.target());
    }

    /**
     * Reads a file of which nobody needs to know yet what became of the equipment.
     *
     * @param file has the circuit's inputs, see {@link TableFile#read}
     * @return rows without targets
     * @throws IllegalArgumentException if it has not, naming line, column and value
     */
    static History readings(Path file, CircuitConfig config) throws IOException {
        return read(file, config, config.columns(), null);
    }

    /** Reads a file that {@link #write} made. */
    static History reread(Path file, CircuitConfig config) throws IOException {
        return read(file, config, Map.of(), config.target());
    }

    private static History read(
            Path file, CircuitConfig config, Map<String, String> columns, String target)
            throws IOException {
        List<Map<String, String>> cells = TableFile.read(file);
        if (cells.isEmpty()) {
            throw new IllegalArgumentException(file + " has no rows; give some");
        }
        List<String> needed = new ArrayList<>(config.inputs().keySet());
        if (target != null) {
            needed.add(target);
        }
        // a file may do without these two, but not under a name that was given
        List.of(UNIT, TIME).stream().filter(columns::containsKey).forEach(needed::add);
        for (String name : needed) {
            String column = columns.getOrDefault(name, name);
            if (!cells.get(0).containsKey(column)) {
                throw new IllegalArgumentException(
                        "%s has no column %s, which %s needs; it has %s"
                                .formatted(file, column, config.id(), cells.get(0).keySet()));
            }
        }
        String unitColumn = columns.getOrDefault(UNIT, UNIT);
        String timeColumn = columns.getOrDefault(TIME, TIME);
        boolean hasUnit = cells.get(0).containsKey(unitColumn);
        boolean hasTime = cells.get(0).containsKey(timeColumn);
        Map<String, List<Row>> units = new LinkedHashMap<>();
        for (int i = 0; i < cells.size(); i++) {
            Map<String, String> cell = cells.get(i);
            String where = file + " row " + (i + 1);
            String unit =
                    hasUnit ? present(where, unitColumn, cell.get(unitColumn)) : String.valueOf(i);
            double time =
                    hasTime ? time(where, present(where, timeColumn, cell.get(timeColumn))) : i;
            double[] inputs = new double[config.inputs().size()];
            int place = 0;
            for (String input : config.inputs().keySet()) {
                String column = columns.getOrDefault(input, input);
                inputs[place++] = number(where, column, cell.get(column));
            }
            String became = target == null ? null : cell.get(columns.getOrDefault(target, target));
            units.computeIfAbsent(unit, u -> new ArrayList<>())
                    .add(new Row(unit, time, inputs, became));
        }
        List<Row> rows = new ArrayList<>(cells.size());
        for (List<Row> unit : units.values()) {
            unit.sort((a, b) -> Double.compare(a.time(), b.time()));
            Row before = null;
            for (Row row : unit) {
                if (!row.repeats(before)) {
                    rows.add(row);
                }
                before = row;
            }
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

    // an empty cell would be one more unit, or a row at another time
    private static String present(String where, String column, String text) {
        if (text == null || text.isBlank()) {
            throw new IllegalArgumentException(
                    "%s: %s is empty; give it in each row, or leave the column out"
                            .formatted(where, column));
        }
        return text;
    }

    private static double time(String where, String text) {
        try {
            if (DAY.matcher(text).matches()) {
                return LocalDate.parse(text.strip()).atStartOfDay(ZoneOffset.UTC).toEpochSecond();
            }
            if (text.indexOf(':') < 0) {
                double seconds = Double.parseDouble(text);
                if (!(Math.abs(seconds) < MOST_SECONDS)) {
                    throw new NumberFormatException("no seconds since 1970");
                }
                return seconds;
            }
            TemporalAccessor moment =
                    TIMES.parseBest(
                            text.strip().replace(' ', 'T'),
                            OffsetDateTime::from,
                            LocalDateTime::from);
            return FeatureState.seconds(
                    moment instanceof OffsetDateTime zoned
                            ? zoned.toInstant()
                            : LocalDateTime.from(moment).toInstant(ZoneOffset.UTC));
        } catch (NumberFormatException | DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "%s: time is %s; give ISO 8601, or seconds, not milliseconds, since 1970"
                            .formatted(where, Excerpt.of(text)),
                    e);
        }
    }

    private static double number(String where, String column, String text) {
        if (text == null || text.isBlank() || text.equalsIgnoreCase("nan")) {
            return Double.NaN;
        }
        // as on the data path
        if (text.strip().equalsIgnoreCase("true") || text.strip().equalsIgnoreCase("false")) {
            return text.strip().equalsIgnoreCase("true") ? 1 : 0;
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
}
