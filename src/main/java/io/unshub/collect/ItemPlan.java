package io.unshub.collect;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Tags of a device that answers for each item by itself, so many together.
 *
 * <p>The driver makes as many telegrams of a block as the device takes bytes in one.
 */
final class ItemPlan implements ReadPlan {

    private static final int MOST = 100;

    @Override
    public List<Block> plan(Collection<Tag> tags, boolean overGaps) {
        List<Tag> all = new ArrayList<>(tags);
        List<Block> blocks = new ArrayList<>();
        for (int first = 0; first < all.size(); first += MOST) {
            int end = Math.min(first + MOST, all.size());
            blocks.add(new Block(all.subList(first, end), 0, end - first));
        }
        return List.copyOf(blocks);
    }
}
