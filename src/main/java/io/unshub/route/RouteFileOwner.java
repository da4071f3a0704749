package io.unshub.route;

import io.unshub.uns.Excerpt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Whose a route file is. Who may write one decides what the hub does with its rights: the hub
 * itself, root, and whom the configuration folder belongs to; a group may be given it, everybody
 * may not. Where the system knows no such owners, nothing is asked. Threads: any.
 */
final class RouteFileOwner {

    private static final int ROOT = 0;
    private static final int WRITTEN_BY_ALL = 0002;
    private static final int STICKY = 01000;

    private final Path config;
    private final Path data;

    /**
     * @param config folder of the configuration
     * @param data folder that the hub has made
     */
    RouteFileOwner(Path config, Path data) {
        this.config = config;
        this.data = data;
    }

    /** What is wrong with a file's owner or rights, and the next step; empty for nothing. */
    Optional<String> trouble(Path file) throws IOException {
        if (!file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            return Optional.empty();
        }
        Path folder = file.toAbsolutePath().getParent();
        int owner = owner(file);
        if (owner != ROOT && owner != owner(data) && owner != owner(config)) {
            return Optional.of(
                    "%s belongs to the user %d, who is neither the hub's (%d), nor root, nor the owner of %s; chown it once you have looked at it"
                            .formatted(Excerpt.of(file.toString()), owner, owner(data), config));
        }
        if ((mode(file) & WRITTEN_BY_ALL) != 0) {
            return Optional.of(
                    "everybody may write %s; take that right away once you have looked at it: chmod o-w"
                            .formatted(Excerpt.of(file.toString())));
        }
        if ((mode(folder) & WRITTEN_BY_ALL) != 0 && (mode(folder) & STICKY) == 0) {
            return Optional.of(
                    "everybody may replace what is in %s; take that right away once you have looked at it: chmod o-w"
                            .formatted(Excerpt.of(folder.toString())));
        }
        return Optional.empty();
    }

    /** What changes when a file, its owner or its rights do. */
    String stamp(Path file) throws IOException {
        if (!file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            return Files.size(file) + " " + Files.getLastModifiedTime(file);
        }
        Map<String, Object> now =
                Files.readAttributes(file, "unix:size,lastModifiedTime,ctime,uid,mode");
        return now + " " + mode(file.toAbsolutePath().getParent());
    }

    private static int owner(Path file) throws IOException {
        return (int) Files.getAttribute(file, "unix:uid");
    }

    private static int mode(Path file) throws IOException {
        return (int) Files.getAttribute(file, "unix:mode");
    }
}
