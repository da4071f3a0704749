package io.unshub.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.unshub.drill.DrillResult;
import io.unshub.drill.Verdict;
import io.unshub.parity.ParityReport;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The drill {@code event-hubs-away} on the hub that runs: it acts as if Event Hubs took nothing for
 * some time. All waits in the buffer as in an outage, and leaves it afterwards.
 */
final class LiveDrill {

    static final String NAME = "event-hubs-away";

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final HubClient hub;
    private final ParityCheck check;
    private final PrintWriter out;
    private final long begin = System.nanoTime();
    private long said = -1;

    LiveDrill(HubClient hub, ParityCheck check, PrintWriter out) {
        this.hub = hub;
        this.check = check;
        this.out = out;
    }

    /** Holds forwarding for so many seconds, waits for the drain, and reads Event Hubs back. */
    Verdict run(int seconds) throws CommandFailed, InterruptedException {
        JsonNode before = hub.get("ledger", Map.of()).path("total");
        hub.post("drills/" + NAME, Map.of("seconds", seconds));
        say("readings are held back for %d s; they wait in the buffer".formatted(seconds));
        while (elapsed() < seconds) {
            watch();
        }
        JsonNode end = watch();
        long released = System.nanoTime();
        say("readings are let go");
        double recovery = 0;
        long all = end.path("forwarded").asLong() + end.path("buffered").asLong();
        List<String> faults = new ArrayList<>();
        for (JsonNode now = end; now.path("forwarded").asLong() < all; now = watch()) {
            if (recovery == 0 && now.path("forwarded").asLong() > end.path("forwarded").asLong()) {
                recovery = (System.nanoTime() - released) / 1e9;
                say("readings are forwarded again after %.1f s".formatted(recovery));
            }
            if (System.nanoTime() - released > PATIENCE.toNanos()) {
                faults.add(
                        "the backlog has not left within %d min; it is still in the buffer"
                                .formatted(PATIENCE.toMinutes()));
                break;
            }
        }
        say("comparing Event Hubs with the ledger");
        ParityReport parity = check.compare(hub, 1);
        JsonNode ledger = hub.get("ledger", Map.of());
        ledger.path("findings").forEach(finding -> faults.add("ledger: " + finding.asText()));
        if (!parity.equal()) {
            faults.add("Event Hubs and the ledger differ: uns-hub parity says where");
        }
        JsonNode after = ledger.path("total");
        return new Verdict(
                new DrillResult(
                        NAME,
                        more(before, after, "accepted"),
                        more(before, after, "forwarded"),
                        more(before, after, "deadLettered"),
                        after.path("buffered").asLong(),
                        more(before, after, "withheld"),
                        parity.missing(),
                        parity.outOfOrder(),
                        parity.repeated(),
                        recovery),
                List.copyOf(faults));
    }

    private static long more(JsonNode before, JsonNode after, String term) {
        return after.path(term).asLong() - before.path(term).asLong();
    }

    private JsonNode watch() throws CommandFailed, InterruptedException {
        Thread.sleep(200);
        JsonNode total = hub.get("ledger", Map.of()).path("total");
        if ((long) elapsed() != said) {
            said = (long) elapsed();
            say(
                    "accepted %,d  forwarded %,d  buffered %,d"
                            .formatted(
                                    total.path("accepted").asLong(),
                                    total.path("forwarded").asLong(),
                                    total.path("buffered").asLong()));
        }
        return total;
    }

    private void say(String what) {
        out.printf("%5.0f s  %s%n", elapsed(), what);
        out.flush();
    }

    private double elapsed() {
        return (System.nanoTime() - begin) / 1e9;
    }
}
