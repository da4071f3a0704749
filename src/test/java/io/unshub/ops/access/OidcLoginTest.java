package io.unshub.ops.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.ops.access.OidcLogin.Begin;
import io.unshub.ops.access.OidcTokens.Verdict;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logins at a provider that speaks OAuth over HTTP; the test goes where a browser would go. */
class OidcLoginTest {

    private static final URI CALLBACK = URI.create("https://hub.acme.example/hawtio/cb");

    @TempDir private Path data;
    private Duration passed = Duration.ZERO;
    private TestIssuer issuer;
    private OidcLogin login;

    @BeforeEach
    void start() throws Exception {
        issuer = new TestIssuer();
        login = hub(null);
    }

    @AfterEach
    void stop() throws Exception {
        issuer.close();
    }

    private OidcLogin hub(String secret) throws Exception {
        OidcTokens tokens =
                new OidcTokens(
                        new OidcTokens.Settings(
                                TestIssuer.ISSUER,
                                "uns-hub",
                                URI.create(issuer.keysUrl()).toURL(),
                                "roles",
                                "sub",
                                Map.of("operator", Set.of(Scope.READ, Scope.REPLAY)),
                                Duration.ofDays(7)),
                        data,
                        () -> Instant.now().plus(passed));
        return new OidcLogin(
                new OidcLogin.Settings(
                        URI.create(issuer.authorizationUrl()),
                        URI.create(issuer.tokenUrl()),
                        CALLBACK,
                        "uns-hub",
                        secret,
                        "openid profile"),
                tokens,
                () -> Instant.now().plus(passed));
    }

    @Test
    void letsInWhoTheProviderVouchesForOnce() throws Exception {
        Begin begin = login.begin();
        assertThat(begin.location().getQuery())
                .contains("client_id=uns-hub", "scope=openid+profile", "code_challenge_method=S256")
                .contains("state=" + begin.state());
        String answer = visit(begin);

        assertThat(login.end(answer, begin.state()).caller())
                .isEqualTo(new OidcTokens.Caller("jane", Set.of(Scope.READ, Scope.REPLAY)));
        assertThat(login.end(answer, begin.state()).rule()).isEqualTo("login-state");
    }

    @Test
    void letsNobodyInWithTheCodeOfAnother() throws Exception {
        Begin theirs = login.begin();
        String answer = visit(theirs);
        Begin own = login.begin();

        assertThat(login.end(answer, own.state()).rule()).isEqualTo("login-state");
        assertThat(login.end(answer, "").rule()).isEqualTo("login-state");
        // their code in a login of one's own
        String mixed = answer.replace(theirs.state(), own.state());
        Verdict verdict = login.end(mixed, own.state());
        assertThat(verdict.rule()).isEqualTo("login-refused");
        assertThat(verdict.detail()).contains("the provider says invalid_grant");
        // and it was not used up by them
        assertThat(login.end(visit(theirs), theirs.state()).caller()).isNotNull();
    }

    @Test
    void endsALoginThatTookTooLong() throws Exception {
        Begin begin = login.begin();
        String answer = visit(begin);
        passed = Duration.ofMinutes(11);

        Verdict verdict = login.end(answer, begin.state());
        assertThat(verdict.rule()).isEqualTo("login-state");
        assertThat(verdict.detail()).contains("more than 10 minutes ago");
    }

    @Test
    void saysWhyTheProviderOrItsTokenLetsNobodyIn() throws Exception {
        issuer.roles();
        Begin denied = login.begin();
        Verdict verdict = login.end(visit(denied), denied.state());
        assertThat(verdict.rule()).isEqualTo("login-refused");
        assertThat(verdict.detail()).contains("the provider says access_denied");

        issuer.roles("gardener");
        Begin gardener = login.begin();
        assertThat(login.end(visit(gardener), gardener.state()).rule()).isEqualTo("token-roles");

        Begin begin = login.begin();
        for (String answer : new String[] {"", "x=%zz", "code=a", "<script>", "state=%00"}) {
            assertThat(login.end(answer, begin.state()).rule())
                    .as(answer)
                    .isIn("login-answer", "login-state");
        }

        Begin away = login.begin();
        String answer = visit(away);
        issuer.close();
        Verdict unreachable = login.end(answer, away.state());
        assertThat(unreachable.rule()).isEqualTo("login-provider");
        assertThat(unreachable.nextStep()).contains("an account of the hub");
    }

    @Test
    void readsTheSecretAtEachLogin() throws Exception {
        Path secret = data.resolve("secret");
        login = hub("file:" + secret);
        issuer.secret("one");
        Begin none = login.begin();
        Verdict verdict = login.end(visit(none), none.state());
        assertThat(verdict.rule()).isEqualTo("login-secret");
        assertThat(verdict.detail()).contains(secret.toString());

        Files.writeString(secret, "two");
        Begin wrong = login.begin();
        assertThat(login.end(visit(wrong), wrong.state()).detail()).contains("invalid_client");
        Files.writeString(secret, "one");
        Begin right = login.begin();
        assertThat(login.end(visit(right), right.state()).caller()).isNotNull();
    }

    @Test
    void forgetsTheOldestOfAThousandThatAreUnderWay() throws Exception {
        Begin oldest = login.begin();
        Begin next = login.begin();
        for (int i = 0; i < 999; i++) {
            login.begin();
        }

        assertThat(login.end(visit(oldest), oldest.state()).rule()).isEqualTo("login-state");
        assertThat(login.end(visit(next), next.state()).caller()).isNotNull();
    }

    /** Where the provider sends the browser back to: the query of that address. */
    private static String visit(Begin begin) throws Exception {
        String back =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(begin.location()).build(),
                                BodyHandlers.discarding())
                        .headers()
                        .firstValue("Location")
                        .orElseThrow();
        assertThat(back).startsWith(CALLBACK + "?");
        return URI.create(back).getRawQuery();
    }
}
