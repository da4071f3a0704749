package io.unshub.route;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.unshub.route.Rehearsal.Result;
import io.unshub.uns.Excerpt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What becomes of the same readings in two configurations.
 *
 * <p>A reading is the same one when it is at the same place in its topic, a derived one, whose tag
 * starts with {@code _}, when it has the same source time.
 *
 * @param same how many readings have the same end
 * @param changes by kind, in the order of their names
 */
public record Comparison(long same, Map<String, Change> changes) {

    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();
    private static final List<String> FIELDS = List.of("value", "quality", "units");
    private static final int MOST_EXAMPLES = 3;

    /**
     * One kind of change.
     *
     * @param count how many readings
     * @param examples some of them
     */
    public record Change(long count, List<String> examples) {}

    private static final class Tally {
        private long count;
        private final List<String> examples = new ArrayList<>();

        void add(String example) {
            count++;
            if (examples.size() < MOST_EXAMPLES) {
                examples.add(example);
            }
        }
    }

    /** Compares where readings went. */
    public static Comparison of(List<Result> from, List<Result> to) {
        Map<String, Result> before = byReading(from);
        Map<String, Result> after = byReading(to);
        Map<String, Tally> tallies = new TreeMap<>();
        long same = 0;
        for (Map.Entry<String, Result> each : before.entrySet()) {
            Result old = each.getValue();
            Result now = after.remove(each.getKey());
            if (now == null) {
                tally(tallies, "gone: was " + old.destination(), describe(old));
            } else if (!now.destination().equals(old.destination())) {
                tally(
                        tallies,
                        "destination: %s -> %s".formatted(old.destination(), now.destination()),
                        describe(old) + " -> " + describe(now));
            } else if (!fields(tallies, old, now)) {
                same++;
            }
        }
        after.values().forEach(now -> tally(tallies, "new: " + now.destination(), describe(now)));
        Map<String, Change> changes = new LinkedHashMap<>();
        tallies.forEach(
                (kind, tally) ->
                        changes.put(kind, new Change(tally.count, List.copyOf(tally.examples))));
        return new Comparison(same, changes);
    }

    private static boolean fields(Map<String, Tally> tallies, Result old, Result now) {
        if (Arrays.equals(old.payload(), now.payload()) || old.quality() == null) {
            return false;
        }
        JsonNode before = json(old);
        JsonNode after = json(now);
        boolean differs = false;
        for (String field : FIELDS) {
            if (!before.path(field).equals(after.path(field))) {
                differs = true;
                tally(
                        tallies,
                        field,
                        "%s: %s -> %s"
                                .formatted(
                                        old.topic(),
                                        Excerpt.of(before.path(field).toString()),
                                        Excerpt.of(after.path(field).toString())));
            }
        }
        return differs;
    }

    private static void tally(Map<String, Tally> tallies, String kind, String example) {
        tallies.computeIfAbsent(kind, each -> new Tally()).add(example);
    }

    private static Map<String, Result> byReading(List<Result> results) {
        Map<String, Result> all = new LinkedHashMap<>();
        for (Result each : results) {
            boolean derived = each.topic().charAt(each.topic().lastIndexOf('/') + 1) == '_';
            String place =
                    derived && each.quality() != null
                            ? json(each).path("tsUtc").asText()
                            : Long.toString(each.hubSeq());
            all.put(each.topic() + " " + place, each);
        }
        return all;
    }

    private static String describe(Result result) {
        return result.topic()
                + ": "
                + (result.quality() == null
                        ? Excerpt.of(new String(result.payload(), StandardCharsets.UTF_8))
                        : json(result).path("value") + " " + result.quality());
    }

    private static JsonNode json(Result result) {
        try {
            return JSON.readTree(result.payload());
        } catch (IOException e) {
            return JSON.missingNode();
        }
    }
}
