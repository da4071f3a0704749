package io.unshub.ops;

import static io.unshub.ops.Metric.Type.COUNTER;
import static io.unshub.ops.Metric.Type.GAUGE;

import java.util.List;
import java.util.Locale;

/**
 * Every metric of the hub's own, named by its constant; {@code
 * docs/observability/metrics-catalog.md} is made from it. Those of the JVM, of Camel and of the
 * HTTP server come beside them.
 */
public enum Metric {
    READINGS_ACCEPTED(COUNTER, "", "Readings taken into a transaction"),
    READINGS_QUALITY(COUNTER, "", "Valid readings taken in since the start, by quality", "quality"),
    READINGS_DEDUPLICATED(COUNTER, "", "Readings that had been accepted before"),
    READINGS_WITHHELD(COUNTER, "", "Readings that a rule kept on the plant, since the start"),
    READINGS_DEAD_LETTERED(COUNTER, "", "Readings set aside with a reason"),
    READINGS_REJECTED(COUNTER, "", "Readings set aside since the start, by reason", "reason"),
    READINGS_FORWARDED(COUNTER, "", "Readings that Event Hubs acknowledged"),
    HTTP_READINGS(COUNTER, "", "Readings that were posted over HTTP", "outcome"),
    MQTT_MAPPED(COUNTER, "", "Publications that a mapping rule made readings of", "rule"),
    SPARKPLUG_METRICS(COUNTER, "", "Metrics that came in Sparkplug messages"),
    SPARKPLUG_REBIRTHS(COUNTER, "", "Times that an edge node was asked for its births"),
    SCHEMA_DRIFT_FIELDS(GAUGE, "fields", "Fields that came and that no schema knows"),

    INGEST_READINGS(GAUGE, "readings", "Readings on disk that are not yet in a transaction"),
    BUFFER_READINGS(GAUGE, "readings", "Readings in the lanes of the buffer"),
    BUFFER_SIZE(GAUGE, "bytes", "What the broker's files take on disk"),
    BUFFER_FILL(GAUGE, "percent", "How full the buffer is"),
    BUFFER_FULL(GAUGE, "", "1 while publishers are held back, as there is no room"),
    BUFFER_OLDEST_AGE(
            GAUGE,
            "seconds",
            "How long ago the oldest reading that waits was accepted; 0 for none"),
    BUFFER_LASTS(
            GAUGE,
            "hours",
            "Time until the buffer is full, at the rates of the last minutes; NaN while it does not grow"),
    BUFFER_DRAIN(
            GAUGE,
            "seconds",
            "Time until nothing waits, at the rates of the last minutes; NaN while it does not shrink"),

    EVENTHUBS_SENDS(
            COUNTER,
            "",
            "Batches that were sent to Event Hubs since the start; throttled and failed ones come again",
            "outcome"),
    EVENTHUBS_AWAY(GAUGE, "", "1 while Event Hubs takes no readings"),
    EVENTHUBS_CIRCUIT_OPEN(GAUGE, "", "1 while the circuit breaker keeps sends back"),

    DEAD_LETTERS(GAUGE, "", "Dead letters that are kept"),
    DEAD_LETTERS_SIZE(GAUGE, "bytes", "What they take on disk"),
    REPLAY_READINGS(GAUGE, "readings", "Dead letters that were chosen and not published again yet"),

    CONNECTION_UP(GAUGE, "", "1 while the source answers", "connection"),
    CONNECTION_DATA_AGE(
            GAUGE,
            "seconds",
            "How long ago the last reading came; NaN before the first",
            "connection"),
    CONNECTION_READINGS(COUNTER, "", "Readings that were published", "connection"),
    CONNECTION_RECONNECTS(COUNTER, "", "Times that the source came back", "connection"),
    CONNECTION_FAILURES(
            COUNTER,
            "",
            "Attempts to connect, and connections, that failed",
            "cause",
            "connection"),
    CONNECTION_OVERFLOWS(
            COUNTER, "", "Values that told that the server's queue had run over", "connection"),
    CONNECTION_SKIPPED_POLLS(
            COUNTER,
            "",
            "Polls that were left out because the device or the broker was too slow",
            "connection"),
    CONNECTION_READS(COUNTER, "", "Requests of a poller to the device", "connection"),

    TRACE_SPANS(COUNTER, "", "Spans of traces that ended since the start", "outcome"),

    ROUTES_REFUSED(GAUGE, "", "Route files that are not in force as they stand"),
    ROUTES_STOPPED(GAUGE, "", "Routes of the plant's own that an order has stopped"),
    SUBSCRIPTION_WAITING(
            GAUGE, "readings", "Copies that wait for a route of the plant's own", "subscription"),
    SUBSCRIPTION_READINGS(
            COUNTER, "", "Readings that the route has been through with", "subscription"),
    SUBSCRIPTION_FAILING(GAUGE, "", "1 while the route fails", "subscription"),
    SUBSCRIPTION_SKIPPED(
            COUNTER, "", "Copies that were not made, as too many waited", "subscription"),
    SUBSCRIPTION_PASSED_OVER(
            COUNTER,
            "",
            "Copies on which the route failed and that it passed over, as it says skip",
            "subscription"),
    SUBSCRIPTION_LATE(
            COUNTER, "", "Readings that came too late for a step of the route", "subscription"),

    CLAIMS_SIZE(GAUGE, "bytes", "Payloads that claim checks keep, on disk"),

    SCORES(COUNTER, "", "Scores that models gave, those without a value among them"),
    SCORING_SKIPPED(COUNTER, "", "Readings that were not scored because too many waited"),
    SCORING_LATE(COUNTER, "", "Readings that came too late for their features"),
    SCORING_FAILED(COUNTER, "", "Scores that a model failed to give"),
    SCORING_MISSING(
            COUNTER, "", "Scores without a value, as a feature was missing or an input bad"),
    SCORING_DRIFTING(GAUGE, "", "Models that see something else than they were trained on"),
    SCORING_WAITING(GAUGE, "", "Readings that wait to be scored"),
    SCORING_TRIAL_DIFFERENCE(
            GAUGE,
            "",
            "Mean absolute difference of the scores, of a version on trial",
            "model",
            "version"),
    SCORING_TRIAL_DISAGREEMENT(
            GAUGE,
            "",
            "Share that only one would act on, 0 to 1, of a version on trial",
            "model",
            "version"),
    SCORING_TRIAL_COMPARED(
            GAUGE, "", "Scores that both versions gave, of a version on trial", "model", "version"),
    SCORING_TRIAL_FAILED(
            GAUGE, "", "Scores that the version on trial did not give", "model", "version"),
    SCORING_TRIAL_MILLIS(
            GAUGE,
            "millis",
            "99th percentile of the time for a score, of a version on trial",
            "model",
            "version"),

    PARITY_DIFFERENCE(
            GAUGE, "readings", "What the last uns-hub parity found; NaN before the first", "kind"),
    PARITY_AGE(GAUGE, "seconds", "How long ago that was; NaN before the first"),

    AUDIT_BROKEN(
            GAUGE,
            "",
            "1 where the audit file is not as it was written, when it was last looked at"),
    ALARMS(GAUGE, "", "1 for each alarm that is raised", "name", "severity"),
    MQTT_CONNECTIONS(GAUGE, "", "Connections to the MQTT listeners, the hub's own among them"),
    MQTT_REFUSED(COUNTER, "", "What was refused to MQTT clients", "reason"),
    AUTHENTICATION_FAILURES(
            COUNTER,
            "",
            "HTTP requests that were refused for want of the right token, key or scope"),
    AUTHENTICATION_FAILING(
            GAUGE,
            "",
            "Failures to log in within ten minutes, over MQTT, HTTP and the console, of who has five or more",
            "identity",
            "source"),
    HTTP_BAD_REQUESTS(
            COUNTER, "", "HTTP requests that were too large, came too slowly or could not be read"),
    HTTP_LIMITED(COUNTER, "", "HTTP requests that were put off, as too many came at once"),
    CONSOLE_LOGINS(COUNTER, "", "Logins to the console since the start", "outcome");

    /** What the figures do. */
    public enum Type {
        /** Only grows, until the hub starts anew. */
        COUNTER,
        /** Rises and falls. */
        GAUGE
    }

    private final Type type;
    private final String unit;
    private final String meaning;
    private final List<String> labels;

    Metric(Type type, String unit, String meaning, String... labels) {
        this.type = type;
        this.unit = unit;
        this.meaning = meaning;
        this.labels = List.of(labels);
    }

    /** What the figures do. */
    public Type type() {
        return type;
    }

    /** Unit, as it stands in the name; empty for a number of what the name says. */
    public String unit() {
        return unit;
    }

    /** What it says, in one sentence. */
    public String meaning() {
        return meaning;
    }

    /** What its series are told apart by. */
    public List<String> labels() {
        return labels;
    }

    /** Its name for Micrometer. */
    String meter() {
        return "unshub." + name().toLowerCase(Locale.ROOT).replace('_', '.');
    }

    /** Its name under {@code /observe/metrics}. */
    public String exposed() {
        String name = meter().replace('.', '_');
        String suffix = unit.isEmpty() || name.endsWith("_" + unit) ? "" : "_" + unit;
        return name + suffix + (type == COUNTER ? "_total" : "");
    }
}
