package io.unshub.uns;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A secret that stands outside the configuration, and is read whenever it is needed. */
public final class Secret {

    private static final String FILE = "file:";
    private static final String VARIABLE = "env:";

    private Secret() {}

    /** Whether that says where a secret stands, and is none itself. */
    public static boolean isPlace(String text) {
        return text.startsWith(FILE) || text.startsWith(VARIABLE);
    }

    /** What stands at a place now; what is no place is the secret itself. */
    public static String of(String given) {
        return isPlace(given) ? at(given) : given;
    }

    /**
     * Reads a secret.
     *
     * @param place {@code file:PATH} or {@code env:NAME}
     * @return its text, without white space around it
     * @throws UncheckedIOException if there is none
     */
    public static String at(String place) {
        try {
            if (place.startsWith(FILE)) {
                return Files.readString(Path.of(place.substring(FILE.length()))).strip();
            }
            if (place.startsWith(VARIABLE)) {
                String text = System.getenv(place.substring(VARIABLE.length()));
                if (text != null) {
                    return text;
                }
                throw new IOException("there is no such environment variable");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    new IOException(
                            "the secret cannot be read from "
                                    + place
                                    + " ("
                                    + e
                                    + "); put it there, for the hub's user alone"));
        }
        // it may be the password itself, so it is not said
        throw new UncheckedIOException(
                new IOException(
                        "the secret is neither file:PATH nor env:NAME; say where it stands"));
    }
}
