package io.unshub.ops.access;

import com.nimbusds.oauth2.sdk.AuthorizationCode;
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
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
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
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Logs people in at an OpenID provider: the authorization code flow of RFC 6749 with PKCE, RFC
 * 7636.
 *
 * <p>Guarantees: a code counts within ten minutes, in the browser in which the login was begun, and
 * once, as the provider sees to; the access token that the provider gives for it is held to {@link
 * OidcTokens}, as one that a program sends. Nothing is kept of a login: its state is with the
 * browser, and its secret follows from that by a key of this process. Threads: any; {@link
 * #exchange} may wait for the provider. Failure: a verdict that says why.
 */
public final class OidcLogin {

    /** The rule of a verdict where nobody is to blame but the provider, or the hub's own set-up. */
    public static final Set<String> NOBODYS_FAULT =
            Set.of("login-provider", "login-secret", "token-keys");

    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final int RANDOM_BYTES = 16;
    private static final int HTTP_MILLIS = 5_000;
    private static final String CALLBACK = "/callback";
    private static final String MAC = "HmacSHA256";
    private static final String AGAIN = "begin again at the console's login page";
    private static final String SEE = "see docs/security/oidc.md";

    private final Settings settings;
    private final OidcTokens tokens;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    private final byte[] key = new byte[32];

    /**
     * Where people log in.
     *
     * @param authorization the provider's page for that
     * @param token where it gives tokens for codes
     * @param callback where it sends people back to, as it knows this hub; ends with {@code
     *     /callback}
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

    /**
     * With what a browser came back.
     *
     * @param grant to exchange; null where there is none
     * @param refusal why there is none
     */
    public record Answer(AuthorizationCodeGrant grant, Verdict refusal) {

        private static Answer no(String rule, String detail, String nextStep) {
            return new Answer(null, Verdict.no(rule, detail, nextStep));
        }
    }

    /**
     * @param tokens looks at what the provider gives
     * @param clock tells when a login has taken too long
     */
    public OidcLogin(Settings settings, OidcTokens tokens, InstantSource clock) {
        this.settings = settings;
        this.tokens = tokens;
        this.clock = clock;
        random.nextBytes(key);
    }

    /** How long a browser has for a login. */
    public static Duration patience() {
        return PATIENCE;
    }

    /** Where a login begins: on the host that the provider sends the browser back to. */
    public String page() {
        String callback = settings.callback().toString();
        return callback.substring(0, callback.length() - CALLBACK.length());
    }

    /** Whether browsers have the console by HTTPS, be it from a proxy. */
    public boolean secure() {
        return settings.callback().getScheme().equals("https");
    }

    /** Begins a login. */
    public Begin begin() {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        String state =
                text(
                        ByteBuffer.allocate(RANDOM_BYTES + Long.BYTES)
                                .put(bytes)
                                .putLong(clock.instant().plus(PATIENCE).getEpochSecond())
                                .array());
        return new Begin(
                state,
                new AuthorizationRequest.Builder(ResponseType.CODE, client())
                        .endpointURI(settings.authorization())
                        .redirectionURI(settings.callback())
                        .scope(com.nimbusds.oauth2.sdk.Scope.parse(settings.scope()))
                        .state(new State(state))
                        .codeChallenge(verifier(state), CodeChallengeMethod.S256)
                        .build()
                        .toURI());
    }

    private CodeVerifier verifier(String state) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(new SecretKeySpec(key, MAC));
            return new CodeVerifier(text(mac.doFinal(state.getBytes(StandardCharsets.UTF_8))));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + MAC, e);
        }
    }

    private static String text(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private boolean holds(String state) {
        byte[] bytes = Base64.getUrlDecoder().decode(state);
        return bytes.length == RANDOM_BYTES + Long.BYTES
                && ByteBuffer.wrap(bytes).getLong(RANDOM_BYTES) >= clock.instant().getEpochSecond();
    }

    /**
     * Reads with what a browser came back; asks nobody.
     *
     * @param query as it came, not decoded
     * @param state that the browser has kept; empty for none
     */
    public Answer read(String query, String state) {
        try {
            AuthorizationResponse answer =
                    AuthorizationResponse.parse(URI.create(settings.callback() + "?" + query));
            if (answer.getState() == null
                    || !answer.getState().getValue().equals(state)
                    || !holds(state)) {
                return Answer.no(
                        "login-state",
                        "this login was not begun in this browser, or more than %d minutes ago"
                                .formatted(PATIENCE.toMinutes()),
                        AGAIN);
            }
            if (!answer.indicatesSuccess()) {
                return new Answer(null, refused(answer.toErrorResponse().getErrorObject()));
            }
            AuthorizationCode code = answer.toSuccessResponse().getAuthorizationCode();
            if (code == null) {
                return Answer.no("login-answer", "the answer of the provider has no code", AGAIN);
            }
            return new Answer(
                    new AuthorizationCodeGrant(code, settings.callback(), verifier(state)), null);
        } catch (ParseException | IllegalArgumentException e) {
            return Answer.no(
                    "login-answer",
                    "the answer of the provider cannot be read: "
                            + Excerpt.of(String.valueOf(e.getMessage())),
                    AGAIN);
        }
    }

    /** Has the provider give a token for a code, and looks at it. */
    public Verdict exchange(AuthorizationCodeGrant grant) {
        try {
            HTTPRequest request = request(grant).toHTTPRequest();
            request.setConnectTimeout(HTTP_MILLIS);
            request.setReadTimeout(HTTP_MILLIS);
            // the code and the secret are for that address alone
            request.setFollowRedirects(false);
            HTTPResponse answer = request.send();
            TokenResponse tokenOrError = TokenResponse.parse(answer);
            if (!tokenOrError.indicatesSuccess()) {
                ErrorObject error = tokenOrError.toErrorResponse().getErrorObject();
                return error.getCode() == null
                        ? unreachable("answers with " + answer.getStatusCode())
                        : refused(error);
            }
            String token = tokenOrError.toSuccessResponse().getTokens().getAccessToken().getValue();
            return OidcTokens.isOne(token)
                    ? tokens.check(token)
                    : Verdict.no(
                            "token-unreadable",
                            "the access token of the provider is no JSON Web Token",
                            "set unshub.http.oidc.login.scope so that it is for this hub, " + SEE);
        } catch (IOException e) {
            return unreachable("cannot be reached: " + Excerpt.of(String.valueOf(e.getMessage())));
        } catch (ParseException e) {
            return unreachable("gives no token: " + Excerpt.of(String.valueOf(e.getMessage())));
        } catch (UncheckedIOException e) {
            return Verdict.no(
                    "login-secret",
                    "unshub.http.oidc.login.client-secret: " + e.getCause().getMessage(),
                    SEE);
        }
    }

    private Verdict unreachable(String how) {
        return Verdict.no(
                "login-provider",
                settings.token() + " " + how,
                "try again, or log in with an account of the hub");
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
