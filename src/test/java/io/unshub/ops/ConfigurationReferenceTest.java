package io.unshub.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.WithDefault;
import io.smallrye.config.validator.BeanValidationConfigValidatorImpl;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Positive;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.hibernate.validator.constraints.time.DurationMin;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The reference page is made from the configuration's own words, and each key keeps them. */
class ConfigurationReferenceTest {

    private static final Path PAGE = Path.of("docs/reference/configuration.md");

    private record Key(String name, Method method) {
        <A extends Annotation> A get(Class<A> type) {
            A own = method.getAnnotation(type);
            // Optional<@Limit T>: the limit is on what it holds
            return own == null
                            && method.getAnnotatedReturnType()
                                    instanceof AnnotatedParameterizedType held
                    ? held.getAnnotatedActualTypeArguments()[0].getAnnotation(type)
                    : own;
        }

        String fallback() {
            return get(WithDefault.class) == null ? null : get(WithDefault.class).value();
        }

        String limits() {
            List<String> limits = new ArrayList<>();
            if (get(Min.class) != null) {
                limits.add("at least " + get(Min.class).value());
            }
            if (get(Max.class) != null) {
                limits.add("at most " + get(Max.class).value());
            }
            if (get(DurationMin.class) != null) {
                long millis = get(DurationMin.class).millis();
                limits.add(
                        "at least "
                                + (millis == 0
                                        ? get(DurationMin.class).seconds() + "s"
                                        : millis + "ms"));
            }
            if (get(Positive.class) != null) {
                limits.add("above 0");
            }
            if (get(Pattern.class) != null) {
                limits.add("`" + get(Pattern.class).regexp().replace("|", "` or `") + "`");
            }
            return String.join(", ", limits);
        }
    }

    @Test
    void thePageIsWhatTheConfigurationSays() throws IOException {
        StringBuilder page =
                new StringBuilder(
                        """
                        # Configuration

                        Set a key in `config/application.properties`, as an environment variable (`UNSHUB_MQTT_PORT`) or as a system property (`JAVA_OPTS=-Dunshub.mqtt.port=11883`). A key that is unknown or outside its limits stops the start. Made from `io.unshub.ops.HubConfig`.

                        | key | default | limits | meaning |
                        | --- | --- | --- | --- |
                        """);
        for (Key key : keys()) {
            page.append(
                    "| `%s` | %s | %s | %s |%n"
                            .formatted(
                                    key.name(),
                                    key.fallback() == null ? "" : "`" + key.fallback() + "`",
                                    key.limits(),
                                    key.get(Describe.class).value()));
        }
        Path made = Path.of("target/configuration.md");
        Files.writeString(made, page);

        assertThat(PAGE).as("copy %s over %s", made, PAGE).hasContent(page.toString());
    }

    @Test
    void theDefaultsAreAccepted() {
        HubConfig config = config("unshub.demo", "false").getConfigMapping(HubConfig.class);

        assertThat(config.mqtt().port()).isEqualTo(1883);
        assertThat(config.demo()).isFalse();
        assertThat(config.simulator().enabled()).isFalse();
        assertThat(config.eventhubs().local().enabled()).isFalse();
        assertThat(config.eventhubs().connectionString()).isEmpty();
    }

    @TestFactory
    Stream<DynamicTest> refusesAValueOutsideItsLimits() {
        return keys().stream()
                .filter(key -> !key.limits().isEmpty())
                .map(
                        key ->
                                DynamicTest.dynamicTest(
                                        key.name(),
                                        () ->
                                                assertThatThrownBy(
                                                                () ->
                                                                        config(
                                                                                key.name(),
                                                                                outside(key)))
                                                        .hasMessageContaining(key.name())));
    }

    @Test
    void refusesAKeyThatIsUnknown() {
        assertThatThrownBy(() -> config("unshub.mqtt.prot", "1883"))
                .hasMessageContaining("unshub.mqtt.prot");
    }

    private static String outside(Key key) {
        if (key.get(Pattern.class) != null) {
            return "!";
        }
        if (key.get(DurationMin.class) != null) {
            return "-1";
        }
        return key.get(Min.class) != null ? Long.toString(key.get(Min.class).value() - 1) : "0";
    }

    private static SmallRyeConfig config(String key, String value) {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .addDiscoveredConverters()
                .withValidator(new BeanValidationConfigValidatorImpl())
                .withMapping(HubConfig.class)
                .withDefaultValue(key, value)
                .build();
    }

    private static List<Key> keys() {
        List<Key> keys = new ArrayList<>();
        collect("unshub", HubConfig.class, keys);
        keys.sort(Comparator.comparing(Key::name));
        return keys;
    }

    private static void collect(String prefix, Class<?> group, List<Key> keys) {
        for (Method method : group.getDeclaredMethods()) {
            String name =
                    prefix + "." + method.getName().replaceAll("([A-Z])", "-$1").toLowerCase();
            if (method.getAnnotation(Describe.class) != null) {
                keys.add(new Key(name, method));
            } else if (method.getReturnType().isInterface()) {
                collect(name, method.getReturnType(), keys);
            }
        }
    }
}
