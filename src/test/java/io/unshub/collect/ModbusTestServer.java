package io.unshub.collect;

import com.digitalpetri.modbus.ExceptionCode;
import com.digitalpetri.modbus.FunctionCode;
import com.digitalpetri.modbus.exceptions.ModbusResponseException;
import com.digitalpetri.modbus.exceptions.UnknownUnitIdException;
import com.digitalpetri.modbus.pdu.ReadHoldingRegistersRequest;
import com.digitalpetri.modbus.pdu.ReadHoldingRegistersResponse;
import com.digitalpetri.modbus.server.ModbusRequestContext;
import com.digitalpetri.modbus.server.ModbusTcpServer;
import com.digitalpetri.modbus.server.ProcessImage;
import com.digitalpetri.modbus.server.ReadOnlyModbusServices;
import com.digitalpetri.modbus.tcp.server.NettyTcpServerTransport;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;

/** A real Modbus server on loopback, some of whose registers misbehave. */
final class ModbusTestServer implements AutoCloseable {

    static final int UNIT = 7;

    private final ProcessImage image = new ProcessImage();
    private final ModbusTcpServer server;
    private final Set<Integer> illegal = ConcurrentHashMap.newKeySet();
    private final Set<Integer> mute = ConcurrentHashMap.newKeySet();
    private final Map<Integer, Integer> briefly = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();

    ModbusTestServer(int port) throws Exception {
        server =
                ModbusTcpServer.create(
                        NettyTcpServerTransport.create(
                                config -> config.setBindAddress("127.0.0.1").setPort(port)),
                        new Services());
        server.start();
    }

    /** Sets holding registers from the first on, addressed as in tags: the first is 1. */
    void set(int register, ByteBuffer bytes) {
        byte[] all = bytes.array();
        image.with(
                tx ->
                        tx.writeHoldingRegisters(
                                map -> {
                                    for (int i = 0; i < all.length; i += 2) {
                                        map.put(
                                                register - 1 + i / 2,
                                                new byte[] {all[i], all[i + 1]});
                                    }
                                }));
    }

    void setShort(int register, int value) {
        set(register, ByteBuffer.allocate(2).putShort((short) value));
    }

    void setInput(int register, int value) {
        byte[] bytes = ByteBuffer.allocate(2).putShort((short) value).array();
        image.with(tx -> tx.writeInputRegisters(map -> map.put(register - 1, bytes)));
    }

    void setCoil(int coil) {
        image.with(tx -> tx.writeCoils(map -> map.put(coil - 1, true)));
    }

    void setDiscrete(int input) {
        image.with(tx -> tx.writeDiscreteInputs(map -> map.put(input - 1, true)));
    }

    /** Refuses reads that touch the holding register. */
    void illegal(int register) {
        illegal.add(register - 1);
    }

    void legal(int register) {
        illegal.remove(register - 1);
    }

    /** Never answers reads that touch the holding register. */
    void mute(int register) {
        mute.add(register - 1);
    }

    /** Does not answer the next reads that touch the holding register. */
    void mute(int register, int times) {
        briefly.put(register - 1, times);
    }

    void answer(int register) {
        mute.remove(register - 1);
    }

    /** Returns the reads of holding registers so far, as first+count. */
    List<String> requests() {
        return requests;
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Services extends ReadOnlyModbusServices {

        @Override
        protected Optional<ProcessImage> getProcessImage(int unitId) {
            return unitId == UNIT ? Optional.of(image) : Optional.empty();
        }

        @Override
        public ReadHoldingRegistersResponse readHoldingRegisters(
                ModbusRequestContext context, int unitId, ReadHoldingRegistersRequest request)
                throws UnknownUnitIdException {
            requests.add(request.address() + 1 + "+" + request.quantity());
            boolean silent = touches(mute, request) || touches(briefly.keySet(), request);
            if (silent) {
                briefly.replaceAll((register, times) -> times - 1);
                briefly.values().removeIf(times -> times == 0);
                // the transport sends nothing back for a unit that it does not know
                throw new UnknownUnitIdException(unitId);
            }
            if (touches(illegal, request)) {
                throw sneaky(
                        new ModbusResponseException(
                                FunctionCode.READ_HOLDING_REGISTERS,
                                ExceptionCode.ILLEGAL_DATA_ADDRESS));
            }
            return super.readHoldingRegisters(context, unitId, request);
        }

        private static boolean touches(Set<Integer> some, ReadHoldingRegistersRequest request) {
            return some.stream()
                    .anyMatch(
                            a ->
                                    a >= request.address()
                                            && a < request.address() + request.quantity());
        }

        /** The base class left the exception out of its signature; the server expects it. */
        @SuppressWarnings("unchecked")
        private static <E extends Exception> RuntimeException sneaky(Exception e) throws E {
            throw (E) e;
        }
    }
}
