package io.unshub.buffer;

import io.netty.channel.Channel;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.unshub.access.Refusals;
import io.unshub.uns.Excerpt;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.activemq.artemis.api.core.ActiveMQBuffer;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.WildcardConfiguration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.journal.Journal;
import org.apache.activemq.artemis.core.message.LargeBodyReader;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTSessionState;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTStateManager;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyAcceptorFactory;
import org.apache.activemq.artemis.core.remoting.impl.netty.TransportConstants;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.LargeServerMessage;
import org.apache.activemq.artemis.core.server.MessageReference;
import org.apache.activemq.artemis.core.server.Queue;
import org.apache.activemq.artemis.core.server.ServiceRegistry;
import org.apache.activemq.artemis.core.server.impl.ServiceRegistryImpl;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.utils.actors.ArtemisExecutor;
import org.jboss.logging.Logger;

/**
 * The embedded Artemis: MQTT 5 broker of the plant and store-and-forward buffer in one journal.
 *
 * <p>In: MQTT publishes, from anyone. Out: the ingest queue, on which every publish stands that is
 * no system topic's, valid or not, so that a mistyped root is a dead letter and not a silence.
 *
 * <p>Guarantees: PUBACK and commit follow the sync of the journal. Redelivery limits are off: the
 * broker moves nothing aside by itself. Threads: start and stop from one; everything else from any.
 * Failure: {@link #start()} throws and leaves nothing running.
 */
public final class Broker implements MessageStore {

    private static final Logger LOG = Logger.getLogger(Broker.class);

    private static final String PUBLISHED_OR_COLLECTED =
            "(NOT (AMQAddress LIKE '$%' OR AMQAddress LIKE '!_hub/%' ESCAPE '!'"
                    + " OR AMQAddress LIKE 'activemq.%') AND "
                    + Parcel.ALSO
                    + " IS NULL) OR AMQAddress = '"
                    + Queues.COLLECTED
                    + "'";

    // nothing is ever sent there; Artemis drops what it sets aside where no such queue stands
    private static final String BROKER_DEAD_LETTER = "$hub/broker-dead-letter";

    private static final String PLAIN = "mqtt";
    private static final String TLS = "mqtt-tls";

    private static final long MIB = 1024L * 1024;
    private static final int WRITE_FAILED = 3;

    private final BrokerConfig config;
    private final MqttLimits limits;
    private final Refusals refusals;
    private final OwnLogin own;
    private final SecureListener secure;
    private final ClientAccess access;
    private ActiveMQServer server;
    private MqttAcceptors plainAcceptors;
    private MqttAcceptors tlsAcceptors;

    private final BackPressure backPressure = new BackPressure();
    private final Subscribers subscribers = new Subscribers();
    private final AtomicLong riding = new AtomicLong();
    private JournalMark mark;
    private List<String> unreadable = List.of();
    // others may look while it starts and stops
    private volatile boolean started;

    /** Prepares a broker without limits for its clients; nothing runs before {@link #start()}. */
    public Broker(BrokerConfig config) {
        this(
                config,
                MqttLimits.NONE,
                new Refusals(InstantSource.system(), (who, facts) -> {}, refusal -> {}),
                OwnLogin.make(false),
                null);
    }

    /**
     * Prepares a broker.
     *
     * @param limits what clients may take
     * @param refusals is told what is refused to them
     * @param own how the hub's own sessions log in, which have no limits of their own
     * @param secure the listener with TLS; null for none
     */
    public Broker(
            BrokerConfig config,
            MqttLimits limits,
            Refusals refusals,
            OwnLogin own,
            SecureListener secure) {
        this.config = config;
        this.limits = limits;
        this.refusals = refusals;
        this.own = own;
        this.secure = secure;
        this.access = secure == null ? null : new ClientAccess(secure, own);
    }

    /**
     * Starts the broker and makes its queues.
     *
     * @throws Exception if the journal cannot be opened or the port cannot be bound
     */
    public void start() throws Exception {
        mark = new JournalMark(config.directory());
        unreadable = mark.unreadable();
        ArtemisServer artemis = new ArtemisServer(configuration(), services(), access, queues());
        server = artemis;
        server.registerIOCriticalErrorListener((cause, message, file) -> end(message, file));
        server.start();
        if (!server.isActive() || !server.waitForActivation(30, TimeUnit.SECONDS)) {
            server.stop();
            throw new IllegalStateException("the broker did not become active; see the log above");
        }
        mark.move();
        server.getScheduledPool()
                .scheduleWithFixedDelay(artemis::forgetTopics, 1, 1, TimeUnit.SECONDS);
        riding.set(ridingInIngest());
        started = true;
        LOG.infof("broker started, journal in %s", config.directory());
    }

    private long ridingInIngest() {
        long sum = 0;
        try (var waiting = server.locateQueue(SimpleString.of(Queues.INGEST)).browserIterator()) {
            while (waiting.hasNext()) {
                Message message = waiting.next().getMessage();
                sum += Parcel.is(message) ? Parcel.readings(message) - 1 : 0;
            }
        }
        return sum;
    }

    /** Stops the broker after the writes under way; safe to call twice. */
    public void stop() throws Exception {
        started = false;
        if (server != null) {
            server.stop();
            server = null;
            LOG.info("broker stopped");
        }
    }

    /** How many connections of MQTT clients there are, the hub's own among them. */
    public int connections() {
        return started
                ? plainAcceptors.open() + (tlsAcceptors == null ? 0 : tlsAcceptors.open())
                : 0;
    }

    /** Whether it runs with all its queues. */
    public boolean started() {
        return started;
    }

    /** What of the journal could not be read at the start, a sentence for each part. */
    public List<String> unreadable() {
        return unreadable;
    }

    /** Notes that a transaction is on disk. */
    void committed() {
        mark.move();
    }

    /** Whether commits wait for the disk: true in every shipped configuration. */
    public boolean syncsJournal() {
        return server.getConfiguration().isJournalSyncTransactional()
                && server.getConfiguration().isJournalSyncNonTransactional()
                && server.getConfiguration().isJournalDatasync();
    }

    /** Lets go of journal files that hold nothing any more. */
    void tidy() throws Exception {
        Journal journal = server.getStorageManager().getMessageJournal();
        journal.forceBackup(10, TimeUnit.SECONDS);
        // the record of a letter's page pins a whole file, until the files are compacted
        journal.scheduleCompactAndBlock(10);
    }

    /**
     * Holds publishers back, or lets them go: what they publish waits for its acknowledgement.
     *
     * @param hold whether there is no room for more
     */
    public void holdPublishers(boolean hold) {
        backPressure.full(hold);
    }

    /**
     * How many messages a queue holds, those under way to a consumer among them. While messages are
     * being delivered it is an estimate: one that moves at this moment may be counted twice or not.
     *
     * @return the count; empty when there is no such queue
     */
    @Override
    public Optional<Long> depth(String queue) {
        return queue(queue).map(Queue::getMessageCount);
    }

    /** How many readings were published and are not yet in a transaction; an estimate likewise. */
    public long awaiting() {
        return Math.max(0, depth(Queues.INGEST).orElse(0L) + riding.get());
    }

    /**
     * Notes readings of the ingest queue that have no message of their own.
     *
     * @param readings how many came; negative when they went
     */
    void rode(long readings) {
        riding.addAndGet(readings);
    }

    /** Whether anybody but the hub has subscribed to a topic. */
    boolean isWanted(String topic) {
        return subscribers.want(topic);
    }

    /**
     * Waits until there is room for what this process itself publishes.
     *
     * @return false if there was none in all that time
     */
    boolean awaitRoom(Duration patience) throws InterruptedException {
        return backPressure.awaitRoom(patience);
    }

    /**
     * Looks at the clients of the TLS listener again and closes the connection of who may be there
     * no more.
     */
    public void recheckClients() {
        ActiveMQServer now = server;
        if (access != null && started && now != null) {
            access.recheck(now);
        }
    }

    /**
     * Waits until what a crash left in pages has been counted, which Artemis does beside its work
     * after a start; ten seconds at most.
     */
    void awaitCounts() throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (System.nanoTime() < end && isCounting()) {
            Thread.sleep(20);
        }
    }

    private boolean isCounting() {
        return Stream.concat(
                        Queues.buffer().stream(),
                        Stream.of(Queues.DEAD_LETTER, Queues.REPLAY, Queues.INGEST))
                .map(this::queue)
                .flatMap(Optional::stream)
                .map(Queue::getPageSubscription)
                .anyMatch(pages -> pages != null && pages.isCounterPending());
    }

    /** How many messages a queue holds, counted while delivery stands still. */
    long settledDepth(String name) throws Exception {
        return atRest(name, Queue::getMessageCount);
    }

    /**
     * The messages of a queue in their order, with those that a consumer has in hand; delivery
     * stands still meanwhile.
     */
    List<MessageReference> contents(String name) throws Exception {
        return atRest(
                name,
                queue -> {
                    TreeMap<Long, MessageReference> messages = new TreeMap<>();
                    // what a consumer has fetched ahead is no longer in the iterator
                    queue.getDeliveringMessages()
                            .values()
                            .forEach(list -> list.forEach(ref -> put(messages, ref)));
                    try (var waiting = queue.browserIterator()) {
                        while (waiting.hasNext()) {
                            put(messages, waiting.next());
                        }
                    }
                    return List.copyOf(messages.values());
                });
    }

    /** The bytes of a message, which may be in a consumer's hands at the same time. */
    static byte[] body(Message message) {
        if (message instanceof LargeServerMessage large) {
            return file(large);
        }
        ActiveMQBuffer buffer = message.toCore().getReadOnlyBodyBuffer();
        byte[] bytes = new byte[buffer.readableBytes()];
        buffer.readBytes(bytes);
        return bytes;
    }

    /** What does not fit into a record of the journal is a file of its own. */
    private static byte[] file(LargeServerMessage message) {
        // not the file that the message itself has open: others read it at the same time
        try (LargeBodyReader reader = message.getLargeBodyReader()) {
            reader.open();
            ByteBuffer bytes = ByteBuffer.allocate((int) reader.getSize());
            reader.readInto(bytes);
            return bytes.array();
        } catch (ActiveMQException e) {
            throw new IllegalStateException("the body of a large message cannot be read", e);
        }
    }

    private <T> T atRest(String name, Function<Queue, T> question) throws Exception {
        Queue queue = queue(name).orElseThrow();
        queue.pause();
        try {
            // its own flush takes an executor that has not begun for one that has nothing to do
            if (!ArtemisExecutor.delegate(queue.getExecutor()).flush(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException(
                        "the queue "
                                + name
                                + " has not taken in within 10 s what was committed; try again");
            }
            return question.apply(queue);
        } finally {
            queue.resume();
        }
    }

    private static void put(TreeMap<Long, MessageReference> messages, MessageReference ref) {
        messages.put(ref.getMessage().getMessageID(), ref);
    }

    @Override
    public BrokerSession open(String queue) throws Exception {
        return session(queue, false);
    }

    /**
     * Opens a session that looks through a queue from its head on, and takes nothing out.
     *
     * @throws Exception if it cannot be read
     */
    BrokerSession browse(String queue) throws Exception {
        return session(queue, true);
    }

    private BrokerSession session(String queue, boolean browsing) throws Exception {
        ActiveMQServer now = server;
        if (!started || now == null) {
            throw BrokerSession.stopped();
        }
        return new BrokerSession(now, queue, browsing);
    }

    /** Opens a session that only sends. */
    BrokerSession open() throws Exception {
        return session(null, false);
    }

    ActiveMQServer server() {
        return server;
    }

    Optional<Queue> queue(String name) {
        ActiveMQServer now = server;
        return started && now != null
                ? Optional.ofNullable(now.locateQueue(SimpleString.of(name)))
                : Optional.empty();
    }

    @Override
    public List<String> names() {
        return Arrays.stream(server.getActiveMQServerControl().getQueueNames()).toList();
    }

    @Override
    public void createQueue(String name) throws Exception {
        server.createQueue(queueOf(name), true);
    }

    private static QueueConfiguration queueOf(String name) {
        return QueueConfiguration.of(name)
                .setRoutingType(RoutingType.ANYCAST)
                .setDurable(true)
                .setAutoCreated(false)
                .setAutoDelete(false);
    }

    private static List<QueueConfiguration> queues() {
        QueueConfiguration ingest =
                queueOf(Queues.INGEST)
                        .setAddress(Queues.PUBLISHED)
                        .setRoutingType(RoutingType.MULTICAST)
                        .setFilterString(PUBLISHED_OR_COLLECTED);
        return Stream.of(
                        Stream.of(ingest),
                        Stream.of(
                                        BROKER_DEAD_LETTER,
                                        Queues.DEAD_LETTER,
                                        Queues.REPLAY,
                                        Queues.SCORE,
                                        Queues.LEDGER,
                                        Queues.LEDGER_HOURS)
                                .map(Broker::queueOf),
                        Queues.buffer().stream().map(Broker::queueOf))
                .flatMap(Function.identity())
                .toList();
    }

    @Override
    public void destroyQueue(String name) throws Exception {
        server.destroyQueue(SimpleString.of(name), null, false);
    }

    /**
     * Ends the process inside the write that failed. Artemis passes over the failure (2.55.0,
     * NIOSequentialFile.internalWrite) and would commit and acknowledge what is not on disk.
     */
    private static void end(String message, String file) {
        System.err.println(
                "uns-hub: the disk refused a write (%s, %s); the hub ends before it acknowledges what is not on disk, and all that was acknowledged is there: make room, and start it again"
                        .formatted(Excerpt.printable(message), file));
        Runtime.getRuntime().halt(WRITE_FAILED);
    }

    private ServiceRegistry services() {
        ServiceRegistry services = new ServiceRegistryImpl();
        services.addIncomingInterceptor(new OwnQueues(refusals));
        plainAcceptors = acceptors(null);
        services.addAcceptorFactory(PLAIN, plainAcceptors);
        if (secure != null) {
            tlsAcceptors = acceptors(secure);
            services.addAcceptorFactory(TLS, tlsAcceptors);
            services.addIncomingInterceptor(access);
        }
        return services;
    }

    private MqttAcceptors acceptors(SecureListener listener) {
        return new MqttAcceptors(
                listener, limits, config.maxPacketBytes(), refusals, own, this::subscribed);
    }

    /** The filters of a client's session, which may be older than its connection. */
    private List<String> subscribed(Channel channel) {
        String session = ClientAccess.session(channel);
        try {
            MQTTSessionState state =
                    session == null
                            ? null
                            : MQTTStateManager.getInstance(server).getSessionStates().get(session);
            return state == null
                    ? List.of()
                    : state.getSubscriptions().stream()
                            .map(MqttTopicSubscription::topicFilter)
                            .toList();
        } catch (Exception e) {
            throw new IllegalStateException("the sessions of MQTT cannot be looked at", e);
        }
    }

    private TransportConfiguration mqtt(String name, String host, int port) {
        Map<String, Object> mqtt = new HashMap<>();
        mqtt.put(TransportConstants.HOST_PROP_NAME, host);
        mqtt.put(TransportConstants.PORT_PROP_NAME, port);
        mqtt.put(TransportConstants.PROTOCOLS_PROP_NAME, "MQTT");
        // the acceptors give each connection what it begins with, TLS or not; the rest is not used
        mqtt.put(TransportConstants.SSL_ENABLED_PROP_NAME, true);
        mqtt.put(TransportConstants.SSL_CONTEXT_PROP_NAME, name);
        mqtt.put(TransportConstants.USE_DEFAULT_SSL_CONTEXT_PROP_NAME, true);
        // theirs ends with the eighth byte
        mqtt.put(TransportConstants.HANDSHAKE_TIMEOUT, 0);
        return new TransportConfiguration(
                NettyAcceptorFactory.class.getName(),
                mqtt,
                name,
                new HashMap<>(Map.of("maximumPacketSize", config.maxPacketBytes())));
    }

    private Configuration configuration() {
        // the MQTT wildcards as the broker's own: topics are addresses, letter by letter
        WildcardConfiguration wildcards =
                new WildcardConfiguration().setDelimiter('/').setAnyWords('#').setSingleWord('+');
        Configuration c =
                new ConfigurationImpl()
                        .setName("uns-hub")
                        .setBindingsDirectory(config.directory().resolve("bindings").toString())
                        .setJournalDirectory(config.directory().resolve("journal").toString())
                        .setPagingDirectory(config.directory().resolve("paging").toString())
                        .setLargeMessagesDirectory(config.directory().resolve("large").toString())
                        .setPersistenceEnabled(true)
                        .setJournalType(JournalType.NIO)
                        .setJournalDatasync(true)
                        .setJournalSyncTransactional(true)
                        .setJournalSyncNonTransactional(true)
                        .setJournalFileSize(BrokerConfig.JOURNAL_FILE_BYTES)
                        .setJournalMinFiles(4)
                        // a pool smaller than what waits for compaction writes new files over and
                        // over
                        .setJournalPoolFiles(config.journalFiles())
                        .setJournalCompactMinFiles(config.journalFiles() * 4 / 5)
                        .setJournalCompactPercentage(30)
                        .setJournalBufferTimeout_NIO(1_000_000)
                        .setJournalBufferSize_NIO((int) MIB)
                        // a message takes more than twice of what it is counted with; what waits
                        // must fit into the heap beside all else
                        .setGlobalMaxSize(32 * MIB)
                        .setMaxDiskUsage(95)
                        // enough for who waits for the disk; with more of them each of a
                        // handful of lanes would wake another one
                        .setThreadPoolMaxSize(
                                Math.max(4, 2 * Runtime.getRuntime().availableProcessors()))
                        .setScheduledThreadPoolMaxSize(2)
                        .setSecurityEnabled(false)
                        .setJMXManagementEnabled(true)
                        .setPersistDeliveryCountBeforeDelivery(false)
                        .setMessageExpiryScanPeriod(-1)
                        .setWildCardConfiguration(wildcards);
        c.registerBrokerPlugin(new MqttOrder());
        c.registerBrokerPlugin(backPressure);
        c.registerBrokerPlugin(subscribers);
        c.registerBrokerPlugin(mark);
        c.addAcceptorConfiguration(mqtt(PLAIN, config.mqttHost(), config.mqttPort()));
        if (secure != null) {
            c.addAcceptorConfiguration(mqtt(TLS, secure.host(), secure.port()));
        }
        AddressSettings everything =
                new AddressSettings()
                        .setMaxDeliveryAttempts(-1)
                        .setAddressFullMessagePolicy(AddressFullMessagePolicy.PAGE)
                        .setMaxSizeBytes(32 * MIB)
                        // the page that is being written stays in memory, one for each lane
                        .setPageSizeBytes((int) MIB / 4)
                        .setMaxReadPageBytes((int) MIB / 2)
                        .setPrefetchPageBytes((int) MIB / 8)
                        .setAutoCreateAddresses(true)
                        .setAutoCreateQueues(true)
                        .setAutoDeleteAddresses(true)
                        .setRedeliveryDelay(0)
                        // an MQTT message expiry must not take away what was acknowledged
                        .setNoExpiry(true)
                        .setExpiryAddress(SimpleString.of(BROKER_DEAD_LETTER))
                        .setDeadLetterAddress(SimpleString.of(BROKER_DEAD_LETTER));
        c.addAddressSetting("#", everything);
        // what a route holds is not acknowledged, and must not keep what comes after it on disk
        c.addAddressSetting(
                Queues.copies("#"),
                new AddressSettings(everything).setMaxReadPageBytes(-1).setMaxReadPageMessages(-1));
        // what nobody consumes has no business in memory
        AddressSettings atRest =
                new AddressSettings(everything)
                        .setMaxSizeBytes(MIB)
                        .setMaxReadPageBytes((int) MIB)
                        .setPrefetchPageBytes((int) MIB);
        c.addAddressSetting(Queues.DEAD_LETTER, atRest);
        c.addAddressSetting(Queues.LEDGER_HOURS, atRest);
        return c;
    }
}
