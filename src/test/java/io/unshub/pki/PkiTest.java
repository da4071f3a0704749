package io.unshub.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unshub.pki.Issued.Kind;
import io.unshub.pki.Issued.Reason;
import io.unshub.pki.Issued.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXReason;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the folder issues is judged by the JDK's own PKIX validator. */
class PkiTest {

    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration YEAR = Duration.ofDays(365);
    private static final Instant NOW = Clock.systemUTC().instant();

    @TempDir private Path folder;
    private Pki pki;

    @BeforeEach
    void init() throws IOException {
        pki = at(NOW);
        pki.init("acme", YEAR.multipliedBy(20), YEAR.multipliedBy(5), DAY.multipliedBy(90));
    }

    @Test
    void issuesWhatThePkixValidatorTrusts() throws Exception {
        Issued client = issue("CN=pump-01,OU=line1,O=acme");
        Issued server =
                pki.issue(
                        new Pki.Order(
                                Kind.SERVER,
                                "CN=mqtt,O=acme",
                                List.of("mqtt.plant1.example", "10.0.0.5", "urn:acme:mqtt"),
                                YEAR,
                                true));

        assertThat(validate(client, NOW)).isNull();
        assertThat(validate(server, NOW)).isNull();
        X509Certificate leaf = chain(client).get(0);
        assertThat(leaf.getSubjectX500Principal().getName())
                .isEqualTo("CN=pump-01,OU=line1,O=acme");
        assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
        assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
        assertThat(leaf.getNotAfter().toInstant()).isEqualTo(client.expires());
        assertThat(chain(server).get(0).getSubjectAlternativeNames())
                .extracting(name -> (Object) name.get(1))
                .containsExactly("mqtt.plant1.example", "10.0.0.5", "urn:acme:mqtt");
        assertThat(chain(server).get(0).getPublicKey().getAlgorithm()).isEqualTo("RSA");
    }

    @Test
    void keepsKeysToTheirOwnerAndOutOfVersionControl() throws Exception {
        Issued client = issue("CN=pump-01");

        List<Path> keys;
        try (Stream<Path> files = Files.walk(folder)) {
            keys = files.filter(file -> file.endsWith(Pki.KEY)).toList();
        }
        assertThat(keys).hasSize(3);
        for (Path key : keys) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                    .isEqualTo("rw-------");
        }
        assertThat(folder.resolve(".gitignore")).content().contains("key.pem");
        assertThat(folder.resolve("register.json")).content().doesNotContain("PRIVATE");
        assertThat(belongTogether(client)).isTrue();
    }

    @Test
    void revokesInTheListThatThePkixValidatorReads() throws Exception {
        Issued lost = issue("CN=pump-01");
        Issued kept = issue("CN=pump-02");

        assertThat(pki.revoke("pump-01", Reason.KEY_COMPROMISE, DAY))
                .extracting(Issued::serial)
                .containsExactly(lost.serial());

        assertThat(validate(lost, NOW)).isEqualTo(BasicReason.REVOKED);
        assertThat(validate(kept, NOW)).isNull();
        assertThat(pki.list())
                .filteredOn(each -> each.state(NOW) == State.REVOKED)
                .extracting(Issued::reason)
                .containsExactly(Reason.KEY_COMPROMISE);
        assertThatThrownBy(() -> pki.revoke("pump-01", Reason.UNSPECIFIED, DAY))
                .hasMessage(
                        "nothing of pump-01 is valid, so there is nothing to revoke; see pki list");
    }

    @Test
    void revokesOneBySerialAndAnIntermediateWithAllThatItIssued() throws Exception {
        Issued first = issue("CN=pump-01");
        Issued second = pki.renew("pump-01", YEAR, false, DAY);

        pki.revoke(first.serial().substring(0, 8), Reason.SUPERSEDED, DAY);
        assertThat(validate(second, NOW)).isNull();

        pki.revoke("intermediate-1", Reason.CA_COMPROMISE, DAY);
        assertThat(validate(second, NOW)).isEqualTo(BasicReason.REVOKED);
        assertThatThrownBy(() -> issue("CN=pump-02"))
                .hasMessageContaining("has no valid intermediate", "pki rotate");
    }

    @Test
    void holdsToTheTimesThatItStates() throws Exception {
        Issued client = issue("CN=pump-01");
        Issued brief = pki.issue(new Pki.Order(Kind.CLIENT, "CN=pump-02", List.of(), DAY, false));

        assertThat(validate(brief, NOW)).isNull();
        assertThat(validate(brief, NOW.minus(DAY))).isEqualTo(BasicReason.NOT_YET_VALID);
        assertThat(validate(brief, NOW.plus(DAY).plus(DAY))).isEqualTo(BasicReason.EXPIRED);
        assertThat(validate(client, NOW.plus(DAY.multipliedBy(91))))
                .as("the list of what is revoked has run out")
                .isEqualTo(BasicReason.UNDETERMINED_REVOCATION_STATUS);
        assertThat(at(NOW.plus(DAY.multipliedBy(80))).crl(DAY.multipliedBy(90)))
                .isAfter(NOW.plus(DAY.multipliedBy(169)));
        assertThat(validate(client, NOW.plus(DAY.multipliedBy(91)))).isNull();
    }

    @Test
    void issuesNothingThatOutlivesItsIssuer() throws Exception {
        Issued client =
                pki.issue(
                        new Pki.Order(
                                Kind.CLIENT,
                                "CN=pump-01",
                                List.of(),
                                YEAR.multipliedBy(30),
                                false));

        assertThat(client.expires()).isEqualTo(named("intermediate-1").expires());
    }

    @Test
    void renewsWithANewKeyIntoTheSameFiles() throws Exception {
        Issued before = issue("CN=pump-01,OU=line1,O=acme");
        byte[] key = Files.readAllBytes(pki.issued("pump-01").resolve(Pki.KEY));

        Issued after = pki.renew("pump-01", YEAR, true, DAY);

        assertThat(after.subject()).isEqualTo(before.subject());
        assertThat(pki.issued("pump-01").resolve(Pki.KEY)).content().isNotEqualTo(new String(key));
        assertThat(belongTogether(after)).isTrue();
        assertThat(validate(after, NOW)).isNull();
        assertThat(pki.list().stream().filter(e -> e.serial().equals(before.serial())))
                .extracting(e -> e.state(NOW))
                .containsExactly(State.REVOKED);
    }

    @Test
    void rotatesTheRootWhileBothAreTrustedAndThenRetiresTheOldOne() throws Exception {
        Issued old = issue("CN=pump-01");
        pki.rotateRoot(YEAR, YEAR, DAY);
        Issued fresh = issue("CN=pump-02");

        assertThat(fresh.issuer()).isEqualTo("intermediate-2");
        assertThat(validate(old, NOW)).isNull();
        assertThat(validate(fresh, NOW)).isNull();
        assertThatThrownBy(() -> pki.retire("root-2", DAY)).hasMessageContaining("pki rotate root");

        pki.retire("root-1", DAY);

        assertThat(validate(old, NOW)).isEqualTo(PKIXReason.NO_TRUST_ANCHOR);
        assertThat(validate(fresh, NOW)).isNull();
    }

    @Test
    void rotatesTheIntermediateWhileWhatTheOldOneIssuedStays() throws Exception {
        Issued old = issue("CN=pump-01");

        pki.rotateIntermediate(YEAR, DAY);

        Issued fresh = issue("CN=pump-02");
        assertThat(fresh.issuer()).isEqualTo("intermediate-2");
        assertThat(validate(old, NOW)).isNull();
        assertThat(validate(fresh, NOW)).isNull();
    }

    @Test
    void issuesAndRevokesWhileTheKeyOfTheRootIsElsewhere() throws Exception {
        Path key = folder.resolve("ca/root-1").resolve(Pki.KEY);
        Files.move(key, folder.resolve("safe"));

        Issued client = issue("CN=pump-01");
        assertThat(validate(client, NOW)).isNull();
        pki.revoke("pump-01", Reason.UNSPECIFIED, DAY);
        assertThat(validate(client, NOW)).isEqualTo(BasicReason.REVOKED);
        assertThatThrownBy(() -> pki.rotateIntermediate(YEAR, DAY))
                .hasMessage(
                        "the key of root-1 is not at %s; bring it back from where it is kept, then try again"
                                .formatted(key));
        assertThatThrownBy(() -> pki.revoke("intermediate-1", Reason.CA_COMPROMISE, DAY))
                .hasMessageContaining("the key of root-1 is not at");
        assertThat(named("intermediate-1").revoked()).isNull();
    }

    @Test
    void refusesWhatWouldBeAmbiguousOrUseless() {
        assertThat(refusal("CN=pump-01")).isNull();
        assertThat(refusal("CN=pump-01,O=other")).contains("renew or revoke that one");
        assertThat(refusal("CN=../../etc")).contains("give one of letters, digits");
        assertThat(refusal("O=acme")).contains("has the CN []");
        assertThat(refusal("pump 01")).contains("is no subject; write CN=pump-01");
        assertThatThrownBy(
                        () ->
                                pki.issue(
                                        new Pki.Order(
                                                Kind.SERVER, "CN=mqtt", List.of(), YEAR, false)))
                .hasMessageContaining("give --san");
        assertThatThrownBy(() -> pki.init("acme", YEAR, YEAR, DAY))
                .hasMessageContaining("has certificates already");
        assertThatThrownBy(() -> new Pki(folder.resolve("none"), Clock.systemUTC()).list())
                .hasMessageContaining("begin with pki init");
    }

    private String refusal(String subject) {
        try {
            issue(subject);
            return null;
        } catch (Pki.Refused e) {
            return e.getMessage();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Issued issue(String subject) throws IOException {
        return pki.issue(new Pki.Order(Kind.CLIENT, subject, List.of(), YEAR, false));
    }

    private Issued named(String name) throws IOException {
        return pki.list().stream().filter(e -> e.name().equals(name)).findFirst().orElseThrow();
    }

    private Pki at(Instant instant) {
        return new Pki(folder, InstantSource.fixed(instant));
    }

    private List<X509Certificate> chain(Issued of) throws IOException {
        return Pem.certificates(pki.issued(of.name()).resolve(Pki.CERTIFICATE));
    }

    /** Why the JDK does not trust it; null when it does. */
    private CertPathValidatorException.Reason validate(Issued issued, Instant at)
            throws IOException, GeneralSecurityException {
        PKIXParameters parameters =
                new PKIXParameters(
                        Pem.certificates(folder.resolve(Pki.TRUSTED)).stream()
                                .map(root -> new TrustAnchor(root, null))
                                .collect(Collectors.toSet()));
        parameters.setDate(Date.from(at));
        parameters.addCertStore(
                CertStore.getInstance(
                        "Collection",
                        new CollectionCertStoreParameters(Pem.crls(folder.resolve(Pki.CRL)))));
        List<X509Certificate> chain = chain(issued);
        assertThat(chain.get(0).getSerialNumber().toString(16)).isEqualTo(issued.serial());
        try {
            CertPathValidator.getInstance("PKIX")
                    .validate(
                            CertificateFactory.getInstance("X.509").generateCertPath(chain),
                            parameters);
            return null;
        } catch (CertPathValidatorException e) {
            return e.getReason();
        }
    }

    private boolean belongTogether(Issued issued) throws IOException, GeneralSecurityException {
        Signature sign = Signature.getInstance("SHA256withECDSA");
        sign.initSign(Pem.key(pki.issued(issued.name()).resolve(Pki.KEY)));
        byte[] signature = sign.sign();
        sign.initVerify(chain(issued).get(0));
        return sign.verify(signature);
    }
}
