package io.unshub.buffer;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The hub's own queues.
 *
 * <p>Their names start with {@code $}, which MQTT wildcards never match (MQTT 5, 4.7.2), so that a
 * client that subscribes to {@code #} does not receive the buffer.
 */
public final class Queues {

    /** How many lanes the buffer has; fixed, as a reading's lane must never change. */
    public static final int LANES = 32;

    /** What the names of all of them start with. */
    static final String OWN = "$hub/";

    /** Everything that was published, before validation. */
    public static final String INGEST = "$hub/ingest";

    /** The address of all that is published, of which the ingest queue takes each message. */
    static final String PUBLISHED = "#";

    /** What the hub itself collected, on its way to the ingest queue. */
    static final String COLLECTED = "$hub/collected";

    /** Readings that were set aside. */
    public static final String DEAD_LETTER = "$hub/dead-letter";

    /** Dead letters on their way back to the ingest queue. */
    public static final String REPLAY = "$hub/replay";

    /** Copies of readings that models look at. */
    public static final String SCORE = "$hub/score";

    /** What the names of the queues of durable subscriptions start with. */
    private static final String COPIES = OWN + "subscription/";

    /** The ledger's deltas and snapshots. */
    public static final String LEDGER = "$hub/ledger";

    /** The ledger's hours that are over. */
    public static final String LEDGER_HOURS = "$hub/ledger-hours";

    private static final List<String> LANE_NAMES =
            IntStream.range(0, LANES).mapToObj("$hub/lane/%02d"::formatted).toList();

    private static final List<String> LIVE_NAMES =
            IntStream.range(0, LANES).mapToObj("$hub/live/%02d"::formatted).toList();
    private static final List<String> BUFFER =
            Stream.concat(LANE_NAMES.stream(), LIVE_NAMES.stream()).toList();

    private Queues() {}

    /** The queue of a lane, 0 to {@value #LANES} - 1. */
    public static String lane(int lane) {
        return LANE_NAMES.get(lane);
    }

    /**
     * The queue beside a lane, 0 to {@value #LANES} - 1, for readings that may overtake what waits
     * in the lane.
     */
    public static String live(int lane) {
        return LIVE_NAMES.get(lane);
    }

    /** Whether a queue is beside a lane. */
    static boolean isLive(String queue) {
        return LIVE_NAMES.contains(queue);
    }

    /**
     * The queue of a durable subscription: copies of readings for a route of the plant's own.
     *
     * @param subscription its name
     */
    public static String copies(String subscription) {
        return COPIES + subscription;
    }

    /** Whether an address is none that a publisher's readings come by. */
    static boolean isSystem(String address) {
        return address.startsWith("$")
                || address.startsWith("_hub/")
                || address.startsWith("activemq.");
    }

    /** Whether a queue holds copies of readings, whose originals are in the books. */
    static boolean isCopies(String queue) {
        return queue.equals(SCORE) || isSubscription(queue);
    }

    /** Whether a queue is that of a durable subscription. */
    static boolean isSubscription(String queue) {
        return queue.startsWith(COPIES);
    }

    /** The queues of all lanes and those beside them: the buffer. */
    public static List<String> buffer() {
        return BUFFER;
    }

    /**
     * The lane of a topic: a hash of its equipment, so that all tags of one piece of equipment keep
     * their order among themselves.
     *
     * @param topic a topic; everything before its last level names the equipment
     */
    public static int laneOf(String topic) {
        int end = topic.lastIndexOf('/');
        int hash = (end < 0 ? topic : topic.substring(0, end)).hashCode();
        // String hashes of similar names differ in the low bits only: mix before taking the rest
        hash ^= hash >>> 16;
        hash *= 0x85ebca6b;
        hash ^= hash >>> 13;
        hash *= 0xc2b2ae35;
        hash ^= hash >>> 16;
        return Math.floorMod(hash, LANES);
    }
}
