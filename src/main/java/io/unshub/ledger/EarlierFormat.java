package io.unshub.ledger;

import io.unshub.ledger.Account.Column;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.function.BiConsumer;

/** Changes as versions before the third format of the ledger's records wrote them. */
final class EarlierFormat {

    private static final Column[] COLUMNS = Column.values();
    private static final Break.Kind[] KINDS = Break.Kind.values();

    private EarlierFormat() {}

    /** As {@link Change#read}. */
    static void read(
            DataInputStream in,
            BiConsumer<Integer, String> names,
            BiConsumer<Integer, Account> accounts)
            throws IOException {
        int count = in.readInt();
        for (int i = 0; i < count; i++) {
            int id = in.readInt();
            String name = in.readUTF();
            if (!name.isEmpty()) {
                names.accept(id, name);
            }
            accounts.accept(id, account(in));
        }
    }

    private static Account account(DataInputStream in) throws IOException {
        Account account = new Account();
        int mask = in.readUnsignedShort();
        for (Column column : COLUMNS) {
            if ((mask & 1 << column.ordinal()) != 0) {
                account.add(column, in.readLong());
            }
        }
        int breaks = in.readUnsignedByte();
        for (int i = 0; i < breaks; i++) {
            account.add(new Break(KINDS[in.readUnsignedByte()], in.readLong(), in.readLong()));
        }
        return account;
    }
}
