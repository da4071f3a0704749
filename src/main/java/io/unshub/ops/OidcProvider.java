package io.unshub.ops;

import io.unshub.ops.access.OidcLogin;
import io.unshub.ops.access.OidcTokens;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.Optional;

/** The OpenID provider that is configured, if one is; without it nothing of it is loaded. */
@Singleton
public final class OidcProvider {

    private final OidcTokens tokens;
    private final OidcLogin login;

    /**
     * @param clock tells what has expired
     */
    public OidcProvider(HubConfig config, Clock clock) {
        HubConfig.Http.Oidc oidc = config.http().oidc();
        boolean present = oidc.issuer().isPresent();
        tokens = present ? new OidcTokens(OidcSettings.of(oidc), config.dataDir(), clock) : null;
        login =
                present && oidc.login().clientId().isPresent()
                        ? new OidcLogin(OidcSettings.login(oidc.login()), tokens, clock)
                        : null;
    }

    /** Looks at its tokens. */
    public Optional<OidcTokens> tokens() {
        return Optional.ofNullable(tokens);
    }

    /** Logs people in at the console, where that is configured. */
    public Optional<OidcLogin> login() {
        return Optional.ofNullable(login);
    }
}
