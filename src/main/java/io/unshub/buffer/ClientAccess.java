package io.unshub.buffer;

import io.netty.channel.Channel;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import io.unshub.access.AccessRules;
import io.unshub.access.AccessRules.Action;
import io.unshub.access.AccessRules.Decision;
import io.unshub.access.Identity;
import io.unshub.access.Refusal;
import io.unshub.access.Refusal.Reason;
import io.unshub.uns.Excerpt;
import io.unshub.uns.Ration;
import io.unshub.uns.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.activemq.artemis.api.core.ActiveMQSecurityException;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTConnection;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTInterceptor;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTUtil;
import org.apache.activemq.artemis.core.protocol.mqtt.exceptions.InvalidClientIdException;
import org.apache.activemq.artemis.core.remoting.impl.netty.NettyConnection;
import org.apache.activemq.artemis.core.security.CheckType;
import org.apache.activemq.artemis.core.security.SecurityAuth;
import org.apache.activemq.artemis.core.security.impl.SecurityStoreImpl;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.ServerConsumer;
import org.apache.activemq.artemis.core.server.ServerSession;
import org.apache.activemq.artemis.spi.core.protocol.RemotingConnection;
import org.jboss.logging.Logger;

/**
 * The broker's gate for clients of the TLS listener; it takes the place of Artemis' own store of
 * users, whose memory of decisions would outlive a change of the rules.
 *
 * <p>In: each CONNECT, publish and subscription. Out: nothing, or the exception that Artemis
 * answers with the reason code of MQTT. Guarantees: a client is who its certificate says, judged
 * again at each CONNECT as a TLS session may be older than the list of what is revoked; its client
 * ID is its CN or begins with it and {@code /}; its session and queues are named by its subject,
 * too, so that neither another subject nor a shared subscription's group reaches them. Sessions
 * inside the process and of the plain listener on loopback pass, the latter by the hub's own login
 * where nobody else is taken. Threads: the broker's; {@link #recheck} from one.
 */
final class ClientAccess extends SecurityStoreImpl implements MQTTInterceptor {

    private static final Logger LOG = Logger.getLogger(ClientAccess.class);
    private static final AttributeKey<Client> CLIENT = AttributeKey.valueOf("unshub.client");
    private static final AttributeKey<String> WILL = AttributeKey.valueOf("unshub.will");
    private static final AttributeKey<Map<String, String>> ASKED =
            AttributeKey.valueOf("unshub.asked");
    private static final int HASH_CHARS = 12;
    private static final int CONNECTS_TOLD = 20;

    private final SecureListener listener;
    private final OwnLogin own;
    private final Set<Client> clients = ConcurrentHashMap.newKeySet();
    private final Ration connects = new Ration(CONNECTS_TOLD);

    private record Client(
            Identity who,
            X509Certificate[] chain,
            String clientId,
            String peer,
            Channel channel,
            RemotingConnection connection) {
        // one connection is one client, whatever it shows
        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    ClientAccess(SecureListener listener, OwnLogin own) {
        super(null, null, 0, false, null, null, null, 0, 0);
        this.listener = listener;
        this.own = own;
    }

    /** Keeps what CONNECT and SUBSCRIBE say and the checks are not told. */
    @Override
    public boolean intercept(MqttMessage packet, RemotingConnection connection) {
        if (packet instanceof MqttConnectMessage connect) {
            Channel channel = channel(connection);
            channel.attr(WILL)
                    .set(
                            connect.variableHeader().isWillFlag()
                                    ? connect.payload().willTopic()
                                    : null);
        } else if (packet instanceof MqttSubscribeMessage subscribe) {
            Map<String, String> asked = new HashMap<>();
            subscribe
                    .payload()
                    .topicSubscriptions()
                    .forEach(
                            each ->
                                    asked.put(
                                            MQTTUtil.decomposeSharedSubscriptionTopicFilter(
                                                            each.topicFilter())
                                                    .getB(),
                                            each.topicFilter()));
            channel(connection).attr(ASKED).set(asked);
        }
        return true;
    }

    @Override
    public String authenticate(
            String user, String password, RemotingConnection connection, String domain)
            throws Exception {
        Channel channel = channel(connection);
        if (channel == null) {
            return null;
        }
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            if (own.alone()
                    && !own.isShown(
                            user,
                            password == null ? null : password.getBytes(StandardCharsets.UTF_8))) {
                refuse(
                        new Refusal(
                                Reason.PLAIN_TEXT,
                                MqttAcceptors.peer(channel.remoteAddress()),
                                Refusal.UNKNOWN,
                                "the plain listener is the hub's own outside the demo profile; use port "
                                        + listener.port()));
            }
            return null;
        }
        return admit(connection, channel, chain(tls)).who().toString();
    }

    private static X509Certificate[] chain(SslHandler tls) throws SSLPeerUnverifiedException {
        return (X509Certificate[]) tls.engine().getSession().getPeerCertificates();
    }

    private Client admit(RemotingConnection connection, Channel channel, X509Certificate[] chain)
            throws ActiveMQSecurityException {
        String peer = MqttAcceptors.peer(channel.remoteAddress());
        String subject = chain[0].getSubjectX500Principal().getName();
        Reason distrust = listener.tls().current().judge(chain).orElse(null);
        if (distrust != null) {
            refuse(new Refusal(distrust, peer, subject, "its certificate is not trusted any more"));
        }
        Identity who = identity(subject, peer);
        AccessRules rules = listener.rules().current();
        if (rules.roles(who).isEmpty()) {
            refuse(
                    new Refusal(
                            Reason.NO_ROLE,
                            peer,
                            subject,
                            "no role for it in " + AccessRules.FILE));
        }
        boolean assigned = connection instanceof MQTTConnection m && m.isClientIdAssignedByBroker();
        String clientId =
                assigned ? who.commonName() + "/" + UUID.randomUUID() : connection.getClientID();
        if (!isOwn(clientId, who)) {
            listener.refusals()
                    .add(
                            new Refusal(
                                    Reason.CLIENT_ID,
                                    peer,
                                    subject,
                                    "client ID %s; it must be the CN, or begin with it and /"
                                            .formatted(Excerpt.of(clientId))));
            throw new InvalidClientIdException();
        }
        String will = channel.attr(WILL).get();
        if (will != null) {
            Decision decision = rules.publish(who, will);
            if (!decision.allowed()) {
                refuse(refusal(Reason.WILL, peer, who, will, decision));
            }
        }
        connection.setClientID(assigned ? clientId : sessionName(clientId, who));
        Client client = new Client(who, chain, clientId, peer, channel, connection);
        channel.attr(CLIENT).set(client);
        clients.add(client);
        Ration.Share share = connects.take(subject, Instant.now());
        if (share != Ration.Share.NONE) {
            LOG.infof(
                    "MQTT client %s connected from %s as %s, %s%s",
                    subject,
                    peer,
                    Excerpt.of(clientId),
                    rules.roles(who),
                    share == Ration.Share.LAST
                            ? "; more connections of it within this minute are left out"
                            : "");
        }
        channel.closeFuture()
                .addListener(
                        closed -> {
                            clients.remove(client);
                            if (share != Ration.Share.NONE) {
                                LOG.infof("MQTT client %s disconnected from %s", subject, peer);
                            }
                        });
        return client;
    }

    private Identity identity(String subject, String peer) throws ActiveMQSecurityException {
        try {
            return Identity.of(subject);
        } catch (IllegalArgumentException e) {
            refuse(new Refusal(Reason.CERTIFICATE_UNFIT, peer, subject, e.getMessage()));
            throw e;
        }
    }

    /** A CN with a slash would begin with another's. */
    private static boolean isOwn(String clientId, Identity who) {
        String name = who.commonName();
        return name != null
                && name.indexOf('/') < 0
                && (clientId.equals(name) || clientId.startsWith(name + "/"));
    }

    /**
     * The name of the session inside the broker. A group of a shared subscription has no slash, and
     * its queue is named by it as others are by the client ID; a quote would end up in a selector.
     */
    private static String sessionName(String clientId, Identity who) {
        return clientId.replaceAll("[^A-Za-z0-9._/-]", "_")
                + "/"
                + Sha256.hex(who + "\n" + clientId).substring(0, HASH_CHARS);
    }

    @Override
    public void check(SimpleString address, CheckType type, SecurityAuth session)
            throws ActiveMQSecurityException {
        check(address, null, type, session);
    }

    @Override
    public void check(
            SimpleString address, SimpleString queue, CheckType type, SecurityAuth session)
            throws ActiveMQSecurityException {
        Channel channel = channel(session.getRemotingConnection());
        Client client = channel == null ? null : channel.attr(CLIENT).get();
        if (client == null) {
            return;
        }
        Map<String, String> asked = channel.attr(ASKED).get();
        String text = address.toString();
        switch (type) {
            case SEND ->
                    require(
                            channel.isActive() ? Reason.PUBLISH : Reason.WILL,
                            client,
                            Action.PUBLISH,
                            text);
            case CREATE_ADDRESS -> {
                // made on the way to either, and before it is asked for
                boolean subscribes = asked != null && asked.containsKey(text);
                require(
                        subscribes ? Reason.SUBSCRIBE : Reason.PUBLISH,
                        client,
                        subscribes ? Action.SUBSCRIBE : Action.PUBLISH,
                        subscribes ? asked.get(text) : text);
            }
            case CONSUME, BROWSE, CREATE_DURABLE_QUEUE, CREATE_NON_DURABLE_QUEUE ->
                    require(
                            Reason.SUBSCRIBE,
                            client,
                            Action.SUBSCRIBE,
                            asked == null ? text : asked.getOrDefault(text, text));
            case DELETE_DURABLE_QUEUE, DELETE_NON_DURABLE_QUEUE -> {
                // its own, at the end of a subscription
            }
            default -> throw new ActiveMQSecurityException("a client of MQTT does not do " + type);
        }
    }

    private void require(Reason reason, Client client, Action action, String topic)
            throws ActiveMQSecurityException {
        Decision decision = listener.rules().current().decide(client.who(), action, topic);
        if (!decision.allowed()) {
            refuse(refusal(reason, client.peer(), client.who(), topic, decision));
        }
    }

    /**
     * Looks at all clients with the certificates and rules in force and closes the connection of
     * who would be refused now; the client then learns why when it connects again.
     */
    void recheck(ActiveMQServer server) {
        AccessRules rules = listener.rules().current();
        for (Client client : clients) {
            Refusal now =
                    listener.tls()
                            .current()
                            .judge(client.chain())
                            .map(
                                    reason ->
                                            new Refusal(
                                                    reason,
                                                    client.peer(),
                                                    client.who().toString(),
                                                    "its certificate is not trusted any more, its connection is closed"))
                            .orElseGet(() -> outsideItsRoles(client, rules, server));
            if (now != null) {
                listener.refusals().add(now);
                client.channel().close();
            }
        }
    }

    private static Refusal outsideItsRoles(
            Client client, AccessRules rules, ActiveMQServer server) {
        if (rules.roles(client.who()).isEmpty()) {
            return new Refusal(
                    Reason.NO_ROLE,
                    client.peer(),
                    client.who().toString(),
                    "it has no role any more, its connection is closed");
        }
        for (ServerSession session : server.getSessions()) {
            if (session.getRemotingConnection() != client.connection()) {
                continue;
            }
            for (ServerConsumer consumer : session.getServerConsumers()) {
                String filter = consumer.getQueueAddress().toString();
                Decision decision = rules.subscribe(client.who(), filter);
                if (!decision.allowed()
                        && !filter.startsWith(MQTTUtil.QOS2_MANAGEMENT_QUEUE_PREFIX)) {
                    return refusal(Reason.SUBSCRIBE, client.peer(), client.who(), filter, decision);
                }
            }
        }
        return null;
    }

    private static Refusal refusal(
            Reason reason, String peer, Identity who, String topic, Decision decision) {
        return new Refusal(
                reason,
                peer,
                who.toString(),
                "%s: %s".formatted(Excerpt.of(topic), decision.rule()));
    }

    private void refuse(Refusal refusal) throws ActiveMQSecurityException {
        listener.refusals().add(refusal);
        throw new ActiveMQSecurityException(refusal.detail());
    }

    /** The subject that a client has shown in TLS. */
    static String subject(Channel channel) {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        try {
            return tls == null
                    ? Refusal.UNKNOWN
                    : chain(tls)[0].getSubjectX500Principal().getName();
        } catch (SSLPeerUnverifiedException e) {
            return Refusal.UNKNOWN;
        }
    }

    /** The name of a client's session; null where it has none, or came without TLS. */
    static String session(Channel channel) {
        Client client = channel.attr(CLIENT).get();
        return client == null ? null : client.connection().getClientID();
    }

    static Channel channel(RemotingConnection connection) {
        return connection != null
                        && connection.getTransportConnection() instanceof NettyConnection netty
                ? netty.getChannel()
                : null;
    }
}
