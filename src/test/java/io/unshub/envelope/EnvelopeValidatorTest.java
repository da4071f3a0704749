package io.unshub.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.FloatNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.unshub.deadletter.Reason;
import io.unshub.deadletter.Rejection;
import io.unshub.envelope.Fixtures.Fixture;
import io.unshub.quality.Quality;
import io.unshub.uns.HierarchyRules;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeValidatorTest {

    private final EnvelopeValidator validator = Fixtures.validator(Limits.DEFAULT);

    static List<Fixture> good() {
        return Fixtures.good();
    }

    static List<Fixture> malformed() {
        return Fixtures.malformed();
    }

    @ParameterizedTest
    @MethodSource("good")
    void acceptsWithItsDriftNamed(Fixture fixture) {
        Verdict verdict = validator.check(fixture.topic(), fixture.payload());

        assertThat(verdict).isInstanceOf(Verdict.Valid.class);
        Verdict.Valid valid = (Verdict.Valid) verdict;
        assertThat(valid.envelope().topic()).isEqualTo(fixture.topic());
        List<String> drift = fixture.expected().unknownFields();
        assertThat(valid.unknownFields()).isEqualTo(drift == null ? List.of() : drift);
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void refusesWithReasonAndWords(Fixture fixture) {
        assertThat(validator.check(fixture.topic(), fixture.payload()))
                .isEqualTo(
                        new Verdict.Invalid(
                                new Rejection(
                                        Reason.valueOf(fixture.expected().reason()),
                                        fixture.expected().field(),
                                        fixture.expected().detail())));
    }

    static Stream<JsonNode> readAsWritten() {
        return Stream.of(
                BooleanNode.FALSE,
                NullNode.instance,
                TextNode.valueOf("läuft 🚀 \"\\\n\u0000\uFFFF"),
                IntNode.valueOf(Integer.MIN_VALUE),
                DecimalNode.valueOf(new BigDecimal("-21.50")),
                DecimalNode.valueOf(new BigDecimal("0.0")),
                DecimalNode.valueOf(new BigDecimal("1E-100")),
                DecimalNode.valueOf(new BigDecimal("0." + "7".repeat(99))));
    }

    @ParameterizedTest
    @MethodSource("readAsWritten")
    void saysOfWhatTheHubMadeWhatItSaysOfItsBytes(JsonNode value) {
        List<Verdict> refused = new ArrayList<>();
        for (String topic : List.of(Fixtures.TOPIC, "acme/plant1", "UPPER/case")) {
            for (String time :
                    List.of(
                            "2026-03-01T11:59:58.12Z",
                            "2026-03-01T11:59:58.123456789Z",
                            "2026-03-01T13:00:00Z",
                            "1999-12-31T23:59:59Z")) {
                Envelope made = made(topic, Instant.parse(time), value);
                byte[] bytes = EnvelopeCodec.encode(made);

                assertThat(EnvelopeCodec.isReadAsWritten(made)).isTrue();
                assertThat(validator.check(made, bytes)).isEqualTo(validator.check(topic, bytes));
                if (validator.check(made, bytes) instanceof Verdict.Invalid invalid) {
                    refused.add(invalid);
                }
            }
        }
        assertThat(refused).as("wrong topics, and a right one in wrong times").hasSize(10);
        EnvelopeValidator strict =
                Fixtures.validator(new Limits(10, Duration.ofDays(1), Duration.ZERO));
        Envelope made = made(Fixtures.TOPIC, Fixtures.NOW, value);
        byte[] bytes = EnvelopeCodec.encode(made);
        assertThat(strict.check(made, bytes))
                .isEqualTo(strict.check(Fixtures.TOPIC, bytes))
                .isInstanceOf(Verdict.Invalid.class);
    }

    static Stream<JsonNode> readOtherwise() {
        return Stream.of(
                LongNode.valueOf(5),
                DoubleNode.valueOf(0.5),
                FloatNode.valueOf(0.1f),
                BigIntegerNode.valueOf(BigInteger.TEN),
                DecimalNode.valueOf(new BigDecimal("5")),
                DecimalNode.valueOf(new BigDecimal("1E+2147483647")),
                DecimalNode.valueOf(new BigDecimal("0." + "7".repeat(2_000))));
    }

    @ParameterizedTest
    @MethodSource("readOtherwise")
    void readsWhatMayDifferFromItsBytes(JsonNode value) {
        assertThat(EnvelopeCodec.isReadAsWritten(made(Fixtures.TOPIC, Fixtures.NOW, value)))
                .isFalse();
    }

    @Test
    void readsWhatMayBreakTheSchema() {
        Envelope good = made(Fixtures.TOPIC, Fixtures.NOW, BooleanNode.TRUE);
        assertThat(EnvelopeCodec.isReadAsWritten(good)).isTrue();
        assertThat(
                        Stream.of(
                                with(good, "", "1", "plc", "7", "1.0"),
                                with(good, Fixtures.TOPIC, "", "plc", "7", "1.0"),
                                with(good, Fixtures.TOPIC, "1", "", "7", "1.0"),
                                with(good, Fixtures.TOPIC, "1", "plc", "", "1.0"),
                                with(good, Fixtures.TOPIC, "1", "plc", "7", "1.1"),
                                good.withHistory(JsonNodeFactory.instance.arrayNode())))
                .noneMatch(EnvelopeCodec::isReadAsWritten);
    }

    private static Envelope made(String topic, Instant time, JsonNode value) {
        return new Envelope(
                UUID.fromString("7f1e0f1e-9d5b-5c6e-8c6a-3f1f3a6f2b11"),
                time,
                topic,
                value,
                Quality.STALE,
                "°C",
                "plc",
                "7",
                Envelope.SCHEMA_VERSION,
                "Silent",
                Quality.GOOD);
    }

    private static Envelope with(
            Envelope of,
            String topic,
            String units,
            String sourceSystem,
            String lineageVersion,
            String schemaVersion) {
        return new Envelope(
                of.messageId(),
                of.tsUtc(),
                topic,
                of.value(),
                of.quality(),
                units,
                sourceSystem,
                lineageVersion,
                schemaVersion,
                of.errorCode(),
                of.publishedQuality());
    }

    @ParameterizedTest
    @ValueSource(strings = {"good", "malformed"})
    void everyFixtureIsInItsIndex(String kind) throws IOException {
        List<Fixture> indexed = kind.equals("good") ? good() : malformed();
        try (Stream<Path> files = Files.list(Fixtures.directory(kind))) {
            assertThat(
                            files.map(file -> file.getFileName().toString())
                                    .filter(name -> !name.equals("index.yaml")))
                    .containsExactlyInAnyOrderElementsOf(
                            indexed.stream().map(Fixture::toString).toList());
        }
    }

    @Test
    void fixturesShowEveryReasonThatTheValidatorGives() {
        Set<Reason> shown =
                malformed().stream()
                        .map(fixture -> Reason.valueOf(fixture.expected().reason()))
                        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Reason.class)));

        assertThat(shown)
                .containsExactlyInAnyOrder(
                        Reason.PARSE_ERROR,
                        Reason.SCHEMA_INVALID,
                        Reason.SCHEMA_UNSUPPORTED,
                        Reason.FIELD_MISSING,
                        Reason.SIZE_EXCEEDED,
                        Reason.UNKNOWN_FLAG,
                        Reason.TOPIC_INVALID,
                        Reason.TOPIC_MISMATCH,
                        Reason.TIMESTAMP_INVALID);
    }

    @Test
    void readsEveryField() {
        byte[] payload =
                """
                {"messageId":"7F1E0F1E-9D5B-5C6E-8C6A-3F1F3A6F2B11",
                 "tsUtc":"2026-03-01T12:59:58.123456789+01:00","topic":"%s","value":null,
                 "quality":"ERROR","units":"Cel","sourceSystem":"plc","lineageVersion":"7",
                 "schemaVersion":"1.3","errorCode":"Bad_NoCommunication","x":1}"""
                        .formatted(Fixtures.TOPIC)
                        .getBytes(StandardCharsets.UTF_8);

        assertThat(validator.check(Fixtures.TOPIC, payload))
                .isEqualTo(
                        new Verdict.Valid(
                                new Envelope(
                                        UUID.fromString("7f1e0f1e-9d5b-5c6e-8c6a-3f1f3a6f2b11"),
                                        Instant.parse("2026-03-01T11:59:58.123456789Z"),
                                        Fixtures.TOPIC,
                                        NullNode.instance,
                                        Quality.ERROR,
                                        "Cel",
                                        "plc",
                                        "7",
                                        "1.3",
                                        "Bad_NoCommunication",
                                        null),
                                List.of("x")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.0",
                "1.10",
                "-0.0",
                "9223372036854775807",
                "18446744073709551616",
                "0.1000000000000000055511151231257827",
                "1234567890123456789012345678901234567890",
                "1e400",
                "1E-400",
                "1e2147483647"
            })
    void keepsEveryDigitOfANumber(String number) {
        Verdict.Valid valid =
                (Verdict.Valid) validator.check(Fixtures.TOPIC, Fixtures.payload(number));

        assertThat(valid.envelope().value().decimalValue()).isEqualTo(new BigDecimal(number));
    }

    @Test
    void refusesWhatIsLargerThanTheLimit() {
        byte[] payload = Fixtures.payload("1");
        Duration day = Duration.ofDays(1);

        assertThat(
                        Fixtures.validator(new Limits(payload.length, day, day))
                                .check(Fixtures.TOPIC, payload))
                .isInstanceOf(Verdict.Valid.class);
        assertThat(
                        Fixtures.validator(new Limits(payload.length - 1, day, day))
                                .check("not even a topic", payload))
                .isEqualTo(
                        new Verdict.Invalid(
                                new Rejection(
                                        Reason.SIZE_EXCEEDED,
                                        "payload",
                                        "payload has "
                                                + payload.length
                                                + " bytes, at most "
                                                + (payload.length - 1)
                                                + " are allowed; split the reading or raise the"
                                                + " limit, see docs/uns/envelope.md")));
    }

    @Test
    void checksTheTopicBeforeThePayload() {
        assertThat(reason("acme", "not json".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(Reason.TOPIC_INVALID);
        assertThat(reason(null, (byte[]) null)).isEqualTo(Reason.TOPIC_INVALID);
        assertThat(reason(Fixtures.TOPIC, (byte[]) null)).isEqualTo(Reason.PARSE_ERROR);
    }

    @Test
    void checksInTheDocumentedOrder() {
        // each payload breaks the rule that is named and all that follow
        String tail =
                "\"messageId\":1,\"tsUtc\":\"never\",\"topic\":\"x\",\"value\":[],\"units\":1,\"sourceSystem\":1";
        assertThat(reason("{%s,\"schemaVersion\":\"2.0\",\"quality\":\"BAD\"}", tail))
                .isEqualTo(Reason.SCHEMA_UNSUPPORTED);
        assertThat(reason("{%s,\"schemaVersion\":\"1.0\",\"quality\":\"BAD\"}", tail))
                .isEqualTo(Reason.FIELD_MISSING);
        tail += ",\"lineageVersion\":1,\"schemaVersion\":\"1.0\"";
        assertThat(reason("{%s,\"quality\":\"BAD\"}", tail)).isEqualTo(Reason.UNKNOWN_FLAG);
        assertThat(reason("{%s,\"quality\":\"GOOD\"}", tail)).isEqualTo(Reason.SCHEMA_INVALID);
        String valid = new String(Fixtures.payload("1"), StandardCharsets.UTF_8);
        String elsewhere = valid.replace("pump-101", "pump-102");
        assertThat(reason(elsewhere.replace("2026-03-01T11:59:58.123Z", "never"), ""))
                .isEqualTo(Reason.TIMESTAMP_INVALID);
        assertThat(reason(elsewhere, "")).isEqualTo(Reason.TOPIC_MISMATCH);
    }

    private Reason reason(String payload, String tail) {
        return reason(Fixtures.TOPIC, payload.replace("%s", tail).getBytes(StandardCharsets.UTF_8));
    }

    private Reason reason(String topic, byte[] payload) {
        return ((Verdict.Invalid) validator.check(topic, payload)).rejection().reason();
    }

    @Test
    void shortensAndEscapesWhatItQuotes() {
        String payload =
                new String(Fixtures.payload("1"), StandardCharsets.UTF_8)
                        .replace("\"GOOD\"", "\"" + "\\u202e".repeat(300) + "\"");
        Verdict.Invalid invalid =
                (Verdict.Invalid)
                        validator.check(Fixtures.TOPIC, payload.getBytes(StandardCharsets.UTF_8));

        assertThat(invalid.rejection().detail())
                .startsWith("quality is \"" + "\\u202E".repeat(19) + "..., known flags are");
    }

    @Test
    void acceptsTheTimesAtTheEdgesOfItsRange() {
        Duration hour = Duration.ofHours(1);
        EnvelopeValidator strict = Fixtures.validator(new Limits(1_000, hour, hour));

        assertThat(strict.check(Fixtures.TOPIC, at("2026-03-01T11:00:00Z")))
                .isInstanceOf(Verdict.Valid.class);
        assertThat(strict.check(Fixtures.TOPIC, at("2026-03-01T13:00:00Z")))
                .isInstanceOf(Verdict.Valid.class);
        assertThat(strict.check(Fixtures.TOPIC, at("2026-03-01T10:59:59.999999999Z")))
                .isInstanceOf(Verdict.Invalid.class);
        assertThat(strict.check(Fixtures.TOPIC, at("2026-03-01T13:00:00.000000001Z")))
                .isInstanceOf(Verdict.Invalid.class);
    }

    private static byte[] at(String tsUtc) {
        return new String(Fixtures.payload("1"), StandardCharsets.UTF_8)
                .replace("2026-03-01T11:59:58.123Z", tsUtc)
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void judgesWhateverComesAndNeverFailsOnIt() {
        long seed = Long.getLong("unshub.seed", System.nanoTime());
        Random random = new Random(seed);
        List<Fixture> from = new ArrayList<>(good());
        from.addAll(malformed());
        for (int i = 0; i < 10_000; i++) {
            Fixture fixture = from.get(random.nextInt(from.size()));
            byte[] payload = Mutations.of(fixture.payload(), random);

            Verdict verdict = validator.check(fixture.topic(), payload);

            assertThat(verdict).as("seed %d", seed).asString().doesNotContain("INTERNAL_ERROR");
        }
    }

    @Test
    void turnsAFaultOfItsOwnIntoARejection() {
        EnvelopeValidator broken =
                new EnvelopeValidator(
                        HierarchyRules.load(HierarchyRules.DEFAULT_FILE),
                        Limits.DEFAULT,
                        EnvelopeSchemas.builtIn(),
                        () -> {
                            throw new IllegalStateException("clock\nlost");
                        });

        assertThat(broken.check(Fixtures.TOPIC, Fixtures.payload("1")))
                .isEqualTo(
                        new Verdict.Invalid(
                                new Rejection(
                                        Reason.INTERNAL_ERROR,
                                        "payload",
                                        "validator failed: java.lang.IllegalStateException:"
                                                + " clock\\u000Alost; report it with the payload")));
    }

    @Test
    void neverFailsOnMutatedPayloads() {
        Random random = new Random(20260301);
        List<Fixture> seeds = new ArrayList<>(good());
        seeds.addAll(malformed());
        String tokens = "{}[]\",:\\u0-+.eE\n\0\u00ff\u00c3\u00ed";
        EnumSet<Reason> seen = EnumSet.noneOf(Reason.class);
        int valid = 0;
        for (int i = 0; i < 100_000; i++) {
            byte[] payload = mutate(seeds.get(i % seeds.size()).payload(), tokens, random);
            Verdict verdict = validator.check(Fixtures.TOPIC, payload);
            if (verdict instanceof Verdict.Invalid invalid) {
                seen.add(invalid.rejection().reason());
            } else {
                valid++;
                assertThat(EnvelopeCodec.decode(payload))
                        .isEqualTo(((Verdict.Valid) verdict).envelope());
            }
        }

        assertThat(valid).isGreaterThan(1_000);
        assertThat(seen).doesNotContain(Reason.INTERNAL_ERROR).hasSizeGreaterThan(6);
    }

    private static byte[] mutate(byte[] seed, String tokens, Random random) {
        byte[] payload = Arrays.copyOf(seed, Math.max(1, seed.length));
        for (int n = random.nextInt(3); n > 0; n--) {
            int at = random.nextInt(payload.length);
            switch (random.nextInt(4)) {
                case 0 -> payload[at] = (byte) random.nextInt();
                case 1 -> payload[at] = (byte) tokens.charAt(random.nextInt(tokens.length()));
                case 2 -> payload = Arrays.copyOf(payload, at + 1);
                default ->
                        System.arraycopy(
                                payload,
                                random.nextInt(at + 1),
                                payload,
                                0,
                                1 + random.nextInt(payload.length - at));
            }
        }
        return payload;
    }

    @Test
    void schemaNamesTheSameFlagsAndFieldsAsTheCode() throws IOException {
        try (InputStream in =
                EnvelopeValidator.class.getResourceAsStream(EnvelopeSchemas.BUILT_IN)) {
            JsonNode schema = new ObjectMapper().readTree(in);
            List<String> flags = Arrays.stream(Quality.values()).map(Quality::name).toList();

            assertThat(texts(schema.at("/properties/quality/enum"))).isEqualTo(flags);
            assertThat(texts(schema.at("/properties/publishedQuality/enum"))).isEqualTo(flags);
            assertThat(texts(schema.at("/required"))).isEqualTo(EnvelopeCodec.REQUIRED);
        }
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(node -> texts.add(node.asText()));
        return texts;
    }

    @Test
    void acceptsTheExampleInTheDocument() throws IOException {
        String example = Files.readString(Path.of("docs/uns/envelope-example.json"));

        assertThat(Files.readString(Path.of("docs/uns/envelope.md")))
                .contains("```json\n" + example + "```");
        assertThat(validator.check(Fixtures.TOPIC, example.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(Verdict.Valid.class);
    }

    @Test
    void refusesLimitsThatHoldNothing() {
        assertThatThrownBy(() -> new Limits(0, Duration.ZERO, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "limits are 0 bytes, PT0S past, PT0S future; need 1 byte or more and times"
                                + " from 0 to 36500 days");
        assertThatThrownBy(() -> new Limits(1, Duration.ofDays(36_501), Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Limits(1, Duration.ZERO, Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
