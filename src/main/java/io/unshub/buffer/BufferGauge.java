package io.unshub.buffer;

import io.unshub.ledger.Ledger;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.activemq.artemis.core.server.MessageReference;
import org.apache.activemq.artemis.core.server.Queue;

/**
 * How much waits, how old it is, and how much room there is for more.
 *
 * <p>The room is the smaller of two: the configured size of the broker's folder, and what the
 * volume has left above the reserve that the hub never uses. Threads: any. Failure: a folder that
 * cannot be read is an {@link IOException}.
 */
public final class BufferGauge {

    private static final double TIDY = 0.80;

    private final Broker broker;
    private final Ledger ledger;
    private final Path folder;
    private final Room room;
    private final InstantSource clock;

    /**
     * What the gauge shows.
     *
     * @param at when
     * @param readings how many readings wait, those that are not yet in a transaction among them
     * @param readingBytes what they take, without the files' own overhead
     * @param bytes what the broker's folder takes on disk
     * @param allowedBytes what it may take
     * @param oldestUtc when the oldest reading that waits was accepted; null where none does
     * @param accepted readings taken in since the books began, replays once more
     * @param forwarded readings that the far side acknowledged
     */
    public record Level(
            Instant at,
            long readings,
            long readingBytes,
            long bytes,
            long allowedBytes,
            Instant oldestUtc,
            long accepted,
            long forwarded) {

        /** How full the buffer is: 1 is full, and more is what is taken from the reserve. */
        public double fill() {
            return allowedBytes <= 0 ? 1 : (double) bytes / allowedBytes;
        }
    }

    /**
     * @param broker holds the queues
     * @param ledger counts what waits
     * @param folder the broker's files
     * @param room what they may take
     * @param clock tells the time
     */
    public BufferGauge(Broker broker, Ledger ledger, Path folder, Room room, InstantSource clock) {
        this.broker = broker;
        this.ledger = ledger;
        this.folder = folder;
        this.room = room;
        this.clock = clock;
    }

    /** Reads the gauge; what looks full is tidied up first. */
    public Level read() throws Exception {
        Level level = look();
        if (level.fill() >= TIDY) {
            // journal files go when the next one begins, which is never while nobody may publish
            broker.tidy();
            level = look();
        }
        return level;
    }

    private Level look() throws IOException {
        long bytes = size();
        long awaiting = broker.awaiting();
        return new Level(
                clock.instant(),
                ledger.buffered() + awaiting,
                readingBytes(),
                bytes,
                Math.min(room.maxBytes(), bytes + room.left()),
                oldest().orElse(null),
                ledger.ingested() + awaiting,
                ledger.forwarded());
    }

    private long readingBytes() {
        long sum = 0;
        for (String lane : Queues.buffer()) {
            sum += broker.queue(lane).map(Queue::getPersistentSize).orElse(0L);
        }
        return sum + broker.queue(Queues.INGEST).map(Queue::getPersistentSize).orElse(0L);
    }

    private long size() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).mapToLong(BufferGauge::size).sum();
        } catch (UncheckedIOException e) {
            // a page or journal file that went while it was looked at
            if (e.getCause() instanceof NoSuchFileException) {
                return size();
            }
            throw e.getCause();
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Optional<Instant> oldest() {
        long oldest = Long.MAX_VALUE;
        for (String lane : Queues.buffer()) {
            MessageReference first = broker.queue(lane).map(Queue::peekFirstMessage).orElse(null);
            if (first != null) {
                oldest = Math.min(oldest, first.getMessage().getLongProperty(UnitOfWork.ACCEPTED));
            }
        }
        return oldest == Long.MAX_VALUE
                ? Optional.empty()
                : Optional.of(Instant.ofEpochMilli(oldest));
    }
}
