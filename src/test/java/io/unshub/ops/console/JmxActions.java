package io.unshub.ops.console;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;

/** What may be asked of JMX at the console, for tests of the pages. */
public final class JmxActions {

    private static final ObjectName ROUTE =
            name("org.apache.camel:context=uns-hub,type=routes,name=\"forward\"");
    private static final ObjectName QUEUE =
            name("org.apache.activemq.artemis:broker=\"uns-hub\",component=addresses");
    private static final ObjectName RUNTIME = name("java.lang:type=Runtime");

    private JmxActions() {}

    private static ObjectName name(String name) {
        try {
            return new ObjectName(name);
        } catch (MalformedObjectNameException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Each action in words, and whether a role may do it. */
    public static Map<String, Predicate<Role>> all() {
        Map<String, Predicate<Role>> all = new LinkedHashMap<>();
        all.put("read the figures of a route", r -> reads(r, ROUTE, "ExchangesTotal"));
        all.put("dump a route", r -> does(r, ROUTE, "dumpRouteAsXml(boolean)"));
        all.put(
                "stop and start a route",
                r -> does(r, ROUTE, "stop()") && does(r, ROUTE, "start()"));
        all.put("change a route", r -> does(r, ROUTE, "updateRouteFromXml(java.lang.String)"));
        all.put("browse a queue", r -> does(r, QUEUE, "browse()"));
        all.put("remove or move messages", r -> does(r, QUEUE, "removeAllMessages()"));
        all.put(
                "set an attribute",
                r -> new JmxPolicy(r).isAttributeWriteAllowed(ROUTE, "TracingEnabled"));
        all.put("read what the hub was started with", r -> reads(r, RUNTIME, "SystemProperties"));
        all.put(
                "run diagnostic commands of the JVM",
                r ->
                        does(
                                r,
                                name("com.sun.management:type=DiagnosticCommand"),
                                "gcClassHistogram"));
        return all;
    }

    private static boolean reads(Role role, ObjectName bean, String attribute) {
        return new JmxPolicy(role).isAttributeReadAllowed(bean, attribute);
    }

    private static boolean does(Role role, ObjectName bean, String operation) {
        JmxPolicy policy = new JmxPolicy(role);
        return !policy.isObjectNameHidden(bean) && policy.isOperationAllowed(bean, operation);
    }
}
