package io.unshub.buffer;

import java.util.Map;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.api.core.client.ActiveMQClient;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.activemq.artemis.core.remoting.impl.invm.InVMAcceptorFactory;
import org.apache.activemq.artemis.core.remoting.impl.invm.InVMConnectorFactory;

/** Connects to a broker of the same process as Artemis' own client does, which the hub does not. */
final class InProcess {

    private InProcess() {}

    static ClientSessionFactory connect(Broker broker) throws Exception {
        Map<String, Object> address =
                Map.of("serverId", System.identityHashCode(broker) & Integer.MAX_VALUE);
        broker.server()
                .getRemotingService()
                .createAcceptor(
                        new TransportConfiguration(
                                InVMAcceptorFactory.class.getName(), address, "in-process"))
                .start();
        return ActiveMQClient.createServerLocatorWithoutHA(
                        new TransportConfiguration(InVMConnectorFactory.class.getName(), address))
                .setBlockOnDurableSend(false)
                .setBlockOnAcknowledge(false)
                .setProducerWindowSize(-1)
                .setConsumerWindowSize(1 << 17)
                .setConnectionTTL(-1)
                .setClientFailureCheckPeriod(-1)
                .createSessionFactory();
    }
}
