package io.unshub.route;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import io.unshub.uns.Secret;
import java.io.Closeable;
import java.sql.Connection;
import java.sql.SQLException;
import org.springframework.jdbc.datasource.AbstractDataSource;

/**
 * The database of a route that writes to one: a connection that is kept from batch to batch.
 *
 * <p>It connects when the first batch comes, not before. The password is read at each connect, so
 * that a new one needs no restart. A database that does not answer in time fails the batch.
 */
public final class Database extends AbstractDataSource implements Closeable {

    private String url = "";
    private String username = "";
    private String password = "";
    private int timeout = 10_000;
    private HikariDataSource connections;

    /** Sets where the database is, as a JDBC URL. */
    public void setUrl(String url) {
        this.url = url;
    }

    /** Sets the user; empty for none. */
    public void setUsername(String username) {
        this.username = username;
    }

    /** Sets where the password stands, as {@code file:PATH} or {@code env:NAME}. */
    public void setPassword(String password) {
        this.password = password;
    }

    /** Sets how long a connect or an answer may take, in milliseconds. */
    public void setTimeout(int timeout) {
        this.timeout = timeout;
    }

    @Override
    public Connection getConnection() throws SQLException {
        Connection connection = connections().getConnection();
        connection.setNetworkTimeout(Runnable::run, timeout);
        return connection;
    }

    @Override
    public Connection getConnection(String user, String secret) {
        throw new UnsupportedOperationException("the user is that of the database");
    }

    private synchronized HikariDataSource connections() {
        if (connections == null || connections.isClosed()) {
            HikariConfig config = new HikariConfig();
            config.setJdbcUrl(url);
            if (!username.isEmpty()) {
                config.setCredentialsProvider(() -> Credentials.of(username, Secret.at(password)));
            }
            // a route is one thread
            config.setMaximumPoolSize(1);
            config.setConnectionTimeout(timeout);
            connections = new HikariDataSource(config);
        }
        return connections;
    }

    @Override
    public synchronized void close() {
        if (connections != null) {
            connections.close();
        }
    }
}
