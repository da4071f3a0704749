package io.unshub;

import static com.tngtech.archunit.core.domain.JavaModifier.ABSTRACT;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Who may know whom. */
@AnalyzeClasses(packages = "io.unshub", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule ONLY_THE_ADAPTER_KNOWS_CAMEL =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.unshub.route..")
                    .and()
                    // it names the application that Quarkus runs
                    .doNotHaveFullyQualifiedName("io.unshub.cli.RunCommand")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.apache.camel..");

    @ArchTest
    static final ArchRule ONLY_THE_BUFFER_KNOWS_THE_BROKER =
            noClasses()
                    .that()
                    .resideOutsideOfPackages("io.unshub.buffer..", "io.unshub.route..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.apache.activemq.artemis..");

    @ArchTest
    static final ArchRule ONLY_FORWARD_KNOWS_AZURE =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.unshub.forward..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("com.azure..");

    @ArchTest
    static final ArchRule THE_DOMAIN_KNOWS_NO_PRODUCT =
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

    @ArchTest
    static final ArchRule NOBODY_NEEDS_THE_SIMULATOR_BUT_THE_ADAPTER =
            noClasses()
                    .that()
                    .resideOutsideOfPackages("io.unshub.simulator..", "io.unshub.route..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("io.unshub.simulator..");

    @ArchTest
    static final ArchRule CLASSES_ARE_FINAL =
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
