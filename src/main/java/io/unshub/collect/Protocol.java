package io.unshub.collect;

import java.net.URI;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a connection speaks. */
public enum Protocol {
    /** OPC UA over TCP, {@code opc.tcp://host:port/path}. */
    OPCUA("opc.tcp", 4840, "opc.tcp://HOST:PORT/PATH"),
    /** Modbus TCP, {@code modbus-tcp://host:port}. */
    MODBUS("modbus-tcp", 502, "modbus-tcp://HOST:PORT"),
    /** Siemens S7 over ISO-on-TCP, {@code s7://host:port}. */
    S7("s7", 102, "s7://HOST:PORT"),
    /** Rockwell Logix over EtherNet/IP, {@code logix://host:port}. */
    LOGIX("logix", 44818, "logix://HOST:PORT");

    private final String scheme;
    private final int defaultPort;
    private final String urlForm;

    Protocol(String scheme, int defaultPort, String urlForm) {
        this.scheme = scheme;
        this.defaultPort = defaultPort;
        this.urlForm = urlForm;
    }

    /** The scheme of its urls. */
    String scheme() {
        return scheme;
    }

    /** What its urls look like. */
    String urlForm() {
        return urlForm;
    }

    /** The port of a url, its own where the url names none. */
    int port(URI url) {
        return url.getPort() == -1 ? defaultPort : url.getPort();
    }

    /** The word that stands in connection files. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it is read by a poller. */
    public boolean polled() {
        return this != OPCUA;
    }

    static Optional<Protocol> of(String word) {
        return Arrays.stream(values()).filter(p -> p.word().equals(word)).findFirst();
    }
}
