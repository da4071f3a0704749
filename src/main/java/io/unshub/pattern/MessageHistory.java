package io.unshub.pattern;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.unshub.envelope.Reading;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Message History: writes on each reading that it came through a place. The list travels in its
 * envelope, from route to route and from hub to hub, the latest place last.
 *
 * <p>A place is hub, route, step where it has a name, and the time. Before the first of a route
 * stands when this hub took the reading in. The list is bounded: the oldest places make room for
 * the latest, so that it does not grow where readings go in circles. What others wrote down stays
 * as it came. Threads: any.
 */
public final class MessageHistory {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String HUB = "hub";
    private static final String ROUTE = "route";
    private static final String INGEST = "ingest";

    private final String hub;
    private final InstantSource clock;

    /**
     * @param hub name of this hub
     * @param clock tells when a reading came through
     */
    public MessageHistory(String hub, InstantSource clock) {
        this.hub = hub;
        this.clock = clock;
    }

    /**
     * Writes a place down.
     *
     * @param readings each with its envelope
     * @param route that they are in
     * @param step name of the place in it; blank for none
     * @param most how many places a reading has at most, from 1
     */
    public void stamp(List<Reading> readings, String route, String step, int most) {
        Instant now = clock.instant();
        for (Reading reading : readings) {
            ArrayNode places = JSON.arrayNode();
            if (reading.envelope().messageHistory() != null) {
                places.addAll(reading.envelope().messageHistory());
            }
            // what a step before made anew was not taken in itself
            if (reading.acceptedUtc() != null && !isFrom(places, route)) {
                places.add(place(INGEST, "", reading.acceptedUtc()));
            }
            places.add(place(route, step, now));
            while (places.size() > most) {
                places.remove(0);
            }
            reading.trace(places);
        }
    }

    /** Whether the latest place is one of this route. */
    private boolean isFrom(ArrayNode places, String route) {
        var latest = places.path(places.size() - 1);
        return latest.path(HUB).asText().equals(hub) && latest.path(ROUTE).asText().equals(route);
    }

    private ObjectNode place(String route, String step, Instant at) {
        ObjectNode place = JSON.objectNode().put(HUB, hub).put(ROUTE, route);
        if (!step.isBlank()) {
            place.put("step", step);
        }
        return place.put("at", at.truncatedTo(ChronoUnit.MILLIS).toString());
    }
}
