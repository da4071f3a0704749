package io.unshub.ops.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.ops.AuditEvent;
import io.unshub.ops.AuditFile;
import io.unshub.uns.Excerpt;
import java.io.ByteArrayInputStream;
import java.io.IOException;
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
 * in the audit file before it is done. Nothing is loaded before the first request. Threads: any.
 */
final class Jmx {

    private static final Logger LOG = Logger.getLogger(Jmx.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PATH = "/hawtio/jolokia";
    private static final Set<String> LOOKS = Set.of("read", "list", "search", "version");

    private final AuditFile audit;
    private final Map<Role, HttpRequestHandler> handlers = new EnumMap<>(Role.class);

    Jmx(AuditFile audit) {
        this.audit = audit;
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
        String operation = request.path("operation").asText();
        if (LOOKS.contains(request.path("type").asText()) || JmxPolicy.looks(operation)) {
            return;
        }
        audit.add(
                account.name(),
                AuditEvent.JMX,
                Map.of(
                        "mbean",
                        Excerpt.of(request.path("mbean").asText()),
                        "operation",
                        Excerpt.of(operation),
                        "role",
                        account.role().word()));
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
