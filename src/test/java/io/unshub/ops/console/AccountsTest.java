package io.unshub.ops.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccountsTest {

    @TempDir private Path data;

    private Accounts accounts;

    @BeforeEach
    void open() {
        accounts = new Accounts(data);
    }

    @Test
    void makesOneOperatorAtTheFirstStartWhosePasswordOnlyTheOwnerCanRead() throws IOException {
        Path password = data.resolve(Accounts.PASSWORD_FILE);
        String given = accounts.firstPassword().orElseThrow();
        // a start that ends before the account is made is none
        String first = new Accounts(data).firstPassword().orElseThrow();
        assertThat(first).hasSize(22).isNotEqualTo(given);
        accounts.makeFirst(first);

        assertThat(new Accounts(data).firstPassword()).isEmpty();
        assertThat(Files.readString(password)).isEqualTo(first);
        assertThat(accounts.verify("operator", first.toCharArray()))
                .contains(new Account("operator", Role.OPERATOR));
        assertThat(accounts.verify("operator", (first + "x").toCharArray())).isEmpty();
        assertThat(accounts.verify("Operator", first.toCharArray())).isEmpty();
        for (String file : new String[] {Accounts.FILE, Accounts.PASSWORD_FILE}) {
            assertThat(
                            PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(data.resolve(file))))
                    .isEqualTo("rw-------");
        }
        assertThat(data.resolve(Accounts.FILE)).content().doesNotContain(first);
    }

    @Test
    void takesAChangeOfTheFileOverWhileItRuns() throws IOException {
        String password = accounts.add("ann", Role.OPERATOR);
        assertThat(accounts.find("ann")).contains(new Account("ann", Role.OPERATOR));

        String next = new Accounts(data).add("ann", Role.VIEWER);
        later();

        assertThat(accounts.find("ann")).contains(new Account("ann", Role.VIEWER));
        assertThat(accounts.verify("ann", password.toCharArray())).isEmpty();
        assertThat(accounts.verify("ann", next.toCharArray())).isPresent();
    }

    @Test
    void letsNobodyInWhoseFileCannotBeRead() throws IOException {
        String password = accounts.add("ann", Role.VIEWER);
        assertThat(accounts.verify("ann", password.toCharArray())).isPresent();

        Path file = data.resolve(Accounts.FILE);
        Files.writeString(file, Files.readString(file).replace("viewer", "admin"));
        later();

        assertThat(accounts.verify("ann", password.toCharArray())).isEmpty();
        assertThat(accounts.find("ann")).isEmpty();
    }

    @Test
    void refusesANameThatIsNone() {
        assertThatThrownBy(() -> accounts.add("ann,operator", Role.VIEWER))
                .hasMessage(
                        "the name of an account is ann,operator, it must be 1 to 64 of A-Z a-z 0-9 . _ @ - and begin with a letter or digit");
        assertThat(data.resolve(Accounts.FILE)).doesNotExist();
    }

    /** Two writes may fall into one tick of the file system's clock. */
    private void later() throws IOException {
        Files.setLastModifiedTime(
                data.resolve(Accounts.FILE), FileTime.from(Instant.now().plusSeconds(5)));
    }
}
