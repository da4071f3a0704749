package io.unshub.route;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The files of a folder that the program brings. */
final class ClassPathFolder {

    private ClassPathFolder() {}

    /** The names of those with an ending, without it, in order. */
    static List<String> names(String folder, String ending) {
        try {
            Path home =
                    Path.of(
                            ClassPathFolder.class
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI());
            if (Files.isDirectory(home)) {
                return names(home.resolve(folder), ending);
            }
            try (FileSystem jar = FileSystems.newFileSystem(home)) {
                return names(jar.getPath(folder), ending);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the program's " + folder + " cannot be listed", e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the program's own place cannot be told", e);
        }
    }

    private static List<String> names(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(ending))
                    .map(name -> name.substring(0, name.length() - ending.length()))
                    .sorted()
                    .toList();
        }
    }

    /** The text of a file that must be there. */
    static String text(String file) {
        return find(file)
                .orElseThrow(() -> new IllegalStateException("the program lacks its " + file));
    }

    /** The text of a file, if it is there. */
    static Optional<String> find(String file) {
        try (InputStream in = ClassPathFolder.class.getResourceAsStream("/" + file)) {
            return in == null
                    ? Optional.empty()
                    : Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }
}
