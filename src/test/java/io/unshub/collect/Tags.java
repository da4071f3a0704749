package io.unshub.collect;

import java.time.Duration;

/** Tags of tests. */
final class Tags {

    private Tags() {}

    /** One of the connection {@code plc}. */
    static Tag tag(String topic, String address) {
        return new Tag(topic, address, "1", null, null, Duration.ofSeconds(1), "1.0.0", "plc");
    }

    /** The same with more of what a file may say of it. */
    static Tag with(
            Tag plain,
            Tag.Conversion conversion,
            Duration staleAfter,
            Tag.Type type,
            Tag.Deadband deadband,
            String sourceSystem) {
        return new TagTraits(
                        plain.units(),
                        plain.min(),
                        plain.max(),
                        plain.interval(),
                        conversion,
                        null,
                        staleAfter,
                        type,
                        deadband)
                .at(
                        plain.topic(),
                        plain.address(),
                        plain.lineageVersion(),
                        plain.connection(),
                        sourceSystem);
    }
}
