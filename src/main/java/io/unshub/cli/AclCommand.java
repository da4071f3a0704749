package io.unshub.cli;

import io.unshub.access.AccessRules;
import io.unshub.access.AccessRules.Action;
import io.unshub.access.AccessRules.Decision;
import io.unshub.access.Identity;
import io.unshub.uns.HierarchyRules;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code uns-hub acl}: who may do what over MQTT with TLS; needs no hub. */
@Command(
        name = "acl",
        description = "Says who may publish and subscribe over MQTT with TLS.",
        mixinStandardHelpOptions = true)
final class AclCommand implements Runnable {

    private static final int NO = 1;

    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "acl needs a command: explain");
    }

    @Command(
            name = "explain",
            description = "Prints yes or no, and by which rule, without a hub.",
            mixinStandardHelpOptions = true,
            footerHeading = "%n",
            footer = "Exit code: 0 yes, 1 no, 2 the rules could not be read.")
    int explain(
            @Option(
                            names = "--who",
                            paramLabel = "DN",
                            required = true,
                            description = "The subject of the client's certificate.")
                    String who,
            @Option(
                            names = "--topic",
                            paramLabel = "TOPIC",
                            required = true,
                            description =
                                    "What is published on, or the filter that is subscribed to.")
                    String topic,
            @Option(
                            names = "--action",
                            paramLabel = "ACTION",
                            required = true,
                            description = "publish or subscribe.")
                    String action,
            @Option(
                            names = "--config",
                            paramLabel = "DIR",
                            defaultValue = "config",
                            description = "The configuration folder. Default: ${DEFAULT-VALUE}.")
                    Path config)
            throws CommandFailed {
        if (!action.equals("publish") && !action.equals("subscribe")) {
            throw new CommandFailed("the action is neither publish nor subscribe; give one");
        }
        try {
            AccessRules rules =
                    AccessRules.load(
                            config.resolve(AccessRules.FILE),
                            HierarchyRules.load(config.resolve("uns/hierarchy.yaml")));
            Decision decision =
                    rules.decide(
                            Identity.of(who),
                            action.equals("publish") ? Action.PUBLISH : Action.SUBSCRIBE,
                            topic);
            spec.commandLine()
                    .getOut()
                    .printf("%s: %s%n", decision.allowed() ? "yes" : "no", decision.rule());
            return decision.allowed() ? 0 : NO;
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(e.getMessage(), e);
        }
    }
}
