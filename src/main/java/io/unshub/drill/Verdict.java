package io.unshub.drill;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether a drill went well.
 *
 * @param result the figures
 * @param faults what must not be, in words; empty when all is well
 */
public record Verdict(DrillResult result, List<String> faults) {

    /**
     * Judges, and holds the hub's own books against what was found.
     *
     * @param mayRepeat how many readings may stand at Event Hubs more than once
     */
    static Verdict of(DrillResult result, Evidence evidence, JsonNode ledger, long mayRepeat) {
        List<String> faults = new ArrayList<>();
        if (result.accepted() == 0) {
            faults.add("nothing was accepted, so nothing is shown");
        }
        if (result.lost() > 0) {
            faults.add(result.lost() + " acknowledged readings stand nowhere");
        }
        if (result.outOfOrder() > 0) {
            faults.add(result.outOfOrder() + " readings stand behind a later one of their topic");
        }
        if (result.duplicates() > mayRepeat) {
            faults.add(
                    "%d readings were repeated, at most %d may be"
                            .formatted(result.duplicates(), mayRepeat));
        }
        ledger.path("findings").forEach(finding -> faults.add("ledger: " + finding.asText()));
        compare(faults, "forwarded", ledger, evidence.arrivals());
        compare(faults, "deadLettered", ledger, evidence.deadLetters());
        return new Verdict(result, List.copyOf(faults));
    }

    /** Whether all is well. */
    public boolean passed() {
        return faults.isEmpty();
    }

    private static void compare(List<String> faults, String term, JsonNode ledger, long found) {
        long counted = ledger.path("total").path(term).asLong();
        if (counted != found) {
            faults.add("the ledger counts %d as %s, found %d".formatted(counted, term, found));
        }
    }
}
