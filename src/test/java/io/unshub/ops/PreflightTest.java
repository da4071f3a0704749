package io.unshub.ops;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import org.junit.jupiter.api.Test;

class PreflightTest {

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

    private static void check(String... properties) {
        SmallRyeConfigBuilder builder =
                new SmallRyeConfigBuilder()
                        .addDefaultInterceptors()
                        .addDiscoveredConverters()
                        .withMapping(HubConfig.class);
        for (String property : properties) {
            String[] parts = property.split("=", 2);
            builder.withDefaultValue(parts[0], parts[1]);
        }
        SmallRyeConfig config = builder.build();
        Preflight.http(config.getConfigMapping(HubConfig.class), config);
    }
}
