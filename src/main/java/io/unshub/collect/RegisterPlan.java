package io.unshub.collect;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.plc4x.java.modbus.base.tag.ModbusTag;

/**
 * Modbus tags in blocks of registers, or of bits.
 *
 * <p>A block is of one area, spans at most what one request may read, and holds no two tags that
 * overlap: the driver answers wrongly for those. Blocks reach over gaps at first, because that
 * saves requests; a device that refuses the registers in a gap gets blocks without gaps.
 */
final class RegisterPlan implements ReadPlan {

    /** Limits of the Modbus specification; discrete inputs are held to the driver's own limit. */
    static final int MAX_REGISTERS = 125;

    private static final int MAX_COILS = 2000;

    @Override
    public List<Block> plan(Collection<Tag> tags, boolean overGaps) {
        Map<Class<?>, List<Placed>> areas = new LinkedHashMap<>();
        for (Tag tag : tags) {
            Placed placed = Placed.of(tag);
            areas.computeIfAbsent(placed.area(), area -> new ArrayList<>()).add(placed);
        }
        List<Block> blocks = new ArrayList<>();
        for (List<Placed> area : areas.values()) {
            area.sort(Comparator.comparingInt(Placed::first).thenComparingInt(Placed::end));
            List<Growing> open = new ArrayList<>();
            for (Placed placed : area) {
                open.stream()
                        .filter(block -> block.takes(placed, overGaps))
                        .findFirst()
                        .orElseGet(
                                () -> {
                                    Growing block = new Growing();
                                    open.add(block);
                                    return block;
                                })
                        .add(placed);
            }
            open.forEach(block -> blocks.add(block.done()));
        }
        return List.copyOf(blocks);
    }

    private record Placed(Tag tag, Class<?> area, int first, int end, int limit) {

        static Placed of(Tag tag) {
            ModbusTag parsed = ModbusAddress.parse(tag.address());
            boolean bit = ModbusAddress.bit(parsed);
            int first = parsed.getAddress();
            int size = bit ? 1 : parsed.getLengthWords();
            boolean coil = parsed.getAddressString().startsWith("0x");
            return new Placed(
                    tag, parsed.getClass(), first, first + size, coil ? MAX_COILS : MAX_REGISTERS);
        }
    }

    private static final class Growing {

        private final List<Tag> tags = new ArrayList<>();
        private int first;
        private int end;

        boolean takes(Placed next, boolean overGaps) {
            return next.first() >= end
                    && (overGaps || next.first() == end)
                    && next.end() - first <= next.limit();
        }

        void add(Placed next) {
            if (tags.isEmpty()) {
                first = next.first();
            }
            tags.add(next.tag());
            end = next.end();
        }

        Block done() {
            return new Block(tags, first, end);
        }
    }
}
