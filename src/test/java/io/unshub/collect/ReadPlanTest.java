package io.unshub.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.collect.ReadPlan.Block;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ReadPlanTest {

    private final ReadPlan plan = ReadPlan.of(Protocol.MODBUS);

    @Test
    void groupsAnAreaOverGaps() {
        assertThat(names(plan.wide(tags("holding-register:20:INT", "holding-register:1:REAL"))))
                .containsExactly("holding-register:1:REAL holding-register:20:INT");
    }

    @Test
    void keepsAreasApart() {
        assertThat(
                        plan.wide(
                                tags(
                                        "coil:1",
                                        "discrete-input:1",
                                        "input-register:1:INT",
                                        "holding-register:1:INT")))
                .hasSize(4);
    }

    @Test
    void staysWithinOneRequest() {
        List<Tag> tags =
                IntStream.rangeClosed(1, 126).mapToObj(i -> tag("holding-register:" + i)).toList();

        assertThat(plan.wide(tags))
                .extracting(block -> block.end() - block.first())
                .containsExactly(125, 1);
    }

    @Test
    void neverPutsOverlappingTagsInOneBlock() {
        assertThat(
                        names(
                                plan.wide(
                                        tags(
                                                "holding-register:1:LREAL",
                                                "holding-register:2:INT",
                                                "holding-register:1:INT",
                                                "holding-register:5:INT"))))
                .containsExactly(
                        "holding-register:1:INT holding-register:2:INT holding-register:5:INT",
                        "holding-register:1:LREAL");
    }

    @Test
    void setsBadTagsApartAndReadsNoGaps() {
        Block block =
                plan.wide(
                                tags(
                                        "holding-register:1:INT",
                                        "holding-register:2:INT",
                                        "holding-register:3:INT",
                                        "holding-register:4:INT",
                                        "holding-register:9:INT"))
                        .get(0);

        assertThat(names(plan.apart(block, tags("holding-register:3:INT"))))
                .containsExactlyInAnyOrder(
                        "holding-register:1:INT holding-register:2:INT",
                        "holding-register:3:INT",
                        "holding-register:4:INT",
                        "holding-register:9:INT");
    }

    @Test
    void readsOneByOneWhatIsRefusedTogetherOnly() {
        Block block = plan.wide(tags("holding-register:1:INT", "holding-register:2:INT")).get(0);

        assertThat(names(plan.apart(block, List.of())))
                .containsExactly("holding-register:1:INT", "holding-register:2:INT");
    }

    @Test
    void readsAHundredLogixTagsAtAGo() {
        List<Tag> tags = IntStream.range(0, 201).mapToObj(i -> tag("Speed" + i)).toList();

        assertThat(ReadPlan.of(Protocol.LOGIX).wide(tags))
                .extracting(block -> block.tags().size())
                .containsExactly(100, 100, 1);
    }

    private static List<Tag> tags(String... addresses) {
        return Stream.of(addresses).map(ReadPlanTest::tag).toList();
    }

    private static Tag tag(String address) {
        return Tags.tag(address, address);
    }

    private static List<String> names(List<Block> blocks) {
        return blocks.stream()
                .map(block -> String.join(" ", block.tags().stream().map(Tag::address).toList()))
                .toList();
    }
}
