package io.unshub.ops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.load.JavaProcess;
import io.unshub.scoring.Registry;
import io.unshub.uns.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The audit file holds together, and says where it does not. */
class AuditFileTest {

    private static final InstantSource CLOCK =
            InstantSource.fixed(Instant.parse("2026-03-01T10:00:00Z"));

    @TempDir private Path folder;
    private Path file;
    private AuditFile audit;

    @BeforeEach
    void open() {
        file = folder.resolve(AuditFile.NAME);
        audit = AuditFile.in(folder, CLOCK);
    }

    @Test
    void givesEachLineTheHashOfTheOneBefore() throws IOException {
        add("first", "second");

        List<String> lines = Files.readAllLines(file);
        assertThat(lines.get(0))
                .isEqualTo(
                        "{\"seq\":1,\"previous\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\","
                                + "\"at\":\"2026-03-01T10:00:00Z\",\"who\":\"ann\",\"action\":\"login\",\"outcome\":\"first\"}");
        assertThat(lines.get(1))
                .startsWith(
                        "{\"seq\":2,\"previous\":\""
                                + Sha256.hex(lines.get(0).getBytes(UTF_8))
                                + "\"");
        AuditChain.Report report = audit.verify(null);
        assertThat(report.broken()).isEmpty();
        assertThat(report.lines()).isEqualTo(2);
        assertThat(report.sha256()).isEqualTo(Sha256.hex(lines.get(1).getBytes(UTF_8)));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void namesTheFirstLineThatWasChanged() throws IOException {
        add("one", "two", "three", "four");

        rewrite(lines -> lines.set(1, lines.get(1).replace("two", "tvo")));

        assertBroken(2, "line 3 has another SHA-256 for it: one of the two was changed");
    }

    @Test
    void namesWhereALineWasRemoved() throws IOException {
        add("one", "two", "three", "four");

        rewrite(lines -> lines.remove(1));

        assertBroken(2, "its number is 3 and follows 1: lines between were removed");
    }

    @Test
    void namesALineThatWasInserted() throws IOException {
        add("one", "two", "three");
        String forged = Files.readAllLines(file).get(1);

        rewrite(lines -> lines.add(2, forged));
        assertBroken(3, "its number is 2 and follows 2: it, or the line before it, was inserted");

        rewrite(
                lines ->
                        lines.set(
                                2,
                                "{\"at\":\"2026-03-01T10:00:00Z\",\"who\":\"eve\",\"action\":\"login\"}"));
        assertBroken(3, "it has no place in the chain: it was inserted or changed");
    }

    @Test
    void namesTwoLinesThatChangedPlaces() throws IOException {
        add("one", "two", "three", "four");

        rewrite(lines -> Collections.swap(lines, 1, 2));

        assertBroken(2, "its number is 3 and follows 1: lines between were removed");
    }

    @Test
    void findsByANotedHashThatTheEndWasCutOff() throws IOException {
        add("one", "two", "three");
        String noted = audit.verify(null).sha256();
        add("four");
        assertThat(audit.verify(noted).found()).isTrue();

        rewrite(lines -> lines.subList(2, 4).clear());

        AuditChain.Report report = audit.verify(noted);
        assertThat(report.broken()).isEmpty();
        assertThat(report.found()).isFalse();
    }

    @Test
    void leavesALineThatACrashCutShortAndGoesOnBehindIt() throws IOException {
        add("one", "two");
        Files.writeString(file, "{\"seq\":3,\"previ", StandardOpenOption.APPEND);
        assertThat(audit.verify(null).torn()).isEqualTo(1);

        open();
        add("three");
        Files.writeString(file, "{\"se", StandardOpenOption.APPEND);
        add("four", "five");

        AuditChain.Report report = audit.verify(null);
        assertThat(report.broken()).isEmpty();
        assertThat(report.torn()).isEqualTo(2);
        assertThat(report.lines()).isEqualTo(7);
        assertThat(report.sequence()).isEqualTo(5);
        rewrite(lines -> lines.set(1, lines.get(1).replace("two", "tvo")));
        assertBroken(2, "line 4 has another SHA-256 for it: one of the two was changed");
    }

    @Test
    void takesALineWholeThatLacksItsEndOnly() throws IOException {
        add("one", "two");
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));

        add("three");

        AuditChain.Report report = audit.verify(null);
        assertThat(report.broken()).isEmpty();
        assertThat(report.torn()).isZero();
        assertThat(report.sequence()).isEqualTo(3);
    }

    @Test
    void coversTheLinesFromBeforeTheChain() throws IOException {
        String old = "{\"at\":\"2025-03-01T10:00:00Z\",\"who\":\"ann\",\"action\":\"login\"}\n";
        Files.writeString(file, old.repeat(1_000));

        add("one", "two");

        AuditChain.Report report = audit.verify(null);
        assertThat(report.broken()).isEmpty();
        assertThat(report.unchained()).isEqualTo(1_000);
        assertThat(report.sequence()).isEqualTo(2);
        rewrite(lines -> lines.set(500, lines.get(500).replace("ann", "eve")));
        assertBroken(1, "the lines before line 1001, where the chain begins, are not as they were");
    }

    @Test
    void keepsTheChainWhereManyWriteAtOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<?>> writers = new ArrayList<>();
        try (JavaProcess other =
                JavaProcess.start(
                        folder.resolve("out"), AuditWriter.class, folder.toString(), "40")) {
            for (int writer = 0; writer < 4; writer++) {
                AuditFile own = AuditFile.in(folder, CLOCK);
                writers.add(
                        threads.submit(
                                () -> {
                                    for (int i = 0; i < 25; i++) {
                                        own.add("ann", AuditEvent.LOGIN, Map.of());
                                    }
                                }));
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
            assertThat(other.await(120)).as("%s", other.lines()).isZero();
        } finally {
            threads.shutdownNow();
        }

        AuditChain.Report report = audit.verify(null);
        assertThat(report.broken()).isEmpty();
        assertThat(report.torn()).isZero();
        assertThat(report.sequence()).isEqualTo(140);
    }

    @Test
    void raisesAnAlarmWhileTheFileIsBroken() throws IOException {
        Alarms alarms = new Alarms(CLOCK, (name, alarm) -> {});
        AuditWatch watch = new AuditWatch(audit, alarms);
        add("one", "two", "three");
        watch.tick();
        assertThat(watch.broken()).isFalse();

        rewrite(lines -> lines.remove(1));
        watch.tick();

        assertThat(watch.broken()).isTrue();
        assertThat(alarms.active())
                .singleElement()
                .satisfies(
                        alarm ->
                                assertThat(alarm.text())
                                        .startsWith(
                                                "line 2 of the audit file is not as it was written: its number is 3")
                                        .endsWith("see docs/runbooks/audit-broken.md"));

        Files.move(file, folder.resolve("kept.ndjson"));
        add("four");
        watch.tick();
        assertThat(alarms.active()).isEmpty();
        assertThat(audit.verify(null).sequence()).isEqualTo(1);
    }

    @Test
    void hasAnEventForEachChangeOfAModel() throws IOException {
        String registry =
                Files.readString(
                        Path.of(
                                "src/main/java",
                                Registry.class.getName().replace('.', '/') + ".java"));
        List<String> words =
                Pattern.compile("\"(model-[a-z-]+)\"")
                        .matcher(registry)
                        .results()
                        .map(found -> found.group(1))
                        .toList();

        assertThat(words).hasSizeGreaterThan(7).allSatisfy(word -> AuditEvent.of(word));
    }

    private interface Edit {
        void of(List<String> lines);
    }

    private void rewrite(Edit edit) throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(file));
        edit.of(lines);
        Files.write(file, lines);
    }

    private void add(String... outcomes) {
        for (String outcome : outcomes) {
            audit.add("ann", AuditEvent.LOGIN, Map.of("outcome", outcome));
        }
    }

    private void assertBroken(long line, String what) throws IOException {
        assertThat(audit.verify(null).broken()).contains(new AuditChain.Break(line, what));
    }
}
