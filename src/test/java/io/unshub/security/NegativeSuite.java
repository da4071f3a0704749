package io.unshub.security;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.unshub.security.Attempt.Place;
import io.unshub.security.Publisher.Account;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * {@code make security}: real clients try to get what is not theirs from a hub in a process of its
 * own, one attempt after another, while a device that may publishes 1,000 readings a second. Each
 * attempt must be refused and told with its reason, and no reading be lost.
 */
public final class NegativeSuite {

    private static final Path KEPT = Path.of("docs/security/negative-suite.json");
    private static final Duration TOLD_WITHIN = Duration.ofSeconds(45);
    private static final Duration DRAINED_WITHIN = Duration.ofMinutes(10);
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /**
     * How long the suite is.
     *
     * @param packets edited packets in all
     * @param sockets at a time, where many are needed
     */
    record Size(int packets, int sockets) {
        static final Size WHOLE = new Size(100_000, 25);
        static final Size SHORT = new Size(2_000, 10);
    }

    private final Target target;
    private final PrintStream out;
    private final Map<Attempt, Tries.Try> tries = new EnumMap<>(Attempt.class);

    private NegativeSuite(Target target, Path work, Size size, long seed, PrintStream out)
            throws Exception {
        this.target = target;
        this.out = out;
        String ingest = target.key("ingest", "ingest", "#");
        String part = target.key("part", "read", "acme/plant1/#");
        String password = target.viewer("viewer");
        Stream.of(
                        new TlsTries(target),
                        new MqttTries(target),
                        new FuzzTries(target, size.packets(), seed),
                        new FloodTries(target, ingest, size.sockets()),
                        new HttpTries(target, ingest, part, password),
                        new FileTries(target, work.resolve("made-by-a-route")))
                .forEach(each -> tries.putAll(each.all()));
    }

    /** Runs the whole suite; ends with 1 where an attempt was not refused, told, or cost. */
    public static void main(String[] args) throws Exception {
        long seed = args.length > 0 ? Long.parseLong(args[0]) : System.nanoTime();
        Path work =
                Files.createTempDirectory(Files.createDirectories(Path.of("target")), "security-");
        List<Result> results = run(work, Size.WHOLE, seed, System.out);
        Files.writeString(KEPT, JSON.writeValueAsString(results) + System.lineSeparator());
        List<String> open =
                results.stream().filter(each -> !each.held()).map(Result::attempt).toList();
        System.out.printf(
                "%d attempts, %d readings acknowledged meanwhile, %d lost; not held: %s%n",
                results.size(),
                results.stream().mapToLong(Result::acknowledged).sum(),
                results.stream().mapToLong(Result::lost).sum(),
                open);
        System.exit(open.isEmpty() ? 0 : 1);
    }

    /**
     * Runs it.
     *
     * @param work an empty folder, which keeps the hub's data
     * @param seed of the edited packets; printed, so that they can be had again
     */
    static List<Result> run(Path work, Size size, long seed, PrintStream out) throws Exception {
        out.printf("seed %d, folder %s%n", seed, work);
        try (Target target = new Target(work).start();
                Publisher publisher =
                        new Publisher(target.tlsPort(), target.certificates().ssl("pump-01"))) {
            return new NegativeSuite(target, work, size, seed, out).run(publisher);
        }
    }

    private List<Result> run(Publisher publisher) throws Exception {
        List<Result> results = new ArrayList<>();
        for (Attempt attempt : Attempt.values()) {
            if (attempt.place() != Place.AUDIT_VERIFY) {
                publisher.during(attempt.title());
                results.add(make(attempt));
            }
        }
        publisher.stop();
        target.hub().drained(DRAINED_WITHIN);
        Map<String, Account> accounts = publisher.compare(target.eventHubs());
        if (publisher.failure() != null) {
            throw new IOException("the device that may was refused", publisher.failure());
        }
        results.add(make(Attempt.AUDIT_TAMPERED));
        return results.stream().map(each -> with(each, accounts)).toList();
    }

    private static Result with(Result result, Map<String, Account> accounts) {
        Account account = accounts.getOrDefault(result.attempt(), new Account(0, 0));
        return new Result(
                result.attempt(),
                result.refused(),
                result.logged(),
                result.reason(),
                account.acknowledged(),
                account.lost());
    }

    private Result make(Attempt attempt) throws Exception {
        int lines = attempt == Attempt.AUDIT_TAMPERED ? 0 : target.hub().lines().size();
        int audited = target.audit().size();
        boolean refused;
        String how = "";
        try {
            refused = tries.get(attempt).refused();
        } catch (Exception e) {
            // as a client that was refused ends; that it was for this reason, the log must say
            refused = true;
            how = e.toString();
        }
        boolean logged = isTold(attempt, lines, audited);
        out.printf(
                "%-28s %-8s %-7s %s %s%n",
                attempt.title(),
                refused ? "refused" : "TAKEN",
                logged ? "logged" : "SILENT",
                attempt.reason(),
                how.lines().findFirst().orElse(""));
        return new Result(attempt.title(), refused, logged, attempt.reason(), 0, 0);
    }

    private boolean isTold(Attempt attempt, int lines, int audited) {
        try {
            Awaitility.await()
                    .atMost(TOLD_WITHIN)
                    .until(() -> isLogged(attempt, lines) && isAudited(attempt, audited));
            return true;
        } catch (ConditionTimeoutException e) {
            return false;
        }
    }

    private boolean isLogged(Attempt attempt, int from) {
        String reason = Pattern.quote(attempt.reason());
        Pattern line =
                Pattern.compile(
                        switch (attempt.place()) {
                            case MQTT -> "MQTT refused, " + reason + ": ";
                            case HTTP -> " is refused \\(\\d+, " + reason + "\\)";
                            case CONSOLE -> "";
                            case FILES, AUDIT_VERIFY -> "(?i)(WARN|ERROR) .*" + reason;
                        });
        return target.hub().lines().stream().skip(from).anyMatch(each -> line.matcher(each).find())
                || attempt.place() == Place.CONSOLE;
    }

    private boolean isAudited(Attempt attempt, int from) throws IOException {
        // read once: it grows
        List<String> audit = target.audit();
        for (String text : audit.subList(from, audit.size())) {
            JsonNode line = JSON.readTree(text);
            boolean found =
                    switch (attempt.place()) {
                        case MQTT ->
                                line.path("action").asText().equals("mqtt-refused")
                                        && line.path("reason").asText().equals(attempt.reason());
                        case HTTP ->
                                line.path("action").asText().equals("request-refused")
                                        && line.path("rule").asText().equals(attempt.reason());
                        case CONSOLE ->
                                line.path("outcome").asText().equals(attempt.reason())
                                        || line.path("outcome").asText().equals("refused")
                                                && line.path("role")
                                                        .asText()
                                                        .equals(attempt.reason());
                        case FILES, AUDIT_VERIFY -> true;
                    };
            if (found) {
                return true;
            }
        }
        return attempt.place() == Place.FILES || attempt.place() == Place.AUDIT_VERIFY;
    }
}
