package io.unshub.ops.api;

import io.unshub.ops.LatestReadings;
import io.unshub.ops.LatestReadings.Latest;
import io.unshub.ops.LatestReadings.Level;
import io.unshub.ops.LatestReadings.Series;
import io.unshub.ops.Refused;
import io.unshub.uns.Excerpt;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** The Unified Namespace as it is now, for who looks. */
@Path("/api/v1/uns")
@Produces(MediaType.APPLICATION_JSON)
public final class UnsApi {

    private static final int MOST_PATHS = 100;

    private final LatestReadings latest;
    private final Clock clock;

    UnsApi(LatestReadings latest, Clock clock) {
        this.latest = latest;
        this.clock = clock;
    }

    /**
     * @param at when this was so
     * @param topics how many topics are kept
     * @param full whether there may be topics that are not
     * @param below the levels right below the root, whose path is empty, and below each path that
     *     was asked for
     */
    public record Tree(Instant at, int topics, boolean full, Map<String, List<Level>> below) {}

    /**
     * @param at when this was so
     * @param found the latest readings, by topic, a hundred at most
     */
    public record Found(Instant at, List<Latest> found) {}

    /**
     * @param at when this was so
     * @param series the last readings, the oldest first
     */
    public record Readings(Instant at, Series series) {}

    @GET
    @Operation(
            operationId = "unsLevels",
            summary =
                    "The levels below the root and some paths, with the latest reading of each topic")
    public Tree levels(@QueryParam("under") List<String> under) {
        if (under.size() > MOST_PATHS) {
            throw new Refused(
                    400,
                    "there are " + under.size() + " paths",
                    "under",
                    Integer.toString(under.size()),
                    "give at most " + MOST_PATHS);
        }
        Map<String, List<Level>> below = new LinkedHashMap<>();
        below.put("", latest.below(""));
        under.forEach(path -> below.put(path, latest.below(path)));
        return new Tree(clock.instant(), latest.count(), latest.full(), below);
    }

    @GET
    @Path("topics")
    @Operation(
            operationId = "unsTopics",
            summary = "The latest readings of topics that have a text in them")
    public Found find(@QueryParam("containing") String text) {
        return new Found(clock.instant(), latest.find(given(text, "containing")));
    }

    @GET
    @Path("readings")
    @Operation(operationId = "unsReadings", summary = "The last readings of a topic")
    public Readings readings(@QueryParam("topic") String topic) {
        return new Readings(
                clock.instant(),
                latest.series(given(topic, "topic"))
                        .orElseThrow(
                                () ->
                                        new Refused(
                                                404,
                                                "there was no reading on "
                                                        + Excerpt.of(topic)
                                                        + " since the start",
                                                "topic",
                                                Excerpt.of(topic),
                                                "look at its publisher, and at the dead letters")));
    }

    private static String given(String text, String parameter) {
        if (text == null || text.isEmpty()) {
            throw new Refused(
                    400,
                    "there is no " + parameter,
                    parameter,
                    "",
                    "add ?" + parameter + "=, encoded");
        }
        return text;
    }
}
