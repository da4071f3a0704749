package io.unshub.uns;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * What was found out about a topic, or another text, so that it is found out once. What is beyond
 * the most that is remembered is found out each time, as the texts come from outside. Threads: any.
 *
 * @param <T> what is found
 */
public final class Remembered<T> {

    private final int most;
    private final Function<String, T> look;
    private final Map<String, T> known = new ConcurrentHashMap<>();

    /**
     * @param most how many texts are remembered
     * @param look finds out; null for nothing, which is not remembered
     */
    public Remembered(int most, Function<String, T> look) {
        this.most = most;
        this.look = look;
    }

    /** What there is about a text; null for nothing. */
    public T of(String text) {
        T before = known.get(text);
        if (before != null) {
            return before;
        }
        T found = look.apply(text);
        if (found != null && known.size() < most) {
            known.put(text, found);
        }
        return found;
    }
}
