package io.unshub.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.cli.Commands;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The access matrix knows each command, and what it shows is typed as the launcher takes it. */
class AccessMatrixTest {

    /** They read files or ask the hub, and leave both as they were. */
    private static final Set<String> LOOKING =
            Set.of(
                    "acl explain",
                    "audit verify",
                    "buffer-size",
                    "claims get",
                    "connections browse",
                    "connections test",
                    "contract impact",
                    "dead-letters export",
                    "dead-letters fix",
                    "dead-letters groups",
                    "dead-letters list",
                    "dead-letters show",
                    "dead-letters status",
                    "keys list",
                    "ledger",
                    "ml changed",
                    "ml compare",
                    "ml drift",
                    "ml evaluate",
                    "ml lint",
                    "ml list",
                    "ml score",
                    "ml show",
                    "pki list",
                    "routes check",
                    "routes coverage",
                    "routes diff",
                    "routes explain",
                    "routes list",
                    "routes new",
                    "routes patterns",
                    "routes record",
                    "routes try",
                    "tags diff",
                    "tags lint",
                    "topics validate",
                    "users list",
                    // a publisher and a far side of their own, as anybody may run
                    "event-hubs",
                    "load");

    @Test
    void tellsOfEachCommandWhetherItChangesSomething() {
        assertThat(Commands.all())
                .containsAll(AccessMatrix.CHANGING.keySet())
                .allSatisfy(
                        command ->
                                assertThat(
                                                AccessMatrix.CHANGING.containsKey(command)
                                                        ^ LOOKING.contains(command))
                                        .as(command)
                                        .isTrue());
    }

    @Test
    void showsCommandsThatThereAre() {
        assertThat(AccessMatrix.examples().strip().lines())
                .hasSizeGreaterThan(10)
                .allSatisfy(
                        line ->
                                Commands.parse(
                                        line.strip().substring("uns-hub ".length()).split(" ")));
    }
}
