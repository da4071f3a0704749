package io.unshub.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may write a route file. */
class RouteFileOwnerTest {

    @TempDir private Path folder;

    private RouteFileOwner owner;
    private Path file;

    @BeforeEach
    void make() throws IOException {
        assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("unix"));
        owner = new RouteFileOwner(folder, folder);
        file =
                Files.writeString(
                        Files.createDirectory(folder.resolve("routes")).resolve("a.yaml"), "");
        rights(file, "rw-rw-r--");
        rights(file.getParent(), "rwxrwxr-x");
    }

    private static void rights(Path of, String rights) throws IOException {
        Files.setPosixFilePermissions(of, PosixFilePermissions.fromString(rights));
    }

    @Test
    void takesAFileOfTheHubsUserThatAGroupMayWrite() throws IOException {
        assertThat(owner.trouble(file)).isEmpty();
    }

    @Test
    void refusesAFileThatEverybodyMayWriteAndSeesThatItWasMended() throws IOException {
        rights(file, "rw-rw-rw-");
        String before = owner.stamp(file);

        assertThat(owner.trouble(file))
                .contains(
                        "everybody may write %s; take that right away once you have looked at it: chmod o-w"
                                .formatted(file));
        rights(file, "rw-r--r--");
        assertThat(owner.stamp(file)).isNotEqualTo(before);
        assertThat(owner.trouble(file)).isEmpty();
    }

    @Test
    void refusesAFileWhoseFolderEverybodyMayWrite() throws IOException {
        rights(file.getParent(), "rwxrwxrwx");

        assertThat(owner.trouble(file).orElseThrow())
                .startsWith("everybody may replace what is in ");
    }

    @Test
    void refusesAFileOfSomebodyElse() throws IOException {
        // only root may give files away
        boolean root = (int) Files.getAttribute(folder, "unix:uid") == 0;
        assumeTrue(root);
        Files.setAttribute(file, "unix:uid", 4321);

        assertThat(owner.trouble(file).orElseThrow())
                .contains(
                        " belongs to the user 4321, who is neither the hub's (0), nor root, nor the owner of ");
        Files.setAttribute(folder, "unix:uid", 4321);
        assertThat(owner.trouble(file)).isEmpty();
    }
}
