package io.unshub.ops.access;

import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.AuthorizationRequest;
import com.nimbusds.oauth2.sdk.AuthorizationResponse;
import com.nimbusds.oauth2.sdk.ErrorObject;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import io.unshub.ops.access.OidcTokens.Verdict;
import io.unshub.uns.Excerpt;
import io.unshub.uns.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Logs people in at an OpenID provider: the authorization code flow of RFC 6749 with PKCE, RFC
 * 7636.
 *
 * <p>Guarantees: a code counts once, within ten minutes, and in the browser in which the login was
 * begun; the access token that the provider gives for it is held to {@link OidcTokens}, as one that
 * a program sends. No token is kept. Of more than a thousand logins under way the oldest is
 * forgotten. Threads: any; {@link #end} may wait for the provider, some seconds at most.
 */
public final class OidcLogin {

    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final int MOST = 1_000;
    private static final int HTTP_MILLIS = 5_000;
    private static final String AGAIN = "begin again at the console's login page";
    private static final String SEE = "see docs/security/oidc.md";

    private final Settings settings;
    private final OidcTokens tokens;
    private final InstantSource clock;
    private final Map<String, Begun> begun = new LinkedHashMap<>();

    /**
     * Where people log in.
     *
     * @param authorization the provider's page for that
     * @param token where it gives tokens for codes
     * @param callback where it sends people back to, as it knows this hub
     * @param clientId as which it knows this hub
     * @param secret that it knows this hub by, or the place of it; null for none
     * @param scope what is asked for, with spaces between
     */
    public record Settings(
            URI authorization,
            URI token,
            URI callback,
            String clientId,
            String secret,
            String scope) {}

    /**
     * A login under way.
     *
     * @param state for the browser to keep until it ends
     * @param location where the browser is to go
     */
    public record Begin(String state, URI location) {}

    private record Begun(CodeVerifier verifier, Instant ends) {}

    /**
     * @param tokens looks at what the provider gives
     * @param clock tells when a login has taken too long
     */
    public OidcLogin(Settings settings, OidcTokens tokens, InstantSource clock) {
        this.settings = settings;
        this.tokens = tokens;
        this.clock = clock;
    }

    /** How long a browser has for a login. */
    public static Duration patience() {
        return PATIENCE;
    }

    /** Begins a login. */
    public Begin begin() {
        State state = new State();
        CodeVerifier verifier = new CodeVerifier();
        remember(state.getValue(), verifier);
        return new Begin(
                state.getValue(),
                new AuthorizationRequest.Builder(ResponseType.CODE, client())
                        .endpointURI(settings.authorization())
                        .redirectionURI(settings.callback())
                        .scope(com.nimbusds.oauth2.sdk.Scope.parse(settings.scope()))
                        .state(state)
                        .codeChallenge(verifier, CodeChallengeMethod.S256)
                        .build()
                        .toURI());
    }

    private synchronized void remember(String state, CodeVerifier verifier) {
        Instant now = clock.instant();
        begun.values().removeIf(each -> each.ends().isBefore(now));
        if (begun.size() >= MOST) {
            begun.remove(begun.keySet().iterator().next());
        }
        begun.put(state, new Begun(verifier, now.plus(PATIENCE)));
    }

    private synchronized CodeVerifier recall(String state) {
        Begun login = begun.remove(state);
        return login == null || login.ends().isBefore(clock.instant()) ? null : login.verifier();
    }

    /**
     * Ends a login.
     *
     * @param query with which the provider sent the browser back, not decoded
     * @param state that the browser has kept; empty for none
     */
    public Verdict end(String query, String state) {
        try {
            AuthorizationResponse answer =
                    AuthorizationResponse.parse(URI.create(settings.callback() + "?" + query));
            boolean own = answer.getState() != null && answer.getState().getValue().equals(state);
            CodeVerifier verifier = own ? recall(state) : null;
            if (verifier == null) {
                return Verdict.no(
                        "login-state",
                        "this login was not begun in this browser, or more than %d minutes ago"
                                .formatted(PATIENCE.toMinutes()),
                        AGAIN);
            }
            if (!answer.indicatesSuccess()) {
                return refused(answer.toErrorResponse().getErrorObject());
            }
            return exchange(
                    new AuthorizationCodeGrant(
                            answer.toSuccessResponse().getAuthorizationCode(),
                            settings.callback(),
                            verifier));
        } catch (ParseException | IllegalArgumentException e) {
            return Verdict.no(
                    "login-answer",
                    "the answer of the provider cannot be read: "
                            + Excerpt.of(String.valueOf(e.getMessage())),
                    AGAIN);
        }
    }

    private Verdict exchange(AuthorizationCodeGrant grant) throws ParseException {
        try {
            HTTPRequest request = request(grant).toHTTPRequest();
            request.setConnectTimeout(HTTP_MILLIS);
            request.setReadTimeout(HTTP_MILLIS);
            // the code and the secret are for that address alone
            request.setFollowRedirects(false);
            TokenResponse answer = TokenResponse.parse(request.send());
            if (!answer.indicatesSuccess()) {
                return refused(answer.toErrorResponse().getErrorObject());
            }
            String token = answer.toSuccessResponse().getTokens().getAccessToken().getValue();
            return OidcTokens.isOne(token)
                    ? tokens.check(token)
                    : Verdict.no(
                            "token-unreadable",
                            "the access token of the provider is no JSON Web Token",
                            "set unshub.http.oidc.login.scope so that it is for this hub, " + SEE);
        } catch (IOException e) {
            return Verdict.no(
                    "login-provider",
                    "%s cannot be reached: %s"
                            .formatted(
                                    settings.token(), Excerpt.of(String.valueOf(e.getMessage()))),
                    "try again, or log in with an account of the hub");
        } catch (UncheckedIOException e) {
            return Verdict.no(
                    "login-secret",
                    "unshub.http.oidc.login.client-secret: " + e.getCause().getMessage(),
                    SEE);
        }
    }

    private TokenRequest request(AuthorizationCodeGrant grant) {
        return settings.secret() == null
                ? new TokenRequest.Builder(settings.token(), client(), grant).build()
                : new TokenRequest.Builder(
                                settings.token(),
                                new ClientSecretBasic(
                                        client(),
                                        new com.nimbusds.oauth2.sdk.auth.Secret(
                                                Secret.of(settings.secret()))),
                                grant)
                        .build();
    }

    private ClientID client() {
        return new ClientID(settings.clientId());
    }

    private static Verdict refused(ErrorObject error) {
        return Verdict.no(
                "login-refused",
                "the provider says %s: %s"
                        .formatted(
                                Excerpt.of(String.valueOf(error.getCode())),
                                Excerpt.of(String.valueOf(error.getDescription()))),
                "ask who looks after it whether this hub may log people in, " + SEE);
    }
}
