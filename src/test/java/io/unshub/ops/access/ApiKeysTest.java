package io.unshub.ops.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiKeysTest {

    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

    @TempDir private Path data;
    private ApiKeys keys;

    @BeforeEach
    void open() {
        keys = new ApiKeys(data, () -> NOW);
    }

    @Test
    void keepsTheHashOfAKeyAndNotTheKey() throws IOException {
        String key = keys.add("scale", List.of(Scope.INGEST), "acme/plant1/#", Duration.ofDays(90));

        assertThat(key).matches("unshub_[A-Za-z0-9_-]{43}");
        Path file = data.resolve(ApiKeys.FILE);
        assertThat(file).content().doesNotContain(key, key.substring(7)).contains("\"sha256\"");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        ApiKey known = keys.find(key).orElseThrow();
        assertThat(known.name()).isEqualTo("scale");
        assertThat(known.scopes()).containsExactly(Scope.INGEST);
        assertThat(known.expired(NOW.plus(Duration.ofDays(90)).minusSeconds(1))).isFalse();
        assertThat(known.expired(NOW.plus(Duration.ofDays(90)))).isTrue();
        assertThat(keys.find(key + "x")).isEmpty();
        assertThat(keys.find(known.sha256())).isEmpty();
        assertThat(keys.find("")).isEmpty();
    }

    @Test
    void seesWhatAnotherProcessHasChanged() throws IOException {
        String first = keys.add("first", List.of(Scope.READ), "#", null);
        assertThat(keys.find(first)).isPresent();
        ApiKeys other = new ApiKeys(data, () -> NOW);

        String second = other.add("second", List.of(Scope.READ), "#", null);
        assertThat(keys.find(second)).isPresent();
        assertThat(other.revoke("first")).isTrue();
        assertThat(other.revoke("first")).isFalse();

        assertThat(keys.find(first)).isEmpty();
        assertThat(keys.all()).extracting(ApiKey::name).containsExactly("second");
        Files.delete(data.resolve(ApiKeys.FILE));
        assertThat(keys.find(second)).isEmpty();
    }

    @Test
    void losesNoneOfThoseThatAreAddedAtOnce() {
        List<String> made =
                IntStream.range(0, 40)
                        .mapToObj(
                                i ->
                                        CompletableFuture.supplyAsync(
                                                () -> add("app-" + i),
                                                command -> new Thread(command).start()))
                        .toList()
                        .stream()
                        .map(CompletableFuture::join)
                        .toList();

        assertThat(made).allSatisfy(key -> assertThat(keys.find(key)).isPresent());
    }

    /** As a command of its own does. */
    private String add(String name) {
        try {
            return new ApiKeys(data, () -> NOW).add(name, List.of(Scope.READ), "#", null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void knowsNoKeyWhileItsFileCannotBeRead() throws IOException {
        String key = keys.add("scale", List.of(Scope.INGEST), "#", null);
        assertThat(keys.find(key)).isPresent();
        Path file = data.resolve(ApiKeys.FILE);
        String right = Files.readString(file);

        for (String wrong :
                List.of("{", right.replace("INGEST", "ROOT"), right.replace("topics", "topic"))) {
            Files.writeString(file, wrong);
            assertThat(keys.find(key)).as(wrong).isEmpty();
        }
        assertThatThrownBy(() -> keys.add("other", List.of(Scope.READ), "#", null))
                .isInstanceOf(IOException.class);

        Files.writeString(file, right);
        assertThat(keys.find(key)).isPresent();
    }

    @Test
    void refusesAKeyThatCannotBeMeant() throws IOException {
        keys.add("scale", List.of(Scope.INGEST), "#", null);

        assertRefused("scale", "#", "there is a key scale already; take another name", Scope.READ);
        assertRefused("a b", "#", "the name of a key is a b, it must be 1 to 64 of", Scope.READ);
        assertRefused("none", "#", "the key has no scope; give at least one of [ingest, read");
        assertRefused(
                "plus", "acme/+/#", "the topics of a key are acme/+/#, they must be", Scope.READ);
        assertRefused("leaf", "acme/plant1", "they must be a subtree as in", Scope.READ);
        assertRefused("hash", "acme#/#", "topic filter acme#/# has # before its end", Scope.READ);
        assertRefused(
                "boss",
                "acme/plant1/#",
                "the scope admin reaches beyond acme/plant1/#; give the key # for its topics",
                Scope.READ,
                Scope.ADMIN);
    }

    @Test
    void reachesItsSubtreeAndShowsTheWayToIt() {
        ApiKey key = new ApiKey("p1", "", List.of(Scope.READ), "acme/plant1/mixing/#", NOW, null);

        assertThat(key.reaches("acme/plant1/mixing/line1/c/e/t")).isTrue();
        assertThat(key.reaches("acme/plant1/mixing")).isTrue();
        assertThat(key.reaches("acme/plant1/mixing2/line1/c/e/t")).isFalse();
        assertThat(key.reaches("acme/plant1")).isFalse();
        assertThat(key.leadsTo("acme/plant1")).isTrue();
        assertThat(key.leadsTo("acme")).isTrue();
        assertThat(key.leadsTo("acme/plant2")).isFalse();
        assertThat(key.leadsTo("acm")).isFalse();
    }

    private void assertRefused(String name, String topics, String why, Scope... scopes) {
        assertThatThrownBy(() -> keys.add(name, List.of(scopes), topics, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }
}
