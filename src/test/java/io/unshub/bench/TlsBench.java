package io.unshub.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.unshub.TestFolders;
import io.unshub.load.HubProcess;
import io.unshub.load.JavaProcess;
import io.unshub.pki.Issued.Kind;
import io.unshub.pki.Pki;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** The built hub with mutual TLS, from outside: its listener with TLS beside the one without. */
final class TlsBench {

    // odd, for a median
    private static final int PAIRS = 5;
    private static final int WARM_SECONDS = 40;
    private static final int TURN_SECONDS = 15;
    private static final int HANDSHAKE_SECONDS = 20;
    private static final int HOLD_SECONDS = 30;
    private static final int LIVE_RATE = 1_000;
    private static final String PUBLISHER = "bench";
    private static final String IDLE = "idle";
    private static final Duration YEAR = Duration.ofDays(365);
    private static final Pattern CLIENTS = Pattern.compile("clients (\\d+) lost (\\d+)");
    private static final Pattern ACKNOWLEDGED =
            Pattern.compile("sent (\\d+) acknowledged (\\d+) .*");
    private static final Pattern USED = Pattern.compile("(?:PSYoungGen|ParOldGen).*used (\\d+)K");

    private final Path work;
    private final Path config;
    private final Path pki;
    private final int port = HubProcess.freePort();

    TlsBench(Path work) throws IOException {
        this.work = Files.createDirectories(work);
        config = TestFolders.config(work.resolve("config"));
        pki = config.resolve("security/pki");
        Pki authority = new Pki(pki, Clock.systemUTC());
        authority.init("acme", YEAR, YEAR, YEAR);
        authority.issue(new Pki.Order(Kind.SERVER, "CN=mqtt", List.of("localhost"), YEAR, false));
        issue(authority, "CN=" + PUBLISHER + ",OU=mqtt-admin,O=acme");
        issue(authority, "CN=" + IDLE + ",OU=analytics,O=acme");
    }

    private static void issue(Pki authority, String subject) throws IOException {
        authority.issue(new Pki.Order(Kind.CLIENT, subject, List.of(), YEAR, false));
    }

    private HubProcess hub(String name) throws IOException {
        return HubProcess.on(work.resolve(name))
                .with("unshub.config-dir", config.toString())
                .with("unshub.simulator.enabled", "false")
                .with("unshub.status-interval", "1s")
                .with("unshub.mqtt.tls.enabled", "true")
                .with("unshub.mqtt.tls.host", "127.0.0.1")
                .with("unshub.mqtt.tls.port", Integer.toString(port));
    }

    /**
     * What one listener did in one turn.
     *
     * @param rate readings forwarded per second, offered without limit
     * @param micros time of a processor that the hub took for each, in microseconds
     */
    record Turn(double rate, double micros) {}

    /**
     * The median of the turns, and of what each pair of them says.
     *
     * @param plain without TLS
     * @param tls with certificates on both sides
     * @param ratio of the rates of a pair
     * @param processor of the processor's time of a pair: what TLS costs, also on a machine that is
     *     busy with something else meanwhile
     */
    record Rates(Turn plain, Turn tls, double ratio, double processor) {}

    /**
     * Both listeners of one hub in turns, as what else the machine does changes meanwhile; each
     * pair begins with the other one.
     */
    Rates rates() throws Exception {
        try (HubProcess hub = hub("rates").start()) {
            turn(hub, false, WARM_SECONDS);
            turn(hub, true, WARM_SECONDS);
            List<Turn> plain = new ArrayList<>();
            List<Turn> tls = new ArrayList<>();
            for (int pair = 0; pair < PAIRS; pair++) {
                boolean tlsFirst = pair % 2 == 1;
                for (boolean with : List.of(tlsFirst, !tlsFirst)) {
                    (with ? tls : plain).add(turn(hub, with, TURN_SECONDS));
                }
            }
            return new Rates(
                    new Turn(
                            median(PAIRS, i -> plain.get(i).rate()),
                            median(PAIRS, i -> plain.get(i).micros())),
                    new Turn(
                            median(PAIRS, i -> tls.get(i).rate()),
                            median(PAIRS, i -> tls.get(i).micros())),
                    median(PAIRS, i -> tls.get(i).rate() / plain.get(i).rate()),
                    median(PAIRS, i -> tls.get(i).micros() / plain.get(i).micros()));
        }
    }

    private static double median(int count, IntToDoubleFunction of) {
        double[] sorted = IntStream.range(0, count).mapToDouble(of).sorted().toArray();
        return sorted[count / 2];
    }

    private Turn turn(HubProcess hub, boolean tls, int seconds) throws Exception {
        Turn turn;
        try (JavaProcess load =
                tls
                        ? Load.start(work, port, 0, seconds + 10, "--pki=" + pki)
                        : Load.start(work, hub.mqttPort(), 0, seconds + 10)) {
            Load.pass(Duration.ofSeconds(8));
            Duration used = processor(hub.pid());
            Load.Counts before = Load.counts(hub.lines());
            Load.pass(Duration.ofSeconds(seconds));
            Load.Counts after = Load.counts(hub.lines());
            used = processor(hub.pid()).minus(used);
            if (after.forwarded() == before.forwarded()) {
                throw new IllegalStateException(
                        "nothing was forwarded in a turn; measure on a machine that is less busy");
            }
            turn =
                    new Turn(
                            after.forwardedPerSecondSince(before),
                            used.toNanos() / 1e3 / (after.forwarded() - before.forwarded()));
        }
        hub.drained(Duration.ofMinutes(3));
        System.out.printf(
                "  %s %.0f/s, %.0f us each%n",
                tls ? "with TLS" : "without", turn.rate(), turn.micros());
        return turn;
    }

    private static Duration processor(long pid) {
        return ProcessHandle.of(pid).flatMap(each -> each.info().totalCpuDuration()).orElseThrow();
    }

    /** Full handshakes with certificates on both sides, each with CONNECT and CONNACK, a second. */
    double handshakes() throws Exception {
        try (HubProcess hub = hub("handshakes").start()) {
            connect(hub);
            return connect(hub);
        }
    }

    private double connect(HubProcess hub) throws Exception {
        Path output = work.resolve("connect.log");
        try (JavaProcess clients =
                clients(output, "connect", Integer.toString(HANDSHAKE_SECONDS))) {
            Load.pass(Duration.ofSeconds(HANDSHAKE_SECONDS / 4));
            long begin = System.nanoTime();
            Clients before = Clients.of(clients.lines());
            Load.pass(Duration.ofSeconds(HANDSHAKE_SECONDS / 2));
            Clients after = Clients.of(clients.lines());
            if (after.lost() > 0) {
                throw new IllegalStateException(after + "; see " + hub.data());
            }
            return (after.taken() - before.taken()) * 1e9 / (System.nanoTime() - begin);
        }
    }

    private JavaProcess clients(Path output, String word, String number) throws IOException {
        return JavaProcess.startIn(
                Path.of(""),
                "2g",
                output,
                TlsClients.class,
                Integer.toString(port),
                pki.toString(),
                IDLE,
                word,
                number);
    }

    private record Clients(int taken, int lost) {
        static Clients of(List<String> lines) {
            Clients last = new Clients(0, 0);
            for (String line : lines) {
                Matcher said = CLIENTS.matcher(line);
                if (said.matches()) {
                    last =
                            new Clients(
                                    Integer.parseInt(said.group(1)),
                                    Integer.parseInt(said.group(2)));
                }
            }
            return last;
        }
    }

    /**
     * Holds so many idle clients for half a minute while one publishes 1,000 readings a second.
     *
     * @return the heap that each takes, in kB; negative when they were not all held, or a reading
     *     was lost
     */
    double hold(int count) throws Exception {
        Path output = work.resolve("hold-" + count + ".log");
        try (HubProcess hub = hub("hold-" + count).start();
                JavaProcess load =
                        Load.start(
                                work,
                                port,
                                LIVE_RATE,
                                60 + HOLD_SECONDS + count / 50,
                                "--pki=" + pki)) {
            Load.pass(Duration.ofSeconds(20));
            double before = heapKilobytes(hub.pid());
            double each;
            try (JavaProcess clients = clients(output, "hold", Integer.toString(count))) {
                awaitHeld(clients, count);
                each = (heapKilobytes(hub.pid()) - before) / count;
                Load.pass(Duration.ofSeconds(HOLD_SECONDS));
                Clients held = Clients.of(clients.lines());
                if (held.taken() != count || held.lost() > 0) {
                    System.out.printf("  %d do not hold: %s%n", count, held);
                    return -1;
                }
                load.await(120 + count / 50);
            }
            JsonNode total = hub.drained(Duration.ofMinutes(2)).path("total");
            Matcher said = ACKNOWLEDGED.matcher(load.lines().get(load.lines().size() - 1));
            boolean all =
                    said.matches()
                            && said.group(1).equals(said.group(2))
                            && said.group(1).equals(total.path("forwarded").asText());
            System.out.printf(
                    "  %d held, %.1f kB each; %s, %s%n", count, each, said.group(), total);
            return all ? each : -1;
        } catch (IOException | ConditionTimeoutException e) {
            System.out.printf("  %d do not hold: %s%n", count, e.getMessage());
            return -1;
        }
    }

    private static void awaitHeld(JavaProcess clients, int count) {
        Awaitility.await(count + " clients")
                .atMost(Duration.ofSeconds(60 + count / 50))
                .pollInterval(Duration.ofSeconds(1))
                .until(
                        () -> Clients.of(clients.lines()),
                        now -> now.taken() >= count || now.lost() > 0);
    }

    /** What is reachable in the heap of a process. */
    private static double heapKilobytes(long pid) throws Exception {
        jcmd(pid, "GC.run");
        return USED.matcher(jcmd(pid, "GC.heap_info"))
                .results()
                .mapToDouble(used -> Double.parseDouble(used.group(1)))
                .sum();
    }

    private static String jcmd(long pid, String command) throws Exception {
        String tool = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        HubProcess.Result result =
                HubProcess.Result.of(new ProcessBuilder(tool, Long.toString(pid), command), "");
        if (result.exit() != 0) {
            throw new IOException("the hub has ended: " + result.err().strip());
        }
        return result.out();
    }
}
