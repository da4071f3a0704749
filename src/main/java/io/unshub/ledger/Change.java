package io.unshub.ledger;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * What one transaction changes in the ledger, and its form on disk. A snapshot is a change to an
 * empty ledger.
 *
 * <p>Topics are written as numbers, with the name beside it only until a transaction that names it
 * has committed: a change of 500 topics takes some 5 kB instead of 40. Not thread-safe.
 */
final class Change {

    private static final int FORMAT = 1;
    private static final Account.Column[] COLUMNS = Account.Column.values();
    private static final Break.Kind[] KINDS = Break.Kind.values();

    private final Map<Integer, Account> accounts = new LinkedHashMap<>();

    Account of(int topicId) {
        return accounts.computeIfAbsent(topicId, id -> new Account());
    }

    boolean isEmpty() {
        return accounts.isEmpty();
    }

    List<Change> split(int mostTopics) {
        List<Change> parts = new ArrayList<>();
        for (Map.Entry<Integer, Account> entry : accounts.entrySet()) {
            if (parts.isEmpty() || parts.get(parts.size() - 1).accounts.size() == mostTopics) {
                parts.add(new Change());
            }
            parts.get(parts.size() - 1).accounts.put(entry.getKey(), entry.getValue());
        }
        return parts;
    }

    void forEach(BiConsumer<Integer, Account> action) {
        accounts.forEach(action);
    }

    /**
     * @param names the topics whose name must be written, by number
     */
    byte[] encode(Map<Integer, String> names) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(16 + accounts.size() * 32);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeInt(accounts.size());
            for (Map.Entry<Integer, Account> entry : accounts.entrySet()) {
                out.writeInt(entry.getKey());
                String name = names.get(entry.getKey());
                out.writeUTF(name == null ? "" : name);
                write(out, entry.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, Account account) throws IOException {
        int mask = 0;
        for (Account.Column column : COLUMNS) {
            if (account.get(column) != 0) {
                mask |= 1 << column.ordinal();
            }
        }
        out.writeShort(mask);
        for (Account.Column column : COLUMNS) {
            if (account.get(column) != 0) {
                out.writeLong(account.get(column));
            }
        }
        out.writeByte(account.breaks().size());
        for (Break found : account.breaks()) {
            out.writeByte(found.kind().ordinal());
            out.writeLong(found.from());
            out.writeLong(found.to());
        }
    }

    /**
     * @param names receives the topic names that the bytes carry
     * @throws UncheckedIOException if the bytes are no change of a known format
     */
    static Change decode(byte[] bytes, BiConsumer<Integer, String> names) {
        Change change = new Change();
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int format = in.readUnsignedByte();
            if (format != FORMAT) {
                throw new IOException("ledger format " + format + ", this version reads " + FORMAT);
            }
            int count = in.readInt();
            for (int i = 0; i < count; i++) {
                int id = in.readInt();
                String name = in.readUTF();
                if (!name.isEmpty()) {
                    names.accept(id, name);
                }
                read(in, change.of(id));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("ledger record cannot be read: " + e.getMessage(), e);
        }
        return change;
    }

    private static void read(DataInputStream in, Account account) throws IOException {
        int mask = in.readUnsignedShort();
        for (Account.Column column : COLUMNS) {
            if ((mask & 1 << column.ordinal()) != 0) {
                account.add(column, in.readLong());
            }
        }
        int breaks = in.readUnsignedByte();
        for (int i = 0; i < breaks; i++) {
            account.add(new Break(KINDS[in.readUnsignedByte()], in.readLong(), in.readLong()));
        }
    }
}
