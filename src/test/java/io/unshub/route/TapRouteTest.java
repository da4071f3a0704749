package io.unshub.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.TestFolders;
import io.unshub.buffer.QueueView;
import io.unshub.buffer.QueueView.Held;
import io.unshub.buffer.Queues;
import io.unshub.ops.LatestReadings;
import io.unshub.scoring.Circuits;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What a model looks at is copied for it, and goes its way all the same. */
class TapRouteTest {

    @TempDir static Path config;
    @TempDir static Path recorded;

    @RegisterExtension
    final HubFixture hub =
            new HubFixture()
                    .with("unshub.config-dir", TestFolders.config(config).toString())
                    .with("unshub.scoring.most-waiting", "2");

    @BeforeEach
    void run() throws Exception {
        Circuits.produce(
                hub.data(),
                Circuits.configure(config, Circuits.YAML),
                Circuits.record(recorded, 20, 1));
        hub.scoring().refresh();
        hub.run(HubFixture.TO_BUFFER);
    }

    @Test
    void copiesWhatAModelLooksAtAndNothingElse() throws Exception {
        hub.publishValues(HubFixture.TOPIC, 30, 30);
        hub.publishValues(HubFixture.TOPIC.replace("torque", "level"), 1, 1);
        hub.publishValues(HubFixture.TOPIC.replace("cell1", "cell2"), 1, 1);
        hub.publish(HubFixture.TOPIC, "no envelope");
        hub.awaitAccepted(4);

        assertThat(waiting()).extracting(Held::topic).containsExactly(HubFixture.TOPIC);
        assertThat(hub.buffered()).hasSize(3);
        assertThat(hub.report().findings()).isEmpty();
        assertThat(hub.scoring().skipped()).isZero();
    }

    @Test
    void leavesOutAndCountsWhatIsTooMuchForTheModelsAndForwardsIt() throws Exception {
        for (int i = 1; i <= 5; i++) {
            hub.publishValues(HubFixture.TOPIC, i, i);
            hub.awaitAccepted(i);
        }

        assertThat(waiting()).hasSize(2);
        assertThat(hub.scoring().skipped()).isEqualTo(3);
        assertThat(hub.buffered()).hasSize(5);
        assertThat(hub.report().findings()).isEmpty();
    }

    @Test
    void keepsTheLatestReadingOfEachTopicAsTheHubTaggedIt() throws Exception {
        hub.publishValues(HubFixture.TOPIC, 30, 31);
        hub.publish(HubFixture.TOPIC, "no envelope");
        hub.awaitAccepted(3);

        LatestReadings.Latest latest = hub.latest().series(HubFixture.TOPIC).orElseThrow().latest();
        assertThat(latest.value()).hasToString("31");
        assertThat(latest.acceptedUtc()).isAfter(latest.tsUtc().minusSeconds(60));
        assertThat(hub.latest().count()).isEqualTo(1);
        assertThat(hub.latest().series(HubFixture.TOPIC).orElseThrow().points()).hasSize(2);
    }

    private List<Held> waiting() throws Exception {
        return QueueView.of(hub.broker(), Queues.SCORE);
    }
}
