package io.unshub.deadletter;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.unshub.uns.Excerpt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where the top-level members of a JSON object stand in its bytes, so that one can be replaced and
 * every other byte stays as it was.
 *
 * @param bytes the object; not copied
 * @param members by name, in the payload's order
 * @param end offset of the closing brace
 */
record Members(byte[] bytes, Map<String, Member> members, int end) {

    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(32).build())
                    .build();

    /**
     * Offsets of one member, ends exclusive.
     *
     * @param nameStart the opening quote of its name
     * @param nameEnd after the closing quote
     * @param valueStart first byte of its value
     * @param valueEnd after the last byte of its value
     * @param type first token of its value
     */
    record Member(int nameStart, int nameEnd, int valueStart, int valueEnd, JsonToken type) {}

    /**
     * Reads the places.
     *
     * @throws IllegalArgumentException if the bytes are no JSON object, or a key stands in it twice
     */
    static Members of(byte[] bytes) {
        Map<String, Member> members = new LinkedHashMap<>();
        try (JsonParser parser = FACTORY.createParser(bytes)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("payload is no JSON object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                int nameStart = (int) parser.currentTokenLocation().getByteOffset();
                JsonToken type = parser.nextToken();
                int valueStart = (int) parser.currentTokenLocation().getByteOffset();
                parser.skipChildren();
                parser.finishToken();
                Member member =
                        new Member(
                                nameStart,
                                endOfString(bytes, nameStart),
                                valueStart,
                                (int) parser.currentLocation().getByteOffset(),
                                type);
                if (members.put(name, member) != null) {
                    throw new IllegalArgumentException(
                            "payload has the key " + Excerpt.of(name) + " twice");
                }
            }
            return new Members(bytes, members, (int) parser.currentTokenLocation().getByteOffset());
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "payload is no JSON: " + Excerpt.of(e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int endOfString(byte[] bytes, int openingQuote) {
        int at = openingQuote + 1;
        while (bytes[at] != '"') {
            at += bytes[at] == '\\' ? 2 : 1;
        }
        return at + 1;
    }

    /** The bytes with those from start to end replaced. */
    byte[] replace(int start, int stop, byte[] by) {
        byte[] result = new byte[bytes.length - (stop - start) + by.length];
        System.arraycopy(bytes, 0, result, 0, start);
        System.arraycopy(by, 0, result, start, by.length);
        System.arraycopy(bytes, stop, result, start + by.length, bytes.length - stop);
        return result;
    }
}
