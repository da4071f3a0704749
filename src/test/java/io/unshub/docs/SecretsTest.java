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
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** No secret stands in the repository. */
class SecretsTest {

    private static final Set<String> LEFT_OUT = Set.of("target", ".git", "data", ".tools", ".idea");
    private static final Set<String> KNOWN =
            Set.of(
                    // guards nothing but the demo, which is on loopback
                    "ZGVtby1rZXktZm9yLWxvb3BiYWNrLW9ubHk=",
                    // of no account, see Accounts
                    "$2a$12$C6UzMDM.H6dfI/f/IKcEeO7ZzhoU3pVMQXwpNXKcrmVcQbnbqDhvK");
    private static final Map<String, Pattern> SECRETS =
            Map.of(
                    "private key",
                            Pattern.compile(
                                    "-----BEGIN [A-Z ]*PRIVATE KEY-----\\s+[A-Za-z0-9+/]{40}"),
                    "API key of a hub",
                            Pattern.compile("unshub_[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])"),
                    "bcrypt hash", Pattern.compile("\\$2[aby]\\$\\d\\d\\$[./A-Za-z0-9]{53}"),
                    "AWS key", Pattern.compile("\\b(AKIA|ASIA)[0-9A-Z]{16}\\b"),
                    "GitHub token",
                            Pattern.compile("\\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_\\w{40})"),
                    "Slack token", Pattern.compile("\\bxox[abprs]-[A-Za-z0-9-]{10,}"),
                    "JSON Web Token",
                            Pattern.compile("\\beyJ[A-Za-z0-9_-]{10,}\\.eyJ[A-Za-z0-9_-]{10,}\\."),
                    "Azure key",
                            Pattern.compile("(SharedAccessKey|AccountKey)=[A-Za-z0-9+/]{20,}=*"));

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
                        SECRETS.forEach(
                                (what, pattern) -> {
                                    if (pattern.matcher(text)
                                            .results()
                                            .anyMatch(
                                                    f ->
                                                            KNOWN.stream()
                                                                    .noneMatch(
                                                                            f.group()::contains))) {
                                        found.add(file + " has what looks like a " + what);
                                    }
                                });
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

        assertThat(examples.keySet()).isEqualTo(SECRETS.keySet());
        examples.forEach((what, text) -> assertThat(text).containsPattern(SECRETS.get(what)));
    }
}
