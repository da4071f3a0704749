package io.unshub.collect;

import java.time.Duration;

/**
 * How an OPC UA connection is subscribed.
 *
 * @param samplingInterval how often the server looks at a value; zero for every change
 * @param publishingInterval how often the server sends what it has; more than zero
 * @param queueSize values per tag that the server keeps while we are away; 1 to 1,000,000
 * @param security of the messages, and the user
 */
public record OpcUaOptions(
        Duration samplingInterval,
        Duration publishingInterval,
        int queueSize,
        OpcUaSecurity security) {

    /** What holds where a connection file says nothing. */
    public static final OpcUaOptions DEFAULT =
            new OpcUaOptions(Duration.ZERO, Duration.ofMillis(250), 1000, OpcUaSecurity.NONE);
}
