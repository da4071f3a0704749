package io.unshub.ops;

import java.util.Arrays;

/** What the audit file has lines of; {@code docs/security/audit.md} has its table from here. */
public enum AuditEvent {
    START("start", "the hub has started; one without a stop before it followed a crash", "demo"),
    STOP("stop", "the hub was stopped in order", ""),
    LOGIN("login", "somebody logged in to the console, or tried to", "outcome"),
    REQUEST_REFUSED(
            "request-refused",
            "HTTP requests from an address were refused: one line for each burst",
            "address, path, status, rule"),
    ACCOUNT(
            "account",
            "an account of the console was made, or given another password",
            "name, role"),
    ACCOUNT_REMOVED("account-removed", "an account of the console was taken away", "name"),
    KEY_ADDED("key-added", "an API key was made", "name, scopes, topics, days"),
    KEY_REVOKED("key-revoked", "an API key was taken back", "name"),
    CERTIFICATE(
            "certificate",
            "uns-hub pki issued a certificate, or took one back",
            "name, kind, subject, serial, until, state"),
    REVOCATION_LIST(
            "revocation-list", "uns-hub pki signed the lists of what is revoked anew", "until"),
    MQTT_REFUSED(
            "mqtt-refused",
            "a client was refused something on MQTT",
            "reason, peer, detail, times"),
    JMX(
            "jmx",
            "somebody asked for what changes something, at the console",
            "mbean, operation, role, outcome"),
    CONFIGURATION(
            "configuration",
            "changed connections and tags, bridge mapping, rules of MQTT or certificates are in force or were refused",
            "what, outcome, and how many, which version or until when"),
    ROUTE("route", "a route of the plant's own was put into force or taken out", "route, sha256"),
    ROUTE_REFUSED("route-refused", "a route file was not taken over", "route, sha256, rules"),
    ROUTE_ORDER(
            "route-order",
            "a route of the plant's own was ordered to stop, to start, or to switch its detour",
            "route, order"),
    REPLAY(
            "replay",
            "dead letters were chosen to be published again",
            "plan, letters, selection, mapping"),
    REPLAY_ENDED("replay-ended", "the last of them has gone", "plan, letters"),
    DEAD_LETTERS_EVICTED(
            "dead-letters-evicted",
            "dead letters were dropped by the configured rule",
            "letters, policy"),
    PARITY(
            "parity",
            "Event Hubs was compared with the ledger",
            "missing, unknown, repeated, outOfOrder"),
    DRILL_EVENT_HUBS_AWAY(
            "drill event-hubs-away",
            "a drill: readings are held as if Event Hubs were away",
            "seconds"),
    DRILL_DRIFT("drill drift", "a drill: a model is shown a drift", "model, feature, by"),
    MODEL_TRAINED(
            "model-trained", "a version was trained or imported", "model, version, sha256, author"),
    MODEL_STAGED("model-staged", "a candidate waits for a person", "model, version, compared"),
    MODEL_NOT_STAGED("model-not-staged", "a candidate was no better", "model, version, compared"),
    MODEL_TRIED_OUT("model-tried-out", "a version is on trial", "model, version, canary"),
    MODEL_TRIAL_ENDED("model-trial-ended", "it is on trial no more", "model"),
    MODEL_APPROVED("model-approved", "a person approved a version", "model, version, by"),
    MODEL_PROMOTED(
            "model-promoted",
            "a version was put into production",
            "model, version, sha256, forced, compared"),
    MODEL_ROLLED_BACK("model-rolled-back", "the version before was put back", "model, version"),
    MODEL_RETESTED(
            "model-retested",
            "the version in production was tested in a changed environment",
            "model, version, environment");

    private final String word;
    private final String meaning;
    private final String facts;

    AuditEvent(String word, String meaning, String facts) {
        this.word = word;
        this.meaning = meaning;
        this.facts = facts;
    }

    /**
     * The event of that word.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static AuditEvent of(String word) {
        return Arrays.stream(values())
                .filter(event -> event.word.equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no audit event is " + word));
    }

    /** What stands in the line as {@code action}. */
    public String word() {
        return word;
    }

    /** What happened, in a sentence without its end. */
    public String meaning() {
        return meaning;
    }

    /** The fields beside those that every line has. */
    public String facts() {
        return facts;
    }
}
