package io.unshub.envelope;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unshub.deadletter.Rejection;
import io.unshub.uns.HierarchyRules;
import io.unshub.uns.RulesException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Versions side by side: each reading is held against the one that it states. */
class EnvelopeSchemasTest {

    private static final Path EXAMPLES = Path.of("docs/examples/schemas/envelope");

    @TempDir Path folder;

    private String builtIn;

    @BeforeEach
    void read() throws IOException {
        try (var in = EnvelopeSchemas.class.getResourceAsStream(EnvelopeSchemas.BUILT_IN)) {
            builtIn = new String(in.readAllBytes(), UTF_8);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1.0, 1",
        "1.7, 1",
        "2.0, 2",
        "2.31, 2",
        "3.0,",
        "0.9,",
        "2,",
        "2.,",
        "'2.0\n',",
        "02.0,",
        "'',",
        "x.y,"
    })
    void findsTheVersionOfAMajorThatIsKnown(String stated, Integer major) {
        EnvelopeSchemas.Version found = EnvelopeSchemas.load(EXAMPLES).of(stated);

        assertThat(found == null ? null : found.major()).isEqualTo(major);
    }

    @Test
    void holdsAReadingAgainstTheHighestMinorThatItCanKnow() {
        EnvelopeSchemas schemas = EnvelopeSchemas.load(EXAMPLES);

        assertThat(schemas.of("1.0").properties()).doesNotContain("location");
        assertThat(schemas.of("1.1").properties()).contains("location");
        assertThat(schemas.of("1.9").properties()).contains("location");
        assertThat(schemas.known()).isEqualTo("1.x, 2.x");
        assertThat(EnvelopeSchemas.builtIn().known()).isEqualTo("1.x");
    }

    @Test
    void readsAVersionThatNamesItsFieldsOtherwise() {
        String payload =
                new String(Fixtures.payload("1.50"), UTF_8)
                        .replace("\"1.0\"", "\"2.0\"")
                        .replace("\"units\"", "\"location\":\"hall 3\",\"unit\"");

        Verdict verdict = validator(EXAMPLES).check(Fixtures.TOPIC, payload.getBytes(UTF_8));

        assertThat(verdict).isInstanceOf(Verdict.Valid.class);
        Verdict.Valid valid = (Verdict.Valid) verdict;
        assertThat(valid.envelope().units()).isEqualTo("1");
        assertThat(valid.envelope().schemaVersion()).isEqualTo("2.0");
        assertThat(valid.unknownFields()).isEmpty();
    }

    @Test
    void namesTheFieldsOfThatVersionInItsRefusals() {
        String payload = new String(Fixtures.payload("1"), UTF_8).replace("\"1.0\"", "\"2.0\"");

        Rejection rejection =
                ((Verdict.Invalid)
                                validator(EXAMPLES).check(Fixtures.TOPIC, payload.getBytes(UTF_8)))
                        .rejection();

        assertThat(rejection.field()).isEqualTo("unit,location");
        assertThat(rejection.detail())
                .startsWith("payload lacks unit, location, an envelope needs ");
    }

    @Test
    void saysWhichVersionsItReads() {
        String payload = new String(Fixtures.payload("1"), UTF_8).replace("\"1.0\"", "\"3.0\"");

        assertThat(validator(EXAMPLES).check(Fixtures.TOPIC, payload.getBytes(UTF_8)))
                .asString()
                .contains(
                        "schemaVersion is \"3.0\", this hub reads 1.x, 2.x; publish one of them or"
                                + " add the version's schema, see docs/schema/evolution.md");
    }

    @Test
    void isContentWithoutAFolder() {
        assertThat(EnvelopeSchemas.load(folder.resolve("nowhere")).known()).isEqualTo("1.x");
    }

    @Test
    void refusesAFolderThatIsNoVersion() throws IOException {
        Files.createDirectories(folder.resolve("version-2"));

        refused("version-2 is named after no version; name it v1.1 or v2, or move it away");
    }

    @Test
    void refusesToReplaceTheVersionThatIsBuiltIn() throws IOException {
        schema("v1", builtIn);

        refused("v1 would replace the version that is built in; add v1.1 or v2");
    }

    @Test
    void refusesTwoFoldersForOneVersion() throws IOException {
        schema("v2", builtIn);
        schema("v2.0", builtIn);

        refused("version 2.0 has two folders; keep one of them");
    }

    @Test
    void refusesAFolderWithoutASchema() throws IOException {
        Files.createDirectories(folder.resolve("v2"));

        refused("; put the version's schema there");
    }

    @Test
    void refusesASchemaThatIsNoJson() throws IOException {
        schema("v2", builtIn.substring(0, 200));

        refused("is no JSON: ");
    }

    @Test
    void refusesASchemaThatLosesAFieldOfTheHub() throws IOException {
        schema("v2", builtIn.replace("\"units\"", "\"unit\""));

        refused(
                "does not require units as a string; do so, or say in names.yaml what this version"
                        + " calls it");
    }

    @Test
    void refusesASchemaThatMakesAFieldOfTheHubANumber() throws IOException {
        Files.writeString(
                schema("v2", builtIn.replace("\"units\"", "\"unit\"")).resolveSibling("names.yaml"),
                "units: value\n");

        refused("does not require value as a string; ");
    }

    @Test
    void refusesNamesForWhatHasOneNameOnly() throws IOException {
        Files.writeString(schema("v2", builtIn).resolveSibling("names.yaml"), "quality: status\n");

        refused("names.yaml has the unknown key quality, known are ");
    }

    private Path schema(String version, String text) throws IOException {
        return Files.writeString(
                Files.createDirectories(folder.resolve(version)).resolve("envelope.schema.json"),
                text);
    }

    private void refused(String message) {
        assertThatThrownBy(() -> EnvelopeSchemas.load(folder))
                .isInstanceOf(RulesException.class)
                .hasMessageContaining(message);
    }

    private static EnvelopeValidator validator(Path schemas) {
        return new EnvelopeValidator(
                HierarchyRules.load(HierarchyRules.DEFAULT_FILE),
                Limits.DEFAULT,
                EnvelopeSchemas.load(schemas),
                Clock.fixed(Fixtures.NOW, ZoneOffset.UTC));
    }
}
