package io.unshub.collect;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.unshub.envelope.Envelope;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.sdk.client.SessionActivityListener;
import org.eclipse.milo.opcua.sdk.client.UaSession;
import org.eclipse.milo.opcua.sdk.client.subscriptions.MonitoredItemServiceOperationResult;
import org.eclipse.milo.opcua.sdk.client.subscriptions.OpcUaMonitoredItem;
import org.eclipse.milo.opcua.sdk.client.subscriptions.OpcUaSubscription;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.enumerated.DataChangeTrigger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.DeadbandType;
import org.eclipse.milo.opcua.stack.core.types.structured.DataChangeFilter;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.jboss.logging.Logger;

/**
 * Subscribes to the tags of one OPC UA server.
 *
 * <p>In: data changes. Out: one reading per data change, in the server's order, with the source's
 * time and status. Guarantees: a value that the server reports is handed over; while the sink is
 * behind, the publish callback blocks and the server queues. A lost network is bridged with the
 * same subscription for as long as the server keeps it, so what it queued still comes; a server
 * that forgot the subscription is subscribed anew, with namespaces resolved again. Threads: the
 * library's threads deliver, the collector's own thread connects, retries bad tags and watches for
 * silence. Failure: a tag that the server refuses gives one ERROR reading per change of the reason
 * and is retried; it never holds up its neighbours.
 */
final class OpcUaCollector extends SupervisedCollector {

    private static final Logger LOG = Logger.getLogger(OpcUaCollector.class);

    /** An S7-1200 takes no more in one call. */
    private static final int ITEMS_PER_CALL = 1_000;

    /** Keeps one notification well below the message size that both sides accept by default. */
    private static final int VALUES_PER_PUBLISH = 10_000;

    private static final Duration KEEP_ALIVE = Duration.ofSeconds(5);

    /** How long the server keeps subscription and queues while we are away. */
    private static final Duration LIFETIME = Duration.ofMinutes(10);

    private static final long LOOK_AROUND_MILLIS = 500;
    private static final Duration LOOK_AT_SERVER = Duration.ofSeconds(5);

    /** The last reason that each tag was refused for, while it is; also across sessions. */
    private final Map<Tag, String> refused = new ConcurrentHashMap<>();

    private final Set<Tag> overflowing = ConcurrentHashMap.newKeySet();

    OpcUaCollector(
            Connection connection, List<Tag> tags, Clock clock, ReadingSink sink, Timing timing) {
        super(connection, tags, clock, sink, timing);
    }

    @Override
    void session() throws Exception {
        try (OpcUaSession session = OpcUaSession.open(connection)) {
            new Subscribed(session).live();
        }
    }

    private void refuse(Tag tag, String code) throws InterruptedException {
        String before = refused.put(tag, code);
        if (!code.equals(before)) {
            tagFault(tag, code);
            emit(readings.error(tag, code));
        }
    }

    private void accepted(Tag tag) {
        if (refused.remove(tag) != null) {
            tagFine(tag);
        }
    }

    private void received(Tag tag, DataValue value) throws InterruptedException {
        StatusCode code = value.statusCode() == null ? StatusCode.GOOD : value.statusCode();
        overflow(tag, code.isOverflowSet());
        Object raw = value.value() == null ? null : value.value().value();
        Instant time = time(value.sourceTime()).or(() -> time(value.serverTime())).orElse(null);
        Envelope reading;
        try {
            reading = readings.of(tag, SourceStatus.of(code), raw, time);
        } catch (RuntimeException e) {
            // one value that we cannot make sense of must not cost the rest of the notification
            about(
                    () ->
                            LOG.warnf(
                                    e,
                                    "connection %s: tag %s: %s",
                                    connection.name(),
                                    tag.topic(),
                                    value));
            reading = readings.error(tag, SourceValue.UNSUPPORTED_TYPE);
        }
        emit(reading);
    }

    private static Optional<Instant> time(DateTime time) {
        return Optional.ofNullable(time).filter(DateTime::isNotNull).map(DateTime::getJavaInstant);
    }

    private void overflow(Tag tag, boolean set) {
        if (set) {
            overflows.incrementAndGet();
            if (overflowing.add(tag)) {
                tagFault(tag, "the server's queue ran over and values are lost; raise queueSize");
            }
        } else if (overflowing.remove(tag)) {
            about(
                    () ->
                            LOG.infof(
                                    "connection %s: tag %s: the server's queue keeps up again",
                                    connection.name(), tag.topic()));
        }
    }

    /**
     * One client's subscription, from its creation until something speaks against it: then the
     * session ends and the next one starts from nothing, which is the one way of recovery that
     * every server supports.
     */
    private final class Subscribed
            implements OpcUaSubscription.SubscriptionListener, SessionActivityListener {

        private final OpcUaSession session;
        private final OpcUaClient client;
        private final OpcUaSubscription subscription;
        private final BlockingQueue<String> doubts = new LinkedBlockingQueue<>();
        private final Map<OpcUaMonitoredItem, Tag> items = new ConcurrentHashMap<>();
        private final List<Tag> homeless = new ArrayList<>();
        private int itemsPerCall = ITEMS_PER_CALL;
        private volatile long heard = System.nanoTime();
        private volatile long inactiveSince;
        private volatile boolean active = true;
        private volatile boolean delivering;
        private volatile boolean ended;

        Subscribed(OpcUaSession session) {
            this.session = session;
            this.client = session.client();
            this.subscription =
                    new OpcUaSubscription(
                            client, connection.opcua().publishingInterval().toMillis());
        }

        void live() throws Exception {
            double interval = Math.max(1, connection.opcua().publishingInterval().toMillis());
            subscription.setTargetKeepAliveInterval(KEEP_ALIVE.toMillis());
            long lifetime = (long) Math.ceil(LIFETIME.toMillis() / interval);
            long atLeast = 3 * subscription.getMaxKeepAliveCount().longValue();
            subscription.setLifetimeCount(uint(Math.max(lifetime, atLeast)));
            subscription.setMaxMonitoredItemsPerCall(uint(itemsPerCall));
            subscription.setMaxNotificationsPerPublish(uint(VALUES_PER_PUBLISH));
            subscription.setSubscriptionListener(this);
            subscription.create();
            add(tags);
            // only now: before, a refused service call would count as a connection
            client.addSessionActivityListener(this);
            online();
            try {
                watch();
            } finally {
                ended = true;
                client.removeSessionActivityListener(this);
            }
        }

        private void add(List<Tag> wanted) throws Exception {
            NamespaceTable table = client.readNamespaceTable();
            homeless.removeAll(wanted);
            for (Tag tag : wanted) {
                Optional<NodeId> node = OpcUaAddress.resolve(tag.address(), table);
                if (node.isPresent()) {
                    OpcUaMonitoredItem item = item(node.get(), tag);
                    items.put(item, tag);
                    subscription.addMonitoredItem(item);
                } else {
                    homeless.add(tag);
                    refuse(
                            tag,
                            SourceStatus.of(new StatusCode(StatusCodes.Bad_NodeIdUnknown)).name());
                }
            }
            create();
        }

        private OpcUaMonitoredItem item(NodeId node, Tag tag) {
            Tag.Deadband deadband = tag.sourceDeadband();
            OpcUaMonitoredItem item =
                    new OpcUaMonitoredItem(
                            new ReadValueId(
                                    node,
                                    AttributeId.Value.uid(),
                                    OpcUaAddress.range(tag.address()),
                                    QualifiedName.NULL_VALUE));
            item.setSamplingInterval(connection.opcua().samplingInterval().toMillis());
            item.setQueueSize(uint(connection.opcua().queueSize()));
            item.setDiscardOldest(true);
            DeadbandType type =
                    deadband == null
                            ? DeadbandType.None
                            : deadband.percent() ? DeadbandType.Percent : DeadbandType.Absolute;
            // the default trigger hides equal values with a new source time
            item.setFilter(
                    new DataChangeFilter(
                            DataChangeTrigger.StatusValueTimestamp,
                            uint(type.getValue()),
                            deadband == null ? 0.0 : deadband.size()));
            return item;
        }

        /** Creates all items that do not exist yet, those refused before among them. */
        private void create() throws Exception {
            while (!createSome()) {
                // a server may have limits that it does not tell
                itemsPerCall /= 2;
                subscription.setMaxMonitoredItemsPerCall(uint(itemsPerCall));
            }
        }

        /** False where some are to be asked for again, fewer at a time. */
        private boolean createSome() throws Exception {
            boolean all = true;
            for (MonitoredItemServiceOperationResult result : subscription.createMonitoredItems()) {
                Tag tag = items.get(result.monitoredItem());
                StatusCode code = result.operationResult().orElse(result.serviceResult());
                boolean whole = result.operationResult().isEmpty();
                if (whole && unanswered(code)) {
                    // the server may have made them: only a new subscription is sure to know
                    throw new UaException(code);
                }
                if (code.isGood()) {
                    accepted(tag);
                } else if (whole && SourceStatus.tooMany(code) && itemsPerCall > 1) {
                    all = false;
                } else {
                    refuse(tag, SourceStatus.of(code).name());
                }
            }
            return all;
        }

        private static boolean unanswered(StatusCode code) {
            long value = code.value();
            return value == StatusCodes.Bad_Timeout
                    || value == StatusCodes.Bad_ConnectionClosed
                    || value == StatusCodes.Bad_SessionClosed
                    || value == StatusCodes.Bad_SessionIdInvalid
                    || value == StatusCodes.Bad_SubscriptionIdInvalid
                    || value == StatusCodes.Bad_CommunicationError
                    || value == StatusCodes.Bad_ServerNotConnected;
        }

        private void watch() throws Exception {
            long retryAt = System.nanoTime() + timing.retryBad().toNanos();
            long lookAt = System.nanoTime();
            while (true) {
                String doubt = doubts.poll(LOOK_AROUND_MILLIS, TimeUnit.MILLISECONDS);
                if (doubt != null) {
                    throw new UaException(StatusCodes.Bad_NoSubscription, doubt);
                }
                String silence = silence();
                if (silence != null) {
                    throw new UaException(StatusCodes.Bad_NoCommunication, silence);
                }
                if (!active) {
                    // the library asks the server that it knew for the session that it had, for
                    // ever
                    if (System.nanoTime() - lookAt >= 0) {
                        if (session.serverChanged()) {
                            throw new UaException(
                                    StatusCodes.Bad_CertificateInvalid,
                                    "the server has another certificate");
                        }
                        lookAt = System.nanoTime() + LOOK_AT_SERVER.toNanos();
                    }
                    continue;
                }
                // not before now: a session that is back may still have lost its subscription
                online();
                if (System.nanoTime() - retryAt >= 0) {
                    if (!refused.isEmpty()) {
                        add(List.copyOf(homeless));
                    }
                    retryAt = System.nanoTime() + timing.retryBad().toNanos();
                }
            }
        }

        private String silence() {
            long now = System.nanoTime();
            if (!active) {
                return now - inactiveSince > LIFETIME.toNanos()
                        ? "the session did not come back within " + LIFETIME.toMinutes() + " min"
                        : null;
            }
            if (delivering) {
                return null;
            }
            double interval = subscription.getRevisedPublishingInterval().orElse(0.0);
            long count =
                    subscription.getRevisedMaxKeepAliveCount().map(Number::longValue).orElse(0L);
            long limit = 3 * (long) (interval * count) + OpcUaSession.REQUEST_TIMEOUT.toMillis();
            return now - heard > TimeUnit.MILLISECONDS.toNanos(limit)
                    ? "the subscription was silent for " + limit / 1000 + " s, without keep-alives"
                    : null;
        }

        @Override
        public void onDataReceived(
                OpcUaSubscription from, List<OpcUaMonitoredItem> changed, List<DataValue> values) {
            delivering = true;
            try {
                for (int i = 0; i < changed.size(); i++) {
                    Tag tag = items.get(changed.get(i));
                    if (tag != null) {
                        received(tag, values.get(i));
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                heard = System.nanoTime();
                delivering = false;
            }
        }

        @Override
        public void onKeepAliveReceived(OpcUaSubscription from) {
            heard = System.nanoTime();
        }

        @Override
        public void onStatusChanged(OpcUaSubscription from, StatusCode status) {
            if (status.isBad()) {
                doubts.add("the server ended the subscription: " + SourceStatus.of(status).name());
            }
        }

        @Override
        public void onTransferFailed(OpcUaSubscription from, StatusCode status) {
            doubts.add(
                    "the server no longer knows the subscription: "
                            + SourceStatus.of(status).name());
        }

        @Override
        public void onNotificationDataLost(OpcUaSubscription from) {
            about(
                    () ->
                            LOG.warnf(
                                    "connection %s: the server could not repeat notifications that"
                                            + " were lost on the way; values are missing",
                                    connection.name()));
        }

        @Override
        public void onSessionActive(UaSession session) {
            heard = System.nanoTime();
            active = true;
        }

        @Override
        public void onSessionInactive(UaSession session) {
            if (!ended && !closing()) {
                inactiveSince = System.nanoTime();
                active = false;
                offline(FailureCause.CLOSED, "the session was interrupted");
            }
        }
    }
}
