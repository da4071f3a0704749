package io.unshub.ops;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.buffer.DeadLetters;
import io.unshub.deadletter.DeadLetter;
import io.unshub.deadletter.Fix;
import io.unshub.deadletter.Reason;
import io.unshub.deadletter.Rejection;
import io.unshub.deadletter.Selection;
import io.unshub.envelope.Batch;
import io.unshub.envelope.EnvelopeValidator;
import io.unshub.envelope.Reading;
import io.unshub.envelope.Verdict;
import io.unshub.uns.Excerpt;
import io.unshub.uns.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * What an operator does with dead letters: look, group, try a fix, replay.
 *
 * <p>A replay is of a plan, and a plan is a dry run: it holds exactly those letters that would pass
 * validation now. One replay runs at a time; its fix is on disk for as long as letters wait for it,
 * so that it goes on after a crash. Each letter is published again once. Threads: any.
 *
 * <p>Failure: {@link Refused} for what cannot be done; a fault of disk or broker leaves each letter
 * either here or with the replay route.
 */
public final class DeadLetterWorkbench {

    private static final Logger LOG = Logger.getLogger(DeadLetterWorkbench.class);
    private static final ObjectMapper JSON = new ObjectMapper().findAndRegisterModules();
    private static final int MOST_IN_A_PLAN = 1_000_000;
    private static final int MOST_PLANS = 20;
    private static final int EXAMPLES = 5;
    private static final Duration PLAN_LIVES = Duration.ofHours(1);
    private static final String HUB = "hub";

    private final DeadLetters letters;
    private final EnvelopeValidator validator;
    private final AuditFile audit;
    private final Path file;
    private final InstantSource clock;
    private final Map<String, Plan> plans = new LinkedHashMap<>();
    private Replay latest;
    private volatile Fix fix = Fix.NONE;

    private record Plan(
            Instant at, Selection selection, String mapping, Fix fix, Set<String> ids) {}

    /**
     * Letters that were refused for the same rule on the same topic.
     *
     * @param reason the class of refusal
     * @param field the field or part that broke the rule
     * @param topic the topic
     * @param count how many
     * @param first when the first one that is still here was set aside
     * @param last when the last one was
     * @param detail why, of the last one
     */
    public record Group(
            Reason reason,
            String field,
            String topic,
            long count,
            Instant first,
            Instant last,
            String detail) {}

    /**
     * What a fix would do to one letter.
     *
     * @param id the letter
     * @param topic where it would be published
     * @param before its bytes as text
     * @param after what they would become
     * @param passes whether it would then be valid
     * @param detail why not; null when it passes
     */
    public record Example(
            String id, String topic, String before, String after, boolean passes, String detail) {}

    /**
     * A dry run.
     *
     * @param plan names it for the replay; lives an hour
     * @param selected how many letters are meant
     * @param passes how many of them would pass now, and would be replayed
     * @param fails how many would not, by why
     * @param examples some of both
     */
    public record Preview(
            String plan,
            long selected,
            long passes,
            Map<String, Long> fails,
            List<Example> examples) {}

    /**
     * A replay.
     *
     * @param plan the dry run that it carries out
     * @param by who asked for it
     * @param started when
     * @param ended when its last letter was published again; null while it runs
     * @param mapping the fix, as YAML; empty for none
     * @param chosen how many letters
     * @param waiting how many of them have not been published again yet
     */
    public record Replay(
            String plan,
            String by,
            Instant started,
            Instant ended,
            String mapping,
            long chosen,
            long waiting) {}

    /**
     * @param letters the queue
     * @param validator what a letter must pass
     * @param audit where replays are written down
     * @param file where the replay under way is kept
     * @param clock tells the time
     */
    public DeadLetterWorkbench(
            DeadLetters letters,
            EnvelopeValidator validator,
            AuditFile audit,
            Path file,
            InstantSource clock) {
        this.letters = letters;
        this.validator = validator;
        this.audit = audit;
        this.file = file;
        this.clock = clock;
    }

    /**
     * Takes up a replay that a stop or a crash interrupted; before the routes start.
     *
     * @throws IOException if its file cannot be read
     */
    public synchronized void resume() throws IOException {
        if (Files.exists(file)) {
            latest = JSON.readValue(file.toFile(), Replay.class);
            fix = fix(latest.mapping());
            LOG.infof(
                    "replay %s goes on, %d letters wait", latest.plan(), letters.awaitingReplay());
        }
    }

    /** Up to so many letters, the oldest first. */
    public List<DeadLetter> list(Selection selection, int limit) throws Exception {
        List<DeadLetter> found = new ArrayList<>();
        if (limit > 0) {
            letters.read(
                    letter -> {
                        if (selection.matches(letter)) {
                            found.add(letter);
                        }
                        return found.size() < limit;
                    });
        }
        return found;
    }

    /** What is done with each exported letter. */
    @FunctionalInterface
    public interface Export {
        /**
         * Takes a letter.
         *
         * @throws IOException if it cannot be written, which ends the export
         */
        void letter(DeadLetter letter) throws IOException;
    }

    /**
     * Hands out all chosen letters, the oldest first.
     *
     * @throws IOException if a letter cannot be written or the queue cannot be read
     */
    public void export(Selection selection, Export export) throws IOException {
        try {
            letters.read(
                    letter -> {
                        if (selection.matches(letter)) {
                            try {
                                export.letter(letter);
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        }
                        return true;
                    });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (Exception e) {
            throw new IOException("the dead letters cannot be read: " + e.getMessage(), e);
        }
    }

    /** One letter. */
    public Optional<DeadLetter> show(String id) throws Exception {
        return list(new Selection(id, null, null, null), 1).stream().findFirst();
    }

    /** The letters by reason, field and topic, the largest group first. */
    public List<Group> groups(Selection selection) throws Exception {
        Map<List<Object>, Group> groups = new LinkedHashMap<>();
        letters.read(
                letter -> {
                    if (selection.matches(letter)) {
                        Rejection why = letter.rejection();
                        groups.merge(
                                List.of(why.reason(), why.field(), letter.topic()),
                                group(letter),
                                DeadLetterWorkbench::join);
                    }
                    return true;
                });
        return groups.values().stream()
                .sorted(Comparator.comparingLong(Group::count).reversed())
                .toList();
    }

    private static Group group(DeadLetter letter) {
        return new Group(
                letter.rejection().reason(),
                letter.rejection().field(),
                letter.topic(),
                1,
                letter.setAsideUtc(),
                letter.setAsideUtc(),
                letter.rejection().detail());
    }

    private static Group join(Group a, Group b) {
        boolean later = b.last().isAfter(a.last());
        return new Group(
                a.reason(),
                a.field(),
                a.topic(),
                a.count() + b.count(),
                a.first().isBefore(b.first()) ? a.first() : b.first(),
                later ? b.last() : a.last(),
                later ? b.detail() : a.detail());
    }

    /**
     * Says what each chosen letter would become and whether it would pass; changes nothing.
     *
     * @param selection which letters
     * @param mapping the fix, as YAML; empty for none
     * @throws Refused if the plan would hold too many letters
     * @throws io.unshub.uns.RulesException if the mapping is none
     */
    public Preview preview(Selection selection, String mapping) throws Exception {
        Fix tried = fix(mapping);
        Set<String> ids = new HashSet<>();
        long[] selected = {0};
        Map<String, Long> fails = new TreeMap<>();
        List<Example> examples = new ArrayList<>();
        letters.read(
                letter -> {
                    if (selection.matches(letter)) {
                        selected[0]++;
                        consider(letter, tried, ids, fails, examples);
                    }
                    return ids.size() <= MOST_IN_A_PLAN;
                });
        if (ids.size() > MOST_IN_A_PLAN) {
            throw new Refused(
                    400,
                    "the selection has more than " + MOST_IN_A_PLAN + " letters",
                    "plan-size",
                    ids.size() + "",
                    "narrow it by reason, field or topic, and replay in parts");
        }
        String id = UUID.randomUUID().toString().substring(0, 8);
        remember(id, new Plan(clock.instant(), selection, mapping, tried, ids));
        return new Preview(id, selected[0], ids.size(), fails, examples);
    }

    private void consider(
            DeadLetter letter,
            Fix tried,
            Set<String> ids,
            Map<String, Long> fails,
            List<Example> examples) {
        Fix.Result result = tried.apply(letter.topic(), letter.acceptedUtc(), letter.payload());
        String why = result.problem();
        String group = "cannot be fixed: " + why;
        if (why == null
                && validator.check(result.topic(), result.payload())
                        instanceof Verdict.Invalid invalid) {
            why = invalid.rejection().detail();
            group = invalid.rejection().reason() + " " + invalid.rejection().field();
        }
        if (why == null) {
            ids.add(letter.id());
        } else {
            fails.merge(group, 1L, Long::sum);
        }
        boolean passes = why == null;
        if (examples.stream().filter(example -> example.passes() == passes).count() < EXAMPLES) {
            examples.add(
                    new Example(
                            letter.id(),
                            result.topic(),
                            text(letter.payload()),
                            text(result.payload()),
                            passes,
                            why));
        }
    }

    private static String text(byte[] payload) {
        return new String(payload, StandardCharsets.UTF_8);
    }

    private synchronized void remember(String id, Plan plan) {
        Instant oldest = clock.instant().minus(PLAN_LIVES);
        plans.values().removeIf(old -> old.at().isBefore(oldest));
        if (plans.size() >= MOST_PLANS) {
            plans.remove(plans.keySet().iterator().next());
        }
        plans.put(id, plan);
    }

    /**
     * Publishes the letters of a plan again, in the background and paced by the replay route.
     *
     * @param planId the dry run
     * @param by who asks for it
     * @throws Refused if there is no such plan, or another replay runs
     */
    public synchronized Replay replay(String planId, String by) throws Exception {
        Plan plan = plans.get(planId);
        if (plan == null) {
            throw new Refused(
                    404,
                    "there is no plan " + Excerpt.of(planId) + ", or it is older than an hour",
                    "plan",
                    Excerpt.of(planId),
                    "make a dry run first: uns-hub dead-letters fix, or replay --dry-run");
        }
        tick();
        if (letters.awaitingReplay() > 0) {
            throw new Refused(
                    409,
                    "a replay is under way, " + letters.awaitingReplay() + " letters wait",
                    "one-replay-at-a-time",
                    planId,
                    "wait until it has ended: uns-hub dead-letters status");
        }
        audit.add(
                by,
                AuditEvent.REPLAY,
                Map.of(
                        "plan",
                        planId,
                        "letters",
                        plan.ids().size(),
                        "selection",
                        plan.selection().toString(),
                        "mapping",
                        plan.mapping()));
        Replay begun =
                new Replay(planId, by, clock.instant(), null, plan.mapping(), plan.ids().size(), 0);
        save(begun);
        latest = begun;
        fix = plan.fix();
        plans.remove(planId);
        long chosen = letters.choose(letter -> plan.ids().contains(letter.id()));
        latest = new Replay(planId, by, begun.started(), null, plan.mapping(), chosen, 0);
        save(latest);
        return status().orElseThrow();
    }

    /** The replay that runs, or else the one that ran last since the start. */
    public synchronized Optional<Replay> status() {
        return Optional.ofNullable(latest)
                .map(
                        r ->
                                new Replay(
                                        r.plan(),
                                        r.by(),
                                        r.started(),
                                        r.ended(),
                                        r.mapping(),
                                        r.chosen(),
                                        letters.awaitingReplay()));
    }

    /** The fix stage of the replay route: each reading becomes what the dry run showed. */
    public void fix(Batch batch) {
        Fix current = fix;
        for (Reading reading : batch) {
            Fix.Result result =
                    current.apply(reading.topic(), reading.acceptedUtc(), reading.payload());
            if (result.problem() == null) {
                reading.correct(result.topic(), result.payload());
            } else {
                reading.reject(
                        new Rejection(
                                Reason.INTERNAL_ERROR,
                                "replay",
                                "the fix of the replay cannot be applied: "
                                        + result.problem()
                                        + "; make a dry run again"));
            }
        }
    }

    /** Notes the end of a replay once its last letter has gone; called from time to time. */
    public synchronized void tick() throws IOException {
        if (latest == null || latest.ended() != null || letters.awaitingReplay() > 0) {
            return;
        }
        latest =
                new Replay(
                        latest.plan(),
                        latest.by(),
                        latest.started(),
                        clock.instant(),
                        latest.mapping(),
                        latest.chosen(),
                        0);
        audit.add(
                HUB,
                AuditEvent.REPLAY_ENDED,
                Map.of("plan", latest.plan(), "letters", latest.chosen()));
        LOG.infof("replay %s has ended, %d letters", latest.plan(), latest.chosen());
        Files.deleteIfExists(file);
        fix = Fix.NONE;
    }

    private void save(Replay replay) throws IOException {
        WholeFile.replace(file, to -> Files.write(to, JSON.writeValueAsBytes(replay)));
    }

    private static Fix fix(String mapping) {
        return mapping.isBlank()
                ? Fix.NONE
                : Fix.parse("the mapping", mapping.getBytes(StandardCharsets.UTF_8));
    }
}
