package io.unshub.uns;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Work on a file that several processes and threads change: one after the other, by a lock on
 * {@code FILE.lock} beside it. A lock ends with its process, however that ends.
 */
public final class FileTurn {

    // for each process one, as locks on files hold between processes only
    private static final Object HERE = new Object();

    private FileTurn() {}

    /** Something that is done to a file. */
    @FunctionalInterface
    public interface Work<T> {
        /**
         * Does it.
         *
         * @throws IOException if the file cannot be read or written
         */
        T done() throws IOException;
    }

    /**
     * Does it while nobody else does; the folder of the file is made where it is not there.
     *
     * @throws IOException of the work, or if the lock cannot be had
     */
    public static <T> T on(Path file, Work<T> work) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        synchronized (HERE) {
            try (FileChannel guard =
                            OwnerOnlyFile.open(file.resolveSibling(file.getFileName() + ".lock"));
                    FileLock lock = guard.lock()) {
                return work.done();
            }
        }
    }
}
