/**
 * The way to the cloud: lanes to partitions, batches to Event Hubs. Knows the Azure SDK, nothing of
 * Camel or the broker.
 */
package io.unshub.forward;
