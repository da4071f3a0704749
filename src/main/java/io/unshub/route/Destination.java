package io.unshub.route;

import java.io.IOException;
import java.sql.SQLException;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;

/** Where a route sends readings to, and what its failures say. */
final class Destination {

    private Destination() {}

    /**
     * Whether no reading is to blame for a failure: the destination is away, lets nobody in, or is
     * not set up; or the hub stops.
     */
    static boolean away(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                // class 22, the data; class 23, a constraint
                return sql.getSQLState() == null || !sql.getSQLState().matches("2[23].*");
            }
            if (cause instanceof KafkaException) {
                return !(cause instanceof RecordTooLargeException
                        || cause instanceof RecordBatchTooLargeException
                        || cause instanceof InvalidRecordException
                        || cause instanceof InvalidTimestampException);
            }
            if (cause instanceof IOException || cause instanceof InterruptedException) {
                return true;
            }
        }
        return false;
    }
}
