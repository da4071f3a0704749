package io.unshub.simulator.plant;

import java.time.Duration;

/**
 * One tag that the plant offers, as a tag file names it.
 *
 * @param connection the connection that reaches it, {@code plant1-scada} or {@code plant2-plc}
 * @param topic UNS topic, seven levels
 * @param address OPC UA node id with its namespace's URI, or Modbus address in PLC4X syntax
 * @param units UCUM code
 * @param min lowest value that a working sensor gives, in those units
 * @param max highest value that a working sensor gives
 * @param interval time between two values
 */
public record SimulatedTag(
        String connection,
        String topic,
        String address,
        String units,
        double min,
        double max,
        Duration interval) {}
