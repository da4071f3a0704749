package io.unshub.security;

import static io.unshub.security.Attempt.Place.AUDIT_VERIFY;
import static io.unshub.security.Attempt.Place.CONSOLE;
import static io.unshub.security.Attempt.Place.FILES;
import static io.unshub.security.Attempt.Place.HTTP;
import static io.unshub.security.Attempt.Place.MQTT;

/**
 * What the negative suite tries to get from the hub, and what must come of it. The names are cited
 * in {@code docs/security/}: they stay.
 */
public enum Attempt {
    TLS_NO_CERTIFICATE("tls-no-certificate", MQTT, "NO_CERTIFICATE"),
    TLS_SELF_SIGNED("tls-self-signed", MQTT, "CERTIFICATE_UNTRUSTED"),
    TLS_WRONG_CA("tls-wrong-ca", MQTT, "CERTIFICATE_UNTRUSTED"),
    TLS_EXPIRED("tls-expired", MQTT, "CERTIFICATE_EXPIRED"),
    TLS_NOT_YET_VALID("tls-not-yet-valid", MQTT, "CERTIFICATE_NOT_YET_VALID"),
    TLS_REVOKED("tls-revoked", MQTT, "CERTIFICATE_REVOKED"),
    TLS_SERVER_CERTIFICATE("tls-server-certificate", MQTT, "CERTIFICATE_UNFIT"),
    TLS_WRONG_HOST_NAME("tls-wrong-host-name", MQTT, "CLIENT_REFUSED_SERVER"),
    TLS_1_0("tls-1.0", MQTT, "TLS_VERSION"),
    TLS_1_1("tls-1.1", MQTT, "TLS_VERSION"),
    TLS_WEAK_CIPHER("tls-weak-cipher", MQTT, "TLS_CIPHER"),
    TLS_PLAIN_TEXT("tls-plain-text", MQTT, "NOT_TLS"),

    MQTT_PLAIN_LISTENER("mqtt-plain-listener", MQTT, "PLAIN_TEXT"),
    MQTT_NO_ROLE("mqtt-no-role", MQTT, "NO_ROLE"),
    MQTT_CLIENT_ID_TAKEOVER("mqtt-client-id-takeover", MQTT, "CLIENT_ID"),
    MQTT_PUBLISH_OUTSIDE("mqtt-publish-outside", MQTT, "PUBLISH"),
    MQTT_PUBLISH_RETAINED("mqtt-publish-retained", MQTT, "PUBLISH"),
    MQTT_PUBLISH_SYS("mqtt-publish-sys", MQTT, "PUBLISH"),
    MQTT_PUBLISH_HUB("mqtt-publish-hub", MQTT, "PUBLISH"),
    MQTT_PUBLISH_NAMESPACE("mqtt-publish-namespace", MQTT, "PUBLISH"),
    MQTT_WILL("mqtt-will", MQTT, "WILL"),
    MQTT_SUBSCRIBE_OUTSIDE("mqtt-subscribe-outside", MQTT, "SUBSCRIBE"),
    MQTT_SUBSCRIBE_WILDCARD("mqtt-subscribe-wildcard", MQTT, "SUBSCRIBE"),
    MQTT_SUBSCRIBE_SHARED("mqtt-subscribe-shared", MQTT, "SUBSCRIBE"),
    MQTT_SUBSCRIBE_SYS("mqtt-subscribe-sys", MQTT, "SUBSCRIBE"),
    MQTT_SUBSCRIBE_BUFFER("mqtt-subscribe-buffer", MQTT, "SUBSCRIBE"),
    MQTT_TOO_MANY_TOPICS("mqtt-too-many-topics", MQTT, "TOPICS"),
    MQTT_TOO_MANY_SUBSCRIPTIONS("mqtt-too-many-subscriptions", MQTT, "SUBSCRIPTIONS"),
    MQTT_OVERSIZE("mqtt-oversize", MQTT, "PACKET_SIZE"),
    MQTT_OVERSIZE_3_1_1("mqtt-oversize-3.1.1", MQTT, "PACKET_SIZE"),
    MQTT_BROWSER("mqtt-browser", MQTT, "NOT_MQTT"),
    MQTT_SECOND_CONNECT("mqtt-second-connect", MQTT, "MALFORMED"),
    MQTT_FUZZ_BEFORE_CONNECT("mqtt-fuzz-before-connect", MQTT, "NOT_MQTT"),
    MQTT_FUZZ_CONNECT("mqtt-fuzz-connect", MQTT, "MALFORMED"),
    MQTT_FUZZ_AFTER_CONNECT("mqtt-fuzz-after-connect", MQTT, "MALFORMED"),
    MQTT_FUZZ_PLAIN("mqtt-fuzz-plain", MQTT, "MALFORMED"),
    MQTT_LOG_INJECTION("mqtt-log-injection", MQTT, "PUBLISH"),

    FLOOD_HALF_OPEN("flood-half-open", MQTT, "CONNECT_TIMEOUT"),
    FLOOD_SLOW_HANDSHAKE("flood-slow-handshake", MQTT, "CONNECT_TIMEOUT"),
    FLOOD_SLOW_CONNECT("flood-slow-connect", MQTT, "CONNECT_TIMEOUT"),
    FLOOD_CONNECTIONS("flood-connections", MQTT, "CONNECTIONS"),
    FLOOD_CONNECTION_RATE("flood-connection-rate", MQTT, "CONNECTION_RATE"),
    FLOOD_HTTP_SLOW_BODY("flood-http-slow-body", HTTP, "body-timeout"),

    HTTP_NO_KEY("http-no-key", HTTP, "token"),
    HTTP_WRONG_KEY("http-wrong-key", HTTP, "token"),
    HTTP_GUESSING("http-guessing", HTTP, "attempts-delay"),
    HTTP_WRONG_SCOPE("http-wrong-scope", HTTP, "scope"),
    HTTP_OUTSIDE_SUBTREE("http-outside-subtree", HTTP, "subtree"),
    HTTP_OVER_RATE("http-over-rate", HTTP, "rate-limit"),
    HTTP_PATH_TRAVERSAL("http-path-traversal", HTTP, "path-traversal"),
    HTTP_HEADER_INJECTION("http-header-injection", HTTP, "token"),
    HTTP_OVERSIZED_BODY("http-oversized-body", HTTP, "body-size"),
    HTTP_OVERSIZED_CHUNKS("http-oversized-chunks", HTTP, "body-size"),
    HTTP_OVERSIZED_HEADERS("http-oversized-headers", HTTP, "header-size"),
    HTTP_OVERSIZED_LINE("http-oversized-line", HTTP, "line-size"),
    HTTP_MALFORMED_BODY("http-malformed-body", HTTP, "bad-request"),
    HTTP_DEEP_BODY("http-deep-body", HTTP, "bad-request"),
    HTTP_LOG_INJECTION("http-log-injection", HTTP, "token"),

    JOLOKIA_NO_LOGIN("jolokia-no-login", HTTP, "login"),
    JOLOKIA_WRONG_PASSWORD("jolokia-wrong-password", CONSOLE, "failed"),
    JOLOKIA_VIEWER_EXECUTES("jolokia-viewer-executes", CONSOLE, "viewer"),

    ROUTE_EXEC("route-exec", FILES, "exec"),
    ROUTE_SCRIPT("route-script", FILES, "component"),
    ROUTE_FILE_OUTSIDE("route-file-outside", FILES, "folder"),
    YAML_TAG("yaml-tag", FILES, "alarm mqtt-acl"),
    YAML_ALIAS_BOMB("yaml-alias-bomb", FILES, "alarm mqtt-acl"),
    AUDIT_TAMPERED("audit-tampered", AUDIT_VERIFY, "not as it was written");

    private final String title;
    private final Place place;
    private final String reason;

    /** Where a refusal must be told. */
    public enum Place {
        /** The line {@code MQTT refused} of the log, and {@code mqtt-refused} of the audit file. */
        MQTT,
        /** The log, and {@code request-refused} of the audit file. */
        HTTP,
        /** The audit file's lines of the console. */
        CONSOLE,
        /** The log, and an alarm or line of the audit file. */
        FILES,
        /** What {@code uns-hub audit verify} says, and the hub's own look at its file. */
        AUDIT_VERIFY
    }

    Attempt(String title, Place place, String reason) {
        this.title = title;
        this.place = place;
        this.reason = reason;
    }

    /** As it is called in the documents. */
    public String title() {
        return title;
    }

    /** Where its refusal must be told. */
    public Place place() {
        return place;
    }

    /** The reason that must be given. */
    public String reason() {
        return reason;
    }
}
