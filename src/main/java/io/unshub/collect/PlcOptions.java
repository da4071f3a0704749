package io.unshub.collect;

import java.time.Duration;

/** How a PLC is polled. */
public sealed interface PlcOptions permits Plc4xOptions, LogixOptions {

    /** Time from the start of one poll to the start of the next; more than zero. */
    Duration pollInterval();

    /** Hard limit of every single call, connecting included; more than zero. */
    Duration requestTimeout();
}
