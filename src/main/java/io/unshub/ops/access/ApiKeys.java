package io.unshub.ops.access;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.unshub.uns.Excerpt;
import io.unshub.uns.FileTurn;
import io.unshub.uns.OwnerOnlyFile;
import io.unshub.uns.Sha256;
import io.unshub.uns.TopicFilter;
import io.unshub.uns.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * The API keys, in a file of the data folder that only its owner may read: of each its SHA-256,
 * which is enough for 256 random bits. A change of the file takes effect with the next request;
 * several processes may change it at once.
 *
 * <p>Threads: any. Failure: a file that cannot be read is said once, and no key is then known.
 */
public final class ApiKeys {

    /** Name of the file in the data folder. */
    public static final String FILE = "http-keys.json";

    /** How every key begins, so that one that has leaked is recognised as such. */
    public static final String PREFIX = "unshub_";

    private static final Logger LOG = Logger.getLogger(ApiKeys.class);
    private static final ObjectMapper JSON =
            new ObjectMapper()
                    .registerModule(new JavaTimeModule())
                    .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .enable(SerializationFeature.INDENT_OUTPUT);
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}");
    private static final Pattern SUBTREE = Pattern.compile("[^+#]+/#|#");
    private static final int KEY_BYTES = 32;

    private final Path file;
    private final InstantSource clock;
    private String seen = "";
    private Map<String, ApiKey> byHash = Map.of();

    /**
     * @param dataDir the hub's data folder
     * @param clock tells when a key was made
     */
    public ApiKeys(Path dataDir, InstantSource clock) {
        file = dataDir.resolve(FILE);
        this.clock = clock;
    }

    /**
     * Makes a key.
     *
     * @param topics the part of the namespace that it reaches
     * @param lasts how long it holds; null for ever
     * @return the key, which is kept nowhere
     * @throws IOException if the file cannot be read or written
     * @throws IllegalArgumentException if it cannot be made as it is asked for
     */
    public String add(String name, List<Scope> scopes, String topics, Duration lasts)
            throws IOException {
        check(name, scopes, topics);
        return FileTurn.on(file, () -> added(name, scopes, topics, lasts));
    }

    private String added(String name, List<Scope> scopes, String topics, Duration lasts)
            throws IOException {
        List<ApiKey> all = new ArrayList<>(read());
        if (all.stream().anyMatch(key -> key.name().equals(name))) {
            throw new IllegalArgumentException(
                    "there is a key %s already; take another name, or revoke that one first"
                            .formatted(name));
        }
        byte[] random = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(random);
        String key = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        all.add(
                new ApiKey(
                        name,
                        Sha256.hex(key),
                        scopes.stream().distinct().sorted().toList(),
                        topics,
                        now,
                        lasts == null ? null : now.plus(lasts)));
        write(all);
        return key;
    }

    private static void check(String name, List<Scope> scopes, String topics) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "the name of a key is %s, it must be 1 to 64 of A-Z a-z 0-9 . _ @ - and begin with a letter or digit"
                            .formatted(Excerpt.of(name)));
        }
        if (scopes.isEmpty()) {
            throw new IllegalArgumentException(
                    "the key has no scope; give at least one of " + Scope.words());
        }
        TopicFilter.of(topics);
        if (!SUBTREE.matcher(topics).matches()) {
            throw new IllegalArgumentException(
                    "the topics of a key are %s, they must be a subtree as in acme/plant1/#, or # for all"
                            .formatted(Excerpt.of(topics)));
        }
        if (!topics.equals("#")) {
            scopes.stream()
                    .filter(scope -> !scope.dividable())
                    .findFirst()
                    .ifPresent(
                            scope -> {
                                throw new IllegalArgumentException(
                                        "the scope %s reaches beyond %s; give the key # for its topics, or leave the scope out"
                                                .formatted(scope.word(), Excerpt.of(topics)));
                            });
        }
    }

    /**
     * Takes a key back.
     *
     * @return whether there was one of that name
     * @throws IOException if the file cannot be read or written
     */
    public boolean revoke(String name) throws IOException {
        if (!Files.exists(file)) {
            return false;
        }
        return FileTurn.on(
                file,
                () -> {
                    List<ApiKey> all = new ArrayList<>(read());
                    boolean there = all.removeIf(key -> key.name().equals(name));
                    if (there) {
                        write(all);
                    }
                    return there;
                });
    }

    /**
     * All keys, the oldest first.
     *
     * @throws IOException if the file cannot be read
     */
    public List<ApiKey> all() throws IOException {
        return read();
    }

    /** The key that was given, as it is now; empty for what is none. */
    public Optional<ApiKey> find(String given) {
        return given.startsWith(PREFIX)
                ? Optional.ofNullable(current().get(Sha256.hex(given)))
                : Optional.empty();
    }

    private synchronized Map<String, ApiKey> current() {
        try {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            // a file that is replaced as a whole has another key, too
            String state = now.lastModifiedTime() + " " + now.size() + " " + now.fileKey();
            if (!state.equals(seen)) {
                seen = state;
                byHash = Map.of();
                byHash =
                        read().stream()
                                .collect(Collectors.toMap(ApiKey::sha256, Function.identity()));
            }
        } catch (NoSuchFileException e) {
            seen = "";
            byHash = Map.of();
        } catch (IOException | IllegalStateException e) {
            LOG.errorf(
                    "the API keys in %s cannot be read, no key is known: %s; put the file right, or delete it and make new keys",
                    file, Excerpt.of(String.valueOf(e.getMessage())));
        }
        return byHash;
    }

    private List<ApiKey> read() throws IOException {
        return Files.exists(file)
                ? JSON.readValue(file.toFile(), new TypeReference<List<ApiKey>>() {})
                : List.of();
    }

    private void write(List<ApiKey> all) throws IOException {
        byte[] bytes = JSON.writeValueAsBytes(all);
        WholeFile.replace(file, next -> OwnerOnlyFile.write(next, bytes));
    }
}
