package io.unshub.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.unshub.TestFolders;
import io.unshub.buffer.BareBroker;
import io.unshub.drill.FarSideProcess;
import io.unshub.load.HubProcess;
import io.unshub.load.JavaProcess;
import io.unshub.load.OtlpReceiver;
import io.unshub.load.RouteEdits;
import io.unshub.scoring.ModelCard;
import io.unshub.simulator.eventhubs.EventHubsReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/**
 * {@code make bench}: measures the built hub from outside and writes {@code docs/benchmarks.json}
 * and {@code docs/benchmarks.md}. Figures of other names in the file are kept.
 */
public final class Bench implements Callable<Integer> {

    private static final Path JSON_FILE = Path.of("docs/benchmarks.json");
    private static final Path PAGE = Path.of("docs/benchmarks.md");
    private static final int[] RATES = {
        30_000, 25_000, 20_000, 17_500, 15_000, 12_500, 10_000, 7_500, 5_000, 2_500
    };
    private static final int[] CLIENTS = {5_000, 2_500, 2_000, 1_500, 1_000, 500};
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private static final String WHERE = "## Where the time goes";

    private final Path work;
    private final List<Result> results = new ArrayList<>();
    private String where = "";

    @Option(names = "--only", split = ",", description = "names of the figures to measure")
    private List<String> only = List.of();

    @Option(
            names = "--backlog",
            defaultValue = "2000000",
            description = "readings that wait before the drain")
    private long backlog;

    @Option(names = "--window", defaultValue = "60", description = "seconds of the main window")
    private int window;

    @Option(
            names = "--recorded",
            description = "folder with ai4i and cmapss-fd001, for the figures of models")
    private Path recorded;

    private Bench() throws IOException {
        work =
                Files.createTempDirectory(Files.createDirectories(Path.of("target/bench")), "run-")
                        .toAbsolutePath();
    }

    /** Runs the benchmarks. */
    public static void main(String[] args) throws IOException {
        System.exit(new CommandLine(new Bench()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        try {
            measure();
        } finally {
            // what was measured before something failed is not measured in vain
            write();
        }
        return 0;
    }

    private void measure() throws Exception {
        if (asked("start-to-first-forward")) {
            startToFirstForward();
        }
        if (asked("end-to-end-rate") || asked("resident-memory")) {
            endToEndRate();
        }
        if (asked("profile")) {
            profile();
        }
        if (asked("end-to-end-p99-at-1000")) {
            latency();
        }
        if (asked("validation-overhead")) {
            validationOverhead();
        }
        if (asked("deduplication-cost")) {
            deduplicationCost();
        }
        if (asked("traces-cost")) {
            tracesCost();
        }
        if (asked("disk-overhead")) {
            diskOverhead();
        }
        if (asked("drain-rate-with-live")) {
            drainWithLive();
        }
        if (asked("bind-100000-tags") || asked("memory-per-tag")) {
            bindTags();
        }
        if (asked("opcua-10000-tags-cpu")) {
            OpcUaBench.Minute minute = opcua("opcua", 10_000);
            if (minute.forwarded() < 9_900) {
                throw new IllegalStateException("10,000 changes a second do not pass: " + minute);
            }
            add("opcua-10000-tags-cpu", minute.cores(), "cores", null, null);
        }
        if (asked("opcua-peak-rate")) {
            opcuaPeak();
        }
        if (asked("routes-diff-100000")) {
            routesDiff();
        }
        if (asked("route-edit-seconds")) {
            routeEdit();
        }
        for (String algorithm : List.of("cart", "forest", "xgboost")) {
            if (asked("score-rate-" + algorithm)) {
                scoreRate(algorithm);
            }
        }
        scoring();
        if (recorded != null) {
            recorded();
        }
        if (asked("bad-input-cost")) {
            badInputCost();
        }
        if (asked("retain-cost")) {
            retainCost();
        }
        tls();
    }

    private void tls() throws Exception {
        if (asked("mtls-rate-ratio")) {
            TlsBench.Rates rates = new TlsBench(work.resolve("mtls")).rates();
            add(
                    "mtls-rate-ratio",
                    rates.ratio(),
                    "of the rate",
                    "%.0f/s with TLS, %.0f/s without; a reading takes %.2f times of the processor"
                            .formatted(rates.tls().rate(), rates.plain().rate(), rates.processor()),
                    rates.ratio());
        }
        if (asked("handshakes")) {
            double rate = new TlsBench(work.resolve("handshakes")).handshakes();
            add("handshakes", rate, "handshakes/s", null, null);
        }
        if (asked("connections-held")) {
            connectionsHeld();
        }
    }

    /** The highest of the counts that are held. */
    private void connectionsHeld() throws Exception {
        TlsBench tls = new TlsBench(work.resolve("held"));
        for (int count : CLIENTS) {
            double kilobytes = tls.hold(count);
            if (kilobytes >= 0) {
                add("connections-held", count, "clients", null, null);
                add("connection-memory", kilobytes, "kB of heap each", null, null);
                return;
            }
        }
        throw new IllegalStateException("no number of clients was held; see " + work);
    }

    private boolean asked(String name) {
        return only.isEmpty() || only.contains(name);
    }

    private void startToFirstForward() throws Exception {
        double[] seconds = new double[3];
        for (int i = 0; i < seconds.length; i++) {
            try (HubProcess hub =
                    HubProcess.on(work.resolve("start-" + i))
                            .with("unshub.status-interval", "100ms")) {
                long begin = System.nanoTime();
                hub.launch().awaitLine("accepted .*  forwarded [1-9].*", Duration.ofSeconds(60));
                seconds[i] = (System.nanoTime() - begin) / 1e9;
            }
        }
        Arrays.sort(seconds);
        add("start-to-first-forward", seconds[1], "s", null, null);
    }

    private void endToEndRate() throws Exception {
        double ceiling = bareBroker();
        double hubRate;
        try (HubProcess hub = loaded("rate").start()) {
            List<Double> memory = new ArrayList<>();
            double value =
                    highest(
                            hub.mqttPort(),
                            () -> Load.counts(hub.lines()),
                            () -> memory.add(residentMegabytes(hub.pid())));
            add("end-to-end-rate", value, "readings/s", "bare broker", value / ceiling);
            add("resident-memory", memory.get(memory.size() - 1), "MB", null, null);
            hubRate = value;
        }
        if (asked("peer-mosquitto-bridge-rate")) {
            peer("peer-mosquitto-bridge-rate", Peer::mosquittoBridge, hubRate);
        }
        if (asked("peer-node-red-rate")) {
            peer("peer-node-red-rate", Peer::nodeRed, hubRate);
        }
    }

    private interface PeerStart {
        Peer in(Path folder) throws IOException;
    }

    /** The same load on what stands in the hub's place, where it is installed. */
    private void peer(String name, PeerStart start, double hubRate) throws Exception {
        try (Peer peer = start.in(work.resolve(name))) {
            double value = highest(peer.port(), peer::counts, () -> {});
            add(name, value, "readings/s", "end-to-end-rate", value / hubRate);
        } catch (IOException e) {
            System.out.printf("  %s is not measured: %s%n", name, e.getMessage());
        }
    }

    /** What the broker passes on when it is offered all it takes: it holds its publishers back. */
    private double bareBroker() throws Exception {
        int port = HubProcess.freePort();
        try (JavaProcess broker =
                JavaProcess.start(
                        work.resolve("bare.log"),
                        BareBroker.class,
                        Integer.toString(port),
                        work.resolve("bare").toString())) {
            await("the bare broker", 30, () -> broker.lines().contains("ready"));
            try (JavaProcess load = Load.start(work, port, 0, window + 30)) {
                Load.pass(Duration.ofSeconds(25));
                Load.Counts before = Load.counts(broker.lines());
                Load.pass(Duration.ofSeconds(window));
                double rate = Load.counts(broker.lines()).forwardedPerSecondSince(before);
                System.out.printf("  bare broker %.0f/s%n", rate);
                return rate;
            }
        }
    }

    /**
     * The readings per second that are passed on at the highest of the rates that are held.
     *
     * @param counts what it has taken and passed on so far
     * @param meanwhile run at the end of a window that is held, under load
     */
    private double highest(int port, Supplier<Load.Counts> counts, Runnable meanwhile)
            throws Exception {
        phase(port, RATES[RATES.length - 1], 30);
        for (int rate : RATES) {
            drain(counts);
            try (JavaProcess load = Load.start(work, port, rate, window + 20)) {
                Load.pass(Duration.ofSeconds(15));
                Load.Counts before = counts.get();
                Load.pass(Duration.ofSeconds(window / 4));
                Load.Counts after = counts.get();
                if (flat(before, after, rate, 0.05)) {
                    Load.pass(Duration.ofSeconds(window - window / 4));
                    after = counts.get();
                }
                if (flat(before, after, rate, 0.01)) {
                    meanwhile.run();
                    System.out.printf("  %d/s holds%n", rate);
                    return after.forwardedPerSecondSince(before);
                }
                System.out.printf(
                        "  %d/s does not hold: %.0f/s came, %.0f/s left%n",
                        rate,
                        after.acceptedPerSecondSince(before),
                        after.forwardedPerSecondSince(before));
            }
        }
        throw new IllegalStateException("no rate held; see " + work);
    }

    /** What was offered came in, and the backlog grew by no more than this share of it. */
    private static boolean flat(Load.Counts before, Load.Counts after, int rate, double share) {
        long came = after.accepted() - before.accepted();
        return after.backlog() - before.backlog() <= came * share
                && after.acceptedPerSecondSince(before) >= rate * (1 - 2 * share);
    }

    /** Where the CPU time goes at the rate that is the aim. */
    private void profile() throws Exception {
        int rate = 12_500;
        try (HubProcess hub = loaded("profile").start()) {
            Profile profile = Profile.of(hub.pid(), work);
            // a hub that is cold falls behind, and what waits on disk costs it more than this rate
            phase(hub.mqttPort(), RATES[RATES.length - 1], 40);
            phase(hub.mqttPort(), rate / 2, 30);
            profile(hub, profile, rate);
        }
    }

    private void profile(HubProcess hub, Profile profile, int rate) throws Exception {
        try (JavaProcess load = Load.start(work, hub.mqttPort(), rate, 20 + window + 20)) {
            Load.pass(Duration.ofSeconds(20));
            Load.Counts before = Load.counts(hub.lines());
            double idle = idleTicks();
            profile.begin();
            Load.pass(Duration.ofSeconds(window));
            Map<String, Double> seconds = profile.end();
            Load.Counts after = Load.counts(hub.lines());
            double idleShare =
                    (idleTicks() - idle)
                            / (after.nanos() - before.nanos())
                            * 1e7
                            / Runtime.getRuntime().availableProcessors();
            double all = seconds.values().stream().mapToDouble(Double::doubleValue).sum();
            long readings = after.forwarded() - before.forwarded();
            StringBuilder table = new StringBuilder();
            table.append(
                    ("%s forwarded readings per second at %s offered; the hub used %.2f cores,"
                                    + " the machine was idle %.0f %% of the time. Commit %s, %s.%n%n")
                            .formatted(
                                    Math.round(after.forwardedPerSecondSince(before)),
                                    rate,
                                    all / ((after.nanos() - before.nanos()) / 1e9),
                                    idleShare * 100,
                                    commit(),
                                    LocalDate.now()));
            table.append("| part of the hub | share of its CPU time | µs per reading |\n");
            table.append("| --- | --- | --- |\n");
            seconds.forEach(
                    (part, used) ->
                            table.append(
                                    "| %s | %.0f %% | %.1f |%n"
                                            .formatted(
                                                    part,
                                                    used / all * 100,
                                                    used * 1e6 / readings)));
            where = table.toString();
            System.out.println(where);
        }
    }

    private static double idleTicks() throws IOException {
        // user, nice, system, idle, waiting for the disk
        String[] cpu = Files.readAllLines(Path.of("/proc/stat")).get(0).split(" +");
        return Double.parseDouble(cpu[4]) + Double.parseDouble(cpu[5]);
    }

    private void latency() throws Exception {
        Path events = work.resolve("events");
        try (HubProcess hub = loaded("latency").start();
                JavaProcess reader =
                        JavaProcess.start(
                                work.resolve("reader.log"),
                                EventHubsReader.class,
                                hub.connectionString(),
                                events.toString())) {
            phase(hub.mqttPort(), 1_000, 30);
            Instant from = Instant.now();
            phase(hub.mqttPort(), 1_000, 30);
            drain(() -> Load.counts(hub.lines()));
            long before = -1;
            while (before != Files.size(events)) {
                before = Files.size(events);
                Load.pass(Duration.ofSeconds(2));
            }
            List<Long> millis = new ArrayList<>();
            try (var lines = Files.lines(events)) {
                for (String line : lines.toList()) {
                    String[] columns = line.split("\t");
                    Instant sent =
                            Instant.parse(
                                    JSON.readTree(Base64.getDecoder().decode(columns[5]))
                                            .path("tsUtc")
                                            .asText());
                    if (sent.isAfter(from)) {
                        millis.add(Long.parseLong(columns[4]) - sent.toEpochMilli());
                    }
                }
            }
            millis.sort(null);
            add(
                    "end-to-end-p99-at-1000",
                    millis.get((int) Math.ceil(millis.size() * 0.99) - 1),
                    "ms",
                    null,
                    null);
        }
    }

    /** CPU time of the whole hub per reading, with the stage and without it, in turns. */
    private void validationOverhead() throws Exception {
        Path config = TestFolders.config(work.resolve("without-validate"));
        String validate = Files.readString(Path.of("src/main/resources/routes/validate.yaml"));
        Files.writeString(
                Files.createDirectories(config.resolve("routes")).resolve("validate.yaml"),
                validate.replace("        - to: kamelet:unshub-validate-action\n", ""));
        double with = 0;
        double without = 0;
        for (int round = 0; round < 2; round++) {
            // what has no verdict is not deduplicated either: without that stage on both sides
            with +=
                    cpuPerReading(
                            loaded("with-" + round).with("unshub.deduplication.window", "0s"));
            without +=
                    cpuPerReading(
                            loaded("without-" + round)
                                    .with("unshub.deduplication.window", "0s")
                                    .with("unshub.config-dir", config.toString()));
        }
        add(
                "validation-overhead",
                (with / without - 1) * 100,
                "percent",
                "the same without the stage",
                with / without);
    }

    /** CPU time of the whole hub per reading, with the stage and without it, in turns. */
    private void deduplicationCost() throws Exception {
        double with = 0;
        double without = 0;
        for (int round = 0; round < 2; round++) {
            with += cpuPerReading(loaded("deduplicating-" + round));
            without +=
                    cpuPerReading(
                            loaded("repeating-" + round).with("unshub.deduplication.window", "0s"));
        }
        add(
                "deduplication-cost",
                (with / without - 1) * 100,
                "percent",
                "the same without the stage",
                with / without);
    }

    /** Every batch traced: the most that it can cost. */
    private void tracesCost() throws Exception {
        double with = 0;
        double without = 0;
        try (OtlpReceiver collector = new OtlpReceiver()) {
            for (int round = 0; round < 2; round++) {
                with +=
                        cpuPerReading(
                                loaded("traced-" + round)
                                        .with("unshub.traces.endpoint", collector.endpoint())
                                        .with("unshub.traces.percent", "100"));
                without += cpuPerReading(loaded("untraced-" + round));
            }
        }
        add(
                "traces-cost",
                (with / without - 1) * 100,
                "percent",
                "the same without traces",
                with / without);
    }

    private double cpuPerReading(HubProcess prepared) throws Exception {
        return cost(prepared).perReading();
    }

    private Cost cost(HubProcess prepared) throws Exception {
        try (HubProcess hub = prepared.start()) {
            phase(hub.mqttPort(), 5_000, 25);
            drain(() -> Load.counts(hub.lines()));
            Load.Counts before = Load.counts(hub.lines());
            double cpu = hub.cpuSeconds();
            phase(hub.mqttPort(), 5_000, 25);
            drain(() -> Load.counts(hub.lines()));
            return new Cost(
                    hub.cpuSeconds() - cpu,
                    Load.counts(hub.lines()).forwarded() - before.forwarded());
        }
    }

    /** CPU time of the whole hub for a load, and what was forwarded meanwhile. */
    private record Cost(double cpu, long forwarded) {

        double perReading() {
            return cpu / forwarded;
        }
    }

    /** How the broker's folder grows per reading while nothing leaves it, without the payload. */
    private void diskOverhead() throws Exception {
        int payload = 300;
        try (HubProcess hub = loaded("disk").forwardingTo(HubProcess.freePort()).start();
                JavaProcess load =
                        Load.start(
                                work, hub.mqttPort(), 8_000, 100, "--payload-bytes=" + payload)) {
            // what fits into memory is in the journal, and later in pages
            Load.pass(Duration.ofSeconds(50));
            JsonNode before = hub.get("buffer");
            Load.pass(Duration.ofSeconds(40));
            JsonNode after = hub.get("buffer");
            double readings = after.path("readings").asLong() - before.path("readings").asLong();
            double bytes = after.path("bytes").asLong() - before.path("bytes").asLong();
            add("disk-overhead", bytes / readings - payload, "bytes/reading", null, null);
        }
    }

    /**
     * An outage: the backlog grows, then it drains beside live traffic. Also what a reading costs,
     * in and out, at the deep end of it against the shallow one.
     */
    private void drainWithLive() throws Exception {
        int port = HubProcess.freePort();
        int live = 1_000;
        long slice = backlog / 20;
        try (HubProcess hub = loaded("outage").forwardingTo(port).start()) {
            outage(hub, port, live, 4 * slice, slice);
            Outage measured = outage(hub, port, live, backlog, slice);
            add(
                    "drain-rate-with-live",
                    measured.rate(),
                    "readings/s",
                    "live rate",
                    measured.rate() / live);
            double ratio = measured.deep() / measured.shallow();
            add(
                    "backlog-cost-growth",
                    (ratio - 1) * 100,
                    "percent",
                    "the same with a short backlog",
                    ratio);
            System.out.printf("  resident after the drain %.0f MB%n", residentMegabytes(hub.pid()));
        }
    }

    /**
     * What an outage costs.
     *
     * @param shallow CPU seconds per reading, in and out, while little waits
     * @param deep the same while much waits
     * @param rate readings forwarded per second while it drains
     */
    private record Outage(double shallow, double deep, double rate) {}

    private Outage outage(HubProcess hub, int port, int live, long depth, long slice)
            throws Exception {
        Sample empty;
        Sample little;
        Sample nearly;
        Sample full;
        try (JavaProcess load = Load.start(work, hub.mqttPort(), 0, 3_600)) {
            empty = Sample.next(hub);
            little = atBacklog(hub, empty.counts().backlog() + slice);
            nearly = atBacklog(hub, depth - slice);
            full = atBacklog(hub, depth);
        }
        try (JavaProcess farSide = farSide(port);
                JavaProcess load = Load.start(work, hub.mqttPort(), live, 3_600)) {
            await(
                    "the first of the backlog to leave",
                    60,
                    () -> Load.counts(hub.lines()).forwarded() > full.counts().forwarded());
            Sample first = Sample.next(hub);
            Sample second = belowBacklog(hub, first.counts().backlog() - slice);
            Sample third = belowBacklog(hub, slice);
            Sample last = belowBacklog(hub, slice / 10);
            System.out.printf(
                    "  CPU per reading: in %.0f µs at the begin, %.0f µs at the end; out %.0f µs at"
                            + " the begin, %.0f µs at the end%n",
                    empty.cpuPerAccepted(little) * 1e6,
                    nearly.cpuPerAccepted(full) * 1e6,
                    first.cpuPerForwarded(second) * 1e6,
                    third.cpuPerForwarded(last) * 1e6);
            return new Outage(
                    empty.cpuPerAccepted(little) + third.cpuPerForwarded(last),
                    nearly.cpuPerAccepted(full) + first.cpuPerForwarded(second),
                    last.counts().forwardedPerSecondSince(first.counts()));
        }
    }

    private static Sample atBacklog(HubProcess hub, long depth) throws Exception {
        await("a backlog of " + depth, 1_200, () -> Load.counts(hub.lines()).backlog() >= depth);
        return Sample.next(hub);
    }

    private static Sample belowBacklog(HubProcess hub, long depth) throws Exception {
        await("the drain", 1_200, () -> Load.counts(hub.lines()).backlog() < depth);
        return Sample.next(hub);
    }

    /**
     * Counts and CPU time at the moment of a status line.
     *
     * @param counts what the line says
     * @param cpu seconds used so far
     */
    private record Sample(Load.Counts counts, double cpu) {

        static Sample next(HubProcess hub) throws Exception {
            int before = hub.lines().size();
            Awaitility.await("a status line")
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> hub.lines().size() > before);
            return new Sample(Load.counts(hub.lines()), hub.cpuSeconds());
        }

        double cpuPerAccepted(Sample later) {
            return (later.cpu - cpu) / (later.counts.accepted() - counts.accepted());
        }

        double cpuPerForwarded(Sample later) {
            return (later.cpu - cpu) / (later.counts.forwarded() - counts.forwarded());
        }
    }

    private JavaProcess farSide(int port) throws Exception {
        JavaProcess farSide =
                JavaProcess.start(
                        work.resolve("far-side.log"),
                        FarSideProcess.class,
                        "--port=" + port,
                        "--data=" + work.resolve("far-side"));
        await(
                "the far side",
                30,
                () -> farSide.lines().stream().anyMatch(line -> line.startsWith("ready")));
        return farSide;
    }

    /** In a JVM of its own, with what a start of the hub would take for it; median of three. */
    private void bindTags() throws Exception {
        double[] seconds = new double[3];
        double[] bytes = new double[3];
        for (int i = 0; i < seconds.length; i++) {
            try (JavaProcess binding =
                    JavaProcess.start(
                            work.resolve("bind-" + i + ".log"),
                            BindTags.class,
                            work.resolve("bind-" + i).toString())) {
                binding.await(120);
                String[] words = binding.lines().get(0).split(" ");
                seconds[i] = Double.parseDouble(words[3]);
                bytes[i] = Double.parseDouble(words[5]);
            }
        }
        Arrays.sort(seconds);
        Arrays.sort(bytes);
        add("bind-100000-tags", seconds[1], "s", null, null);
        add("memory-per-tag", bytes[1], "bytes", null, null);
    }

    private OpcUaBench.Minute opcua(String name, int rate) throws Exception {
        return new OpcUaBench(work.resolve(name))
                .minute(loaded(name + "-hub"), rate, Duration.ofSeconds(window));
    }

    /** The highest of the rates at which each change is forwarded and none waits for long. */
    private void opcuaPeak() throws Exception {
        for (int rate : RATES) {
            OpcUaBench.Minute minute = opcua("opcua-" + rate, rate);
            System.out.printf("  %d changes/s: %s%n", rate, minute);
            if (minute.forwarded() >= rate * 0.98
                    && minute.backlog() <= minute.forwarded() * window * 0.01) {
                add("opcua-peak-rate", minute.forwarded(), "changes/s", null, null);
                return;
            }
        }
        throw new IllegalStateException("no rate of changes passed; see " + work);
    }

    private void routesDiff() throws Exception {
        DiffBench diff = new DiffBench(work.resolve("diff"));
        double[] seconds = {diff.seconds(), diff.seconds(), diff.seconds()};
        Arrays.sort(seconds);
        add("routes-diff-100000", seconds[1], "s", null, null);
    }

    /** From the file's place in the folder to the first reading of its route, under load. */
    private void routeEdit() throws Exception {
        Path config = TestFolders.config(work.resolve("edit-config"));
        double[] seconds = new double[9];
        try (HubProcess hub = loaded("edit").with("unshub.config-dir", config.toString()).start();
                RouteEdits route = new RouteEdits(hub, config, "bench")) {
            route.edit();
            hub.awaitLine(".*route edited is in force.*", Duration.ofSeconds(60));
            try (JavaProcess load =
                    Load.start(work, hub.mqttPort(), 1_000, 20 + 5 * seconds.length)) {
                Load.pass(Duration.ofSeconds(15));
                for (int i = 0; i < seconds.length; i++) {
                    seconds[i] = route.secondsOfAnEdit(Duration.ofSeconds(60));
                    Load.pass(Duration.ofSeconds(2));
                }
                load.await(120);
            }
            await(
                    "as many readings of the route as were published",
                    60,
                    () -> {
                        JsonNode total = hub.ledger().path("total");
                        return total.path("generated").equals(total.path("accepted"));
                    });
        }
        Arrays.sort(seconds);
        System.out.println("  edits took " + Arrays.toString(seconds));
        add("route-edit-seconds", seconds[seconds.length / 2], "s", null, null);
    }

    private void scoreRate(String algorithm) throws Exception {
        try (JavaProcess scoring =
                JavaProcess.start(
                        work.resolve("score-" + algorithm + ".log"),
                        ScoreRate.class,
                        work.resolve("score-" + algorithm).toString(),
                        algorithm,
                        "0")) {
            scoring.await(300);
            String[] words = scoring.lines().get(scoring.lines().size() - 1).split(" ");
            add("score-rate-" + algorithm, Double.parseDouble(words[3]), "scores/s", null, null);
        }
    }

    private void scoring() throws Exception {
        if (asked("predict-p95-at-50")) {
            double[] millis = new ScoringBench(work.resolve("predict-50")).predictMillis(50);
            add("predict-p95-at-50", millis[millis.length * 95 / 100], "ms", null, null);
        }
        if (asked("predict-p99-at-500")) {
            double[] millis = new ScoringBench(work.resolve("predict-500")).predictMillis(500);
            add("predict-p99-at-500", millis[millis.length * 99 / 100], "ms", null, null);
        }
        if (asked("start-to-first-score")) {
            double one = new ScoringBench(work.resolve("one-model")).startToFirstScore(1);
            double seconds = new ScoringBench(work.resolve("models")).startToFirstScore(200);
            add("start-to-first-score", seconds, "s", "the same with one model", seconds / one);
        }
        if (asked("rollback-seconds")) {
            rollback();
        }
        if (asked("scoring-cost")) {
            double with = 0;
            double without = 0;
            for (int round = 0; round < 2; round++) {
                with +=
                        cost(new ScoringBench(work.resolve("scoring-" + round)).scoringTenth())
                                .cpu();
                without += cost(loaded("unscored-" + round)).cpu();
            }
            add(
                    "scoring-cost",
                    (with / without - 1) * 100,
                    "percent",
                    "the same without models",
                    with / without);
        }
    }

    private void rollback() throws Exception {
        double[] command = new double[9];
        double[] seconds = new ScoringBench(work.resolve("rollback")).rollbacks(200, command);
        Arrays.sort(seconds);
        Arrays.sort(command);
        System.out.println("  rollbacks took " + Arrays.toString(seconds));
        add(
                "rollback-seconds",
                seconds[seconds.length / 2],
                "s",
                "longest %.2f; the command itself %.2f"
                        .formatted(seconds[seconds.length - 1], command[command.length / 2]),
                null);
    }

    private void recorded() throws Exception {
        Recorded data = new Recorded(recorded, work.resolve("recorded"));
        if (asked("ai4i-f1") || asked("ai4i-auc")) {
            ModelCard card = data.milling(false);
            figure("ai4i-f1", card.figures().get("f1"), "");
            figure("ai4i-auc", card.figures().get("auc"), "");
        }
        if (asked("ai4i-f1-engineered") || asked("ai4i-auc-engineered")) {
            ModelCard card = data.milling(true);
            figure("ai4i-f1-engineered", card.figures().get("f1"), "");
            figure("ai4i-auc-engineered", card.figures().get("auc"), "");
        }
        if (asked("nab-windows-hit") || asked("nab-false-alarms")) {
            List<Recorded.Found> found = data.anomalies();
            Recorded.Found model = found.get(0);
            add(
                    "nab-windows-hit",
                    model.hit(),
                    "of " + model.windows(),
                    "z-score above 3: %d; always: %d"
                            .formatted(found.get(1).hit(), found.get(2).hit()),
                    null);
            add(
                    "nab-false-alarms",
                    model.falseAlarms(),
                    "alarms",
                    "z-score above 3: %d; always: the whole time"
                            .formatted(found.get(1).falseAlarms()),
                    null);
        }
        if (asked("fd001-rmse")) {
            figure("fd001-rmse", data.engines(false).figures().get("rmse"), "cycles");
        }
        if (asked("fd001-rmse-capped")) {
            figure("fd001-rmse-capped", data.engines(true).figures().get("rmse"), "cycles");
        }
    }

    private void figure(String name, ModelCard.Figure figure, String unit) throws Exception {
        String beside =
                String.format(
                        Locale.ROOT,
                        "without learning %.2f; spread %.3f",
                        figure.baseline(),
                        figure.spread());
        Double ratio = figure.baseline() == 0 ? null : figure.mean() / figure.baseline();
        add(name, figure.mean(), unit, beside, ratio);
    }

    private void badInputCost() throws Exception {
        double clean = 0;
        double dirty = 0;
        for (int round = 0; round < 2; round++) {
            clean += goodRate("clean-" + round);
            dirty += goodRate("dirty-" + round, "--bad-percent=5");
        }
        add(
                "bad-input-cost",
                (1 - dirty / clean) * 100,
                "percent",
                "the same without bad input",
                dirty / clean);
    }

    private double goodRate(String name, String... more) throws Exception {
        try (HubProcess hub = loaded(name).start();
                JavaProcess load = Load.start(work, hub.mqttPort(), 0, 85, more)) {
            // the compiler takes its time with a path that one reading in twenty goes
            Load.pass(Duration.ofSeconds(50));
            Load.Counts before = Load.counts(hub.lines());
            Load.pass(Duration.ofSeconds(30));
            return Load.counts(hub.lines()).forwardedPerSecondSince(before);
        }
    }

    private void retainCost() throws Exception {
        double plain = offered("plain");
        double retained = offered("retained", "--retain");
        add(
                "retain-cost",
                (1 - retained / plain) * 100,
                "percent",
                "the same without retain",
                retained / plain);
    }

    private double offered(String name, String... more) throws Exception {
        try (HubProcess hub = loaded(name).start();
                JavaProcess load = Load.start(work, hub.mqttPort(), 0, 35, more)) {
            Load.pass(Duration.ofSeconds(15));
            Load.Counts before = Load.counts(hub.lines());
            Load.pass(Duration.ofSeconds(15));
            return Load.counts(hub.lines()).acceptedPerSecondSince(before);
        }
    }

    private HubProcess loaded(String name) throws IOException {
        return HubProcess.on(work.resolve(name))
                .with("unshub.simulator.enabled", "false")
                .with("unshub.status-interval", "1s");
    }

    private void phase(int port, int rate, int seconds) throws Exception {
        try (JavaProcess load = Load.start(work, port, rate, seconds)) {
            load.await(seconds + 60);
        }
    }

    /** Waits until nothing is held and nothing comes any more. */
    private static void drain(Supplier<Load.Counts> counts) {
        Load.Counts[] seen = {counts.get()};
        await(
                "an empty buffer",
                180,
                () -> {
                    Load.Counts now = counts.get();
                    boolean still = now.backlog() <= 0 && now.accepted() == seen[0].accepted();
                    seen[0] = now;
                    return still;
                });
    }

    private static void await(String what, int seconds, Callable<Boolean> condition) {
        Awaitility.await(what)
                .atMost(Duration.ofSeconds(seconds))
                .pollInterval(Duration.ofMillis(1_500))
                .until(condition);
    }

    private static double residentMegabytes(long pid) {
        try (var lines = Files.lines(Path.of("/proc/" + pid + "/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void add(String name, double value, String unit, String peer, Double ratio)
            throws Exception {
        results.add(
                new Result(
                        name,
                        round(value),
                        unit,
                        peer,
                        ratio == null ? null : round(ratio),
                        commit(),
                        LocalDate.now().toString()));
        System.out.println(results.get(results.size() - 1));
    }

    private static double round(double value) {
        return Double.parseDouble(
                String.format(
                        Locale.ROOT, value < 1 ? "%.4f" : value < 100 ? "%.2f" : "%.0f", value));
    }

    private static String commit() throws Exception {
        return HubProcess.Result.of(new ProcessBuilder("git", "rev-parse", "--short", "HEAD"), "")
                .out()
                .trim();
    }

    private void write() throws Exception {
        Map<String, Result> all = new LinkedHashMap<>();
        if (Files.exists(JSON_FILE)) {
            for (Result old : JSON.readValue(JSON_FILE.toFile(), Result[].class)) {
                all.put(old.name(), old);
            }
        }
        results.forEach(result -> all.put(result.name(), result));
        JSON.writeValue(JSON_FILE.toFile(), all.values());
        StringBuilder page = new StringBuilder(Files.readString(PAGE));
        int section = page.indexOf(WHERE);
        if (where.isEmpty() && section >= 0) {
            where = page.substring(section + WHERE.length()).strip() + "\n";
        }
        int table = page.indexOf("| figure |");
        page.setLength(table < 0 ? page.length() : table);
        page.append("| figure | value | unit | against | ratio | commit | date |\n");
        page.append("| --- | --- | --- | --- | --- | --- | --- |\n");
        for (Result r : all.values()) {
            page.append(
                    "| `%s` | %s | %s | %s | %s | %s | %s |%n"
                            .formatted(
                                    r.name(),
                                    r.value(),
                                    r.unit(),
                                    r.peer() == null ? "" : r.peer(),
                                    r.ratio() == null ? "" : r.ratio(),
                                    r.commit(),
                                    r.date()));
        }
        page.append("\nMachine of the latest run: ").append(machine()).append(".\n");
        if (!where.isEmpty()) {
            page.append('\n').append(WHERE).append("\n\n").append(where);
        }
        Files.writeString(PAGE, page);
    }

    private String machine() throws Exception {
        String cpu =
                Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                        .filter(line -> line.startsWith("model name"))
                        .map(line -> line.substring(line.indexOf(':') + 1).trim())
                        .findFirst()
                        .orElse("unknown CPU");
        String memory = Files.readAllLines(Path.of("/proc/meminfo")).get(0).replaceAll("\\D", "");
        return "%s, %d cores, %d GB, %s, JDK %s"
                .formatted(
                        cpu,
                        Runtime.getRuntime().availableProcessors(),
                        Long.parseLong(memory) / 1_048_576,
                        Files.getFileStore(work).type(),
                        System.getProperty("java.version"));
    }
}
