package io.unshub.load;

import java.util.Arrays;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Runs a main class as the hub runs its own: without it the log manager takes all levels, and each
 * trace message of broker and clients is formatted and thrown away.
 */
public final class QuietMain {

    private QuietMain() {}

    /** Runs the class named first with the other words. */
    public static void main(String[] args) throws Exception {
        Logger.getLogger("").setLevel(Level.WARNING);
        Class.forName(args[0])
                .getMethod("main", String[].class)
                .invoke(null, (Object) Arrays.copyOfRange(args, 1, args.length));
    }
}
