package io.unshub.buffer;

import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The queues of the embedded broker. */
class BrokerStoreTest extends MessageStoreContract {

    @TempDir Path data;
    private Broker broker;

    @BeforeEach
    void start() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        broker = new Broker(new BrokerConfig(data, "127.0.0.1", port, 4_194_304, 1L << 30));
        broker.start();
    }

    @AfterEach
    void stop() throws Exception {
        broker.stop();
    }

    @Override
    MessageStore store() {
        return broker;
    }
}
