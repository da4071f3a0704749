package io.unshub.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.unshub.uns.HierarchyRules;
import io.unshub.uns.RulesException;
import io.unshub.uns.TopicViolation;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code uns-hub topics}: checks topics without the hub; loads neither Quarkus nor Camel. */
@Command(
        name = "topics",
        description = "Checks UNS topics against the hierarchy rules.",
        mixinStandardHelpOptions = true)
public final class TopicsCommand implements Runnable {

    private static final int VALID = 0;
    private static final int VIOLATED = 1;

    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "topics needs a subcommand; try: topics validate TOPIC");
    }

    @Command(
            name = "validate",
            description = "Prints one JSON line for each topic.",
            mixinStandardHelpOptions = true,
            footerHeading = "%n",
            footer = {
                "A file or standard input has one topic per line in UTF-8; a byte order mark",
                "and the CR of CRLF are dropped. A blank line is an empty topic, unless it is",
                "the last line.",
                "Exit code: 0 every topic is valid, 1 some are not, 2 they could not be checked."
            })
    int validate(
            @Parameters(
                            paramLabel = "TOPIC",
                            arity = "0..*",
                            description = "Topics to check; - or none at all reads standard input.")
                    List<String> topics,
            @Option(
                            names = "--file",
                            paramLabel = "FILE",
                            description = "File with one topic per line.")
                    Path file,
            @Option(
                            names = "--rules",
                            paramLabel = "FILE",
                            description =
                                    "Hierarchy rules; default config/uns/hierarchy.yaml here, then"
                                            + " in the hub's home.")
                    Path rulesFile)
            throws IOException, CommandFailed {
        List<String> given = topics == null ? List.of() : topics;
        boolean fromInput = given.isEmpty() || given.contains("-");
        if (file != null && !given.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "give topics or --file, not both");
        }
        if (fromInput && given.size() > 1) {
            throw new ParameterException(
                    spec.commandLine(), "give topics or - for standard input, not both");
        }
        if (file != null && Files.isDirectory(file)) {
            throw new CommandFailed(file + " is a folder; name a file");
        }
        Check check = new Check(HierarchyRules.load(rules(rulesFile)), out());
        if (file != null) {
            try (InputStream in = Files.newInputStream(file)) {
                check.lines(in);
            }
        } else if (fromInput) {
            check.lines(System.in);
        } else {
            for (String topic : given) {
                check.topic(topic);
            }
        }
        return check.exitCode(file == null ? "standard input" : file.toString());
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private static Path rules(Path given) {
        if (given != null || Files.exists(HierarchyRules.DEFAULT_FILE)) {
            return given != null ? given : HierarchyRules.DEFAULT_FILE;
        }
        String home = System.getProperty("uns-hub.home");
        if (home != null) {
            return Path.of(home).resolve(HierarchyRules.DEFAULT_FILE);
        }
        throw new RulesException(
                "no hierarchy rules at "
                        + HierarchyRules.DEFAULT_FILE
                        + "; give --rules FILE or start in the hub's home directory");
    }

    /** One run: checks topics as they come and remembers the outcome. */
    private static final class Check {

        private static final JsonFactory JSON =
                // ASCII only, so that the line survives any terminal's character set
                JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

        private final HierarchyRules rules;
        private final PrintWriter out;
        private long checked;
        private boolean violated;

        Check(HierarchyRules rules, PrintWriter out) {
            this.rules = rules;
            this.out = out;
        }

        void lines(InputStream in) throws IOException {
            TopicLines lines = new TopicLines(new BufferedInputStream(in));
            for (TopicLines.Line line = lines.next(); line != null; line = lines.next()) {
                print(
                        line.text(),
                        line.isUtf8()
                                ? rules.violations(line.text())
                                : List.of(TopicLines.brokenUtf8(line.text())));
            }
        }

        void topic(String topic) throws IOException {
            print(topic, rules.violations(topic));
        }

        private void print(String topic, List<TopicViolation> violations) throws IOException {
            checked++;
            violated |= !violations.isEmpty();
            StringWriter line = new StringWriter();
            try (JsonGenerator json = JSON.createGenerator(line)) {
                json.writeStartObject();
                json.writeStringField("topic", topic);
                json.writeBooleanField("valid", violations.isEmpty());
                json.writeArrayFieldStart("violations");
                for (TopicViolation violation : violations) {
                    json.writeStartObject();
                    json.writeStringField("rule", violation.rule());
                    json.writeStringField("level", violation.level());
                    json.writeStringField("value", violation.value());
                    json.writeStringField("message", violation.message());
                    json.writeEndObject();
                }
                json.writeEndArray();
                json.writeEndObject();
            }
            out.println(line);
        }

        int exitCode(String source) throws CommandFailed {
            if (out.checkError()) {
                throw new CommandFailed(
                        "standard output was closed before all topics were printed");
            }
            if (checked == 0) {
                // an empty list is more often a broken pipe than a success
                throw new CommandFailed(source + " has no topics; give one per line");
            }
            return violated ? VIOLATED : VALID;
        }
    }
}
