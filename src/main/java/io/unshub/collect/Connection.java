package io.unshub.collect;

/**
 * One PLC or SCADA system, as in {@code config/connections/NAME.yaml}.
 *
 * @param name equals the file name; the {@code sourceSystem} of its readings
 * @param protocol what it speaks
 * @param url where it is, with all properties resolved
 * @param simulated whether its readings are at best SIMULATED
 * @param opcua options of an OPC UA connection; null for other protocols
 * @param modbus options of a Modbus connection; null for other protocols
 */
public record Connection(
        String name,
        Protocol protocol,
        String url,
        boolean simulated,
        OpcUaOptions opcua,
        ModbusOptions modbus) {}
