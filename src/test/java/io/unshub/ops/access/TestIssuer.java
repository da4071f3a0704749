package io.unshub.ops.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.AccessTokenResponse;
import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.AuthorizationErrorResponse;
import com.nimbusds.oauth2.sdk.AuthorizationRequest;
import com.nimbusds.oauth2.sdk.AuthorizationResponse;
import com.nimbusds.oauth2.sdk.AuthorizationSuccessResponse;
import com.nimbusds.oauth2.sdk.OAuth2Error;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.TokenErrorResponse;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.pkce.CodeChallenge;
import com.nimbusds.oauth2.sdk.token.BearerAccessToken;
import com.nimbusds.oauth2.sdk.token.Tokens;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * An OpenID provider: public keys over HTTP, tokens that it signs, and a page on which everybody is
 * logged in at once, as jane.
 */
public final class TestIssuer implements AutoCloseable {

    public static final String ISSUER = "https://login.acme.example/realms/plant";

    private final HttpServer server;
    private final Map<String, AuthorizationRequest> codes = new ConcurrentHashMap<>();
    private volatile RSAKey key;
    private volatile List<String> roles = List.of("operator");
    private volatile String secret;

    public TestIssuer() throws Exception {
        key = key("k1");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/keys",
                request -> {
                    byte[] keys =
                            new JWKSet(key.toPublicJWK())
                                    .toString()
                                    .getBytes(StandardCharsets.UTF_8);
                    request.sendResponseHeaders(200, keys.length);
                    request.getResponseBody().write(keys);
                    request.close();
                });
        server.createContext("/authorize", this::authorize);
        server.createContext("/token", this::exchange);
        server.start();
    }

    static RSAKey key(String id) throws JOSEException {
        return new RSAKeyGenerator(2048).keyID(id).generate();
    }

    public String keysUrl() {
        return url("127.0.0.1", "/keys");
    }

    /** Another site than the hub's, to a browser. */
    public String authorizationUrl() {
        return url("localhost", "/authorize");
    }

    public String tokenUrl() {
        return url("127.0.0.1", "/token");
    }

    private String url(String host, String path) {
        return "http://" + host + ":" + server.getAddress().getPort() + path;
    }

    /** Who logs in from now on has these roles; none at all is refused by the provider. */
    public void roles(String... given) {
        roles = List.of(given);
    }

    /** Takes codes from now on only of a client that has this secret. */
    void secret(String wanted) {
        secret = wanted;
    }

    /** Gives no tokens from now on, but that. */
    void answersWith(String body, String type, int status) {
        server.removeContext("/token");
        server.createContext(
                "/token",
                http -> {
                    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
                    http.getResponseHeaders().add("Content-Type", type);
                    http.getResponseHeaders().add("Location", keysUrl());
                    http.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
                    http.getResponseBody().write(bytes);
                    http.close();
                });
    }

    private void authorize(HttpExchange http) throws IOException {
        try (http) {
            AuthorizationRequest asked =
                    AuthorizationRequest.parse(http.getRequestURI().getRawQuery());
            AuthorizationCode code = new AuthorizationCode();
            codes.put(code.getValue(), asked);
            AuthorizationResponse answer =
                    roles.isEmpty()
                            ? new AuthorizationErrorResponse(
                                    asked.getRedirectionURI(),
                                    OAuth2Error.ACCESS_DENIED,
                                    asked.getState(),
                                    null)
                            : new AuthorizationSuccessResponse(
                                    asked.getRedirectionURI(), code, null, asked.getState(), null);
            http.getResponseHeaders().add("Location", answer.toURI().toString());
            http.sendResponseHeaders(302, -1);
        } catch (ParseException e) {
            throw new IOException(e);
        }
    }

    private void exchange(HttpExchange http) throws IOException {
        try (http) {
            HTTPRequest request = new HTTPRequest(HTTPRequest.Method.POST, URI.create(tokenUrl()));
            request.setContentType(http.getRequestHeaders().getFirst("Content-Type"));
            request.setAuthorization(http.getRequestHeaders().getFirst("Authorization"));
            request.setBody(
                    new String(http.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            HTTPResponse answer = answer(TokenRequest.parse(request)).toHTTPResponse();
            byte[] body = answer.getBody().getBytes(StandardCharsets.UTF_8);
            http.getResponseHeaders().add("Content-Type", "application/json");
            http.sendResponseHeaders(answer.getStatusCode(), body.length);
            http.getResponseBody().write(body);
        } catch (ParseException | JOSEException e) {
            throw new IOException(e);
        }
    }

    private TokenResponse answer(TokenRequest request) throws JOSEException {
        AuthorizationCodeGrant grant = (AuthorizationCodeGrant) request.getAuthorizationGrant();
        AuthorizationRequest asked = codes.remove(grant.getAuthorizationCode().getValue());
        if (secret != null
                && !(request.getClientAuthentication() instanceof ClientSecretBasic given
                        && given.getClientSecret().getValue().equals(secret))) {
            return new TokenErrorResponse(OAuth2Error.INVALID_CLIENT);
        }
        if (asked == null
                || !asked.getRedirectionURI().equals(grant.getRedirectionURI())
                || !asked.getCodeChallenge()
                        .equals(
                                CodeChallenge.compute(
                                        asked.getCodeChallengeMethod(), grant.getCodeVerifier()))) {
            return new TokenErrorResponse(OAuth2Error.INVALID_GRANT);
        }
        String token =
                token(Date.from(Instant.now().plusSeconds(60)), roles.toArray(String[]::new));
        return new AccessTokenResponse(new Tokens(new BearerAccessToken(token), null));
    }

    /** Signs with another key from now on. */
    void rotate() throws JOSEException {
        key = key("k2");
    }

    /** A token for the hub that holds until then, with these roles. */
    public String token(Date until, String... roles) throws JOSEException {
        return token(until, claims -> claims.claim("roles", List.of(roles)));
    }

    String token(Date until, Consumer<JWTClaimsSet.Builder> more) throws JOSEException {
        return sign(key, until, more);
    }

    static String sign(RSAKey by, Date until, Consumer<JWTClaimsSet.Builder> more)
            throws JOSEException {
        JWTClaimsSet.Builder claims =
                new JWTClaimsSet.Builder()
                        .issuer(ISSUER)
                        .audience("uns-hub")
                        .subject("jane")
                        .expirationTime(until);
        more.accept(claims);
        SignedJWT jwt =
                new SignedJWT(
                        new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(by.getKeyID()).build(),
                        claims.build());
        jwt.sign(new RSASSASigner(by));
        return jwt.serialize();
    }

    @Override
    public void close() throws IOException {
        server.stop(0);
    }
}
