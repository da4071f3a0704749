package io.unshub.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unshub.forward.BridgeMapping.Decision;
import io.unshub.uns.RulesException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BridgeMappingTest {

    @TempDir Path folder;

    @Test
    void decidesByTheFirstRuleThatMatches() throws IOException {
        BridgeMapping mapping =
                load(
                        """
                        version: "1.2.0"
                        rules:
                          - name: commissioning
                            exclude: ["acme/plant2/#", "+/+/+/+/+/+/debug"]
                          - name: acme
                            include: ["acme/#"]
                        """);

        assertThat(mapping.decide("acme/plant2/a/b/c/d/e"))
                .isEqualTo(new Decision(false, "commissioning", "acme/plant2/#", null, false));
        assertThat(mapping.decide("acme/plant1/a/b/c/d/debug"))
                .isEqualTo(new Decision(false, "commissioning", "+/+/+/+/+/+/debug", null, false));
        assertThat(mapping.decide("acme/plant1/a/b/c/d/e"))
                .isEqualTo(new Decision(true, "acme", "acme/#", null, false));
        assertThat(mapping.decide("globex/plant1/a/b/c/d/e"))
                .isEqualTo(new Decision(false, BridgeMapping.NO_RULE, null, null, false));
        assertThat(mapping.version()).isEqualTo("1.2.0");
        assertThat(mapping.size()).isEqualTo(2);
    }

    @Test
    void theShippedMappingLetsEverythingLeave() {
        assertThat(BridgeMapping.load(Path.of("config", BridgeMapping.FILE)).decide("a/b"))
                .isEqualTo(new Decision(true, "everything", "#", null, false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    rules: [{name: a, include: ['#']}] | has no version; give it one, "1.0.0"
                    {version: 1, rules: []} | has no rules; to let everything leave, include ["#"]
                    {version: 1, rules: [{include: ['#']}]} | rule 1 is named null; give it a name of letters, digits, - and _, 64 at most
                    {version: 1, rules: [{name: 'a b', include: ['#']}]} | rule 1 is named a b; give it a name of letters, digits, - and _, 64 at most
                    {version: 1, rules: [{name: a}]} | rule 1 (a) needs either include or exclude; give one
                    {version: 1, rules: [{name: a, include: ['#'], exclude: ['#']}]} | rule 1 (a) needs either include or exclude; give one
                    {version: 1, rules: [{name: a, include: ['#'], evictAbove: 100}]} | rule 1 (a) has evictAbove 100; give 1 to 99, the fill of the buffer in percent
                    {version: 1, rules: [{name: a, exclude: ['#'], evictAbove: 80}]} | rule 1 (a) has evictAbove, and nothing of it is buffered; take one of the two out
                    {version: 1, rules: [{name: a, include: ['#'], order: newest}]} | rule 1 (a) has order newest; give strict, or live-first to let new readings overtake those that wait
                    {version: 1, rules: [{name: a, include: []}]} | rule 1 (a) has no topic filter; list at least one
                    {version: 1, rules: [{name: a, include: ['a/#/b']}]} | rule 1 (a): topic filter a/#/b has # before its end; # stands alone as the last level
                    {version: 1, rules: [{name: a, include: ['#']}, {name: a, exclude: ['#']}]} | has two rules named a; rename one
                    {version: 1, rules: [{name: a, inculde: ['#']}]} | has the unknown key inculde, known are evictAbove, exclude, include, name, order; correct it
                    """)
    void refusesAFileThatIsNoMapping(String yaml, String message) {
        assertThatThrownBy(() -> load(yaml))
                .isInstanceOf(RulesException.class)
                .hasMessage(folder.resolve("mapping.yaml") + " " + message);
    }

    private BridgeMapping load(String yaml) throws IOException {
        return BridgeMapping.load(Files.writeString(folder.resolve("mapping.yaml"), yaml));
    }
}
