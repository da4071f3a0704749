package io.unshub.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The negative suite with fewer edited packets and smaller floods; {@code make security} is all.
 */
class SecurityIT {

    private static final long SEED = 20_260_101;

    @Test
    void refusesAndTellsEachAttemptWhileADeviceThatMayLosesNothing() throws Exception {
        Path work =
                Files.createTempDirectory(Files.createDirectories(Path.of("target/it")), "neg-");

        List<Result> results =
                NegativeSuite.run(
                        work.toAbsolutePath(), NegativeSuite.Size.SHORT, SEED, System.out);

        assertThat(results).hasSize(Attempt.values().length).allMatch(Result::held);
        assertThat(Files.readAllLines(work.resolve("hub.log")))
                .as("no attempt makes the hub log a stack trace")
                .noneMatch(line -> line.startsWith("\tat "));
        assertThat(results).extracting(Result::acknowledged).anyMatch(count -> count > 0);
    }
}
