package io.unshub.ops.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.unshub.ops.access.OidcTokens.Caller;
import io.unshub.ops.access.OidcTokens.Verdict;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tokens are taken, of a provider that serves its keys over HTTP. */
class OidcTokensTest {

    private static final Duration KEPT = Duration.ofDays(7);

    @TempDir private Path data;
    private Instant now = Instant.parse("2026-03-01T10:00:00Z");
    private final Date later = Date.from(now.plusSeconds(300));
    private TestIssuer issuer;
    private OidcTokens tokens;

    @BeforeEach
    void start() throws Exception {
        issuer = new TestIssuer();
        tokens = hub("roles");
    }

    @AfterEach
    void stop() throws Exception {
        issuer.close();
    }

    private OidcTokens hub(String rolesClaim) throws Exception {
        return new OidcTokens(
                new OidcTokens.Settings(
                        TestIssuer.ISSUER,
                        "uns-hub",
                        URI.create(issuer.keysUrl()).toURL(),
                        rolesClaim,
                        "sub",
                        Map.of(
                                "viewer",
                                Set.of(Scope.READ),
                                "operator",
                                Set.of(Scope.READ, Scope.REPLAY)),
                        KEPT),
                data,
                () -> now);
    }

    @Test
    void givesACallerWhatItsRolesAllow() throws Exception {
        assertThat(tokens.check(issuer.token(later, "viewer", "gardener")).caller())
                .isEqualTo(new Caller("jane", Set.of(Scope.READ)));
        Caller operator = tokens.check(issuer.token(later, "operator")).caller();
        assertThat(operator.may(Scope.REPLAY)).isTrue();
        assertThat(operator.may(Scope.ADMIN)).isFalse();
    }

    @Test
    void findsRolesInsideAnObjectUnderAnAddressAndInOneText() throws Exception {
        String nested =
                issuer.token(
                        later, c -> c.claim("realm_access", Map.of("roles", List.of("viewer"))));
        String address =
                issuer.token(later, c -> c.claim("https://acme.example/roles", List.of("viewer")));
        String text = issuer.token(later, c -> c.claim("scope", "openid viewer"));

        assertThat(hub("realm_access.roles").check(nested).caller()).isNotNull();
        assertThat(hub("https://acme.example/roles").check(address).caller()).isNotNull();
        assertThat(hub("scope").check(text).caller()).isNotNull();
    }

    @Test
    void refusesEachWithItsReason() throws Exception {
        Date before = Date.from(now.minusSeconds(120));
        refuses(
                issuer.token(later, "gardener"),
                "token-roles",
                "jane has the roles [gardener], and none of them may do anything here");
        refuses(
                issuer.token(later, c -> c.issuer("https://evil.example").claim("roles", "viewer")),
                "token-issuer",
                "the token is from https://evil.example, tokens of "
                        + TestIssuer.ISSUER
                        + " are taken");
        refuses(
                issuer.token(later, c -> c.audience("mail").claim("roles", "viewer")),
                "token-audience",
                "the token is for [mail], it must be for uns-hub");
        refuses(
                issuer.token(before, "viewer"),
                "token-expired",
                "the token has ended on 2026-03-01T09:58:00Z");
        refuses(
                issuer.token(null, "viewer"),
                "token-claims",
                "the token is not taken: JWT missing required claims: [exp]");
        refuses(
                issuer.token(later, c -> c.notBeforeTime(Date.from(now.plusSeconds(120)))),
                "token-claims",
                "the token is not taken: JWT before use time");
        refuses("a.b.c", "token-unreadable", "the token cannot be read");
    }

    @Test
    void refusesWhatTheProviderHasNotSigned() throws Exception {
        assertThat(tokens.check(issuer.token(later, "viewer")).caller()).isNotNull();
        JWTClaimsSet claims =
                new JWTClaimsSet.Builder()
                        .issuer(TestIssuer.ISSUER)
                        .audience("uns-hub")
                        .subject("jane")
                        .expirationTime(later)
                        .claim("roles", List.of("operator"))
                        .build();
        refuses(
                new PlainJWT(claims).serialize(),
                "token-unsigned",
                "the token has no signature (alg none)");
        // another's key under the name of the right one
        refuses(
                TestIssuer.sign(TestIssuer.key("k1"), later, c -> {}),
                "token-signature",
                "the signature of the token is not right");
        refuses(
                TestIssuer.sign(TestIssuer.key("k9"), later, c -> {}),
                "token-key",
                "the token was signed with RS256 by a key that is not among those of "
                        + TestIssuer.ISSUER);
        // its public key taken for a secret that both know
        SignedJWT confused =
                new SignedJWT(
                        new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("k1").build(), claims);
        confused.sign(new MACSigner(new byte[64]));
        refuses(confused.serialize(), "token-key", "the token was signed with HS256 by a key");
        // the same claims, changed after they were signed
        String[] parts = issuer.token(later, "viewer").split("\\.");
        refuses(
                parts[0] + "." + claims.toPayload().toBase64URL() + "." + parts[2],
                "token-signature",
                "the signature of the token is not right");
    }

    @Test
    void takesUpAKeyThatTheProviderChanged() throws Exception {
        String old = issuer.token(later, "viewer");
        assertThat(tokens.check(old).caller()).isNotNull();

        issuer.rotate();

        assertThat(tokens.check(issuer.token(later, "viewer")).caller()).isNotNull();
        refuses(old, "token-key", "by a key that is not among those of");
    }

    @Test
    void knowsTheKeysWhileTheProviderIsAwayThroughARestartAndNotForEver() throws Exception {
        String token = issuer.token(Date.from(now.plus(KEPT.multipliedBy(2))), "viewer");
        assertThat(tokens.check(token).caller()).isNotNull();
        issuer.close();
        assertThat(tokens.check(token).caller()).isNotNull();

        now = now.plus(KEPT);
        assertThat(hub("roles").check(token).caller()).isNotNull();

        now = now.plusSeconds(1);
        Verdict refused = hub("roles").check(token);
        assertThat(refused.rule()).isEqualTo("token-keys");
        assertThat(refused.detail())
                .isEqualTo(
                        "the keys of "
                                + TestIssuer.ISSUER
                                + " cannot be had, and none are kept that still hold");
    }

    @Test
    void keepsPublicKeysAloneForTheHubsUserAlone() throws Exception {
        tokens.check(issuer.token(later, "viewer"));

        try (var files = Files.list(data)) {
            Path kept = files.toList().get(0);
            assertThat(kept).content().contains("\"kid\":\"k1\"").doesNotContain("\"d\":");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void knowsItsOwnFromTheHubsKeys() throws Exception {
        assertThat(OidcTokens.isOne(issuer.token(later, "viewer"))).isTrue();
        assertThat(OidcTokens.isOne(new PlainJWT(new JWTClaimsSet.Builder().build()).serialize()))
                .isTrue();
        assertThat(OidcTokens.isOne(ApiKeys.PREFIX + "A".repeat(43))).isFalse();
    }

    private void refuses(String token, String rule, String detail) {
        Verdict verdict = tokens.check(token);
        assertThat(verdict.caller()).isNull();
        assertThat(verdict.rule()).isEqualTo(rule);
        assertThat(verdict.detail()).contains(detail);
        assertThat(verdict.nextStep()).isNotBlank();
    }
}
