/**
 * A local Event Hubs: the AMQP 1.0 endpoint that the unchanged Azure SDK talks to, with its log on
 * disk. The far edge of the demo and of the tests; knows nothing of the hub.
 */
package io.unshub.simulator.eventhubs;
