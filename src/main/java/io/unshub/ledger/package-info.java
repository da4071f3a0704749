/**
 * The promise, counted: accepted + generated = forwarded + dead-lettered + buffered + withheld +
 * deduplicated + evicted, per topic. Pure state and arithmetic; where it is stored is the buffer's
 * business.
 */
package io.unshub.ledger;
