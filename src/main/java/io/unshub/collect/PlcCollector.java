package io.unshub.collect;

import io.unshub.collect.PlcLink.Answer;
import io.unshub.collect.ReadPlan.Block;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.plc4x.java.api.types.PlcResponseCode;

/**
 * Polls the tags of one device at a fixed rate, over one connection.
 *
 * <p>In: the values that the device answers with. Out: per poll one reading for every tag that the
 * device said anything of, with our time. Guarantees: no call blocks longer than the time-out; tags
 * share requests, but a tag that the device refuses, or that breaks the connection, does not cost
 * its neighbours their values. Threads: all on the collector's own. Failure: the connection is
 * closed and made anew; while it is gone no readings are made. A poll that the sink or the device
 * is too slow for is skipped and counted, never queued.
 */
final class PlcCollector extends SupervisedCollector {

    /** The device never answered for this tag while it answered for others. */
    static final String NO_RESPONSE = "NoResponse";

    /** The driver failed on this tag while it read others. */
    static final String READ_FAILED = "ReadFailed";

    private static final int MAX_RETRY_DOUBLINGS = 6;
    private static final int STRIKES_WITHOUT_WITNESS = 3;

    /** Breaks in a row, each after others were answered; the network fails at any tag. */
    private static final int PROOFS = 3;

    private final ReadPlan plan;

    /** What is read now; survives the connection, so that what was learned is not forgotten. */
    private List<Block> blocks;

    /** How often in a row each block broke the connection. */
    private final Map<Block, Integer> strikes = new HashMap<>();

    /** How often in a row each of them did so after others had been answered. */
    private final Map<Block, Integer> proofs = new HashMap<>();

    private final Map<Tag, Quarantine> quarantined = new LinkedHashMap<>();

    /** The last code that each tag was refused with, while it is. */
    private final Map<Tag, PlcResponseCode> refused = new HashMap<>();

    /**
     * Blocks whose tags were all refused alone, too, as by a gateway whose device is off: that says
     * nothing against reading them together.
     */
    private final Set<Block> denied = new LinkedHashSet<>();

    /** Whether blocks were taken apart only to find the one that breaks the connection. */
    private boolean searching;

    private long nextRead = System.nanoTime();

    private record Quarantine(long retryAt, int times) {}

    PlcCollector(
            Connection connection, List<Tag> tags, Clock clock, ReadingSink sink, Timing timing) {
        super(connection, tags, clock, sink, timing);
        this.plan = ReadPlan.of(connection.protocol());
        this.blocks = plan.wide(tags);
    }

    @Override
    void session() throws Exception {
        try (PlcLink link = PlcLink.open(connection)) {
            long interval = connection.plc().pollInterval().toNanos();
            long next = System.nanoTime();
            while (!closing()) {
                if (handOver.room() < tags.size()) {
                    skippedPolls.incrementAndGet();
                } else {
                    poll(link);
                }
                next += interval;
                long late = System.nanoTime() - next;
                if (late > 0) {
                    long missed = late / interval;
                    skippedPolls.addAndGet(missed);
                    next += missed * interval;
                }
                long wait = next - System.nanoTime();
                if (wait > 0) {
                    TimeUnit.NANOSECONDS.sleep(wait);
                }
            }
        }
    }

    private void poll(PlcLink link) throws Exception {
        boolean answered = false;
        for (Block block : due()) {
            try {
                read(link, block);
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                broke(block, answered, e);
                throw e;
            }
            answered = true;
            online();
            strikes.remove(block);
            proofs.remove(block);
            release(block);
        }
        reunite();
        if (searching && strikes.isEmpty() && quarantined.isEmpty()) {
            searching = false;
            blocks = plan.wide(tags);
        }
    }

    /** Reads together again what was taken apart while the device refused all of it. */
    private void reunite() {
        for (Block block : List.copyOf(denied)) {
            if (block.tags().stream().noneMatch(refused::containsKey)) {
                denied.remove(block);
                List<Block> singles = plan.singles(block.tags());
                if (blocks.containsAll(singles)) {
                    List<Block> result = new ArrayList<>(blocks);
                    result.removeAll(singles);
                    result.add(block);
                    blocks = List.copyOf(result);
                }
            }
        }
    }

    /**
     * Returns what to read, the suspicious last, so that their neighbours have been read by then.
     */
    private List<Block> due() {
        List<Block> result = new ArrayList<>(blocks);
        long now = System.nanoTime();
        quarantined.forEach(
                (tag, quarantine) -> {
                    if (now - quarantine.retryAt() >= 0) {
                        Block block = plan.singles(List.of(tag)).get(0);
                        strikes.putIfAbsent(block, 1);
                        result.add(block);
                    }
                });
        result.sort(Comparator.comparingInt(block -> strikes.getOrDefault(block, 0)));
        return result;
    }

    private void read(PlcLink link, Block block) throws Exception {
        Map<Tag, Answer> answers = ask(link, block.tags());
        boolean fine = answers.values().stream().allMatch(a -> a.code() == PlcResponseCode.OK);
        if (!fine && !block.single() && !plan.eachForItself()) {
            // one bad register fails the whole request: ask one by one
            List<Tag> bad = new ArrayList<>();
            for (Tag tag : block.tags()) {
                Answer alone = ask(link, List.of(tag)).get(tag);
                answers.put(tag, alone);
                if (alone.code() != PlcResponseCode.OK) {
                    bad.add(tag);
                }
            }
            replace(block, plan.apart(block, bad));
            if (bad.size() == block.tags().size()) {
                denied.add(block);
            }
        }
        for (Tag tag : block.tags()) {
            emit(tag, answers.get(tag));
        }
    }

    /** One request to the device, not before its budget allows it. */
    private Map<Tag, Answer> ask(PlcLink link, List<Tag> asked) throws Exception {
        Double most = connection.budget().readsPerSecond();
        if (most != null) {
            long wait = nextRead - System.nanoTime();
            if (wait > 0) {
                TimeUnit.NANOSECONDS.sleep(wait);
            }
            nextRead = System.nanoTime() + (long) (1e9 / most);
        }
        reads.incrementAndGet();
        return link.read(asked);
    }

    private void emit(Tag tag, Answer answer) throws InterruptedException {
        if (answer.code() == PlcResponseCode.OK) {
            if (refused.remove(tag) != null) {
                tagFine(tag);
            }
        } else if (refused.put(tag, answer.code()) != answer.code()) {
            String more = answer.detail() == null ? "" : ", " + answer.detail();
            tagFault(tag, answer.code().name() + more);
        }
        emit(readings.of(tag, SourceStatus.of(answer.code()), answer.value(), null));
    }

    /**
     * Draws the consequences of a block that broke the connection. It is to blame only if the
     * device answered for something else on the same connection; else the device itself may be
     * down.
     */
    private void broke(Block block, boolean answered, Exception fault) throws InterruptedException {
        int count = strikes.merge(block, 1, Integer::sum);
        if (answered) {
            proofs.merge(block, 1, Integer::sum);
        }
        boolean alone = blocks.size() == 1 && count >= STRIKES_WITHOUT_WITNESS;
        if (block.single()) {
            int enough = quarantined.containsKey(block.tags().get(0)) ? 1 : PROOFS;
            if (answered && proofs.get(block) >= enough) {
                quarantine(block, fault);
            }
        } else if (answered && count >= 2 || alone) {
            List<Block> singles = plan.singles(block.tags());
            replace(block, singles);
            singles.forEach(single -> strikes.put(single, 1));
            searching = true;
        }
    }

    private void quarantine(Block block, Exception fault) throws InterruptedException {
        Tag tag = block.tags().get(0);
        replace(block, List.of());
        if (searching) {
            // found: its neighbours may share requests again, as long as none touches it
            blocks = plan.gapless(blocks.stream().flatMap(b -> b.tags().stream()).toList());
            strikes.clear();
            proofs.clear();
        }
        Quarantine before = quarantined.get(tag);
        int times = before == null ? 0 : Math.min(before.times() + 1, MAX_RETRY_DOUBLINGS);
        Duration wait = timing.retryBad().multipliedBy(1L << times);
        quarantined.put(tag, new Quarantine(System.nanoTime() + wait.toNanos(), times));
        String code = fault instanceof TimeoutException ? NO_RESPONSE : READ_FAILED;
        if (before == null) {
            tagFault(tag, code + ", and it breaks the connection; set aside and tried rarely");
        }
        emit(readings.error(tag, code));
    }

    /** The tag behaves again. */
    private void release(Block block) {
        Tag tag = block.tags().get(0);
        if (block.single() && quarantined.remove(tag) != null) {
            tagFine(tag);
            List<Block> more = new ArrayList<>(blocks);
            more.add(block);
            blocks = List.copyOf(more);
        }
    }

    private void replace(Block block, List<Block> by) {
        List<Block> result = new ArrayList<>(blocks);
        result.remove(block);
        result.addAll(by);
        blocks = List.copyOf(result);
        strikes.remove(block);
        proofs.remove(block);
    }
}
