package io.unshub.simulator.plant;

import com.digitalpetri.modbus.ExceptionCode;
import com.digitalpetri.modbus.FunctionCode;
import com.digitalpetri.modbus.exceptions.ModbusResponseException;
import com.digitalpetri.modbus.pdu.ReadHoldingRegistersRequest;
import com.digitalpetri.modbus.pdu.ReadHoldingRegistersResponse;
import com.digitalpetri.modbus.server.ModbusRequestContext;
import com.digitalpetri.modbus.server.ModbusServices;
import com.digitalpetri.modbus.server.ModbusTcpServer;
import com.digitalpetri.modbus.server.ProcessImage;
import com.digitalpetri.modbus.tcp.server.NettyTcpServerTransport;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.unshub.simulator.plant.Machine.Coding;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * The Modbus TCP server of the plant: loopback only, read only, holding registers, big endian, any
 * unit id. It is open from the constructor's return to {@link #close}.
 *
 * <p>Registers that were never written answer ILLEGAL_DATA_ADDRESS. One {@link #write} is atomic:
 * no read sees half of it.
 */
final class PlantModbusServer implements AutoCloseable {

    private static final String HOST = "127.0.0.1";

    private final ProcessImage registers = new ProcessImage();
    private final ModbusTcpServer server;
    private final int port;
    // of its own, because only its end frees the port for sure
    private final EventLoopGroup eventLoop =
            new NioEventLoopGroup(1, new DefaultThreadFactory("plant-modbus", true));

    /**
     * Binds the port.
     *
     * @param requestedPort 0 for any free one
     * @throws IOException when the port is taken
     */
    PlantModbusServer(int requestedPort) throws IOException {
        AtomicReference<ServerSocketChannel> bound = new AtomicReference<>();
        NettyTcpServerTransport transport =
                NettyTcpServerTransport.create(
                        config -> {
                            config.bindAddress = HOST;
                            config.port = requestedPort;
                            config.eventLoopGroup = eventLoop;
                            // the transport does not tell which port it was given
                            config.bootstrapCustomizer =
                                    bootstrap -> bootstrap.handler(remember(bound));
                        });
        server = ModbusTcpServer.create(transport, new Registers());
        try {
            server.start();
        } catch (ExecutionException e) {
            endLoop();
            throw new IOException(PlantOpcUaServer.portTaken("Modbus", requestedPort), e);
        } catch (InterruptedException e) {
            endLoop();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while binding the Modbus port");
        }
        port = bound.get().localAddress().getPort();
    }

    int port() {
        return port;
    }

    /** Changes registers as one step. */
    void write(Consumer<Map<Integer, byte[]>> change) {
        registers.with(transaction -> transaction.writeHoldingRegisters(change));
    }

    /**
     * Puts a value into registers.
     *
     * @param register number on the wire, from 0
     */
    static void put(Map<Integer, byte[]> registers, int register, Coding coding, double value) {
        if (coding == Coding.INT) {
            registers.put(register, ByteBuffer.allocate(2).putShort((short) value).array());
            return;
        }
        ByteBuffer four = ByteBuffer.allocate(4);
        if (coding == Coding.REAL) {
            four.putFloat((float) value);
        } else {
            four.putInt((int) value);
        }
        registers.put(register, new byte[] {four.get(0), four.get(1)});
        registers.put(register + 1, new byte[] {four.get(2), four.get(3)});
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (ExecutionException e) {
            throw new IllegalStateException("Modbus server did not stop", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            endLoop();
        }
    }

    private void endLoop() {
        eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static ChannelInitializer<ServerSocketChannel> remember(
            AtomicReference<ServerSocketChannel> bound) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(ServerSocketChannel channel) {
                bound.set(channel);
            }
        };
    }

    private final class Registers implements ModbusServices {

        @Override
        public ReadHoldingRegistersResponse readHoldingRegisters(
                ModbusRequestContext context, int unitId, ReadHoldingRegistersRequest request)
                throws ModbusResponseException {
            byte[] bytes =
                    registers.get(
                            tx ->
                                    tx.readHoldingRegisters(
                                            all ->
                                                    read(
                                                            all,
                                                            request.address(),
                                                            request.quantity())));
            if (bytes.length == 0) {
                throw new ModbusResponseException(
                        FunctionCode.READ_HOLDING_REGISTERS, ExceptionCode.ILLEGAL_DATA_ADDRESS);
            }
            return new ReadHoldingRegistersResponse(bytes);
        }

        /** Returns the registers' bytes, or none when one of them does not exist. */
        private static byte[] read(Map<Integer, byte[]> all, int first, int quantity) {
            ByteBuffer bytes = ByteBuffer.allocate(2 * quantity);
            for (int register = first; register < first + quantity; register++) {
                byte[] value = all.get(register);
                if (value == null) {
                    return new byte[0];
                }
                bytes.put(value);
            }
            return bytes.array();
        }
    }
}
