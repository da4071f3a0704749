package io.unshub.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.azure.messaging.eventhubs.EventData;
import io.unshub.deadletter.DeadLetter;
import io.unshub.deadletter.Reason;
import io.unshub.deadletter.Selection;
import io.unshub.ops.DeadLetterWorkbench.Group;
import io.unshub.ops.DeadLetterWorkbench.Preview;
import io.unshub.ops.Refused;
import io.unshub.uns.TopicFilter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Dead letters are looked at, fixed in a dry run, and take the whole way once more. */
class ReplayRouteTest {

    private static final String WRONG_TOPIC = HubFixture.TOPIC.replace("plant9", "plnt9");
    private static final String FIX =
            """
            steps:
              - rename: {from: unit, to: units}
              - set: {field: quality, value: GOOD}
            """;

    @RegisterExtension final HubFixture hub = new HubFixture();

    @Test
    void forwardsWhatAFixMadeRightAndLeavesTheRest() throws Exception {
        hub.startFarSide();
        hub.run(HubFixture.TO_BUFFER).run("forward", "replay");
        String fixable = broken(1);
        hub.publish(HubFixture.TOPIC, fixable);
        hub.publish(HubFixture.TOPIC, "no envelope");
        hub.publishValues(HubFixture.TOPIC, 3, 3);
        hub.awaitAccepted(3);
        assertThat(new String(hub.events(1).get(0).getBody(), UTF_8)).contains("\"value\":3");

        Preview preview = hub.workbench().preview(Selection.ALL, FIX);

        assertThat(preview.selected()).isEqualTo(2);
        assertThat(preview.passes()).isEqualTo(1);
        assertThat(preview.fails())
                .hasSize(1)
                .hasEntrySatisfying(
                        preview.fails().keySet().iterator().next(),
                        count -> assertThat(count).isEqualTo(1));
        assertThat(preview.fails().keySet().iterator().next())
                .startsWith("cannot be fixed: payload is no JSON");
        assertThat(hub.ledger().deadLettered()).as("a dry run changes nothing").isEqualTo(2);

        hub.workbench().replay(preview.plan(), "alice");
        List<EventData> events = hub.events(2);

        assertThat(new String(events.get(1).getBody(), UTF_8))
                .isEqualTo(
                        fixable.replace("\"unit\"", "\"units\"").replace("\"good\"", "\"GOOD\""));
        assertThat(events.get(1).getProperties()).containsEntry("quality", "GOOD");
        assertThat(HubFixture.hubSeq(events.get(1))).as("a new place in its topic").isEqualTo(4);
        HubFixture.eventually(() -> hub.ledger().buffered() == 0);
        HubFixture.eventually(() -> hub.letters().count() == 1);
        assertThat(hub.report().findings()).isEmpty();
        assertThat(hub.report().total().accepted()).isEqualTo(3);
        assertThat(hub.report().total().deadLettered()).isEqualTo(1);
        assertThat(hub.report().total().forwarded()).isEqualTo(2);
    }

    @Test
    void keepsTheTimeOfTheFirstAcceptance() throws Exception {
        hub.run(HubFixture.TO_BUFFER).run("replay");
        hub.publish(HubFixture.TOPIC, broken(1));
        hub.awaitAccepted(1);
        Instant accepted = hub.workbench().list(Selection.ALL, 1).get(0).acceptedUtc();

        replay(FIX);
        HubFixture.eventually(() -> hub.ledger().buffered() == 1);

        assertThat(hub.buffered())
                .singleElement()
                .satisfies(held -> assertThat(held.acceptedUtc()).isEqualTo(accepted));
    }

    @Test
    void countsAReadingOnTheTopicThatItWasMovedTo() throws Exception {
        hub.run(HubFixture.TO_BUFFER).run("replay");
        hub.publish(WRONG_TOPIC, hub.envelope(HubFixture.TOPIC, 1, Instant.now()));
        hub.awaitAccepted(1);

        replay("steps: [{retopic: {from: acme/plnt9, to: acme/plant9}}]");
        HubFixture.eventually(() -> hub.ledger().buffered() == 1);

        assertThat(hub.report().findings()).isEmpty();
        assertThat(hub.report().topics())
                .filteredOn(line -> line.topic().equals(HubFixture.TOPIC))
                .singleElement()
                .satisfies(line -> assertThat(line.buffered()).isEqualTo(1));
        assertThat(hub.report().topics())
                .filteredOn(line -> line.topic().equals(WRONG_TOPIC))
                .singleElement()
                .satisfies(line -> assertThat(line.accepted()).isZero());
    }

    @Test
    void picksOutOfManyByReasonFieldAndTopicAndKeepsTheOthersInOrder() throws Exception {
        hub.run(HubFixture.TO_BUFFER).run("replay");
        for (int i = 1; i <= 40; i++) {
            hub.publish(HubFixture.TOPIC, i % 4 == 0 ? broken(i) : "noise " + i);
        }
        hub.awaitAccepted(40);
        Selection chosen =
                new Selection(null, Reason.FIELD_MISSING, "units", TopicFilter.of("acme/#"));
        assertThat(hub.workbench().groups(Selection.ALL))
                .extracting(Group::reason, Group::count)
                .containsExactly(tuple(Reason.PARSE_ERROR, 30L), tuple(Reason.FIELD_MISSING, 10L));

        Preview preview = hub.workbench().preview(chosen, FIX);
        assertThat(preview.passes()).isEqualTo(10);
        hub.workbench().replay(preview.plan(), "alice");
        HubFixture.eventually(() -> hub.ledger().buffered() == 10);

        assertThat(hub.workbench().list(Selection.ALL, 100))
                .extracting(DeadLetter::hubSeq)
                .hasSize(30)
                .isSorted();
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void replaysAPlanOnce() throws Exception {
        hub.run(HubFixture.TO_BUFFER).run("replay");
        hub.publish(HubFixture.TOPIC, broken(1));
        hub.awaitAccepted(1);
        Preview preview = hub.workbench().preview(Selection.ALL, FIX);
        hub.workbench().replay(preview.plan(), "alice");
        HubFixture.eventually(() -> hub.ledger().buffered() == 1);

        assertThatThrownBy(() -> hub.workbench().replay(preview.plan(), "alice"))
                .isInstanceOf(Refused.class)
                .hasMessage(
                        "there is no plan "
                                + preview.plan()
                                + ", or it is older than an hour; make a dry run first: uns-hub"
                                + " dead-letters fix, or replay --dry-run");
        assertThat(hub.ledger().buffered()).isEqualTo(1);
    }

    @Test
    void goesOnWithItsFixAfterARestartAndWritesDownItsEnd() throws Exception {
        // the replay route is not there yet: the letters wait
        hub.run(HubFixture.TO_BUFFER);
        hub.publish(HubFixture.TOPIC, broken(1));
        hub.awaitAccepted(1);
        replay(FIX);
        assertThat(hub.letters().awaitingReplay()).isEqualTo(1);
        assertThat(hub.report().findings()).as("a chosen letter is still a dead letter").isEmpty();
        Preview another = hub.workbench().preview(Selection.ALL, FIX);
        assertThatThrownBy(() -> hub.workbench().replay(another.plan(), "bob"))
                .hasMessageContaining("a replay is under way, 1 letters wait");

        hub.restart();
        hub.run(HubFixture.TO_BUFFER).run("replay");
        HubFixture.eventually(() -> hub.ledger().buffered() == 1);
        HubFixture.eventually(
                () -> {
                    hub.workbench().tick();
                    return hub.workbench().status().orElseThrow().ended() != null;
                });

        assertThat(hub.deadLetters()).isEmpty();
        assertThat(hub.report().findings()).isEmpty();
        assertThat(Files.readAllLines(hub.data().resolve("audit.ndjson")))
                .satisfiesExactly(
                        begin ->
                                assertThat(begin)
                                        .contains(
                                                "\"who\":\"alice\"",
                                                "\"action\":\"replay\"",
                                                "\"letters\":1",
                                                "rename"),
                        end -> assertThat(end).contains("\"action\":\"replay-ended\""));
    }

    @Test
    void setsALetterAsideAgainWhenItStillDoesNotPass() throws Exception {
        hub.run(HubFixture.TO_BUFFER);
        hub.publish(HubFixture.TOPIC, "{\"unit\":\"Cel\"}");
        hub.awaitAccepted(1);
        DeadLetter letter = hub.workbench().list(Selection.ALL, 1).get(0);
        hub.letters().choose(l -> l.id().equals(letter.id()));

        hub.load("classpath:fixtures/replay/without-fix.yaml");
        HubFixture.eventually(() -> hub.ledger().accepted() == 1 && hub.letters().count() == 1);

        assertThat(hub.deadLetters())
                .singleElement()
                .satisfies(again -> assertThat(again.reason()).isEqualTo("FIELD_MISSING"));
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void refusesToBePublishedToFromAnotherRoute() throws Exception {
        hub.run(
                        "dead-letter",
                        "buffer",
                        "withhold",
                        "tap",
                        "tag-quality",
                        "deduplicate",
                        "validate")
                .load("classpath:fixtures/replay/ingest-to-ingest.yaml");

        hub.publish(HubFixture.TOPIC, "noise");
        HubFixture.eventually(() -> hub.ledger().deadLettered() == 1);

        assertThat(hub.deadLetters().get(0).detail())
                .contains(
                        "buffer:ingest stands in a route that starts from $hub/ingest; only what"
                                + " comes from buffer:replay or buffer:score goes there");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    unit-to-units | acme/plant1 | acme/plant1 | {"quality":"good","unit":"Cel",ID,TIME,TOPIC,"value":1,REST}
                    misspelt-site | acme/plnt1  | acme/plant1 | {"quality":"GOOD","units":"Cel",ID,TIME,TOPIC,"value":1,REST}
                    tenths        | acme/plant1 | acme/plant1 | {"quality":"GOOD","units":"Cel","value":215,REST}
                    """)
    void theFixesOfTheDocsMakeTheirLettersPass(
            String fix, String site, String stated, String payload) throws Exception {
        hub.run(HubFixture.TO_BUFFER).run("replay");
        String tag = "/mixing/line1/cell1/mixer-01/torque";
        hub.publish(
                site + tag,
                payload.replace("ID", "\"messageId\":\"00000000-0000-4000-8000-000000000001\"")
                        .replace("TIME", "\"tsUtc\":\"" + Instant.now() + "\"")
                        .replace("TOPIC", "\"topic\":\"" + stated + tag + "\"")
                        .replace(
                                "REST",
                                "\"sourceSystem\":\"test\",\"lineageVersion\":\"1.0.0\","
                                        + "\"schemaVersion\":\"1.0\""));
        hub.awaitAccepted(1);
        assertThat(hub.deadLetters()).hasSize(1);

        replay(Files.readString(Path.of("docs/examples/fixes", fix + ".yaml")));
        HubFixture.eventually(() -> hub.ledger().buffered() == 1);

        assertThat(hub.report().findings()).isEmpty();
    }

    private void replay(String mapping) throws Exception {
        Preview preview = hub.workbench().preview(Selection.ALL, mapping);
        assertThat(preview.passes()).as("%s", preview).isEqualTo(1);
        hub.workbench().replay(preview.plan(), "alice");
    }

    private String broken(int value) {
        return hub.envelope(HubFixture.TOPIC, value, Instant.now())
                .replace("\"units\"", "\"unit\"")
                .replace("\"GOOD\"", "\"good\"");
    }
}
