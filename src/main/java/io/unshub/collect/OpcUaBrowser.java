package io.unshub.collect;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.eclipse.milo.opcua.sdk.client.AddressSpace.BrowseOptions;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.enumerated.NodeClass;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.ReferenceDescription;

/** Lists the variables of an OPC UA server, from its Objects folder down. */
public final class OpcUaBrowser {

    private static final int DEPTH = 12;
    private static final int VALUES_PER_CALL = 500;

    private OpcUaBrowser() {}

    /**
     * A variable.
     *
     * @param path browse names from the Objects folder down to it
     * @param address as a tag file has it
     * @param value what it holds now; null if nothing can be read
     * @param problem why the hub cannot read it; null if it can
     */
    public record Variable(List<String> path, String address, Object value, String problem) {}

    /**
     * What was found.
     *
     * @param variables in the order of the server
     * @param cut whether there are more than were asked for
     */
    public record Found(List<Variable> variables, boolean cut) {}

    /**
     * Lists variables; nodes of namespace 0, the server's own, are left out.
     *
     * @param wanted by their path, joined with slashes
     * @param limit how many at most
     * @throws Exception if there is no session, or it ends; it says what to do where that is known
     */
    public static Found browse(Connection connection, Predicate<String> wanted, int limit)
            throws Exception {
        try (OpcUaSession session = OpcUaSession.open(connection)) {
            OpcUaClient client = session.client();
            NamespaceTable namespaces = client.readNamespaceTable();
            List<Node> nodes = new ArrayList<>();
            Deque<Node> open =
                    new ArrayDeque<>(List.of(new Node(NodeIds.ObjectsFolder, List.of())));
            Set<NodeId> seen = new HashSet<>(Set.of(NodeIds.ObjectsFolder));
            while (!open.isEmpty() && nodes.size() <= limit) {
                Node parent = open.removeFirst();
                List<Node> below = new ArrayList<>();
                for (ReferenceDescription reference : below(client, parent)) {
                    Optional<NodeId> id = reference.getNodeId().toNodeId(namespaces);
                    if (id.isEmpty()
                            || id.get().getNamespaceIndex().intValue() == 0
                            || !seen.add(id.get())) {
                        continue;
                    }
                    Node node = parent.child(id.get(), reference.getBrowseName());
                    if (reference.getNodeClass() == NodeClass.Variable
                            && wanted.test(String.join("/", node.path()))) {
                        nodes.add(node);
                    }
                    if (node.path().size() < DEPTH) {
                        below.add(node);
                    }
                }
                // depth first, in the server's order: what belongs together stays together
                for (int i = below.size() - 1; i >= 0; i--) {
                    open.addFirst(below.get(i));
                }
            }
            boolean cut = nodes.size() > limit;
            return new Found(read(client, namespaces, cut ? nodes.subList(0, limit) : nodes), cut);
        }
    }

    private record Node(NodeId id, List<String> path) {

        Node child(NodeId childId, QualifiedName name) {
            List<String> childPath = new ArrayList<>(path);
            childPath.add(String.valueOf(name.getName()));
            return new Node(childId, childPath);
        }
    }

    private static List<ReferenceDescription> below(OpcUaClient client, Node parent)
            throws Exception {
        BrowseOptions options =
                BrowseOptions.builder()
                        .setReferenceType(NodeIds.HierarchicalReferences)
                        .setIncludeSubtypes(true)
                        .setNodeClassMask(Set.of(NodeClass.Object, NodeClass.Variable))
                        .build();
        return client.getAddressSpace().browse(parent.id(), options);
    }

    private static List<Variable> read(
            OpcUaClient client, NamespaceTable namespaces, List<Node> nodes) throws Exception {
        List<Variable> variables = new ArrayList<>();
        int atOnce = VALUES_PER_CALL;
        while (variables.size() < nodes.size()) {
            int from = variables.size();
            List<Node> some = nodes.subList(from, Math.min(nodes.size(), from + atOnce));
            List<ReadValueId> wanted =
                    some.stream()
                            .map(
                                    node ->
                                            new ReadValueId(
                                                    node.id(),
                                                    AttributeId.Value.uid(),
                                                    null,
                                                    QualifiedName.NULL_VALUE))
                            .toList();
            DataValue[] values;
            try {
                values = client.read(0, TimestampsToReturn.Neither, wanted).getResults();
            } catch (UaException e) {
                if (!SourceStatus.tooMany(e.getStatusCode()) || some.size() == 1) {
                    throw e;
                }
                // not by its OperationLimits: a server may have limits that it does not tell
                atOnce = some.size() / 2;
                continue;
            }
            for (int i = 0; i < some.size(); i++) {
                variables.add(variable(namespaces, some.get(i), values[i]));
            }
        }
        return variables;
    }

    private static Variable variable(NamespaceTable namespaces, Node node, DataValue value) {
        Object raw = value.value() == null ? null : value.value().value();
        String problem =
                value.statusCode() != null && value.statusCode().isBad()
                        ? SourceStatus.of(value.statusCode()).name()
                        : SourceValue.of(raw).fault();
        return new Variable(
                node.path(), node.id().expanded(namespaces).toParseableString(), raw, problem);
    }
}
