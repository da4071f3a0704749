/**
 * The embedded broker and the durable queues on it: what is accepted, what waits for the cloud,
 * what was set aside; and the same queues in memory, for rehearsals. The only package that knows
 * Artemis; it knows nothing of Camel.
 */
package io.unshub.buffer;
