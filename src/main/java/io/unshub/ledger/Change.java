package io.unshub.ledger;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
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
 * has committed, and numbers in as few bytes as they need: a change of 500 topics takes some 8 kB,
 * where fixed sizes would take 20 and names of 45 characters 23 more. Not thread-safe.
 */
final class Change {

    private final Map<Integer, Account> accounts = new LinkedHashMap<>();

    Account of(int topicId) {
        return accounts.computeIfAbsent(topicId, id -> new Account());
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
    void write(CodedOutputStream out, Map<Integer, String> names) throws IOException {
        out.writeUInt32NoTag(accounts.size());
        for (Map.Entry<Integer, Account> entry : accounts.entrySet()) {
            out.writeUInt32NoTag(entry.getKey());
            out.writeStringNoTag(names.getOrDefault(entry.getKey(), ""));
            entry.getValue().write(out);
        }
    }

    /**
     * Reads the accounts one by one.
     *
     * @param names receives the topic names that the bytes carry
     * @param accounts receives each topic's number and account; the account is only good meanwhile
     */
    static void read(
            CodedInputStream in,
            BiConsumer<Integer, String> names,
            BiConsumer<Integer, Account> accounts)
            throws IOException {
        Account account = new Account();
        int count = in.readUInt32();
        for (int i = 0; i < count; i++) {
            int id = in.readUInt32();
            String name = in.readString();
            if (!name.isEmpty()) {
                names.accept(id, name);
            }
            account.read(in);
            accounts.accept(id, account);
        }
    }
}
