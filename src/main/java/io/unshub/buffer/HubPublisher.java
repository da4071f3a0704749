package io.unshub.buffer;

import io.unshub.envelope.Reading;
import io.unshub.trace.Traces;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ICoreMessage;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTUtil;

/**
 * Publishes what the hub itself collects, without leaving the process.
 *
 * <p>In: readings. Out: the readings, several to a message, in the ingest queue, and each by itself
 * on its topic where somebody has subscribed to that; both in one transaction for each MiB. What is
 * on a system topic is no reading, and only published.
 *
 * <p>Guarantee: {@link #publish} returns once all are on disk. Threads: any, each with a
 * transaction of its own. What it holds ends with the broker. Failure: {@link
 * IllegalStateException}, after which the same readings may be published again; also when the
 * buffer has been full for 30 s.
 */
public final class HubPublisher {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int MOST_BYTES = 1 << 20;
    private static final int AT_LEAST_ONCE = 1;

    private final Broker broker;
    private final Traces traces;
    private final Deque<BrokerSession> idle = new ConcurrentLinkedDeque<>();

    /**
     * @param broker takes the readings
     * @param traces that the readings tell of
     */
    public HubPublisher(Broker broker, Traces traces) {
        this.broker = broker;
        this.traces = traces;
    }

    /** Publishes all readings, in their order. */
    public void publish(List<Reading> readings) throws InterruptedException {
        int from = 0;
        while (from < readings.size()) {
            int to = from;
            long bytes = 0;
            do {
                bytes += readings.get(to++).payload().length;
            } while (to < readings.size()
                    && bytes + readings.get(to).payload().length <= MOST_BYTES);
            publishAtOnce(readings.subList(from, to));
            from = to;
        }
    }

    private void publishAtOnce(List<Reading> readings) throws InterruptedException {
        if (!broker.awaitRoom(PATIENCE)) {
            throw new IllegalStateException(
                    "the UNS broker has had no room for more for " + PATIENCE.toSeconds() + " s");
        }
        BrokerSession session = idle.poll();
        try {
            if (session == null) {
                session = broker.open();
            }
            send(readings, session);
        } catch (Exception e) {
            close(session, e);
            throw new IllegalStateException("the UNS broker did not take the readings: " + e, e);
        }
        idle.push(session);
    }

    private static void close(BrokerSession session, Exception cause) {
        try {
            if (session != null) {
                session.close();
            }
        } catch (ActiveMQException | RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    private void send(List<Reading> readings, BrokerSession session) throws ActiveMQException {
        String trace = traces.current().traceparent();
        List<Parcel> parcels = new ArrayList<>();
        Parcel open = null;
        long riding = 0;
        for (Reading reading : readings) {
            boolean system = Queues.isSystem(reading.topic());
            if (!system) {
                if (open == null || !open.takes(reading)) {
                    open = new Parcel();
                    parcels.add(open);
                }
                open.put(reading);
                riding += reading.rides() ? 1 : 0;
            }
            if (system || broker.isWanted(reading.topic())) {
                session.send(reading.topic(), copy(reading, session, trace));
            }
        }
        for (Parcel parcel : parcels) {
            ICoreMessage message = message(session, parcel.size());
            UnitOfWork.trace(trace, message);
            parcel.remember(message);
            session.send(Queues.COLLECTED, parcel.seal(message));
        }
        // before the ingest route can have taken them
        broker.rode(riding);
        try {
            session.commit();
        } catch (ActiveMQException | RuntimeException e) {
            broker.rode(-riding);
            throw e;
        }
        broker.committed();
    }

    /** A reading as another client's publish of QoS 1 would be. */
    private static ICoreMessage copy(Reading reading, BrokerSession session, String trace) {
        ICoreMessage copy = message(session, reading.payload().length);
        copy.putBooleanProperty(Parcel.ALSO, true);
        copy.putIntProperty(MQTTUtil.MQTT_QOS_LEVEL_KEY, AT_LEAST_ONCE);
        UnitOfWork.say(trace, copy);
        copy.getBodyBuffer().writeBytes(reading.payload());
        return copy;
    }

    private static ICoreMessage message(BrokerSession session, int bytes) {
        ICoreMessage message = session.message(bytes);
        message.setRoutingType(RoutingType.MULTICAST);
        return message;
    }
}
