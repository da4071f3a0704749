package io.unshub.forward;

import io.unshub.envelope.Batch;
import io.unshub.envelope.Envelope;
import io.unshub.envelope.Outcome;
import io.unshub.envelope.Reading;
import io.unshub.quality.Quality;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * The withhold stage: keeps on the plant what a rule keeps there. Takes those readings out of the
 * batch; the ledger counts each. Threads: any.
 */
public final class Withholding {

    /** The rule that keeps simulated readings from a production event hub. */
    public static final String SIMULATED = "simulated";

    private final Supplier<BridgeMapping> mapping;
    private final boolean takesSimulated;
    private final Map<String, LongAdder> withheld = new ConcurrentHashMap<>();

    /**
     * @param mapping the rules in force
     * @param takesSimulated whether simulated readings may leave
     */
    public Withholding(Supplier<BridgeMapping> mapping, boolean takesSimulated) {
        this.mapping = mapping;
        this.takesSimulated = takesSimulated;
    }

    /** Takes the readings that stay out of the batch. */
    public void withhold(Batch batch) {
        BridgeMapping rules = mapping.get();
        batch.readings().removeIf(reading -> stays(reading, rules));
    }

    private boolean stays(Reading reading, BridgeMapping rules) {
        if (reading.rejected()) {
            return false;
        }
        String rule = null;
        if (!takesSimulated && simulated(reading.envelope())) {
            rule = SIMULATED;
        } else {
            BridgeMapping.Decision decision = rules.decide(reading.topic());
            if (!decision.forwards()) {
                rule = decision.rule();
            }
        }
        if (rule == null) {
            return false;
        }
        reading.end(Outcome.WITHHELD);
        withheld.computeIfAbsent(rule, name -> new LongAdder()).increment();
        return true;
    }

    private static boolean simulated(Envelope envelope) {
        return envelope != null
                && (envelope.quality() == Quality.SIMULATED
                        || envelope.publishedQuality() == Quality.SIMULATED);
    }

    /**
     * How many readings each rule has kept on the plant since the start; the ledger has the exact
     * number, here a batch that is rolled back and comes again counts twice.
     */
    public Map<String, Long> counts() {
        Map<String, Long> counts = new TreeMap<>();
        withheld.forEach((rule, count) -> counts.put(rule, count.sum()));
        return counts;
    }
}
