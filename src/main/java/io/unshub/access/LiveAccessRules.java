package io.unshub.access;

import io.unshub.uns.HierarchyRules;
import io.unshub.uns.RulesException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * The access rules in force, read again when their file changes.
 *
 * <p>A file that is not valid, or gone, leaves those in force untouched and is said once. Threads:
 * {@link #refresh()} from one, {@link #current()} from any.
 */
public final class LiveAccessRules {

    private static final Logger LOG = Logger.getLogger(LiveAccessRules.class);
    private static final byte[] GONE = {};

    private final Path file;
    private final HierarchyRules hierarchy;
    private final Consumer<String> trouble;
    private byte[] seen;
    private volatile AccessRules current;

    /**
     * @param trouble is told what is wrong with the file, and null once nothing is
     * @throws RulesException if the file is not there or not valid
     */
    public LiveAccessRules(Path file, HierarchyRules hierarchy, Consumer<String> trouble) {
        this.file = file;
        this.hierarchy = hierarchy;
        this.trouble = trouble;
        seen = content();
        current = AccessRules.load(file, hierarchy);
    }

    /** The rules in force. */
    public AccessRules current() {
        return current;
    }

    /**
     * Takes the file's rules over if it has changed and is valid.
     *
     * @return whether others are in force now
     */
    public boolean refresh() {
        byte[] now = content();
        if (Arrays.equals(now, seen)) {
            return false;
        }
        seen = now;
        try {
            current = AccessRules.load(file, hierarchy);
            LOG.infof(
                    "%s: version %s with %d roles is in force",
                    file, current.version(), current.size());
            trouble.accept(null);
            return true;
        } catch (RulesException e) {
            trouble.accept(
                    "%s; the rules before, version %s, stay in force"
                            .formatted(e.getMessage(), current.version()));
            return false;
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
