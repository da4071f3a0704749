package io.unshub.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.ops.BufferSize;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code uns-hub buffer-size}: how much disk an outage takes; asks no hub. */
@Command(
        name = "buffer-size",
        description = "Says how much disk the buffer needs for an outage.",
        mixinStandardHelpOptions = true,
        footerHeading = "%n",
        footer = "Exit code: 0, or 2 when the question cannot be answered.")
final class BufferSizeCommand implements Callable<Integer> {

    private static final double GIB = 1024.0 * 1024 * 1024;

    @Spec private CommandSpec spec;

    @Option(
            names = "--rate",
            paramLabel = "N",
            required = true,
            description = "Readings per second, on average.")
    private double rate;

    @Option(
            names = "--bytes",
            paramLabel = "N",
            required = true,
            description = "Bytes of a payload, on average.")
    private long bytes;

    @Option(
            names = "--hours",
            paramLabel = "N",
            required = true,
            description = "How long Event Hubs may be away.")
    private double hours;

    @Option(
            names = "--safety",
            paramLabel = "N",
            defaultValue = "1.3",
            description = "Safety factor, at least 1.3. Default: ${DEFAULT-VALUE}.")
    private double safety;

    @Option(
            names = "--max-volume-percent",
            paramLabel = "N",
            defaultValue = "90",
            description = "The hub's unshub.buffer.max-volume-percent. Default: ${DEFAULT-VALUE}.")
    private double maxVolumePercent;

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        within("--rate", rate, 0.001, 1_000_000);
        within("--bytes", bytes, 1, 1_048_576);
        within("--hours", hours, 0.01, 8_760);
        within("--safety", safety, BufferSize.LEAST_SAFETY, 100);
        within("--max-volume-percent", maxVolumePercent, 10, 99);
        BufferSize size = BufferSize.of(rate, bytes, hours, safety, maxVolumePercent);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(new ObjectMapper().writeValueAsString(size));
            return 0;
        }
        out.printf(Locale.ROOT, "readings       %,d%n", size.readings());
        out.printf(
                Locale.ROOT,
                "on disk each   %,d bytes: payload and %,d bytes of topic, properties and page%n",
                size.bytesPerReading(),
                BufferSize.OVERHEAD);
        out.printf(
                Locale.ROOT,
                "buffer         %.1f GiB, with a safety factor of %s and %.1f GiB of journal files%n",
                size.bufferBytes() / GIB,
                safety,
                BufferSize.JOURNAL / GIB);
        out.printf(
                Locale.ROOT,
                "volume         %.1f GiB for this alone, of which %s %% may be used%n",
                size.volumeBytes() / GIB,
                maxVolumePercent);
        out.printf("set            unshub.buffer.max-bytes=%d%n", size.bufferBytes());
        return 0;
    }

    private void within(String option, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "%s is %s, give %s to %s"
                            .formatted(option, plain(value), plain(least), plain(most)));
        }
    }

    private static String plain(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}
