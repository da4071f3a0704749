/** Which readings the hub has accepted lately, and the stage that takes a second one out. */
package io.unshub.deduplication;
