package io.unshub.load;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * A PostgreSQL in a process of its own, that goes away and comes back on the same port with what it
 * holds. Its user needs a password.
 */
public final class PostgresServer implements AutoCloseable {

    /** The user of the hub. */
    public static final String USER = "uns_hub";

    /** Its password. */
    public static final String PASSWORD = "s3cr\"et\\%+&;";

    private final Path data;
    private final int port;
    private EmbeddedPostgres server;

    private PostgresServer(Path data) throws IOException {
        this.data = data;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
    }

    /** Starts a server whose files are in this folder, with the table that the page shows. */
    public static PostgresServer start(Path folder) throws Exception {
        return start(folder, Path.of("docs/examples/sql/readings.sql"));
    }

    /** Starts a server whose files are in this folder, with a table. */
    public static PostgresServer start(Path folder, Path table) throws Exception {
        PostgresServer postgres = new PostgresServer(folder);
        postgres.start();
        postgres.execute(
                "CREATE USER %s PASSWORD '%s'".formatted(USER, PASSWORD),
                Files.readString(table),
                "GRANT SELECT, INSERT ON readings TO " + USER);
        return postgres;
    }

    /** Starts it, or brings it back. */
    public void start() throws IOException {
        server =
                EmbeddedPostgres.builder()
                        .setDataDirectory(data)
                        .setCleanDataDirectory(false)
                        .setPort(port)
                        // as a server is: what it has acknowledged is on disk
                        .setServerConfig("synchronous_commit", "on")
                        .setDataDirectoryCustomizer(PostgresServer::askForPasswords)
                        .start();
    }

    private static void askForPasswords(File folder) {
        try {
            Files.writeString(
                    folder.toPath().resolve("pg_hba.conf"),
                    "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes it away, with every connection to it. */
    public void stop() throws IOException {
        server.close();
        server = null;
    }

    /** Where it is. */
    public String url() {
        return "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(port);
    }

    /** Executes statements as its superuser. */
    public void execute(String... statements) throws SQLException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    /** The first column of what a query finds. */
    public List<String> query(String query) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                values.add(rows.getString(1));
            }
        }
        return values;
    }

    @Override
    public void close() throws IOException {
        if (server != null) {
            stop();
        }
    }
}
