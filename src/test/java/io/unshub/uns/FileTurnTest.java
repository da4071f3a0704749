package io.unshub.uns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class FileTurnTest {

    @TempDir private Path folder;

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void locksByAFileThatNobodyElseCanReadAndSoLock() throws IOException {
        Path file = folder.resolve("new/audit.ndjson");

        assertThat(FileTurn.on(file, () -> "done")).isEqualTo("done");
        assertThat(FileTurn.on(file, () -> "again")).isEqualTo("again");

        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(
                                        folder.resolve("new/audit.ndjson.lock"))))
                .isEqualTo("rw-------");
    }
}
