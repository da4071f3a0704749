package io.unshub.buffer;

import java.util.concurrent.ScheduledExecutorService;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.io.IOCriticalErrorListener;
import org.apache.activemq.artemis.core.journal.Journal;
import org.apache.activemq.artemis.core.persistence.OperationContext;
import org.apache.activemq.artemis.core.persistence.impl.journal.JournalStorageManager;
import org.apache.activemq.artemis.utils.ExecutorFactory;
import org.apache.activemq.artemis.utils.critical.CriticalAnalyzer;

/**
 * The broker's journals, of which only that of the messages decides when a publish is acknowledged.
 *
 * <p>Artemis 2.55.0 counts what a session has written over all journals together, and counts it to
 * whichever session the thread served last: when an address was written to the journal of addresses
 * and queues, some publish was acknowledged before its own record was on disk. That journal has a
 * count of its own here. Threads: the broker's.
 */
final class Storage extends JournalStorageManager {

    private final OperationContext bindings;

    Storage(
            Configuration config,
            CriticalAnalyzer analyzer,
            ExecutorFactory executors,
            ScheduledExecutorService scheduled,
            ExecutorFactory ioExecutors,
            IOCriticalErrorListener onFailure) {
        super(config, analyzer, executors, scheduled, ioExecutors, onFailure);
        bindings = newContext(executors.getExecutor());
    }

    @Override
    protected Journal createMessageJournal(
            Configuration config, IOCriticalErrorListener onFailure, int fileBytes) {
        return new MessageJournal(config, ioExecutorFactory, journalFF, fileBytes, onFailure);
    }

    @Override
    public void commitBindings(long tx) throws Exception {
        OperationContext session = getContext();
        setContext(bindings);
        try {
            super.commitBindings(tx);
        } finally {
            setContext(session);
        }
    }

    @Override
    public void storeID(long journalId, long id) throws Exception {
        OperationContext session = getContext();
        setContext(bindings);
        try {
            super.storeID(journalId, id);
        } finally {
            setContext(session);
        }
    }
}
