package io.unshub.collect;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Logix tags, so many together: the link makes packets of them that the controller takes. */
final class SymbolPlan implements ReadPlan {

    private static final int MOST = 100;

    @Override
    public List<Block> plan(Collection<Tag> tags, boolean overGaps) {
        List<Tag> all = List.copyOf(tags);
        List<Block> blocks = new ArrayList<>();
        for (int from = 0; from < all.size(); from += MOST) {
            List<Tag> some = all.subList(from, Math.min(from + MOST, all.size()));
            blocks.add(new Block(some, 0, some.size()));
        }
        return blocks;
    }

    @Override
    public boolean eachForItself() {
        return true;
    }
}
