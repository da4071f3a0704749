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
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.List;
import java.util.function.Consumer;

/** An OpenID provider: public keys over HTTP, and tokens that it signs. */
public final class TestIssuer implements AutoCloseable {

    public static final String ISSUER = "https://login.acme.example/realms/plant";

    private final HttpServer server;
    private volatile RSAKey key;

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
        server.start();
    }

    static RSAKey key(String id) throws JOSEException {
        return new RSAKeyGenerator(2048).keyID(id).generate();
    }

    public String keysUrl() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/keys";
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
