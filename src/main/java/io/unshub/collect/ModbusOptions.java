package io.unshub.collect;

import java.time.Duration;

/**
 * How a Modbus connection is polled.
 *
 * @param pollInterval time from the start of one poll to the start of the next; more than zero
 * @param requestTimeout hard limit of every single call, connecting included; more than zero
 * @param unit unit identifier of the device, 0 to 255
 */
public record ModbusOptions(Duration pollInterval, Duration requestTimeout, int unit) {

    /** What holds where a connection file says nothing. */
    public static final ModbusOptions DEFAULT =
            new ModbusOptions(Duration.ofSeconds(1), Duration.ofSeconds(2), 1);
}
