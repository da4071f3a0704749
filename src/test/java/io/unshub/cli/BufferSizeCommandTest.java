package io.unshub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.ops.BufferSize;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class BufferSizeCommandTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void saysWhatADayTakes() {
        assertThat(run("--rate", "1000", "--bytes", "300", "--hours", "24")).isZero();

        long each = 300 + BufferSize.OVERHEAD;
        long buffer = Math.round(86_400_000.0 * each * 1.3) + BufferSize.JOURNAL;
        assertThat(out.toString())
                .contains("readings       86,400,000")
                .contains("on disk each   " + each + " bytes")
                .contains("set            unshub.buffer.max-bytes=" + buffer);
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void printsJson() throws Exception {
        assertThat(
                        run(
                                "--rate",
                                "10",
                                "--bytes",
                                "100",
                                "--hours",
                                "1",
                                "--safety",
                                "2",
                                "--max-volume-percent",
                                "50",
                                "--json"))
                .isZero();

        JsonNode size = new ObjectMapper().readTree(out.toString());
        assertThat(size.path("readings").asLong()).isEqualTo(36_000);
        long buffer = 36_000 * (100 + BufferSize.OVERHEAD) * 2 + BufferSize.JOURNAL;
        assertThat(size.path("bufferBytes").asLong()).isEqualTo(buffer);
        assertThat(size.path("volumeBytes").asLong()).isEqualTo(buffer * 2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --rate 1 --bytes 1 --hours 1 --safety 1.2 | --safety is 1.2, give 1.3 to 100
                    --rate 0 --bytes 1 --hours 1              | --rate is 0, give 0.001 to 1000000
                    --rate 1 --bytes 0 --hours 1              | --bytes is 0, give 1 to 1048576
                    --rate 1 --bytes 1 --hours -1             | --hours is -1, give 0.01 to 8760
                    --rate NaN --bytes 1 --hours 1            | --rate is NaN, give 0.001 to 1000000
                    --rate 1 --bytes 1                        | Missing required option: '--hours=N'
                    """)
    void refusesWhatItCannotAnswer(String args, String message) {
        assertThat(run(args.split(" "))).isEqualTo(2);
        assertThat(err.toString()).startsWith("uns-hub: " + message);
    }

    private int run(String... args) {
        CommandLine command = UnsHub.commandLine();
        command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        String[] all = new String[args.length + 1];
        all[0] = "buffer-size";
        System.arraycopy(args, 0, all, 1, args.length);
        return command.execute(all);
    }
}
