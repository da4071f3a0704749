package io.unshub.drill;

import io.unshub.buffer.Queues;
import io.unshub.simulator.eventhubs.Fault;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.commons.io.FileUtils;

/** The drills that there are; docs/resilience/drills.md says what each shows. */
public final class Drills {

    // what a crash may repeat: in each lane one batch that Event Hubs has and the journal not yet
    private static final long LANES_UNDER_WAY = Queues.LANES * 500L;

    private static final List<Drill> ALL =
            List.of(
                    new Drill(
                            "event-hubs-away",
                            "Event Hubs dies and is away while the buffer outgrows the memory",
                            Drills::eventHubsAway),
                    new Drill(
                            "hub-killed",
                            "kill -9 of the hub under load, while starting, filling and draining",
                            Drills::hubKilled),
                    new Drill(
                            "far-side-faults",
                            "Event Hubs refuses, throttles, detaches, hangs, crawls and dies",
                            Drills::farSideFaults),
                    new Drill(
                            "buffer-full",
                            "the buffer is at its limit while publishers go on",
                            Drills::bufferFull),
                    new Drill(
                            "clients-vanish",
                            "publishers die with messages in flight; the broker restarts",
                            Drills::clientsVanish),
                    new Drill(
                            "poison",
                            "readings that no stage, or Event Hubs, will ever take",
                            Drills::poison),
                    new Drill(
                            "backup-restore",
                            "the data folder is lost and comes back from a backup",
                            Drills::backupRestore));

    private Drills() {}

    /** All of them. */
    public static List<Drill> all() {
        return ALL;
    }

    /** The one of that name. */
    public static Optional<Drill> named(String name) {
        return ALL.stream().filter(drill -> drill.name().equals(name)).findFirst();
    }

    private static Verdict eventHubsAway(Rig rig, boolean thorough) throws Exception {
        long backlog = thorough ? 2_000_000 : 100_000;
        rig.heapMegabytes(256);
        rig.startFarSide();
        rig.startHub();
        Child load = rig.publish("load", "--topics=200", "--in-flight=2000", "--seconds=3600");
        rig.until("readings are forwarded", () -> rig.forwarded() > 5_000);
        rig.farSide().kill();
        rig.say("Event Hubs was killed; waiting for %,d readings in the buffer", backlog);
        rig.until("the backlog is there", () -> rig.buffered() >= backlog);
        load.stop();
        rig.publish("live", "--topics=200", "--rate=1000", "--seconds=" + (thorough ? 60 : 10));
        rig.pass(2);
        rig.startFarSide();
        rig.say("Event Hubs is back; the backlog drains beside 1,000 live readings a second");
        rig.recovered();
        // what was sent when it was killed, and what it had taken and not confirmed
        return rig.verdict(LANES_UNDER_WAY);
    }

    private static Verdict hubKilled(Rig rig, boolean thorough) throws Exception {
        int kills = thorough ? 50 : 5;
        Random random = new Random(7);
        // a journal of few files is compacted often; what pins them is a dead letter now and then
        rig.with("unshub.buffer.max-bytes", Long.toString(400L << 20));
        rig.startFarSide();
        rig.startHub();
        String seconds = "--seconds=" + (thorough ? 1800 : 180);
        Child first =
                rig.publish("load-1", "--topics=200", "--rate=1500", "--bad-percent=1", seconds);
        Child second = rig.publish("load-2", "--topics=200", "--rate=1500", seconds, "--session");
        for (int kill = 1; kill <= kills && first.isAlive() && second.isAlive(); kill++) {
            switch (kill % 6) {
                case 0, 1 -> {
                    rig.pass(1 + random.nextDouble(3));
                    rig.say("kill %d, under load", kill);
                }
                case 2 -> {
                    rig.farSide().kill();
                    rig.pass(2 + random.nextDouble(4));
                    rig.say("kill %d, while the buffer fills", kill);
                }
                case 3 -> {
                    rig.untilItCompacts();
                    rig.say("kill %d, while the journal is compacted", kill);
                }
                case 4 -> {
                    rig.farSide().kill();
                    rig.pass(3);
                    rig.startFarSide();
                    rig.pass(random.nextDouble(2));
                    rig.say("kill %d, while the buffer drains", kill);
                }
                default -> {
                    rig.hub().kill();
                    rig.launchHub();
                    rig.pass(random.nextDouble(4));
                    rig.say("kill %d, while it starts", kill);
                }
            }
            rig.hub().kill();
            rig.startHub();
            if (rig.hub().said("alarm journal")) {
                rig.say("the hub says that it could not read its journal whole");
            }
            if (!rig.farSide().isAlive()) {
                rig.startFarSide();
            }
            rig.recovered();
            if (!rig.balances()) {
                rig.say("the ledger does not balance: no more kills, the data folder shows why");
                break;
            }
        }
        first.stop();
        second.stop();
        return rig.verdict(kills * LANES_UNDER_WAY);
    }

    private static Verdict farSideFaults(Rig rig, boolean thorough) throws Exception {
        rig.startFarSide();
        rig.startHub();
        Child load = rig.publish("load", "--topics=200", "--rate=1000", "--seconds=3600");
        rig.until("readings are forwarded", () -> rig.forwarded() > 2_000);
        double length = thorough ? 40 : 3;
        for (Fault fault :
                List.of(
                        Fault.SERVER_BUSY,
                        Fault.DETACH,
                        Fault.DROP,
                        Fault.UNAUTHORIZED,
                        Fault.SILENCE)) {
            rig.say("fault %s for %.0f s", fault, length);
            rig.farSide().tell(fault.name());
            rig.pass(length);
            rig.farSide().tell(Fault.NONE.name());
            rig.recovered();
        }
        int times = thorough ? 40 : 6;
        rig.say("throttled on and off, %d times", times);
        for (int i = 0; i < times; i++) {
            rig.farSide().tell((i % 2 == 0 ? Fault.SERVER_BUSY : Fault.NONE).name());
            rig.pass(0.3);
        }
        rig.recovered();
        halted(rig, length);
        rig.say("killed in the middle of a batch");
        rig.farSide().kill();
        rig.pass(length);
        rig.startFarSide();
        rig.recovered();
        load.stop();
        // what was taken, and whose acknowledgement was lost: once in each lane and fault
        return rig.verdict((9 + times) * LANES_UNDER_WAY);
    }

    private static void halted(Rig rig, double length) throws Exception {
        rig.say("halted: its connections are open and dead");
        rig.farSide().halt(true);
        rig.pass(length + 6);
        rig.farSide().halt(false);
        rig.recovered();
        rig.say("crawling: it works a tenth of the time");
        for (int i = 0; i < length; i++) {
            rig.farSide().halt(true);
            rig.pass(0.9);
            rig.farSide().halt(false);
            rig.pass(0.1);
        }
        rig.recovered();
    }

    private static Verdict bufferFull(Rig rig, boolean thorough) throws Exception {
        rig.with("unshub.buffer.max-bytes", Long.toString((thorough ? 1024L : 256L) << 20));
        rig.startHub();
        Child load =
                rig.publish(
                        "load",
                        "--topics=100",
                        "--rate=1000",
                        "--payload-bytes=20000",
                        "--in-flight=200",
                        "--session",
                        "--seconds=3600");
        rig.until("the buffer is full", () -> rig.hub().said("the buffer is full"));
        rig.say("the buffer is full: publishers are held back");
        long held = rig.buffered();
        rig.pass(3);
        rig.say("%,d readings were taken in since then", rig.buffered() - held);
        rig.startFarSide();
        rig.say("Event Hubs is back");
        rig.recovered();
        rig.until("the buffer has room again", () -> rig.hub().said("the buffer has room again"));
        rig.say("the buffer has room again: publishers go on");
        rig.pass(thorough ? 20 : 3);
        load.stop();
        return rig.verdict(LANES_UNDER_WAY);
    }

    private static Verdict clientsVanish(Rig rig, boolean thorough) throws Exception {
        rig.startFarSide();
        rig.startHub();
        String[] options = {
            "--topics=200", "--rate=2000", "--session", "--seconds=" + (thorough ? 120 : 20)
        };
        rig.publish("stays", options);
        for (int i = 0; i < (thorough ? 20 : 3); i++) {
            Child vanishing = rig.publish("vanishes-" + i, options);
            rig.pass(2.5);
            rig.say("a publisher is killed with messages in flight");
            vanishing.kill();
        }
        rig.say("the broker restarts; a publisher with a session goes on");
        rig.hub().stop();
        rig.startHub();
        rig.recovered();
        return rig.verdict(0);
    }

    private static Verdict poison(Rig rig, boolean thorough) throws Exception {
        String seconds = "--seconds=" + (thorough ? 60 : 10);
        rig.startFarSide();
        rig.startHub();
        rig.say("one reading in twenty breaks a rule: cut short, a field missing, no flag");
        rig.publish("broken", "--topics=100", "--rate=500", "--bad-percent=5", seconds);
        rig.pass(2);
        rig.say("Event Hubs refuses for good each reading with the word poison");
        rig.farSide().tell(Fault.POISON.name());
        rig.publish("poison", "--topics=20", "--rate=5", seconds);
        rig.publish("good", "--topics=200", "--rate=500", seconds);
        return rig.verdict(0);
    }

    private static Verdict backupRestore(Rig rig, boolean thorough) throws Exception {
        rig.startHub();
        rig.publish("load", "--topics=200", "--rate=2000", "--seconds=" + (thorough ? 60 : 5));
        rig.until("readings wait", () -> rig.buffered() >= (thorough ? 100_000 : 5_000));
        rig.pass(3);
        rig.hub().stop();
        Path backup = rig.path("backup");
        FileUtils.copyDirectory(rig.data().toFile(), backup.toFile());
        FileUtils.deleteDirectory(rig.data().toFile());
        rig.say("the hub was stopped, its data folder copied and removed");
        rig.data(backup);
        rig.startHub();
        rig.startFarSide();
        rig.say("the hub runs on the copy, and Event Hubs is there");
        rig.recovered();
        return rig.verdict(0);
    }
}
