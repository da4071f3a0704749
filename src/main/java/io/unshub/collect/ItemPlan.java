package io.unshub.collect;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * S7 tags, so many together.
 *
 * <p>The driver makes as many telegrams of a block as the device takes bytes in one, and reads tags
 * that are neighbours at one go. It fails where two of them begin in the same place (0.13.1), so a
 * block holds no such two.
 */
final class ItemPlan implements ReadPlan {

    private static final int MOST = 100;

    @Override
    public List<Block> plan(Collection<Tag> tags, boolean overGaps) {
        List<Growing> open = new ArrayList<>();
        for (Tag tag : tags) {
            String start = S7Address.start(tag.address());
            Growing block =
                    open.stream()
                            .filter(b -> b.tags.size() < MOST && !b.starts.contains(start))
                            .findFirst()
                            .orElseGet(
                                    () -> {
                                        Growing added = new Growing();
                                        open.add(added);
                                        return added;
                                    });
            block.tags.add(tag);
            block.starts.add(start);
        }
        return open.stream().map(b -> new Block(b.tags, 0, b.tags.size())).toList();
    }

    private static final class Growing {
        private final List<Tag> tags = new ArrayList<>();
        private final Set<String> starts = new HashSet<>();
    }
}
