package io.unshub.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RouteControlsTest {

    private static final InstantSource CLOCK =
            InstantSource.fixed(Instant.parse("2026-03-01T10:00:00Z"));

    @TempDir private Path work;

    private RouteControls controls() {
        return new RouteControls(
                work.resolve(RouteControls.FILE),
                new AuditFile(work.resolve("audit.ndjson"), CLOCK),
                Set.of("means", "export")::contains,
                CLOCK);
    }

    @Test
    void keepsOrdersOverARestart() {
        RouteControls before = controls();
        before.order("means", "stop", "ann");
        before.order("export", "detour-on", "ann");
        before.order("means", "detour-off", "ann");

        for (RouteControls each : new RouteControls[] {before, controls()}) {
            assertThat(each.isStopped("means")).isTrue();
            assertThat(each.isStopped("export")).isFalse();
            assertThat(each.detour("export", "off")).isEqualTo("on");
            assertThat(each.detour("means", "on")).isEqualTo("off");
            assertThat(each.detour("other", "on")).isEqualTo("on");
        }
        controls().order("means", "start", "ann");
        assertThat(controls().isStopped("means")).isFalse();
    }

    @Test
    void writesEachOrderThatChangesSomethingIntoTheAuditFile() throws IOException {
        RouteControls controls = controls();
        controls.order("means", "stop", "ann");
        controls.order("means", "stop", "bob");

        assertThat(work.resolve("audit.ndjson"))
                .content()
                .containsOnlyOnce("\"at\":")
                .contains("\"who\":\"ann\",\"action\":\"route-order\"")
                .contains("\"route\":\"means\"", "\"order\":\"stop\"");
    }

    @Test
    void saysWhoGaveTheOrdersThatHold() {
        RouteControls controls = controls();
        controls.order("means", "stop", "ann");
        controls.order("means", "stop", "bob");
        controls.order("means", "detour-on", "bob");

        for (RouteControls each : new RouteControls[] {controls, controls()}) {
            assertThat(each.holding("means"))
                    .containsExactly(
                            new RouteControls.Order("stop", "ann", CLOCK.instant()),
                            new RouteControls.Order("detour-on", "bob", CLOCK.instant()));
            assertThat(each.holding("export")).isEmpty();
        }
    }

    @Test
    void carriesOutNoOrderThatCannotBeAudited() throws IOException {
        RouteControls controls = controls();
        Files.createDirectory(work.resolve("audit.ndjson"));

        assertThatThrownBy(() -> controls.order("means", "stop", "ann"))
                .hasMessageContaining("audit.ndjson cannot be written");
        assertThat(controls.isStopped("means")).isFalse();
        assertThat(controls().isStopped("means")).isFalse();
    }

    @Test
    void refusesOrdersForOtherRoutesAndOrdersThatItDoesNotKnow() {
        assertThatThrownBy(() -> controls().order("ingest", "stop", "ann"))
                .isInstanceOf(Refused.class)
                .hasMessage(
                        "ingest is no route of the plant's own; uns-hub routes list shows those; the data path takes no orders");
        assertThatThrownBy(() -> controls().order("means", "halt", "ann"))
                .hasMessage("the action is halt; give one of start, stop, detour-on, detour-off");
    }

    @Test
    void forgetsTheOrdersForARouteWhoseFileIsGone() {
        RouteControls controls = controls();
        controls.order("means", "stop", "ann");
        controls.order("means", "detour-on", "ann");
        controls.order("export", "stop", "ann");
        controls.retain(Set.of("export"));

        assertThat(controls.isStopped("export")).isTrue();
        assertThat(controls.isStopped("means")).isFalse();
        assertThat(controls().detour("means", "off")).isEqualTo("off");
    }

    @Test
    void holdsNothingWhereItsFileCannotBeRead() throws IOException {
        for (String spoilt : new String[] {"", "{\"stopped\":[", "{}", "[]"}) {
            Files.writeString(work.resolve(RouteControls.FILE), spoilt);
            assertThat(controls().isStopped("means")).isFalse();
            assertThat(controls().detour("means", "off")).isEqualTo("off");
        }
    }
}
