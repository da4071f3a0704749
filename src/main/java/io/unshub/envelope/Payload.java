package io.unshub.envelope;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.unshub.uns.Excerpt;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * A payload read as JSON, stricter than the library alone: UTF-8 only, no byte order mark, one
 * object, no key twice, nothing after it. Either {@code node} or {@code problem} is null.
 *
 * @param node the object, numbers exact
 * @param problem why the payload is none, with the place
 */
record Payload(ObjectNode node, String problem) {

    /** Deeper nesting has no use in a reading and is how parsers are attacked. */
    static final int MAX_NESTING = 32;

    /** Digits of one number; converting a longer one would cost more than the reading is worth. */
    static final int MAX_DIGITS = 1_000;

    /** Hands out parsers that keep the limits above; safe for any number of threads. */
    static final JsonFactory FACTORY =
            JsonFactory.builder()
                    // keys come from outside: they must not fill the process-wide string table
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(MAX_NESTING)
                                    .maxNumberLength(MAX_DIGITS)
                                    .build())
                    .build();

    static final ObjectMapper MAPPER =
            JsonMapper.builder(FACTORY)
                    .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build();

    /** What the library tells its programmer, which is no use to who reads a dead letter. */
    private static final Pattern ADVICE =
            Pattern.compile("(?s): enable `.*| \\(not recognized as one.*|, from `[^`]*`");

    static Payload parse(byte[] bytes) {
        String notText = notUtf8(bytes);
        if (notText != null) {
            return refused(notText);
        }
        try (JsonParser parser = FACTORY.createParser(bytes)) {
            return parse(parser, bytes);
        } catch (IOException e) {
            return refused("payload cannot be read: " + Excerpt.of(String.valueOf(e.getMessage())));
        }
    }

    private static Payload parse(JsonParser parser, byte[] bytes) throws IOException {
        try {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return refused("payload is empty");
            }
            if (first != JsonToken.START_OBJECT) {
                return refused("payload is no JSON object, it starts with " + start(bytes));
            }
            ObjectNode node = MAPPER.readTree(parser);
            JsonToken after = parser.nextToken();
            if (after != null) {
                return refused("payload goes on after the object's end" + at(parser));
            }
            return new Payload(node, null);
        } catch (JsonEOFException e) {
            return refused(
                    "payload ends in the middle of the object, after " + bytes.length + " bytes");
        } catch (StreamConstraintsException e) {
            return refused("payload breaks a limit: " + cause(e));
        } catch (MismatchedInputException e) {
            // the tree has no other rule than this one
            return refused("payload has the key " + Excerpt.of(parser.currentName()) + " twice");
        } catch (JsonProcessingException e) {
            return refused("payload is no JSON" + at(e.getLocation()) + ": " + cause(e));
        } catch (NumberFormatException e) {
            return refused("payload has a number with too large an exponent" + at(parser));
        }
    }

    private static String cause(JsonProcessingException e) {
        return Excerpt.of(ADVICE.matcher(e.getOriginalMessage()).replaceFirst(""));
    }

    private static Payload refused(String problem) {
        return new Payload(null, problem);
    }

    private static String at(JsonParser parser) {
        return at(parser.currentTokenLocation());
    }

    private static String at(JsonLocation location) {
        return location == null ? "" : " at byte " + location.getByteOffset();
    }

    private static String start(byte[] bytes) {
        return Excerpt.of(new String(bytes, 0, Math.min(bytes.length, 40), StandardCharsets.UTF_8));
    }

    /**
     * The parser guesses UTF-16 and 32, skips a BOM and takes overlong forms; the wire has none.
     */
    static String notUtf8(byte[] bytes) {
        boolean ascii = true;
        for (int i = 0; i < bytes.length; i++) {
            byte b = bytes[i];
            if (b < 0) {
                ascii = false;
            } else if (b < 0x20 && b != '\n' && b != '\r' && b != '\t') {
                return String.format(
                        "payload has the raw control character 0x%02X at byte %d", b, i);
            }
        }
        if (ascii) {
            return null;
        }
        if (bytes.length >= 3
                && bytes[0] == (byte) 0xEF
                && bytes[1] == (byte) 0xBB
                && bytes[2] == (byte) 0xBF) {
            return "payload starts with a byte order mark";
        }
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (decoder.decode(in, CharBuffer.allocate(bytes.length), true).isError()) {
            return String.format(
                    "payload is not UTF-8 at byte %d (0x%02X)",
                    in.position(), bytes[in.position()] & 0xFF);
        }
        return null;
    }
}
