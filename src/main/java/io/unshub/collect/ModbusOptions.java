package io.unshub.collect;

import java.time.Duration;

/**
 * How a Modbus connection is polled.
 *
 * @param pollInterval time from the start of one poll to the start of the next; more than zero
 * @param requestTimeout hard limit of every single call, connecting included; more than zero
 * @param unit unit identifier of the device, 0 to 255
 * @param byteOrder of values of more than one byte
 */
public record ModbusOptions(
        Duration pollInterval, Duration requestTimeout, int unit, ByteOrder byteOrder)
        implements Plc4xOptions {

    /** The place of each byte of a value of four, on the wire; A is the highest. */
    public enum ByteOrder {
        /** High word first, high byte first: as Modbus has it. */
        ABCD("BIG_ENDIAN"),
        /** Low word first, high byte first. */
        CDAB("LITTLE_ENDIAN_BYTE_SWAP"),
        /** High word first, low byte first. */
        BADC("BIG_ENDIAN_BYTE_SWAP"),
        /** Low word first, low byte first. */
        DCBA("LITTLE_ENDIAN");

        private final String driverWord;

        ByteOrder(String driverWord) {
            this.driverWord = driverWord;
        }

        /** What PLC4X calls it. */
        String driverWord() {
            return driverWord;
        }
    }

    /** What holds where a connection file says nothing. */
    public static final ModbusOptions DEFAULT =
            new ModbusOptions(Duration.ofSeconds(1), Duration.ofSeconds(2), 1, ByteOrder.ABCD);

    @Override
    public String target(String host, int port) {
        return "modbus-tcp:tcp://%s:%d?default-unit-identifier=%d&request-timeout=%d&default-payload-byte-order=%s&tcp.default-timeout=%d&tcp.keep-alive=true"
                .formatted(
                        host,
                        port,
                        unit,
                        requestTimeout.toMillis(),
                        byteOrder.driverWord(),
                        requestTimeout.toMillis());
    }
}
