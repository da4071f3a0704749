package io.unshub.envelope;

import java.io.ByteArrayOutputStream;
import java.util.List;

/** Readings as JSON, one a line (NDJSON). */
public final class Lines {

    /** The payloads of a batch's readings, as they were published, a line feed after each. */
    public byte[] of(Object body) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (Reading reading :
                body instanceof Batch batch ? batch.readings() : List.of((Reading) body)) {
            lines.writeBytes(reading.payload());
            lines.write('\n');
        }
        return lines.toByteArray();
    }
}
