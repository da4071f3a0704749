package io.unshub.collect;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.milo.opcua.sdk.core.AccessLevel;
import org.eclipse.milo.opcua.sdk.core.NumericRange;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.server.EndpointConfig;
import org.eclipse.milo.opcua.sdk.server.ManagedNamespaceWithLifecycle;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.OpcUaServerConfig;
import org.eclipse.milo.opcua.sdk.server.OpcUaServerConfigLimits;
import org.eclipse.milo.opcua.sdk.server.identity.AnonymousIdentityValidator;
import org.eclipse.milo.opcua.sdk.server.identity.IdentityValidator;
import org.eclipse.milo.opcua.sdk.server.items.DataItem;
import org.eclipse.milo.opcua.sdk.server.items.MonitoredDataItem;
import org.eclipse.milo.opcua.sdk.server.items.MonitoredItem;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.sdk.server.servicesets.impl.DefaultMonitoredItemServiceSet;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.security.CertificateManager;
import org.eclipse.milo.opcua.stack.core.security.DefaultApplicationGroup;
import org.eclipse.milo.opcua.stack.core.security.DefaultCertificateManager;
import org.eclipse.milo.opcua.stack.core.security.DefaultServerCertificateValidator;
import org.eclipse.milo.opcua.stack.core.security.MemoryCertificateQuarantine;
import org.eclipse.milo.opcua.stack.core.security.MemoryCertificateStore;
import org.eclipse.milo.opcua.stack.core.security.RsaSha256CertificateFactory;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.security.TrustListManager;
import org.eclipse.milo.opcua.stack.core.transport.TransportProfile;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateMonitoredItemsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateMonitoredItemsResponse;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateBuilder;
import org.eclipse.milo.opcua.stack.transport.server.ServiceRequestContext;
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
        this(port, new OpcUaServerConfigLimits() {}, before);
    }

    /** A server that reads so many nodes in one call, and no more. */
    static OpcUaTestServer readingAtMost(int nodes, int port) throws Exception {
        return new OpcUaTestServer(
                port,
                new OpcUaServerConfigLimits() {
                    @Override
                    public UInteger getMaxNodesPerRead() {
                        return uint(nodes);
                    }
                });
    }

    /** A server that takes so many items in one call and no more, and does not say so. */
    static OpcUaTestServer monitoringAtMost(int items, int port) throws Exception {
        OpcUaTestServer made = new OpcUaTestServer(port);
        made.server.addServiceSet(
                "/plant",
                new DefaultMonitoredItemServiceSet(made.server) {
                    @Override
                    public CreateMonitoredItemsResponse onCreateMonitoredItems(
                            ServiceRequestContext context, CreateMonitoredItemsRequest request)
                            throws UaException {
                        if (request.getItemsToCreate().length > items) {
                            throw new UaException(StatusCodes.Bad_TooManyOperations);
                        }
                        return super.onCreateMonitoredItems(context, request);
                    }
                });
        return made;
    }

    private OpcUaTestServer(int port, OpcUaServerConfigLimits limits, String... before)
            throws Exception {
        this(
                port,
                limits,
                Set.of(
                        endpoint(port)
                                .setSecurityPolicy(SecurityPolicy.None)
                                .setSecurityMode(MessageSecurityMode.None)
                                .addTokenPolicies(OpcUaServerConfig.USER_TOKEN_POLICY_ANONYMOUS)
                                .build()),
                AnonymousIdentityValidator.INSTANCE,
                new DefaultCertificateManager(new MemoryCertificateQuarantine()),
                before);
    }

    /**
     * A server that encrypts, takes named users and those with a certificate, and few items a call.
     *
     * @param clients the applications that it trusts; may change later
     * @param names what its own certificate names as its hosts
     */
    static OpcUaTestServer secured(
            int port, TrustListManager clients, IdentityValidator users, String... names)
            throws Exception {
        DefaultApplicationGroup group =
                DefaultApplicationGroup.createAndInitialize(
                        clients,
                        new MemoryCertificateStore(),
                        new RsaSha256CertificateFactory() {
                            @Override
                            protected X509Certificate[] createRsaSha256CertificateChain(
                                    KeyPair keys) throws Exception {
                                return new X509Certificate[] {
                                    OpcUaTestServer.certificate(
                                            keys, "urn:unshub:test:server", names)
                                };
                            }
                        },
                        new DefaultServerCertificateValidator(
                                clients, new MemoryCertificateQuarantine()));
        X509Certificate own =
                group.getCertificateChain(NodeIds.RsaSha256ApplicationCertificateType)
                        .orElseThrow()[0];
        return new OpcUaTestServer(
                port,
                new OpcUaServerConfigLimits() {
                    @Override
                    public UInteger getMaxMonitoredItemsPerCall() {
                        return uint(50);
                    }
                },
                Set.of(
                        endpoint(port)
                                .setCertificate(own)
                                .setSecurityPolicy(SecurityPolicy.Basic256Sha256)
                                .setSecurityMode(MessageSecurityMode.SignAndEncrypt)
                                .addTokenPolicies(
                                        OpcUaServerConfig.USER_TOKEN_POLICY_USERNAME,
                                        OpcUaServerConfig.USER_TOKEN_POLICY_X509)
                                .build(),
                        // what clients ask for the endpoints before they know any
                        endpoint(port)
                                .setPath("/plant/discovery")
                                .setCertificate(own)
                                .setSecurityPolicy(SecurityPolicy.None)
                                .setSecurityMode(MessageSecurityMode.None)
                                .addTokenPolicies(OpcUaServerConfig.USER_TOKEN_POLICY_ANONYMOUS)
                                .build()),
                users,
                new DefaultCertificateManager(new MemoryCertificateQuarantine(), group));
    }

    static X509Certificate certificate(KeyPair keys, String application, String... names)
            throws Exception {
        SelfSignedCertificateBuilder builder =
                new SelfSignedCertificateBuilder(keys)
                        .setCommonName("Test PLC, line 1")
                        .setApplicationUri(application);
        for (String name : names) {
            if (Character.isDigit(name.charAt(0))) {
                builder.addIpAddress(name);
            } else {
                builder.addDnsName(name);
            }
        }
        return builder.build();
    }

    private static EndpointConfig.Builder endpoint(int port) {
        return EndpointConfig.newBuilder()
                .setTransportProfile(TransportProfile.TCP_UASC_UABINARY)
                .setBindAddress("127.0.0.1")
                .setBindPort(port)
                // a name that only the server itself could resolve
                .setHostname("plc.invalid")
                .setPath("/plant");
    }

    private OpcUaTestServer(
            int port,
            OpcUaServerConfigLimits limits,
            Set<EndpointConfig> endpoints,
            IdentityValidator users,
            CertificateManager certificates,
            String... before)
            throws Exception {
        OpcUaServerConfig config =
                OpcUaServerConfig.builder()
                        .setApplicationUri("urn:unshub:test:server")
                        .setApplicationName(LocalizedText.english("test"))
                        .setProductUri("urn:unshub:test")
                        .setEndpoints(endpoints)
                        .setIdentityValidator(users)
                        .setCertificateManager(certificates)
                        .setLimits(limits)
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
                            // a deadband is for numbers alone
                            .setDataType(
                                    value instanceof Number ? NodeIds.Number : NodeIds.BaseDataType)
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
            items.getOrDefault(id, Set.of()).forEach(item -> item.setValue(within(item, value)));
        }

        @Override
        public void onDataItemsCreated(List<DataItem> created) {
            for (DataItem item : created) {
                NodeId id = item.getReadValueId().getNodeId();
                items.computeIfAbsent(id, key -> ConcurrentHashMap.newKeySet()).add(item);
                item.setValue(within(item, nodes.get(id).getValue()));
            }
        }

        /** What of a value an item asks for. */
        private static DataValue within(DataItem item, DataValue value) {
            String range = item.getReadValueId().getIndexRange();
            if (range == null) {
                return value;
            }
            try {
                Object part =
                        NumericRange.readFromValueAtRange(
                                value.getValue(), NumericRange.parse(range));
                return new DataValue(
                        new Variant(part), value.getStatusCode(), value.getSourceTime());
            } catch (UaException e) {
                return new DataValue(e.getStatusCode());
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
