package io.unshub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Folders below the build's own, as the system's temporary folder may be in memory. */
public final class TestFolders {

    private TestFolders() {}

    /** A new, empty folder. */
    public static Path fresh(String name) {
        try {
            Path parent = Files.createDirectories(Path.of("target", "it"));
            return Files.createTempDirectory(parent, name + "-").toAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Copies the shipped configuration, over what is there, and returns the folder. */
    public static Path config(Path into) {
        Path from = Path.of("config");
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = into.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return into;
    }
}
