package io.unshub.buffer;

import java.util.List;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.io.IOCriticalErrorListener;
import org.apache.activemq.artemis.core.io.SequentialFile;
import org.apache.activemq.artemis.core.io.SequentialFileFactory;
import org.apache.activemq.artemis.core.journal.impl.JournalFile;
import org.apache.activemq.artemis.core.journal.impl.JournalImpl;
import org.apache.activemq.artemis.utils.ExecutorFactory;

/**
 * The journal of the messages, which loses nothing when it dies at the end of a compaction.
 *
 * <p>Artemis 2.55.0 lets go of the files that were compacted while a control file still names them:
 * a start after a crash deletes what it names. By then such a file may be in use again and hold
 * what was acknowledged since. Here a file gets another name before it may be used again. Threads:
 * the broker's.
 */
final class MessageJournal extends JournalImpl {

    /** What the names of its files begin with. */
    static final String NAME = "activemq-data";

    /** What they end with. */
    static final String EXTENSION = "amq";

    // of no file: whatever record follows is not the file's own
    private static final long NO_FILE = 0;
    private static final int ANY_USER_VERSION = 0;
    private static final String PREFIX = NAME + "-";
    private static final String AGAIN = "0-";

    private final SequentialFileFactory files;

    MessageJournal(
            Configuration config,
            ExecutorFactory executors,
            SequentialFileFactory files,
            int fileBytes,
            IOCriticalErrorListener onFailure) {
        super(
                executors,
                fileBytes,
                config.getJournalMinFiles(),
                config.getJournalPoolFiles(),
                config.getJournalCompactMinFiles(),
                config.getJournalCompactPercentage(),
                config.getJournalFileOpenTimeout(),
                files,
                NAME,
                EXTENSION,
                files.getMaxIO(),
                ANY_USER_VERSION,
                onFailure,
                config.getJournalMaxAtticFiles());
        this.files = files;
    }

    @Override
    protected void renameFiles(List<JournalFile> compacted, List<JournalFile> written)
            throws Exception {
        for (JournalFile file : compacted) {
            SequentialFile old = file.getFile();
            // empty before it has a name that survives a crash
            old.open(1, false);
            initFileHeader(files, old, ANY_USER_VERSION, NO_FILE);
            old.close(false, false);
            old.renameTo(otherName(old.getFileName()));
        }
        super.renameFiles(compacted, written);
    }

    /** Of the two names that a file may have the one that it has not; its number is its own. */
    private static String otherName(String name) {
        String number = name.substring(PREFIX.length());
        return PREFIX
                + (number.startsWith(AGAIN) ? number.substring(AGAIN.length()) : AGAIN + number);
    }
}
