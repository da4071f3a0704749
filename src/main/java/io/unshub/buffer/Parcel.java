package io.unshub.buffer;

import io.unshub.envelope.Reading;
import io.unshub.quality.Quality;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.activemq.artemis.api.core.ActiveMQBuffer;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.client.ClientMessage;

/**
 * Several readings in one message of the broker, as it is the message that costs and not its bytes.
 *
 * <p>In: readings, in order. Out: the same readings, in the same order. Bounded: one that is full
 * takes no more, and the next reading begins another; a reading larger than that travels alone. Not
 * thread-safe.
 */
final class Parcel {

    /** How many readings a message carries; a message without it is one reading by itself. */
    static final String READINGS = "readings";

    /** Marks a message with a reading that a parcel in the ingest queue has, too. */
    static final String ALSO = "alsoInParcel";

    private static final int MOST_BYTES = 32 * 1024;

    private final ClientMessage message;
    private int readings;
    private int bytes;

    /**
     * @param message an empty one
     */
    Parcel(ClientMessage message) {
        this.message = message;
    }

    /** Whether there is room for one more. */
    boolean takes(Reading reading) {
        return readings == 0 || bytes + reading.payload().length <= MOST_BYTES;
    }

    /** Puts a reading in; all but the first ride in the message of another. */
    void put(Reading reading) {
        long acceptedUtc = reading.acceptedUtc() == null ? 0 : reading.acceptedUtc().toEpochMilli();
        if (readings == 0) {
            message.putLongProperty(UnitOfWork.ACCEPTED, acceptedUtc);
        }
        reading.ride(readings > 0);
        readings++;
        bytes += reading.payload().length;
        ActiveMQBuffer body = message.getBodyBuffer();
        write(body, reading.topic());
        body.writeLong(reading.hubSeq());
        body.writeLong(reading.hubPrevSeq());
        body.writeLong(acceptedUtc);
        write(body, reading.quality() == null ? "" : reading.quality().name());
        write(body, reading.schemaVersion() == null ? "" : reading.schemaVersion());
        write(body, reading.payload());
    }

    private static void write(ActiveMQBuffer body, String text) {
        write(body, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void write(ActiveMQBuffer body, byte[] bytes) {
        body.writeInt(bytes.length);
        body.writeBytes(bytes);
    }

    private static String text(ActiveMQBuffer body) {
        return new String(bytes(body), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(ActiveMQBuffer body) {
        byte[] bytes = new byte[body.readInt()];
        body.readBytes(bytes);
        return bytes;
    }

    /** The message, which takes no more readings. */
    ClientMessage seal() {
        message.putIntProperty(READINGS, readings);
        return message;
    }

    /** Whether a message carries readings, rather than being one. */
    static boolean is(Message message) {
        return message.containsProperty(READINGS);
    }

    /** How many readings a message carries, if it does. */
    static int readings(Message message) {
        return message.getIntProperty(READINGS);
    }

    /**
     * The readings that a message carries.
     *
     * @param body the message's, at its beginning
     */
    static List<Reading> open(Message message, ActiveMQBuffer body) {
        int count = readings(message);
        List<Reading> all = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            String topic = text(body);
            long hubSeq = body.readLong();
            long previous = body.readLong();
            long acceptedUtc = body.readLong();
            String quality = text(body);
            String version = text(body);
            Reading reading = new Reading(topic, bytes(body));
            reading.restore(
                    hubSeq,
                    previous,
                    acceptedUtc == 0 ? null : Instant.ofEpochMilli(acceptedUtc),
                    quality.isEmpty() ? null : Quality.valueOf(quality),
                    version.isEmpty() ? null : version);
            reading.ride(i > 0);
            all.add(reading);
        }
        return all;
    }
}
