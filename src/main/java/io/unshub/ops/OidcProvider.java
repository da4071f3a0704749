package io.unshub.ops;

import io.unshub.ops.access.OidcLogin;
import io.unshub.ops.access.OidcTokens;
import jakarta.inject.Singleton;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Clock;
import java.util.Optional;

/**
 * The OpenID provider that is configured, if one is; without it nothing of it is loaded. A login
 * without a provider does not start, see {@link Preflight}.
 */
@Singleton
public final class OidcProvider {

    private final OidcTokens tokens;
    private final OidcLogin login;
    private final String name;

    /**
     * @param clock tells what has expired
     */
    public OidcProvider(HubConfig config, Clock clock) {
        HubConfig.Http.Oidc oidc = config.http().oidc();
        name = oidc.issuer().map(OidcProvider::host).orElse("");
        tokens =
                oidc.issuer().isPresent()
                        ? new OidcTokens(OidcSettings.of(oidc), config.dataDir(), clock)
                        : null;
        login =
                OidcSettings.login(oidc.login())
                        .map(settings -> new OidcLogin(settings, tokens, clock))
                        .orElse(null);
    }

    /** Looks at its tokens. */
    public Optional<OidcTokens> tokens() {
        return Optional.ofNullable(tokens);
    }

    /** What people know it by: the host of its issuer. */
    public String name() {
        return name;
    }

    /** Logs people in at the console, where that is configured. */
    public Optional<OidcLogin> login() {
        return Optional.ofNullable(login);
    }

    private static String host(String issuer) {
        try {
            String host = new URI(issuer).getHost();
            return host == null ? issuer : host;
        } catch (URISyntaxException e) {
            return issuer;
        }
    }
}
