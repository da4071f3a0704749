/**
 * Quality flags and the rules that set them. Knows the envelope, nothing of Camel, the broker or
 * the network.
 */
package io.unshub.quality;
