package io.unshub.collect;

import java.time.Duration;

/**
 * What a tag has besides its place, and an attribute of a model gives to its tags.
 *
 * @param units UCUM code
 * @param min least value that can be true, null for no limit
 * @param max greatest value that can be true, null for no limit
 * @param interval how often a value is expected
 * @param conversion from the source's number to the reading's; null for none
 * @param report which readings leave the plant; null for all
 * @param staleAfter how long nothing may come; null for ever
 * @param type what its values are; null for anything
 * @param sourceDeadband change that the source itself passes over; null for none
 */
record TagTraits(
        String units,
        Double min,
        Double max,
        Duration interval,
        Tag.Conversion conversion,
        Tag.Report report,
        Duration staleAfter,
        Tag.Type type,
        Tag.Deadband sourceDeadband) {

    Tag at(String topic, String address, String version, String connection, String sourceSystem) {
        return new Tag(
                topic,
                address,
                units,
                min,
                max,
                interval,
                version,
                connection,
                conversion,
                report,
                staleAfter,
                type,
                sourceDeadband,
                sourceSystem);
    }
}
