package io.unshub.pattern;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Envelope;
import io.unshub.envelope.MessageIds;
import io.unshub.envelope.Reading;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;

/**
 * Claim Check: keeps large payloads in a {@link ClaimStore}, and puts readings in their place whose
 * value is the claim on them, as JSON. What is not large ends here.
 *
 * <p>A payload is on disk before its claim goes on. What cannot be kept is a failure of the route.
 */
public final class ClaimCheck implements Step {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final long above;
    private final ClaimStore store;

    /**
     * @param above size of the largest payload, in bytes, that is not kept
     * @param store where the others are
     */
    public ClaimCheck(long above, ClaimStore store) {
        this.above = above;
        this.store = store;
    }

    @Override
    public void apply(Batch batch, Hand hand) {
        List<Reading> claims = new ArrayList<>();
        for (Reading reading : batch) {
            if (reading.payload().length > above) {
                claims.add(claim(reading));
            }
        }
        batch.replace(claims);
    }

    private Reading claim(Reading reading) {
        Envelope of = reading.envelope();
        TextNode value = TextNode.valueOf(kept(reading));
        return Reading.of(
                new Envelope(
                                MessageIds.of(
                                        "claim",
                                        List.of(of.messageId().toString()),
                                        of.topic(),
                                        of.tsUtc(),
                                        value),
                                of.tsUtc(),
                                of.topic(),
                                value,
                                of.quality(),
                                "1",
                                of.sourceSystem(),
                                of.lineageVersion(),
                                Envelope.SCHEMA_VERSION,
                                of.errorCode(),
                                null)
                        .withHistory(of.messageHistory()));
    }

    private String kept(Reading reading) {
        try {
            return JSON.writeValueAsString(store.put(reading.payload()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a claim is two texts and a number", e);
        } catch (IOException e) {
            IllegalStateException failure =
                    new IllegalStateException(
                            "a payload of %,d bytes is not kept: %s"
                                    .formatted(reading.payload().length, why(e)));
            // as a cause it would stand for the whole in the alarm
            failure.addSuppressed(e);
            throw failure;
        }
    }

    /** The message of one of these is often the file alone. */
    private static String why(IOException e) {
        return e instanceof FileSystemException ? e.toString() : e.getMessage();
    }
}
