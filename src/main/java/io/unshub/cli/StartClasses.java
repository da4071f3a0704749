package io.unshub.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Loads the classes that a start of the hub needs ahead of it, in a thread of its own: the start is
 * one thread, which otherwise finds, reads and defines each of them when it comes to it.
 *
 * <p>{@code make start-classes} makes the list. A class that is not there is passed over; with a
 * list of another version a start takes longer, and nothing else. None is initialized here.
 */
final class StartClasses {

    /** The names in the order in which a start asks for them. */
    static final String LIST = "/start-classes.txt";

    private static final Logger LOG = Logger.getLogger(StartClasses.class);

    private StartClasses() {}

    /** Begins in the background. */
    static void load() {
        Thread thread = new Thread(StartClasses::loadList, "start-classes");
        thread.setDaemon(true);
        thread.start();
    }

    private static void loadList() {
        try (InputStream list = StartClasses.class.getResourceAsStream(LIST);
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(list, StandardCharsets.UTF_8))) {
            load(lines.lines());
        } catch (IOException e) {
            LOG.debug("the classes of a start could not be loaded ahead", e);
        }
    }

    /**
     * Loads classes.
     *
     * @return how many there are
     */
    static long load(Stream<String> names) {
        return names.filter(StartClasses::loads).count();
    }

    private static boolean loads(String name) {
        try {
            Class.forName(name, false, StartClasses.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }
}
