package io.unshub.scoring;

import blue.strategic.parquet.Hydrator;
import blue.strategic.parquet.ParquetReader;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import io.unshub.uns.Excerpt;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.io.input.BOMInputStream;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;

/**
 * Rows of recorded data in any of the forms that it comes in, as text by the name of the column.
 */
final class TableFile {

    private static final byte[] PARQUET = "PAR1".getBytes(StandardCharsets.US_ASCII);
    private static final int CMAPSS_COLUMNS = 26;
    private static final CsvMapper CSV = new CsvMapper();

    private TableFile() {}

    /**
     * Reads a file.
     *
     * @param file Parquet with flat columns; C-MAPSS, which has no header and 26 columns separated
     *     by blanks (unit, cycle, setting1 to setting3, s1 to s21; the column rul is made of the
     *     last cycle of each unit); or CSV in UTF-8 with a header, separated by what stands between
     *     the names there: comma, semicolon or tab
     * @throws IllegalArgumentException if it is none of these
     */
    static List<Map<String, String>> read(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IllegalArgumentException(file + " is a folder; name a file in it");
        }
        if (isParquet(file)) {
            return parquet(file);
        }
        if (Files.size(file) == 0) {
            return List.of();
        }
        String first = firstLine(file);
        return isCmapss(first) ? cmapss(file) : csv(file, separator(first));
    }

    private static String firstLine(Path file) throws IOException {
        try (BufferedReader in = Files.newBufferedReader(file)) {
            String first = in.readLine();
            return first == null ? "" : first;
        } catch (CharacterCodingException e) {
            throw noText(file, e);
        }
    }

    private static IllegalArgumentException noText(Path file, IOException cause) {
        return new IllegalArgumentException(
                file + " is no text in UTF-8; save it as CSV in UTF-8, or as Parquet", cause);
    }

    private static char separator(String header) {
        if (header.indexOf(',') >= 0) {
            return ',';
        }
        return header.indexOf(';') >= 0 ? ';' : '\t';
    }

    private static boolean isParquet(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(PARQUET.length), PARQUET);
        }
    }

    private static List<Map<String, String>> parquet(Path file) throws IOException {
        try (Stream<Map<String, String>> rows =
                ParquetReader.streamContent(file.toFile(), TableFile::cells)) {
            return rows.toList();
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    file + " cannot be read as Parquet: " + Excerpt.of(e.getMessage()), e);
        }
    }

    private static Hydrator<Map<String, String>, Map<String, String>> cells(
            List<ColumnDescriptor> columns) {
        Map<String, ChronoUnit> times =
                columns.stream()
                        .filter(column -> timeUnit(column) != null)
                        .collect(
                                Collectors.toMap(
                                        column -> column.getPath()[0], TableFile::timeUnit));
        return new Hydrator<>() {
            @Override
            public Map<String, String> start() {
                return new LinkedHashMap<>();
            }

            @Override
            public Map<String, String> add(Map<String, String> row, String column, Object value) {
                ChronoUnit unit = times.get(column);
                row.put(
                        column,
                        unit != null && value instanceof Long count
                                ? Instant.EPOCH.plus(count, unit).toString()
                                : value == null ? "" : value.toString());
                return row;
            }

            @Override
            public Map<String, String> finish(Map<String, String> row) {
                return row;
            }
        };
    }

    private static ChronoUnit timeUnit(ColumnDescriptor column) {
        LogicalTypeAnnotation type = column.getPrimitiveType().getLogicalTypeAnnotation();
        if (!(type instanceof TimestampLogicalTypeAnnotation time)) {
            return null;
        }
        return switch (time.getUnit()) {
            case MILLIS -> ChronoUnit.MILLIS;
            case MICROS -> ChronoUnit.MICROS;
            case NANOS -> ChronoUnit.NANOS;
        };
    }

    // a header of as many names is one of CSV
    private static boolean isCmapss(String firstLine) {
        String[] cells = firstLine.strip().split("\\s+");
        return cells.length == CMAPSS_COLUMNS
                && firstLine.indexOf(',') < 0
                && Arrays.stream(cells).allMatch(cell -> cell.matches("[-+.\\deE]+"));
    }

    private static List<Map<String, String>> csv(Path file, char separator) throws IOException {
        // a decoder of its own refuses what it cannot read, where a charset alone would replace it
        try (BufferedReader in =
                        new BufferedReader(
                                new InputStreamReader(
                                        BOMInputStream.builder().setPath(file).get(),
                                        StandardCharsets.UTF_8.newDecoder()));
                MappingIterator<Map<String, String>> rows =
                        CSV.readerForMapOf(String.class)
                                .with(CsvParser.Feature.SKIP_EMPTY_LINES)
                                .with(
                                        CsvSchema.emptySchema()
                                                .withHeader()
                                                .withColumnSeparator(separator))
                                .readValues(in)) {
            rows.hasNext(); // reads the header
            CsvSchema header = (CsvSchema) rows.getParser().getSchema();
            refuseTwins(file, header);
            List<Map<String, String>> all = rows.readAll();
            // a row that ends early has empty cells, not fewer columns
            all.forEach(row -> header.forEach(column -> row.putIfAbsent(column.getName(), "")));
            return all;
        } catch (CharacterCodingException e) {
            throw noText(file, e);
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            throw new IllegalArgumentException(
                    "%s cannot be read as CSV: %s%s"
                            .formatted(
                                    file,
                                    line > 0 ? "line " + line + ": " : "",
                                    Excerpt.of(e.getOriginalMessage())),
                    e);
        }
    }

    private static void refuseTwins(Path file, CsvSchema header) {
        Set<String> names = new HashSet<>();
        for (CsvSchema.Column column : header) {
            if (!names.add(column.getName())) {
                throw new IllegalArgumentException(
                        "%s has two columns %s; name one otherwise or leave it out"
                                .formatted(file, Excerpt.of(column.getName())));
            }
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
                                row.put(History.UNIT, cells[0]);
                                row.put(History.TIME, cells[1]);
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
            int left = last.get(row.get(History.UNIT)) - Integer.parseInt(row.get(History.TIME));
            row.put("rul", Integer.toString(left));
        }
        return rows;
    }
}
