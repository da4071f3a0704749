package io.unshub.bench;

import io.unshub.drill.LoadGenerator;
import io.unshub.load.JavaProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Load from a process of its own, and what the hub's status line says meanwhile. */
final class Load {

    private static final Pattern STATUS =
            Pattern.compile("accepted ([\\d,]+)  forwarded ([\\d,]+) .*");

    private Load() {}

    /**
     * The hub's counts at a moment.
     *
     * @param nanos when
     * @param accepted readings acknowledged to their publishers
     * @param forwarded readings acknowledged by Event Hubs
     */
    record Counts(long nanos, long accepted, long forwarded) {

        double forwardedPerSecondSince(Counts before) {
            return (forwarded - before.forwarded) * 1e9 / (nanos - before.nanos);
        }

        double acceptedPerSecondSince(Counts before) {
            return (accepted - before.accepted) * 1e9 / (nanos - before.nanos);
        }

        long backlog() {
            return accepted - forwarded;
        }
    }

    static JavaProcess start(Path folder, int port, int rate, int seconds, String... more)
            throws IOException {
        List<String> args =
                new ArrayList<>(
                        List.of(
                                "--port=" + port,
                                "--rate=" + rate,
                                "--seconds=" + seconds,
                                "--in-flight=2000",
                                "--name=bench"));
        args.addAll(List.of(more));
        return JavaProcess.start(
                folder.resolve("load.log"), LoadGenerator.class, args.toArray(String[]::new));
    }

    /** The latest status line among those printed, one every second. */
    static Counts counts(List<String> lines) {
        for (int i = lines.size() - 1; i >= 0; i--) {
            Matcher status = STATUS.matcher(lines.get(i));
            if (status.matches()) {
                return new Counts(
                        System.nanoTime(), number(status.group(1)), number(status.group(2)));
            }
        }
        return new Counts(System.nanoTime(), 0, 0);
    }

    /** The time that a measurement takes; nothing is waited for but the clock. */
    static void pass(Duration time) throws InterruptedException {
        new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static long number(String text) {
        return Long.parseLong(text.replace(",", ""));
    }
}
