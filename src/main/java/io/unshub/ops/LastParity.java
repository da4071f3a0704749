package io.unshub.ops;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.unshub.uns.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * What the last comparison of Event Hubs with the ledger found. {@code uns-hub parity} makes it and
 * tells the hub; a file keeps it over a restart.
 *
 * <p>Threads: any. Failure: a finding that cannot be kept is refused; a file that cannot be read
 * counts as none, and the log says so.
 */
public final class LastParity {

    /** Name of the file in the data folder. */
    public static final String FILE = "parity.json";

    private static final Logger LOG = Logger.getLogger(LastParity.class);
    private static final ObjectMapper JSON =
            new ObjectMapper().registerModule(new JavaTimeModule());

    private final Path file;
    private volatile Finding finding;

    /**
     * What was found.
     *
     * @param at the ledger's cut
     * @param missing counted as forwarded, not found
     * @param unknown found, not counted
     * @param repeated found more than once
     * @param outOfOrder found behind a later reading of their topic
     */
    public record Finding(Instant at, long missing, long unknown, long repeated, long outOfOrder) {}

    /**
     * @param file keeps the finding
     */
    public LastParity(Path file) {
        this.file = file;
        try {
            finding = Files.exists(file) ? JSON.readValue(file.toFile(), Finding.class) : null;
        } catch (IOException e) {
            LOG.warnf(
                    "the last parity cannot be read from %s (%s) and counts as none; run uns-hub"
                            + " parity again",
                    file, e.getMessage());
        }
    }

    /**
     * Takes note of a comparison.
     *
     * @throws IOException if it cannot be kept; the one before stays
     */
    public synchronized void found(Finding now) throws IOException {
        WholeFile.replace(file, to -> JSON.writeValue(to.toFile(), now));
        finding = now;
    }

    /** The last one; empty before the first. */
    public Optional<Finding> finding() {
        return Optional.ofNullable(finding);
    }
}
