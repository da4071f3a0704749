package com.acme.plant1;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.quality.Quality;
import io.unshub.testkit.Ends;
import io.unshub.testkit.RouteTest;
import io.unshub.testkit.Seen;
import org.junit.jupiter.api.Test;

class Line1HotTest extends RouteTest {

    private static final String PUMP = "acme/plant1/packaging/line1/cell1/pump-01/temperature";

    Line1HotTest() {
        super("line1-hot");
    }

    @Test
    void sendsHotOnesAndBadOnesWhereTheyBelong() throws Exception {
        Ends ends =
                run(reading(PUMP, 79), reading(PUMP, 81), reading(PUMP, 5).quality(Quality.ERROR));

        assertThat(ends.published()).extracting(Seen::tag).containsExactly("_hot");
        assertThat(ends.linesTo("file:data/export/maintenance")).hasSize(1);
    }
}
