package io.unshub.simulator.plant;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.sdk.client.subscriptions.OpcUaMonitoredItem;
import org.eclipse.milo.opcua.sdk.client.subscriptions.OpcUaSubscription;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.enumerated.DataChangeTrigger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.DataChangeFilter;

/** A real OPC UA client that remembers, per address, every value in the order that it came. */
final class PlantClient implements AutoCloseable {

    private final OpcUaClient client;
    private OpcUaSubscription subscription;
    private final Map<String, List<DataValue>> received = new ConcurrentHashMap<>();
    private final AtomicInteger count = new AtomicInteger();

    PlantClient(SimulatedPlant plant) throws UaException {
        client =
                OpcUaClient.create(
                        plant.opcUaUrl(),
                        endpoints -> endpoints.stream().findFirst(),
                        transport -> {},
                        // with more, Milo's client may take two responses in the wrong order, then
                        // has the first republished and delivers it twice
                        config -> config.setMaxPendingPublishRequests(uint(1)));
        client.connect();
    }

    /** Monitors each address; every one must be created, with the queue that was asked for. */
    PlantClient subscribe(List<String> addresses, int queueSize, DataChangeTrigger trigger)
            throws Exception {
        subscription = new OpcUaSubscription(client, 20.0);
        subscription.create();
        List<OpcUaMonitoredItem> items = new ArrayList<>();
        for (String address : addresses) {
            List<DataValue> values = Collections.synchronizedList(new ArrayList<>());
            received.put(address, values);
            OpcUaMonitoredItem item = OpcUaMonitoredItem.newDataItem(node(address));
            item.setSamplingInterval(0);
            item.setQueueSize(uint(queueSize));
            item.setFilter(new DataChangeFilter(trigger, uint(0), 0.0));
            item.setDataValueListener(
                    (source, value) -> {
                        values.add(value);
                        count.incrementAndGet();
                    });
            items.add(item);
        }
        subscription.addMonitoredItems(items);
        subscription.synchronizeMonitoredItems();
        for (OpcUaMonitoredItem item : items) {
            if (item.getRevisedQueueSize().orElseThrow().intValue() != queueSize) {
                throw new AssertionError("queue revised to " + item.getRevisedQueueSize());
            }
        }
        return this;
    }

    /** Fetches nothing until told to; meanwhile the server queues. */
    void setFetching(boolean fetching) throws UaException {
        subscription.setPublishingMode(fetching);
    }

    DataValue read(String address) throws UaException {
        return client.readValue(0, TimestampsToReturn.Both, node(address));
    }

    List<DataValue> received(String address) {
        return received.get(address);
    }

    /** Returns how many values have come for all addresses together. */
    int count() {
        return count.get();
    }

    private NodeId node(String address) throws UaException {
        return ExpandedNodeId.parse(address).toNodeIdOrThrow(client.getNamespaceTable());
    }

    @Override
    public void close() throws UaException {
        client.disconnect();
    }
}
