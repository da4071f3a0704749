package io.unshub.collect;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Calls code that may never return. The call gets a daemon thread of its own; when its time is up
 * that thread is interrupted and left to itself.
 */
final class BoundedCall {

    private BoundedCall() {}

    /**
     * Returns what the call returns, within the limit.
     *
     * @param what for the thread's name and the message: {@code connect}, {@code read}
     * @throws TimeoutException if it did not return in time
     * @throws Exception what the call threw
     */
    static <T> T within(Duration limit, String what, Callable<T> call) throws Exception {
        FutureTask<T> task = new FutureTask<>(call);
        Thread thread = new Thread(task, "collect-call-" + what);
        thread.setDaemon(true);
        // drivers look up their parts with the thread's class loader
        thread.setContextClassLoader(BoundedCall.class.getClassLoader());
        thread.start();
        try {
            return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new TimeoutException(
                    "the device did not " + what + " within " + limit.toMillis() + " ms");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            task.cancel(true);
        }
    }
}
