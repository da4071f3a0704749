package io.unshub.simulator.plant;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.sdk.server.EndpointConfig;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.OpcUaServerConfig;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.security.DefaultCertificateManager;
import org.eclipse.milo.opcua.stack.core.security.MemoryCertificateQuarantine;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.transport.server.tcp.OpcTcpServerTransport;
import org.eclipse.milo.opcua.stack.transport.server.tcp.OpcTcpServerTransportConfig;

/**
 * The OPC UA server of the plant: loopback only, no security, anonymous. It is open from the
 * constructor's return to {@link #close}.
 */
final class PlantOpcUaServer implements AutoCloseable {

    private static final String HOST = "127.0.0.1";
    private static final String PATH = "/unshub/plant";

    // not the namespace's: Milo keeps the server's own nodes under the application's URI
    private static final String APPLICATION_URI = "urn:unshub:plant:server";

    private final OpcUaServer server;
    private final PlantNamespace namespace;
    private final int port;
    // of its own, because only its end frees the port for sure
    private final EventLoopGroup eventLoop;

    /**
     * Binds the port.
     *
     * @param requestedPort 0 for any free one
     * @throws IOException when the port is taken
     */
    PlantOpcUaServer(int requestedPort) throws IOException {
        port = freePort(requestedPort);
        eventLoop = new NioEventLoopGroup(1, new DefaultThreadFactory("plant-opcua", true));
        EndpointConfig endpoint =
                EndpointConfig.newBuilder()
                        .setBindAddress(HOST)
                        .setHostname(HOST)
                        .setBindPort(port)
                        .setPath(PATH)
                        .build();
        OpcUaServerConfig config =
                OpcUaServerConfig.builder()
                        .setApplicationUri(APPLICATION_URI)
                        .setProductUri(APPLICATION_URI)
                        .setApplicationName(LocalizedText.english("UNS Hub simulated plant"))
                        .setEndpoints(Set.of(endpoint))
                        .setCertificateManager(
                                new DefaultCertificateManager(new MemoryCertificateQuarantine()))
                        .build();
        server =
                new OpcUaServer(
                        config,
                        profile ->
                                new OpcTcpServerTransport(
                                        OpcTcpServerTransportConfig.newBuilder()
                                                .setEventLoop(eventLoop)
                                                .build()));
        namespace = new PlantNamespace(server);
        namespace.startup();
        try {
            namespace.warmUp();
            server.startup().join();
        } catch (CompletionException e) {
            close();
            throw new IOException(portTaken("OPC UA", port), e);
        } catch (UaException e) {
            close();
            throw new IOException("OPC UA server of the plant could not build its nodes", e);
        }
    }

    PlantNamespace namespace() {
        return namespace;
    }

    int port() {
        return port;
    }

    String url() {
        return "opc.tcp://" + HOST + ":" + port + PATH;
    }

    @Override
    public void close() {
        namespace.shutdown();
        server.shutdown().join();
        eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    static String portTaken(String server, int port) {
        return ("%s port %d on %s is taken; stop the program that listens there, or configure another"
                        + " port (0 takes any free one)")
                .formatted(server, port, HOST);
    }

    /**
     * Returns a port that is free now. The server cannot take 0 itself: it announces the configured
     * port to its clients.
     */
    private static int freePort(int requested) throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(InetAddress.getByName(HOST), requested));
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new IOException(portTaken("OPC UA", requested), e);
        }
    }
}
