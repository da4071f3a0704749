package io.unshub.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** No secret stands in the repository; {@code HubProcess} looks for them in the log of each hub. */
class SecretsTest {

    private static final Set<String> LEFT_OUT = Set.of("target", ".git", "data", ".tools", ".idea");

    @Test
    void isThereNone() throws IOException {
        List<String> found = new ArrayList<>();
        int[] looked = {0};
        Files.walkFileTree(
                Path.of(""),
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes of) {
                        return LEFT_OUT.contains(String.valueOf(folder.getFileName()))
                                ? FileVisitResult.SKIP_SUBTREE
                                : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes of)
                            throws IOException {
                        String text =
                                new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                        looked[0]++;
                        Secrets.in(text)
                                .forEach(
                                        what -> found.add(file + " has what looks like a " + what));
                        return FileVisitResult.CONTINUE;
                    }
                });

        assertThat(looked[0]).isGreaterThan(500);
        assertThat(found).isEmpty();
    }

    @Test
    void wouldBeFound() {
        String key = "A".repeat(43);
        Map<String, String> examples =
                Map.of(
                        "private key",
                        "-----BEGIN EC PRIVATE KEY-----\n" + key,
                        "API key of a hub",
                        "unshub_" + key,
                        "bcrypt hash",
                        "$2a$12$" + key + "A".repeat(10),
                        "AWS key",
                        "AKIA" + "A".repeat(16),
                        "GitHub token",
                        "ghp_" + "A".repeat(36),
                        "Slack token",
                        "xoxb-" + key,
                        "JSON Web Token",
                        "eyJ" + key + ".eyJ" + key + ".x",
                        "Azure key",
                        "AccountKey=" + key + "=");

        assertThat(examples.keySet()).isEqualTo(Secrets.KINDS.keySet());
        examples.forEach((what, text) -> assertThat(Secrets.in(text)).contains(what));
    }
}
