package io.unshub.buffer;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttProperties.IntegerProperty;
import io.netty.handler.codec.mqtt.MqttProperties.MqttPropertyType;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodes.Disconnect;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.netty.util.ReferenceCountUtil;
import io.unshub.access.Refusal;
import io.unshub.access.Refusal.Reason;
import io.unshub.access.Refusals;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;

/**
 * Stands between the codec and Artemis, which ends a connection without a word where a packet is
 * none, and knows no limits but that of a packet's size.
 *
 * <p>In and out: the packets of one connection. Guarantees: what is malformed, too large or beyond
 * a limit goes no further; its connection is ended, with the reason code where the client speaks
 * MQTT 5, and the refusal told. Nothing that was acknowledged before is touched. Threads: the
 * connection's.
 */
final class Packets extends ChannelDuplexHandler {

    private static final int ERROR = 0x80;
    private static final int[] LENGTH_STEPS = {127, 16_383, 2_097_151};

    private MqttLimits limits;
    private final OwnLogin own;
    private final int maxPacketBytes;
    private final Refusals refusals;
    private final Function<Channel, Collection<String>> subscribed;
    private final Topics topics = new Topics();
    private final Set<String> filters = new HashSet<>();
    private final BitSet inFlight = new BitSet();
    private int unacknowledged;
    private int version;
    private boolean refused;

    /**
     * @param maxPacketBytes largest packet that is taken
     * @param own what lifts the limits for who shows it; null where nobody can
     * @param subscribed the filters that a client's session has from before
     */
    Packets(
            MqttLimits limits,
            int maxPacketBytes,
            Refusals refusals,
            OwnLogin own,
            Function<Channel, Collection<String>> subscribed) {
        this.limits = limits;
        this.maxPacketBytes = maxPacketBytes;
        this.refusals = refusals;
        this.own = own;
        this.subscribed = subscribed;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (!refused && message instanceof MqttMessage packet) {
            look(context, packet);
        }
        if (refused) {
            ReferenceCountUtil.release(message);
        } else {
            super.channelRead(context, message);
        }
    }

    private void look(ChannelHandlerContext context, MqttMessage packet) {
        if (packet.decoderResult().isFailure()) {
            if (packet.decoderResult().cause() instanceof TooLongFrameException) {
                tooLarge(context);
            } else {
                malformed(context, "a packet that is none of MQTT");
            }
        } else if (size(packet.fixedHeader()) > maxPacketBytes) {
            tooLarge(context);
        } else {
            switch (packet.fixedHeader().messageType()) {
                case CONNECT -> connect(context, (MqttConnectMessage) packet);
                case PUBLISH -> publish(context, (MqttPublishMessage) packet);
                case SUBSCRIBE -> subscribe(context, (MqttSubscribeMessage) packet);
                case UNSUBSCRIBE ->
                        ((MqttUnsubscribeMessage) packet)
                                .payload()
                                .topics()
                                .forEach(filters::remove);
                case CONNACK, SUBACK, UNSUBACK, PINGRESP ->
                        malformed(context, "a packet that only a server sends");
                case AUTH -> malformed(context, "AUTH, which was not agreed on");
                default -> {
                    // answers, pings and the end
                }
            }
        }
    }

    private void connect(ChannelHandlerContext context, MqttConnectMessage connect) {
        if (version != 0) {
            malformed(context, "a second CONNECT");
            return;
        }
        version = connect.variableHeader().version();
        if (own != null
                && own.isShown(connect.payload().userName(), connect.payload().passwordInBytes())) {
            limits = limits.ofOwnSessions();
        }
        context.pipeline().get(Door.class).greeted();
    }

    private void publish(ChannelHandlerContext context, MqttPublishMessage publish) {
        String topic = publish.variableHeader().topicName();
        // empty where it is an alias of one that was counted
        if (limits.topics() != Integer.MAX_VALUE
                && !topic.isEmpty()
                && topics.with(topic) > limits.topics()) {
            refuse(
                    context,
                    Reason.TOPICS,
                    Disconnect.QUOTA_EXCEEDED,
                    "it publishes on more than %d topics; see unshub.mqtt.max-topics-per-client"
                            .formatted(limits.topics()));
        } else if (publish.fixedHeader().qosLevel() != MqttQoS.AT_MOST_ONCE) {
            int id = publish.variableHeader().packetId();
            if (!inFlight.get(id)) {
                inFlight.set(id);
                unacknowledged++;
            }
            if (unacknowledged > limits.inFlight()) {
                refuse(
                        context,
                        Reason.IN_FLIGHT,
                        Disconnect.RECEIVE_MAXIMUM_EXCEEDED,
                        "more than %d publishes wait for their acknowledgement; see unshub.mqtt.max-in-flight"
                                .formatted(limits.inFlight()));
            }
        }
    }

    private void subscribe(ChannelHandlerContext context, MqttSubscribeMessage subscribe) {
        filters.addAll(subscribed.apply(context.channel()));
        subscribe.payload().topicSubscriptions().stream()
                .map(MqttTopicSubscription::topicFilter)
                .forEach(filters::add);
        if (filters.size() > limits.subscriptions()) {
            refuse(
                    context,
                    Reason.SUBSCRIPTIONS,
                    Disconnect.QUOTA_EXCEEDED,
                    "it subscribes to more than %d filters; see unshub.mqtt.max-subscriptions-per-client"
                            .formatted(limits.subscriptions()));
        }
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
            throws Exception {
        if (message instanceof MqttConnAckMessage answer) {
            super.write(context, withReceiveMaximum(answer), promise);
            return;
        }
        if (message instanceof MqttMessage packet
                && packet.variableHeader() instanceof MqttMessageIdVariableHeader answer) {
            boolean ends =
                    switch (packet.fixedHeader().messageType()) {
                        case PUBACK, PUBCOMP -> true;
                        case PUBREC ->
                                answer instanceof MqttPubReplyMessageVariableHeader reply
                                        && (reply.reasonCode() & ERROR) != 0;
                        default -> false;
                    };
            if (ends && inFlight.get(answer.messageId())) {
                inFlight.clear(answer.messageId());
                unacknowledged--;
            }
        }
        super.write(context, message, promise);
    }

    /** Artemis does not say how many it takes at once. */
    private MqttConnAckMessage withReceiveMaximum(MqttConnAckMessage answer) {
        if (version != MqttVersion.MQTT_5.protocolLevel()
                || limits.inFlight() > 0xFFFF
                || answer.variableHeader().connectReturnCode()
                        != MqttConnectReturnCode.CONNECTION_ACCEPTED) {
            return answer;
        }
        MqttProperties properties = new MqttProperties();
        answer.variableHeader().properties().listAll().forEach(properties::add);
        properties.add(
                new IntegerProperty(MqttPropertyType.RECEIVE_MAXIMUM.value(), limits.inFlight()));
        return MqttMessageBuilders.connAck()
                .returnCode(answer.variableHeader().connectReturnCode())
                .sessionPresent(answer.variableHeader().isSessionPresent())
                .properties(properties)
                .build();
    }

    private void tooLarge(ChannelHandlerContext context) {
        refuse(
                context,
                Reason.PACKET_SIZE,
                Disconnect.PACKET_TOO_LARGE,
                "a packet is larger than %d bytes; see unshub.mqtt.max-packet-bytes"
                        .formatted(maxPacketBytes));
    }

    private void malformed(ChannelHandlerContext context, String what) {
        // what a stranger sent is not repeated
        refuse(context, Reason.MALFORMED, Disconnect.MALFORMED_PACKET, what + " came");
    }

    private void refuse(
            ChannelHandlerContext context, Reason reason, Disconnect code, String detail) {
        refused = true;
        refusals.add(
                new Refusal(
                        reason,
                        MqttAcceptors.peer(context.channel().remoteAddress()),
                        ClientAccess.subject(context.channel()),
                        detail));
        if (version == MqttVersion.MQTT_5.protocolLevel()) {
            context.writeAndFlush(
                            MqttMessageBuilders.disconnect().reasonCode(code.byteValue()).build())
                    .addListener(ChannelFutureListener.CLOSE);
        } else {
            context.close();
        }
    }

    private static int size(MqttFixedHeader header) {
        int lengthBytes = 1;
        for (int step : LENGTH_STEPS) {
            if (header.remainingLength() > step) {
                lengthBytes++;
            }
        }
        return 1 + lengthBytes + header.remainingLength();
    }
}
