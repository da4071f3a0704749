package io.unshub.collect;

import java.util.List;
import java.util.Map;
import org.apache.plc4x.java.api.types.PlcResponseCode;

/**
 * One connection to one device: no call takes longer than the connection's time-out, and a link
 * that failed once is not used again. Not for use by several threads.
 */
interface PlcLink extends AutoCloseable {

    /**
     * What a device says of one tag.
     *
     * @param value null where there is none
     * @param detail what it says beyond the code; null for nothing
     */
    record Answer(PlcResponseCode code, Object value, String detail) {}

    /**
     * Connects.
     *
     * @throws Exception if the device is not there, or does not want to; nothing is left open
     */
    static PlcLink open(Connection connection) throws Exception {
        return connection.protocol() == Protocol.LOGIX
                ? LogixLink.open(connection)
                : Plc4xLink.open(connection);
    }

    /**
     * Reads the tags at one go.
     *
     * @return an answer for every tag
     * @throws Exception if there was no answer; the link must then be closed
     */
    Map<Tag, Answer> read(List<Tag> tags) throws Exception;

    /** Disconnects as far as the device lets it; does not block for long. */
    @Override
    void close();
}
