package io.unshub.collect;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Groups the tags of a device into blocks that are read together, and takes blocks apart when the
 * device does not like them.
 */
interface ReadPlan {

    /**
     * Tags that are read together.
     *
     * @param tags in the order they are read
     * @param first first register or bit on the wire, where there are any
     * @param end behind the last one
     */
    record Block(List<Tag> tags, int first, int end) {

        public Block {
            tags = List.copyOf(tags);
        }

        boolean single() {
            return tags.size() == 1;
        }
    }

    /** The plan for devices of a protocol. */
    static ReadPlan of(Protocol protocol) {
        return switch (protocol) {
            case MODBUS -> new RegisterPlan();
            case S7 -> new ItemPlan();
            case LOGIX -> new SymbolPlan();
            case OPCUA -> throw new IllegalArgumentException("OPC UA is not polled");
        };
    }

    /** Whether a tag that is refused never costs the others of its block their values. */
    default boolean eachForItself() {
        return false;
    }

    /**
     * Returns blocks with all of the tags.
     *
     * @param overGaps whether more may be read than the tags ask for, to need fewer blocks
     */
    List<Block> plan(Collection<Tag> tags, boolean overGaps);

    /** Returns the fewest blocks. */
    default List<Block> wide(Collection<Tag> tags) {
        return plan(tags, true);
    }

    /** Returns blocks that read nothing that no tag asks for. */
    default List<Block> gapless(Collection<Tag> tags) {
        return plan(tags, false);
    }

    /** Returns one block per tag. */
    default List<Block> singles(Collection<Tag> tags) {
        return tags.stream().flatMap(tag -> plan(List.of(tag), false).stream()).toList();
    }

    /**
     * Returns what to read instead of a block that was refused as a whole.
     *
     * @param block with more than one tag
     * @param bad those of its tags that are refused alone, too
     */
    default List<Block> apart(Block block, Collection<Tag> bad) {
        List<Tag> good = new ArrayList<>(block.tags());
        good.removeAll(bad);
        List<Block> runs = gapless(good);
        if (runs.size() == 1 && runs.get(0).equals(block)) {
            return singles(good);
        }
        List<Block> result = new ArrayList<>(runs);
        result.addAll(singles(bad));
        return result;
    }
}
