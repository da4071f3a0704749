package io.unshub.ledger;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
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

    private static final byte FORMAT = 3;
    private static final byte FORMAT_OF_FIXED_SIZES = 2;
    private static final byte FORMAT_WITHOUT_HOURS = 1;
    private static final Kind[] KINDS = Kind.values();

    /** What a record adds to; in stored order: only ever append. */
    enum Kind {
        /** One transaction: to the books and to its hour. */
        DELTA,
        /** Many transactions: to the books only; their hours have records of their own. */
        SUM,
        /** Many transactions of one hour of acceptance: to the hour only. */
        HOUR;

        boolean inTheBooks() {
            return this != HOUR;
        }

        boolean inItsHour() {
            return this != SUM;
        }
    }

    /**
     * @param names the topics whose name must be written, by number
     */
    byte[] encode(Map<Integer, String> names) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            bytes.write(FORMAT);
            bytes.write(kind.ordinal());
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            out.writeSInt64NoTag(hour);
            change.write(out, names);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    /** Takes what a record says of one topic; the account is only good meanwhile. */
    @FunctionalInterface
    interface Reader {
        void take(Kind kind, long hour, int topicId, Account account);
    }

    /**
     * Reads the accounts of a record one by one.
     *
     * @param names receives the topic names that the bytes carry
     * @throws UncheckedIOException if the bytes are no record of a known format
     */
    static void read(byte[] bytes, BiConsumer<Integer, String> names, Reader reader) {
        try {
            switch (bytes[0]) {
                case FORMAT_WITHOUT_HOURS ->
                        EarlierFormat.read(
                                data(bytes, 1),
                                names,
                                (id, account) -> reader.take(Kind.SUM, 0, id, account));
                case FORMAT_OF_FIXED_SIZES -> {
                    DataInputStream in = data(bytes, 2);
                    long hour = in.readLong();
                    EarlierFormat.read(
                            in,
                            names,
                            (id, account) -> reader.take(KINDS[bytes[1]], hour, id, account));
                }
                case FORMAT -> {
                    CodedInputStream in = CodedInputStream.newInstance(bytes, 2, bytes.length - 2);
                    long hour = in.readSInt64();
                    Change.read(
                            in,
                            names,
                            (id, account) -> reader.take(KINDS[bytes[1]], hour, id, account));
                }
                default ->
                        throw new IOException(
                                "ledger format " + bytes[0] + ", this version reads " + FORMAT);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("ledger record cannot be read: " + e.getMessage(), e);
        }
    }

    private static DataInputStream data(byte[] bytes, int from) {
        return new DataInputStream(new ByteArrayInputStream(bytes, from, bytes.length - from));
    }
}
