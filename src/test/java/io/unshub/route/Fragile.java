package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.unshub.envelope.Batch;
import io.unshub.envelope.Reading;

/** A stage of an engineer's own that breaks on one reading and, with it, on its batch. */
public final class Fragile {

    /** Throws when the batch holds a payload with {@code poison}. */
    public void validate(Batch batch) {
        for (Reading reading : batch) {
            if (new String(reading.payload(), UTF_8).contains("poison")) {
                throw new IllegalStateException("cannot digest");
            }
        }
    }
}
