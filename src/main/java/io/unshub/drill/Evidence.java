package io.unshub.drill;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.roaringbitmap.longlong.Roaring64Bitmap;

/**
 * Who has which reading: publishers' files, Event Hubs, dead letters.
 *
 * <p>A messageId of {@link LoadGenerator} is its run and a number in it, so millions of them are a
 * few compressed sets. Threads: one.
 */
final class Evidence {

    private static final ObjectMapper JSON = new ObjectMapper();
    // a dead letter need not be JSON
    private static final Pattern ID = Pattern.compile("\"messageId\":\"([0-9a-f-]{36})\"");

    private final Ids acknowledged = new Ids();
    private final Ids arrived = new Ids();
    private final Ids deadLetters = new Ids();
    private final Map<String, Long> lastValue = new HashMap<>();
    private long duplicates;
    private long outOfOrder;

    /** MessageIds, by run. */
    private static final class Ids {
        private final Map<Long, Roaring64Bitmap> runs = new HashMap<>();

        /** Whether it was not there before. */
        boolean add(UUID id) {
            Roaring64Bitmap run =
                    runs.computeIfAbsent(id.getMostSignificantBits(), r -> new Roaring64Bitmap());
            long number = id.getLeastSignificantBits() & Long.MAX_VALUE;
            boolean fresh = !run.contains(number);
            run.addLong(number);
            return fresh;
        }

        long count() {
            return runs.values().stream().mapToLong(Roaring64Bitmap::getLongCardinality).sum();
        }

        /** How many are in these and in none of the others. */
        long without(Ids... others) {
            long count = 0;
            for (Map.Entry<Long, Roaring64Bitmap> run : runs.entrySet()) {
                Roaring64Bitmap rest = run.getValue().clone();
                for (Ids other : others) {
                    rest.andNot(other.runs.getOrDefault(run.getKey(), new Roaring64Bitmap()));
                }
                count += rest.getLongCardinality();
            }
            return count;
        }
    }

    /** Takes in a publisher's file; a last line without its end was under way, and is left out. */
    void acknowledged(Path file) throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        try (Stream<String> lines = Files.lines(file)) {
            lines.map(line -> line.split("\t"))
                    .filter(columns -> columns.length == 3)
                    .forEach(columns -> acknowledged.add(UUID.fromString(columns[0])));
        }
    }

    /** Takes in an event, those of one partition in their order. */
    void arrived(String topic, byte[] payload) {
        try {
            JsonNode reading = JSON.readTree(payload);
            if (!arrived.add(UUID.fromString(reading.path("messageId").asText()))) {
                duplicates++;
                return;
            }
            long value = reading.path("value").asLong();
            Long before = lastValue.put(topic, value);
            if (before != null && value < before) {
                outOfOrder++;
            }
        } catch (IOException e) {
            throw new IllegalStateException("an event that is no reading of this drill", e);
        }
    }

    /** Takes in a dead letter. */
    void deadLetter(String payload) {
        Matcher id = ID.matcher(payload);
        if (id.find()) {
            deadLetters.add(UUID.fromString(id.group(1)));
        }
    }

    /** How many different readings stand at Event Hubs. */
    long arrivals() {
        return arrived.count();
    }

    /** How many different readings stand in the dead letters. */
    long deadLetters() {
        return deadLetters.count();
    }

    DrillResult result(String drill, long buffered, long withheld, double recoverySeconds) {
        long accepted = acknowledged.count();
        long notForwarded = acknowledged.without(arrived);
        long lost = acknowledged.without(arrived, deadLetters);
        return new DrillResult(
                drill,
                accepted,
                accepted - notForwarded,
                notForwarded - lost,
                buffered,
                withheld,
                lost,
                outOfOrder,
                duplicates,
                recoverySeconds);
    }
}
