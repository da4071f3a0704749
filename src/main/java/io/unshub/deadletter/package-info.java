/** Readings that were set aside, and why. Knows nothing of Camel. */
package io.unshub.deadletter;
