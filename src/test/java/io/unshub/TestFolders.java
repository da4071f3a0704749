package io.unshub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Folders below the build's own, as the system's temporary folder may be in memory. */
final class TestFolders {

    private TestFolders() {}

    /** A new, empty folder. */
    static Path fresh(String name) {
        try {
            Path parent = Files.createDirectories(Path.of("target", "it"));
            return Files.createTempDirectory(parent, name + "-").toAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A copy of the shipped configuration. */
    static Path config(Path into) throws IOException {
        Path from = Path.of("config");
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = into.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
        return into;
    }
}
