package io.unshub.ops;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What people did to the hub: one line of JSON each, on disk before the call returns, never changed
 * afterwards. Threads: any. Failure: an {@link UncheckedIOException}, and what was to be done must
 * then not be done.
 */
public final class AuditFile {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final InstantSource clock;

    /**
     * @param file made when it is absent
     * @param clock tells when a line was written
     */
    public AuditFile(Path file, InstantSource clock) {
        this.file = file;
        this.clock = clock;
    }

    /**
     * Adds a line.
     *
     * @param who did it, as they say
     * @param action what was done
     * @param facts more of it
     */
    public synchronized void add(String who, String action, Map<String, ?> facts) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("at", clock.instant().toString());
        line.put("who", who);
        line.put("action", action);
        line.putAll(facts);
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            try (FileChannel channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.APPEND)) {
                byte[] bytes =
                        (JSON.writeValueAsString(line) + '\n').getBytes(StandardCharsets.UTF_8);
                channel.write(ByteBuffer.wrap(bytes));
                channel.force(true);
            }
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("the audit line cannot be written", e);
        } catch (IOException e) {
            throw new UncheckedIOException("the audit file " + file + " cannot be written", e);
        }
    }
}
