package io.unshub.simulator.eventhubs;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jboss.logging.Logger;

/**
 * The events of one partition, in a file that only grows.
 *
 * <p>A record is its length, sequence number, enqueued time and the encoded AMQP message; its place
 * in the file is the event's offset. Memory holds the place of every {@value #STRIDE}th record
 * only.
 *
 * <p>Guarantee: what was appended is there after the process is killed; it is not synced, so it may
 * be gone after a power cut. Threads: one. Failure: a torn last record is cut off at the start,
 * with a line in the log.
 */
final class PartitionLog implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(PartitionLog.class);
    private static final int STRIDE = 64;
    private static final int HEADER = Integer.BYTES + Long.BYTES + Long.BYTES;
    private static final int MAX_RECORD = 16 * 1024 * 1024;

    private final FileChannel file;
    private long[] places = new long[16];
    private long[] times = new long[16];
    private long count;
    private long end;
    private long lastPlace = -1;
    private long lastTime;

    /**
     * One stored event.
     *
     * @param sequence from 0, without gaps
     * @param place its offset
     * @param next the offset of the event behind it
     * @param enqueued milliseconds since 1970
     * @param message the encoded AMQP message as it was sent
     */
    record Event(long sequence, long place, long next, long enqueued, byte[] message) {}

    PartitionLog(Path path) throws IOException {
        file =
                FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        long size = Files.size(path);
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(path), 1 << 16))) {
            while (end + HEADER <= size) {
                int length = in.readInt();
                long sequence = in.readLong();
                long enqueued = in.readLong();
                if (length < 0
                        || length > MAX_RECORD
                        || sequence != count
                        || end + HEADER + length > size) {
                    break;
                }
                in.skipNBytes(length);
                noteRecord(enqueued, HEADER + length);
            }
        } catch (EOFException e) {
            LOG.debug("log ends within a record", e);
        }
        if (end < size) {
            LOG.warnf(
                    "%s: the last record is torn; %d bytes behind event %d are cut off",
                    path, size - end, count - 1);
            file.truncate(end);
        }
        file.position(end);
    }

    /** Appends an event and returns its sequence number. */
    long append(byte[] message, long now) throws IOException {
        ByteBuffer record = ByteBuffer.allocate(HEADER + message.length);
        record.putInt(message.length).putLong(count).putLong(now).put(message).flip();
        while (record.hasRemaining()) {
            file.write(record);
        }
        noteRecord(now, HEADER + message.length);
        return count - 1;
    }

    /** The event at this place, or null at the end of the log. */
    Event read(long place) throws IOException {
        if (place >= end) {
            return null;
        }
        ByteBuffer header = readFully(place, HEADER);
        int length = header.getInt();
        long sequence = header.getLong();
        long enqueued = header.getLong();
        ByteBuffer message = readFully(place + HEADER, length);
        return new Event(sequence, place, place + HEADER + length, enqueued, message.array());
    }

    /** The place of the first event with this sequence number or a higher one. */
    long placeOfSequence(long sequence) throws IOException {
        if (sequence <= 0) {
            return 0;
        }
        if (sequence >= count) {
            return end;
        }
        Event event = read(places[(int) (sequence / STRIDE)]);
        while (event.sequence() < sequence) {
            event = read(event.next());
        }
        return event.place();
    }

    /** The place of the first event that was enqueued at or after this time. */
    long placeOfTime(long millis) throws IOException {
        int known = (int) ((count + STRIDE - 1) / STRIDE);
        int found = Arrays.binarySearch(times, 0, known, millis);
        // equal times may begin before the hit: walk from the mark in front of it
        int mark = Math.max(0, (found < 0 ? -found - 1 : found) - 1);
        while (mark > 0 && times[mark] >= millis) {
            mark--;
        }
        Event event = known == 0 ? null : read(places[mark]);
        while (event != null && event.enqueued() < millis) {
            event = read(event.next());
        }
        return event == null ? end : event.place();
    }

    long end() {
        return end;
    }

    long lastSequence() {
        return count - 1;
    }

    long lastPlace() {
        return lastPlace;
    }

    long lastTime() {
        return lastTime;
    }

    boolean isEmpty() {
        return count == 0;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private void noteRecord(long enqueued, int length) {
        if (count % STRIDE == 0) {
            int mark = (int) (count / STRIDE);
            if (mark == places.length) {
                places = Arrays.copyOf(places, mark * 2);
                times = Arrays.copyOf(times, mark * 2);
            }
            places[mark] = end;
            times[mark] = enqueued;
        }
        lastPlace = end;
        lastTime = enqueued;
        end += length;
        count++;
    }

    private ByteBuffer readFully(long place, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (file.read(bytes, place + bytes.position()) < 0) {
                throw new EOFException("the log ends within the record at " + place);
            }
        }
        return bytes.flip();
    }
}
