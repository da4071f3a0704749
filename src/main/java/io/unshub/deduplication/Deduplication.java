package io.unshub.deduplication;

import io.unshub.deadletter.Reason;
import io.unshub.deadletter.Rejection;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Outcome;
import io.unshub.envelope.Reading;
import io.unshub.uns.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.apache.commons.io.FileUtils;
import org.jboss.logging.Logger;
import org.rocksdb.RocksDBException;

/**
 * The deduplicate stage, an Idempotent Receiver: takes a reading out of the batch whose {@code
 * messageId} came on the same topic within the window with the same bytes. With other bytes it is
 * rejected as {@link Reason#DUPLICATE_CONFLICT}.
 *
 * <p>A sighting counts only once its transaction has committed: it holds the reading's hubSeq, and
 * the ledger knows up to which one a topic has been taken in. So a batch that was rolled back, or
 * cut short by a crash, comes again and is not taken for its own repeat. What an operator replays
 * is never taken out.
 *
 * <p>Threads: one batch at a time. Failure: without its table the stage lets everything pass, as a
 * repeat is better than a loss, and says so; {@link #tick()} opens the table again.
 */
public final class Deduplication implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Deduplication.class);
    private static final int HASH_BYTES = 16;

    private final Path folder;
    private final Duration window;
    private final ToLongFunction<String> committedSeq;
    private final Consumer<String> trouble;
    private final LongSupplier nanos;
    private final MessageDigest digest = Sha256.digest();
    private SightingTable table;
    private Newest newest;
    private boolean closed;

    /**
     * @param folder where the table lies
     * @param window how long a reading is remembered; zero switches the stage off
     * @param committedSeq up to which hubSeq a topic's readings have been taken in for good
     * @param trouble is told what is wrong with the table, and null once it works
     */
    public Deduplication(
            Path folder,
            Duration window,
            ToLongFunction<String> committedSeq,
            Consumer<String> trouble) {
        this(folder, window, committedSeq, trouble, System::nanoTime);
    }

    /**
     * @param nanos goes on whatever becomes of the clock, as {@link System#nanoTime()}
     */
    Deduplication(
            Path folder,
            Duration window,
            ToLongFunction<String> committedSeq,
            Consumer<String> trouble,
            LongSupplier nanos) {
        this.nanos = nanos;
        this.folder = folder;
        this.window = window;
        this.committedSeq = committedSeq;
        this.trouble = trouble;
    }

    /** Takes repeats out of the batch and remembers the rest. */
    public synchronized void deduplicate(Batch batch) {
        if (window.isZero()) {
            return;
        }
        if (table == null) {
            open();
        }
        if (table == null) {
            return;
        }
        List<Reading> readings = new ArrayList<>(batch.size());
        List<byte[]> keys = new ArrayList<>(batch.size());
        for (Reading reading : batch) {
            if (!reading.rejected() && reading.envelope() != null) {
                readings.add(reading);
                keys.add(key(reading));
            }
        }
        if (keys.isEmpty()) {
            return;
        }
        try {
            table.put(compare(readings, keys, stored(readings, keys)));
        } catch (RocksDBException e) {
            failed("cannot be read or written", e);
        }
        batch.readings().removeIf(reading -> reading.outcome() == Outcome.DEDUPLICATED);
    }

    /** The sighting of each reading in the table, in order; null where there is none. */
    private List<Sighting> stored(List<Reading> readings, List<byte[]> keys)
            throws RocksDBException {
        List<Sighting> stored = new ArrayList<>(Collections.nCopies(keys.size(), null));
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            if (!newest.isFirst(readings.get(i))) {
                places.add(i);
            }
        }
        if (!places.isEmpty()) {
            List<Sighting> found = table.find(places.stream().map(keys::get).toList());
            for (int i = 0; i < found.size(); i++) {
                stored.set(places.get(i), found.get(i));
            }
        }
        return stored;
    }

    /** Opens the table again after a failure; for a housekeeping thread. */
    public synchronized void tick() {
        if (table == null && !window.isZero() && !closed) {
            open();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (table != null) {
            table.close();
            table = null;
        }
    }

    /** Marks what is a repeat; the rest is what to remember, by key. */
    private Map<ByteBuffer, Sighting> compare(
            List<Reading> readings, List<byte[]> keys, List<Sighting> stored) {
        Map<ByteBuffer, Sighting> fresh = new HashMap<>();
        for (int i = 0; i < readings.size(); i++) {
            Reading reading = readings.get(i);
            Sighting now =
                    new Sighting(reading.hubSeq(), reading.acceptedUtc(), hash(reading.payload()));
            ByteBuffer key = ByteBuffer.wrap(keys.get(i));
            Sighting before = fresh.get(key);
            if (before == null && counts(stored.get(i), reading)) {
                before = stored.get(i);
            }
            if (before == null || reading.replayed()) {
                fresh.put(key, now);
            } else if (before.sameBytes(now)) {
                reading.end(Outcome.DEDUPLICATED);
            } else {
                reading.reject(conflict(reading, before));
            }
        }
        return fresh;
    }

    private boolean counts(Sighting stored, Reading reading) {
        return stored != null
                && stored.hubSeq() <= committedSeq.applyAsLong(reading.topic())
                && !stored.acceptedUtc().plus(window).isBefore(reading.acceptedUtc());
    }

    private static Rejection conflict(Reading reading, Sighting before) {
        return new Rejection(
                Reason.DUPLICATE_CONFLICT,
                "messageId",
                ("messageId %s came on this topic before, at %s as hubSeq %d, with other bytes; give"
                                + " each reading an id of its own, or publish a repeat exactly as it"
                                + " was")
                        .formatted(
                                reading.envelope().messageId(),
                                before.acceptedUtc(),
                                before.hubSeq()));
    }

    private byte[] key(Reading reading) {
        return hash(
                reading.topic().getBytes(StandardCharsets.UTF_8),
                new byte[] {0},
                reading.envelope().messageId().toString().getBytes(StandardCharsets.US_ASCII));
    }

    private byte[] hash(byte[]... parts) {
        for (byte[] part : parts) {
            digest.update(part);
        }
        return Arrays.copyOf(digest.digest(), HASH_BYTES);
    }

    private void open() {
        try {
            begin();
            trouble.accept(null);
        } catch (RocksDBException e) {
            setAside(e);
        } catch (IOException | LinkageError e) {
            failed("cannot be opened", e);
        }
    }

    private void begin() throws IOException, RocksDBException {
        SightingTable opened = new SightingTable(folder, window);
        try {
            newest = new Newest(window, opened.isEmpty(), nanos);
            table = opened;
        } catch (RocksDBException e) {
            opened.close();
            throw e;
        }
    }

    /** Only the last minutes are in it: a damaged table is worth less than a working one. */
    private void setAside(RocksDBException damage) {
        Path aside = folder.resolveSibling(folder.getFileName() + ".damaged");
        try {
            FileUtils.deleteDirectory(aside.toFile());
            Files.move(folder, aside, StandardCopyOption.ATOMIC_MOVE);
            begin();
            LOG.warnf(
                    "%s could not be read (%s) and lies in %s now; repeats of what was accepted"
                            + " before now are not recognised",
                    folder, damage.getMessage(), aside);
            trouble.accept(null);
        } catch (IOException | RocksDBException e) {
            failed("cannot be opened", e);
        }
    }

    private void failed(String what, Throwable e) {
        if (table != null) {
            table.close();
            table = null;
        }
        trouble.accept(
                "the table of accepted readings in %s %s (%s); repeats pass until it can be used again"
                        .formatted(folder, what, e.getMessage()));
    }
}
