package io.unshub.uns;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Files that are replaced as a whole: who reads one finds what it was or what it is, never half.
 */
public final class WholeFile {

    private WholeFile() {}

    /** Writes the content of a file. */
    @FunctionalInterface
    public interface Content {
        /**
         * Writes all of it.
         *
         * @throws IOException if it cannot be written
         */
        void write(Path to) throws IOException;
    }

    /**
     * Replaces a file, or makes it.
     *
     * @param content is written beside the file first
     * @throws IOException if it cannot be written; the file is then as it was
     */
    public static void replace(Path file, Content content) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        content.write(next);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
