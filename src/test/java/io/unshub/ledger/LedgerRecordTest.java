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
        LedgerRecord record =
                LedgerRecord.decode(
                        new LedgerRecord(LedgerRecord.Kind.DELTA, 42, change)
                                .encode(Map.of(7, "a/b")),
                        names::put);

        assertThat(record.hour()).isEqualTo(42);
        assertThat(names).containsEntry(7, "a/b");
        for (Column column : Column.values()) {
            assertThat(record.change().of(7).get(column)).isEqualTo(column.ordinal() + 1L);
        }
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

        Change change = LedgerRecord.decode(bytes.toByteArray()).change();

        assertThat(change.of(7).get(Column.ACCEPTED)).isEqualTo(3);
        assertThat(change.of(7).get(Column.LAST_LIVE_DEQUEUED)).isEqualTo(5);
        assertThat(change.of(7).get(Column.RIDING)).isZero();
    }

    @Test
    void refusesWhatALaterVersionWrote() {
        assertThatThrownBy(() -> LedgerRecord.decode(new byte[] {9, 0}))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("ledger format 9, this version reads 3");
    }
}
