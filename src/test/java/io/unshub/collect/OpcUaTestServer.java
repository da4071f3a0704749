package io.unshub.collect;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.milo.opcua.sdk.core.AccessLevel;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.server.EndpointConfig;
import org.eclipse.milo.opcua.sdk.server.ManagedNamespaceWithLifecycle;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.OpcUaServerConfig;
import org.eclipse.milo.opcua.sdk.server.identity.AnonymousIdentityValidator;
import org.eclipse.milo.opcua.sdk.server.items.DataItem;
import org.eclipse.milo.opcua.sdk.server.items.MonitoredDataItem;
import org.eclipse.milo.opcua.sdk.server.items.MonitoredItem;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.security.DefaultCertificateManager;
import org.eclipse.milo.opcua.stack.core.security.MemoryCertificateQuarantine;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.transport.TransportProfile;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.transport.server.tcp.OpcTcpServerTransport;
import org.eclipse.milo.opcua.stack.transport.server.tcp.OpcTcpServerTransportConfig;

/** A real OPC UA server on loopback whose values are pushed, every one of them. */
final class OpcUaTestServer implements AutoCloseable {

    static final String NAMESPACE = "urn:unshub:test";

    private final OpcUaServer server;
    private final Values values;

    /**
     * @param before URIs of namespaces that come first, to shift the index of ours
     */
    OpcUaTestServer(int port, String... before) throws Exception {
        EndpointConfig endpoint =
                EndpointConfig.newBuilder()
                        .setTransportProfile(TransportProfile.TCP_UASC_UABINARY)
                        .setBindAddress("127.0.0.1")
                        .setBindPort(port)
                        // a name that only the server itself could resolve
                        .setHostname("plc.invalid")
                        .setPath("/plant")
                        .setSecurityPolicy(SecurityPolicy.None)
                        .setSecurityMode(MessageSecurityMode.None)
                        .addTokenPolicies(OpcUaServerConfig.USER_TOKEN_POLICY_ANONYMOUS)
                        .build();
        OpcUaServerConfig config =
                OpcUaServerConfig.builder()
                        .setApplicationUri("urn:unshub:test:server")
                        .setApplicationName(LocalizedText.english("test"))
                        .setProductUri("urn:unshub:test")
                        .setEndpoints(Set.of(endpoint))
                        .setIdentityValidator(AnonymousIdentityValidator.INSTANCE)
                        .setCertificateManager(
                                new DefaultCertificateManager(new MemoryCertificateQuarantine()))
                        .build();
        server =
                new OpcUaServer(
                        config,
                        profile ->
                                new OpcTcpServerTransport(
                                        OpcTcpServerTransportConfig.newBuilder().build()));
        for (String uri : before) {
            server.getNamespaceTable().add(uri);
        }
        values = new Values(server);
        values.startup();
        server.startup().get();
    }

    static String url(String host, int port) {
        return "opc.tcp://" + host + ":" + port + "/plant";
    }

    static String address(String name) {
        return "nsu=" + NAMESPACE + ";s=" + name;
    }

    void add(String name, Object value) {
        values.add(name, value);
    }

    void push(String name, Object value) {
        push(name, value, StatusCode.GOOD, DateTime.now());
    }

    void push(String name, Object value, StatusCode status, DateTime time) {
        values.push(name, new DataValue(new Variant(value), status, time));
    }

    /** Returns how many items are monitored now. */
    int monitored() {
        return values.items.values().stream().mapToInt(Set::size).sum();
    }

    List<MonitoredDataItem> items(String name) {
        return values.items.getOrDefault(values.id(name), Set.of()).stream()
                .map(MonitoredDataItem.class::cast)
                .toList();
    }

    @Override
    public void close() {
        server.shutdown().join();
        values.shutdown();
    }

    private static final class Values extends ManagedNamespaceWithLifecycle {

        private final Map<NodeId, Set<DataItem>> items = new ConcurrentHashMap<>();
        private final Map<NodeId, UaVariableNode> nodes = new ConcurrentHashMap<>();

        Values(OpcUaServer server) {
            super(server, NAMESPACE);
        }

        NodeId id(String name) {
            return newNodeId(name);
        }

        void add(String name, Object value) {
            UaVariableNode node =
                    new UaVariableNode.UaVariableNodeBuilder(getNodeContext())
                            .setNodeId(newNodeId(name))
                            .setBrowseName(newQualifiedName(name))
                            .setDisplayName(LocalizedText.english(name))
                            .setDataType(NodeIds.BaseDataType)
                            .setTypeDefinition(NodeIds.BaseDataVariableType)
                            .setAccessLevel(AccessLevel.READ_ONLY)
                            .setUserAccessLevel(AccessLevel.READ_ONLY)
                            .build();
            node.setValue(new DataValue(new Variant(value), StatusCode.GOOD, DateTime.now()));
            node.addReference(
                    new Reference(
                            node.getNodeId(),
                            NodeIds.HasComponent,
                            NodeIds.ObjectsFolder.expanded(),
                            Reference.Direction.INVERSE));
            getNodeManager().addNode(node);
            nodes.put(node.getNodeId(), node);
        }

        void push(String name, DataValue value) {
            NodeId id = newNodeId(name);
            nodes.get(id).setValue(value);
            items.getOrDefault(id, Set.of()).forEach(item -> item.setValue(value));
        }

        @Override
        public void onDataItemsCreated(List<DataItem> created) {
            for (DataItem item : created) {
                NodeId id = item.getReadValueId().getNodeId();
                items.computeIfAbsent(id, key -> ConcurrentHashMap.newKeySet()).add(item);
                item.setValue(nodes.get(id).getValue());
            }
        }

        @Override
        public void onDataItemsModified(List<DataItem> modified) {}

        @Override
        public void onDataItemsDeleted(List<DataItem> deleted) {
            deleted.forEach(item -> items.values().forEach(set -> set.remove(item)));
        }

        @Override
        public void onMonitoringModeChanged(List<MonitoredItem> changed) {}
    }
}
