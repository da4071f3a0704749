package io.unshub.ops.api;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.unshub.ops.Refused;
import io.unshub.uns.Excerpt;
import io.unshub.uns.Sha256;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Callable;

/**
 * Gives the answer that was given before to a request that comes again under the same {@code
 * Idempotency-Key} (draft-ietf-httpapi-idempotency-key-header).
 *
 * <p>Keeps 10,000 answers for 24 hours, in memory: after a restart a request is carried out again,
 * and what it carries must then be recognised by its messageIds. Threads: any.
 *
 * @param <T> an answer
 */
final class IdempotencyKeys<T> {

    private static final int MOST = 10_000;
    private static final int MOST_CHARACTERS = 255;
    private static final Duration KEPT = Duration.ofHours(24);

    private final Cache<String, Entry<T>> answers =
            Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(KEPT).build();

    /** A request under way, and later its answer; the fields are guarded by the entry. */
    private static final class Entry<T> {
        private final byte[] fingerprint;
        private T answer;

        Entry(byte[] fingerprint) {
            this.fingerprint = fingerprint;
        }
    }

    /**
     * Carries a request out, or gives the answer that it had.
     *
     * @param key of the request; null for none
     * @param body of the request
     * @throws Refused 400 if the key is too long, 409 while the same request is under way, 422 if
     *     the key was used for another body
     * @throws Exception what the request threw; it may then come again
     */
    T once(String key, byte[] body, Callable<T> request) throws Exception {
        if (key == null) {
            return request.call();
        }
        if (key.isBlank() || key.length() > MOST_CHARACTERS) {
            throw refused(
                    400,
                    "has " + key.length() + " characters",
                    key,
                    "give 1 to " + MOST_CHARACTERS);
        }
        Entry<T> mine = new Entry<>(Sha256.digest().digest(body));
        Entry<T> other = answers.asMap().putIfAbsent(key, mine);
        if (other != null) {
            return again(key, mine, other);
        }
        try {
            T answer = request.call();
            synchronized (mine) {
                mine.answer = answer;
            }
            return answer;
        } catch (Exception e) {
            answers.asMap().remove(key, mine);
            throw e;
        }
    }

    private T again(String key, Entry<T> mine, Entry<T> other) {
        if (!Arrays.equals(mine.fingerprint, other.fingerprint)) {
            throw refused(
                    422, "was used for another body", key, "give each request a key of its own");
        }
        synchronized (other) {
            if (other.answer == null) {
                throw refused(
                        409, "is that of a request under way", key, "ask again in a few seconds");
            }
            return other.answer;
        }
    }

    private static Refused refused(int status, String what, String key, String nextStep) {
        return new Refused(
                status,
                "the Idempotency-Key " + what,
                "idempotency-key",
                Excerpt.of(key),
                nextStep);
    }
}
