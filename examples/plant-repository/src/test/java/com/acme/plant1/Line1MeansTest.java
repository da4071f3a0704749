package com.acme.plant1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.unshub.route.Recording;
import io.unshub.testkit.Ends;
import io.unshub.testkit.RouteTest;
import io.unshub.testkit.Seen;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class Line1MeansTest extends RouteTest {

    private static final String PUMP = "acme/plant1/packaging/line1/cell1/pump-01/temperature";

    Line1MeansTest() {
        super("line1-means");
    }

    @Test
    void publishesTheMeanOfTenSeconds() throws Exception {
        Ends ends = run(reading(PUMP, 60), reading(PUMP, 70.5).at(START.plusSeconds(9)));

        assertThat(ends.published())
                .extracting(Seen::tag, Seen::number)
                .containsExactly(tuple("_mean-temperature", 65.25));
        assertThat(ends.forwarded()).hasSize(3);
    }

    @Test
    void refusesWhatIsNoReading() throws Exception {
        Ends ends = run(payload(PUMP, "65 C"));

        assertThat(ends.deadLetters())
                .extracting(Ends.DeadLetter::reason)
                .containsExactly("PARSE_ERROR");
        assertThat(ends.published()).isEmpty();
    }

    @Test
    void makesOfWhatWasRecordedWhatItMadeBefore() throws Exception {
        Ends ends = run(Recording.read(Path.of("recordings/line1.ndjson.gz")));

        assertThat(ends.published()).extracting(Seen::number).containsExactly(64.5, 74.5, 84.5, 91.0);
    }
}
