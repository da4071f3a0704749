package io.unshub.envelope;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.unshub.uns.Excerpt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Takes a body apart that holds one reading, or an array of readings. */
public final class PostedBody {

    /** A reading in an array may nest as deeply as one alone. */
    private static final JsonFactory FACTORY =
            Payload.FACTORY
                    .rebuild()
                    .streamReadConstraints(
                            Payload.FACTORY
                                    .streamReadConstraints()
                                    .rebuild()
                                    .maxNestingDepth(Payload.MAX_NESTING + 1)
                                    .build())
                    .build();

    private PostedBody() {}

    /**
     * Returns the readings in their order, each with the bytes that it had. What is between the
     * brackets need not be an envelope, nor an object: the validator says so of each.
     *
     * @param body UTF-8 JSON
     * @throws IllegalArgumentException if the body is no JSON, or neither object nor array; it says
     *     where and what to send
     */
    public static List<byte[]> split(byte[] body) {
        if (body.length > 1 && body[0] == 0x1F && body[1] == (byte) 0x8B) {
            throw new IllegalArgumentException(
                    "the body is compressed with gzip, which is not read; send it as it is");
        }
        String notText = Payload.notUtf8(body);
        if (notText != null) {
            throw new IllegalArgumentException(notText.replace("payload", "body") + "; send UTF-8");
        }
        try (JsonParser parser = FACTORY.createParser(body)) {
            JsonToken first = parser.nextToken();
            List<byte[]> readings = new ArrayList<>();
            if (first == JsonToken.START_OBJECT) {
                readings.add(value(parser, body));
            } else if (first == JsonToken.START_ARRAY) {
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    readings.add(value(parser, body));
                }
            } else {
                throw new IllegalArgumentException(
                        "the body holds no reading; send an envelope, or an array of them");
            }
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException(
                        "the body goes on after its end at byte "
                                + parser.currentTokenLocation().getByteOffset()
                                + "; send several readings as an array");
            }
            return readings;
        } catch (StreamConstraintsException e) {
            throw new IllegalArgumentException(
                    "the body breaks a limit: "
                            + Excerpt.of(e.getOriginalMessage())
                            + "; send an envelope, or an array of them",
                    e);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "the body is no JSON at byte "
                            + e.getLocation().getByteOffset()
                            + ": "
                            + Excerpt.of(e.getOriginalMessage())
                            + "; send an envelope, or an array of them",
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] value(JsonParser parser, byte[] body) throws IOException {
        int start = (int) parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        parser.finishToken();
        return Arrays.copyOfRange(body, start, (int) parser.currentLocation().getByteOffset());
    }
}
