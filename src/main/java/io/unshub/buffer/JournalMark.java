package io.unshub.buffer;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.core.io.IOCallback;
import org.apache.activemq.artemis.core.io.nio.NIOSequentialFileFactory;
import org.apache.activemq.artemis.core.journal.RecordInfo;
import org.apache.activemq.artemis.core.journal.impl.JournalFile;
import org.apache.activemq.artemis.core.journal.impl.JournalImpl;
import org.apache.activemq.artemis.core.journal.impl.JournalReaderCallback;
import org.apache.activemq.artemis.core.persistence.impl.journal.JournalStorageManager;
import org.apache.activemq.artemis.core.postoffice.RoutingStatus;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.ServerSession;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerMessagePlugin;
import org.apache.activemq.artemis.core.transaction.Transaction;
import org.jboss.logging.Logger;

/**
 * Up to where the journal was written, kept beside it, so that a start can tell that its end is cut
 * off. Artemis passes over what it cannot read without a word.
 *
 * <p>The mark moves with each acknowledged publish and each commit; it lives in the page cache, so
 * it outlives the process but not always the machine: after a loss of power it may be behind, and
 * then says less. Threads: any.
 */
final class JournalMark implements ActiveMQServerMessagePlugin, IOCallback {

    private static final Logger LOG = Logger.getLogger(JournalMark.class);
    private static final String FILE = "journal.mark";
    private static final int POSITION_BITS = 24;
    private static final long POSITION = (1L << POSITION_BITS) - 1;
    // of each record since version 2 of the format
    private static final int COMPACT_COUNT = 1;

    private final Path journal;
    private final MappedByteBuffer mark;
    private volatile ActiveMQServer server;

    /**
     * @param directory of the broker; the mark is made when it is absent
     */
    JournalMark(Path directory) throws IOException {
        journal = directory.resolve("journal");
        try (FileChannel file =
                FileChannel.open(
                        Files.createDirectories(directory).resolve(FILE),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            mark = file.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES);
        }
    }

    /**
     * What of the journal cannot be read; to be asked before the broker starts.
     *
     * @return a sentence for each part; empty when all is well
     */
    List<String> unreadable() throws Exception {
        List<String> damage = new ArrayList<>();
        long marked = mark.getLong(0);
        long markedFile = marked >>> POSITION_BITS;
        boolean found = marked == 0;
        if (Files.isDirectory(journal)) {
            NIOSequentialFileFactory files =
                    new NIOSequentialFileFactory(journal.toFile(), null, 1);
            for (JournalFile file :
                    new JournalImpl(
                                    BrokerConfig.JOURNAL_FILE_BYTES,
                                    2,
                                    2,
                                    0,
                                    0,
                                    files,
                                    MessageJournal.NAME,
                                    MessageJournal.EXTENSION,
                                    1)
                            .orderFiles()) {
                found |= file.getFileID() == markedFile;
                Sizes sizes = new Sizes();
                long end = JournalImpl.readJournalFile(files, file, sizes, null);
                long holes = end - sizes.sum;
                String name = file.getFile().getFileName();
                if (holes > 0) {
                    damage.add(
                            "%s: %d bytes before byte %d are no records"
                                    .formatted(name, holes, end));
                }
                if (file.getFileID() == markedFile && end < (marked & POSITION)) {
                    damage.add(
                            "%s: the last %d bytes that were written, from byte %d, are no records"
                                    .formatted(name, (marked & POSITION) - end, end));
                }
            }
        }
        if (!found) {
            damage.add(
                    "the file that was written last, number %d, is not there"
                            .formatted(markedFile));
        }
        return damage;
    }

    /** Notes that all that was written so far may have been acknowledged to somebody. */
    void move() {
        if (server.getStorageManager() instanceof JournalStorageManager storage
                && storage.getMessageJournal() instanceof JournalImpl written) {
            JournalFile file = written.getCurrentFile();
            try {
                mark.putLong(0, file.getFileID() << POSITION_BITS | file.getFile().position());
            } catch (Exception e) {
                LOG.debug("the journal has no current file at this moment", e);
            }
        }
    }

    @Override
    public void registered(ActiveMQServer registeredWith) {
        server = registeredWith;
    }

    @Override
    public void afterSend(
            ServerSession session,
            Transaction tx,
            Message message,
            boolean direct,
            boolean noAutoCreateQueue,
            RoutingStatus result) {
        if (tx == null) {
            server.getStorageManager().afterCompleteOperations(this);
        }
    }

    @Override
    public void done() {
        move();
    }

    @Override
    public void onError(int code, String message) {
        LOG.debugf("a write failed (%d, %s), and the mark stays", code, message);
    }

    /** Adds up the records of a file, with its header. */
    private static final class Sizes implements JournalReaderCallback {
        private long sum = JournalImpl.SIZE_HEADER;

        private void add(int size) {
            sum += size + COMPACT_COUNT;
        }

        @Override
        public void onReadEventRecord(RecordInfo info) {
            add(JournalImpl.SIZE_ADD_RECORD + info.data.length);
        }

        @Override
        public void onReadAddRecord(RecordInfo info) {
            add(JournalImpl.SIZE_ADD_RECORD + info.data.length);
        }

        @Override
        public void onReadUpdateRecord(RecordInfo info) {
            add(JournalImpl.SIZE_ADD_RECORD + info.data.length);
        }

        @Override
        public void onReadDeleteRecord(long id) {
            add(JournalImpl.SIZE_DELETE_RECORD);
        }

        @Override
        public void onReadAddRecordTX(long transaction, RecordInfo info) {
            add(JournalImpl.SIZE_ADD_RECORD_TX + info.data.length);
        }

        @Override
        public void onReadUpdateRecordTX(long transaction, RecordInfo info) {
            add(JournalImpl.SIZE_ADD_RECORD_TX + info.data.length);
        }

        @Override
        public void onReadDeleteRecordTX(long transaction, RecordInfo info) {
            add(JournalImpl.SIZE_DELETE_RECORD_TX + info.data.length);
        }

        @Override
        public void onReadPrepareRecord(long transaction, byte[] extra, int records) {
            add(JournalImpl.SIZE_PREPARE_RECORD + extra.length);
        }

        @Override
        public void onReadCommitRecord(long transaction, int records) {
            add(JournalImpl.SIZE_COMMIT_RECORD);
        }

        @Override
        public void onReadRollbackRecord(long transaction) {
            add(JournalImpl.SIZE_ROLLBACK_RECORD);
        }
    }
}
