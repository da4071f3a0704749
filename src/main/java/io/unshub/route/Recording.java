package io.unshub.route;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.route.Rehearsal.Published;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;

/**
 * What was published on the UNS for a while: gzip over a JSON object a line, with {@code at},
 * {@code topic} and the payload in base64, as it may be anything.
 */
public final class Recording {

    private static final ObjectMapper JSON = new ObjectMapper();

    private Recording() {}

    /** A file that is written to. Threads: any. */
    public static final class Writer implements AutoCloseable {
        private final JsonGenerator lines;

        /**
         * @param file made anew
         * @throws IOException if it cannot be
         */
        public Writer(Path file) throws IOException {
            lines = JSON.createGenerator(new GZIPOutputStream(Files.newOutputStream(file)));
            lines.setRootValueSeparator(new SerializedString("\n"));
        }

        /** Adds what was published. */
        public synchronized void add(Published published) throws IOException {
            lines.writeStartObject();
            lines.writeStringField("at", published.receivedUtc().toString());
            lines.writeStringField("topic", published.topic());
            lines.writeBinaryField("payload", published.payload());
            lines.writeEndObject();
        }

        @Override
        public synchronized void close() throws IOException {
            lines.close();
        }
    }

    /**
     * Reads a file.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it is no recording
     */
    public static List<Published> read(Path file) throws IOException {
        List<Published> all = new ArrayList<>();
        try (MappingIterator<JsonNode> lines =
                JSON.readerFor(JsonNode.class)
                        .readValues(new GZIPInputStream(Files.newInputStream(file)))) {
            while (lines.hasNextValue()) {
                JsonNode line = lines.nextValue();
                all.add(
                        new Published(
                                line.path("topic").asText(),
                                line.path("payload").binaryValue(),
                                Instant.parse(line.path("at").asText())));
            }
        } catch (EOFException | ZipException | JsonProcessingException | DateTimeException e) {
            throw new IllegalArgumentException(
                    "%s is no recording after %d readings (%s); make one with uns-hub routes record"
                            .formatted(file, all.size(), e.getMessage()),
                    e);
        }
        return all;
    }
}
