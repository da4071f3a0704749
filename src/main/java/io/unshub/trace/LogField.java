package io.unshub.trace;

import org.jboss.logging.MDC;

/**
 * What a log line is about, as a field of its own where lines are JSON; see {@code
 * docs/observability/logs.md}. Threads: a field holds for the thread that names it.
 */
public enum LogField {
    /** A route's id. */
    ROUTE("route"),
    /** A batch: its queue, and how many that queue has had since the start. */
    BATCH("batch"),
    /** A PLC or SCADA system, by its name in config/connections. */
    CONNECTION("connection"),
    /** A request over HTTP, as in its answer. */
    REQUEST_ID("requestId"),
    /** A trace, while traces are made. */
    TRACE_ID("traceId"),
    /** An alarm's name. */
    ALARM("alarm");

    private final String key;

    /** Until when a field holds. */
    public interface Scope extends AutoCloseable {
        @Override
        void close();
    }

    LogField(String key) {
        this.key = key;
    }

    /** Names it for what this thread logs until the scope is closed. */
    public Scope is(String value) {
        Object before = MDC.put(key, value);
        return () -> {
            if (before == null) {
                MDC.remove(key);
            } else {
                MDC.put(key, before);
            }
        };
    }

    /** Names it for what this thread logs from now on. */
    public void set(String value) {
        MDC.put(key, value);
    }

    /** Names nothing any more. */
    public void clear() {
        MDC.remove(key);
    }
}
