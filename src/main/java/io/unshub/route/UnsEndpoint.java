package io.unshub.route;

import io.unshub.buffer.Subscriptions.Subscription;
import java.util.regex.Pattern;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultEndpoint;

/** What the UNS carries, for a route of the plant's own. */
public final class UnsEndpoint extends DefaultEndpoint {

    /** The name that stands for publishing. */
    static final String PUBLISH = "publish";

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final Pattern TAG = Pattern.compile("_[^/+#]*");

    private final String name;
    private String topics = "";
    private boolean derived;
    private long mostWaiting = 100_000;
    private int maxReadings = 500;
    private long linger = 20;
    private boolean each;
    private boolean skip;
    private String tag = "";
    private String lineageVersion = "1.0.0";

    UnsEndpoint(String uri, UnsComponent component, String name) {
        super(uri, component);
        this.name = name;
    }

    @Override
    public Producer createProducer() {
        if (!name.equals(PUBLISH)) {
            throw new IllegalArgumentException(
                    getEndpointUri() + " can only be read; publish with uns:publish");
        }
        if (!TAG.matcher(tag).matches()) {
            throw new IllegalArgumentException(
                    "tag is "
                            + tag
                            + "; the tag of a derived reading starts with _ and has no /, + or #,"
                            + " as _mean-{tag}");
        }
        return new UnsProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        UnsConsumer consumer =
                new UnsConsumer(
                        this, subscription(), processor, UnsConsumer.Parts.of(getCamelContext()));
        configureConsumer(consumer);
        return consumer;
    }

    private Subscription subscription() {
        if (name.equals(PUBLISH) || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "the subscription is called "
                            + name
                            + "; its name has 1 to 63 lower case letters, digits and -, and is not"
                            + " publish");
        }
        return new Subscription(name, TopicParameter.filters(topics), derived, mostWaiting);
    }

    /** Topic filters, separated by commas. */
    public String getTopics() {
        return topics;
    }

    /** Sets the topic filters, separated by commas. */
    public void setTopics(String topics) {
        this.topics = topics;
    }

    /** Whether derived readings come too. */
    public boolean isDerived() {
        return derived;
    }

    /** Sets whether derived readings come too. */
    public void setDerived(boolean derived) {
        this.derived = derived;
    }

    /** How many copies may wait. */
    public long getMostWaiting() {
        return mostWaiting;
    }

    /** Sets how many copies may wait, from 1. */
    public void setMostWaiting(long mostWaiting) {
        this.mostWaiting = mostWaiting;
    }

    /** Most readings in a batch. */
    public int getMaxReadings() {
        return maxReadings;
    }

    /** Sets the most readings in a batch, from 1. */
    public void setMaxReadings(int maxReadings) {
        this.maxReadings = maxReadings;
    }

    /** Milliseconds that a batch waits for more readings after its first. */
    public long getLinger() {
        return linger;
    }

    /** Sets the milliseconds that a batch waits for more readings after its first. */
    public void setLinger(long linger) {
        this.linger = linger;
    }

    /** Whether the route gets one reading at a time. */
    public boolean isEach() {
        return each;
    }

    /** Sets whether the route gets one reading at a time. */
    public void setEach(boolean each) {
        this.each = each;
    }

    /** Whether a reading on which the route fails is passed over. */
    public boolean isSkip() {
        return skip;
    }

    /** Sets whether a reading on which the route fails is passed over. */
    public void setSkip(boolean skip) {
        this.skip = skip;
    }

    /** Tag of what is published; {@code {tag}} stands for that of the reading. */
    public String getTag() {
        return tag;
    }

    /** Sets the tag of what is published. */
    public void setTag(String tag) {
        this.tag = tag;
    }

    /** The lineageVersion of what is published. */
    public String getLineageVersion() {
        return lineageVersion;
    }

    /** Sets the lineageVersion of what is published. */
    public void setLineageVersion(String lineageVersion) {
        this.lineageVersion = lineageVersion;
    }
}
