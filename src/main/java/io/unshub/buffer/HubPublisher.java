package io.unshub.buffer;

import io.unshub.envelope.Reading;
import io.unshub.trace.Traces;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ActiveMQInterruptedException;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;

/**
 * Publishes what the hub itself collects, without leaving the process.
 *
 * <p>In: readings. Out: in one transaction the readings, several to a message, in the ingest queue,
 * and each by itself on its topic where somebody has subscribed to that.
 *
 * <p>Guarantee: {@link #publish} returns once all are on disk. Threads: any, each with a
 * transaction of its own. What it holds ends with the broker. Failure: {@link
 * IllegalStateException}, after which the same readings may be published again; also when the
 * buffer has been full for 30 s.
 */
public final class HubPublisher {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Broker broker;
    private final Traces traces;
    private final Deque<Session> idle = new ConcurrentLinkedDeque<>();

    private record Session(
            ClientSessionFactory connection, ClientSession session, ClientProducer producer) {

        static Session open(Broker broker) throws Exception {
            ClientSessionFactory connection = broker.connect();
            ClientSession session = connection.createSession(false, false);
            return new Session(connection, session, session.createProducer());
        }
    }

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
        if (!broker.awaitRoom(PATIENCE)) {
            throw new IllegalStateException(
                    "the UNS broker has had no room for more for " + PATIENCE.toSeconds() + " s");
        }
        Session session = idle.poll();
        try {
            if (session == null) {
                session = Session.open(broker);
            }
            send(readings, session);
        } catch (Exception e) {
            if (session != null) {
                session.connection().close();
            }
            if (e instanceof ActiveMQInterruptedException) {
                throw (InterruptedException) new InterruptedException().initCause(e);
            }
            throw new IllegalStateException("the UNS broker did not take the readings: " + e, e);
        }
        idle.push(session);
    }

    private void send(List<Reading> readings, Session session) throws ActiveMQException {
        String trace = traces.current().traceparent();
        List<Parcel> parcels = new ArrayList<>();
        Parcel open = null;
        for (Reading reading : readings) {
            if (open == null || !open.takes(reading)) {
                open = new Parcel();
                parcels.add(open);
            }
            open.put(reading);
            if (broker.isWanted(reading.topic())) {
                ClientMessage copy = message(session, trace);
                copy.putBooleanProperty(Parcel.ALSO, true);
                copy.getBodyBuffer().writeBytes(reading.payload());
                session.producer().send(reading.topic(), copy);
            }
        }
        for (Parcel parcel : parcels) {
            session.producer().send(Queues.COLLECTED, parcel.seal(message(session, trace)));
        }
        session.session().commit();
        broker.committed();
        broker.rode(readings.size() - parcels.size());
    }

    private static ClientMessage message(Session session, String trace) {
        ClientMessage message = session.session().createMessage(true);
        message.setRoutingType(RoutingType.MULTICAST);
        if (trace != null) {
            message.putStringProperty(Traces.TRACEPARENT, trace);
        }
        return message;
    }
}
