/**
 * The test kit: what an engineer's tests of routes stand on. Built into a jar of its own, with the
 * classifier {@code testkit}; knows the hub, Camel's test support and nothing of the hub's tests.
 */
package io.unshub.testkit;
