package io.unshub.ops;

import io.unshub.ops.access.OidcTokens;
import io.unshub.ops.access.Scope;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
