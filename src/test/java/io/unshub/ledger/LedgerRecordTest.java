package io.unshub.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unshub.ledger.Account.Column;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LedgerRecordTest {

    @Test
    void keepsEveryColumn() {
        Change change = new Change();
        for (Column column : Column.values()) {
            change.of(7).add(column, column.ordinal() + 1L);
        }
        Map<Integer, String> names = new HashMap<>();
        change.of(7).add(new Break(Break.Kind.MISSING, 3, 5));
        change.of(8).add(Column.RIDING, -2);
        byte[] bytes =
                new LedgerRecord(LedgerRecord.Kind.HOUR, 42, change).encode(Map.of(7, "a/b"));

        Change read = read(bytes, LedgerRecord.Kind.HOUR, names);

        assertThat(names).containsOnly(Map.entry(7, "a/b"));
        for (Column column : Column.values()) {
            assertThat(read.of(7).get(column)).isEqualTo(column.ordinal() + 1L);
        }
        assertThat(read.of(7).breaks()).containsExactly(new Break(Break.Kind.MISSING, 3, 5));
        assertThat(read.of(8).get(Column.RIDING)).isEqualTo(-2);
        assertThat(read.of(8).get(Column.ACCEPTED)).as("of the one before").isZero();
        assertThat(read.of(8).breaks()).isEmpty();
    }

    @Test
    void readsWhatAnEarlierVersionWrote() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(2);
        out.writeByte(LedgerRecord.Kind.DELTA.ordinal());
        out.writeLong(42);
        out.writeInt(1);
        out.writeInt(7);
        out.writeUTF("");
        out.writeShort(1 << Column.ACCEPTED.ordinal() | 1 << Column.LAST_LIVE_DEQUEUED.ordinal());
        out.writeLong(3);
        out.writeLong(5);
        out.writeByte(0);

        Change change = read(bytes.toByteArray(), LedgerRecord.Kind.DELTA, new HashMap<>());

        assertThat(change.of(7).get(Column.ACCEPTED)).isEqualTo(3);
        assertThat(change.of(7).get(Column.LAST_LIVE_DEQUEUED)).isEqualTo(5);
        assertThat(change.of(7).get(Column.RIDING)).isZero();
    }

    @Test
    void refusesWhatALaterVersionWrote() {
        assertThatThrownBy(() -> read(new byte[] {9, 0}, LedgerRecord.Kind.DELTA, new HashMap<>()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("ledger format 9, this version reads 3");
    }

    private static Change read(byte[] bytes, LedgerRecord.Kind kind, Map<Integer, String> names) {
        Change change = new Change();
        LedgerRecord.read(
                bytes,
                names::put,
                (k, hour, id, account) -> {
                    assertThat(k).isEqualTo(kind);
                    assertThat(hour).isEqualTo(42);
                    change.of(id).merge(account);
                });
        return change;
    }
}
