package io.unshub.route;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.unshub.collect.UnsPublisher;
import io.unshub.ops.Alarm;
import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;

/** Publishes alarms on {@code _hub/alarm/NAME}, retained: who subscribes late knows them too. */
final class AlarmTopics implements BiConsumer<String, Alarm> {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final UnsPublisher publisher;

    AlarmTopics(UnsPublisher publisher) {
        this.publisher = publisher;
    }

    @Override
    public void accept(String name, Alarm alarm) {
        ObjectNode message = JSON.createObjectNode().put("name", name).put("raised", alarm != null);
        if (alarm != null) {
            message.put("severity", alarm.severity().name())
                    .put("since", alarm.since().toString())
                    .put("text", alarm.text());
        }
        try {
            publisher.announce(
                    "_hub/alarm/" + name, message.toString().getBytes(StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
