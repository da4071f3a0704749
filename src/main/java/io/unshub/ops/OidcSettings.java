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
                keys(oidc.jwksUrl()),
                oidc.rolesClaim(),
                oidc.nameClaim(),
                grants(oidc.grants().orElse(List.of())),
                oidc.keysKeptFor());
    }

    /**
     * Reads those of {@code unshub.http.oidc.login}; empty without a client id.
     *
     * @throws IllegalArgumentException if they cannot be meant so
     */
    public static Optional<OidcLogin.Settings> login(HubConfig.Http.Oidc.Login login) {
        return login.clientId()
                .map(
                        clientId ->
                                new OidcLogin.Settings(
                                        page("authorization-url", login.authorizationUrl()),
                                        page("token-url", login.tokenUrl()),
                                        page("callback-url", login.callbackUrl()),
                                        clientId,
                                        login.clientSecret().orElse(null),
                                        login.scope()));
    }

    private static URI page(String name, Optional<String> address) {
        return address("login." + name, address, "as others could log in with what goes there");
    }

    private static URL keys(Optional<String> address) {
        URI keys = address("jwks-url", address, "as others could put keys of their own there");
        try {
            return keys.toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static URI address(String name, Optional<String> address, String why) {
        try {
            URI uri = URI.create(address.orElse(""));
            if (uri.getHost() != null
                    && ("https".equals(uri.getScheme()) || LocalAddress.is(uri.getHost()))) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw new IllegalArgumentException(
                "unshub.http.oidc.%s is %s, it must be an address of HTTPS, %s; plain HTTP is for loopback"
                        .formatted(name, address.orElse("not set"), why));
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
