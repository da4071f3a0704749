package io.unshub.buffer;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.core.remoting.impl.invm.InVMConnection;
import org.apache.activemq.artemis.spi.core.protocol.AbstractRemotingConnection;
import org.apache.activemq.artemis.utils.actors.ArtemisExecutor;

/** What the broker wants to know of the connection of a session that has none. */
final class OwnConnection extends AbstractRemotingConnection {

    /**
     * @param executor the broker's
     */
    OwnConnection(ArtemisExecutor executor) {
        super(new InVMConnection(0, null, null, executor), executor);
    }

    @Override
    public String getProtocolName() {
        return "uns-hub";
    }

    /** Otherwise nothing could be forwarded from a disk that is full, and so make room on it. */
    @Override
    public boolean isSupportsFlowControl() {
        return true;
    }

    @Override
    public void destroy() {
        destroyed = true;
    }

    @Override
    public void fail(ActiveMQException cause, String scaleDownTarget) {
        destroy();
    }

    @Override
    public void disconnect(boolean criticalError) {
        destroy();
    }

    @Override
    public void disconnect(String scaleDownNode, boolean criticalError) {
        destroy();
    }
}
