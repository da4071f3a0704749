package io.unshub.ops;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.uns.Sha256;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * How the lines of an audit file hold together: each has a number, one more than the one before,
 * and the SHA-256 of what stands before it, back to the start of the last such line, or else of the
 * file, without the line end between.
 *
 * <p>So the first one covers all lines from before there was a chain, and a line that a crash cut
 * short is covered by the next. What nothing covers is the end: whoever cuts lines off there, or
 * writes the whole file anew, is found out by a SHA-256 that was noted elsewhere.
 */
public final class AuditChain {

    static final String SEQUENCE = "seq";
    static final String PREVIOUS = "previous";

    private static final ObjectMapper JSON = new ObjectMapper();
    // many lines, and a small part of a large file
    private static final int TAIL_BYTES = 65_536;

    private AuditChain() {}

    /**
     * Where a file ends.
     *
     * @param size in bytes
     * @param sequence number of the last line of the chain; 0 before the first
     * @param sha256 what the next line says of what stands before it
     * @param torn whether the last line has no end
     */
    record End(long size, long sequence, String sha256, boolean torn) {}

    /**
     * What came of a look at a file.
     *
     * @param lines how many there are
     * @param unchained how many of them stand before the chain
     * @param torn how many of them a crash cut short
     * @param sequence number of the last line of the chain; 0 for none
     * @param sha256 of that line
     * @param broken the first line that is not as it was written; empty where all are
     * @param found whether the line that was asked for is among them
     */
    public record Report(
            long lines,
            long unchained,
            long torn,
            long sequence,
            String sha256,
            Optional<Break> broken,
            boolean found) {}

    /**
     * Where the chain does not hold.
     *
     * @param line its number in the file, from 1
     * @param what is wrong there
     */
    public record Break(long line, String what) {}

    /** The place of a line in the chain. */
    private record Place(long sequence, String previous) {}

    /** Where the file ends; reads no more of it than it must. */
    static End end(Path file) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
            long size = open.length();
            for (long bytes = TAIL_BYTES; ; bytes *= 16) {
                byte[] tail =
                        new byte[(int) Math.min(size, Math.min(bytes, Integer.MAX_VALUE - 8))];
                open.seek(size - tail.length);
                open.readFully(tail);
                boolean whole = tail.length == size;
                End end = end(tail, size, whole);
                if (whole || end.sequence() > 0) {
                    return end;
                }
            }
        }
    }

    private static End end(byte[] tail, long size, boolean whole) {
        boolean torn = tail.length > 0 && tail[tail.length - 1] != '\n';
        int until = torn || tail.length == 0 ? tail.length : tail.length - 1;
        for (int to = until; to >= 0; ) {
            int from = to;
            while (from > 0 && tail[from - 1] != '\n') {
                from--;
            }
            if (from > 0 || whole) {
                Place place = place(slice(tail, from, to));
                if (place != null) {
                    return new End(
                            size, place.sequence(), Sha256.hex(slice(tail, from, until)), torn);
                }
            }
            to = from - 1;
        }
        return new End(size, 0, Sha256.hex(slice(tail, 0, until)), torn);
    }

    private static byte[] slice(byte[] bytes, int from, int to) {
        return Arrays.copyOfRange(bytes, from, to);
    }

    /** Null for a line that has none. */
    private static Place place(byte[] line) {
        JsonNode json = json(line);
        return json != null
                        && json.path(SEQUENCE).isIntegralNumber()
                        && json.path(PREVIOUS).isTextual()
                ? new Place(json.path(SEQUENCE).asLong(), json.path(PREVIOUS).asText())
                : null;
    }

    /** Null for what is no JSON object. */
    private static JsonNode json(byte[] line) {
        try {
            JsonNode json = JSON.readTree(line);
            return json.isObject() ? json : null;
        } catch (JsonProcessingException e) {
            return null;
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory can be read", e);
        }
    }

    /**
     * Looks whether the lines of a file are as they were written.
     *
     * @param size up to which it is looked at
     * @param noted SHA-256 of a line that is looked for; null for none
     * @throws IOException if it cannot be read
     */
    public static Report verify(Path file, long size, String noted) throws IOException {
        Look look = new Look(noted);
        if (size > 0) {
            try (InputStream in = new BufferedInputStream(Files.newInputStream(file), TAIL_BYTES)) {
                ByteArrayOutputStream line = new ByteArrayOutputStream();
                for (long read = 0; read < size; read++) {
                    int next = in.read();
                    if (next == '\n') {
                        look.at(line.toByteArray());
                        line.reset();
                    } else {
                        line.write(next);
                    }
                }
                if (line.size() > 0) {
                    look.at(line.toByteArray());
                }
            }
        }
        return look.report();
    }

    /** A look from the first line to the last. */
    private static final class Look {
        private final String noted;
        private MessageDigest before = Sha256.digest();
        private long line;
        private long covered;
        private long unchained;
        private long torn;
        private long sequence;
        private String sha256 = "";
        private Break broken;
        private boolean found;

        Look(String noted) {
            this.noted = noted;
        }

        void at(byte[] text) {
            line++;
            if (broken != null) {
                return;
            }
            Place place = place(text);
            if (place != null) {
                follow(place);
                sha256 = Sha256.hex(text);
                found |= sha256.equals(noted);
                before = Sha256.digest();
                covered = line;
                sequence = place.sequence();
            } else {
                if (sequence == 0) {
                    unchained++;
                } else if (json(text) == null) {
                    torn++;
                } else {
                    broken =
                            new Break(
                                    line,
                                    "it has no place in the chain: it was inserted or changed");
                }
                if (line > 1) {
                    before.update((byte) '\n');
                }
            }
            before.update(text);
        }

        private void follow(Place place) {
            boolean holds = HexFormat.of().formatHex(before.digest()).equals(place.previous());
            if (place.sequence() > sequence + 1) {
                broken =
                        new Break(
                                line,
                                "its number is %d and follows %d: lines between were removed"
                                        .formatted(place.sequence(), sequence));
            } else if (place.sequence() <= sequence) {
                broken =
                        new Break(
                                line,
                                "its number is %d and follows %d: it, or the line before it, was inserted"
                                        .formatted(place.sequence(), sequence));
            } else if (!holds && sequence == 0) {
                broken =
                        new Break(
                                1,
                                "the lines before line %d, where the chain begins, are not as they were"
                                        .formatted(line));
            } else if (!holds) {
                broken =
                        new Break(
                                covered,
                                "line %d has another SHA-256 for it: one of the two was changed"
                                        .formatted(line));
            }
        }

        Report report() {
            return new Report(
                    line, unchained, torn, sequence, sha256, Optional.ofNullable(broken), found);
        }
    }
}
