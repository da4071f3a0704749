package io.unshub.collect;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * {@code OpcUaPlant PORT TAGS RATE}: an OPC UA server in a process of its own, with the variables
 * {@code tag-0} and so on that change in turns, so many in a second over all.
 */
public final class OpcUaPlant {

    private static final int TURNS_PER_SECOND = 20;

    private OpcUaPlant() {}

    /** Runs until it is killed. */
    public static void main(String[] args) throws Exception {
        int tags = Integer.parseInt(args[1]);
        int aTurn = Integer.parseInt(args[2]) / TURNS_PER_SECOND;
        OpcUaTestServer server = new OpcUaTestServer(Integer.parseInt(args[0]));
        for (int i = 0; i < tags; i++) {
            server.add("tag-" + i, 0.0);
        }
        System.out.println("ready");
        ScheduledExecutorService turns = Executors.newSingleThreadScheduledExecutor();
        long[] changes = {0};
        turns.scheduleAtFixedRate(
                () -> {
                    for (int i = 0; i < aTurn; i++) {
                        long change = changes[0]++;
                        server.push("tag-" + change % tags, change / 8.0);
                    }
                },
                0,
                1_000_000 / TURNS_PER_SECOND,
                TimeUnit.MICROSECONDS);
    }

    /** Where its endpoint is. */
    public static String url(int port) {
        return OpcUaTestServer.url("127.0.0.1", port);
    }

    /** The address of a variable. */
    public static String address(int tag) {
        return OpcUaTestServer.address("tag-" + tag);
    }
}
