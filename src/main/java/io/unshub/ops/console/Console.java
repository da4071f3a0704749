package io.unshub.ops.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.unshub.ops.AuditEvent;
import io.unshub.ops.AuditFile;
import io.unshub.ops.AuthenticationFailures;
import io.unshub.ops.HttpRefusals;
import io.unshub.ops.HubConfig;
import io.unshub.ops.Logins;
import io.unshub.ops.OidcProvider;
import io.unshub.ops.access.Attempts;
import io.unshub.ops.access.OidcTokens;
import io.unshub.ops.api.Gate;
import io.unshub.ops.api.ProblemAnswer;
import io.unshub.uns.Excerpt;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jolokia.server.core.request.EmptyResponseException;

/**
 * Hawtio under {@code /hawtio}: login, logout and JMX. One login also opens what its pages read of
 * {@code /api/}; an operator's may replay dead letters there.
 *
 * <p>Guarantees: without a login nothing but the pages themselves and the login form is served; a
 * request from another site changes nothing; each login, and each failed one, is in the audit file
 * before it is answered. Threads: those of HTTP; what takes time is done on others.
 */
@Singleton
public final class Console {

    private static final Logger LOG = Logger.getLogger(Console.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    static final String PATH = "/hawtio";
    private static final String API = "/api/";
    private static final String OPERATORS_API = "/api/v1/dead-letters/";
    private static final String COOKIE = "unshub-session";
    private static final String JSON_TYPE = "application/json";
    private static final String NO_ACCOUNT = "(no account)";
    private static final int MOST_LOGIN_BYTES = 4_096;
    private static final int MOST_JMX_BYTES = 1_048_576;
    private static final int MOST_PASSWORD_BYTES = 72;
    private static final long HASH_SECONDS = 5;
    // Hawtio's styles are made by its scripts; its editor works in workers
    private static final String CONTENT_POLICY =
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
                    + " font-src 'self' data:; worker-src 'self' blob:; object-src 'none';"
                    + " base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    private final Accounts accounts;
    private final FutureTask<Void> first;
    private final Sessions<String> sessions;
    private final Optional<ProviderLogin> provider;
    private final Attempts attempts;
    private final AuditFile audit;
    private final Jmx jmx;
    private final Logins logins;
    private final HttpRefusals refusals;
    private final AuthenticationFailures failures;

    /** What came of a login. */
    private record Outcome(Optional<Account> account, Duration closed) {}

    Console(
            HubConfig config,
            AuditFile audit,
            Clock clock,
            Logins logins,
            HttpRefusals refusals,
            AuthenticationFailures failures,
            OidcProvider oidc) {
        this.accounts = new Accounts(config.dataDir());
        this.first = new FutureTask<>(firstAccount(), null);
        // a hash takes a processor for a quarter of a second, which a start has better use for
        CompletableFuture.delayedExecutor(HASH_SECONDS, TimeUnit.SECONDS).execute(first);
        this.sessions = new Sessions<>(clock);
        this.attempts = new Attempts(clock);
        this.audit = audit;
        this.jmx = new Jmx(audit, clock);
        this.logins = logins;
        this.refusals = refusals;
        this.failures = failures;
        this.provider =
                oidc.login()
                        .map(
                                login ->
                                        new ProviderLogin(
                                                login,
                                                oidc.name(),
                                                audit,
                                                clock,
                                                logins,
                                                refusals,
                                                failures));
    }

    /** What is left to do for the first account; its password is there at once. */
    private Runnable firstAccount() {
        try {
            Optional<String> password = accounts.firstPassword();
            return () -> password.ifPresent(this::makeFirst);
        } catch (IOException e) {
            noFirst(e);
            return () -> {};
        }
    }

    private void makeFirst(String password) {
        try {
            accounts.makeFirst(password);
        } catch (IOException e) {
            noFirst(e);
        }
    }

    private static void noFirst(IOException e) {
        LOG.errorf(e, "the first account of the console cannot be made; nobody can log in");
    }

    void guard(@Observes Filters filters) {
        filters.register(this::admit, 200);
    }

    void routes(@Observes Router router) {
        router.getWithRegex(PATH).handler(request -> redirect(request, PATH + "/"));
        router.get(PATH + "/user").handler(this::user);
        router.get(PATH + "/account").handler(this::account);
        posted(router.post(PATH + "/auth/login"), MOST_LOGIN_BYTES).handler(this::login);
        router.get(PATH + "/auth/logout").handler(this::logout);
        provider.ifPresent(login -> login.routes(router));
        router.get(PATH + "/jolokia").handler(this::version);
        posted(router.post(PATH + "/jolokia"), MOST_JMX_BYTES).handler(this::jmx);
        router.get(PATH + "/auth/*").handler(request -> request.fail(404));
        router.get(PATH + "/*").handler(Console::page);
    }

    private static Route posted(Route route, int most) {
        return route.handler(BodyHandler.create(false).setBodyLimit(most));
    }

    /** Lets a session in where the API asks for a token, as far as its role goes. */
    private void admit(RoutingContext request) {
        String path = request.normalizedPath();
        if (path.startsWith(PATH + "/")) {
            harden(request, path);
        } else if (path.startsWith(API) && request.request().getHeader("Authorization") == null) {
            Optional<Account> account = who(request);
            if (account.isPresent() && !admitted(request, account.get())) {
                return;
            }
        }
        request.next();
    }

    private static void harden(RoutingContext request, String path) {
        request.addHeadersEndHandler(
                done -> {
                    var headers = request.response().headers();
                    headers.set("Content-Security-Policy", CONTENT_POLICY);
                    headers.set("X-Content-Type-Options", "nosniff");
                    headers.set("Referrer-Policy", "no-referrer");
                    // the names of these files change with their content
                    if (!path.startsWith(PATH + "/static/")) {
                        headers.set("Cache-Control", "no-store");
                    }
                });
    }

    private boolean admitted(RoutingContext request, Account account) {
        if (!reads(request.request())) {
            if (!isSameSite(request.request())) {
                otherSite(request);
                return false;
            }
            if (account.role() != Role.OPERATOR) {
                refuse(
                        request,
                        account.name(),
                        "operator",
                        "the account " + account.name() + " may look only",
                        "log in with an account of the role operator");
                return false;
            }
            if (!request.normalizedPath().startsWith(OPERATORS_API)) {
                // by the token alone
                return true;
            }
        }
        request.request().headers().set("Unshub-User", account.name());
        request.put(Gate.ADMITTED, true);
        return true;
    }

    private static boolean reads(HttpServerRequest request) {
        return request.method() == HttpMethod.GET || request.method() == HttpMethod.HEAD;
    }

    /**
     * A browser says where a request comes from; a program may not, and has no session to abuse.
     */
    private static boolean isSameSite(HttpServerRequest request) {
        String site = request.getHeader("Sec-Fetch-Site");
        String origin = request.getHeader("Origin");
        return (site == null || site.equals("same-origin"))
                && (origin == null
                        || origin.equals(request.scheme() + "://" + request.getHeader("Host")));
    }

    private Optional<Account> who(RoutingContext request) {
        if (request.get(Gate.CALLER) instanceof OidcTokens.Caller caller) {
            return ProviderLogin.account(caller);
        }
        Cookie cookie = request.request().getCookie(COOKIE);
        return cookie == null
                ? Optional.empty()
                : sessions.find(cookie.getValue())
                        .flatMap(accounts::find)
                        .or(() -> provider.flatMap(login -> login.find(cookie.getValue())));
    }

    private void login(RoutingContext request) {
        if (!isSameSite(request.request())) {
            otherSite(request);
            return;
        }
        JsonNode posted;
        try {
            posted = JSON.readTree(body(request));
        } catch (IOException e) {
            posted = JSON.missingNode();
        }
        String name = posted.path("username").asText();
        String password = posted.path("password").asText();
        request.vertx()
                .executeBlocking(() -> attempt(name, password, Gate.address(request)), false)
                .onFailure(request::fail)
                .onSuccess(outcome -> answer(request, outcome));
    }

    private Outcome attempt(String name, String password, String address) throws Exception {
        // whoever is here before the hash is made makes it
        first.run();
        first.get();
        String counted = accounts.knows(name) ? name : NO_ACCOUNT;
        Duration closed = attempts.begin(counted);
        if (!closed.isZero()) {
            logins.count(Logins.Outcome.DELAYED);
            failures.count(address, identity(counted), "console");
            return new Outcome(Optional.empty(), closed);
        }
        boolean possible =
                !password.isEmpty()
                        && password.getBytes(StandardCharsets.UTF_8).length <= MOST_PASSWORD_BYTES;
        Optional<Account> account =
                possible ? accounts.verify(name, password.toCharArray()) : Optional.empty();
        audit.add(
                account.isPresent() ? name : Excerpt.of(name),
                AuditEvent.LOGIN,
                Map.of("outcome", account.isPresent() ? "succeeded" : "failed"));
        if (account.isPresent()) {
            attempts.succeeded(counted);
            logins.count(Logins.Outcome.SUCCEEDED);
        } else {
            logins.count(Logins.Outcome.FAILED);
            failures.count(address, identity(counted), "console");
        }
        return new Outcome(account, Duration.ZERO);
    }

    private static String identity(String counted) {
        return counted.equals(NO_ACCOUNT) ? AuthenticationFailures.UNKNOWN : counted;
    }

    private void answer(RoutingContext request, Outcome outcome) {
        if (outcome.account().isPresent()) {
            Account account = outcome.account().get();
            request.response()
                    .addCookie(
                            cookie(sessions.open(account.name()))
                                    .setSecure(request.request().isSSL()));
            describe(request, account);
        } else if (outcome.closed().isZero()) {
            ProblemAnswer.end(
                    request,
                    401,
                    "login",
                    "name or password are wrong",
                    "try again; the first password is in the file "
                            + Accounts.PASSWORD_FILE
                            + " of the hub's data folder");
        } else {
            long seconds = outcome.closed().plusMillis(999).toSeconds();
            request.response().putHeader("Retry-After", Long.toString(seconds));
            ProblemAnswer.end(
                    request,
                    429,
                    "login-delay",
                    "there were too many failed logins",
                    "try again in " + seconds + " s");
        }
    }

    static Cookie cookie(String id) {
        return Cookie.cookie(COOKIE, id)
                .setPath("/")
                .setHttpOnly(true)
                .setSameSite(CookieSameSite.STRICT);
    }

    private void logout(RoutingContext request) {
        Cookie cookie = request.request().getCookie(COOKIE);
        if (cookie != null) {
            sessions.close(cookie.getValue());
            provider.ifPresent(login -> login.close(cookie.getValue()));
            request.response().addCookie(cookie("").setMaxAge(0));
        }
        redirect(request, PATH + "/login");
    }

    private static byte[] body(RoutingContext request) {
        return request.body().buffer() == null ? new byte[0] : request.body().buffer().getBytes();
    }

    private void user(RoutingContext request) {
        who(request)
                .ifPresentOrElse(account -> json(request, account.name()), () -> strange(request));
    }

    private void account(RoutingContext request) {
        who(request).ifPresentOrElse(account -> describe(request, account), () -> strange(request));
    }

    private static void describe(RoutingContext request, Account account) {
        json(request, Map.of("name", account.name(), "role", account.role().word()));
    }

    private void version(RoutingContext request) {
        who(request)
                .ifPresentOrElse(
                        account -> answer(request, () -> jmx.version(account)),
                        () -> stranger(request));
    }

    private void jmx(RoutingContext request) {
        Optional<Account> account = who(request);
        if (account.isEmpty()) {
            stranger(request);
        } else if (!isSameSite(request.request())) {
            otherSite(request);
        } else {
            Map<String, String[]> parameters = new HashMap<>();
            request.queryParams()
                    .forEach(
                            entry ->
                                    parameters.put(
                                            entry.getKey(), new String[] {entry.getValue()}));
            byte[] body = body(request);
            answer(request, () -> jmx.answer(account.get(), body, parameters));
        }
    }

    private interface Question {
        String ask() throws IOException, EmptyResponseException;
    }

    private static void answer(RoutingContext request, Question question) {
        request.vertx()
                .executeBlocking(question::ask, false)
                .onSuccess(
                        text -> request.response().putHeader("Content-Type", JSON_TYPE).end(text))
                .onFailure(
                        fault ->
                                ProblemAnswer.end(
                                        request,
                                        400,
                                        "jmx",
                                        "the request cannot be read: "
                                                + Excerpt.of(String.valueOf(fault.getMessage())),
                                        "send what the Jolokia protocol says"));
    }

    /** The pages have addresses of their own, which the one page that there is makes sense of. */
    private static void page(RoutingContext request) {
        String path = request.normalizedPath();
        String last = path.substring(path.lastIndexOf('/') + 1);
        if (last.isEmpty() && path.length() == PATH.length() + 1 || last.contains(".")) {
            request.next();
        } else {
            request.reroute(PATH + "/index.html");
        }
    }

    private static void strange(RoutingContext request) {
        ProblemAnswer.end(request, 401, "login", "nobody is logged in", "log in at " + PATH);
    }

    /** Told, as the console's own pages do not ask before somebody has logged in. */
    private void stranger(RoutingContext request) {
        failures.count(Gate.address(request), AuthenticationFailures.UNKNOWN, "Jolokia");
        Gate.count(request, refusals, AuthenticationFailures.UNKNOWN, 401, "login");
        strange(request);
    }

    private void otherSite(RoutingContext request) {
        refuse(
                request,
                AuthenticationFailures.UNKNOWN,
                "same-site",
                "this request comes from another site",
                "use the console's own pages");
    }

    private void refuse(
            RoutingContext request, String who, String rule, String detail, String next) {
        Gate.count(request, refusals, who, 403, rule);
        ProblemAnswer.end(request, 403, rule, detail, next);
    }

    static void redirect(RoutingContext request, String to) {
        request.response().setStatusCode(302).putHeader("Location", to).end();
    }

    static void json(RoutingContext request, Object body) {
        request.response().putHeader("Content-Type", JSON_TYPE);
        end(request, body);
    }

    private static void end(RoutingContext request, Object body) {
        try {
            request.response().end(JSON.writeValueAsString(body));
        } catch (JsonProcessingException e) {
            request.fail(e);
        }
    }
}
