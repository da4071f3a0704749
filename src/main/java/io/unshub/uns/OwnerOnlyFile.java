package io.unshub.uns;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A file with a secret: from its first byte on nobody but its owner may read it. */
public final class OwnerOnlyFile {

    private OwnerOnlyFile() {}

    /**
     * Writes a file anew; where the system has no such permissions, as any other.
     *
     * @throws IOException if it cannot be written
     */
    public static void write(Path file, byte[] content) throws IOException {
        Files.deleteIfExists(file);
        create(file);
        Files.write(file, content);
    }

    /**
     * Makes an empty file; where the system has no such permissions, as any other.
     *
     * @throws IOException if it cannot be made, or is there
     */
    public static void create(Path file) throws IOException {
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(
                    file,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
        } else {
            Files.createFile(file);
        }
    }
}
