package io.unshub.ops.console;

/**
 * Somebody who has logged in.
 *
 * @param name of the account
 * @param role what they may do
 */
public record Account(String name, Role role) {}
