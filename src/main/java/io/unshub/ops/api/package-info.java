/**
 * The control API: HTTP on loopback, behind the token, for the commands that need the running hub.
 */
package io.unshub.ops.api;
