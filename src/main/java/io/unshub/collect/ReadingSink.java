package io.unshub.collect;

import io.unshub.envelope.Envelope;
import java.util.List;

/** Takes the readings of one connection. */
@FunctionalInterface
public interface ReadingSink {

    /**
     * Takes the readings, or blocks for as long as it takes: the source is slowed meanwhile. Called
     * by one thread per collector, in the order of the source.
     *
     * @param readings 1 to 500 readings, unmodifiable
     * @throws RuntimeException if it took none of them; it then gets the same list again
     */
    void accept(List<Envelope> readings) throws InterruptedException;
}
