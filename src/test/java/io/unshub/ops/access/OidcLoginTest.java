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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logins at a provider that speaks OAuth over HTTP; the test goes where a browser would go. */
class OidcLoginTest {

    private static final URI CALLBACK = URI.create("https://hub.acme.example/hawtio/callback");

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

        assertThat(end(answer, begin.state()).caller())
                .isEqualTo(new OidcTokens.Caller("jane", Set.of(Scope.READ, Scope.REPLAY)));
        assertThat(end(answer, begin.state()).detail()).contains("the provider says invalid_grant");
        assertThat(login.page()).isEqualTo("https://hub.acme.example/hawtio");
        assertThat(login.secure()).isTrue();
    }

    @Test
    void letsNobodyInWithTheCodeOfAnother() throws Exception {
        Begin theirs = login.begin();
        String answer = visit(theirs);
        Begin own = login.begin();

        assertThat(end(answer, own.state()).rule()).isEqualTo("login-state");
        assertThat(end(answer, "").rule()).isEqualTo("login-state");
        // their code in a login of one's own, and at a hub that did not begin it
        String mixed = answer.replace(theirs.state(), own.state());
        Verdict verdict = end(mixed, own.state());
        assertThat(verdict.rule()).isEqualTo("login-refused");
        assertThat(verdict.detail()).contains("the provider says invalid_grant");
        String another = visit(theirs);
        login = hub(null);
        assertThat(end(another, theirs.state()).rule()).isEqualTo("login-refused");
    }

    @Test
    void endsALoginThatTookTooLong() throws Exception {
        Begin begin = login.begin();
        String answer = visit(begin);
        passed = Duration.ofMinutes(11);

        Verdict verdict = end(answer, begin.state());
        assertThat(verdict.rule()).isEqualTo("login-state");
        assertThat(verdict.detail()).contains("more than 10 minutes ago");
    }

    @Test
    void saysWhyTheProviderOrItsTokenLetsNobodyIn() throws Exception {
        issuer.roles();
        Verdict verdict = whole();
        assertThat(verdict.rule()).isEqualTo("login-refused");
        assertThat(verdict.detail()).contains("the provider says access_denied");

        issuer.roles("gardener");
        assertThat(whole().rule()).isEqualTo("token-roles");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x=%zz", "code=a", "<script>", "state=%00", "state=STATE%00"})
    void readsNothingIntoAnAnswerThatIsNotOfThisLogin(String query) {
        assertThat(ruleOf(query)).isIn("login-state", "login-answer");
        assertThat(login.read("code=a&state=shor", "shor").refusal().rule())
                .isEqualTo("login-state");
        assertThat(login.read("code=a&state=*", "*").refusal().rule()).isEqualTo("login-answer");
    }

    @ParameterizedTest
    @ValueSource(strings = {"state=STATE", "code=&state=STATE", "code=%20&state=STATE"})
    void missesTheCode(String query) {
        assertThat(ruleOf(query)).isEqualTo("login-answer");
    }

    @Test
    void blamesNobodyForAProviderThatIsAwayOrAnswersOtherwise() throws Exception {
        issuer.answersWith("<html>Bad gateway</html>", "text/html", 502);
        assertThat(whole().detail()).contains("/token answers with 502");
        issuer.answersWith("", "text/html", 302);
        assertThat(whole().detail()).contains("/token answers with 302");
        issuer.answersWith("[]", "application/json", 200);
        assertThat(whole().detail()).contains("/token gives no token");
        issuer.answersWith(
                "{\"access_token\":\"opaque\",\"token_type\":\"Bearer\"}", "application/json", 200);
        Verdict opaque = whole();
        assertThat(opaque.rule()).isEqualTo("token-unreadable");
        assertThat(opaque.nextStep()).contains("unshub.http.oidc.login.scope");

        Begin begin = login.begin();
        String answer = visit(begin);
        issuer.close();
        Verdict away = end(answer, begin.state());
        assertThat(away.detail()).contains("cannot be reached");
        assertThat(away.nextStep()).contains("an account of the hub");
        assertThat(away.rule()).isEqualTo("login-provider").isIn(OidcLogin.NOBODYS_FAULT);
    }

    @Test
    void readsTheSecretAtEachLogin() throws Exception {
        Path secret = data.resolve("secret");
        login = hub("file:" + secret);
        issuer.secret("one");
        Verdict verdict = whole();
        assertThat(verdict.rule()).isEqualTo("login-secret");
        assertThat(verdict.detail()).contains(secret.toString());

        Files.writeString(secret, "two");
        assertThat(whole().detail()).contains("invalid_client");
        Files.writeString(secret, "one");
        assertThat(whole().caller()).isNotNull();
    }

    /** What is wrong with an answer to a login that was just begun. */
    private String ruleOf(String query) {
        String state = login.begin().state();
        return login.read(query.replace("STATE", state), state).refusal().rule();
    }

    /** A login from its beginning to its end. */
    private Verdict whole() throws Exception {
        Begin begin = login.begin();
        return end(visit(begin), begin.state());
    }

    private Verdict end(String query, String state) {
        OidcLogin.Answer answer = login.read(query, state);
        return answer.refusal() == null ? login.exchange(answer.grant()) : answer.refusal();
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
