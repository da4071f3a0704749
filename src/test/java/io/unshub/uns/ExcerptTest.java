package io.unshub.uns;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExcerptTest {

    @Test
    void showsPlainTextAsItIs() {
        assertThat(Excerpt.of("acme/Füller °C 🚀")).isEqualTo("acme/Füller °C 🚀");
    }

    @Test
    void escapesWhatTerminalsAndLogViewersActOn() {
        assertThat(Excerpt.of("a\u001b[31m\n\0\u202eb\u2028\ud800c"))
                .isEqualTo("a\\u001B[31m\\u000A\\u0000\\u202Eb\\u2028\\uD800c");
    }

    @Test
    void cutsAfterTheMostThatIsShown() {
        assertThat(Excerpt.of("x".repeat(120))).isEqualTo("x".repeat(120));
        assertThat(Excerpt.of("x".repeat(121))).isEqualTo("x".repeat(120) + "...");
    }

    @Test
    void cutsNeitherAnEscapeNorACharacterInTwo() {
        assertThat(Excerpt.of("x".repeat(116) + "\n")).isEqualTo("x".repeat(116) + "...");
        assertThat(Excerpt.of("x".repeat(119) + "🚀")).isEqualTo("x".repeat(119) + "...");
    }

    @Test
    void printsAValueWholeAndStillEscaped() {
        String value = "x\u001B[2J\r\n" + "y".repeat(1_000);

        assertThat(Excerpt.printable(value))
                .isEqualTo("x\\u001B[2J\\u000D\\u000A" + "y".repeat(1_000));
    }
}
