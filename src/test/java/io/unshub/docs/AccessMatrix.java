package io.unshub.docs;

import static io.unshub.docs.AccessMatrix.Right.HUB;
import static io.unshub.docs.AccessMatrix.Right.MODELS;
import static io.unshub.docs.AccessMatrix.Right.NONE;
import static io.unshub.docs.AccessMatrix.Right.PKI;
import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.unshub.access.AccessRules;
import io.unshub.access.AccessRules.Action;
import io.unshub.access.Identity;
import io.unshub.cli.Commands;
import io.unshub.ops.access.ApiKey;
import io.unshub.ops.access.Scope;
import io.unshub.ops.api.Gate;
import io.unshub.ops.console.JmxActions;
import io.unshub.ops.console.Role;
import io.unshub.uns.HierarchyRules;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The tables of {@code docs/security/access-matrix.md}: what each person may do with what the page
 * gives them, as the code that decides it says.
 */
final class AccessMatrix {

    private static final Path CONTRACT = Path.of("docs/reference/openapi.yaml");
    private static final String OWN = "acme/plant1/packaging/line1/cell1/pump-01/temperature";
    private static final Identity PUMP =
            Identity.of("CN=pump-01,OU=cell1,OU=line1,OU=packaging,OU=plant1,O=acme");

    /** What somebody may do on the hub's machine beside looking at what is open to all. */
    enum Right {
        NONE("nothing"),
        PKI("the folder of the authorities"),
        MODELS("the hub's user, for `uns-hub ml` alone"),
        HUB("the hub's user");

        private final String words;

        Right(String words) {
            this.words = words;
        }
    }

    /** Who works with the hub, and what they are given. */
    enum Person {
        OT_ENGINEER(
                "OT engineer",
                "ann",
                "mqtt-admin",
                List.of(Scope.READ),
                Role.OPERATOR,
                Set.of(NONE, PKI),
                "`connections/`, `tags/`, `uns/`, `security/`"),
        DATA_ENGINEER(
                "data engineer",
                "ben",
                "analytics",
                List.of(Scope.READ, Scope.REPLAY),
                Role.VIEWER,
                Set.of(NONE),
                "`routes/`, `eventhubs-bridge-mapping.yaml`, `schemas/`"),
        DATA_SCIENTIST(
                "data scientist",
                "cleo",
                "analytics",
                List.of(Scope.READ, Scope.SCORE),
                null,
                Set.of(NONE),
                "none"),
        MLOPS(
                "MLOps",
                "dan",
                "analytics",
                List.of(Scope.READ, Scope.SCORE),
                Role.VIEWER,
                Set.of(NONE, MODELS),
                "`ml/`"),
        OPERATOR("operator", "eve", null, List.of(), Role.OPERATOR, Set.of(Right.values()), "none"),
        VIEWER("viewer", "finn", null, List.of(), Role.VIEWER, Set.of(NONE), "none");

        private final String title;
        private final String account;
        private final String unit;
        private final List<Scope> scopes;
        private final Role role;
        private final Set<Right> rights;
        private final String files;

        Person(
                String title,
                String account,
                String unit,
                List<Scope> scopes,
                Role role,
                Set<Right> rights,
                String files) {
            this.title = title;
            this.account = account;
            this.unit = unit;
            this.scopes = scopes;
            this.role = role;
            this.rights = rights;
            this.files = files;
        }

        private String subject() {
            return "CN=%s,OU=%s,O=acme".formatted(account, unit);
        }

        private boolean may(Scope scope) {
            return !scopes.isEmpty()
                    && new ApiKey(account, "", scopes, "#", Instant.EPOCH, null).may(scope);
        }
    }

    /** The commands that change something, and what they need; all others look. */
    static final Map<String, Right> CHANGING = new LinkedHashMap<>();

    static {
        for (String command :
                List.of(
                        "run",
                        "keys add",
                        "keys revoke",
                        "users add",
                        "users remove",
                        "dead-letters replay",
                        "routes stop",
                        "routes start",
                        "routes detour",
                        "drill",
                        "parity")) {
            CHANGING.put(command, HUB);
        }
        for (String command :
                List.of(
                        "train",
                        "import",
                        "retest",
                        "retrain",
                        "try",
                        "approve",
                        "promote",
                        "rollback")) {
            CHANGING.put("ml " + command, MODELS);
        }
        for (String command :
                List.of("init", "issue", "renew", "revoke", "crl", "rotate", "retire")) {
            CHANGING.put("pki " + command, PKI);
        }
    }

    private AccessMatrix() {}

    static String people() {
        StringBuilder table =
                new StringBuilder(
                                "| | certificate for MQTT | API key | console | on the hub's machine | may merge, in `config/` |\n")
                        .append("| --- | --- | --- | --- | --- | --- |");
        for (Person person : Person.values()) {
            table.append(
                    "\n| %s | %s | %s | %s | %s | %s |"
                            .formatted(
                                    person.title,
                                    person.unit == null ? "none" : "`" + person.subject() + "`",
                                    person.scopes.isEmpty()
                                            ? "none"
                                            : "`" + words(person.scopes) + "`",
                                    person.role == null ? "none" : "`" + person.role.word() + "`",
                                    Arrays.stream(Right.values())
                                            .filter(person.rights::contains)
                                            .filter(right -> right != NONE)
                                            .map(right -> right.words)
                                            .reduce((one, all) -> all)
                                            .orElse("nothing"),
                                    person.files));
        }
        return table.toString();
    }

    private static String words(List<Scope> scopes) {
        return scopes.stream().map(Scope::word).collect(joining(","));
    }

    static String examples() {
        StringBuilder lines = new StringBuilder();
        for (Person person : Person.values()) {
            if (person.unit != null) {
                lines.append("\n    uns-hub pki issue --client --subject ")
                        .append(person.subject());
            }
            if (!person.scopes.isEmpty()) {
                lines.append(
                        "\n    uns-hub keys add %s --scope %s --days 90"
                                .formatted(person.account, words(person.scopes)));
            }
            if (person.role != null) {
                lines.append(
                        "\n    uns-hub users add %s --role %s"
                                .formatted(person.account, person.role.word()));
            }
        }
        return lines.append('\n').toString();
    }

    static String mqtt() {
        AccessRules rules =
                AccessRules.load(
                        Path.of("config").resolve(AccessRules.FILE),
                        HierarchyRules.load(Path.of("config/uns/hierarchy.yaml")));
        StringBuilder table = head("action", "pump-01");
        for (String action :
                List.of(
                        "publish " + OWN,
                        "publish " + OWN.replace("pump-01", "pump-02"),
                        "publish _other/plant1/x",
                        "publish _hub/state",
                        "publish $SYS/x",
                        "subscribe " + OWN,
                        "subscribe acme/#",
                        "subscribe $share/team/acme/#",
                        "subscribe #",
                        "subscribe _hub/#",
                        "subscribe $SYS/#")) {
            String[] words = action.split(" ");
            Predicate<Identity> may =
                    who ->
                            rules.decide(
                                            who,
                                            Action.valueOf(words[0].toUpperCase(Locale.ROOT)),
                                            words[1])
                                    .allowed();
            row(
                    table,
                    words[0] + " `" + words[1] + "`",
                    person -> person.unit != null && may.test(Identity.of(person.subject())),
                    may.test(PUMP));
        }
        return table.toString();
    }

    static String http() {
        StringBuilder table = head("request", "scope");
        try {
            JsonNode paths = new YAMLMapper().readTree(CONTRACT.toFile()).path("paths");
            paths.properties()
                    .forEach(
                            path ->
                                    path.getValue()
                                            .fieldNames()
                                            .forEachRemaining(
                                                    method ->
                                                            request(
                                                                    table,
                                                                    method.toUpperCase(Locale.ROOT),
                                                                    path.getKey())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        request(table, "GET", "/observe/metrics");
        return table.toString();
    }

    private static void request(StringBuilder table, String method, String path) {
        Scope scope = Gate.needed(HttpMethod.valueOf(method), path.replaceAll("\\{[^}]*}", "x"));
        row(
                table,
                "`" + method + " " + path + "`",
                person -> person.may(scope),
                "`" + scope.word() + "`");
    }

    static String jmx() {
        StringBuilder table = head("at `/hawtio`", null);
        JmxActions.all()
                .forEach(
                        (action, may) ->
                                row(
                                        table,
                                        action,
                                        person -> person.role != null && may.test(person.role),
                                        null));
        return table.toString();
    }

    static String commands() {
        StringBuilder table = head("command", "needs");
        for (String command : Commands.all()) {
            Right needed = CHANGING.get(command);
            if (needed != null) {
                row(
                        table,
                        "`uns-hub " + command + "`",
                        person -> person.rights.contains(needed),
                        needed.words);
            }
        }
        return table.toString();
    }

    private static StringBuilder head(String first, String last) {
        String people =
                Arrays.stream(Person.values()).map(each -> each.title).collect(joining(" | "));
        String more = last == null ? "" : last + " | ";
        return new StringBuilder("| %s | %s%s |\n".formatted(first, more, people))
                .append("| --- ".repeat(Person.values().length + (last == null ? 1 : 2)))
                .append('|');
    }

    private static void row(
            StringBuilder table, String action, Predicate<Person> may, Object more) {
        table.append("\n| ").append(action).append(" | ");
        if (more != null) {
            table.append(more instanceof Boolean yes ? yes ? "yes" : "-" : more).append(" | ");
        }
        table.append(
                        Arrays.stream(Person.values())
                                .map(person -> may.test(person) ? "yes" : "-")
                                .collect(joining(" | ")))
                .append(" |");
    }
}
