package io.unshub.buffer;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.unshub.envelope.Reading;
import io.unshub.quality.Quality;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.activemq.artemis.api.core.ICoreMessage;
import org.apache.activemq.artemis.api.core.Message;

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
    private static final int FIRST_BYTES = 4 * 1024;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(FIRST_BYTES);
    private final CodedOutputStream out = CodedOutputStream.newInstance(bytes, FIRST_BYTES);
    private Reading first;
    private int readings;

    /** Whether there is room for one more. */
    boolean takes(Reading reading) {
        return readings == 0 || out.getTotalBytesWritten() + reading.payload().length <= MOST_BYTES;
    }

    /** Puts a reading in; all but the first ride in the message of another. */
    void put(Reading reading) {
        first = readings == 0 ? reading : first;
        reading.ride(readings > 0);
        readings++;
        try {
            out.writeStringNoTag(reading.topic());
            out.writeUInt64NoTag(reading.hubSeq());
            out.writeUInt64NoTag(reading.hubPrevSeq());
            out.writeUInt64NoTag(acceptedMillis(reading));
            out.writeStringNoTag(reading.quality() == null ? "" : reading.quality().name());
            out.writeStringNoTag(reading.schemaVersion() == null ? "" : reading.schemaVersion());
            out.writeByteArrayNoTag(reading.payload());
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
    }

    private static long acceptedMillis(Reading reading) {
        return reading.acceptedUtc() == null ? 0 : reading.acceptedUtc().toEpochMilli();
    }

    /**
     * Fills a message, after which no more readings go in. For who looks at it in a queue it says
     * what its first reading is.
     *
     * @param message an empty one
     */
    ICoreMessage seal(ICoreMessage message) {
        try {
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        message.putIntProperty(READINGS, readings);
        message.putStringProperty(UnitOfWork.TOPIC, first.topic());
        message.putLongProperty(UnitOfWork.SEQ, first.hubSeq());
        message.putLongProperty(UnitOfWork.ACCEPTED, acceptedMillis(first));
        message.getBodyBuffer().writeBytes(bytes.toByteArray());
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
     * @param body the message's
     */
    static List<Reading> open(Message message, byte[] body) {
        int count = readings(message);
        List<Reading> all = new ArrayList<>(count);
        CodedInputStream in = CodedInputStream.newInstance(body);
        try {
            for (int i = 0; i < count; i++) {
                Reading reading = read(in);
                reading.ride(i > 0);
                all.add(reading);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "a message of %d readings ends at the %d.".formatted(count, all.size() + 1), e);
        }
        return all;
    }

    private static Reading read(CodedInputStream in) throws IOException {
        String topic = in.readString();
        long hubSeq = in.readUInt64();
        long previous = in.readUInt64();
        long accepted = in.readUInt64();
        String quality = in.readString();
        String version = in.readString();
        Reading reading = new Reading(topic, in.readByteArray());
        reading.restore(
                hubSeq,
                previous,
                accepted == 0 ? null : Instant.ofEpochMilli(accepted),
                quality.isEmpty() ? null : Quality.valueOf(quality),
                version.isEmpty() ? null : version);
        return reading;
    }
}
