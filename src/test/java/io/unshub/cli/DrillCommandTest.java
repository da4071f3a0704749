package io.unshub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DrillCommandTest {

    @Test
    void saysWhenItsFolderCannotBeMade(@TempDir Path data) throws Exception {
        Path file = Files.createFile(data.resolve("file"));
        StringWriter err = new StringWriter();
        CommandLine command = UnsHub.commandLine().setErr(new PrintWriter(err, true));

        int exit = command.execute("drill", "poison", "--folder", file.toString());

        assertThat(exit).isEqualTo(2);
        assertThat(err.toString()).contains("--folder " + file, "name another");
    }
}
