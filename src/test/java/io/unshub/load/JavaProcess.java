package io.unshub.load;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A main class of the test sources in a JVM of its own; ended with the test. */
public final class JavaProcess implements AutoCloseable {

    private final Process process;
    private final Path output;

    private JavaProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /**
     * Starts a main class.
     *
     * @param output file that takes standard output and error
     */
    public static JavaProcess start(Path output, Class<?> main, String... args) throws IOException {
        return startIn(Path.of(""), "300m", output, main, args);
    }

    /**
     * Starts a main class in a folder of its own.
     *
     * @param folder its working directory
     * @param heap the most that it takes, as in {@code 300m}
     * @param output file that takes standard output and error
     */
    public static JavaProcess startIn(
            Path folder, String heap, Path output, Class<?> main, String... args)
            throws IOException {
        return start(folder, heap, output, Map.of(), main, args);
    }

    /** Starts a main class in an environment that has these variables, too. */
    public static JavaProcess startWith(
            Map<String, String> environment, Path output, Class<?> main, String... args)
            throws IOException {
        return start(Path.of(""), "300m", output, environment, main, args);
    }

    private static JavaProcess start(
            Path folder,
            String heap,
            Path output,
            Map<String, String> environment,
            Class<?> main,
            String... args)
            throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                java(),
                                "-Xmx" + heap,
                                "-XX:+UseParallelGC",
                                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                                "-cp",
                                classPath(),
                                QuietMain.class.getName(),
                                main.getName()));
        command.addAll(List.of(args));
        Files.createDirectories(output.toAbsolutePath().getParent());
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(folder.toAbsolutePath().toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toAbsolutePath().toFile());
        builder.environment().putAll(environment);
        return new JavaProcess(builder.start(), output);
    }

    /** Waits for the end and returns the exit code. */
    public int await(long seconds) throws InterruptedException {
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the process did not end within " + seconds + " s");
        }
        return process.exitValue();
    }

    /** What it has printed so far. */
    public List<String> lines() {
        try {
            return Files.readAllLines(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the process still runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** CPU time used so far, in seconds. */
    public double cpuSeconds() {
        return process.info().totalCpuDuration().map(d -> d.toNanos() / 1e9).orElse(0.0);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static String classPath() {
        String entries =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"));
        return Arrays.stream(entries.split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }
}
