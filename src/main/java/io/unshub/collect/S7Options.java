package io.unshub.collect;

import java.time.Duration;

/**
 * How a Siemens S7 is polled.
 *
 * @param pollInterval time from the start of one poll to the start of the next; more than zero
 * @param requestTimeout hard limit of every single call, connecting included; more than zero
 * @param rack of the CPU, 0 to 7
 * @param slot of the CPU, 0 to 31: 2 in an S7-300 and S7-400, 1 in an S7-1200 and S7-1500
 */
public record S7Options(Duration pollInterval, Duration requestTimeout, int rack, int slot)
        implements Plc4xOptions {

    /** What holds where a connection file says nothing. */
    public static final S7Options DEFAULT =
            new S7Options(Duration.ofSeconds(1), Duration.ofSeconds(2), 0, 1);

    @Override
    public String target(String host, int port) {
        // the older driver's read-timeout is in seconds, this one's in milliseconds
        // with a type given the driver does not ask for it, which not every CPU answers; reads are
        // the same for all of them
        return "s7-light:tcp://%s:%d?remote-rack=%d&remote-slot=%d&controller-type=S7_1500&read-timeout=%d&tcp.default-timeout=%d&tcp.keep-alive=true"
                .formatted(
                        host,
                        port,
                        rack,
                        slot,
                        requestTimeout.toMillis(),
                        requestTimeout.toMillis());
    }
}
