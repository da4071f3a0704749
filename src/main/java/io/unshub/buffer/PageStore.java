package io.unshub.buffer;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.io.IOCallback;
import org.apache.activemq.artemis.core.io.OperationConsistencyLevel;
import org.apache.activemq.artemis.core.paging.impl.PagingStoreImpl;
import org.apache.activemq.artemis.core.persistence.OperationContext;
import org.apache.activemq.artemis.core.persistence.StorageManager;
import org.apache.activemq.artemis.core.server.RouteContextList;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.core.transaction.Transaction;

/**
 * The pages of an address, without what Artemis 2.55.0 does to a publish that is not yet on disk
 * when a later one of the same session is paged.
 *
 * <ul>
 *   <li>It was acknowledged too early: a page that is written counts as a journal record that is.
 *       Here the two are counted apart.
 *   <li>It was overtaken: a message in a page can be had at once, one in the journal when it is
 *       synced. The addresses that all publishes go through do not page; {@link BackPressure} keeps
 *       them short.
 *   <li>A transaction during which an address began to page could have its paged part delivered
 *       first: each part becomes visible by itself, in a lane when it commits and for a subscriber
 *       at once. A transaction that found the address not paging does not page there.
 *   <li>A publish that is paged for a subscriber was committed late, after later ones. A
 *       subscriber's copy is written outside the transaction; its acknowledgement waits for both.
 * </ul>
 *
 * Threads: the broker's.
 */
final class PageStore extends PagingStoreImpl {

    /** What publishers are held back from, and what must be counted. */
    private static final Set<String> NEVER_PAGED =
            Set.of(Queues.PUBLISHED, Queues.COLLECTED, Queues.LEDGER);

    private static final int NOT_PAGED = -1;

    /** The property of a transaction with the stores that it found not paging. */
    private static final int NOT_PAGING = 1_000;

    private final StorageManager storage;
    private final boolean mayPage;
    private final boolean own;
    private boolean starting;

    PageStore(PageFiles files, SimpleString address, AddressSettings settings) {
        super(
                address,
                files.getScheduledExecutor(),
                files.getSyncTimeout(),
                files.getPagingManager(),
                files.getStorageManager(),
                null,
                files,
                address,
                settings,
                files.getExecutorFactory().getExecutor().setFair(true),
                files.isSyncNonTransactional(),
                files::purgesFolders);
        this.storage = files.getStorageManager();
        this.mayPage = !NEVER_PAGED.contains(address.toString());
        this.own = address.startsWith(SimpleString.of(Queues.OWN));
    }

    @Override
    public void start() throws Exception {
        starting = true;
        super.start();
        starting = false;
    }

    @Override
    public boolean startPaging() {
        // pages that are there at the start come first, and are read to their end
        return (mayPage || starting) && super.startPaging();
    }

    @Override
    public int page(
            Message message,
            Transaction tx,
            RouteContextList queues,
            Function<Message, Message> decorator,
            boolean flowControl)
            throws Exception {
        if (isNotPagingFor(tx)) {
            return NOT_PAGED;
        }
        OperationContext session = storage.getContext();
        storage.setContext(new PageContext(session));
        try {
            int credits = super.page(message, own ? tx : null, queues, decorator, flowControl);
            if (tx != null && mayPage && credits < 0) {
                noteNotPagingFor(tx);
            }
            return credits;
        } finally {
            storage.setContext(session);
        }
    }

    private boolean isNotPagingFor(Transaction tx) {
        return tx != null
                && tx.getProperty(NOT_PAGING) instanceof Set<?> stores
                && stores.contains(this);
    }

    @SuppressWarnings("unchecked")
    private void noteNotPagingFor(Transaction tx) {
        Set<PageStore> stores = (Set<PageStore>) tx.getProperty(NOT_PAGING);
        if (stores == null) {
            stores = new HashSet<>();
            tx.putProperty(NOT_PAGING, stores);
        }
        stores.add(this);
    }

    /** A session's context, in which what is written counts as a page. */
    private record PageContext(OperationContext session) implements OperationContext {

        @Override
        public void storeLineUp() {
            session.pageSyncLineUp();
        }

        @Override
        public void done() {
            session.pageSyncDone();
        }

        @Override
        public void onError(int code, String message) {
            session.onError(code, message);
        }

        @Override
        public void executeOnCompletion(IOCallback task, OperationConsistencyLevel level) {
            session.executeOnCompletion(task, level);
        }

        @Override
        public void executeOnCompletion(IOCallback task) {
            session.executeOnCompletion(task);
        }

        @Override
        public void replicationLineUp() {
            session.replicationLineUp();
        }

        @Override
        public void replicationDone() {
            session.replicationDone();
        }

        @Override
        public void pageSyncLineUp() {
            session.pageSyncLineUp();
        }

        @Override
        public void pageSyncDone() {
            session.pageSyncDone();
        }

        @Override
        public void waitCompletion() throws Exception {
            session.waitCompletion();
        }

        @Override
        public boolean waitCompletion(long timeout) throws Exception {
            return session.waitCompletion(timeout);
        }
    }
}
