/**
 * A simulated plant behind real protocol servers: OPC UA and Modbus TCP on loopback. The hub
 * reaches it by protocol alone, as it would reach a plant; only start-up, benches and tests call
 * this package. Knows nothing of Camel, the broker or the envelope.
 */
package io.unshub.simulator.plant;
