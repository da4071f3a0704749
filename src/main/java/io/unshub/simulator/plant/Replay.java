package io.unshub.simulator.plant;

import io.unshub.simulator.plant.Machine.Quantity;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A recording in memory: tags, and steps in order of time. One step is all that was read at one
 * moment.
 *
 * @param recorded the moment of the first step, where the recording has times
 */
record Replay(List<Tag> tags, List<Step> steps, Optional<Instant> recorded) {

    /**
     * A tag of the recording.
     *
     * @param id {@code equipment/tag}
     */
    record Tag(String id, String topic, String units, double min, double max, Duration interval) {}

    /**
     * What was read at one moment.
     *
     * @param offset since the recording's first step
     */
    record Step(Duration offset, List<Reading> readings) {}

    /** One value of the tag with that id. */
    record Reading(String id, double value) {}

    private static final String CSV_HEADER = "time,tag,value";
    private static final Pattern CSV_TAG = Pattern.compile("[a-z0-9-]+/[a-z0-9-]+");
    private static final String CSV_PLACE = "acme/replay/csv/line1/cell1";
    private static final String CMAPSS_PLACE = "acme/fleet/test/bench1/cell1";
    private static final int CMAPSS_SENSORS = 21;
    private static final int CMAPSS_COLUMNS = 2 + 3 + CMAPSS_SENSORS;
    private static final Pattern BLANKS = Pattern.compile("\\s+");

    /** Units of the 21 sensors, T2 to W32, in the order of the columns. */
    private static final List<String> CMAPSS_UNITS =
            List.of(
                    "[degR]",
                    "[degR]",
                    "[degR]",
                    "[degR]",
                    "[psi]",
                    "[psi]",
                    "[psi]",
                    "1/min",
                    "1/min",
                    "1",
                    "[psi]",
                    "1",
                    "1/min",
                    "1/min",
                    "1",
                    "1",
                    "1",
                    "1/min",
                    "1/min",
                    "[lb_av]/s",
                    "[lb_av]/s");

    /**
     * Reads a recording.
     *
     * @throws IOException when the file cannot be read, or a row is not of the format
     */
    static Replay load(ReplayConfig config) throws IOException {
        Path file = config.file();
        if (!Files.isReadable(file)) {
            throw new IOException("replay file cannot be read: %s; check the path".formatted(file));
        }
        Replay replay =
                switch (config.format()) {
                    case CSV -> csv(file);
                    case CMAPSS -> cmapss(file, config.maxUnits());
                };
        if (replay.steps().isEmpty()) {
            throw new IOException("replay file %s has no rows, needs one or more".formatted(file));
        }
        return replay;
    }

    /** Returns the time from the first step to the last. */
    Duration length() {
        return steps.get(steps.size() - 1).offset();
    }

    private static Replay csv(Path file) throws IOException {
        TreeMap<Instant, List<Reading>> byTime = new TreeMap<>();
        Map<String, Extent> extents = new LinkedHashMap<>();
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            String header = lines.readLine();
            if (header == null || !header.strip().equals(CSV_HEADER)) {
                throw new IOException(
                        "replay file %s begins with '%s', needs the header '%s'"
                                .formatted(file, header, CSV_HEADER));
            }
            int number = 1;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (line.isBlank()) {
                    continue;
                }
                String[] fields = line.strip().split(",", -1);
                if (fields.length != 3) {
                    throw bad(
                            file, number, "has %d fields, needs 3 (%s)", fields.length, CSV_HEADER);
                }
                if (!CSV_TAG.matcher(fields[1]).matches()) {
                    throw bad(
                            file,
                            number,
                            "tag is '%s', needs equipment/tag in lower-case letters, digits and '-'",
                            fields[1]);
                }
                Instant time = time(file, number, fields[0]);
                double value = number(file, number, fields[2]);
                byTime.computeIfAbsent(time, t -> new ArrayList<>())
                        .add(new Reading(fields[1], value));
                extents.computeIfAbsent(fields[1], t -> new Extent()).add(time, value);
            }
        }
        if (byTime.isEmpty()) {
            return new Replay(List.of(), List.of(), Optional.empty());
        }
        Map<String, Tag> known = plantTags();
        List<Tag> tags = new ArrayList<>();
        extents.forEach(
                (id, extent) -> {
                    Tag own = known.get(id);
                    tags.add(
                            own == null
                                    ? extent.tag(id, CSV_PLACE, "1")
                                    : new Tag(
                                            id,
                                            own.topic(),
                                            own.units(),
                                            own.min(),
                                            own.max(),
                                            extent.interval()));
                });
        Instant first = byTime.firstKey();
        List<Step> steps = new ArrayList<>();
        byTime.forEach((time, all) -> steps.add(new Step(Duration.between(first, time), all)));
        return new Replay(tags, steps, Optional.of(first));
    }

    private static Replay cmapss(Path file, int maxUnits) throws IOException {
        TreeMap<Integer, List<Reading>> byCycle = new TreeMap<>();
        Map<String, Extent> extents = new LinkedHashMap<>();
        Extent[] sensors = new Extent[CMAPSS_SENSORS];
        Set<String> units = new HashSet<>();
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (line.isBlank()) {
                    continue;
                }
                String[] fields = BLANKS.split(line.strip());
                if (fields.length != CMAPSS_COLUMNS) {
                    throw bad(
                            file,
                            number,
                            "has %d columns, needs %d (unit, cycle, 3 settings, 21 sensors)",
                            fields.length,
                            CMAPSS_COLUMNS);
                }
                if (!units.contains(fields[0]) && units.size() == maxUnits) {
                    continue;
                }
                units.add(fields[0]);
                String engine = "engine-%03d".formatted((int) number(file, number, fields[0]));
                int cycle = (int) number(file, number, fields[1]);
                List<Reading> readings = byCycle.computeIfAbsent(cycle, c -> new ArrayList<>());
                for (int sensor = 0; sensor < CMAPSS_SENSORS; sensor++) {
                    String id = "%s/sensor-%02d".formatted(engine, sensor + 1);
                    double value =
                            number(file, number, fields[CMAPSS_COLUMNS - CMAPSS_SENSORS + sensor]);
                    if (sensors[sensor] == null) {
                        sensors[sensor] = new Extent();
                    }
                    // one range for the sensor of every engine: they are of one make
                    sensors[sensor].add(Instant.EPOCH, value);
                    extents.putIfAbsent(id, sensors[sensor]);
                    readings.add(new Reading(id, value));
                }
            }
        }
        List<Tag> tags = new ArrayList<>();
        extents.forEach(
                (id, extent) -> {
                    int sensor = Integer.parseInt(id.substring(id.length() - 2));
                    tags.add(extent.tag(id, CMAPSS_PLACE, CMAPSS_UNITS.get(sensor - 1)));
                });
        List<Step> steps = new ArrayList<>();
        byCycle.forEach(
                (cycle, readings) ->
                        steps.add(
                                new Step(
                                        Duration.ofSeconds(cycle - byCycle.firstKey()), readings)));
        return new Replay(tags, steps, Optional.empty());
    }

    private static Map<String, Tag> plantTags() {
        Map<String, Tag> tags = new HashMap<>();
        for (List<Machine> plant : List.of(Machine.PLANT1, Machine.PLANT2)) {
            for (Machine machine : plant) {
                for (Quantity q : machine.kind().quantities()) {
                    tags.put(
                            machine.id(q),
                            new Tag(
                                    machine.id(q),
                                    machine.topic(q),
                                    q.units(),
                                    q.min(),
                                    q.max(),
                                    Duration.ZERO));
                }
            }
        }
        return tags;
    }

    private static Instant time(Path file, int number, String text) throws IOException {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw bad(file, number, "time is '%s', needs ISO 8601 (2026-01-31T12:00:00Z)", text);
        }
    }

    private static double number(Path file, int number, String text) throws IOException {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw bad(file, number, "'%s' is not a number", text);
        }
    }

    private static IOException bad(Path file, int number, String rule, Object... args) {
        return new IOException(
                "replay file %s, line %d: %s; correct the row or leave it out"
                        .formatted(file, number, rule.formatted(args)));
    }

    /** What a tag's rows span. */
    private static final class Extent {

        private double min = Double.POSITIVE_INFINITY;
        private double max = Double.NEGATIVE_INFINITY;
        private Instant first = Instant.MAX;
        private Instant last = Instant.MIN;
        private long rows;

        void add(Instant time, double value) {
            min = Math.min(min, value);
            max = Math.max(max, value);
            first = time.isBefore(first) ? time : first;
            last = time.isAfter(last) ? time : last;
            rows++;
        }

        Tag tag(String id, String place, String units) {
            double margin = max > min ? (max - min) / 10 : Math.max(1, Math.abs(max) / 10);
            return new Tag(
                    id,
                    place + "/" + id,
                    units,
                    Math.floor((min - margin) * 100) / 100,
                    Math.ceil((max + margin) * 100) / 100,
                    interval());
        }

        /** Returns the mean time between rows, or 1 s where it cannot be told. */
        Duration interval() {
            long span = Duration.between(first, last).toMillis();
            return span == 0
                    ? Duration.ofSeconds(1)
                    : Duration.ofMillis(Math.max(1, span / (rows - 1)));
        }
    }
}
