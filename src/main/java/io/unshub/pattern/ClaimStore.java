package io.unshub.pattern;

import io.unshub.uns.Sha256;
import io.unshub.uns.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.commons.io.FileUtils;

/**
 * Payloads that stay on the plant while a claim on them travels: a folder a day, in it a file for
 * each payload, named by its SHA-256.
 *
 * <p>Guarantees: when {@link #put} returns, the payload is on disk, whole and synced; one that is
 * there already is not written again. What is older than {@code keepFor} goes with its day, at the
 * first payload of a later one. Threads: any. Failure: an {@link IOException} says that a payload
 * is not kept and why; what is kept stays.
 */
public final class ClaimStore {

    /** Its folder, in the data folder. */
    public static final String FOLDER = "claims";

    private static final String ENDING = ".json";
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern DAY = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");

    private final Path folder;
    private final Duration keepFor;
    private final long maxBytes;
    private final Room room;
    private final InstantSource clock;
    private LocalDate today;
    private long used = -1;

    /**
     * What a payload can be had for.
     *
     * @param sha256 of the payload, in lower case hex
     * @param bytes of the payload
     * @param file in the store, with / between folder and name
     */
    public record Claim(String sha256, long bytes, String file) {}

    /** What the volume has left for others than the buffer. */
    @FunctionalInterface
    public interface Room {
        /** Bytes that may be written. */
        long left() throws IOException;
    }

    /**
     * @param folder made with the first payload
     * @param keepFor how long a payload is kept at least
     * @param maxBytes what all may take
     * @param room what the volume has left
     * @param clock tells the day
     */
    public ClaimStore(
            Path folder, Duration keepFor, long maxBytes, Room room, InstantSource clock) {
        this.folder = folder;
        this.keepFor = keepFor;
        this.maxBytes = maxBytes;
        this.room = room;
        this.clock = clock;
    }

    /**
     * Keeps a payload.
     *
     * @throws IOException if it cannot be written, or there is no room for it
     */
    public synchronized Claim put(byte[] payload) throws IOException {
        Instant now = clock.instant();
        LocalDate day = LocalDate.ofInstant(now, ZoneOffset.UTC);
        if (!day.equals(today)) {
            forget(now);
            today = day;
        }
        String sha256 = Sha256.hex(payload);
        Claim claim = new Claim(sha256, payload.length, day + "/" + sha256 + ENDING);
        Path file = folder.resolve(claim.file());
        if (!Files.exists(file)) {
            requireRoom(payload.length);
            write(file, payload);
            used = bytes() + payload.length;
        }
        return claim;
    }

    /**
     * A payload that is kept.
     *
     * @param sha256 of it
     * @return empty when there is none
     * @throws IOException if it cannot be read, or is not what it was
     */
    public Optional<byte[]> get(String sha256) throws IOException {
        if (!SHA256.matcher(sha256).matches()) {
            return Optional.empty();
        }
        for (Path day : days()) {
            Path file = day.resolve(sha256 + ENDING);
            if (Files.exists(file)) {
                byte[] payload = Files.readAllBytes(file);
                if (!Sha256.hex(payload).equals(sha256)) {
                    throw new IOException(
                            file + " is not what was kept in it; restore it from a copy");
                }
                return Optional.of(payload);
            }
        }
        return Optional.empty();
    }

    /** What all payloads take, in bytes. */
    public synchronized long bytes() {
        if (used < 0) {
            used = Files.isDirectory(folder) ? FileUtils.sizeOfDirectory(folder.toFile()) : 0;
        }
        return used;
    }

    private void requireRoom(long bytes) throws IOException {
        if (bytes() + bytes > maxBytes) {
            throw new IOException(
                    "%s has %,d of the %,d bytes that it may have; raise unshub.claims.max-bytes, or lower unshub.claims.keep-for"
                            .formatted(folder, bytes(), maxBytes));
        }
        if (room.left() < bytes) {
            throw new IOException(
                    "the volume of %s has nothing left but the buffer's reserve; make room on it"
                            .formatted(folder));
        }
    }

    private void write(Path file, byte[] payload) throws IOException {
        Path day = file.getParent();
        if (!Files.isDirectory(day)) {
            Files.createDirectories(day);
            WholeFile.sync(folder.toAbsolutePath().getParent());
            WholeFile.sync(folder);
        }
        WholeFile.replaceOnDisk(file, to -> Files.write(to, payload));
    }

    private void forget(Instant now) throws IOException {
        for (Path day : days()) {
            Instant end =
                    LocalDate.parse(day.getFileName().toString())
                            .plusDays(1)
                            .atStartOfDay(ZoneOffset.UTC)
                            .toInstant();
            if (!end.plus(keepFor).isAfter(now)) {
                FileUtils.deleteDirectory(day.toFile());
                used = -1;
            }
        }
    }

    private List<Path> days() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var all = Files.list(folder)) {
            return all.filter(each -> DAY.matcher(each.getFileName().toString()).matches())
                    .toList();
        }
    }
}
