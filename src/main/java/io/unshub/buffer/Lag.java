package io.unshub.buffer;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLongArray;
import org.apache.activemq.artemis.core.server.MessageReference;
import org.apache.activemq.artemis.core.server.Queue;

/**
 * Whether a lane is behind: what stands first in it has waited for longer than a far side that
 * keeps up would let it. Looked at once a second at most. Threads: any.
 */
public final class Lag {

    private static final long BEHIND_MILLIS = Duration.ofSeconds(5).toMillis();
    private static final long LOOK_AGAIN_MILLIS = 1_000;

    private final Broker broker;
    private final InstantSource clock;
    // the time of the look, negative where the lane was behind
    private final AtomicLongArray looks = new AtomicLongArray(Queues.LANES);

    /**
     * @param broker holds the lanes
     * @param clock is the one by which readings were accepted
     */
    public Lag(Broker broker, InstantSource clock) {
        this.broker = broker;
        this.clock = clock;
    }

    /** Whether the lane of a topic is behind. */
    public boolean isBehind(String topic) {
        int lane = Queues.laneOf(topic);
        long now = clock.millis();
        long look = looks.get(lane);
        if (Math.abs(now - Math.abs(look)) >= LOOK_AGAIN_MILLIS) {
            look = now - oldest(lane, now) > BEHIND_MILLIS ? -now : now;
            looks.set(lane, look);
        }
        return look < 0;
    }

    private long oldest(int lane, long now) {
        MessageReference first =
                broker.queue(Queues.lane(lane)).map(Queue::peekFirstMessage).orElse(null);
        return first == null ? now : first.getMessage().getLongProperty(UnitOfWork.ACCEPTED);
    }
}
