package io.unshub.collect;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.Duration;

/**
 * Binds one address of a connection to one UNS topic.
 *
 * @param topic where its readings go; unique in the configuration
 * @param address where its value is, in the protocol's own syntax
 * @param units UCUM code, {@code 1} where there is none
 * @param min least value that can be true, null for no limit
 * @param max greatest value that can be true, null for no limit
 * @param interval how often a value is expected; more than zero
 * @param lineageVersion version of the tag file, or of the tag model
 * @param connection name of the connection that it is read from
 * @param conversion from the source's number to the reading's; null for none
 * @param report which readings leave the plant; null for all
 * @param staleAfter how long nothing may come before a STALE reading; null for ever
 * @param type what its values are; null for anything
 * @param sourceDeadband change that the source itself passes over; null for none
 * @param sourceSystem what its readings name as their source; null for the connection
 */
public record Tag(
        String topic,
        String address,
        String units,
        Double min,
        Double max,
        Duration interval,
        String lineageVersion,
        String connection,
        Conversion conversion,
        Report report,
        Duration staleAfter,
        Type type,
        Deadband sourceDeadband,
        String sourceSystem) {

    /** A tag whose numbers are taken as they are, and reported all. */
    public Tag(
            String topic,
            String address,
            String units,
            Double min,
            Double max,
            Duration interval,
            String lineageVersion,
            String connection) {
        this(
                topic,
                address,
                units,
                min,
                max,
                interval,
                lineageVersion,
                connection,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    /**
     * value = source × scale + offset, in decimal and exactly.
     *
     * @param scale factor
     * @param offset added afterwards
     */
    public record Conversion(BigDecimal scale, BigDecimal offset) {

        BigDecimal of(BigDecimal source) {
            return source.multiply(scale).add(offset);
        }
    }

    /** What the values of a tag are. */
    public enum Type {
        /** Any number. */
        NUMBER,
        /** A number without a fraction. */
        INTEGER,
        /** True or false. */
        BOOLEAN,
        /** Text. */
        STRING;

        boolean takes(JsonNode value) {
            return switch (this) {
                case NUMBER -> value.isNumber();
                case INTEGER -> value.isNumber() && value.canConvertToExactIntegral();
                case BOOLEAN -> value.isBoolean();
                case STRING -> value.isTextual();
            };
        }
    }

    /**
     * A change that a source passes over.
     *
     * @param size in the source's units, before scale and offset, or in percent of its range
     * @param percent which of the two
     */
    public record Deadband(double size, boolean percent) {}

    /**
     * Report by exception: what is not said again.
     *
     * @param deadband change of the value, in its units, up to which it is not reported
     * @param minInterval time from one report to the next at least; zero for none
     * @param maxInterval time after which an unchanged value is reported again; null for never
     */
    public record Report(BigDecimal deadband, Duration minInterval, Duration maxInterval) {}
}
