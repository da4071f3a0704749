package io.unshub.simulator.plant;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * Recorded data to play, and how.
 *
 * @param file the recording; it is read into memory as a whole
 * @param format its layout
 * @param speedUp how many recorded seconds pass in one, above 0; 0 plays as fast as the clients
 *     fetch. At any speed the player waits rather than overflow a client's queue
 * @param maxUnits for C-MAPSS, how many units to play from the first one on, at least 1
 * @param waitForSubscribers whether to begin only once every replayed tag is monitored, and to hold
 *     a tag's next value while nobody monitors it
 * @param start source time of the first reading. When empty, CSV keeps its recorded times, and
 *     C-MAPSS, which has none, starts so early that no reading is ever later than the clock
 */
public record ReplayConfig(
        Path file,
        Format format,
        double speedUp,
        int maxUnits,
        boolean waitForSubscribers,
        Optional<Instant> start) {

    /** The layouts that can be played. */
    public enum Format {
        /**
         * A header {@code time,tag,value}, then rows: ISO 8601 time, tag such as {@code
         * pump-01/temperature}, number.
         */
        CSV,
        /**
         * NASA's turbofan layout, blank-separated: unit, cycle, 3 settings, 21 sensors. A cycle is
         * played as one second; all units run side by side.
         */
        CMAPSS
    }

    /** Refuses a negative or endless speed-up and a unit count below 1. */
    public ReplayConfig {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(format, "format");
        Objects.requireNonNull(start, "start");
        if (!(speedUp >= 0) || Double.isInfinite(speedUp)) {
            throw new IllegalArgumentException(
                    "replay speed-up is %s, needs 0 (as fast as it goes) or more"
                            .formatted(speedUp));
        }
        if (maxUnits < 1) {
            throw new IllegalArgumentException(
                    "replay unit count is %d, needs at least 1".formatted(maxUnits));
        }
    }

    /** Returns a replay of the whole file, as fast as it goes, once every tag is monitored. */
    public static ReplayConfig asFastAsItGoes(Path file, Format format) {
        return new ReplayConfig(file, format, 0, Integer.MAX_VALUE, true, Optional.empty());
    }
}
