package io.unshub.ops.console;

import java.util.Set;
import java.util.regex.Pattern;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import org.jolokia.server.core.restrictor.AbstractConstantRestrictor;
import org.jolokia.server.core.util.RequestType;

/**
 * What a role may see and do by JMX. Everybody sees Camel, Artemis and the JVM, without the
 * properties that it was started with, as passwords may be among them. Everybody may call what only
 * looks. An operator also stops and starts routes. Nobody changes a queue: a message that is moved
 * or removed there would be missing in the ledger.
 */
final class JmxPolicy extends AbstractConstantRestrictor {

    private static final String CAMEL = "org.apache.camel";
    private static final String ARTEMIS = "org.apache.activemq.artemis";
    private static final String JVM = "java.lang";
    private static final Set<String> DOMAINS = Set.of(CAMEL, ARTEMIS, JVM);
    private static final Set<String> STARTED_WITH = Set.of("SystemProperties", "InputArguments");
    private static final Set<RequestType> TYPES =
            Set.of(
                    RequestType.READ,
                    RequestType.LIST,
                    RequestType.SEARCH,
                    RequestType.VERSION,
                    RequestType.EXEC);
    private static final Pattern LOOKS =
            Pattern.compile("(browse|count|dump|get|has|is|list)([A-Z].*)?");
    private static final Set<String> STEERS_A_ROUTE =
            Set.of("start", "stop", "suspend", "resume", "restart", "reset");

    private final Role role;

    JmxPolicy(Role role) {
        super(true);
        this.role = role;
    }

    @Override
    public boolean isTypeAllowed(RequestType type) {
        return TYPES.contains(type);
    }

    @Override
    public boolean isObjectNameHidden(ObjectName name) {
        return !DOMAINS.contains(name.getDomain());
    }

    @Override
    public boolean isAttributeReadAllowed(ObjectName name, String attribute) {
        return !isObjectNameHidden(name) && !STARTED_WITH.contains(attribute);
    }

    @Override
    public boolean isAttributeWriteAllowed(ObjectName name, String attribute) {
        return false;
    }

    @Override
    public boolean isOperationAllowed(ObjectName name, String operation) {
        return switch (name.getDomain()) {
            case ARTEMIS -> looks(operation);
            case CAMEL -> looks(operation) || maySteer(name, operation);
            default -> false;
        };
    }

    /** Whether an operation changes nothing, by its name, with or without its signature. */
    static boolean looks(String operation) {
        return LOOKS.matcher(operation.replaceFirst("\\(.*", "")).matches();
    }

    /** Whether something that changes what is there would be done. */
    boolean mayChange(String type, String name, String operation) {
        try {
            return RequestType.getTypeByName(type) == RequestType.EXEC
                    && isOperationAllowed(new ObjectName(name), operation);
        } catch (MalformedObjectNameException | IllegalArgumentException e) {
            return false;
        }
    }

    private boolean maySteer(ObjectName name, String operation) {
        return role == Role.OPERATOR
                && "routes".equals(name.getKeyProperty("type"))
                && STEERS_A_ROUTE.contains(operation.replaceFirst("\\(.*", ""));
    }
}
