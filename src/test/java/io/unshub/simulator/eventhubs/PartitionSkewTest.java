package io.unshub.simulator.eventhubs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PartitionSkewTest {

    @Test
    void spreadsAThousandMachinesWithinFifteenPercentOverFourPartitions() {
        assertThat(PartitionSkew.ofTheHub(1_000, 4)).isLessThan(15);
    }

    @Test
    void leavesNoPartitionEmptyOfAThousandMachines() {
        // one that is empty of 32 would raise the mean of the others by 3 %; twice the share is 100
        assertThat(PartitionSkew.ofTheHub(1_000, 32)).isLessThan(100);
    }
}
