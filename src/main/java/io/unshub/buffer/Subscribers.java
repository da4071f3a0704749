package io.unshub.buffer;

import io.unshub.uns.TopicFilter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.postoffice.Binding;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.plugin.ActiveMQServerBindingPlugin;
import org.apache.activemq.artemis.core.transaction.Transaction;

/**
 * Knows whether anybody but the hub wants what is published on a topic. Threads: any; a
 * subscription counts from when the broker has it.
 */
final class Subscribers implements ActiveMQServerBindingPlugin {

    private static final int MOST_KNOWN = 200_000;
    private static final SimpleString INGEST = SimpleString.of(Queues.INGEST);

    // by queue
    private final Map<SimpleString, TopicFilter> filters = new ConcurrentHashMap<>();
    // null once somebody came or went
    private volatile View view;

    /** What holds until somebody comes or goes. */
    private record View(List<TopicFilter> filters, Map<String, Boolean> known) {

        boolean wants(String topic) {
            if (filters.isEmpty()) {
                return false;
            }
            Boolean answer = known.get(topic);
            if (answer == null) {
                answer = filters.stream().anyMatch(filter -> filter.matches(topic));
                if (known.size() < MOST_KNOWN) {
                    known.put(topic, answer);
                }
            }
            return answer;
        }
    }

    /** Whether there is a subscription to a topic. */
    boolean want(String topic) {
        View now = view;
        return (now == null ? look() : now).wants(topic);
    }

    private synchronized View look() {
        View now = new View(List.copyOf(filters.values()), new ConcurrentHashMap<>());
        view = now;
        return now;
    }

    private synchronized void changed() {
        view = null;
    }

    @Override
    public void registered(ActiveMQServer server) {
        filters.clear();
        changed();
    }

    @Override
    public void afterAddBinding(Binding binding) {
        String address = binding.getAddress().toString();
        if (Queues.isSystem(address) || binding.getUniqueName().equals(INGEST)) {
            return;
        }
        try {
            filters.put(binding.getUniqueName(), TopicFilter.of(address));
            changed();
        } catch (IllegalArgumentException e) {
            // none that a topic could match
        }
    }

    @Override
    public void afterRemoveBinding(Binding binding, Transaction tx, boolean deleteData) {
        if (filters.remove(binding.getUniqueName()) != null) {
            changed();
        }
    }
}
