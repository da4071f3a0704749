/**
 * What lets an engineer follow a reading from the outside: traces, sent to a collector of
 * OpenTelemetry where one is configured, and the fields of log lines. Anyone may call it; it is the
 * only package that knows OpenTelemetry.
 */
package io.unshub.trace;
