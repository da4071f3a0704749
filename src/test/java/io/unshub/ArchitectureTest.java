package io.unshub;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who may know whom; the reasons stand in CONTRIBUTING.md. */
class ArchitectureTest {

    private static final JavaClasses HUB =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("io.unshub");

    private static final String CAMEL = "org.apache.camel..";
    private static final String ARTEMIS = "org.apache.activemq..";
    private static final String AZURE = "com.azure..";

    @Test
    void keepsCamelInTheRoutePackage() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.unshub.route")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(CAMEL)
                .check(HUB);
    }

    @Test
    void keepsArtemisInTheBufferPackage() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.unshub.buffer")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ARTEMIS)
                .check(HUB);
    }

    @Test
    void keepsOpenTelemetryInTheTracePackage() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.unshub.trace")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.opentelemetry..")
                .check(HUB);
    }

    @Test
    void keepsTheAzureSdkAtTheFarSide() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.unshub.forward", "io.unshub.simulator.eventhubs")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(AZURE)
                .check(HUB);
    }

    @Test
    void keepsTheDomainFreeOfPlatformAndProtocols() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.unshub.uns",
                        "io.unshub.envelope",
                        "io.unshub.quality",
                        "io.unshub.deadletter",
                        "io.unshub.ledger")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        CAMEL,
                        ARTEMIS,
                        AZURE,
                        "io.quarkus..",
                        "com.hivemq..",
                        "org.eclipse.milo..",
                        "org.apache.plc4x..")
                .check(HUB);
    }

    @Test
    void reachesTheSimulatorsByProtocolAlone() {
        for (String simulator :
                Set.of("io.unshub.simulator.plant", "io.unshub.simulator.eventhubs")) {
            noClasses()
                    .that()
                    .resideInAPackage(simulator)
                    .should()
                    .dependOnClassesThat(
                            resideInAPackage("io.unshub..").and(not(resideInAPackage(simulator))))
                    .check(HUB);
        }
    }

    @Test
    void hasNoCyclesBetweenPackages() {
        slices().matching("io.unshub.(**)")
                .should()
                .beFreeOfCycles()
                // an envelope carries the flag; the rules for the flag look at the envelope
                .ignoreDependency(
                        resideInAPackage("io.unshub.quality"),
                        resideInAPackage("io.unshub.envelope"))
                .check(HUB);
    }

    @Test
    void closesItsClassesToInheritance() {
        classes()
                .that()
                .areNotInterfaces()
                .and()
                .areNotEnums()
                .and()
                .areNotAnonymousClasses()
                .should()
                .haveModifier(JavaModifier.FINAL)
                .orShould()
                .haveModifier(JavaModifier.ABSTRACT)
                .check(HUB);
    }

    @Test
    void namesClassesAfterWhatTheyAre() {
        noClasses()
                .that(not(resideInAnyPackage("io.unshub.route")))
                .should()
                .haveNameMatching(".*(Utils?|Helper|Manager|Processor|Service)")
                .check(HUB);
    }

    @Test
    void saysOfEachPackageWhatLivesThere() throws IOException {
        Set<Path> packages;
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            packages =
                    files.filter(file -> file.toString().endsWith(".java"))
                            .map(Path::getParent)
                            .collect(Collectors.toSet());
        }

        assertThat(packages)
                .isNotEmpty()
                .allSatisfy(
                        folder ->
                                assertThat(folder.resolve("package-info.java"))
                                        .exists()
                                        .content()
                                        .startsWith("/**"));
    }
}
