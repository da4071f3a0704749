package io.unshub.ledger;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * A change with what it stands for, and its form on disk.
 *
 * @param kind what the change adds to
 * @param hour of acceptance, in hours since 1970; 0 for {@link Kind#SUM}
 * @param change the numbers
 */
record LedgerRecord(Kind kind, long hour, Change change) {

    private static final int FORMAT = 3;
    private static final int FORMAT_WITH_FEW_COLUMNS = 2;
    private static final int FORMAT_WITHOUT_HOURS = 1;
    private static final Kind[] KINDS = Kind.values();

    /** What a record adds to; in stored order: only ever append. */
    enum Kind {
        /** One transaction: to the books and to its hour. */
        DELTA,
        /** Many transactions: to the books only; their hours have records of their own. */
        SUM,
        /** Many transactions of one hour of acceptance: to the hour only. */
        HOUR
    }

    boolean inTheBooks() {
        return kind != Kind.HOUR;
    }

    boolean inItsHour() {
        return kind != Kind.SUM;
    }

    /**
     * @param names the topics whose name must be written, by number
     */
    byte[] encode(Map<Integer, String> names) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeByte(kind.ordinal());
            out.writeLong(hour);
            change.write(out, names);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    /** The same, where the topics are known. */
    static LedgerRecord decode(byte[] bytes) {
        return decode(bytes, (id, name) -> {});
    }

    /**
     * @param names receives the topic names that the bytes carry
     * @throws UncheckedIOException if the bytes are no record of a known format
     */
    static LedgerRecord decode(byte[] bytes, BiConsumer<Integer, String> names) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int format = in.readUnsignedByte();
            if (format == FORMAT_WITHOUT_HOURS) {
                return new LedgerRecord(Kind.SUM, 0, Change.read(in, names, true));
            }
            if (format != FORMAT && format != FORMAT_WITH_FEW_COLUMNS) {
                throw new IOException("ledger format " + format + ", this version reads " + FORMAT);
            }
            Kind kind = KINDS[in.readUnsignedByte()];
            long hour = in.readLong();
            return new LedgerRecord(kind, hour, Change.read(in, names, format != FORMAT));
        } catch (IOException e) {
            throw new UncheckedIOException("ledger record cannot be read: " + e.getMessage(), e);
        }
    }
}
