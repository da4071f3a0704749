package io.unshub.collect;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.unshub.envelope.Envelope;
import io.unshub.envelope.EnvelopeCodec;
import io.unshub.envelope.MessageIds;
import io.unshub.quality.Quality;
import io.unshub.uns.Excerpt;
import io.unshub.uns.RulesException;
import io.unshub.uns.RulesFile;
import io.unshub.uns.Tally;
import io.unshub.uns.TopicFilter;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * Makes envelopes of what others publish in their own way, by the rules of {@code
 * config/mqtt-mapping.yaml}: plain values, or JSON of another shape.
 *
 * <p>In: publications. Out: as many, in the same order; one that no rule matches, or whose rule
 * does not fit it, stays as it was, and is then judged like any other. Threads: any.
 */
public final class MqttMapping {

    /** Where the rules stand, in the configuration folder. */
    public static final String FILE = "mqtt-mapping.yaml";

    private static final List<String> TIMES = List.of("iso", "epoch-seconds", "epoch-millis");

    private static final int MAX_ZEROS = 400;

    private static final Logger LOG = Logger.getLogger(MqttMapping.class);
    // as C and many devices write what JSON has no number for
    private static final Pattern NO_NUMBER =
            Pattern.compile("\\s*[+-]?(nan|inf|infinity)\\s*", Pattern.CASE_INSENSITIVE);
    private static final Pattern PLACE = Pattern.compile("\\{(\\d{1,2})}");
    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build();

    private final String version;
    private final List<Rule> rules;
    private final InstantSource clock;
    private final Tally<String> counts = new Tally<>();
    private final Set<String> said = ConcurrentHashMap.newKeySet();

    private record MappingFile(String version, List<Entry> rules) {}

    private record Entry(
            String name,
            String from,
            String topic,
            String value,
            String time,
            String timeFormat,
            String quality,
            Map<String, Quality> qualities,
            String units,
            BigDecimal scale,
            BigDecimal offset) {}

    private record Rule(
            String name,
            TopicFilter from,
            String topic,
            JsonPointer value,
            JsonPointer time,
            String timeFormat,
            JsonPointer quality,
            Map<String, Quality> qualities,
            String units,
            Tag.Conversion conversion) {}

    private MqttMapping(String version, List<Rule> rules, InstantSource clock) {
        this.version = version;
        this.rules = rules;
        this.clock = clock;
    }

    /**
     * Reads the rules.
     *
     * @param file may be absent: then there are none
     * @param clock for publications that come without a time
     * @throws RulesException if the file is not valid, naming the rule
     */
    public static MqttMapping load(Path file, InstantSource clock) {
        if (Files.notExists(file)) {
            return new MqttMapping("", List.of(), clock);
        }
        MappingFile content = RulesFile.read(file, MappingFile.class);
        if (content.version() == null || content.version().isBlank()) {
            throw new RulesException(file + " has no version; give it one, \"1.0.0\"");
        }
        List<Rule> rules = new ArrayList<>();
        Set<String> names = new HashSet<>();
        List<Entry> entries = content.rules() == null ? List.of() : content.rules();
        for (int i = 0; i < entries.size(); i++) {
            Rule rule = rule(file + " rule " + (i + 1), entries.get(i));
            if (!names.add(rule.name())) {
                throw new RulesException(
                        file + " has two rules named " + rule.name() + "; rename one");
            }
            rules.add(rule);
        }
        return new MqttMapping(content.version(), List.copyOf(rules), clock);
    }

    private static Rule rule(String where, Entry entry) {
        if (entry == null || entry.name() == null || entry.name().isBlank()) {
            throw new RulesException(where + " has no name; give it one");
        }
        String named = where + " (" + entry.name() + ")";
        for (String[] needed :
                new String[][] {
                    {"from", entry.from()}, {"topic", entry.topic()}, {"units", entry.units()}
                }) {
            if (needed[1] == null || needed[1].isBlank()) {
                throw new RulesException(named + " has no " + needed[0] + "; add it");
            }
        }
        TopicFilter from;
        try {
            from = TopicFilter.of(entry.from());
        } catch (IllegalArgumentException e) {
            throw new RulesException(named + ": " + e.getMessage(), e);
        }
        long wildcards = entry.from().chars().filter(c -> c == '+').count();
        PLACE.matcher(entry.topic())
                .results()
                .mapToInt(match -> Integer.parseInt(match.group(1)))
                .filter(place -> place < 1 || place > wildcards)
                .findFirst()
                .ifPresent(
                        place -> {
                            throw new RulesException(
                                    named
                                            + ": topic names {"
                                            + place
                                            + "}, and from has "
                                            + wildcards
                                            + " levels with +; write {1} for what the first took");
                        });
        if (entry.topic().matches("(?s).*[+#\\p{Cntrl}].*")) {
            // it could never be published, and would hold up all that comes after it
            throw new RulesException(
                    named
                            + ": topic is "
                            + Excerpt.of(entry.topic())
                            + ", and a topic has no +, # or control character; write {1} for what the"
                            + " first + of from took");
        }
        String format = entry.timeFormat() == null ? TIMES.get(0) : entry.timeFormat();
        if (!TIMES.contains(format)) {
            throw new RulesException(
                    named
                            + ": timeFormat is "
                            + Excerpt.of(format)
                            + "; write one of "
                            + String.join(", ", TIMES));
        }
        boolean converts = entry.scale() != null || entry.offset() != null;
        return new Rule(
                entry.name(),
                from,
                entry.topic(),
                pointer(named, "value", entry.value()),
                pointer(named, "time", entry.time()),
                format,
                pointer(named, "quality", entry.quality()),
                entry.qualities() == null ? Map.of() : Map.copyOf(entry.qualities()),
                entry.units(),
                converts
                        ? new Tag.Conversion(
                                entry.scale() == null ? BigDecimal.ONE : entry.scale(),
                                entry.offset() == null ? BigDecimal.ZERO : entry.offset())
                        : null);
    }

    private static JsonPointer pointer(String named, String key, String text) {
        if (text == null) {
            return null;
        }
        try {
            return JsonPointer.compile(text);
        } catch (IllegalArgumentException e) {
            throw new RulesException(
                    named
                            + ": "
                            + key
                            + " is "
                            + Excerpt.of(text)
                            + ", which is no JSON Pointer (RFC 6901); write it as /reading/value",
                    e);
        }
    }

    /** Maps a list of publications. */
    public List<Publication> map(List<Publication> publications) {
        return rules.isEmpty() ? publications : publications.stream().map(this::map).toList();
    }

    /** The names of the rules. */
    public List<String> rules() {
        return rules.stream().map(Rule::name).toList();
    }

    /** How many publications a rule has mapped since the start. */
    public long count(String rule) {
        return counts.of(rule);
    }

    private Publication map(Publication publication) {
        for (Rule rule : rules) {
            if (rule.from().matches(publication.topic())) {
                try {
                    Envelope envelope = envelope(rule, publication);
                    counts.count(rule.name());
                    return new Publication(envelope.topic(), EnvelopeCodec.encode(envelope));
                } catch (IllegalArgumentException e) {
                    // once for each rule: a device that is set up wrongly says it all day
                    if (said.add(rule.name())) {
                        LOG.warnf(
                                "mapping rule %s does not fit what is published on %s: %s; it stays"
                                        + " as it is, and becomes a dead letter unless it is an envelope",
                                rule.name(), Excerpt.of(publication.topic()), e.getMessage());
                    }
                    return publication;
                }
            }
        }
        return publication;
    }

    private Envelope envelope(Rule rule, Publication publication) {
        JsonNode payload = payload(rule, publication.payload());
        JsonNode value = rule.value() == null ? payload : payload.at(rule.value());
        if (value.isMissingNode() || value.isContainerNode()) {
            throw new IllegalArgumentException(
                    rule.value() == null
                            ? "the payload is no plain value; set value"
                            : "there is no plain value at " + rule.value());
        }
        if (rule.conversion() != null && value.isNumber()) {
            value = DecimalNode.valueOf(rule.conversion().of(reckonable(value)));
        }
        Instant time = rule.time() == null ? clock.instant() : time(rule, payload);
        Quality quality = Quality.GOOD;
        String errorCode = null;
        if (rule.quality() != null) {
            String said = payload.at(rule.quality()).asText();
            quality = rule.qualities().getOrDefault(said, Quality.ERROR);
            errorCode = quality == Quality.GOOD ? null : Excerpt.of(said);
        }
        boolean noNumber = value.isTextual() && NO_NUMBER.matcher(value.textValue()).matches();
        if ((value.isNull() || noNumber) && quality == Quality.GOOD) {
            quality = Quality.ERROR;
            errorCode = noNumber ? SourceValue.NOT_A_NUMBER : SourceValue.NO_VALUE;
        }
        if (noNumber) {
            value = NullNode.getInstance();
        }
        String topic = topic(rule, publication.topic());
        return new Envelope(
                MessageIds.of(
                        rule.name(),
                        List.of(version, rule.units(), quality.name(), String.valueOf(errorCode)),
                        topic,
                        time,
                        value),
                time,
                topic,
                value,
                quality,
                rule.units(),
                "mqtt:" + rule.name(),
                version,
                Envelope.SCHEMA_VERSION,
                errorCode,
                null);
    }

    private static JsonNode payload(Rule rule, byte[] bytes) {
        try {
            return JSON.readTree(bytes);
        } catch (JsonParseException e) {
            if (rule.value() == null) {
                return text(bytes);
            }
            throw noJson(e);
        } catch (JsonProcessingException e) {
            throw noJson(e);
        } catch (IOException e) {
            throw new IllegalArgumentException("the payload cannot be read: " + e, e);
        }
    }

    /** Text that is no JSON is a plain value, too. */
    private static JsonNode text(byte[] bytes) {
        try {
            return TextNode.valueOf(UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException e) {
            // what would take the place of its bytes is not what was published
            throw new IllegalArgumentException("the payload is neither JSON nor UTF-8 text", e);
        }
    }

    private static IllegalArgumentException noJson(JsonProcessingException e) {
        // the tree has no other rule of its own than this one
        String why =
                e instanceof MismatchedInputException
                        ? "the payload has a key twice"
                        : "the payload is no JSON: " + Excerpt.of(e.getOriginalMessage());
        return new IllegalArgumentException(why, e);
    }

    private static Instant time(Rule rule, JsonNode payload) {
        JsonNode at = payload.at(rule.time());
        boolean fits = rule.timeFormat().equals(TIMES.get(0)) ? at.isTextual() : at.isNumber();
        if (!fits) {
            throw new IllegalArgumentException(
                    "there is no time in the form " + rule.timeFormat() + " at " + rule.time());
        }
        try {
            return switch (rule.timeFormat()) {
                case "epoch-seconds" -> seconds(at);
                case "epoch-millis" -> Instant.ofEpochMilli(at.decimalValue().longValueExact());
                default -> OffsetDateTime.parse(at.asText()).toInstant();
            };
        } catch (DateTimeException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    "the time at "
                            + rule.time()
                            + " is "
                            + Excerpt.of(at.asText())
                            + ", which is no "
                            + rule.timeFormat(),
                    e);
        }
    }

    private static Instant seconds(JsonNode at) {
        BigInteger[] parts =
                reckonable(at)
                        .movePointRight(9)
                        .toBigInteger()
                        .divideAndRemainder(BigInteger.valueOf(1_000_000_000));
        return Instant.ofEpochSecond(parts[0].longValueExact(), parts[1].longValue());
    }

    /** The number, if reckoning with it does not write out more zeros than a double has. */
    private static BigDecimal reckonable(JsonNode number) {
        BigDecimal decimal = number.decimalValue();
        if (Math.abs((long) decimal.scale()) > MAX_ZEROS) {
            throw new IllegalArgumentException(
                    "the number "
                            + Excerpt.of(number.asText())
                            + " is too large or small to reckon with");
        }
        return decimal;
    }

    private static String topic(Rule rule, String from) {
        List<String> taken = new ArrayList<>();
        String[] filter = rule.from().toString().split("/", -1);
        String[] levels = from.split("/", -1);
        for (int i = 0; i < filter.length && i < levels.length; i++) {
            if (filter[i].equals("+")) {
                taken.add(levels[i]);
            }
        }
        return PLACE.matcher(rule.topic())
                .replaceAll(
                        match ->
                                Matcher.quoteReplacement(
                                        taken.get(Integer.parseInt(match.group(1)) - 1)));
    }
}
