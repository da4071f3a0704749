package io.unshub.pattern;

import io.unshub.envelope.Reading;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** A hand without a broker: what is held, and how many were late. */
final class FakeHand implements Hand {

    private final Set<Reading> held = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<Step, Object> states = new HashMap<>();
    private long late;

    /** What is held. */
    Set<Reading> held() {
        return held;
    }

    /** How many were late. */
    long late() {
        return late;
    }

    /** What a rollback does: nothing is held, and nothing is remembered. */
    void rollback() {
        held.clear();
        states.clear();
    }

    @Override
    public void hold(Reading reading) {
        held.add(reading);
    }

    @Override
    public void release(Reading reading) {
        held.remove(reading);
    }

    @Override
    public void late(long readings) {
        late += readings;
    }

    @Override
    public <T> T state(Step step, Class<T> type, Supplier<T> first) {
        return type.cast(states.computeIfAbsent(step, each -> first.get()));
    }
}
