package io.unshub.buffer;

import java.nio.file.Path;

/**
 * Where the embedded broker keeps its files and listens.
 *
 * @param directory the journal's folder, on a disk that honours fsync
 * @param mqttHost address that the MQTT listener binds
 * @param mqttPort port of the MQTT listener
 * @param maxPacketBytes largest MQTT packet that is taken; larger ones end the connection
 * @param maxBytes what its files may take; the journal's pool is a quarter of it at most
 */
public record BrokerConfig(
        Path directory, String mqttHost, int mqttPort, int maxPacketBytes, long maxBytes) {

    /** Size of a journal file. */
    static final int JOURNAL_FILE_BYTES = 10 * 1024 * 1024;

    // beyond it a larger pool saves no more writing
    private static final long MOST_FILES = 30;
    private static final long LEAST_FILES = 6;

    /** How many journal files are kept for use again. */
    int journalFiles() {
        return (int) Math.max(LEAST_FILES, Math.min(MOST_FILES, maxBytes / 4 / JOURNAL_FILE_BYTES));
    }
}
