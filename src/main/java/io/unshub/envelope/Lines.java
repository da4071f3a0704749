package io.unshub.envelope;

import java.io.ByteArrayOutputStream;
import java.util.List;

/** Readings as JSON, one a line (NDJSON). */
public final class Lines {

    /**
     * The payloads of a batch's readings, as they were published, a line feed after each.
     *
     * @param takeSimulated whether simulated ones are among them
     */
    public byte[] of(Object body, boolean takeSimulated) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (Reading reading : readings(body, takeSimulated)) {
            lines.writeBytes(reading.payload());
            lines.write('\n');
        }
        return lines.toByteArray();
    }

    /**
     * The readings of a batch, or the one that a route has in hand. Of valid readings.
     *
     * @param takeSimulated whether simulated ones are among them
     */
    static List<Reading> readings(Object body, boolean takeSimulated) {
        List<Reading> all =
                body instanceof Batch batch ? batch.readings() : List.of((Reading) body);
        return takeSimulated
                ? all
                : all.stream().filter(reading -> !reading.envelope().simulated()).toList();
    }
}
