package io.unshub.ops.console;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import io.unshub.ops.AuditEvent;
import io.unshub.ops.AuditFile;
import io.unshub.ops.AuthenticationFailures;
import io.unshub.ops.HttpRefusals;
import io.unshub.ops.Logins;
import io.unshub.ops.access.OidcLogin;
import io.unshub.ops.access.OidcTokens;
import io.unshub.ops.access.OidcTokens.Verdict;
import io.unshub.ops.access.Scope;
import io.unshub.ops.api.Gate;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * Logins to the console at an OpenID provider: the link on the login page, the way there and back,
 * and the sessions of who came back.
 *
 * <p>Guarantees: a login is in the audit file before it is answered; of those that fail, each burst
 * from one address. What a stranger sends makes nobody wait but who sends as much at once. Threads:
 * those of HTTP; what takes time is done on others.
 */
final class ProviderLogin {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String WAY = Console.PATH + "/auth/oidc";
    private static final String COOKIE = "unshub-login";
    private static final int MOST_AT_ONCE = 8;
    private static final int UNAUTHORIZED = 401;
    private static final String SETTINGS = Console.PATH + "/hawtconfig.json";

    private final OidcLogin login;
    private final String name;
    private final Sessions<Account> sessions;
    private final AuditFile audit;
    private final Logins logins;
    private final HttpRefusals refusals;
    private final AuthenticationFailures failures;
    private final Semaphore exchanges = new Semaphore(MOST_AT_ONCE);

    ProviderLogin(
            OidcLogin login,
            String name,
            AuditFile audit,
            Clock clock,
            Logins logins,
            HttpRefusals refusals,
            AuthenticationFailures failures) {
        this.login = login;
        this.name = name;
        this.sessions = new Sessions<>(clock);
        this.audit = audit;
        this.logins = logins;
        this.refusals = refusals;
        this.failures = failures;
    }

    void routes(Router router) {
        router.get(SETTINGS).handler(this::settings);
        router.get(WAY).handler(this::leave);
        router.get(WAY + "/callback").handler(this::arrive);
    }

    /** Whose session that is. */
    Optional<Account> find(String id) {
        return sessions.find(id);
    }

    void close(String id) {
        sessions.close(id);
    }

    /** Who somebody with a token of the provider is at the console; empty for who may not look. */
    static Optional<Account> account(OidcTokens.Caller caller) {
        Role role =
                caller.may(Scope.REPLAY)
                        ? Role.OPERATOR
                        : caller.may(Scope.READ) ? Role.VIEWER : null;
        return Optional.ofNullable(role).map(each -> new Account(Gate.oidc(caller), each));
    }

    /** What Hawtio's login page is told: what stands in its file, and where the provider is. */
    private void settings(RoutingContext request) {
        try (InputStream file =
                ProviderLogin.class.getResourceAsStream("/META-INF/resources" + SETTINGS)) {
            ObjectNode settings = (ObjectNode) JSON.readTree(file);
            settings.withObject("/login")
                    .putArray("links")
                    .addObject()
                    .put("url", login.page())
                    .put("text", "Log in at " + name);
            Console.json(request, settings);
        } catch (IOException e) {
            request.fail(e);
        }
    }

    private void leave(RoutingContext request) {
        OidcLogin.Begin begin = login.begin();
        request.response()
                .addCookie(
                        cookie(begin.state())
                                .setMaxAge(OidcLogin.patience().toSeconds())
                                .setSecure(isSecure(request)));
        Console.redirect(request, begin.location().toString());
    }

    private void arrive(RoutingContext request) {
        Cookie kept = request.request().getCookie(COOKIE);
        String query = request.request().query();
        OidcLogin.Answer answer =
                login.read(query == null ? "" : query, kept == null ? "" : kept.getValue());
        if (answer.refusal() != null) {
            refuse(request, AuthenticationFailures.UNKNOWN, answer.refusal());
        } else if (exchanges.tryAcquire()) {
            request.vertx()
                    .executeBlocking(() -> exchange(answer.grant()), false)
                    .onComplete(done -> exchanges.release())
                    .onFailure(request::fail)
                    .onSuccess(verdict -> arrived(request, verdict));
        } else {
            refuse(
                    request,
                    AuthenticationFailures.UNKNOWN,
                    Verdict.no(
                            "login-delay",
                            "too many others are logging in at this moment",
                            "load this page again"));
        }
    }

    /** What the provider says of a code; who is let in is in the audit file then. */
    private Verdict exchange(AuthorizationCodeGrant grant) {
        Verdict verdict = login.exchange(grant);
        account(verdict)
                .ifPresent(
                        each ->
                                audit.add(
                                        each.name(),
                                        AuditEvent.LOGIN,
                                        Map.of("outcome", "succeeded")));
        return verdict;
    }

    private void arrived(RoutingContext request, Verdict verdict) {
        request.response().addCookie(cookie("").setMaxAge(0));
        Optional<Account> account = account(verdict);
        if (account.isPresent()) {
            logins.count(Logins.Outcome.SUCCEEDED);
            welcome(request, account.get());
            return;
        }
        OidcTokens.Caller caller = verdict.caller();
        Verdict why =
                caller == null
                        ? verdict
                        : Verdict.no(
                                "login-role",
                                caller.name() + " has no role that may look at the console",
                                "give them one that unshub.http.oidc.grants gives read or replay");
        if (!OidcLogin.NOBODYS_FAULT.contains(why.rule())) {
            failures.count(Gate.address(request), AuthenticationFailures.UNKNOWN, "console");
        }
        refuse(request, caller == null ? AuthenticationFailures.UNKNOWN : Gate.oidc(caller), why);
    }

    private static Optional<Account> account(Verdict verdict) {
        return Optional.ofNullable(verdict.caller()).flatMap(ProviderLogin::account);
    }

    private void refuse(RoutingContext request, String who, Verdict why) {
        logins.count(
                why.rule().equals("login-delay") ? Logins.Outcome.DELAYED : Logins.Outcome.FAILED);
        Gate.count(request, refusals, who, UNAUTHORIZED, why.rule());
        request.response()
                .setStatusCode(UNAUTHORIZED)
                .putHeader("Content-Type", "text/plain; charset=utf-8")
                .end(
                        "Nobody is logged in (%s).%n%n%s; %s.%n%nThe login page is %s/login%n"
                                .formatted(why.rule(), why.detail(), why.nextStep(), Console.PATH));
    }

    private void welcome(RoutingContext request, Account account) {
        request.response()
                .addCookie(Console.cookie(sessions.open(account)).setSecure(isSecure(request)))
                .putHeader("Content-Type", "text/html; charset=utf-8")
                // a redirect would still be the provider's, and not have the cookie
                .end(
                        "<!doctype html><html lang=\"en\"><title>UNS Hub</title><meta http-equiv=\"refresh\" content=\"0;url=%1$s/\"><a href=\"%1$s/\">Go on</a></html>"
                                .formatted(Console.PATH));
    }

    private boolean isSecure(RoutingContext request) {
        return request.request().isSSL() || login.secure();
    }

    /** It must come along when the provider sends the browser back. */
    private static Cookie cookie(String state) {
        return Cookie.cookie(COOKIE, state)
                .setPath(WAY)
                .setHttpOnly(true)
                .setSameSite(CookieSameSite.LAX);
    }
}
