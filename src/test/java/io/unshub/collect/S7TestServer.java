package io.unshub.collect;

import com.github.xingshuangs.iot.protocol.s7.enums.EPlcType;
import com.github.xingshuangs.iot.protocol.s7.service.S7PLC;
import com.github.xingshuangs.iot.protocol.s7.service.S7PLCServer;
import java.nio.ByteBuffer;
import java.util.concurrent.Executors;

/** A real S7 server on loopback with one data block. */
public final class S7TestServer implements AutoCloseable {

    private final S7PLCServer server;
    private final S7PLC programmer;

    /** Serves on a port of loopback. */
    public S7TestServer(int port) {
        server = new S7PLCServer(port);
        server.addDBArea(1);
        server.start();
        // its own has a thread for each processor, and so takes no more clients than that
        server.setExecutorService(Executors.newCachedThreadPool());
        programmer = new S7PLC(EPlcType.S1200, "127.0.0.1", port);
    }

    /** Writes bytes of the block, from its first on. */
    public void set(ByteBuffer block) {
        programmer.writeByte("DB1.0", block.array());
    }

    /** Writes a number as so many DINT, from the block's first byte on. */
    void fill(int count, int number) {
        ByteBuffer block = ByteBuffer.allocate(4 * count);
        while (block.hasRemaining()) {
            block.putInt(number);
        }
        set(block);
    }

    @Override
    public void close() {
        programmer.close();
        server.stop();
    }
}
