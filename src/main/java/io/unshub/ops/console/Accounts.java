package io.unshub.ops.console;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.unshub.ops.StatusLine;
import io.unshub.uns.Excerpt;
import io.unshub.uns.FileTurn;
import io.unshub.uns.OwnerOnlyFile;
import io.unshub.uns.WholeFile;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * The console's accounts: a file in the data folder that only its owner can read, one line for each
 * with role and bcrypt hash. A change of the file takes effect at once.
 *
 * <p>Guarantees: no password is kept, but for that of the first account, which stands in a file of
 * its own until somebody deletes it. Where the file cannot be read nobody logs in. Threads: any.
 */
public final class Accounts {

    /** Name of the file in the data folder. */
    public static final String FILE = "console-users.properties";

    /** Name of the file with the password of the first account. */
    public static final String PASSWORD_FILE = StatusLine.CONSOLE_PASSWORD_FILE;

    /** Name of the account that the first start makes. */
    public static final String FIRST = "operator";

    private static final Logger LOG = Logger.getLogger(Accounts.class);
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}");
    private static final int PASSWORD_BYTES = 16;
    private static final int COST = 12;
    // compared with where there is no such account, so that a guess takes as long
    private static final byte[] NOBODY =
            "$2a$12$C6UzMDM.H6dfI/f/IKcEeO7ZzhoU3pVMQXwpNXKcrmVcQbnbqDhvK"
                    .getBytes(StandardCharsets.US_ASCII);

    private final Path file;
    private FileTime seen;
    private Map<String, Entry> entries = Map.of();

    private record Entry(Role role, byte[] hash) {}

    /**
     * @param dataDir the hub's data folder
     */
    public Accounts(Path dataDir) {
        file = dataDir.resolve(FILE);
    }

    /**
     * Writes the password of the first account where there is none yet.
     *
     * @return the password, for {@link #makeFirst}; empty where there are accounts
     * @throws IOException if the file cannot be written
     */
    public Optional<String> firstPassword() throws IOException {
        if (Files.exists(file)) {
            return Optional.empty();
        }
        String password = password();
        OwnerOnlyFile.write(
                file.resolveSibling(PASSWORD_FILE), password.getBytes(StandardCharsets.US_ASCII));
        return Optional.of(password);
    }

    /**
     * Makes the first account; a start that ends before it makes another one.
     *
     * @throws IOException if the file cannot be written
     */
    public void makeFirst(String password) throws IOException {
        set(FIRST, Role.OPERATOR, password);
    }

    /**
     * Adds an account, or gives one another role and password.
     *
     * @return its password, which is kept nowhere
     * @throws IOException if the file cannot be read or written
     * @throws IllegalArgumentException if the name is none
     */
    public String add(String name, Role role) throws IOException {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "the name of an account is %s, it must be 1 to 64 of A-Z a-z 0-9 . _ @ - and begin with a letter or digit"
                            .formatted(Excerpt.of(name)));
        }
        String password = password();
        set(name, role, password);
        return password;
    }

    private static String password() {
        byte[] random = new byte[PASSWORD_BYTES];
        new SecureRandom().nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    private void set(String name, Role role, String password) throws IOException {
        String hash = BCrypt.withDefaults().hashToString(COST, password.toCharArray());
        change(all -> all.setProperty(name, role.word() + "," + hash));
    }

    /**
     * Takes an account away; who is logged in with it is no more.
     *
     * @return whether there was one of that name
     * @throws IOException if the file cannot be read or written
     */
    public boolean remove(String name) throws IOException {
        return Files.exists(file) && change(all -> all.remove(name)) != null;
    }

    /**
     * The accounts and their roles, by name.
     *
     * @throws IOException if the file cannot be read
     */
    public Map<String, Role> all() throws IOException {
        Map<String, Role> all = new TreeMap<>();
        if (Files.exists(file)) {
            read().forEach((name, entry) -> all.put(name, entry.role()));
        }
        return all;
    }

    private Object change(Function<Properties, Object> change) throws IOException {
        return FileTurn.on(
                file,
                () -> {
                    Properties all = new Properties();
                    if (Files.exists(file)) {
                        try (Reader from = Files.newBufferedReader(file)) {
                            all.load(from);
                        }
                    }
                    Object before = change.apply(all);
                    write(all);
                    return before;
                });
    }

    private void write(Properties all) throws IOException {
        StringWriter text = new StringWriter();
        all.store(text, "the accounts of the console: name = role,bcrypt hash");
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        WholeFile.replace(file, next -> OwnerOnlyFile.write(next, bytes));
    }

    /** The account of that name, where the password is its own; takes a quarter of a second. */
    public Optional<Account> verify(String name, char[] password) {
        Entry entry = current().get(name);
        boolean right =
                BCrypt.verifyer()
                        .verify(bytes(password), entry == null ? NOBODY : entry.hash())
                        .verified;
        return right && entry != null
                ? Optional.of(new Account(name, entry.role()))
                : Optional.empty();
    }

    private static byte[] bytes(char[] password) {
        return new String(password).getBytes(StandardCharsets.UTF_8);
    }

    /** The account of that name, as it is now. */
    public Optional<Account> find(String name) {
        return Optional.ofNullable(current().get(name))
                .map(entry -> new Account(name, entry.role()));
    }

    /** Whether there is an account of that name. */
    boolean knows(String name) {
        return current().containsKey(name);
    }

    private synchronized Map<String, Entry> current() {
        try {
            FileTime now = Files.getLastModifiedTime(file);
            if (!now.equals(seen)) {
                seen = now;
                entries = read();
            }
        } catch (IOException | IllegalArgumentException e) {
            if (!entries.isEmpty() || seen != null) {
                LOG.errorf(
                        "the accounts in %s cannot be read, nobody can log in: %s; put it right, or delete it and start again",
                        file, e.getMessage());
            }
            entries = Map.of();
        }
        return entries;
    }

    private Map<String, Entry> read() throws IOException {
        Properties all = new Properties();
        try (Reader from = Files.newBufferedReader(file)) {
            all.load(from);
        }
        Map<String, Entry> read = new TreeMap<>();
        for (String name : all.stringPropertyNames()) {
            String[] parts = all.getProperty(name).split(",", 2);
            Role role =
                    Role.of(parts[0].strip())
                            .orElseThrow(
                                    () ->
                                            new IllegalArgumentException(
                                                    "%s has the role %s, known roles are %s"
                                                            .formatted(
                                                                    name,
                                                                    Excerpt.of(parts[0]),
                                                                    Arrays.stream(Role.values())
                                                                            .map(Role::word)
                                                                            .toList())));
            byte[] hash =
                    (parts.length == 2 ? parts[1].strip() : "").getBytes(StandardCharsets.US_ASCII);
            if (hash.length != NOBODY.length) {
                throw new IllegalArgumentException(name + " has no bcrypt hash after its role");
            }
            read.put(name, new Entry(role, hash));
        }
        return read;
    }
}
