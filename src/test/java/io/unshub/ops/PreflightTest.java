package io.unshub.ops;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PreflightTest {

    private static final String CALLBACK = "/hawtio/auth/oidc/callback";

    private static final String OPEN = "quarkus.http.host=0.0.0.0";

    @Test
    void servesPlainHttpOnLoopback() {
        assertThatCode(() -> check("quarkus.http.host=127.0.0.1")).doesNotThrowAnyException();
        assertThatCode(() -> check("quarkus.http.host=::1")).doesNotThrowAnyException();
    }

    @Test
    void refusesPlainHttpThatOthersReach() {
        for (String plain : new String[] {"enabled", "redirect"}) {
            assertThatThrownBy(() -> check(OPEN, "quarkus.http.insecure-requests=" + plain))
                    .isInstanceOf(StartRefused.class)
                    .hasMessage(
                            "quarkus.http.host is 0.0.0.0, where others could read keys and readings along, as plain HTTP is served; set a certificate and quarkus.http.insecure-requests=disabled, or unshub.http.behind-tls-proxy=true where a proxy terminates TLS, see docs/security/http.md");
        }
        assertThatThrownBy(() -> check(OPEN)).isInstanceOf(StartRefused.class);
    }

    @Test
    void servesOthersWithTlsOrBehindAProxyThatHasIt() {
        assertThatCode(() -> check(OPEN, "quarkus.http.insecure-requests=disabled"))
                .doesNotThrowAnyException();
        assertThatCode(() -> check(OPEN, "unshub.http.behind-tls-proxy=true"))
                .doesNotThrowAnyException();
    }

    @Test
    void servesTheDemoOnLoopbackOnly() {
        assertThatThrownBy(
                        () -> check(OPEN, "unshub.demo=true", "unshub.http.behind-tls-proxy=true"))
                .isInstanceOf(StartRefused.class)
                .hasMessage(
                        "quarkus.http.host is 0.0.0.0, but in the demo profile HTTP is served on loopback only; use 127.0.0.1");
    }

    @Test
    void takesAConnectionStringFromAFileOrTheEnvironmentAlone() {
        String plain = "unshub.eventhubs.connection-string=Endpoint=sb://a/;EntityPath=uns";
        assertThatThrownBy(() -> eventHubs(plain))
                .isInstanceOf(StartRefused.class)
                .hasMessage(
                        "unshub.eventhubs.connection-string is in plain text, where whoever reads the configuration has the key; put it into a file for the hub's user alone and set file:PATH, or env:NAME, or use unshub.eventhubs.credential=managed-identity, see docs/security/event-hubs.md");
        for (String fine :
                new String[] {
                    "unshub.eventhubs.connection-string=file:/run/secrets/event-hub",
                    "unshub.eventhubs.connection-string=env:EVENT_HUB"
                }) {
            assertThatCode(() -> eventHubs(fine)).doesNotThrowAnyException();
        }
        assertThatCode(() -> eventHubs(plain, "unshub.demo=true")).doesNotThrowAnyException();
        SmallRyeConfig environment =
                builder()
                        .withSources(
                                new EnvConfigSource(
                                        Map.of("UNSHUB_EVENTHUBS_CONNECTION_STRING", "Endpoint=a"),
                                        300))
                        .build();
        assertThatCode(
                        () ->
                                Preflight.eventHubs(
                                        environment.getConfigMapping(HubConfig.class), environment))
                .doesNotThrowAnyException();
    }

    @Test
    void needsAnEventHubAndOneWayToLogIn() {
        String managed = "unshub.eventhubs.credential=managed-identity";
        String namespace = "unshub.eventhubs.namespace=acme.servicebus.windows.net";
        assertThatThrownBy(() -> eventHubs())
                .isInstanceOf(StartRefused.class)
                .hasMessage(
                        "there is no event hub to forward to; set unshub.eventhubs.credential=managed-identity, or unshub.eventhubs.connection-string=file:PATH, see docs/security/event-hubs.md");
        assertThatThrownBy(() -> eventHubs(managed, namespace))
                .isInstanceOf(StartRefused.class)
                .hasMessage(
                        "unshub.eventhubs.credential is managed-identity, which needs to know the event hub; set unshub.eventhubs.namespace, as acme.servicebus.windows.net, and unshub.eventhubs.name");
        assertThatCode(() -> eventHubs(managed, namespace, "unshub.eventhubs.name=uns"))
                .doesNotThrowAnyException();
        assertThatThrownBy(
                        () ->
                                eventHubs(
                                        managed,
                                        namespace,
                                        "unshub.eventhubs.name=uns",
                                        "unshub.eventhubs.connection-string=file:a"))
                .isInstanceOf(StartRefused.class)
                .hasMessage(
                        "unshub.eventhubs.credential is managed-identity, and there is unshub.eventhubs.connection-string, too; take one of them out");
    }

    @Test
    void needsAllOfAProviderOfTokens() {
        String issuer = "unshub.http.oidc.issuer=https://login.acme.example";
        String keys = "unshub.http.oidc.jwks-url=https://login.acme.example/keys";
        assertThatCode(() -> oidc()).doesNotThrowAnyException();
        assertThatCode(() -> oidc(issuer, keys, "unshub.http.oidc.grants=a:read+replay"))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> oidc(issuer, keys))
                .isInstanceOf(StartRefused.class)
                .hasMessage(
                        "unshub.http.oidc.issuer is set, without the provider's keys or what its roles may; set unshub.http.oidc.jwks-url and unshub.http.oidc.grants, see docs/security/oidc.md");
        assertThatThrownBy(() -> oidc(issuer, keys, "unshub.http.oidc.grants=a:reed"))
                .isInstanceOf(StartRefused.class)
                .hasMessage(
                        "unshub.http.oidc.grants has the scope reed, known scopes are [ingest, read, replay, score, admin], see docs/security/oidc.md");
        assertThatThrownBy(
                        () ->
                                oidc(
                                        issuer,
                                        "unshub.http.oidc.jwks-url=http://192.0.2.7/keys",
                                        "unshub.http.oidc.grants=a:read"))
                .isInstanceOf(StartRefused.class)
                .hasMessage(
                        "unshub.http.oidc.jwks-url is http://192.0.2.7/keys, it must be an address of HTTPS, as others could put keys of their own there; plain HTTP is for loopback, see docs/security/oidc.md");
    }

    @Test
    void logsNobodyInWhereTheWayThereOrBackCanBeReadAlong() {
        String client = "unshub.http.oidc.login.client-id=uns-hub";
        assertThatCode(() -> login("callback-url=http://127.0.0.1:8080" + CALLBACK))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> oidc(client))
                .isInstanceOf(StartRefused.class)
                .hasMessage(
                        "unshub.http.oidc.login.client-id is set without a provider; set unshub.http.oidc.issuer, see docs/security/oidc.md");
        assertThatThrownBy(() -> login("client-id=uns-hub"))
                .isInstanceOf(StartRefused.class)
                .hasMessage(
                        "unshub.http.oidc.login.callback-url is not set, it must be an address of HTTPS, as others could log in with what goes there; plain HTTP is for loopback, see docs/security/oidc.md");
        assertThatThrownBy(() -> login("callback-url=http://192.0.2.7:8080" + CALLBACK))
                .isInstanceOf(StartRefused.class)
                .hasMessageStartingWith(
                        "unshub.http.oidc.login.callback-url is http://192.0.2.7:8080/hawtio/auth/oidc/callback, it must be an address of HTTPS");
    }

    /** A login at a provider, with one more setting. */
    private static void login(String setting) {
        oidc(
                "unshub.http.oidc.issuer=https://login.acme.example",
                "unshub.http.oidc.jwks-url=https://login.acme.example/keys",
                "unshub.http.oidc.grants=a:read",
                "unshub.http.oidc.login.client-id=uns-hub",
                "unshub.http.oidc.login.authorization-url=https://login.acme.example/auth",
                "unshub.http.oidc.login.token-url=https://login.acme.example/token",
                "unshub.http.oidc.login." + setting);
    }

    @Test
    void callsTheBrokerOfThePlantWithTlsButOnThisMachine() {
        String far = "unshub.external.host=192.0.2.7";
        String key = "unshub.external.tls.key=hub-key.pem";
        String missing = "unshub.external.tls.trusted=not-there.pem";
        assertThatCode(() -> external(far)).doesNotThrowAnyException();
        assertThatThrownBy(() -> external(far, missing))
                .isInstanceOf(StartRefused.class)
                .hasMessageStartingWith("unshub.external.tls: ")
                .hasMessageContaining("not-there.pem")
                .hasMessageEndingWith("; see docs/connectors/mqtt.md");
        assertThatThrownBy(() -> external(far, key))
                .isInstanceOf(StartRefused.class)
                .hasMessage(
                        "unshub.external.tls.certificate and unshub.external.tls.key belong together; set both, or neither");

        String[] near = {"unshub.external.host=127.0.0.1", "unshub.external.port=8883"};
        assertThatCode(() -> external(near[0], near[1], missing)).doesNotThrowAnyException();
        assertThatCode(() -> external(far, missing, "unshub.external.tls.enabled=false"))
                .doesNotThrowAnyException();
        assertThatThrownBy(
                        () ->
                                external(
                                        near[0],
                                        near[1],
                                        missing,
                                        "unshub.external.tls.enabled=true"))
                .isInstanceOf(StartRefused.class);
    }

    private static void external(String... properties) {
        Preflight.external(config(properties).getConfigMapping(HubConfig.class));
    }

    private static void oidc(String... properties) {
        Preflight.oidc(config(properties).getConfigMapping(HubConfig.class));
    }

    private static void eventHubs(String... properties) {
        SmallRyeConfig config = config(properties);
        Preflight.eventHubs(config.getConfigMapping(HubConfig.class), config);
    }

    private static void check(String... properties) {
        SmallRyeConfig config = config(properties);
        Preflight.http(config.getConfigMapping(HubConfig.class), config);
    }

    private static SmallRyeConfigBuilder builder() {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .addDiscoveredConverters()
                .withMapping(HubConfig.class);
    }

    private static SmallRyeConfig config(String... properties) {
        SmallRyeConfigBuilder builder = builder();
        for (String property : properties) {
            String[] parts = property.split("=", 2);
            builder.withDefaultValue(parts[0], parts[1]);
        }
        return builder.build();
    }
}
