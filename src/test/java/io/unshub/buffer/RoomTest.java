package io.unshub.buffer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoomTest {

    private static final long MIB = 1 << 20;

    @TempDir Path folder;

    @Test
    void leavesTheReserveFreeWhereTheShareOfTheVolumeLeavesLess() throws Exception {
        FileStore volume = Files.getFileStore(folder);
        long total = volume.getTotalSpace();

        assertThat(new Room(folder, Long.MAX_VALUE, 100, 64 * MIB).most())
                .isEqualTo(total - 64 * MIB);
        assertThat(new Room(folder, Long.MAX_VALUE, 50, 1).most()).isCloseTo(total / 2, within(1L));
        assertThat(new Room(folder, MIB, 100, 0).most()).isEqualTo(MIB);
        assertThat(new Room(folder, MIB, 100, total + 1).most()).isZero();
    }

    @Test
    void isNegativeWhenTheReserveIsUsed() throws Exception {
        FileStore volume = Files.getFileStore(folder);

        assertThat(new Room(folder, MIB, 100, volume.getTotalSpace() + 1).left()).isNegative();
        assertThat(new Room(folder, MIB, 100, 0).left())
                .as("other programs use the volume, too")
                .isCloseTo(volume.getUsableSpace(), within(1024 * MIB));
    }
}
