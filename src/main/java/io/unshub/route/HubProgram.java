package io.unshub.route;

import io.quarkus.runtime.Quarkus;
import java.util.function.BiConsumer;
import org.apache.camel.quarkus.main.CamelMainApplication;

/** The hub as a program: Quarkus, and Camel with its routes. */
public final class HubProgram {

    private HubProgram() {}

    /**
     * Runs it until it is stopped.
     *
     * @param ended is given the exit code, and what failed; null for nothing
     */
    public static void run(BiConsumer<Integer, Throwable> ended) {
        Quarkus.run(CamelMainApplication.class, ended);
    }
}
