package io.unshub.ops.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.BadJWSException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jose.util.Resource;
import com.nimbusds.jwt.JWT;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.JWTParser;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.proc.BadJWTException;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.unshub.uns.Excerpt;
import io.unshub.uns.OwnerOnlyFile;
import io.unshub.uns.Sha256;
import io.unshub.uns.WholeFile;
import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Date;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * Bearer tokens of an OpenID provider: JSON Web Tokens that it has signed for this hub.
 *
 * <p>Guarantees: a token counts by its signature, issuer, audience, time and roles, and by nothing
 * else; its keys are the provider's public ones, never one that it brings along. They are fetched
 * at the first token, every ten minutes after that while tokens come, and for a key that is not
 * known, at most twice in half a minute. They stand in the data folder, too, so that they hold
 * while the provider is away and through restarts, for as long as is configured. Threads: any; a
 * call may wait for the provider, some seconds at most. Failure: no keys, no entry, and the reason.
 */
public final class OidcTokens {

    private static final Logger LOG = Logger.getLogger(OidcTokens.class);
    private static final Pattern TOKEN =
            Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*");
    // with public keys: a secret that both sides have would let each reader of it sign
    private static final Set<JWSAlgorithm> ALGORITHMS = algorithms();
    private static final long FRESH_MILLIS = Duration.ofMinutes(10).toMillis();
    private static final long WAIT_MILLIS = 5_000;
    private static final long AGAIN_MILLIS = 30_000;
    private static final int HTTP_MILLIS = 2_000;
    private static final int MOST_BYTES = 262_144;
    private static final int MOST_NAME = 64;

    private final Settings settings;
    private final Path kept;
    private final InstantSource clock;
    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
    private volatile boolean noKeys;
    private boolean away;

    /**
     * What is taken.
     *
     * @param issuer as {@code iss} has it
     * @param audience that {@code aud} must have
     * @param keys address of the provider's public keys
     * @param rolesClaim claim with the roles; dots lead into objects
     * @param nameClaim claim with the caller's name
     * @param grants what each role may
     * @param keysKeptFor how long keys hold that cannot be fetched again
     */
    public record Settings(
            String issuer,
            String audience,
            URL keys,
            String rolesClaim,
            String nameClaim,
            Map<String, Set<Scope>> grants,
            Duration keysKeptFor) {}

    /**
     * Somebody whose token is good.
     *
     * @param name for log and audit trail
     * @param scopes what the roles allow; never empty
     */
    public record Caller(String name, Set<Scope> scopes) {

        /** Whether it may ask for that. */
        public boolean may(Scope scope) {
            return scopes.contains(scope) || scopes.contains(Scope.ADMIN);
        }
    }

    /**
     * What is thought of a token: a caller, or why there is none.
     *
     * @param caller null where it is refused
     * @param rule the reason's code
     * @param detail the reason in one sentence, without the token
     * @param nextStep what to do
     */
    public record Verdict(Caller caller, String rule, String detail, String nextStep) {

        /** A refusal. */
        public static Verdict no(String rule, String detail, String nextStep) {
            return new Verdict(null, rule, detail, nextStep);
        }
    }

    /**
     * @param dataDir where keys are kept
     * @param clock tells what has expired
     */
    public OidcTokens(Settings settings, Path dataDir, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
        // keys of another provider are not those of this one
        kept =
                dataDir.resolve(
                        "oidc-keys-"
                                + Sha256.hex(settings.keys().toString()).substring(0, 16)
                                + ".json");
        JWKSource<SecurityContext> source =
                JWKSourceBuilder.create(settings.keys(), this::fetch)
                        .cache(FRESH_MILLIS, WAIT_MILLIS)
                        .refreshAheadCache(false)
                        .rateLimited(AGAIN_MILLIS)
                        .build();
        processor.setJWSTypeVerifier(
                new DefaultJOSEObjectTypeVerifier<>(
                        JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), null));
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, source));
        processor.setJWTClaimsSetVerifier(
                new DefaultJWTClaimsVerifier<>(
                        settings.audience(),
                        new JWTClaimsSet.Builder().issuer(settings.issuer()).build(),
                        Set.of("exp", settings.nameClaim())) {
                    @Override
                    protected Date currentTime() {
                        return Date.from(clock.instant());
                    }
                });
    }

    private static Set<JWSAlgorithm> algorithms() {
        Set<JWSAlgorithm> all = new HashSet<>(JWSAlgorithm.Family.RSA);
        all.addAll(List.of(JWSAlgorithm.ES256, JWSAlgorithm.ES384, JWSAlgorithm.ES512));
        return Set.copyOf(all);
    }

    /** Whether that may be such a token, and is no key of the hub's own. */
    public static boolean isOne(String bearer) {
        return TOKEN.matcher(bearer).matches();
    }

    /** Looks at a token. */
    public Verdict check(String token) {
        JWT jwt;
        try {
            jwt = JWTParser.parse(token);
        } catch (ParseException e) {
            return Verdict.no(
                    "token-unreadable",
                    "the token cannot be read: " + Excerpt.of(String.valueOf(e.getMessage())),
                    "send the access token as the provider gave it");
        }
        if (jwt instanceof PlainJWT) {
            return Verdict.no(
                    "token-unsigned",
                    "the token has no signature (alg none)",
                    "send one that the provider has signed");
        }
        try {
            return caller(processor.process(jwt, null));
        } catch (BadJWTException e) {
            return claims(jwt, e);
        } catch (BadJWSException e) {
            return Verdict.no(
                    "token-signature",
                    "the signature of the token is not right",
                    "send the access token as the provider gave it");
        } catch (BadJOSEException | KeySourceException e) {
            if (e instanceof KeySourceException && noKeys) {
                return Verdict.no(
                        "token-keys",
                        "the keys of %s cannot be had, and none are kept that still hold"
                                .formatted(settings.issuer()),
                        "try again when the hub reaches the provider, or use an API key");
            }
            return Verdict.no(
                    "token-key",
                    "the token was signed with %s by a key that is not among those of %s"
                            .formatted(
                                    Excerpt.of(String.valueOf(jwt.getHeader().getAlgorithm())),
                                    settings.issuer()),
                    "ask that provider for a new token; keys that it has just changed are fetched within half a minute");
        } catch (JOSEException e) {
            return Verdict.no(
                    "token-unreadable",
                    "the token cannot be checked: " + Excerpt.of(String.valueOf(e.getMessage())),
                    "send the access token as the provider gave it");
        }
    }

    /** What is wrong with claims that the provider has signed. */
    private Verdict claims(JWT jwt, BadJWTException refusal) {
        JWTClaimsSet claims;
        try {
            claims = jwt.getJWTClaimsSet();
        } catch (ParseException e) {
            throw new IllegalStateException(e);
        }
        Instant now = clock.instant();
        if (!settings.issuer().equals(claims.getIssuer())) {
            return Verdict.no(
                    "token-issuer",
                    "the token is from %s, tokens of %s are taken"
                            .formatted(
                                    Excerpt.of(String.valueOf(claims.getIssuer())),
                                    settings.issuer()),
                    "ask that provider for one");
        }
        if (!claims.getAudience().contains(settings.audience())) {
            return Verdict.no(
                    "token-audience",
                    "the token is for %s, it must be for %s"
                            .formatted(
                                    Excerpt.of(claims.getAudience().toString()),
                                    settings.audience()),
                    "ask the provider for a token for this hub");
        }
        if (claims.getExpirationTime() != null
                && claims.getExpirationTime().toInstant().isBefore(now)) {
            return Verdict.no(
                    "token-expired",
                    "the token has ended on " + claims.getExpirationTime().toInstant(),
                    "ask the provider for a new one");
        }
        return Verdict.no(
                "token-claims",
                "the token is not taken: " + Excerpt.of(refusal.getMessage()),
                "ask the provider for a token that has what is missing");
    }

    private Verdict caller(JWTClaimsSet claims) {
        String name = name(claims.getClaim(settings.nameClaim()));
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        Collection<?> roles = roles(claims);
        for (Object role : roles) {
            scopes.addAll(settings.grants().getOrDefault(String.valueOf(role), Set.of()));
        }
        return scopes.isEmpty()
                ? Verdict.no(
                        "token-roles",
                        "%s has the roles %s, and none of them may do anything here"
                                .formatted(name, Excerpt.of(roles.toString())),
                        "give the account a role that unshub.http.oidc.grants names")
                : new Verdict(new Caller(name, scopes), null, null, null);
    }

    // it goes into a header and the log
    private static String name(Object claim) {
        String text = Excerpt.of(String.valueOf(claim)).replaceAll("[^\\x21-\\x7E]", "?");
        return text.substring(0, Math.min(text.length(), MOST_NAME));
    }

    private Collection<?> roles(JWTClaimsSet claims) {
        // a claim may have a dot in its own name, as those that are addresses
        Object at = claims.getClaim(settings.rolesClaim());
        if (at == null) {
            at = claims.getClaims();
            for (String step : settings.rolesClaim().split("\\.")) {
                at = at instanceof Map<?, ?> object ? object.get(step) : null;
            }
        }
        if (at instanceof Collection<?> several) {
            return several;
        }
        // as OAuth writes scopes
        return at instanceof String text ? List.of(text.split(" ")) : List.of();
    }

    private Resource fetch(URL url) throws IOException {
        try {
            Resource fetched =
                    new DefaultResourceRetriever(HTTP_MILLIS, HTTP_MILLIS, MOST_BYTES)
                            .retrieveResource(url);
            if (JWKSet.parse(fetched.getContent()).isEmpty()) {
                throw new IOException("there is no key in what " + url + " answers");
            }
            keep(fetched.getContent());
            noKeys = false;
            said(null);
            return fetched;
        } catch (IOException | ParseException e) {
            String reason = Excerpt.of(String.valueOf(e.getMessage()));
            Instant since = keptSince();
            if (since == null || since.plus(settings.keysKeptFor()).isBefore(clock.instant())) {
                noKeys = true;
                said(
                        "%s; no keys are kept that still hold, so no token is taken"
                                .formatted(reason));
                throw new IOException(reason, e);
            }
            noKeys = false;
            said(
                    "%s; those fetched on %s hold until %s"
                            .formatted(reason, since, since.plus(settings.keysKeptFor())));
            return new Resource(Files.readString(kept), "application/json");
        }
    }

    private void keep(String keys) {
        try {
            byte[] bytes = keys.getBytes(StandardCharsets.UTF_8);
            WholeFile.replace(kept, next -> OwnerOnlyFile.write(next, bytes));
            Files.setLastModifiedTime(kept, FileTime.from(clock.instant()));
        } catch (IOException e) {
            LOG.warnf("the provider's keys cannot be kept in %s (%s)", kept, e);
        }
    }

    private Instant keptSince() throws IOException {
        return Files.exists(kept) ? Files.getLastModifiedTime(kept).toInstant() : null;
    }

    private synchronized void said(String trouble) {
        if (trouble != null && !away) {
            LOG.warnf("the keys of %s cannot be fetched: %s", settings.issuer(), trouble);
        } else if (trouble == null && away) {
            LOG.infof("the keys of %s can be fetched again", settings.issuer());
        }
        away = trouble != null;
    }
}
