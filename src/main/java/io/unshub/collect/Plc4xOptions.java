package io.unshub.collect;

/** How a device that PLC4X has a driver for is polled. */
sealed interface Plc4xOptions extends PlcOptions permits ModbusOptions, S7Options {

    /** The connection string of the PLC4X driver for a device at that place. */
    String target(String host, int port);
}
