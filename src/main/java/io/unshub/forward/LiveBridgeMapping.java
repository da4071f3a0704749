package io.unshub.forward;

import io.unshub.uns.RulesException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jboss.logging.Logger;

/**
 * The mapping in force, read again when its file changes.
 *
 * <p>A file that is not valid, or gone, leaves the one in force untouched and is said once. A hub
 * that starts without a file lets everything leave. Threads: {@link #refresh()} from one, {@link
 * #current()} from any.
 */
public final class LiveBridgeMapping {

    private static final Logger LOG = Logger.getLogger(LiveBridgeMapping.class);
    private static final byte[] GONE = {};

    private final Path file;
    private byte[] seen;
    private volatile BridgeMapping current;

    /**
     * @param file may be absent
     * @throws RulesException if the file is there and not valid
     */
    public LiveBridgeMapping(Path file) {
        this.file = file;
        this.seen = content();
        this.current = seen == GONE ? BridgeMapping.EVERYTHING : BridgeMapping.load(file);
    }

    /** The mapping in force. */
    public BridgeMapping current() {
        return current;
    }

    /** Takes the file's mapping over if it has changed and is valid. */
    public void refresh() {
        byte[] now = content();
        if (Arrays.equals(now, seen)) {
            return;
        }
        seen = now;
        if (now == GONE) {
            LOG.warnf("%s is gone; the mapping that was read from it stays in force", file);
            return;
        }
        try {
            BridgeMapping next = BridgeMapping.load(file);
            current = next;
            LOG.infof(
                    "%s: version %s with %d rules is in force", file, next.version(), next.size());
        } catch (RulesException e) {
            LOG.warnf(
                    "%s; the mapping before, version %s, stays in force",
                    e.getMessage(), current.version());
        }
    }

    private byte[] content() {
        try {
            return Files.exists(file) ? Files.readAllBytes(file) : GONE;
        } catch (IOException e) {
            LOG.debugf(e, "%s cannot be read", file);
            return GONE;
        }
    }
}
