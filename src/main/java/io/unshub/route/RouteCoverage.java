package io.unshub.route;

import io.unshub.route.StepCoverage.Count;
import io.unshub.route.StepCoverage.Step;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * Which steps of route files the tests have sent readings through.
 *
 * @param files that were looked at
 */
public record RouteCoverage(List<File> files) {

    /** Where tests write what they have counted. */
    public static final Path FOLDER = Path.of("target", "route-coverage");

    private static final int ALL = 100;

    /**
     * A route file.
     *
     * @param path of the file
     * @param steps in their order
     */
    public record File(Path path, List<Count> steps) {
        long passed() {
            return steps.stream().filter(each -> each.readings() > 0).count();
        }
    }

    /**
     * Puts together what tests have counted.
     *
     * @param files route files
     * @param folder of what the tests have written
     * @throws IOException if a file cannot be read or is no route, or no test has counted
     */
    public static RouteCoverage of(List<Path> files, Path folder) throws IOException {
        Map<Step, Long> counted = new HashMap<>();
        for (Path each : written(folder)) {
            StepCoverage.read(each)
                    .forEach(count -> counted.merge(count.step(), count.readings(), Long::sum));
        }
        List<File> all = new ArrayList<>();
        for (Path file : files) {
            all.add(
                    new File(
                            file,
                            steps(file).stream()
                                    .map(step -> new Count(step, counted.getOrDefault(step, 0L)))
                                    .toList()));
        }
        return new RouteCoverage(all);
    }

    private static List<Path> written(Path folder) throws IOException {
        List<Path> files = List.of();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> all = Files.list(folder)) {
                files = all.filter(each -> each.toString().endsWith(".json")).toList();
            }
        }
        if (files.isEmpty()) {
            throw new IOException(
                    "no test has written its coverage to "
                            + folder
                            + "; run the tests first, see docs/eip/testing-routes.md");
        }
        return files;
    }

    private static List<Step> steps(Path file) throws IOException {
        String text = Files.readString(file);
        try {
            return StepCoverage.steps(RouteFile.name(file), text);
        } catch (Exception e) {
            throw new IOException(
                    "%s is no route (%s); try: uns-hub routes check %s"
                            .formatted(file, e.getMessage(), file),
                    e);
        }
    }

    /** How many steps there are. */
    public long steps() {
        return files.stream().mapToLong(each -> each.steps().size()).sum();
    }

    /** How many of them readings came to. */
    public long passed() {
        return files.stream().mapToLong(File::passed).sum();
    }

    /** How many in a hundred; all where there are no steps. */
    public double percent() {
        return steps() == 0 ? ALL : (double) ALL * passed() / steps();
    }

    /** What no reading came to, a line each: file, line, rule, text. */
    public List<String> gaps() {
        return files.stream()
                .flatMap(
                        file ->
                                file.steps().stream()
                                        .filter(each -> each.readings() == 0)
                                        .map(
                                                each ->
                                                        "%s:%d: [coverage] no test sends a reading through %s; add one that does"
                                                                .formatted(
                                                                        file.path(),
                                                                        each.step().line(),
                                                                        each.step().name())))
                .toList();
    }

    /**
     * Writes the coverage in the XML of Cobertura, which CI servers read.
     *
     * @param to file, made anew
     * @throws IOException if it cannot be
     */
    public void writeXml(Path to) throws IOException {
        Files.createDirectories(to.toAbsolutePath().getParent());
        try (Writer writer = Files.newBufferedWriter(to)) {
            XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(writer);
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeStartElement("coverage");
            rate(xml, passed(), steps());
            xml.writeAttribute("lines-covered", Long.toString(passed()));
            xml.writeAttribute("lines-valid", Long.toString(steps()));
            xml.writeAttribute("branches-covered", "0");
            xml.writeAttribute("branches-valid", "0");
            xml.writeAttribute("version", "1");
            xml.writeAttribute("timestamp", "0");
            xml.writeStartElement("sources");
            xml.writeStartElement("source");
            xml.writeCharacters(".");
            xml.writeEndElement();
            xml.writeEndElement();
            xml.writeStartElement("packages");
            xml.writeStartElement("package");
            xml.writeAttribute("name", "routes");
            rate(xml, passed(), steps());
            xml.writeStartElement("classes");
            for (File file : files) {
                write(xml, file);
            }
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IOException(to + " cannot be written", e);
        }
    }

    private static void write(XMLStreamWriter xml, File file) throws XMLStreamException {
        Map<Integer, Long> lines = new TreeMap<>();
        file.steps().forEach(each -> lines.merge(each.step().line(), each.readings(), Math::min));
        xml.writeStartElement("class");
        xml.writeAttribute("name", RouteFile.name(file.path()));
        xml.writeAttribute("filename", file.path().toString().replace('\\', '/'));
        rate(xml, file.passed(), file.steps().size());
        xml.writeEmptyElement("methods");
        xml.writeStartElement("lines");
        for (Map.Entry<Integer, Long> line : lines.entrySet()) {
            xml.writeEmptyElement("line");
            xml.writeAttribute("number", line.getKey().toString());
            xml.writeAttribute("hits", line.getValue().toString());
        }
        xml.writeEndElement();
        xml.writeEndElement();
    }

    private static void rate(XMLStreamWriter xml, long passed, long all) throws XMLStreamException {
        xml.writeAttribute(
                "line-rate",
                String.format(Locale.ROOT, "%.4f", all == 0 ? 1.0 : (double) passed / all));
        xml.writeAttribute("branch-rate", "0");
        xml.writeAttribute("complexity", "0");
    }
}
