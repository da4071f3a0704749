package io.unshub.pattern;

import io.unshub.envelope.Batch;
import io.unshub.envelope.Reading;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Idempotent Receiver: takes out readings whose messageId came before on their topic.
 *
 * <p>It remembers the latest {@code remember} ones in memory, and forgets them when a batch is put
 * back or the route starts anew: what comes again then is let through, never lost.
 */
public final class Idempotence implements Step {

    private final int remember;

    private record Key(String topic, UUID id) {}

    private static final class Seen extends LinkedHashMap<Key, Boolean> {
        private final int most;

        Seen(int most) {
            this.most = most;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Boolean> eldest) {
            return size() > most;
        }
    }

    /**
     * @param remember how many readings are remembered, from 1
     */
    public Idempotence(int remember) {
        this.remember = remember;
    }

    @Override
    public void apply(Batch batch, Hand hand) {
        Seen seen = hand.state(this, Seen.class, () -> new Seen(remember));
        batch.readings()
                .removeIf(
                        (Reading reading) ->
                                seen.put(
                                                new Key(
                                                        reading.topic(),
                                                        reading.envelope().messageId()),
                                                true)
                                        != null);
    }
}
