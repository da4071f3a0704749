package io.unshub.collect;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * The bindings in force, read again when one of their files changes.
 *
 * <p>They are taken over as a whole, and only if every file is valid; else those in force stay, and
 * what is wrong is said once. Threads: {@link #refresh()} from one, which also calls the listeners;
 * the rest from any.
 */
public final class LiveBindings {

    private static final Logger LOG = Logger.getLogger(LiveBindings.class);
    private static final List<String> FOLDERS = List.of("connections", "models", "tags");

    private final Path configDir;
    private final Loader loader;
    private final Consumer<String> trouble;
    private final List<Consumer<Bindings>> listeners = new CopyOnWriteArrayList<>();
    private Map<Path, String> seen;
    private volatile Bindings current;

    /** Reads all files. */
    public interface Loader {
        /**
         * Reads and checks.
         *
         * @throws ConfigurationException with every problem in every file
         */
        Bindings load() throws ConfigurationException;
    }

    /**
     * @param configDir the folder whose files are watched
     * @param loader reads them
     * @param trouble is told what is wrong with them, and null once nothing is
     * @throws ConfigurationException if they are not valid now
     */
    public LiveBindings(Path configDir, Loader loader, Consumer<String> trouble)
            throws ConfigurationException {
        this.configDir = configDir;
        this.loader = loader;
        this.trouble = trouble;
        seen = files();
        current = loader.load();
    }

    /** The bindings in force. */
    public Bindings current() {
        return current;
    }

    /** Has new bindings told, from the next change on. */
    public void onChange(Consumer<Bindings> listener) {
        listeners.add(listener);
    }

    /** Has them told no more. */
    public void forget(Consumer<Bindings> listener) {
        listeners.remove(listener);
    }

    /** Takes the files over if they have changed and are valid. */
    public void refresh() {
        Map<Path, String> now = files();
        if (now.equals(seen)) {
            return;
        }
        seen = now;
        try {
            Bindings next = loader.load();
            current = next;
            LOG.infof(
                    "%d connections with %d tags are in force",
                    next.connections().size(), next.tags().size());
            trouble.accept(null);
            listeners.forEach(listener -> listener.accept(next));
        } catch (ConfigurationException e) {
            e.problems().forEach(LOG::warn);
            trouble.accept(
                    "the changed connections and tags are not valid, those before stay in force: "
                            + e.problems().get(0)
                            + (e.problems().size() == 1
                                    ? ""
                                    : " (and " + (e.problems().size() - 1) + " more)"));
        }
    }

    /** Size and time of each file; those that are written just now show it the next time. */
    private Map<Path, String> files() {
        Map<Path, String> files = new TreeMap<>();
        for (String folder : FOLDERS) {
            Path directory = configDir.resolve(folder);
            if (!Files.isDirectory(directory)) {
                continue;
            }
            try (Stream<Path> all = Files.list(directory)) {
                for (Path file : all.toList()) {
                    BasicFileAttributes attributes =
                            Files.readAttributes(file, BasicFileAttributes.class);
                    files.put(file, attributes.size() + " " + attributes.lastModifiedTime());
                }
            } catch (IOException e) {
                LOG.debugf(e, "%s cannot be listed", directory);
            }
        }
        return files;
    }
}
