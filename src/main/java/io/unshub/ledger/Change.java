package io.unshub.ledger;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * What one transaction changes in the ledger, or several, topic by topic. A snapshot is a change to
 * an empty ledger.
 *
 * <p>Topics are written as numbers, with the name beside it only until a transaction that names it
 * has committed: a change of 500 topics takes some 5 kB instead of 40. Not thread-safe.
 */
final class Change {

    private static final Account.Column[] COLUMNS = Account.Column.values();
    private static final Break.Kind[] KINDS = Break.Kind.values();

    private final Map<Integer, Account> accounts = new LinkedHashMap<>();

    Account of(int topicId) {
        return accounts.computeIfAbsent(topicId, id -> new Account());
    }

    void merge(Change other) {
        other.accounts.forEach((id, account) -> of(id).merge(account));
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
    void write(DataOutputStream out, Map<Integer, String> names) throws IOException {
        out.writeInt(accounts.size());
        for (Map.Entry<Integer, Account> entry : accounts.entrySet()) {
            out.writeInt(entry.getKey());
            String name = names.get(entry.getKey());
            out.writeUTF(name == null ? "" : name);
            write(out, entry.getValue());
        }
    }

    private static void write(DataOutputStream out, Account account) throws IOException {
        int mask = 0;
        for (Account.Column column : COLUMNS) {
            if (account.get(column) != 0) {
                mask |= 1 << column.ordinal();
            }
        }
        out.writeInt(mask);
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
     * @param few whether the bytes are of the time when there were 16 columns at most
     */
    static Change read(DataInputStream in, BiConsumer<Integer, String> names, boolean few)
            throws IOException {
        Change change = new Change();
        int count = in.readInt();
        for (int i = 0; i < count; i++) {
            int id = in.readInt();
            String name = in.readUTF();
            if (!name.isEmpty()) {
                names.accept(id, name);
            }
            read(in, change.of(id), few);
        }
        return change;
    }

    private static void read(DataInputStream in, Account account, boolean few) throws IOException {
        int mask = few ? in.readUnsignedShort() : in.readInt();
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
