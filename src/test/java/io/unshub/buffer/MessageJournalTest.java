package io.unshub.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.io.SequentialFile;
import org.apache.activemq.artemis.core.io.nio.NIOSequentialFileFactory;
import org.apache.activemq.artemis.core.journal.PreparedTransactionInfo;
import org.apache.activemq.artemis.core.journal.RecordInfo;
import org.apache.activemq.artemis.core.journal.impl.JournalFile;
import org.apache.activemq.artemis.core.journal.impl.JournalImpl;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A journal that dies at the end of a compaction, as its files lay on disk at that moment. */
class MessageJournalTest {

    private static final int FILE_BYTES = 64 * 1024;
    private static final byte[] RECORD = new byte[1_000];
    private static final byte TYPE = 1;

    @TempDir Path folder;

    private final Map<Path, Set<Long>> left = new LinkedHashMap<>();
    private final Set<Long> acknowledged = new HashSet<>();
    private long next = 1;

    /** Writes on while the compaction ends, and keeps what a crash would leave behind. */
    private final class Dying extends MessageJournal {

        Dying(Path data) {
            super(config(), null, files(data), FILE_BYTES, (cause, message, file) -> {});
        }

        @Override
        protected void renameFiles(List<JournalFile> compacted, List<JournalFile> written)
                throws Exception {
            super.renameFiles(compacted, written);
            // more than is free, so that what was just let go of is used again
            for (int i = 0; i < 3 * FILE_BYTES / RECORD.length; i++) {
                add(this);
            }
            keep();
        }

        @Override
        protected void deleteControlFile(SequentialFile control) throws Exception {
            super.deleteControlFile(control);
            keep();
        }

        private void keep() throws Exception {
            Path copy = folder.resolve("left-" + left.size());
            FileUtils.copyDirectory(folder.resolve("data").toFile(), copy.toFile());
            left.put(copy, Set.copyOf(acknowledged));
        }
    }

    @Test
    void hasAllThatWasWrittenWhileACompactionEnded() throws Exception {
        JournalImpl journal = new Dying(Files.createDirectory(folder.resolve("data")));
        journal.start();
        journal.load(new ArrayList<>(), new ArrayList<>(), null);
        for (int i = 0; i < 10 * FILE_BYTES / RECORD.length; i++) {
            long id = add(journal);
            if (i % 10 != 0) {
                journal.appendDeleteRecord(id, true);
                acknowledged.remove(id);
            }
        }
        journal.testCompact();
        journal.testCompact();
        journal.stop();

        assertThat(left).hasSize(4);
        for (Map.Entry<Path, Set<Long>> crashed : left.entrySet()) {
            assertThat(read(crashed.getKey())).isEqualTo(crashed.getValue());
        }
        assertThat(read(folder.resolve("data"))).isEqualTo(acknowledged);
    }

    private long add(JournalImpl journal) throws Exception {
        long id = next++;
        journal.appendAddRecord(id, TYPE, RECORD, true);
        acknowledged.add(id);
        return id;
    }

    private static Set<Long> read(Path data) throws Exception {
        JournalImpl journal =
                new MessageJournal(
                        config(), null, files(data), FILE_BYTES, (cause, message, file) -> {});
        journal.start();
        List<RecordInfo> records = new ArrayList<>();
        List<PreparedTransactionInfo> prepared = new ArrayList<>();
        journal.load(records, prepared, null);
        journal.stop();
        Set<Long> ids = new HashSet<>();
        records.forEach(record -> ids.add(record.id));
        return ids;
    }

    private static ConfigurationImpl config() {
        ConfigurationImpl config = new ConfigurationImpl();
        config.setJournalMinFiles(2).setJournalPoolFiles(20).setJournalCompactMinFiles(0);
        return config;
    }

    private static NIOSequentialFileFactory files(Path data) {
        return new NIOSequentialFileFactory(data.toFile(), 1);
    }
}
