package io.unshub.forward;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.unshub.uns.HierarchyRules;
import io.unshub.uns.TopicViolation;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;

/**
 * Where a topic's readings go, and by which rule.
 *
 * @param topic the topic
 * @param valid whether the hierarchy rules allow it
 * @param violations why not
 * @param forwarded whether valid readings on it leave the plant
 * @param rule the rule of the bridge mapping that decides
 * @param pattern the topic filter that matched; absent when none did
 * @param evictAbove how full the buffer is, in percent, when they are dropped instead; absent for
 *     never
 * @param liveFirst whether new ones overtake those that wait, once Event Hubs is back
 * @param lane the lane of the buffer, from 0
 * @param partition the partition of the event hub; absent until the hub has reached it once
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Explanation(
        String topic,
        boolean valid,
        List<String> violations,
        boolean forwarded,
        String rule,
        String pattern,
        Integer evictAbove,
        boolean liveFirst,
        int lane,
        String partition) {

    /**
     * Explains a topic.
     *
     * @param topic any text
     * @param rules the hierarchy
     * @param mapping what leaves the plant
     * @param laneOf the lane of a topic
     * @param partitionOf the partition of a lane; null where it is not known
     */
    public static Explanation of(
            String topic,
            HierarchyRules rules,
            BridgeMapping mapping,
            ToIntFunction<String> laneOf,
            IntFunction<String> partitionOf) {
        List<String> violations =
                rules.violations(topic).stream().map(TopicViolation::message).toList();
        BridgeMapping.Decision decision = mapping.decide(topic);
        int lane = laneOf.applyAsInt(topic);
        return new Explanation(
                topic,
                violations.isEmpty(),
                violations,
                violations.isEmpty() && decision.forwards(),
                decision.rule(),
                decision.pattern(),
                decision.evictAbove(),
                decision.liveFirst(),
                lane,
                partitionOf.apply(lane));
    }

    /** The same in one line for a person. */
    public String sentence() {
        if (!valid) {
            return topic + " -> dead letters: " + String.join("; ", violations);
        }
        String why = "rule " + rule + (pattern == null ? "" : " (" + pattern + ")");
        if (!forwarded) {
            return topic + " -> stays on the plant: " + why;
        }
        return "%s -> Event Hubs, lane %02d, partition %s: %s%s%s"
                .formatted(
                        topic,
                        lane,
                        partition == null ? "not known yet" : partition,
                        why,
                        evictAbove == null
                                ? ""
                                : ", dropped while the buffer is " + evictAbove + " % full or more",
                        liveFirst ? ", live first" : "");
    }
}
