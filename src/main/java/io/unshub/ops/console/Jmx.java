package io.unshub.ops.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.ops.AuditEvent;
import io.unshub.ops.AuditFile;
import io.unshub.uns.Excerpt;
import io.unshub.uns.Ration;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jolokia.server.core.config.ConfigKey;
import org.jolokia.server.core.config.StaticConfiguration;
import org.jolokia.server.core.http.HttpRequestHandler;
import org.jolokia.server.core.request.EmptyResponseException;
import org.jolokia.server.core.service.JolokiaServiceManagerFactory;
import org.jolokia.server.core.service.api.JolokiaServiceManager;
import org.jolokia.server.core.service.api.LogHandler;
import org.jolokia.server.core.service.impl.ClasspathServiceCreator;

/**
 * JMX over HTTP by Jolokia, for who has logged in: what Hawtio asks for. What changes something is
 * in the audit file before it is done; of what is refused, {@value #EACH} in a minute of an
 * account. Nothing is loaded before the first request. Threads: any.
 */
final class Jmx {

    private static final Logger LOG = Logger.getLogger(Jmx.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PATH = "/hawtio/jolokia";
    private static final Set<String> LOOKS = Set.of("read", "list", "search", "version");

    private static final int EACH = 20;

    private final AuditFile audit;
    private final InstantSource clock;
    private final Ration refusals = new Ration(EACH);
    private final Map<Role, HttpRequestHandler> handlers = new EnumMap<>(Role.class);

    Jmx(AuditFile audit, InstantSource clock) {
        this.audit = audit;
        this.clock = clock;
    }

    /** Which version of Jolokia answers; Hawtio asks this first. */
    String version(Account account) throws EmptyResponseException {
        return handler(account.role()).handleGetRequest(PATH, "version", Map.of()).toJSONString();
    }

    /**
     * Answers one request, or a list of them.
     *
     * @throws IOException if the body is no JSON
     */
    String answer(Account account, byte[] body, Map<String, String[]> parameters)
            throws IOException, EmptyResponseException {
        JsonNode asked = JSON.readTree(body);
        for (JsonNode request : asked.isArray() ? asked : List.of(asked)) {
            note(account, request);
        }
        return handler(account.role())
                .handlePostRequest(PATH, new ByteArrayInputStream(body), "UTF-8", parameters)
                .toJSONString();
    }

    private void note(Account account, JsonNode request) {
        String type = request.path("type").asText();
        String operation = request.path("operation").asText();
        if (LOOKS.contains(type) || JmxPolicy.looks(operation)) {
            return;
        }
        String mbean = request.path("mbean").asText();
        if (new JmxPolicy(account.role()).mayChange(type, mbean, operation)) {
            audit(account, mbean, operation, "ordered");
            return;
        }
        Ration.Share share = refusals.take(account.name(), clock.instant());
        if (share != Ration.Share.NONE) {
            LOG.warnf(
                    "the account %s asks for %s of %s at the console and is refused (%s)%s",
                    account.name(),
                    Excerpt.of(operation),
                    Excerpt.of(mbean),
                    account.role().word(),
                    share == Ration.Share.LAST ? "; more within this minute are left out" : "");
            audit(account, mbean, operation, "refused");
        }
    }

    private void audit(Account account, String mbean, String operation, String outcome) {
        audit.add(
                account.name(),
                AuditEvent.JMX,
                Map.of(
                        "mbean",
                        Excerpt.of(mbean),
                        "operation",
                        Excerpt.of(operation),
                        "role",
                        account.role().word(),
                        "outcome",
                        outcome));
    }

    private synchronized HttpRequestHandler handler(Role role) {
        return handlers.computeIfAbsent(role, Jmx::make);
    }

    private static HttpRequestHandler make(Role role) {
        JolokiaServiceManager manager =
                JolokiaServiceManagerFactory.createJolokiaServiceManager(
                        new StaticConfiguration(
                                ConfigKey.AGENT_ID,
                                "uns-hub-" + role.word(),
                                ConfigKey.DISABLE_DETECTORS,
                                "true",
                                ConfigKey.ALLOW_ERROR_DETAILS,
                                "false",
                                ConfigKey.INCLUDE_STACKTRACE,
                                "false",
                                ConfigKey.STREAMING,
                                "false"),
                        new JolokiaLog(),
                        new JmxPolicy(role));
        manager.addServices(new ClasspathServiceCreator(Jmx.class.getClassLoader(), "services"));
        return new HttpRequestHandler(manager.start());
    }

    /** What Jolokia says of each refused request is in its answer, and not in the log. */
    private static final class JolokiaLog implements LogHandler {
        @Override
        public void debug(String message) {}

        @Override
        public void info(String message) {}

        @Override
        public void error(String message, Throwable fault) {
            LOG.debug(message, fault);
        }

        @Override
        public boolean isDebug() {
            return false;
        }
    }
}
