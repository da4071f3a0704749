package io.unshub.forward;

import io.unshub.collect.Tag;
import io.unshub.envelope.Batch;
import io.unshub.envelope.Outcome;
import io.unshub.envelope.Reading;
import io.unshub.uns.Tally;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * The withhold stage: keeps on the plant what a rule keeps there, and drops what a rule drops while
 * the buffer is nearly full. Takes those readings out of the batch; the ledger counts each.
 * Threads: any.
 */
public final class Withholding {

    private static final Logger LOG = Logger.getLogger(Withholding.class);

    /** The rule that keeps simulated readings from a production event hub. */
    public static final String SIMULATED = "simulated";

    /** The rule that a tag's {@code report} makes. */
    public static final String REPORT = "report-by-exception";

    private final Supplier<BridgeMapping> mapping;
    private final boolean takesSimulated;
    private final DoubleSupplier fillPercent;
    private final ReportByException exceptions;
    private final Tally<String> withheld = new Tally<>();
    private final Map<String, Integer> evicting = new ConcurrentHashMap<>();

    /**
     * @param mapping the rules in force
     * @param takesSimulated whether simulated readings may leave
     * @param fillPercent how full the buffer is
     * @param tags gives a topic's tag, whose {@code report} keeps readings back, or null
     */
    public Withholding(
            Supplier<BridgeMapping> mapping,
            boolean takesSimulated,
            DoubleSupplier fillPercent,
            Function<String, Tag> tags) {
        this.mapping = mapping;
        this.takesSimulated = takesSimulated;
        this.fillPercent = fillPercent;
        exceptions = new ReportByException(tags);
    }

    /** Takes the readings that stay out of the batch. */
    public void withhold(Batch batch) {
        BridgeMapping rules = mapping.get();
        double fill = fillPercent.getAsDouble();
        evicting.entrySet().removeIf(rule -> over(rule, fill));
        batch.readings().removeIf(reading -> stays(reading, rules, fill));
    }

    private boolean stays(Reading reading, BridgeMapping rules, double fill) {
        if (reading.rejected()) {
            return false;
        }
        if (!takesSimulated && reading.envelope() != null && reading.envelope().simulated()) {
            return withheld(reading, SIMULATED);
        }
        BridgeMapping.Decision decision = rules.decide(reading.topic());
        if (!decision.forwards()) {
            return withheld(reading, decision.rule());
        }
        if (decision.evictAbove() != null && fill >= decision.evictAbove()) {
            reading.end(Outcome.EVICTED);
            if (evicting.putIfAbsent(decision.rule(), decision.evictAbove()) == null) {
                LOG.warnf(
                        "the buffer is %.0f %% full: rule %s of the bridge mapping drops the readings"
                                + " that it matches, above %d %%; the ledger counts them as evicted",
                        fill, decision.rule(), decision.evictAbove());
            }
            return true;
        }
        return exceptions.saysNothingNew(reading) && withheld(reading, REPORT);
    }

    private static boolean over(Map.Entry<String, Integer> rule, double fill) {
        boolean over = fill < rule.getValue();
        if (over) {
            LOG.infof(
                    "the buffer is %.0f %% full: rule %s drops nothing any more",
                    fill, rule.getKey());
        }
        return over;
    }

    private boolean withheld(Reading reading, String rule) {
        reading.end(Outcome.WITHHELD);
        withheld.count(rule);
        return true;
    }

    /**
     * How many readings each rule has kept on the plant since the start; the ledger has the exact
     * number, here a batch that is rolled back and comes again counts twice.
     */
    public Map<String, Long> counts() {
        return withheld.all();
    }
}
