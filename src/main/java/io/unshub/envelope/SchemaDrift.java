package io.unshub.envelope;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.unshub.uns.Excerpt;
import io.unshub.uns.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * The fields that publishers send and no known schema has, each recorded once.
 *
 * <p>In: the unknown fields of valid readings. Out: one record for each field and major version,
 * kept in a file, and one alert a day for as long as the field comes. At most {@value #MOST_FIELDS}
 * fields are told apart, as their names come from outside. Threads: {@link #seen} from any, {@link
 * #tick()} from one. Failure: a file that cannot be read is moved aside and a new one begins.
 */
public final class SchemaDrift {

    /** Fields above this number share one record. */
    static final int MOST_FIELDS = 1_000;

    /** The record of the fields that have none of their own. */
    static final String OTHER_FIELDS = "(other fields)";

    private static final Logger LOG = Logger.getLogger(SchemaDrift.class);
    private static final ObjectMapper JSON =
            new ObjectMapper()
                    .findAndRegisterModules()
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .enable(SerializationFeature.INDENT_OUTPUT);
    private static final Duration ALERT_AGAIN = Duration.ofDays(1);

    private final Path file;
    private final InstantSource clock;
    private final Consumer<Sighting> alert;
    private final Map<String, Sighting> sightings = new HashMap<>();
    private final Map<String, Instant> alerted = new HashMap<>();
    private boolean changed;

    /**
     * A field that no known schema has.
     *
     * @param field its name, shortened
     * @param version the major version of the readings that have it, {@code 1.x}
     * @param firstSeen when it came first
     * @param lastSeen when it came last
     * @param sampleTopic the topic of the first reading that had it
     * @param readings how many had it
     */
    public record Sighting(
            String field,
            String version,
            Instant firstSeen,
            Instant lastSeen,
            String sampleTopic,
            long readings) {

        private String key() {
            return version + " " + field;
        }
    }

    /** The file's form: what was seen, and when each was alerted last, by version and field. */
    private record Stored(List<Sighting> sightings, Map<String, Instant> alerted) {}

    /**
     * @param file where the record is kept
     * @param clock tells when a field came
     * @param alert is given each new field, once a day
     */
    public SchemaDrift(Path file, InstantSource clock, Consumer<Sighting> alert) {
        this.file = file;
        this.clock = clock;
        this.alert = alert;
        if (Files.exists(file)) {
            restore();
        }
    }

    private void restore() {
        try {
            Stored stored = JSON.readValue(file.toFile(), Stored.class);
            stored.sightings().forEach(sighting -> sightings.put(sighting.key(), sighting));
            alerted.putAll(stored.alerted());
        } catch (IOException e) {
            Path aside = file.resolveSibling(file.getFileName() + ".bad");
            LOG.warnf(
                    "%s cannot be read (%s); it is moved to %s and a new record begins",
                    file, Excerpt.of(String.valueOf(e.getMessage())), aside);
            try {
                Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException again) {
                LOG.debug("it could not be moved", again);
            }
        }
    }

    /**
     * Records the unknown fields of one reading.
     *
     * @param topic its topic
     * @param version its version as stated, {@code 1.0}
     * @param fields their names
     */
    public synchronized void seen(String topic, String version, List<String> fields) {
        Instant now = clock.instant();
        String major = version.substring(0, version.indexOf('.')) + ".x";
        for (String field : fields) {
            String name = Excerpt.of(field);
            if (!sightings.containsKey(major + " " + name) && sightings.size() >= MOST_FIELDS) {
                name = OTHER_FIELDS;
            }
            sightings.merge(
                    major + " " + name,
                    new Sighting(name, major, now, now, Excerpt.of(topic), 1),
                    (old, one) ->
                            new Sighting(
                                    old.field(),
                                    old.version(),
                                    old.firstSeen(),
                                    now,
                                    old.sampleTopic(),
                                    old.readings() + 1));
        }
        changed = true;
    }

    /**
     * Alerts of what is due and keeps the record.
     *
     * @throws IOException if the file cannot be written; nothing is forgotten, and it is tried
     *     again
     */
    public void tick() throws IOException {
        List<Sighting> due = new ArrayList<>();
        Stored stored;
        synchronized (this) {
            if (!changed) {
                return;
            }
            changed = false;
            sightings.forEach(
                    (key, sighting) -> {
                        Instant last = alerted.get(key);
                        if (last == null || !sighting.lastSeen().isBefore(last.plus(ALERT_AGAIN))) {
                            alerted.put(key, sighting.lastSeen());
                            due.add(sighting);
                        }
                    });
            stored = new Stored(sightings(), Map.copyOf(alerted));
        }
        due.forEach(alert);
        try {
            write(stored);
        } catch (IOException e) {
            synchronized (this) {
                changed = true;
            }
            throw e;
        }
    }

    private void write(Stored stored) throws IOException {
        WholeFile.replace(file, to -> Files.write(to, JSON.writeValueAsBytes(stored)));
    }

    /** What was seen, the oldest first. */
    public synchronized List<Sighting> sightings() {
        return sightings.values().stream()
                .sorted(
                        Comparator.comparing(Sighting::firstSeen)
                                .thenComparing(Sighting::field)
                                .thenComparing(Sighting::version))
                .toList();
    }
}
