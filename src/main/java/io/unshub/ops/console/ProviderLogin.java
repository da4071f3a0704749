package io.unshub.ops.console;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.unshub.ops.AuditEvent;
import io.unshub.ops.AuditFile;
import io.unshub.ops.AuthenticationFailures;
import io.unshub.ops.Logins;
import io.unshub.ops.access.Attempts;
import io.unshub.ops.access.OidcLogin;
import io.unshub.ops.access.OidcTokens;
import io.unshub.ops.access.Scope;
import io.unshub.ops.api.Gate;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Logins to the console at an OpenID provider: the link on the login page, the way there and back,
 * and the sessions of who came back.
 *
 * <p>Guarantees: each that succeeded or failed is in the audit file before it is answered; who
 * fails again and again at an address waits. Threads: those of HTTP; what takes time is done on
 * others.
 */
final class ProviderLogin {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String WAY = Console.PATH + "/auth/oidc";
    private static final String COOKIE = "unshub-login";
    private static final String SETTINGS = Console.PATH + "/hawtconfig.json";

    private final OidcLogin login;
    private final String name;
    private final Sessions<Account> sessions;
    private final Attempts attempts;
    private final AuditFile audit;
    private final Logins logins;
    private final AuthenticationFailures failures;

    /** What came of a login: an account, or why there is none. */
    private record Arrival(Account account, OidcTokens.Verdict verdict) {}

    ProviderLogin(
            OidcLogin login,
            String name,
            Attempts attempts,
            AuditFile audit,
            Clock clock,
            Logins logins,
            AuthenticationFailures failures) {
        this.login = login;
        this.name = name;
        this.sessions = new Sessions<>(clock);
        this.attempts = attempts;
        this.audit = audit;
        this.logins = logins;
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

    /** What somebody with a token of the provider is at the console. */
    static Optional<Role> role(OidcTokens.Caller caller) {
        if (caller.may(Scope.REPLAY)) {
            return Optional.of(Role.OPERATOR);
        }
        return caller.may(Scope.READ) ? Optional.of(Role.VIEWER) : Optional.empty();
    }

    /** What Hawtio's login page is told: what stands in its file, and where the provider is. */
    private void settings(RoutingContext request) {
        try (InputStream file =
                ProviderLogin.class.getResourceAsStream("/META-INF/resources" + SETTINGS)) {
            ObjectNode settings = (ObjectNode) JSON.readTree(file);
            settings.withObject("/login")
                    .putArray("links")
                    .addObject()
                    .put("url", WAY)
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
                                .setSecure(request.request().isSSL()));
        Console.redirect(request, begin.location().toString());
    }

    private void arrive(RoutingContext request) {
        Cookie kept = request.request().getCookie(COOKIE);
        String state = kept == null ? "" : kept.getValue();
        String query = request.request().query();
        String address = Gate.address(request);
        request.response().addCookie(cookie("").setMaxAge(0));
        request.vertx()
                .executeBlocking(() -> arrival(query == null ? "" : query, state, address), false)
                .onFailure(request::fail)
                .onSuccess(arrival -> welcome(request, arrival));
    }

    private Arrival arrival(String query, String state, String address) throws IOException {
        String counted = "oidc " + address;
        Duration closed = attempts.begin(counted);
        if (!closed.isZero()) {
            logins.count(Logins.Outcome.DELAYED);
            failures.count(address, AuthenticationFailures.UNKNOWN, "console");
            return refusal(
                    "login-delay",
                    "there were too many failed logins from here",
                    "try again in " + Console.seconds(closed) + " s");
        }
        OidcTokens.Verdict verdict = login.end(query, state);
        OidcTokens.Caller caller = verdict.caller();
        Optional<Role> role = caller == null ? Optional.empty() : role(caller);
        if (role.isPresent()) {
            Account account = new Account("oidc " + caller.name(), role.get());
            audit.add(account.name(), AuditEvent.LOGIN, Map.of("outcome", "succeeded"));
            logins.count(Logins.Outcome.SUCCEEDED);
            attempts.succeeded(counted);
            return new Arrival(account, verdict);
        }
        Arrival refusal =
                caller == null
                        ? new Arrival(null, verdict)
                        : refusal(
                                "login-role",
                                caller.name() + " has no role that may look at the console",
                                "give them one that unshub.http.oidc.grants gives read or replay");
        audit.add(
                caller == null ? AuthenticationFailures.UNKNOWN : "oidc " + caller.name(),
                AuditEvent.LOGIN,
                Map.of("outcome", "failed", "rule", refusal.verdict().rule()));
        logins.count(Logins.Outcome.FAILED);
        failures.count(address, AuthenticationFailures.UNKNOWN, "console");
        return refusal;
    }

    private static Arrival refusal(String rule, String detail, String next) {
        return new Arrival(null, new OidcTokens.Verdict(null, rule, detail, next));
    }

    private void welcome(RoutingContext request, Arrival arrival) {
        if (arrival.account() == null) {
            OidcTokens.Verdict why = arrival.verdict();
            request.response()
                    .setStatusCode(401)
                    .putHeader("Content-Type", "text/plain; charset=utf-8")
                    .end(
                            "Nobody is logged in (%s).%n%n%s; %s.%n%nThe login page is %s/login%n"
                                    .formatted(
                                            why.rule(),
                                            why.detail(),
                                            why.nextStep(),
                                            Console.PATH));
            return;
        }
        request.response()
                .addCookie(
                        Console.cookie(sessions.open(arrival.account()))
                                .setSecure(request.request().isSSL()))
                .putHeader("Content-Type", "text/html; charset=utf-8")
                // a redirect would still be the provider's, and not have the cookie
                .end(
                        "<!doctype html><html lang=\"en\"><title>UNS Hub</title><meta http-equiv=\"refresh\" content=\"0;url=%1$s/\"><a href=\"%1$s/\">Go on</a></html>"
                                .formatted(Console.PATH));
    }

    /** It must come along when the provider sends the browser back. */
    private static Cookie cookie(String state) {
        return Cookie.cookie(COOKIE, state)
                .setPath(WAY)
                .setHttpOnly(true)
                .setSameSite(CookieSameSite.LAX);
    }
}
