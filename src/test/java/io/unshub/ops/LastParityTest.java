package io.unshub.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LastParityTest {

    private static final LastParity.Finding FOUND =
            new LastParity.Finding(Instant.parse("2026-03-01T10:00:00Z"), 3, 0, 1, 0);

    @TempDir private Path work;

    @Test
    void keepsTheFindingOverARestart() throws Exception {
        Path file = work.resolve("parity.json");
        LastParity parity = new LastParity(file);
        assertThat(parity.finding()).isEmpty();

        parity.found(FOUND);

        assertThat(parity.finding()).contains(FOUND);
        assertThat(new LastParity(file).finding()).contains(FOUND);
    }

    @Test
    void countsAsNoneWhatCannotBeRead() throws Exception {
        Path file = Files.writeString(work.resolve("parity.json"), "{\"at\":");

        assertThat(new LastParity(file).finding()).isEmpty();
    }

    @Test
    void keepsTheOneBeforeWhereTheNextCannotBeKept() throws Exception {
        Path file = work.resolve("parity.json");
        LastParity parity = new LastParity(file);
        parity.found(FOUND);
        Files.createDirectory(work.resolve("parity.json.new"));

        assertThatThrownBy(() -> parity.found(new LastParity.Finding(FOUND.at(), 0, 0, 0, 0)))
                .isInstanceOf(IOException.class);

        assertThat(parity.finding()).contains(FOUND);
    }
}
