package io.unshub.pattern;

import io.unshub.envelope.Batch;
import java.util.concurrent.TimeUnit;

/**
 * Throttler: lets no more than so many readings a second through. What is too much waits in the
 * route's subscription, on disk.
 */
public final class Throttling implements Step {

    private final double perSecond;
    private long due = System.nanoTime();

    /**
     * @param perSecond most readings a second, above 0
     */
    public Throttling(double perSecond) {
        this.perSecond = perSecond;
    }

    @Override
    public void apply(Batch batch, Hand hand) throws InterruptedException {
        long wait;
        synchronized (this) {
            long now = System.nanoTime();
            wait = Math.max(0, due - now);
            due = now + wait + (long) (batch.size() * TimeUnit.SECONDS.toNanos(1) / perSecond);
        }
        TimeUnit.NANOSECONDS.sleep(wait);
    }
}
