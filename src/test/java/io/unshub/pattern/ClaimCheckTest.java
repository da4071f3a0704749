package io.unshub.pattern;

import static io.unshub.pattern.Readings.NOON;
import static io.unshub.pattern.Readings.text;
import static io.unshub.pattern.Readings.through;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.envelope.Reading;
import io.unshub.pattern.ClaimStore.Claim;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClaimCheckTest {

    private static final byte[] PAYLOAD = "a payload".getBytes(UTF_8);
    private static final byte[] OTHER = "another payload".getBytes(UTF_8);

    @TempDir private Path work;
    private Instant now = NOON;
    private long left = Long.MAX_VALUE;

    private ClaimStore store(long maxBytes) {
        return new ClaimStore(
                work.resolve("claims"), Duration.ofDays(2), maxBytes, () -> left, () -> now);
    }

    @Test
    void putsClaimsInThePlaceOfLargePayloads() throws Exception {
        Reading small = text(0, "small");
        Reading large = text(1, "x".repeat(1_000));
        ClaimStore store = store(10_000);
        int size = large.payload().length;

        assertThat(through(new ClaimCheck(size, store), new FakeHand(), small, large)).isEmpty();
        List<Reading> claims =
                through(new ClaimCheck(size - 1, store), new FakeHand(), small, large);

        assertThat(claims).hasSize(1);
        assertThat(claims.get(0).topic()).isEqualTo(large.topic());
        assertThat(claims.get(0).envelope().tsUtc()).isEqualTo(large.envelope().tsUtc());
        JsonNode claim = new ObjectMapper().readTree(claims.get(0).text());
        assertThat(claim.path("bytes").asInt()).isEqualTo(size);
        assertThat(store.get(claim.path("sha256").asText())).contains(large.payload());
    }

    @Test
    void keepsTheSamePayloadOnce() throws Exception {
        ClaimStore store = store(10_000);
        Claim claim = store.put(PAYLOAD);

        assertThat(claim.file()).isEqualTo("2026-01-01/" + claim.sha256() + ".json");
        assertThat(store.put(PAYLOAD.clone())).isEqualTo(claim);
        assertThat(store.bytes()).isEqualTo(PAYLOAD.length);
        assertThat(store(10_000).put(PAYLOAD)).as("after a restart").isEqualTo(claim);
        assertThat(store(10_000).bytes()).isEqualTo(PAYLOAD.length);
    }

    @Test
    void takesNoHalfWrittenFileForAPayload() throws Exception {
        Claim claim = store(10_000).put(PAYLOAD);
        Path file = work.resolve("claims").resolve(claim.file());
        Files.move(file, file.resolveSibling(file.getFileName() + ".new"));
        ClaimStore after = store(10_000);

        assertThat(after.get(claim.sha256())).isEmpty();
        assertThat(after.put(PAYLOAD)).isEqualTo(claim);
        assertThat(after.get(claim.sha256())).contains(PAYLOAD);
    }

    @Test
    void forgetsDaysThatAreOver() throws Exception {
        ClaimStore store = store(10_000);
        String first = store.put(PAYLOAD).sha256();
        now = Instant.parse("2026-01-03T23:59:59Z");
        store.put(OTHER);
        assertThat(store.get(first)).contains(PAYLOAD);

        now = Instant.parse("2026-01-04T00:00:00Z");
        String last = store.put(OTHER).sha256();
        assertThat(store.get(first)).isEmpty();
        assertThat(store.get(last)).contains(OTHER);
        assertThat(store.bytes()).as("two days").isEqualTo(2L * OTHER.length);
    }

    @Test
    void refusesWhatThereIsNoRoomFor() throws Exception {
        ClaimStore store = store(PAYLOAD.length);
        store.put(PAYLOAD);

        assertThatThrownBy(() -> store.put(OTHER))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        work.resolve("claims")
                                + " has 9 of the 9 bytes that it may have; raise unshub.claims.max-bytes, or lower unshub.claims.keep-for");
        left = OTHER.length - 1;
        assertThatThrownBy(() -> store(10_000).put(OTHER))
                .hasMessage(
                        "the volume of "
                                + work.resolve("claims")
                                + " has nothing left but the buffer's reserve; make room on it");
        assertThatThrownBy(() -> through(new ClaimCheck(0, store), new FakeHand(), text(0, "open")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageMatching("a payload of [0-9]+ bytes is not kept: .* has 9 of the 9 .*");
    }

    @Test
    void givesNothingBackThatHasChanged() throws Exception {
        ClaimStore store = store(10_000);
        Claim claim = store.put(PAYLOAD);
        Path file = work.resolve("claims").resolve(claim.file());
        Files.write(file, OTHER);

        assertThatThrownBy(() -> store.get(claim.sha256()))
                .isInstanceOf(IOException.class)
                .hasMessage(file + " is not what was kept in it; restore it from a copy");
        assertThat(store.get("../../etc/passwd")).isEmpty();
    }
}
