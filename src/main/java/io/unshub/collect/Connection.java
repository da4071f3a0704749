package io.unshub.collect;

/**
 * One PLC or SCADA system, as in {@code config/connections/NAME.yaml}.
 *
 * @param name equals the file name; the {@code sourceSystem} of its readings
 * @param protocol what it speaks
 * @param url where it is, with all properties resolved
 * @param simulated whether its readings are at best SIMULATED
 * @param opcua options of an OPC UA connection; null for other protocols
 * @param plc options of a polled connection; null for OPC UA
 * @param budget what may be asked of it
 */
public record Connection(
        String name,
        Protocol protocol,
        String url,
        boolean simulated,
        OpcUaOptions opcua,
        PlcOptions plc,
        Budget budget) {

    /** A connection of which anything may be asked. */
    public Connection(
            String name,
            Protocol protocol,
            String url,
            boolean simulated,
            OpcUaOptions opcua,
            PlcOptions plc) {
        this(name, protocol, url, simulated, opcua, plc, Budget.NONE);
    }

    /**
     * The load that a device is given at most. A connection is one session.
     *
     * @param sessions connections to the same host and port; null for no limit
     * @param items tags that may be bound; null for no limit
     * @param readsPerSecond requests of a poller; null for no limit
     */
    public record Budget(Integer sessions, Integer items, Double readsPerSecond) {

        /** No limits. */
        public static final Budget NONE = new Budget(null, null, null);

        /** As for a reader: what there is of what may be. */
        public String inWords(int tags) {
            return "%d tags, limit %s; reads a second, limit %s; sessions with its host, limit %s"
                    .formatted(tags, limit(items), limit(readsPerSecond), limit(sessions));
        }

        private static String limit(Number most) {
            return most == null ? "none" : most.toString();
        }
    }
}
