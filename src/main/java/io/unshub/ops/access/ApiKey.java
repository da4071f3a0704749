package io.unshub.ops.access;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.unshub.uns.TopicFilter;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * What is known of an API key; the key itself is not.
 *
 * @param name who has it
 * @param sha256 of the key, in hexadecimal digits
 * @param scopes what it may ask for
 * @param topics the part of the namespace that it reaches, {@code acme/plant1/#}; {@code #} for all
 * @param made when
 * @param expires when it ends; null for never
 */
public record ApiKey(
        String name,
        String sha256,
        List<Scope> scopes,
        String topics,
        Instant made,
        @JsonInclude(JsonInclude.Include.NON_NULL) Instant expires) {

    private static final String ALL = "#";

    /** Refuses one that the file has in parts only. */
    public ApiKey {
        Objects.requireNonNull(name, "a key has no name");
        Objects.requireNonNull(sha256, "a key has no sha256");
        Objects.requireNonNull(topics, "a key has no topics");
        scopes = List.copyOf(scopes);
    }

    /** Whether it may ask for that. */
    public boolean may(Scope scope) {
        return scopes.contains(scope) || scopes.contains(Scope.ADMIN);
    }

    /** Whether it reaches the whole namespace. */
    public boolean reachesAll() {
        return topics.equals(ALL);
    }

    /** Whether it reaches a topic. */
    public boolean reaches(String topic) {
        return reachesAll() || TopicFilter.of(topics).matches(topic);
    }

    /** Whether a path of the namespace lies above its part, on the way to it. */
    public boolean leadsTo(String path) {
        return reachesAll() || path.isEmpty() || topics.startsWith(path + "/");
    }

    /** Whether it has ended. */
    public boolean expired(Instant now) {
        return expires != null && !now.isBefore(expires);
    }
}
