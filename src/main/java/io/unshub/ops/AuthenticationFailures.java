package io.unshub.ops;

import io.unshub.uns.Excerpt;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Who fails to log in, over MQTT, HTTP, the console and Jolokia. Five failures within ten minutes
 * from one address, whatever identity it claims, or of one known identity, wherever it comes from,
 * raise the alarm {@code authentication-failures}; it is over once nobody has as many.
 *
 * <p>Guarantees: of each address and identity the last five failures are known. Of more than two
 * thousand pairs the one that has been quiet for longest is forgotten; of names that nobody has,
 * one is as good as the other, so that who invents names stays one. Threads: any; {@link #tick()}
 * from one. Counting takes no input or output.
 */
@Singleton
public final class AuthenticationFailures {

    /** Failures that raise the alarm. */
    public static final int LIMIT = 5;

    /** For who has shown no identity that is known here. */
    public static final String UNKNOWN = "unknown";

    /** Name of the alarm. */
    public static final String NAME = "authentication-failures";

    private static final Duration WINDOW = Duration.ofMinutes(10);
    private static final String SEVERAL = "several";
    private static final int MOST = 2_000;
    private static final int MOST_TOLD = 20;
    private static final int MOST_NAMED = 5;

    private final Alarms alarms;
    private final InstantSource clock;
    // the pair that failed last stands last
    private final Map<Pair, Recent> recent = new LinkedHashMap<>();
    private Consumer<List<Failing>> listener = failing -> {};
    private volatile List<Failing> shown = List.of();

    private record Pair(String source, String identity) {}

    private static final class Recent {
        private final Deque<Instant> last = new ArrayDeque<>(LIMIT);
        private final TreeSet<String> ways = new TreeSet<>();
    }

    private record Failure(Pair pair, Recent recent) {}

    /**
     * Somebody who has failed five times or more within ten minutes.
     *
     * @param source the address, without the port; {@code several} where an identity failed from
     *     more than one
     * @param identity that was claimed; {@code unknown} for what nobody has, {@code several} for
     *     more than one
     * @param ways what was tried, in words
     * @param failures how many, five at most for each pair of source and identity
     */
    public record Failing(String source, String identity, String ways, int failures) {}

    /**
     * @param alarms is raised here
     * @param clock tells what lies within ten minutes
     */
    public AuthenticationFailures(Alarms alarms, InstantSource clock) {
        this.alarms = alarms;
        this.clock = clock;
    }

    /**
     * Counts one.
     *
     * @param source address of the client, with or without a port
     * @param identity a name that the hub knows; {@link #UNKNOWN} for any other
     * @param way by which it was tried, {@code MQTT}
     */
    public void count(String source, String identity, String way) {
        Pair pair = new Pair(address(source), Excerpt.printable(identity));
        synchronized (recent) {
            Recent now = recent.remove(pair);
            if (now == null) {
                now = new Recent();
                if (recent.size() >= MOST) {
                    recent.remove(recent.keySet().iterator().next());
                }
            }
            recent.put(pair, now);
            if (now.last.size() == LIMIT) {
                now.last.removeFirst();
            }
            now.last.addLast(clock.instant());
            now.ways.add(way);
        }
    }

    /** Without a port: who tries has another with each connection. */
    private static String address(String source) {
        String address = source.startsWith("/") ? source.substring(1) : source;
        int colon = address.lastIndexOf(':');
        boolean port =
                colon > 0 && (address.indexOf(':') == colon || address.charAt(colon - 1) == ']');
        return Excerpt.printable(port ? address.substring(0, colon) : address);
    }

    /** Has who fails told at each look, from the next on. */
    public void onLook(Consumer<List<Failing>> each) {
        listener = each;
    }

    /** Who failed when it was last looked. */
    public List<Failing> shown() {
        return shown;
    }

    /** Who fails now, the worst first, twenty at most. */
    public List<Failing> failing() {
        List<Failure> all;
        synchronized (recent) {
            Instant since = clock.instant().minus(WINDOW);
            recent.values().forEach(each -> each.last.removeIf(at -> at.isBefore(since)));
            recent.values().removeIf(each -> each.last.isEmpty());
            all =
                    recent.entrySet().stream()
                            .map(each -> new Failure(each.getKey(), copy(each.getValue())))
                            .toList();
        }
        Map<String, Failing> failing = new TreeMap<>();
        Map<String, List<Failure>> bySource =
                all.stream().collect(Collectors.groupingBy(each -> each.pair().source()));
        bySource.forEach((source, failures) -> add(failing, "from " + source, failures));
        Map<String, List<Failure>> byIdentity =
                all.stream()
                        .filter(each -> !each.pair().identity().equals(UNKNOWN))
                        .filter(each -> !failing.containsKey("from " + each.pair().source()))
                        .collect(Collectors.groupingBy(each -> each.pair().identity()));
        byIdentity.forEach((identity, failures) -> add(failing, "as " + identity, failures));
        return failing.values().stream()
                .sorted(Comparator.comparingInt(Failing::failures).reversed())
                .limit(MOST_TOLD)
                .toList();
    }

    private static Recent copy(Recent of) {
        Recent copy = new Recent();
        copy.last.addAll(of.last);
        copy.ways.addAll(of.ways);
        return copy;
    }

    private static void add(Map<String, Failing> failing, String key, List<Failure> failures) {
        int count = failures.stream().mapToInt(each -> each.recent().last.size()).sum();
        if (count >= LIMIT) {
            failing.put(
                    key,
                    new Failing(
                            one(failures.stream().map(each -> each.pair().source()).toList()),
                            one(failures.stream().map(each -> each.pair().identity()).toList()),
                            failures.stream()
                                    .flatMap(each -> each.recent().ways.stream())
                                    .distinct()
                                    .sorted()
                                    .collect(Collectors.joining(", ")),
                            count));
        }
    }

    private static String one(Collection<String> names) {
        return names.stream().distinct().count() == 1 ? names.iterator().next() : SEVERAL;
    }

    /** Looks who fails now, and raises or ends the alarm. */
    public void tick() {
        List<Failing> now = failing();
        if (now.isEmpty()) {
            alarms.clear(NAME);
        } else {
            // told anew when somebody comes or goes
            alarms.retell(NAME, Alarm.Severity.WARNING, text(now));
        }
        // a figure of the metrics is there as long as what it is of
        shown = now;
        listener.accept(now);
    }

    private static String text(List<Failing> failing) {
        String named =
                failing.stream()
                        .sorted(Comparator.comparing(Failing::source))
                        .limit(MOST_NAMED)
                        .map(
                                each ->
                                        "%s as %s (%s)"
                                                .formatted(
                                                        each.source(),
                                                        each.identity(),
                                                        each.ways()))
                        .collect(Collectors.joining("; "));
        int rest = failing.size() - MOST_NAMED;
        return "%d failures to log in or more within ten minutes: %s%s; each was refused: see docs/runbooks/authentication-failures.md"
                .formatted(LIMIT, named, rest > 0 ? " and " + rest + " others" : "");
    }
}
