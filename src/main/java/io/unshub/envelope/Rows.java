package io.unshub.envelope;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Readings as rows of a table: what a statement can name, and its value. */
public final class Rows {

    /**
     * A row for each of a batch's readings, in order. Of valid readings.
     *
     * @param takeSimulated whether simulated ones are among them
     */
    public List<Map<String, Object>> of(Object body, boolean takeSimulated) {
        return Lines.readings(body, takeSimulated).stream().map(Rows::row).toList();
    }

    private static Map<String, Object> row(Reading reading) {
        Envelope envelope = reading.envelope();
        Map<String, Object> row = new HashMap<>();
        row.put("messageId", envelope.messageId().toString());
        row.put("topic", reading.topic());
        row.put("tsUtc", envelope.tsUtc().atOffset(ZoneOffset.UTC));
        row.put("number", reading.decimal());
        row.put("text", envelope.value().isNull() ? null : reading.text());
        row.put("quality", envelope.quality().name());
        row.put("units", envelope.units());
        row.put("sourceSystem", envelope.sourceSystem());
        row.put("lineageVersion", envelope.lineageVersion());
        row.put("schemaVersion", envelope.schemaVersion());
        row.put("errorCode", envelope.errorCode());
        row.put("hubSeq", reading.hubSeq());
        row.put("acceptedUtc", reading.acceptedUtc().atOffset(ZoneOffset.UTC));
        row.put("payload", new String(reading.payload(), UTF_8));
        return row;
    }
}
