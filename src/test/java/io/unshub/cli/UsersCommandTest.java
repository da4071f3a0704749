package io.unshub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.ops.console.Account;
import io.unshub.ops.console.Accounts;
import io.unshub.ops.console.Role;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsersCommandTest {

    @TempDir private Path data;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void printsThePasswordOfANewAccountWhichLooksOnly() {
        assertThat(run("add", "ann")).isZero();

        assertThat(data.resolve("audit.ndjson"))
                .content()
                .contains("\"action\":\"account\"", "\"name\":\"ann\"")
                .doesNotContain(out.toString().strip());
        assertThat(new Accounts(data).verify("ann", out.toString().strip().toCharArray()))
                .contains(new Account("ann", Role.VIEWER));
    }

    @Test
    void namesTheRolesThatThereAre() {
        assertThat(run("add", "ann", "--role", "admin")).isEqualTo(2);

        assertThat(err)
                .hasToString(
                        "uns-hub: the role is admin, known roles are [viewer, operator]; see docs/operations/console.md%n"
                                .formatted());
        assertThat(new Accounts(data).find("ann")).isEmpty();
    }

    @Test
    void listsAccountsAndTakesOneAway() {
        assertThat(run("add", "ann", "--role", "operator")).isZero();
        String password = out.toString().strip();

        assertThat(run("list")).isZero();
        assertThat(out.toString()).containsPattern("ann +operator");
        assertThat(run("remove", "ann")).isZero();
        assertThat(new Accounts(data).verify("ann", password.toCharArray())).isEmpty();
        assertThat(run("remove", "ann")).isEqualTo(1);
        assertThat(err)
                .hasToString(
                        "uns-hub: there is no account ann; uns-hub users list shows what there is%n"
                                .formatted());
        assertThat(data.resolve("audit.ndjson"))
                .content()
                .contains("\"action\":\"account-removed\",\"name\":\"ann\"");
    }

    private int run(String... args) {
        List<String> all = new ArrayList<>(List.of("users"));
        all.addAll(List.of(args));
        all.addAll(List.of("--data", data.toString()));
        return UnsHub.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all.toArray(String[]::new));
    }
}
