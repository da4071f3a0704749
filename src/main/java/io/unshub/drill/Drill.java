package io.unshub.drill;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;

/**
 * A rehearsal of something that goes wrong.
 *
 * @param name as it is called by
 * @param title what goes wrong, in one line
 * @param script what is done
 */
public record Drill(String name, String title, Script script) {

    /** The steps of a drill. */
    interface Script {
        /**
         * @param rig to do them on
         * @param thorough whether to take the time for the longer form
         */
        Verdict run(Rig rig, boolean thorough) throws Exception;
    }

    /**
     * Runs it on a hub of its own.
     *
     * @param home the folder of the program {@code uns-hub}
     * @param folder empty; takes all that it writes
     * @param out is told what happens, second by second
     * @throws IOException if something does not come about that the drill needs
     */
    public Verdict run(Path home, Path folder, boolean thorough, PrintWriter out) throws Exception {
        try (Rig rig = new Rig(name, home, folder, out)) {
            return script.run(rig, thorough);
        }
    }
}
