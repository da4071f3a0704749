package io.unshub.ledger;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One topic's line in the ledger, or the change that one transaction makes to it: the same numbers,
 * and adding the changes up in any order gives the line.
 *
 * <p>Counts add, positions take the maximum, breaks are joined. Not thread-safe.
 */
final class Account {

    /** The columns, in stored order: only ever append. */
    enum Column {
        ACCEPTED,
        GENERATED,
        /** Entered the buffer, ever. */
        ENQUEUED,
        DEAD_AT_INGEST,
        WITHHELD,
        DEDUPLICATED,
        EVICTED,
        FORWARDED,
        DEAD_AT_FORWARD,
        /** Highest hubSeq given out. */
        LAST_SEQ,
        /** hubSeq of the reading that entered the buffer last. */
        LAST_ENQUEUED,
        /** hubSeq of the reading that left the buffer last. */
        LAST_DEQUEUED,
        /** Dead letters that were put back to the ingest queue, where they are accepted anew. */
        REPLAYED,
        /** Dead letters dropped by an explicit policy. */
        DEAD_EVICTED,
        /** hubSeq of the live reading that entered the buffer last. */
        LAST_LIVE_ENQUEUED,
        /** hubSeq of the live reading that left the buffer last. */
        LAST_LIVE_DEQUEUED,
        /** Readings in the buffer that travel in the message of another. */
        RIDING;

        boolean isPosition() {
            return switch (this) {
                case LAST_SEQ,
                        LAST_ENQUEUED,
                        LAST_DEQUEUED,
                        LAST_LIVE_ENQUEUED,
                        LAST_LIVE_DEQUEUED ->
                        true;
                default -> false;
            };
        }

        static Column lastEnqueued(boolean live) {
            return live ? LAST_LIVE_ENQUEUED : LAST_ENQUEUED;
        }

        static Column lastDequeued(boolean live) {
            return live ? LAST_LIVE_DEQUEUED : LAST_DEQUEUED;
        }
    }

    /** More breaks than this say nothing new to anybody, and the line must stay small. */
    private static final int MAX_BREAKS = 100;

    private static final Column[] COLUMNS = Column.values();
    private static final Break.Kind[] KINDS = Break.Kind.values();

    private final long[] values = new long[COLUMNS.length];
    // hardly any account has one
    private List<Break> breaks = List.of();

    long get(Column column) {
        return values[column.ordinal()];
    }

    void add(Column column, long n) {
        values[column.ordinal()] += n;
    }

    void reach(Column column, long position) {
        values[column.ordinal()] = Math.max(values[column.ordinal()], position);
    }

    void add(Break found) {
        int last = breaks.size() - 1;
        if (last >= 0
                && breaks.get(last).kind() == found.kind()
                && breaks.get(last).to() + 1 == found.from()) {
            breaks.set(last, new Break(found.kind(), breaks.get(last).from(), found.to()));
        } else if (breaks.isEmpty()) {
            breaks = new ArrayList<>(List.of(found));
        } else if (breaks.size() < MAX_BREAKS) {
            breaks.add(found);
        }
    }

    List<Break> breaks() {
        return List.copyOf(breaks);
    }

    void merge(Account change) {
        for (Column column : COLUMNS) {
            if (column.isPosition()) {
                reach(column, change.get(column));
            } else {
                add(column, change.get(column));
            }
        }
        change.breaks.forEach(this::add);
    }

    void write(CodedOutputStream out) throws IOException {
        int mask = 0;
        for (int i = 0; i < values.length; i++) {
            mask |= values[i] == 0 ? 0 : 1 << i;
        }
        out.writeUInt32NoTag(mask);
        for (long value : values) {
            if (value != 0) {
                out.writeSInt64NoTag(value);
            }
        }
        out.writeUInt32NoTag(breaks.size());
        for (Break found : breaks) {
            out.writeUInt32NoTag(found.kind().ordinal());
            out.writeSInt64NoTag(found.from());
            out.writeSInt64NoTag(found.to());
        }
    }

    /** Takes over what was written, in the place of all that stands here. */
    void read(CodedInputStream in) throws IOException {
        int mask = in.readUInt32();
        for (int i = 0; i < values.length; i++) {
            values[i] = (mask & 1 << i) == 0 ? 0 : in.readSInt64();
        }
        breaks = List.of();
        int found = in.readUInt32();
        for (int i = 0; i < found; i++) {
            add(new Break(KINDS[in.readUInt32()], in.readSInt64(), in.readSInt64()));
        }
    }

    /** What came in; a reading that is replayed comes in anew and is counted once. */
    long accepted() {
        return get(Column.ACCEPTED) - get(Column.REPLAYED);
    }

    /** What should stand in the dead letters now. */
    long deadLettered() {
        return rejected() - get(Column.REPLAYED) - get(Column.DEAD_EVICTED);
    }

    /** What was set aside, ever. */
    long rejected() {
        return get(Column.DEAD_AT_INGEST) + get(Column.DEAD_AT_FORWARD);
    }

    /** What was dropped by an explicit policy. */
    long evicted() {
        return get(Column.EVICTED) + get(Column.DEAD_EVICTED);
    }

    /** What the buffer should hold of this topic. */
    long buffered() {
        return get(Column.ENQUEUED) - get(Column.FORWARDED) - get(Column.DEAD_AT_FORWARD);
    }

    /** Came in, but took none of the ways out: 0 unless the hub is broken. */
    long unaccounted() {
        return get(Column.ACCEPTED)
                + get(Column.GENERATED)
                - get(Column.ENQUEUED)
                - get(Column.DEAD_AT_INGEST)
                - get(Column.WITHHELD)
                - get(Column.DEDUPLICATED)
                - get(Column.EVICTED);
    }
}
