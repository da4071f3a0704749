/** Running the hub: its configuration, the checks before the start, what it says of itself. */
package io.unshub.ops;
