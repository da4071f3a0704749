package io.unshub;

import static com.tngtech.archunit.core.domain.JavaModifier.ABSTRACT;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who may know whom. */
class ArchitectureTest {

    private static final JavaClasses PRODUCT =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("io.unshub");

    private static final ArchRule ONLY_THE_ADAPTER_KNOWS_CAMEL =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.unshub.route..")
                    .and()
                    // it names the application that Quarkus runs
                    .doNotHaveFullyQualifiedName("io.unshub.cli.RunCommand")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.apache.camel..");

    private static final ArchRule ONLY_THE_BUFFER_KNOWS_THE_BROKER =
            noClasses()
                    .that()
                    .resideOutsideOfPackages("io.unshub.buffer..", "io.unshub.route..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.apache.activemq.artemis..");

    private static final ArchRule ONLY_FORWARD_KNOWS_AZURE =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.unshub.forward..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("com.azure..");

    private static final ArchRule THE_DOMAIN_KNOWS_NO_PRODUCT =
            noClasses()
                    .that()
                    .resideInAnyPackage(
                            "io.unshub.uns..",
                            "io.unshub.envelope..",
                            "io.unshub.quality..",
                            "io.unshub.deadletter..",
                            "io.unshub.ledger..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "io.quarkus..",
                            "org.apache.activemq..",
                            "com.azure..",
                            "org.eclipse.milo..",
                            "org.apache.plc4x..");

    private static final ArchRule NOBODY_NEEDS_THE_SIMULATOR_BUT_THE_ADAPTER =
            noClasses()
                    .that()
                    .resideOutsideOfPackages("io.unshub.simulator..", "io.unshub.route..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("io.unshub.simulator..");

    private static final ArchRule CLASSES_ARE_FINAL =
            classes()
                    .that()
                    .arePublic()
                    .and()
                    .areTopLevelClasses()
                    .and()
                    .areNotInterfaces()
                    .and()
                    .doNotHaveModifier(ABSTRACT)
                    .and()
                    .areNotEnums()
                    .should()
                    .haveModifier(FINAL);

    @ParameterizedTest
    @MethodSource("rules")
    void holds(ArchRule rule) {
        rule.check(PRODUCT);
    }

    private static List<ArchRule> rules() {
        return List.of(
                ONLY_THE_ADAPTER_KNOWS_CAMEL,
                ONLY_THE_BUFFER_KNOWS_THE_BROKER,
                ONLY_FORWARD_KNOWS_AZURE,
                THE_DOMAIN_KNOWS_NO_PRODUCT,
                NOBODY_NEEDS_THE_SIMULATOR_BUT_THE_ADAPTER,
                CLASSES_ARE_FINAL);
    }

    @Test
    void eachPackageSaysWhatLivesThere() throws IOException {
        try (var walk = Files.walk(Path.of("src/main/java/io/unshub"))) {
            for (Path folder : walk.filter(Files::isDirectory).toList()) {
                try (var files = Files.list(folder)) {
                    if (files.anyMatch(file -> file.toString().endsWith(".java"))) {
                        assertThat(folder.resolve("package-info.java")).exists();
                    }
                }
            }
        }
    }
}
