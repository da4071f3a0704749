package io.unshub.access;

import io.unshub.uns.Excerpt;
import io.unshub.uns.HierarchyRules;
import io.unshub.uns.Remembered;
import io.unshub.uns.RulesException;
import io.unshub.uns.RulesFile;
import io.unshub.uns.TopicFilter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which subjects may publish and subscribe to what. What no role allows is refused; the broker's
 * own topics and those of the hub are nobody's to publish, whatever a role says. See {@code
 * docs/security/mqtt.md}.
 *
 * <p>Immutable but for a bounded memory of what subjects may; threads: any.
 */
public final class AccessRules {

    /** Where the rules stand in the configuration folder. */
    public static final String FILE = "security/mqtt-acl.yaml";

    private static final String SHARED = "$share/";
    private static final int MOST_REMEMBERED = 10_000;

    private final String version;
    private final Map<String, Role> roles;
    private final List<Member> members;
    private final HierarchyRules hierarchy;
    private final Remembered<Rights> rights = new Remembered<>(MOST_REMEMBERED, this::rights);

    private record AclFile(String version, Map<String, RoleEntry> roles, List<Entry> members) {}

    private record RoleEntry(List<String> publish, List<String> subscribe) {}

    private record Entry(String subject, List<String> roles) {}

    private record Role(List<String> publish, List<String> subscribe) {}

    private record Member(Identity pattern, List<String> roles) {}

    private record Grant(TopicFilter filter, Decision yes) {}

    private record Rights(Set<String> roles, List<Grant> publish, List<Grant> subscribe) {}

    /** What is asked for. */
    public enum Action {
        /** A publish, a retained one and a last will among them. */
        PUBLISH,
        /** A subscription, a shared one among them. */
        SUBSCRIBE
    }

    /**
     * Whether it is allowed.
     *
     * @param allowed yes or no
     * @param rule the rule that says so, in words
     */
    public record Decision(boolean allowed, String rule) {}

    private AccessRules(
            String version,
            Map<String, Role> roles,
            List<Member> members,
            HierarchyRules hierarchy) {
        this.version = version;
        this.roles = roles;
        this.members = members;
        this.hierarchy = hierarchy;
    }

    /**
     * Reads the rules.
     *
     * @throws RulesException if there are none in the file, naming what is wrong
     */
    public static AccessRules load(Path file, HierarchyRules hierarchy) {
        AclFile content = RulesFile.read(file, AclFile.class);
        if (content.version() == null || content.version().isBlank()) {
            throw new RulesException(file + " has no version; give it one, \"1.0.0\"");
        }
        if (content.roles() == null || content.roles().isEmpty()) {
            throw new RulesException(file + " has no roles; name at least one");
        }
        Map<String, Role> roles = new LinkedHashMap<>();
        content.roles()
                .forEach((name, entry) -> roles.put(name, role(file, name, entry, hierarchy)));
        List<Member> members = new ArrayList<>();
        List<Entry> entries = content.members() == null ? List.of() : content.members();
        for (int i = 0; i < entries.size(); i++) {
            members.add(member(file + " member " + (i + 1), entries.get(i), roles.keySet()));
        }
        return new AccessRules(content.version(), roles, List.copyOf(members), hierarchy);
    }

    private static Role role(Path file, String name, RoleEntry entry, HierarchyRules hierarchy) {
        String where = file + " role " + Excerpt.of(name);
        if (!name.matches("[A-Za-z0-9_-]{1,64}")) {
            throw new RulesException(
                    where + " has a name that is none; use letters, digits, - and _");
        }
        if (entry == null || entry.publish() == null && entry.subscribe() == null) {
            throw new RulesException(where + " allows nothing; give it publish or subscribe");
        }
        Role role = new Role(filters(where, entry.publish()), filters(where, entry.subscribe()));
        for (String filter : role.publish()) {
            if (hierarchy.isSystem(filter)) {
                throw new RulesException(
                        "%s may publish %s, which only the hub does; take it out"
                                .formatted(where, Excerpt.of(filter)));
            }
        }
        return role;
    }

    private static List<String> filters(String where, List<String> texts) {
        List<String> filters = texts == null ? List.of() : texts;
        for (String text : filters) {
            try {
                // what stands for a subject's value is a whole level or part of one
                TopicFilter.of(String.valueOf(text).replaceAll("\\{(CN|OU|O)}", "x"));
            } catch (IllegalArgumentException e) {
                throw new RulesException(where + ": " + e.getMessage(), e);
            }
            if (text.startsWith("$")) {
                throw new RulesException(
                        "%s has %s, which is the broker's own; take it out (a shared subscription is judged by what follows $share/GROUP/)"
                                .formatted(where, Excerpt.of(text)));
            }
            if (text.matches(".*[{}].*") && !text.matches("([^{}]|\\{(CN|OU|O)})*")) {
                throw new RulesException(
                        "%s has %s; only {CN}, {OU} and {O} stand for the subject's values"
                                .formatted(where, Excerpt.of(text)));
            }
        }
        return List.copyOf(filters);
    }

    private static Member member(String where, Entry entry, Set<String> known) {
        if (entry == null || entry.subject() == null) {
            throw new RulesException(where + " has no subject; write CN=pump-01,O=acme");
        }
        if (entry.roles() == null || !known.containsAll(entry.roles())) {
            throw new RulesException(
                    "%s (%s) has the roles %s, known are %s; correct it"
                            .formatted(where, Excerpt.of(entry.subject()), entry.roles(), known));
        }
        try {
            return new Member(Identity.of(entry.subject()), List.copyOf(entry.roles()));
        } catch (IllegalArgumentException e) {
            throw new RulesException(where + ": " + e.getMessage(), e);
        }
    }

    /** The file's version, as its author counts. */
    public String version() {
        return version;
    }

    /** How many roles there are. */
    public int size() {
        return roles.size();
    }

    /** The roles of a subject; without one it may not even connect. */
    public Set<String> roles(Identity who) {
        return rights.of(who.toString()).roles();
    }

    /** Whether a subject may publish on a topic, or subscribe to a filter. */
    public Decision decide(Identity who, Action action, String topic) {
        return action == Action.PUBLISH ? publish(who, topic) : subscribe(who, topic);
    }

    /** Whether a subject may publish on a topic. */
    public Decision publish(Identity who, String topic) {
        if (!isOpen(topic) || hierarchy.isSystem(topic)) {
            return new Decision(false, "nobody publishes on the broker's and the hub's own topics");
        }
        if (!hierarchy.isUnderRoot(topic)) {
            return new Decision(
                    false, "the topic is outside the namespace; see docs/uns/hierarchy.md");
        }
        Rights of = rights.of(who.toString());
        for (Grant grant : of.publish()) {
            if (grant.filter().matches(topic)) {
                return grant.yes();
            }
        }
        return none(of, Action.PUBLISH, of.publish());
    }

    /** Whether a subject may subscribe to a filter: to all that it covers. */
    public Decision subscribe(Identity who, String filter) {
        String covered = filter;
        if (filter.startsWith(SHARED)) {
            int end = filter.indexOf('/', SHARED.length());
            if (end < 0) {
                return new Decision(false, "$share/ needs a group and a filter");
            }
            covered = filter.substring(end + 1);
        }
        if (!isOpen(covered)) {
            return new Decision(false, "nobody subscribes to the broker's own topics");
        }
        TopicFilter wanted;
        try {
            wanted = TopicFilter.of(covered);
        } catch (IllegalArgumentException e) {
            return new Decision(false, e.getMessage());
        }
        Rights of = rights.of(who.toString());
        for (Grant grant : of.subscribe()) {
            if (grant.filter().covers(wanted)) {
                return grant.yes();
            }
        }
        return none(of, Action.SUBSCRIBE, of.subscribe());
    }

    private static Decision none(Rights of, Action action, List<Grant> grants) {
        String word = action == Action.PUBLISH ? "publish" : "subscribe";
        return new Decision(
                false,
                of.roles().isEmpty()
                        ? "the subject has no role"
                        : grants.isEmpty()
                                ? "its roles %s allow no %s".formatted(of.roles(), word)
                                : "no %s of its roles %s covers it: %s"
                                        .formatted(
                                                word,
                                                of.roles(),
                                                grants.stream().map(Grant::filter).toList()));
    }

    /** The broker's own addresses begin like this; the ingest queue does not see them. */
    private static boolean isOpen(String topic) {
        return !topic.startsWith("$") && !topic.startsWith("activemq.") && !topic.contains("::");
    }

    private Rights rights(String subject) {
        Identity who = Identity.of(subject);
        Set<String> names = new LinkedHashSet<>();
        members.stream()
                .filter(member -> who.matches(member.pattern()))
                .forEach(member -> names.addAll(member.roles()));
        List<Grant> publish = new ArrayList<>();
        List<Grant> subscribe = new ArrayList<>();
        for (String name : names) {
            grants(name, "publish", roles.get(name).publish(), who).forEach(publish::add);
            grants(name, "subscribe", roles.get(name).subscribe(), who).forEach(subscribe::add);
        }
        return new Rights(names, publish, subscribe);
    }

    private static Stream<Grant> grants(
            String role, String action, List<String> filters, Identity who) {
        return filters.stream()
                .filter(filter -> who.fill(filter) != null)
                .map(
                        filter ->
                                new Grant(
                                        TopicFilter.of(who.fill(filter)),
                                        new Decision(
                                                true,
                                                "role %s, %s %s".formatted(role, action, filter))));
    }
}
