package io.unshub.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/**
 * Where a process' CPU time goes.
 *
 * <p>The kernel's count for each thread tells apart system time, the garbage collector and the
 * compiler; the rest is shared out by the samples of a Java Flight Recording. A sample counts for
 * the stage of the innermost of its frames that belongs to one.
 */
final class Profile {

    private static final long TICKS = 100;
    private static final String OTHER = "other Java";

    /** Class name prefix to stage; the first that fits. */
    private static final Map<String, String> STAGES = new LinkedHashMap<>();

    static {
        String validate = "validate, tag quality";
        STAGES.put("io.unshub.envelope", validate);
        STAGES.put("io.unshub.uns", validate);
        STAGES.put("io.unshub.quality", validate);
        STAGES.put("io.unshub.deduplication", "deduplicate");
        STAGES.put("org.rocksdb", "deduplicate");
        STAGES.put("io.unshub.ledger", "ledger");
        String forward = "forward: Azure SDK";
        STAGES.put("io.unshub.forward", forward);
        STAGES.put("com.azure", forward);
        STAGES.put("com.microsoft.azure", forward);
        STAGES.put("reactor.", forward);
        STAGES.put("org.apache.qpid", forward);
        STAGES.put("org.apache.activemq.artemis.core.protocol.mqtt", "broker: MQTT");
        STAGES.put("io.netty", "broker: MQTT");
        String journal = "broker: journal, paging";
        STAGES.put("org.apache.activemq.artemis.core.journal", journal);
        STAGES.put("org.apache.activemq.artemis.core.io", journal);
        STAGES.put("org.apache.activemq.artemis.core.persistence", journal);
        STAGES.put("org.apache.activemq.artemis.core.paging", journal);
        STAGES.put("org.apache.activemq", "broker: queues, transactions");
        STAGES.put("io.unshub", "buffer, routes");
        STAGES.put("org.apache.camel", "buffer, routes");
    }

    private final long pid;
    private final Path recording;
    private Map<String, Long> before;
    private Instant begin;

    private Profile(long pid, Path recording) throws Exception {
        this.pid = pid;
        this.recording = recording;
        jcmd("JFR.start", "name=bench", "settings=default");
    }

    /**
     * Gets ready to watch a process of this machine. That changes code which is compiled already:
     * do it before it is warm.
     */
    static Profile of(long pid, Path folder) throws Exception {
        return new Profile(pid, folder.resolve("profile.jfr").toAbsolutePath());
    }

    /** Begins to watch. */
    void begin() throws IOException {
        begin = Instant.now();
        before = ticks();
    }

    /**
     * Ends the watch.
     *
     * @return CPU seconds by stage, most first
     */
    Map<String, Double> end() throws Exception {
        Map<String, Long> after = ticks();
        jcmd("JFR.stop", "name=bench", "filename=" + recording);
        Map<String, Double> seconds = new HashMap<>();
        after.forEach(
                (key, ticks) ->
                        seconds.merge(
                                key,
                                (ticks - before.getOrDefault(key, 0L)) / (double) TICKS,
                                Double::sum));
        double java = seconds.remove(OTHER);
        Map<String, Long> samples = samples();
        double all = samples.values().stream().mapToLong(Long::longValue).sum();
        samples.forEach((stage, count) -> seconds.merge(stage, java * count / all, Double::sum));
        Map<String, Double> sorted = new LinkedHashMap<>();
        seconds.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return sorted;
    }

    private Map<String, Long> samples() throws IOException {
        Map<String, Long> counts = new HashMap<>();
        try (RecordingFile file = new RecordingFile(recording)) {
            while (file.hasMoreEvents()) {
                RecordedEvent event = file.readEvent();
                if (event.getEventType().getName().equals("jdk.ExecutionSample")
                        && event.getStartTime().isAfter(begin)) {
                    counts.merge(stage(event), 1L, Long::sum);
                }
            }
        }
        return counts;
    }

    private static String stage(RecordedEvent sample) {
        if ("event-hubs-endpoint".equals(sample.getThread("sampledThread").getJavaName())) {
            return "local Event Hubs endpoint";
        }
        List<RecordedFrame> frames = sample.getStackTrace().getFrames();
        for (RecordedFrame frame : frames) {
            String type = frame.getMethod().getType().getName();
            for (Map.Entry<String, String> stage : STAGES.entrySet()) {
                if (type.startsWith(stage.getKey())) {
                    return stage.getValue();
                }
            }
        }
        return OTHER;
    }

    /** Clock ticks used so far, by kind of thread; see proc(5). */
    private Map<String, Long> ticks() throws IOException {
        Map<String, Long> ticks = new HashMap<>();
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
            for (Path thread : threads.toList()) {
                String stat;
                try {
                    stat = Files.readString(thread.resolve("stat"));
                } catch (IOException e) {
                    continue; // it ended meanwhile
                }
                String name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
                String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
                ticks.merge(kind(name), Long.parseLong(fields[11]), Long::sum);
                ticks.merge("kernel: sockets, disk", Long.parseLong(fields[12]), Long::sum);
            }
        }
        return ticks;
    }

    private static String kind(String thread) {
        if (thread.matches("(GC|G1|Parallel|VM Thread).*")) {
            return "garbage collector";
        }
        return thread.matches("C[12] Compiler.*") ? "compiler" : OTHER;
    }

    private void jcmd(String... arguments) throws Exception {
        String tool = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Stream<String> command =
                Stream.concat(Stream.of(tool, Long.toString(pid)), Stream.of(arguments));
        Process process =
                new ProcessBuilder(command.toList())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        if (process.waitFor() != 0) {
            throw new IllegalStateException("jcmd " + arguments[0] + " failed");
        }
    }
}
