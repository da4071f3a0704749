package io.unshub.ops.api;

import io.unshub.ops.LatestReadings;
import io.unshub.ops.LatestReadings.Latest;
import io.unshub.ops.LatestReadings.Level;
import io.unshub.ops.LatestReadings.Series;
import io.unshub.ops.Refused;
import io.unshub.ops.access.ApiKey;
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
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;

/** The Unified Namespace as it is now, for who looks. */
@Path("/api/v1/uns")
@SecurityRequirement(name = "token")
@SecurityRequirement(name = "key")
@Produces(MediaType.APPLICATION_JSON)
public final class UnsApi {

    private static final int MOST_PATHS = 100;

    private final LatestReadings latest;
    private final Gate gate;
    private final Clock clock;

    UnsApi(LatestReadings latest, Gate gate, Clock clock) {
        this.latest = latest;
        this.gate = gate;
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
        below.put("", seen(latest.below("")));
        under.forEach(path -> below.put(path, seen(latest.below(path))));
        return new Tree(clock.instant(), latest.count(), latest.full(), below);
    }

    /** What the caller may see of some levels: their part of the namespace, and the way to it. */
    private List<Level> seen(List<Level> levels) {
        ApiKey key = gate.key().filter(each -> !each.reachesAll()).orElse(null);
        if (key == null) {
            return levels;
        }
        return levels.stream()
                .filter(level -> key.reaches(level.path()) || key.leadsTo(level.path()))
                .map(
                        level ->
                                key.reaches(level.path())
                                        ? level
                                        : new Level(level.name(), level.path(), true, null))
                .toList();
    }

    @GET
    @Path("topics")
    @Operation(
            operationId = "unsTopics",
            summary = "The latest readings of topics that have a text in them")
    public Found find(@QueryParam("containing") String text) {
        return new Found(clock.instant(), latest.find(given(text, "containing"), gate::reaches));
    }

    @GET
    @Path("readings")
    @Operation(operationId = "unsReadings", summary = "The last readings of a topic")
    public Readings readings(@QueryParam("topic") String topic) {
        if (!gate.reaches(given(topic, "topic"))) {
            throw new Refused(
                    403,
                    "the key does not reach " + Excerpt.of(topic),
                    "subtree",
                    Excerpt.of(topic),
                    "ask for a topic of its part of the namespace");
        }
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
