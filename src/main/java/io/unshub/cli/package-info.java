/** The one executable and its commands. Only {@code run} starts Quarkus and Camel. */
package io.unshub.cli;
