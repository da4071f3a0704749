package io.unshub.buffer;

import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.paging.PagingManager;
import org.apache.activemq.artemis.core.paging.PagingStoreFactory;
import org.apache.activemq.artemis.core.persistence.StorageManager;
import org.apache.activemq.artemis.core.postoffice.PostOffice;
import org.apache.activemq.artemis.core.postoffice.impl.WildcardAddressManager;
import org.apache.activemq.artemis.core.security.SecurityStore;
import org.apache.activemq.artemis.core.server.ServiceRegistry;
import org.apache.activemq.artemis.core.server.impl.ActiveMQServerImpl;
import org.apache.activemq.artemis.core.server.impl.AddressInfo;
import org.apache.activemq.artemis.core.settings.impl.HierarchicalObjectRepository;
import org.apache.activemq.artemis.spi.core.protocol.RemotingConnection;
import org.jboss.logging.Logger;

/**
 * Artemis with the hub's storage and access, and without an address for each topic.
 *
 * <p>Artemis 2.55.0 makes an address of each topic that is published on, with a synced write, an
 * MBean, a message about it and a page store, and takes it away when nobody subscribed to it for
 * half a minute: 10,000 tags kept it from all other work. Here a topic needs no address; one exists
 * where a queue is bound, such as for a subscription. What Artemis remembers of topics that were
 * published on is forgotten when it is much, and found again with the next publish. Threads: the
 * broker's.
 */
final class ArtemisServer extends ActiveMQServerImpl {

    private static final Logger LOG = Logger.getLogger(ArtemisServer.class);

    /** Who publishes chooses them, and they are in memory. */
    private static final int MOST_TOPICS = 25_000;

    private static final SimpleString SYSTEM = SimpleString.of("$");
    private static final SimpleString EVERYTHING = SimpleString.of(Queues.PUBLISHED);

    private final ClientAccess access;
    private final List<QueueConfiguration> queues;

    /**
     * @param access who may do what; null for everybody everything
     * @param queues that there must be before anybody can publish
     */
    ArtemisServer(
            Configuration configuration,
            ServiceRegistry services,
            ClientAccess access,
            List<QueueConfiguration> queues) {
        super(configuration, ManagementFactory.getPlatformMBeanServer(), null, null, services);
        this.access = access;
        this.queues = queues;
    }

    /** Opens the ports, with all queues behind them. */
    @Override
    public void completeActivation(boolean replicated) throws Exception {
        for (QueueConfiguration queue : queues) {
            createQueue(queue, true);
            // one that an earlier version made may have another filter
            updateQueue(queue);
        }
        addOrUpdateAddressInfo(
                new AddressInfo(SimpleString.of(Queues.COLLECTED), RoutingType.MULTICAST));
        super.completeActivation(replicated);
    }

    @Override
    public SecurityStore getSecurityStore() {
        return access == null ? super.getSecurityStore() : access;
    }

    @Override
    public String validateUser(
            String user, String password, RemotingConnection connection, String domain)
            throws Exception {
        return access == null
                ? super.validateUser(user, password, connection, domain)
                : access.authenticate(user, password, connection, domain);
    }

    @Override
    protected StorageManager createStorageManager() {
        Storage storage =
                new Storage(
                        getConfiguration(),
                        getCriticalAnalyzer(),
                        executorFactory,
                        scheduledPool,
                        ioExecutorFactory,
                        ioCriticalErrorListener);
        getCriticalAnalyzer().add(storage);
        return storage;
    }

    @Override
    protected PagingStoreFactory getPagingStoreFactory() {
        return new PageFiles(
                getStorageManager(),
                getConfiguration(),
                scheduledPool,
                pageExecutorFactory,
                ioCriticalErrorListener);
    }

    /**
     * Any topic counts as an address, so that none is made; not while left-overs are removed, and
     * not the names that Artemis makes up: to each address that goes it looks for one of its own.
     */
    @Override
    public AddressInfo getAddressInfo(SimpleString name) {
        AddressInfo made = super.getAddressInfo(name);
        return made == null && isActive() && !name.startsWith(SYSTEM)
                ? new AddressInfo(name, RoutingType.MULTICAST)
                : made;
    }

    /** What is published on a topic counts to the address of all that is published. */
    @Override
    public PagingManager createPagingManager() throws Exception {
        PagingManager pages = super.createPagingManager();
        return (PagingManager)
                Proxy.newProxyInstance(
                        PagingManager.class.getClassLoader(),
                        new Class<?>[] {PagingManager.class},
                        (proxy, method, arguments) -> {
                            if (method.getName().equals("getPageStore")
                                    && isTopic((SimpleString) arguments[0])) {
                                return pages.getPageStore(EVERYTHING);
                            }
                            try {
                                return method.invoke(pages, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }

    private boolean isTopic(SimpleString name) {
        PostOffice office = getPostOffice();
        return office != null && office.getAddressInfo(name) == null;
    }

    /** Lets go of what is remembered of topics if it is much; to be asked every second. */
    void forgetTopics() {
        if (settings().getCacheSize() < MOST_TOPICS) {
            return;
        }
        try {
            forget();
        } catch (Exception e) {
            LOG.warn("what the broker remembers of topics stays in memory", e);
        }
    }

    void forget() throws Exception {
        PostOffice office = getPostOffice();
        var addresses = (WildcardAddressManager) office.getAddressManager();
        // a queue is bound under the same lock
        synchronized (office) {
            List<SimpleString> topics = new ArrayList<>();
            addresses
                    .getAddressMap()
                    .visitMatching(EVERYTHING, bindings -> topics.add(bindings.getName()));
            for (SimpleString topic : topics) {
                if (addresses.getAddressInfo(topic) == null) {
                    addresses.removeAddressInfo(topic);
                }
            }
        }
        settings().clearCache();
    }

    private HierarchicalObjectRepository<?> settings() {
        return (HierarchicalObjectRepository<?>) getAddressSettingsRepository();
    }
}
