package io.unshub.simulator.plant;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.plc4x.java.api.PlcConnection;
import org.apache.plc4x.java.api.PlcDriverManager;
import org.apache.plc4x.java.api.messages.PlcReadRequest;
import org.apache.plc4x.java.api.messages.PlcReadResponse;

/** A real PLC4X client of the plant's Modbus server. */
final class PlcClient implements AutoCloseable {

    private final PlcConnection connection;

    PlcClient(SimulatedPlant plant) throws Exception {
        connection =
                PlcDriverManager.getDefault()
                        .getConnectionManager()
                        .getConnection(
                                "modbus-tcp:tcp://127.0.0.1:%d?unit-identifier=1"
                                        .formatted(plant.modbusPort()));
    }

    /** Reads addresses in one request; each is its own tag name. */
    PlcReadResponse read(List<String> addresses) throws Exception {
        PlcReadRequest.Builder request = connection.readRequestBuilder();
        addresses.forEach(address -> request.addTagAddress(address, address));
        return request.build().execute().get(60, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (Exception e) {
            throw new IllegalStateException("PLC4X did not disconnect", e);
        }
    }
}
