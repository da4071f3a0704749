/** The canonical message, its codec and its validation. Knows nothing of Camel or the broker. */
package io.unshub.envelope;
