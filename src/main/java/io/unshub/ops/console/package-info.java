/**
 * Who may look at the hub in a browser: accounts, logins and sessions, and what they may see and do
 * by JMX. Called by HTTP alone; the pages themselves are under {@code META-INF/resources/hawtio}.
 */
package io.unshub.ops.console;
