package io.unshub.ops.api;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.unshub.ops.AuthenticationFailures;
import io.unshub.ops.ControlToken;
import io.unshub.ops.HttpRefusals;
import io.unshub.ops.HubConfig;
import io.unshub.ops.LocalAddress;
import io.unshub.ops.OidcProvider;
import io.unshub.ops.access.ApiKey;
import io.unshub.ops.access.ApiKeys;
import io.unshub.ops.access.Attempts;
import io.unshub.ops.access.OidcTokens;
import io.unshub.ops.access.Scope;
import io.unshub.uns.Excerpt;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Who may come in over HTTP. {@code /api/} always needs a token of the data folder, an API key with
 * the right scope, or a login to the console. Where keys are required, because others than this
 * machine reach the port or a setting says so, everything else but the console's own pages and
 * health needs one, too; of the tokens only the one for control still counts then, and only from
 * this machine.
 *
 * <p>Guarantees: what is not known to be open to a scope is open to {@code admin} alone. A right
 * key is never held up by somebody else's wrong ones. Threads: those of HTTP; what writes to disk
 * is done on others.
 */
@Singleton
public final class Gate {

    /** Set on a request that somebody makes who has logged in, and may. */
    public static final String ADMITTED = "unshub-admitted";

    /** Has the {@link OidcTokens.Caller} of a request that came with a good token of a provider. */
    public static final String CALLER = "unshub-caller";

    private static final String KEY = "unshub-key";
    private static final String TOLD = "unshub-told";
    private static final String CLIMBS = "unshub-climbs";
    private static final Pattern ABOVE =
            Pattern.compile("(?i)(/|\\\\|%2f|%5c)(\\.|%2e){2}(/|\\\\|%2f|%5c|$)");
    private static final int MOST_LINE = 8_192;
    private static final int MOST_HEADERS = 16_384;
    private static final String API = "/api/";
    private static final String CONSOLE = "/hawtio/";
    private static final String READINGS = "/api/v1/readings";
    private static final String OPENAPI = "/api/v1/openapi";
    private static final String METRICS = "/observe/metrics";
    private static final Pattern OPEN = Pattern.compile("/hawtio(/.*)?|/observe/health(/.*)?");
    private static final Pattern LOOKS =
            Pattern.compile(
                    "/api/v1/(ledger|alarms|buffer|connections|schema-drift|overview|uns|dead-letters|routes)(/.*)?");
    // what can be asked of a part of the namespace
    private static final Set<String> DIVIDED =
            Set.of(READINGS, OPENAPI, "/api/v1/uns", "/api/v1/uns/topics", "/api/v1/uns/readings");
    private static final Pattern BEARER = Pattern.compile("(?i)bearer +([A-Za-z0-9_.~+/=-]+) *");
    private static final String CHALLENGE = "Bearer realm=\"uns-hub\"";
    private static final int MOST_CALLERS = 10_000;
    private static final String SEE = "see docs/security/http.md";

    private final boolean required;
    private final ControlToken tokens;
    private final ApiKeys keys;
    private final Attempts attempts;
    private final HttpRefusals refusals;
    private final AuthenticationFailures failures;
    private final OidcTokens oidc;
    private final InstantSource clock;
    private final CurrentVertxRequest current;
    private final long most;
    private final long bodyMillis;
    private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();

    Gate(
            HubConfig config,
            OidcProvider provider,
            @ConfigProperty(name = "quarkus.http.host") String host,
            ControlToken tokens,
            HttpRefusals refusals,
            AuthenticationFailures failures,
            Clock clock,
            CurrentVertxRequest current) {
        this.required = config.http().keysRequired() || !LocalAddress.is(host);
        this.tokens = tokens;
        this.keys = new ApiKeys(config.dataDir(), clock);
        this.attempts = new Attempts(clock);
        this.refusals = refusals;
        this.failures = failures;
        this.oidc = provider.tokens().orElse(null);
        this.clock = clock;
        this.current = current;
        this.most = config.http().requestsPerSecond();
        this.bodyMillis = config.http().bodyTimeout().toMillis();
    }

    void guard(@Observes Filters filters) {
        filters.register(this::check, 100);
    }

    void check(RoutingContext request) {
        HttpServerRequest http = request.request();
        if (http.isSSL()) {
            http.response().putHeader("Strict-Transport-Security", "max-age=31536000");
        }
        String path = request.normalizedPath();
        String address = address(request);
        // the framework takes the place of whoever waits for the end
        request.addHeadersEndHandler(answers -> tellOf(request, path, address));
        if (isTooLarge(request) || climbs(request)) {
            return;
        }
        timeBody(request, path, address);
        String given = http.getHeader(HttpHeaders.AUTHORIZATION);
        boolean open = !path.startsWith(API) && (!required || OPEN.matcher(path).matches());
        if (oidc != null && given != null && (!open || path.startsWith(CONSOLE))) {
            Matcher bearer = BEARER.matcher(given);
            if (bearer.matches() && OidcTokens.isOne(bearer.group(1))) {
                look(request, path, address, bearer.group(1));
                return;
            }
        }
        if (open || Boolean.TRUE.equals(request.get(ADMITTED))) {
            request.next();
            return;
        }
        if (given != null && opens(path, given, address)) {
            // the one for control is for the commands, which come one by one
            if (tokens.isControl(given) || hasRoom(request, address)) {
                request.next();
            }
            return;
        }
        Optional<ApiKey> key = given == null ? Optional.empty() : find(given);
        if (key.isEmpty()) {
            if (hasRoom(request, address)) {
                stranger(request, path, address, given != null);
            }
        } else if (hasRoom(request, "key " + key.get().name())) {
            enter(request, path, address, key.get());
        }
    }

    /** The provider may have to be asked for its keys, which is not for the threads of HTTP. */
    private void look(RoutingContext request, String path, String address, String token) {
        request.request().pause();
        request.vertx()
                .executeBlocking(() -> oidc.check(token), false)
                .onFailure(request::fail)
                .onSuccess(
                        verdict -> {
                            request.request().resume();
                            if (verdict.caller() != null) {
                                enter(request, path, address, verdict.caller());
                            } else if (hasRoom(request, address)) {
                                stranger(request, path, address, true, verdict);
                            }
                        });
    }

    private void enter(
            RoutingContext request, String path, String address, OidcTokens.Caller caller) {
        String who = oidc(caller);
        Scope needed = needed(request.request().method(), path);
        if (!hasRoom(request, who)) {
            return;
        }
        // what the console gives is for it to say
        if (!path.startsWith(CONSOLE) && !caller.may(needed)) {
            refused(request, who, path, address, 403, "scope");
            lacks(request, who, needed, "ask for a role that has it; " + SEE);
            return;
        }
        request.put(CALLER, caller);
        request.request().headers().set("Unshub-User", who);
        request.next();
    }

    /** As log and audit trail know a caller with a token of the provider. */
    public static String oidc(OidcTokens.Caller caller) {
        return "oidc " + caller.name();
    }

    private static void lacks(RoutingContext request, String who, Scope needed, String nextStep) {
        challenge(request, "insufficient_scope\", scope=\"" + needed.word());
        ProblemAnswer.end(
                request,
                403,
                "scope",
                "%s has not the scope %s, which this needs".formatted(who, needed.word()),
                nextStep);
    }

    /** Ends what has more before its body than the hub wants to read. */
    private static boolean isTooLarge(RoutingContext request) {
        if (request.request().uri().length() > MOST_LINE) {
            ProblemAnswer.end(
                    request,
                    414,
                    "line-size",
                    "the address is longer than " + MOST_LINE + " characters",
                    "ask for less at once");
            return true;
        }
        long size = 0;
        for (Map.Entry<String, String> header : request.request().headers()) {
            size += header.getKey().length() + header.getValue().length();
        }
        if (size > MOST_HEADERS) {
            ProblemAnswer.end(
                    request,
                    431,
                    "header-size",
                    "the headers have more than " + MOST_HEADERS + " characters",
                    "send fewer");
            return true;
        }
        return false;
    }

    /** Ends what asks for a folder above, in whatever writing; no client of ours does. */
    private static boolean climbs(RoutingContext request) {
        String path = request.request().path();
        if (path == null || !ABOVE.matcher(path).find()) {
            return false;
        }
        request.put(CLIMBS, true);
        ProblemAnswer.end(
                request, 400, "path-traversal", "the path leads upwards", "ask for it by its name");
        return true;
    }

    /** Ends a connection whose body drips. */
    private void timeBody(RoutingContext request, String path, String address) {
        HttpServerRequest http = request.request();
        if (http.getHeader(HttpHeaders.CONTENT_LENGTH) == null
                && http.getHeader(HttpHeaders.TRANSFER_ENCODING) == null) {
            return;
        }
        long timer =
                request.vertx()
                        .setTimer(
                                bodyMillis,
                                passed -> {
                                    if (!http.isEnded()) {
                                        bad(request, path, address, 408, "body-timeout");
                                        http.connection().close();
                                    }
                                });
        request.addEndHandler(ended -> request.vertx().cancelTimer(timer));
    }

    /** Tells of what was refused elsewhere than here. */
    private void tellOf(RoutingContext request, String path, String address) {
        int status = request.response().getStatusCode();
        String rule =
                switch (status) {
                    case 400 -> request.get(CLIMBS) == null ? "bad-request" : "path-traversal";
                    case 413 -> "body-size";
                    case 414 -> "line-size";
                    case 431 -> "header-size";
                    default -> null;
                };
        if (rule != null && request.get(TOLD) == null) {
            bad(request, path, address, status, rule);
        }
    }

    private void bad(RoutingContext request, String path, String address, int status, String rule) {
        if (refusals.bad(address, rule)) {
            ApiKey key = request.get(KEY);
            tell(
                    request,
                    refusals,
                    key == null ? AuthenticationFailures.UNKNOWN : key.name(),
                    address,
                    status,
                    rule);
        }
    }

    private boolean opens(String path, String given, String address) {
        return required
                ? tokens.isControl(given) && LocalAddress.is(address)
                : tokens.opens(path, given);
    }

    private Optional<ApiKey> find(String given) {
        Matcher bearer = BEARER.matcher(given);
        return bearer.matches() ? keys.find(bearer.group(1)) : Optional.empty();
    }

    private void enter(RoutingContext request, String path, String address, ApiKey key) {
        Scope needed = needed(request.request().method(), path);
        if (key.expired(clock.instant())) {
            refused(request, key.name(), path, address, 401, "key-expired");
            challenge(request, "invalid_token");
            ProblemAnswer.end(
                    request,
                    401,
                    "key-expired",
                    "the key " + key.name() + " has ended on " + key.expires(),
                    "ask for a new one: uns-hub keys add");
        } else if (!key.may(needed)) {
            refused(request, key.name(), path, address, 403, "scope");
            lacks(request, "the key " + key.name(), needed, "ask for a key that has it; " + SEE);
        } else if (!key.reachesAll() && !DIVIDED.contains(path)) {
            refused(request, key.name(), path, address, 403, "subtree");
            ProblemAnswer.end(
                    request,
                    403,
                    "subtree",
                    "the answer is about the whole namespace, and the key %s reaches %s alone"
                            .formatted(key.name(), key.topics()),
                    "ask for a key for all topics; " + SEE);
        } else {
            request.put(KEY, key);
            // for the audit file: a key is known, whatever its user says
            request.request().headers().set("Unshub-User", "key " + key.name());
            request.next();
        }
    }

    /** The scope that a request needs. */
    public static Scope needed(HttpMethod method, String path) {
        boolean looks = method == HttpMethod.GET || method == HttpMethod.HEAD;
        if (path.equals(READINGS) && method == HttpMethod.POST) {
            return Scope.INGEST;
        }
        if (looks
                && (LOOKS.matcher(path).matches()
                        || path.equals(METRICS)
                        || path.equals(OPENAPI))) {
            return Scope.READ;
        }
        if (path.startsWith("/api/v1/dead-letters/") && method == HttpMethod.POST) {
            return Scope.REPLAY;
        }
        return path.startsWith("/api/v1/inference/") ? Scope.SCORE : Scope.ADMIN;
    }

    private void stranger(RoutingContext request, String path, String address, boolean guesses) {
        String rule = "token";
        String detail =
                guesses
                        ? "the bearer token is none of this hub, or not one for " + Excerpt.of(path)
                        : Excerpt.of(path) + " needs a bearer token";
        String nextStep =
                required
                        ? "send an API key that uns-hub keys add has made"
                        : "send the token from the file %s in the hub's data folder, or an API key"
                                .formatted(ControlToken.file(path));
        stranger(request, path, address, guesses, OidcTokens.Verdict.no(rule, detail, nextStep));
    }

    private void stranger(
            RoutingContext request,
            String path,
            String address,
            boolean guesses,
            OidcTokens.Verdict verdict) {
        Duration closed = guesses ? attempts.begin(address) : Duration.ZERO;
        int status = closed.isZero() ? 401 : 429;
        String rule = closed.isZero() ? verdict.rule() : "attempts-delay";
        refused(request, AuthenticationFailures.UNKNOWN, path, address, status, rule);
        if (closed.isZero()) {
            challenge(request, guesses ? "invalid_token" : null);
            ProblemAnswer.end(request, 401, rule, verdict.detail(), verdict.nextStep());
        } else {
            later(request, rule, "too many requests with a wrong token came from here", closed);
        }
    }

    private void refused(
            RoutingContext request,
            String who,
            String path,
            String address,
            int status,
            String rule) {
        request.put(TOLD, true);
        if (status != 403) {
            failures.count(address, who, "HTTP");
        }
        count(request, refusals, who, status, rule);
    }

    /** Counts a request that was refused, and has a burst told. */
    public static void count(
            RoutingContext request, HttpRefusals refusals, String who, int status, String rule) {
        String address = address(request);
        if (refusals.count(address, rule)) {
            tell(request, refusals, who, address, status, rule);
        }
    }

    /** Has a burst told, which takes a write to disk, off the threads of HTTP. */
    private static void tell(
            RoutingContext request,
            HttpRefusals refusals,
            String who,
            String address,
            int status,
            String rule) {
        String path = request.normalizedPath();
        request.vertx()
                .executeBlocking(
                        () -> {
                            refusals.tell(who, address, path, status, rule);
                            return null;
                        },
                        false);
    }

    private static void challenge(RoutingContext request, String error) {
        request.response()
                .putHeader(
                        "WWW-Authenticate",
                        error == null ? CHALLENGE : CHALLENGE + ", error=\"" + error + "\"");
    }

    /** Whether the caller may ask once more now; ends the request where not. */
    private boolean hasRoom(RoutingContext request, String caller) {
        if (most == 0) {
            return true;
        }
        // who changes addresses all the time would otherwise fill the memory
        if (buckets.size() >= MOST_CALLERS) {
            buckets.clear();
        }
        ConsumptionProbe asked =
                buckets.computeIfAbsent(caller, each -> bucket()).tryConsumeAndReturnRemaining(1);
        if (asked.isConsumed()) {
            return true;
        }
        if (refusals.limit(address(request), "rate-limit")) {
            tell(request, refusals, caller, address(request), 429, "rate-limit");
        }
        later(
                request,
                "rate-limit",
                "more than " + most + " requests a second came from this caller",
                Duration.ofNanos(asked.getNanosToWaitForRefill()));
        return false;
    }

    private Bucket bucket() {
        return Bucket.builder()
                .addLimit(limit -> limit.capacity(most).refillGreedy(most, Duration.ofSeconds(1)))
                .build();
    }

    private static void later(RoutingContext request, String rule, String detail, Duration after) {
        long seconds = Math.max(1, after.plusMillis(999).toSeconds());
        request.response().putHeader(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
        ProblemAnswer.end(request, 429, rule, detail, "try again in " + seconds + " s");
    }

    /** Where a request comes from, without the port. */
    public static String address(RoutingContext request) {
        SocketAddress remote = request.request().remoteAddress();
        return remote == null || remote.hostAddress() == null ? "unknown" : remote.hostAddress();
    }

    /** The key that the request under way was made with; empty for who has another right. */
    public Optional<ApiKey> key() {
        RoutingContext request = current.getCurrent();
        return request == null ? Optional.empty() : Optional.ofNullable(request.get(KEY));
    }

    /** Whether the caller of the request under way reaches a topic. */
    public boolean reaches(String topic) {
        return key().map(key -> key.reaches(topic)).orElse(true);
    }
}
