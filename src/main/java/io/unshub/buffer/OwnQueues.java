package io.unshub.buffer;

import io.netty.channel.Channel;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.netty.handler.ssl.SslHandler;
import io.unshub.access.Refusal;
import io.unshub.access.Refusal.Reason;
import io.unshub.access.Refusals;
import io.unshub.uns.Excerpt;
import java.util.stream.Stream;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTInterceptor;
import org.apache.activemq.artemis.core.protocol.mqtt.MQTTUtil;
import org.apache.activemq.artemis.spi.core.protocol.RemotingConnection;

/**
 * Keeps the clients of the listener without TLS from the hub's own queues: Artemis makes who
 * subscribes to {@code $hub/lane/00} a consumer of that queue, who takes readings out of the
 * buffer, and puts what is published there into it. Such a client's connection is ended. On the
 * listener with TLS {@link ClientAccess} refuses the same.
 */
final class OwnQueues implements MQTTInterceptor {

    private final Refusals refusals;

    OwnQueues(Refusals refusals) {
        this.refusals = refusals;
    }

    @Override
    public boolean intercept(MqttMessage packet, RemotingConnection connection) {
        String named = own(packet);
        if (named == null || secured(connection)) {
            return true;
        }
        refusals.add(
                new Refusal(
                        Reason.OWN_QUEUE,
                        MqttAcceptors.peer(ClientAccess.channel(connection).remoteAddress()),
                        Refusal.UNKNOWN,
                        "%s names %s, a queue of the hub's own; its connection is ended"
                                .formatted(
                                        Excerpt.of(String.valueOf(connection.getClientID())),
                                        Excerpt.of(named))));
        return false;
    }

    private static String own(MqttMessage packet) {
        if (packet instanceof MqttPublishMessage publish) {
            String topic = publish.variableHeader().topicName();
            return isOwn(topic) ? topic : null;
        }
        if (packet instanceof MqttSubscribeMessage subscribe) {
            return subscribe.payload().topicSubscriptions().stream()
                    .map(MqttTopicSubscription::topicFilter)
                    .filter(
                            filter ->
                                    isOwn(filter)
                                            || MQTTUtil.isSharedSubscription(filter)
                                                    && isOwn(
                                                            MQTTUtil
                                                                    .decomposeSharedSubscriptionTopicFilter(
                                                                            filter)
                                                                    .getB()))
                    .findFirst()
                    .orElse(null);
        }
        return packet instanceof MqttConnectMessage connect
                ? Stream.ofNullable(connect.payload().willTopic())
                        .filter(OwnQueues::isOwn)
                        .findFirst()
                        .orElse(null)
                : null;
    }

    private static boolean isOwn(String topic) {
        return topic.startsWith(Queues.OWN);
    }

    private static boolean secured(RemotingConnection connection) {
        Channel channel = ClientAccess.channel(connection);
        return channel != null && channel.pipeline().get(SslHandler.class) != null;
    }
}
