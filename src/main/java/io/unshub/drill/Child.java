package io.unshub.drill;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A command of {@code uns-hub} in a process of its own, which can be ended in any way. */
final class Child implements AutoCloseable {

    private static final Duration START = Duration.ofSeconds(90);

    private final Process process;
    private final Path log;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Thread reader;

    private Child(Process process, String name, Path log) {
        this.process = process;
        this.log = log;
        reader = new Thread(this::read, name + "-output");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts a command.
     *
     * @param launcher the program {@code uns-hub}
     * @param javaOptions more options for its Java
     * @param command its words
     * @param folder keeps what it prints, in a file with the name of the command, behind what
     *     others of that name printed
     */
    static Child start(Path launcher, String javaOptions, List<String> command, Path folder)
            throws IOException {
        List<String> words = new ArrayList<>(List.of(launcher.toString()));
        words.addAll(command);
        ProcessBuilder builder =
                new ProcessBuilder(words)
                        .directory(launcher.getParent().toFile())
                        .redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("JAVA_OPTS", javaOptions);
        String name = command.get(0);
        return new Child(builder.start(), name, folder.resolve(name + ".log"));
    }

    /** Waits until it prints a line that begins so. */
    void awaitLine(String beginning) throws InterruptedException, IOException {
        long end = System.nanoTime() + START.toNanos();
        while (lines.stream().noneMatch(line -> line.startsWith(beginning))) {
            if (System.nanoTime() > end || !process.isAlive() && !reader.isAlive()) {
                throw new IOException(
                        "the process did not say \""
                                + beginning
                                + "\"; it printed: "
                                + String.join(System.lineSeparator(), lines));
            }
            Thread.sleep(20);
        }
    }

    /** Whether it has printed a line with these words. */
    boolean said(String words) {
        return lines.stream().anyMatch(line -> line.contains(words));
    }

    /** Gives it a line on its standard input. */
    void tell(String line) {
        PrintStream input =
                new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        input.println(line);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Ends it without warning, as {@code kill -9} does. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Asks it to stop, as Ctrl-C does, and waits for that. */
    void stop() throws InterruptedException, IOException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new IOException("the process did not stop within 60 s");
        }
    }

    /** Halts it, so that its connections stay open and are dead, or lets it go on. */
    void halt(boolean halted) throws IOException, InterruptedException {
        new ProcessBuilder("kill", halted ? "-STOP" : "-CONT", Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private void read() {
        try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8);
                PrintWriter kept =
                        new PrintWriter(
                                Files.newBufferedWriter(
                                        log, StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                                true)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                lines.add(line);
                kept.println(line);
            }
        } catch (IOException e) {
            lines.add("(output ended: " + e.getMessage() + ")");
        }
    }
}
