package io.unshub.buffer;

import java.io.File;
import java.nio.ByteBuffer;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.io.IOCriticalErrorListener;
import org.apache.activemq.artemis.core.io.SequentialFileFactory;
import org.apache.activemq.artemis.core.io.nio.NIOSequentialFileFactory;
import org.apache.activemq.artemis.core.paging.PagingStore;
import org.apache.activemq.artemis.core.paging.impl.PagingStoreFactoryNIO;
import org.apache.activemq.artemis.core.persistence.StorageManager;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.utils.ExecutorFactory;

/**
 * Page files that are written whole or not at all.
 *
 * <p>Artemis 2.55.0 writes pages from direct buffers and does not look at how much was written; on
 * a disk that has just become full that is a part, and the message counts as written. From a heap
 * buffer all is written, or the write fails.
 */
final class PageFiles extends PagingStoreFactoryNIO {

    private final Configuration config;

    PageFiles(
            StorageManager storage,
            Configuration config,
            ScheduledExecutorService scheduled,
            ExecutorFactory executors,
            IOCriticalErrorListener onFailure) {
        super(
                storage,
                config.getPagingLocation(),
                config.getPageSyncTimeout(),
                scheduled,
                executors,
                config.isJournalSyncNonTransactional(),
                onFailure,
                config::isPurgePageFolders);
        this.config = config;
    }

    boolean purgesFolders() {
        return config.isPurgePageFolders();
    }

    @Override
    public synchronized PagingStore newStore(SimpleString address, AddressSettings settings) {
        return new PageStore(this, address, settings);
    }

    @Override
    protected SequentialFileFactory newFileFactory(String name) {
        return new HeapFactory(new File(getDirectory(), name), getCritialErrorListener());
    }

    private static final class HeapFactory extends NIOSequentialFileFactory {

        HeapFactory(File folder, IOCriticalErrorListener onFailure) {
            super(folder, false, onFailure, 1);
        }

        @Override
        public ByteBuffer newBuffer(int size) {
            return ByteBuffer.allocate(size);
        }

        @Override
        public ByteBuffer newBuffer(int size, boolean zeroed) {
            return newBuffer(size);
        }

        @Override
        public void releaseBuffer(ByteBuffer buffer) {
            // the garbage collector does that
        }
    }
}
