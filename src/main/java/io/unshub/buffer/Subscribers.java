package io.unshub.buffer;

import io.unshub.uns.TopicFilter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    private final Map<SimpleString, String> filters = new ConcurrentHashMap<>();
    private volatile View view = View.of(List.of());

    /** What holds until somebody comes or goes. */
    private record View(List<TopicFilter> filters, Map<String, Boolean> known) {

        static View of(List<TopicFilter> filters) {
            return new View(filters, new ConcurrentHashMap<>());
        }

        boolean wants(String topic) {
            return filters.stream().anyMatch(filter -> filter.matches(topic));
        }
    }

    /** Whether there is a subscription to a topic. */
    boolean want(String topic) {
        View now = view;
        if (now.filters().isEmpty()) {
            return false;
        }
        Boolean known = now.known().get(topic);
        if (known == null) {
            known = now.wants(topic);
            if (now.known().size() < MOST_KNOWN) {
                now.known().put(topic, known);
            }
        }
        return known;
    }

    @Override
    public void registered(ActiveMQServer server) {
        filters.clear();
        look();
    }

    @Override
    public void afterAddBinding(Binding binding) {
        String address = binding.getAddress().toString();
        if (!Queues.isSystem(address)
                && !binding.getUniqueName().toString().startsWith(Queues.OWN)) {
            filters.put(binding.getUniqueName(), address);
            look();
        }
    }

    @Override
    public void afterRemoveBinding(Binding binding, Transaction tx, boolean deleteData) {
        if (filters.remove(binding.getUniqueName()) != null) {
            look();
        }
    }

    private synchronized void look() {
        view =
                View.of(
                        filters.values().stream()
                                .distinct()
                                .map(Subscribers::filter)
                                .flatMap(Optional::stream)
                                .toList());
    }

    private static Optional<TopicFilter> filter(String text) {
        try {
            return Optional.of(TopicFilter.of(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // none that a topic could match
        }
    }
}
