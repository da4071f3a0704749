package io.unshub.ops.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unshub.ops.Refused;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class IdempotencyKeysTest {

    private final IdempotencyKeys<Integer> keys = new IdempotencyKeys<>();
    private final AtomicInteger done = new AtomicInteger();

    @Test
    void doesTheSameRequestOnce() throws Exception {
        assertThat(once("a", "body")).isEqualTo(1);
        assertThat(once("a", "body")).isEqualTo(1);
        assertThat(once("b", "body")).isEqualTo(2);
        assertThat(once(null, "body")).isEqualTo(3);
        assertThat(once(null, "body")).isEqualTo(4);
    }

    @Test
    void refusesAKeyForAnotherBody() throws Exception {
        once("a", "body");

        assertRefused(422, "a", "another", "was used for another body; give each request a key");
    }

    @Test
    void refusesARequestThatIsUnderWay() throws Exception {
        Callable<Integer> within =
                () -> {
                    assertRefused(409, "a", "body", "is that of a request under way; ask again");
                    return 7;
                };

        assertThat(keys.once("a", "body".getBytes(UTF_8), within)).isEqualTo(7);
    }

    @Test
    void doesARequestAgainThatFailed() throws Exception {
        assertThatThrownBy(
                        () ->
                                keys.once(
                                        "a",
                                        "body".getBytes(UTF_8),
                                        () -> {
                                            throw new IllegalStateException("not on disk");
                                        }))
                .hasMessage("not on disk");

        assertThat(once("a", "body")).isEqualTo(1);
    }

    @Test
    void refusesAKeyThatIsNone() {
        assertRefused(400, " ", "body", "has 1 characters; give 1 to 255");
        assertRefused(400, "x".repeat(256), "body", "has 256 characters; give 1 to 255");
    }

    private void assertRefused(int status, String key, String body, String message) {
        assertThatThrownBy(() -> once(key, body))
                .isInstanceOfSatisfying(
                        Refused.class, e -> assertThat(e.status()).isEqualTo(status))
                .hasMessageStartingWith("the Idempotency-Key " + message);
    }

    private int once(String key, String body) throws Exception {
        return keys.once(key, body.getBytes(UTF_8), done::incrementAndGet);
    }
}
