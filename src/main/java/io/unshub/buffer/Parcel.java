package io.unshub.buffer;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.unshub.envelope.Envelope;
import io.unshub.envelope.Reading;
import io.unshub.quality.Quality;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.activemq.artemis.api.core.ActiveMQBuffer;
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

    private final List<byte[]> written = new ArrayList<>();
    private final List<Envelope> made = new ArrayList<>();
    private Reading first;
    private int bytes;

    /** Whether there is room for one more. */
    boolean takes(Reading reading) {
        return written.isEmpty() || bytes + reading.payload().length <= MOST_BYTES;
    }

    /** Puts a reading in; all but the first ride in the message of another. */
    void put(Reading reading) {
        first = written.isEmpty() ? reading : first;
        reading.ride(!written.isEmpty());
        byte[] one = write(reading);
        written.add(one);
        bytes += one.length;
        if (reading.made() != null) {
            made.add(reading.made());
        }
    }

    private static byte[] write(Reading reading) {
        String quality = reading.quality() == null ? "" : reading.quality().name();
        String version = reading.schemaVersion() == null ? "" : reading.schemaVersion();
        byte[] one =
                new byte
                        [CodedOutputStream.computeStringSizeNoTag(reading.topic())
                                + CodedOutputStream.computeUInt64SizeNoTag(reading.hubSeq())
                                + CodedOutputStream.computeUInt64SizeNoTag(reading.hubPrevSeq())
                                + CodedOutputStream.computeUInt64SizeNoTag(acceptedMillis(reading))
                                + CodedOutputStream.computeStringSizeNoTag(quality)
                                + CodedOutputStream.computeStringSizeNoTag(version)
                                + CodedOutputStream.computeByteArraySizeNoTag(reading.payload())];
        CodedOutputStream out = CodedOutputStream.newInstance(one);
        try {
            out.writeStringNoTag(reading.topic());
            out.writeUInt64NoTag(reading.hubSeq());
            out.writeUInt64NoTag(reading.hubPrevSeq());
            out.writeUInt64NoTag(acceptedMillis(reading));
            out.writeStringNoTag(quality);
            out.writeStringNoTag(version);
            out.writeByteArrayNoTag(reading.payload());
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return one;
    }

    private static long acceptedMillis(Reading reading) {
        return reading.acceptedUtc() == null ? 0 : reading.acceptedUtc().toEpochMilli();
    }

    /** Bytes of all readings in it. */
    int size() {
        return bytes;
    }

    /**
     * Fills a message, after which no more readings go in. For who looks at it in a queue it says
     * what its first reading is.
     *
     * @param message an empty one
     */
    ICoreMessage seal(ICoreMessage message) {
        message.putIntProperty(READINGS, written.size());
        message.putStringProperty(UnitOfWork.TOPIC, first.topic());
        message.putLongProperty(UnitOfWork.SEQ, first.hubSeq());
        message.putLongProperty(UnitOfWork.ACCEPTED, acceptedMillis(first));
        ActiveMQBuffer body = message.getBodyBuffer();
        written.forEach(body::writeBytes);
        return message;
    }

    /**
     * Lets who gets the message while it is in memory know what its readings were made of, so that
     * they need not be read. A queue that may grow long is no place for it.
     */
    void remember(ICoreMessage message) {
        if (made.size() == written.size()) {
            message.setUserContext(Parcel.class, made);
        }
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
        List<?> made = message.getUserContext(Parcel.class) instanceof List<?> known ? known : null;
        try {
            for (int i = 0; i < count; i++) {
                Reading reading = read(in);
                reading.ride(i > 0);
                if (made != null) {
                    reading.madeOf((Envelope) made.get(i));
                }
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
