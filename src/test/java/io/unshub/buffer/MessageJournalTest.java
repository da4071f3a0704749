package io.unshub.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Proxy;
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

    /**
     * Writes on before the control file of a compaction goes, and keeps what a crash would leave.
     */
    private final class Dying extends NIOSequentialFileFactory {

        private JournalImpl journal;

        Dying(Path data) {
            super(data.toFile(), 1);
        }

        @Override
        public SequentialFile createSequentialFile(String name) {
            SequentialFile file = super.createSequentialFile(name);
            if (!name.endsWith(".ctr")) {
                return file;
            }
            return (SequentialFile)
                    Proxy.newProxyInstance(
                            getClass().getClassLoader(),
                            new Class<?>[] {SequentialFile.class},
                            (proxy, method, values) -> {
                                if (!method.getName().equals("delete")) {
                                    return method.invoke(file, values);
                                }
                                writeOn();
                                keep();
                                file.delete();
                                keep();
                                return null;
                            });
        }

        private void writeOn() throws Exception {
            // more than is free, so that what was just let go of is used again
            for (int i = 0; i < 3 * FILE_BYTES / RECORD.length; i++) {
                add(journal);
            }
        }

        private void keep() throws IOException {
            Path copy = folder.resolve("left-" + left.size());
            FileUtils.copyDirectory(folder.resolve("data").toFile(), copy.toFile());
            left.put(copy, Set.copyOf(acknowledged));
        }
    }

    @Test
    void hasAllThatWasWrittenWhileACompactionEnded() throws Exception {
        Dying files = new Dying(Files.createDirectory(folder.resolve("data")));
        JournalImpl journal = journal(files);
        files.journal = journal;
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
        JournalImpl journal = journal(new NIOSequentialFileFactory(data.toFile(), 1));
        journal.start();
        List<RecordInfo> records = new ArrayList<>();
        List<PreparedTransactionInfo> prepared = new ArrayList<>();
        journal.load(records, prepared, null);
        journal.stop();
        Set<Long> ids = new HashSet<>();
        records.forEach(record -> ids.add(record.id));
        return ids;
    }

    private static JournalImpl journal(NIOSequentialFileFactory files) {
        ConfigurationImpl config = new ConfigurationImpl();
        config.setJournalMinFiles(2).setJournalPoolFiles(20).setJournalCompactMinFiles(0);
        return new MessageJournal(config, null, files, FILE_BYTES, (cause, message, file) -> {});
    }
}
