package io.unshub.route;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.unshub.collect.UnsPublisher;
import io.unshub.envelope.SchemaDrift;
import io.unshub.ops.Alarm;
import io.unshub.ops.RouteWatch;
import io.unshub.scoring.Scoring;
import java.nio.charset.StandardCharsets;
import org.jboss.logging.Logger;

/** What the hub says of itself under {@code _hub/}, retained: who subscribes late knows it too. */
final class HubTopics {

    private static final Logger LOG = Logger.getLogger(HubTopics.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final UnsPublisher publisher;

    HubTopics(UnsPublisher publisher) {
        this.publisher = publisher;
    }

    /** Tells of an alarm on {@code _hub/alarm/NAME}; null once it is over. */
    void alarm(String name, Alarm alarm) {
        ObjectNode message = JSON.createObjectNode().put("name", name).put("raised", alarm != null);
        if (alarm != null) {
            message.put("severity", alarm.severity().name())
                    .put("since", alarm.since().toString())
                    .put("text", alarm.text());
        }
        publish("_hub/alarm/" + name, message);
    }

    /** Tells of a field that no schema knows, on {@code _hub/schema-drift} and in the log. */
    void drift(SchemaDrift.Sighting sighting) {
        LOG.warnf(
                "schema drift: field %s is in no schema of version %s, first seen on %s; it is passed"
                        + " on, see docs/schema/evolution.md",
                sighting.field(), sighting.version(), sighting.sampleTopic());
        publish(
                "_hub/schema-drift",
                JSON.createObjectNode()
                        .put("field", sighting.field())
                        .put("version", sighting.version())
                        .put("firstSeen", sighting.firstSeen().toString())
                        .put("sampleTopic", sighting.sampleTopic())
                        .put("readings", sighting.readings()));
    }

    /** Tells of a model's drift on {@code _hub/drift/PLANT/CIRCUIT/MODEL}. */
    void drift(Scoring.Status status) {
        ObjectNode message =
                JSON.createObjectNode()
                        .put("model", status.model())
                        .put("version", status.version())
                        .put("drift_detected", status.driftSentence() != null)
                        .put("simulated", status.simulated());
        message.set("figures", JSON.valueToTree(status.drifts()));
        publish("_hub/drift/" + status.model(), message);
    }

    /** Tells what became of a route file on {@code _hub/route/ID}. */
    void route(String id, RouteWatch.Status status) {
        ObjectNode message = JSON.createObjectNode().put("route", id).put("there", status != null);
        if (status != null) {
            message.put("file", status.file())
                    .put("inForce", status.inForce())
                    .put("since", status.since().toString())
                    .put("stopped", status.stopped());
            message.set("problems", JSON.valueToTree(status.sentences()));
        }
        publish("_hub/route/" + id, message);
    }

    private void publish(String topic, ObjectNode message) {
        try {
            publisher.announce(topic, message.toString().getBytes(StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IllegalStateException e) {
            LOG.debugf(e, "%s could not be published", topic);
        }
    }
}
