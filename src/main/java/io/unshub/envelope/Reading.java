package io.unshub.envelope;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.unshub.deadletter.Rejection;
import io.unshub.quality.Quality;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * One reading on the data path: the bytes as published, and what the stages found out about them.
 *
 * <p>Each stage sets its own part and leaves the rest. Not thread-safe: a reading belongs to the
 * batch, and the batch to the thread that carries it.
 */
public final class Reading {

    /** Zeros that a number is written out with; more of them are memory for nothing. */
    private static final int MAX_ZEROS = 400;

    private String topic;
    private byte[] payload;
    private Instant acceptedUtc;
    private long hubSeq;
    private long hubPrevSeq;
    private boolean replayed;
    private boolean live;
    private boolean riding;
    private boolean tapped;
    private List<String> copies = List.of();
    private boolean generated;
    private Quality quality;
    private String schemaVersion;
    private Envelope made;
    private Envelope envelope;
    private Rejection rejection;
    private Outcome outcome;

    /**
     * @param topic the topic that the reading was published on
     * @param payload the bytes as published; not copied
     */
    public Reading(String topic, byte[] payload) {
        this.topic = Objects.requireNonNull(topic, "topic");
        this.payload = Objects.requireNonNull(payload, "payload");
    }

    /** A reading that is made of an envelope; its topic and bytes are the envelope's. */
    public static Reading of(Envelope envelope) {
        Reading reading = new Reading(envelope.topic(), EnvelopeCodec.encode(envelope));
        reading.valid(envelope);
        return reading;
    }

    /** A reading that is made of an envelope and goes the way of all, through every stage. */
    public static Reading toPublish(Envelope envelope) {
        Reading reading = new Reading(envelope.topic(), EnvelopeCodec.encode(envelope));
        reading.madeOf(EnvelopeCodec.isReadAsWritten(envelope) ? envelope : null);
        return reading;
    }

    /** Says which envelope the bytes were made of, where nobody need read them to know it. */
    public void madeOf(Envelope encoded) {
        made = encoded;
    }

    /**
     * The envelope that this hub made the bytes of, not checked yet; null where it must be read.
     */
    public Envelope made() {
        return made;
    }

    /** The topic that the reading was published on, whatever its payload says. */
    public String topic() {
        return topic;
    }

    /** The bytes as published, but for a spliced quality flag. */
    public byte[] payload() {
        return payload;
    }

    /** Replaces the bytes and the flag after a downgrade. */
    public void downgrade(byte[] spliced, Quality to) {
        payload = spliced;
        made = null;
        quality = to;
    }

    /** Replaces topic and bytes by what an operator's fix made of them. */
    public void correct(String newTopic, byte[] newPayload) {
        topic = newTopic;
        payload = newPayload;
        made = null;
    }

    /** Stamps the place of the reading in its topic's sequence, counted from 1. */
    public void accept(long seq, Instant at) {
        hubSeq = seq;
        if (acceptedUtc == null) {
            acceptedUtc = at;
        }
    }

    /** Marks the reading as replayed by an operator, and keeps when it was accepted first. */
    public void acceptedBefore(Instant at) {
        acceptedUtc = at;
        replayed = true;
    }

    /** Restores what was stamped before the reading went through the buffer. */
    public void restore(long seq, long previousSeq, Instant at, Quality flag, String version) {
        hubSeq = seq;
        hubPrevSeq = previousSeq;
        acceptedUtc = at;
        quality = flag;
        schemaVersion = version;
    }

    /**
     * Links the reading to the one before it in the buffer, so that a gap is a loss and no guess.
     */
    public void follow(long previousSeq) {
        hubPrevSeq = previousSeq;
    }

    /** Lets the reading overtake those of its topic that wait in the buffer, by a rule. */
    public void overtake() {
        live = true;
    }

    /** Whether the reading travels beside its lane, ahead of what waits there. */
    public boolean live() {
        return live;
    }

    /** Says whether the reading travels in the message of the one before it. */
    public void ride(boolean withAnother) {
        riding = withAnother;
    }

    /** Whether the reading has no message of its own in the queue that it is in. */
    public boolean rides() {
        return riding;
    }

    /** Asks for a copy to be scored. */
    public void tap() {
        tapped = true;
    }

    /** Whether a copy is to be scored. */
    public boolean tapped() {
        return tapped;
    }

    /** Asks for a copy in each of these durable subscriptions. */
    public void copyTo(List<String> subscriptions) {
        copies = subscriptions;
    }

    /** The durable subscriptions that get a copy. */
    public List<String> copies() {
        return copies;
    }

    /** Marks the reading as made by the hub itself. */
    public void generate() {
        generated = true;
    }

    /** Whether the hub itself made the reading. */
    public boolean generated() {
        return generated;
    }

    /** Keeps the parsed form of a reading that passed validation. */
    public void valid(Envelope parsed) {
        envelope = parsed;
        quality = parsed.quality();
        schemaVersion = parsed.schemaVersion();
    }

    /** Sets the reading apart; the first rejection stays. */
    public void reject(Rejection why) {
        if (rejection == null) {
            rejection = Objects.requireNonNull(why, "why");
        }
    }

    /** When the hub took the reading into its transaction; null before ingest. */
    public Instant acceptedUtc() {
        return acceptedUtc;
    }

    /** Whether an operator put the reading back from the dead letters. */
    public boolean replayed() {
        return replayed;
    }

    /** Place in the topic's sequence, from 1; 0 before ingest. */
    public long hubSeq() {
        return hubSeq;
    }

    /**
     * The hubSeq of the reading of this topic that entered the buffer before it; 0 for the first.
     * Of a live one, that of the live one before it.
     */
    public long hubPrevSeq() {
        return hubPrevSeq;
    }

    /** The flag that travels with the reading; null before validation. */
    public Quality quality() {
        return quality;
    }

    /** The envelope version as published; null before validation. */
    public String schemaVersion() {
        return schemaVersion;
    }

    /** The parsed envelope; null before validation and for a rejected reading. */
    public Envelope envelope() {
        return envelope;
    }

    /** The value, if it is a number; null else. Of a valid reading. */
    public BigDecimal decimal() {
        return envelope.value().isNumber() ? envelope.value().decimalValue() : null;
    }

    /**
     * The same for the expressions of routes. Camel's simple language (4.17.0) compares numbers as
     * whole ones, 80.5 is not above 80 to it; so this is text where text is compared rightly.
     */
    public Object number() {
        BigDecimal decimal = decimal();
        if (decimal == null) {
            return null;
        }
        BigDecimal plain = decimal.stripTrailingZeros();
        long magnitude = (long) plain.precision() - plain.scale();
        if (magnitude > MAX_ZEROS) {
            return plain.toString();
        } else if (magnitude < -MAX_ZEROS) {
            // compared as a double it would be zero
            return (plain.signum() < 0 ? "-" : "") + Double.MIN_VALUE;
        }
        if (plain.scale() > 0) {
            return plain.toPlainString();
        }
        BigInteger whole = plain.toBigIntegerExact();
        if (whole.bitLength() < Integer.SIZE) {
            return whole.toString();
        }
        return whole.bitLength() < Long.SIZE ? (Object) whole.longValue() : whole + ".0";
    }

    /** The value as text. Of a valid reading. */
    public String text() {
        return envelope.value().asText();
    }

    /** UCUM code of the value's unit. Of a valid reading. */
    public String units() {
        return envelope.units();
    }

    /** Puts another envelope, on the same topic, in the place of the one before, for a copy. */
    public void replace(Envelope by) {
        payload = EnvelopeCodec.encode(by);
        made = null;
        valid(by);
    }

    /** Writes on a copy where it came through; every other field of its payload stays. */
    public void trace(ArrayNode history) {
        payload = EnvelopeCodec.withHistory(payload, history);
        made = null;
        envelope = envelope.withHistory(history);
    }

    /** Why the reading was set apart; null while it is good. */
    public Rejection rejection() {
        return rejection;
    }

    /** Whether the reading was set apart. */
    public boolean rejected() {
        return rejection != null;
    }

    /** Records where the reading went. */
    public void end(Outcome where) {
        outcome = Objects.requireNonNull(where, "where");
    }

    /** Where the reading went; null while no stage has disposed of it. */
    public Outcome outcome() {
        return outcome;
    }
}
