package io.unshub.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.envelope.SchemaDrift.Sighting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each unknown field is recorded once; the time is ours. */
class SchemaDriftTest {

    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir Path folder;

    private final List<Sighting> alerts = new ArrayList<>();
    private Instant now = START;

    @Test
    void recordsAFieldOnceWithItsFirstTopicAndTime() throws IOException {
        SchemaDrift drift = drift();

        drift.seen("acme/a", "1.0", List.of("location"));
        now = now.plusSeconds(60);
        drift.seen("acme/b", "1.4", List.of("location", "batch"));
        drift.tick();

        assertThat(drift.sightings())
                .containsExactly(
                        new Sighting("location", "1.x", START, now, "acme/a", 2),
                        new Sighting("batch", "1.x", now, now, "acme/b", 1));
        assertThat(alerts)
                .extracting(Sighting::field)
                .containsExactlyInAnyOrder("location", "batch");
    }

    @Test
    void tellsTheMajorVersionsApart() {
        SchemaDrift drift = drift();

        drift.seen("acme/a", "1.0", List.of("x"));
        drift.seen("acme/a", "2.0", List.of("x"));

        assertThat(drift.sightings()).extracting(Sighting::version).containsExactly("1.x", "2.x");
    }

    @Test
    void alertsOnceADayForAsLongAsTheFieldComes() throws IOException {
        SchemaDrift drift = drift();
        for (int hour = 0; hour < 25; hour++) {
            drift.seen("acme/a", "1.0", List.of("x"));
            drift.tick();
            now = now.plus(Duration.ofHours(1));
        }

        assertThat(alerts).hasSize(2);
        now = now.plus(Duration.ofDays(3));
        drift.tick();
        assertThat(alerts).as("it does not come any more").hasSize(2);
    }

    @Test
    void remembersAcrossARestart() throws IOException {
        SchemaDrift before = drift();
        before.seen("acme/a", "1.0", List.of("x"));
        before.tick();

        SchemaDrift after = drift();
        now = now.plusSeconds(60);
        after.seen("acme/b", "1.0", List.of("x"));
        after.tick();

        assertThat(after.sightings())
                .containsExactly(new Sighting("x", "1.x", START, now, "acme/a", 2));
        assertThat(alerts).hasSize(1);
    }

    @Test
    void isNotFilledUpByNamesFromOutside() {
        SchemaDrift drift = drift();
        for (int i = 0; i < SchemaDrift.MOST_FIELDS + 10; i++) {
            drift.seen("acme/a", "1.0", List.of("field-" + i));
        }
        drift.seen("acme/a", "1.0", List.of("x\n".repeat(10_000)));

        assertThat(drift.sightings()).hasSize(SchemaDrift.MOST_FIELDS + 1);
        assertThat(drift.sightings())
                .filteredOn(sighting -> sighting.field().equals(SchemaDrift.OTHER_FIELDS))
                .singleElement()
                .satisfies(others -> assertThat(others.readings()).isEqualTo(11));
    }

    @Test
    void shortensAndEscapesANameFromOutside() {
        SchemaDrift drift = drift();

        drift.seen("acme/a", "1.0", List.of("x\n".repeat(10_000)));

        assertThat(drift.sightings().get(0).field()).startsWith("x\\u000Ax").hasSizeLessThan(200);
    }

    @Test
    void movesAFileAsideThatCannotBeRead() throws IOException {
        Files.writeString(folder.resolve("schema-drift.json"), "{broken");

        assertThat(drift().sightings()).isEmpty();
        assertThat(folder.resolve("schema-drift.json.bad")).hasContent("{broken");
    }

    private SchemaDrift drift() {
        return new SchemaDrift(folder.resolve("schema-drift.json"), () -> now, alerts::add);
    }
}
