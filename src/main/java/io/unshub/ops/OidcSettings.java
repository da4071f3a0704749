package io.unshub.ops;

import io.unshub.ops.access.OidcLogin;
import io.unshub.ops.access.OidcTokens;
import io.unshub.ops.access.Scope;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The settings of {@code unshub.http.oidc}, read. */
public final class OidcSettings {

    private OidcSettings() {}

    /**
     * Reads them.
     *
     * @param oidc with an issuer
     * @throws IllegalArgumentException if they cannot be meant so
     */
    public static OidcTokens.Settings of(HubConfig.Http.Oidc oidc) {
        return new OidcTokens.Settings(
                oidc.issuer().orElseThrow(),
                oidc.audience(),
                keys(oidc.jwksUrl().orElse("")),
                oidc.rolesClaim(),
                oidc.nameClaim(),
                grants(oidc.grants().orElse(List.of())),
                oidc.keysKeptFor());
    }

    /**
     * Reads those of {@code unshub.http.oidc.login}.
     *
     * @param login with a client id
     * @throws IllegalArgumentException if they cannot be meant so
     */
    public static OidcLogin.Settings login(HubConfig.Http.Oidc.Login login) {
        return new OidcLogin.Settings(
                page("authorization-url", login.authorizationUrl()),
                page("token-url", login.tokenUrl()),
                page("callback-url", login.callbackUrl()),
                login.clientId().orElseThrow(),
                login.clientSecret().orElse(null),
                login.scope());
    }

    private static URI page(String name, Optional<String> address) {
        try {
            URI uri = URI.create(address.orElse(""));
            if (uri.getHost() != null
                    && (uri.getScheme().equals("https") || LocalAddress.is(uri.getHost()))) {
                return uri;
            }
        } catch (IllegalArgumentException | NullPointerException e) {
            // said below
        }
        throw new IllegalArgumentException(
                "unshub.http.oidc.login.%s is %s, it must be an address of HTTPS, as others could log in with what goes there; plain HTTP is for loopback"
                        .formatted(name, address.orElse("not set")));
    }

    private static URL keys(String address) {
        try {
            URI uri = URI.create(address);
            if (uri.getScheme().equals("https") || LocalAddress.is(uri.getHost())) {
                return uri.toURL();
            }
        } catch (MalformedURLException | IllegalArgumentException | NullPointerException e) {
            // said below
        }
        throw new IllegalArgumentException(
                "unshub.http.oidc.jwks-url is %s, it must be an address of HTTPS, as others could put keys of their own there; plain HTTP is for loopback"
                        .formatted(address));
    }

    private static Map<String, Set<Scope>> grants(List<String> given) {
        Map<String, Set<Scope>> grants = new HashMap<>();
        for (String grant : given) {
            int colon = grant.indexOf(':');
            Set<Scope> scopes =
                    grants.computeIfAbsent(
                            grant.substring(0, colon).strip(), role -> EnumSet.noneOf(Scope.class));
            for (String word : grant.substring(colon + 1).split("\\+")) {
                scopes.add(
                        Scope.of(word)
                                .orElseThrow(
                                        () ->
                                                new IllegalArgumentException(
                                                        "unshub.http.oidc.grants has the scope %s, known scopes are %s"
                                                                .formatted(word, Scope.words()))));
            }
        }
        return grants;
    }
}
