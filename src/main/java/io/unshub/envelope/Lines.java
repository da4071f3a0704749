package io.unshub.envelope;

import java.io.ByteArrayOutputStream;
import java.util.List;

/** Readings as JSON, one a line (NDJSON). */
public final class Lines {

    /** The payloads of a batch's readings, as they were published, a line feed after each. */
    public byte[] of(Object body) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (Reading reading : readings(body)) {
            lines.writeBytes(reading.payload());
            lines.write('\n');
        }
        return lines.toByteArray();
    }

    /** The readings of a batch, or the one that a route has in hand. */
    static List<Reading> readings(Object body) {
        return body instanceof Batch batch ? batch.readings() : List.of((Reading) body);
    }
}
