package io.unshub.trace;

/**
 * A piece of work in a trace, from its beginning until it is closed. It belongs to the thread that
 * began it, and is that thread's current one until then. No call throws.
 */
public interface Span extends AutoCloseable {

    /** What there is while no trace is made. */
    Span NONE =
            new Span() {
                @Override
                public Span stage(String name) {
                    return this;
                }

                @Override
                public void leave(String name) {}

                @Override
                public void name(String name) {}

                @Override
                public void put(String key, String value) {}

                @Override
                public void put(String key, long value) {}

                @Override
                public void event(String name) {}

                @Override
                public void fail(Throwable cause) {}

                @Override
                public String traceparent() {
                    return null;
                }

                @Override
                public void close() {}
            };

    /** Begins a part of it, which is then current; nothing for a part of its own name. */
    Span stage(String name);

    /** Closes it if it is a part of that name. */
    void leave(String name);

    /** Gives it another name. */
    void name(String name);

    /** Says something of it. */
    void put(String key, String value);

    /** Says something of it. */
    void put(String key, long value);

    /** Notes that something is reached. */
    void event(String name);

    /** Notes that it failed. */
    void fail(Throwable cause);

    /** Its place in its trace, as W3C Trace Context writes it; null if no trace is made. */
    String traceparent();

    @Override
    void close();
}
