package io.unshub.uns;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

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
     * Opens a file to write and to lock, made where it is not there. Who may read a file can also
     * lock it, and so keep waiting whoever takes turns on it.
     *
     * @throws IOException if it cannot be made or opened
     */
    public static FileChannel open(Path file) throws IOException {
        return FileChannel.open(
                file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), ownerOnly(file));
    }

    /**
     * Makes an empty file; where the system has no such permissions, as any other.
     *
     * @throws IOException if it cannot be made, or is there
     */
    public static void create(Path file) throws IOException {
        Files.createFile(file, ownerOnly(file));
    }

    private static FileAttribute<?>[] ownerOnly(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }
}
