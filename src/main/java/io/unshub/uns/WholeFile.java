package io.unshub.uns;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

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

    /**
     * As {@link #replace}, and on disk once it returns: what was answered holds over a power cut,
     * too.
     *
     * @throws IOException if it cannot be written
     */
    public static void replaceOnDisk(Path file, Content content) throws IOException {
        replace(
                file,
                to -> {
                    content.write(to);
                    try (FileChannel channel = FileChannel.open(to, StandardOpenOption.WRITE)) {
                        channel.force(true);
                    }
                });
        sync(file.toAbsolutePath().getParent());
    }

    /**
     * Brings the names in a folder to disk, which is synced by itself; some systems cannot open
     * one.
     *
     * @throws IOException if that fails
     */
    public static void sync(Path folder) throws IOException {
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
