package io.unshub.envelope;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.unshub.uns.HierarchyRules;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

/** The payloads under {@code fixtures/} and what their index files say of them. */
public final class Fixtures {

    /** The topic of fixtures that name none. */
    public static final String TOPIC = "acme/plant1/packaging/line2/filler/pump-101/temperature";

    /** The time at which they are what their index says. */
    public static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    /** An index file; the topic holds for fixtures that name none. */
    record Index(String topic, List<Entry> fixtures) {}

    /** What is expected of one file: of a good one its drift, of a malformed one its rejection. */
    public record Entry(
            String file,
            String topic,
            List<String> unknownFields,
            String reason,
            String field,
            String detail) {}

    /** One payload with its topic. */
    public record Fixture(Entry expected, String topic, byte[] payload) {
        @Override
        public String toString() {
            return expected.file();
        }
    }

    private Fixtures() {}

    static EnvelopeValidator validator(Limits limits) {
        return new EnvelopeValidator(
                HierarchyRules.load(HierarchyRules.DEFAULT_FILE),
                limits,
                EnvelopeSchemas.builtIn(),
                Clock.fixed(NOW, ZoneOffset.UTC));
    }

    static Path directory(String kind) {
        return Path.of("src/test/resources/fixtures", kind);
    }

    /** What is accepted. */
    public static List<Fixture> good() {
        return load("good");
    }

    /** What is refused. */
    public static List<Fixture> malformed() {
        return load("malformed");
    }

    private static List<Fixture> load(String kind) {
        try {
            Index index =
                    JsonMapper.builder(new YAMLFactory())
                            .build()
                            .readValue(
                                    directory(kind).resolve("index.yaml").toFile(),
                                    new TypeReference<>() {});
            return index.fixtures().stream()
                    .map(
                            entry ->
                                    new Fixture(
                                            entry,
                                            entry.topic() == null ? index.topic() : entry.topic(),
                                            read(kind, entry.file())))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] read(String kind, String file) {
        try {
            return Files.readAllBytes(directory(kind).resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns a valid payload on {@link #TOPIC} with this value token. */
    static byte[] payload(String value) {
        return """
        {"messageId":"7f1e0f1e-9d5b-5c6e-8c6a-3f1f3a6f2b11","tsUtc":"2026-03-01T11:59:58.123Z",\
        "topic":"%s","value":%s,"quality":"GOOD","units":"1","sourceSystem":"plc-line2",\
        "lineageVersion":"tags-12","schemaVersion":"1.0"}"""
                .formatted(TOPIC, value)
                .getBytes(StandardCharsets.UTF_8);
    }
}
