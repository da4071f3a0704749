package io.unshub.trace;

import java.util.Collection;

/**
 * The traces of requests and batches: one for each, with a span for each stage, never one for a
 * reading.
 *
 * <p>Guarantees: nothing here waits, throws, or holds up a reading, whatever the collector does.
 * Threads: any.
 */
public interface Traces extends AutoCloseable {

    /** The name under which a trace context travels, in W3C Trace Context. */
    String TRACEPARENT = "traceparent";

    /** No traces, at no cost. */
    Traces OFF =
            new Traces() {
                @Override
                public boolean on() {
                    return false;
                }

                @Override
                public Span begin(String name, Collection<String> madeOf) {
                    return Span.NONE;
                }

                @Override
                public Span join(String name, String parent) {
                    return Span.NONE;
                }

                @Override
                public Span current() {
                    return Span.NONE;
                }

                @Override
                public long count(Outcome outcome) {
                    return 0;
                }

                @Override
                public void close() {}
            };

    /** What became of a span. */
    enum Outcome {
        /** The collector has it. */
        EXPORTED,
        /** The collector did not take it, or was away. */
        FAILED,
        /** Too many waited. */
        DROPPED
    }

    /** Whether traces are made. */
    boolean on();

    /**
     * Begins the trace of a batch.
     *
     * @param name of its first span
     * @param madeOf the traces that its readings come from, each as W3C Trace Context writes it;
     *     what cannot be read is left out
     */
    Span begin(String name, Collection<String> madeOf);

    /**
     * Begins the hub's part in a caller's trace.
     *
     * @param name of the span
     * @param parent the caller's place in its trace; a new trace without one that can be read
     */
    Span join(String name, String parent);

    /** The span that this thread is in. */
    Span current();

    /** How many spans ended so, since the start. */
    long count(Outcome outcome);

    @Override
    void close();
}
