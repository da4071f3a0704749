package io.unshub.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unshub.ConfigSchema;
import io.unshub.access.AccessRules.Decision;
import io.unshub.uns.HierarchyRules;
import io.unshub.uns.RulesException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessRulesTest {

    private static final Path SHIPPED = Path.of("config").resolve(AccessRules.FILE);
    private static final HierarchyRules HIERARCHY =
            HierarchyRules.load(HierarchyRules.DEFAULT_FILE);
    private static final Identity PUMP =
            Identity.of("CN=pump-01,OU=cell1,OU=line1,OU=packaging,OU=plant1,O=acme");
    private static final Identity ANALYST = Identity.of("CN=spark,OU=analytics,O=acme");
    private static final Identity ADMIN = Identity.of("CN=ann,OU=mqtt-admin,O=acme");
    private static final String OWN = "acme/plant1/packaging/line1/cell1/pump-01/";

    @TempDir private Path folder;

    private final AccessRules shipped = AccessRules.load(SHIPPED, HIERARCHY);
    private final ConfigSchema schema = new ConfigSchema("mqtt-acl.schema.json");

    @Test
    void givesEquipmentItsOwnSubtreeAndNothingElse() {
        assertThat(shipped.publish(PUMP, OWN + "temperature"))
                .isEqualTo(new Decision(true, "role publisher-equipment, publish {O}/{OU}/{CN}/#"));
        // a dead letter, as from anyone, and not a refusal
        assertThat(shipped.publish(PUMP, OWN + "too/deep").allowed()).isTrue();
        assertThat(shipped.publish(PUMP, OWN.replace("pump-01", "pump-02") + "temperature"))
                .isEqualTo(
                        new Decision(
                                false,
                                "no publish of its roles [publisher-equipment] covers it: [acme/plant1/packaging/line1/cell1/pump-01/#]"));
        assertThat(shipped.subscribe(PUMP, OWN + "#"))
                .isEqualTo(
                        new Decision(false, "its roles [publisher-equipment] allow no subscribe"));
    }

    @Test
    void judgesEachRootByItselfAlsoAfterOneThatIsAllowed() {
        assertThat(shipped.publish(ADMIN, OWN + "temperature").allowed()).isTrue();

        assertThat(shipped.publish(ADMIN, "acm e/plant1").allowed()).isFalse();
        assertThat(shipped.publish(ADMIN, "acme+/plant1").allowed()).isFalse();
        assertThat(shipped.publish(ADMIN, "_hub/alarm").allowed()).isFalse();
        assertThat(shipped.publish(ADMIN, "acme").allowed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "acme/#",
                "acme/+/packaging/#",
                "acme/plant1/packaging/line1/cell1/pump-01/temperature",
                "acme",
                "$share/spark/acme/#",
                "$share/spark/acme/+"
            })
    void letsAnalyticsSubscribeToWhatTheRoleCovers(String filter) {
        assertThat(shipped.subscribe(ANALYST, filter).allowed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#",
                "+/plant1/#",
                "other/#",
                "$share/spark/#",
                "$share/spark/+/plant1",
                "$share/spark",
                "$SYS/#",
                "$share/spark/$SYS/#",
                "$hub/ingest",
                "$hub/lane/00",
                "_hub/alarm/#",
                "acme/plant1::uns-hub-collect.acme/plant1",
                "acme/#/x",
                ""
            })
    void judgesASubscriptionByAllThatItCovers(String filter) {
        assertThat(shipped.subscribe(ANALYST, filter).allowed()).isFalse();
        assertThat(shipped.publish(ANALYST, OWN + "temperature").allowed()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "$SYS/broker, nobody publishes on the broker's and the hub's own topics",
        "$hub/ingest, nobody publishes on the broker's and the hub's own topics",
        "$share/a/acme, nobody publishes on the broker's and the hub's own topics",
        "_hub/alarm/x, nobody publishes on the broker's and the hub's own topics",
        "_hub, nobody publishes on the broker's and the hub's own topics",
        "activemq.management, nobody publishes on the broker's and the hub's own topics",
        "acme/plant1::q, nobody publishes on the broker's and the hub's own topics",
        "/acme/plant1, the topic is outside the namespace; see docs/uns/hierarchy.md",
        "_other/plant1, the topic is outside the namespace; see docs/uns/hierarchy.md",
    })
    void keepsWhatIsNobodysFromAdminsToo(String topic, String why) {
        assertThat(shipped.publish(ADMIN, topic)).isEqualTo(new Decision(false, why));
        assertThat(shipped.publish(ADMIN, "acme/plant1/x").allowed()).isTrue();
    }

    @Test
    void knowsNobodyWhoIsNotListed() {
        for (String stranger :
                List.of(
                        "CN=pump-01",
                        "CN=pump-01,O=other",
                        "CN=pump-01,OU=plant1,O=acme",
                        "OU=analytics,O=acme",
                        "CN=x,O=analytics,OU=acme")) {
            assertThat(shipped.roles(Identity.of(stranger))).as(stranger).isEmpty();
            assertThat(shipped.publish(Identity.of(stranger), OWN + "temperature"))
                    .isEqualTo(new Decision(false, "the subject has no role"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CN=#,OU=cell1,OU=line1,OU=packaging,OU=plant1,O=acme",
                "CN=\\+,OU=cell1,OU=line1,OU=packaging,OU=plant1,O=acme",
                "CN=a/b,OU=cell1,OU=line1,OU=packaging,OU=plant1,O=acme",
                "CN=pump-01,OU=\\+,OU=\\+,OU=\\+,OU=\\+,O=acme",
                "CN=a,CN=b,OU=cell1,OU=line1,OU=packaging,OU=plant1,O=acme",
            })
    void grantsNothingForASubjectThatWouldWidenAFilter(String subject) {
        Identity who = Identity.of(subject.replace("CN=#", "CN=\\#"));

        assertThat(shipped.roles(who)).containsExactly("publisher-equipment");
        assertThat(shipped.publish(who, OWN + "temperature").rule())
                .isEqualTo("its roles [publisher-equipment] allow no publish");
    }

    @Test
    void takesWhatTheSchemaTakes() throws IOException {
        assertThat(schema.problems(Files.readString(SHIPPED))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "version: \"1.0.0\" | verison: \"1\"    | has the unknown key verison",
                "version: \"1.0.0\" | # none            | has no version; give it one",
                "[\"#\"]            | [\"$SYS/#\"]      | which is the broker's own; take it out",
                "{O}/{OU}/{CN}/#    | {O}/{SERIAL}/#    | only {CN}, {OU} and {O} stand for",
            })
    void refusesWhatTheSchemaRefuses(String right, String wrong, String why) throws IOException {
        String yaml = Files.readString(SHIPPED).replace(right, wrong);

        assertThat(schema.problems(yaml)).isNotEmpty();
        assertThatThrownBy(() -> load(yaml))
                .isInstanceOf(RulesException.class)
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[admin]     | [boss]         | has the roles [boss], known are [publisher-equipment",
                "[\"acme/#\"]| [\"acme/#/x\"] | has # before its end",
                "[\"acme/#\"]| [\"acme/#\"]\\n    publish: [_hub/#] | which only the hub does",
                "CN=*,OU=mqtt-admin | everybody | is no subject; write CN=pump-01",
            })
    void refusesWhatContradictsItself(String right, String wrong, String why) throws IOException {
        String yaml = Files.readString(SHIPPED).replace(right, wrong.replace("\\n", "\n"));

        assertThatThrownBy(() -> load(yaml))
                .isInstanceOf(RulesException.class)
                .hasMessageContaining(why);
    }

    @Test
    void keepsTheRulesInForceWhenAChangeIsNotValid() throws IOException {
        Path file = folder.resolve("acl.yaml");
        Files.copy(SHIPPED, file);
        List<String> troubles = new ArrayList<>();
        LiveAccessRules live = new LiveAccessRules(file, HIERARCHY, troubles::add);

        assertThat(live.refresh()).isFalse();
        Files.writeString(file, Files.readString(SHIPPED).replace("[admin]", "[boss]"));
        assertThat(live.refresh()).isFalse();
        assertThat(troubles.get(0)).endsWith("the rules before, version 1.0.0, stay in force");
        assertThat(live.current().publish(ADMIN, "acme/plant1").allowed()).isTrue();
        Files.delete(file);
        assertThat(live.refresh()).isFalse();
        assertThat(live.current().publish(ADMIN, "acme/plant1").allowed()).isTrue();

        Files.writeString(file, Files.readString(SHIPPED).replace("mqtt-admin", "nobody"));
        assertThat(live.refresh()).isTrue();
        assertThat(troubles).last().isNull();
        assertThat(live.current().publish(ADMIN, "acme/plant1").allowed()).isFalse();
    }

    private AccessRules load(String yaml) throws IOException {
        return AccessRules.load(Files.writeString(folder.resolve("acl.yaml"), yaml), HIERARCHY);
    }
}
