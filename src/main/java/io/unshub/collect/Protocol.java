package io.unshub.collect;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a connection speaks. */
public enum Protocol {
    /** OPC UA over TCP, {@code opc.tcp://host:port/path}. */
    OPCUA,
    /** Modbus TCP, {@code modbus-tcp://host:port}. */
    MODBUS;

    /** The word that stands in connection files. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Protocol> of(String word) {
        return Arrays.stream(values()).filter(p -> p.word().equals(word)).findFirst();
    }
}
