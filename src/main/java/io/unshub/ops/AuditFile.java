package io.unshub.ops;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.uns.FileTurn;
import io.unshub.uns.OwnerOnlyFile;
import io.unshub.uns.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What people did to the hub: one line of JSON each, on disk before the call returns, never changed
 * afterwards, and each with the SHA-256 of the one before it, see {@link AuditChain}.
 *
 * <p>Guarantees: the hub and any number of its commands may write at once; a line that a crash cut
 * short stays as it is, and the next one stands on a line of its own. Threads: any. Failure: an
 * {@link UncheckedIOException}, and what was to be done must then not be done.
 */
public final class AuditFile {

    /** Its name in the data folder. */
    public static final String NAME = "audit.ndjson";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final InstantSource clock;
    private AuditChain.End end;

    /**
     * @param file made when it is absent
     * @param clock tells when a line was written
     */
    public AuditFile(Path file, InstantSource clock) {
        this.file = file;
        this.clock = clock;
    }

    /** The one in a data folder. */
    public static AuditFile in(Path dataDir, InstantSource clock) {
        return new AuditFile(dataDir.resolve(NAME), clock);
    }

    /**
     * Adds a line.
     *
     * @param who did it, as they say
     * @param event what was done
     * @param facts more of it
     */
    public void add(String who, AuditEvent event, Map<String, ?> facts) {
        try {
            FileTurn.on(
                    file,
                    () -> {
                        append(who, event, facts);
                        return null;
                    });
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("the audit line cannot be written", e);
        } catch (IOException e) {
            throw new UncheckedIOException("the audit file " + file + " cannot be written", e);
        }
    }

    /**
     * Looks whether the lines are as they were written.
     *
     * @param noted SHA-256 of a line that is looked for; null for none
     * @throws IOException if the file cannot be read
     */
    public AuditChain.Report verify(String noted) throws IOException {
        // what is added meanwhile is not looked at
        long size = FileTurn.on(file, () -> Files.exists(file) ? Files.size(file) : 0);
        return AuditChain.verify(file, size, noted);
    }

    private void append(String who, AuditEvent event, Map<String, ?> facts) throws IOException {
        if (!Files.exists(file)) {
            OwnerOnlyFile.create(file);
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.APPEND)) {
            if (end == null || end.size() != channel.size()) {
                end = AuditChain.end(file);
            }
            Map<String, Object> line = new LinkedHashMap<>();
            line.put(AuditChain.SEQUENCE, end.sequence() + 1);
            line.put(AuditChain.PREVIOUS, end.sha256());
            line.put("at", clock.instant().toString());
            line.put("who", who);
            line.put("action", event.word());
            line.putAll(facts);
            byte[] text = JSON.writeValueAsBytes(line);
            ByteBuffer bytes = ByteBuffer.allocate(text.length + 2);
            if (end.torn()) {
                bytes.put((byte) '\n');
            }
            bytes.put(text).put((byte) '\n').flip();
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
            end = new AuditChain.End(channel.size(), end.sequence() + 1, Sha256.hex(text), false);
        }
    }
}
