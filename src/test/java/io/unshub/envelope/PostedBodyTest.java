package io.unshub.envelope;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostedBodyTest {

    @Test
    void keepsTheBytesOfEachReading() {
        assertThat(split(" {\"a\" : 1.10 } ")).containsExactly("{\"a\" : 1.10 }");
        assertThat(split("[ {\"µ\":\"€𝄞\"} ,\n{\"a\":[{},{\"b\":2}]},{\"a\":1,\"a\":2}]"))
                .containsExactly("{\"µ\":\"€𝄞\"}", "{\"a\":[{},{\"b\":2}]}", "{\"a\":1,\"a\":2}");
    }

    @Test
    void leavesWhatIsNoObjectToTheValidator() {
        assertThat(split("[1.50 , \"x \\\" y\",null,[2, 3] ,true]"))
                .containsExactly("1.50", "\"x \\\" y\"", "null", "[2, 3]", "true");
        assertThat(split("[]")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                " | the body holds no reading; send an envelope, or an array of them",
                "7 | the body holds no reading; send an envelope, or an array of them",
                "{} {} | the body goes on after its end at byte 3; send several readings as an array",
                "[{\"a\":1} {}] | the body is no JSON at byte 9: Unexpected character",
                "[{\"a\":1} | the body is no JSON at byte 8: Unexpected end-of-input",
                "[{\"a\":nan}] | the body is no JSON at byte",
            })
    void saysWhereABodyIsNoJson(String body, String message) {
        assertThatThrownBy(() -> split(body == null ? "" : body))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message)
                .hasMessageContaining("; send ");
    }

    @Test
    void readsNothingButUtf8() {
        assertThatThrownBy(() -> PostedBody.split("{}".getBytes(UTF_16)))
                .hasMessageEndingWith("; send UTF-8");
    }

    @Test
    void leavesTheDepthOfAReadingToTheValidatorAlsoInAnArray() {
        String deepest = "{\"a\":" + "[".repeat(31) + "]".repeat(31) + "}";

        assertThat(split("[" + deepest + "," + deepest + "]")).containsExactly(deepest, deepest);
    }

    @Test
    void saysThatItReadsNothingCompressed() {
        assertThatThrownBy(() -> PostedBody.split(new byte[] {0x1F, (byte) 0x8B, 8, 0}))
                .hasMessage(
                        "the body is compressed with gzip, which is not read; send it as it is");
    }

    @Test
    void refusesABodyThatNestsTooDeeply() {
        assertThatThrownBy(() -> split("[".repeat(100_000)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the body breaks a limit: Document nesting depth (34)")
                .hasMessageEndingWith("; send an envelope, or an array of them");
    }

    private static List<String> split(String body) {
        return PostedBody.split(body.getBytes(UTF_8)).stream()
                .map(bytes -> new String(bytes, UTF_8))
                .toList();
    }
}
