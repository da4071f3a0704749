package io.unshub.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.unshub.uns.Excerpt;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The commands of {@code uns-hub routes} that talk to the running hub. */
final class RouteOrders {

    private static final int OK = 0;
    private static final int LOOK_MILLIS = 200;
    private static final int MOST_LOOKS = 150;

    private RouteOrders() {}

    /** {@code routes list}. */
    @Command(
            name = "list",
            description = "Prints the plant's own routes, and whether they run.",
            mixinStandardHelpOptions = true,
            footerHeading = "%n",
            footer = "Exit code: 0 told, 2 the hub could not be asked.")
    static final class ListCommand extends Asking {
        @Option(names = "--json", description = "Prints JSON, with the shipped routes.")
        private boolean json;

        @Override
        void ask(HubClient hub, PrintWriter out) throws Exception {
            JsonNode document = hub.get("routes", Map.of());
            if (json) {
                out.println(document);
                return;
            }
            boolean none = true;
            for (JsonNode route : document.path("routes")) {
                if (!route.path("origin").asText().equals("SHIPPED")) {
                    none = false;
                    print(route, out);
                }
            }
            if (none) {
                out.println("no routes of the plant's own");
            }
        }

        private static void print(JsonNode route, PrintWriter out) {
            String file = Excerpt.printable(route.path("file").asText());
            out.printf(
                    "%-8s %s  %s%n",
                    route.path("state").asText().toLowerCase(Locale.ROOT),
                    route.path("route").asText(),
                    file);
            for (JsonNode order : route.path("orders")) {
                out.printf(
                        "         %s by %s at %s%n",
                        order.path("action").asText(),
                        Excerpt.printable(order.path("by").asText()),
                        order.path("at").asText());
            }
            for (JsonNode problem : route.path("problems")) {
                out.printf(
                        "         %s:%s: [%s] %s%n",
                        file,
                        problem.path("line").asText(),
                        problem.path("rule").asText(),
                        Excerpt.printable(problem.path("text").asText()));
            }
        }
    }

    /** {@code routes stop}. */
    @Command(
            name = "stop",
            description = "Stops a route of the plant's own; what comes waits in its subscription.",
            mixinStandardHelpOptions = true,
            footerHeading = "%n",
            footer = {
                "It stays stopped over restarts and edits, until it is started.",
                "Exit code: 0 it is stopped, 2 it is not."
            })
    static final class StopCommand extends Ordering {
        @Override
        void ask(HubClient hub, PrintWriter out) throws Exception {
            order(hub, "stop");
            await(hub, false);
            out.printf(
                    "route %s is stopped; what comes waits in its subscription, until uns-hub routes start %s%n",
                    id(), id());
        }
    }

    /** {@code routes start}. */
    @Command(
            name = "start",
            description = "Starts a route that was stopped; it goes on where it was.",
            mixinStandardHelpOptions = true,
            footerHeading = "%n",
            footer = "Exit code: 0 it runs, 2 it does not.")
    static final class StartCommand extends Ordering {
        @Override
        void ask(HubClient hub, PrintWriter out) throws Exception {
            order(hub, "start");
            await(hub, true);
            out.printf("route %s runs%n", id());
        }
    }

    /** {@code routes detour}. */
    @Command(
            name = "detour",
            description = "Leads the readings of a route over its detour, or no more.",
            mixinStandardHelpOptions = true,
            footerHeading = "%n",
            footer = {
                "It holds from the next batch on, over restarts and edits too.",
                "Exit code: 0 it is switched, 2 it is not."
            })
    static final class DetourCommand extends Ordering {
        private enum Position {
            on,
            off
        }

        @Parameters(index = "1", paramLabel = "on|off", description = "Whether it is taken.")
        private Position position;

        @Override
        void ask(HubClient hub, PrintWriter out) throws Exception {
            order(hub, "detour-" + position);
            out.printf("the detour of route %s is %s%n", id(), position);
        }
    }

    /** A command that gives an order to one route. */
    abstract static class Ordering extends Asking {
        @Parameters(index = "0", paramLabel = "ID", description = "The route.")
        private String id;

        final String id() {
            return id;
        }

        final void order(HubClient hub, String action) throws Exception {
            hub.post(
                    "routes/" + URLEncoder.encode(id, UTF_8) + "/orders", Map.of("action", action));
        }

        final void await(HubClient hub, boolean running) throws Exception {
            for (int look = 0; look < MOST_LOOKS; look++) {
                for (JsonNode route : hub.get("routes", Map.of()).path("routes")) {
                    if (route.path("route").asText().equals(id)
                            && route.path("running").asBoolean() == running) {
                        return;
                    }
                }
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            }
            throw new CommandFailed(
                    "the order is given, and not carried out yet; look again with uns-hub routes list",
                    null);
        }
    }

    /** A command that asks the hub. */
    abstract static class Asking implements Callable<Integer> {
        @Spec private CommandSpec spec;
        @Mixin private HubClient hub;

        abstract void ask(HubClient asked, PrintWriter out) throws Exception;

        @Override
        public final Integer call() throws Exception {
            ask(hub, spec.commandLine().getOut());
            return OK;
        }
    }
}
