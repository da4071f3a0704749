package io.unshub.collect;

import com.hivemq.client.mqtt.datatypes.MqttTopic;
import io.unshub.deadletter.Reason;
import io.unshub.deadletter.Rejection;
import io.unshub.envelope.EnvelopeValidator;
import io.unshub.envelope.Verdict;
import io.unshub.uns.HierarchyRules;
import io.unshub.uns.Tally;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Takes readings in that come as a list, and says of each what becomes of it.
 *
 * <p>In: payloads, in order. Out: one list to the sink, with each payload on the topic that it
 * names, and an outcome for each. Guarantee: what is said to be taken in was taken by the sink.
 * Threads: any. Failure: what the sink throws; then nothing is known of any of them, and the same
 * list may be given again.
 */
public final class Intake {

    private final EnvelopeValidator validator;
    private final HierarchyRules rules;
    private final Sink sink;
    private final Tally<Outcome> counts = new Tally<>();

    /** What becomes of a reading. */
    public enum Outcome {
        /** It is on disk, and goes the way of all readings. */
        ACCEPTED,
        /** It is on disk, and breaks a rule: it becomes a dead letter. */
        DEAD_LETTERED,
        /** It is not kept: there is no topic that it could, or may, be published on. */
        REFUSED
    }

    /**
     * A reading that breaks a rule.
     *
     * @param index its place in the list, from 0
     * @param outcome what becomes of it
     * @param rejection why
     */
    public record Finding(int index, Outcome outcome, Rejection rejection) {}

    /** Where readings go; returns once they are on disk. */
    public interface Sink {
        /**
         * Takes a list of readings.
         *
         * @throws Exception if they are not all known to be on disk
         */
        void take(List<Publication> readings) throws Exception;
    }

    /**
     * @param validator gives the verdict that the validate stage will give
     * @param rules tell the hub's own topics
     * @param sink takes what can be published
     */
    public Intake(EnvelopeValidator validator, HierarchyRules rules, Sink sink) {
        this.validator = validator;
        this.rules = rules;
        this.sink = sink;
    }

    /**
     * Takes readings in.
     *
     * @return a finding for each that is not accepted, in their order
     * @throws Exception what the sink threw
     */
    public List<Finding> take(List<byte[]> payloads) throws Exception {
        return take(payloads, topic -> null);
    }

    /**
     * Takes the readings in that may come from where they come from.
     *
     * @param barred says of a topic why it may not be published on; null where it may
     * @return a finding for each that is not accepted, in their order
     * @throws Exception what the sink threw
     */
    public List<Finding> take(List<byte[]> payloads, UnaryOperator<String> barred)
            throws Exception {
        List<Finding> findings = new ArrayList<>();
        List<Publication> taken = new ArrayList<>();
        for (int i = 0; i < payloads.size(); i++) {
            byte[] payload = payloads.get(i);
            EnvelopeValidator.Addressed addressed = validator.check(payload);
            boolean publishable = publishable(addressed.topic());
            String why = publishable ? barred.apply(addressed.topic()) : null;
            if (why != null) {
                findings.add(
                        new Finding(
                                i,
                                Outcome.REFUSED,
                                new Rejection(Reason.TOPIC_INVALID, "topic", why)));
                continue;
            }
            if (publishable) {
                taken.add(new Publication(addressed.topic(), payload));
            }
            if (addressed.verdict() instanceof Verdict.Invalid invalid) {
                findings.add(
                        new Finding(
                                i,
                                publishable ? Outcome.DEAD_LETTERED : Outcome.REFUSED,
                                invalid.rejection()));
            }
        }
        if (!taken.isEmpty()) {
            sink.take(taken);
        }
        counts.count(Outcome.ACCEPTED, payloads.size() - findings.size());
        findings.forEach(finding -> counts.count(finding.outcome()));
        return findings;
    }

    /** How many readings had this outcome since the start. */
    public long count(Outcome outcome) {
        return counts.of(outcome);
    }

    private boolean publishable(String topic) {
        if (topic == null || topic.startsWith("$") || rules.isSystem(topic)) {
            return false;
        }
        try {
            MqttTopic.of(topic);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
