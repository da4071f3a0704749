package io.unshub.buffer;

import io.unshub.access.LiveAccessRules;
import io.unshub.access.LiveTls;
import io.unshub.access.Refusals;

/**
 * The MQTT listener with TLS.
 *
 * @param host address that it binds
 * @param port its port
 * @param tls what it shows and whom it trusts
 * @param rules who may publish and subscribe to what
 * @param refusals is given what is refused
 */
public record SecureListener(
        String host, int port, LiveTls tls, LiveAccessRules rules, Refusals refusals) {}
