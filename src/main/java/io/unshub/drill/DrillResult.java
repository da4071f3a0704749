package io.unshub.drill;

/**
 * What a drill found. The publishers' own files are the measure, what Event Hubs and the dead
 * letters hold is set against them.
 *
 * @param drill its name
 * @param accepted readings that the hub acknowledged to their publishers
 * @param forwarded those of them that stand at Event Hubs
 * @param deadLettered those of them that stand in the dead letters
 * @param buffered readings that still wait, by the hub's account
 * @param withheld readings kept on the plant by a rule, by the hub's account
 * @param lost those accepted that stand nowhere
 * @param outOfOrder readings behind a later one of their topic
 * @param duplicates readings that stand at Event Hubs more than once
 * @param recoverySeconds from the end of the fault until a reading was forwarded again, to a tenth;
 *     with several faults, the longest
 */
public record DrillResult(
        String drill,
        long accepted,
        long forwarded,
        long deadLettered,
        long buffered,
        long withheld,
        long lost,
        long outOfOrder,
        long duplicates,
        double recoverySeconds) {

    public DrillResult {
        recoverySeconds = Math.round(recoverySeconds * 10) / 10.0;
    }
}
