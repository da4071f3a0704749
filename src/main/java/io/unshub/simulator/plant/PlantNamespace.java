package io.unshub.simulator.plant;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.milo.opcua.sdk.core.AccessLevel;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.server.ManagedNamespaceWithLifecycle;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.items.DataItem;
import org.eclipse.milo.opcua.sdk.server.items.MonitoredDataItem;
import org.eclipse.milo.opcua.sdk.server.items.MonitoredItem;
import org.eclipse.milo.opcua.sdk.server.nodes.UaFolderNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;

/**
 * The nodes of the plant, {@code Objects/plant/EQUIPMENT/TAG}, and the items that clients monitor.
 *
 * <p>In: one {@link #publish} or {@link #offer} per new value. Out: every value, in that order, to
 * every item that monitors the tag, whatever sampling interval the client asked for (the revised
 * interval is 0); the item's own filter decides whether an equal value counts. A new item first
 * gets the tag's last value, if there is one: a tag without a value reads as
 * Bad_WaitingForInitialData and notifies nothing.
 *
 * <p>A full queue overflows as the client asked (discardOldest), with the overflow bit set; whoever
 * must not lose a value uses {@link #offer}.
 *
 * <p>Safe for any thread.
 */
final class PlantNamespace extends ManagedNamespaceWithLifecycle {

    static final String URI = "urn:unshub:plant";

    private static final String ROOT = "plant";
    private static final double EVERY_CHANGE = 0;

    private final Map<NodeId, Point> points = new HashMap<>();
    private final Map<String, UaFolderNode> folders = new HashMap<>();

    PlantNamespace(OpcUaServer server) {
        super(server, URI);
        UaFolderNode root = addFolder(ROOT);
        root.addReference(
                new Reference(
                        root.getNodeId(),
                        NodeIds.Organizes,
                        NodeIds.ObjectsFolder.expanded(),
                        Reference.Direction.INVERSE));
        folders.put(ROOT, root);
    }

    /**
     * Makes Milo read the type of a session's diagnostics now. It keeps what it read for all
     * servers of the process, and reads half of it when a server stops just as its first client
     * arrives.
     */
    void warmUp() throws UaException {
        UaNode sample =
                getNodeFactory()
                        .createNode(newNodeId("sample"), NodeIds.SessionDiagnosticsObjectType);
        sample.delete();
    }

    /** A tag's node, its last value, and who monitors it; guarded by {@link #points}. */
    private static final class Point {
        final UaVariableNode node;
        final List<Watch> watches = new ArrayList<>();
        DataValue last;

        Point(UaVariableNode node) {
            this.node = node;
        }
    }

    /** An item and how many more values its queue is sure to take. */
    private static final class Watch {
        final MonitoredDataItem item;
        int room;

        Watch(MonitoredDataItem item) {
            this.item = item;
            this.room = item.getQueueSize();
        }

        boolean hasRoom() {
            // what the client fetched meanwhile shows only once the queue is empty
            if (room == 0 && !item.hasNotifications()) {
                room = item.getQueueSize();
            }
            return room > 0;
        }

        void set(DataValue value) {
            if (item.isSamplingEnabled()) {
                item.setValue(value);
                room = Math.max(0, room - 1);
            }
        }
    }

    /**
     * Adds a tag.
     *
     * @param id {@code equipment/tag}, the node's string id
     * @param dataType a data type's node id
     */
    void add(String id, NodeId dataType, String description) {
        int slash = id.lastIndexOf('/');
        String tag = id.substring(slash + 1);
        UaVariableNode node =
                new UaVariableNode.UaVariableNodeBuilder(getNodeContext())
                        .setNodeId(newNodeId(id))
                        .setBrowseName(newQualifiedName(tag))
                        .setDisplayName(LocalizedText.english(tag))
                        .setDescription(LocalizedText.english(description))
                        .setDataType(dataType)
                        .setTypeDefinition(NodeIds.BaseDataVariableType)
                        .setAccessLevel(AccessLevel.READ_ONLY)
                        .setUserAccessLevel(AccessLevel.READ_ONLY)
                        .setMinimumSamplingInterval(EVERY_CHANGE)
                        .build();
        node.setValue(
                new DataValue(
                        Variant.NULL_VALUE,
                        new StatusCode(StatusCodes.Bad_WaitingForInitialData),
                        null,
                        null));
        synchronized (points) {
            getNodeManager().addNode(node);
            folder(slash < 0 ? ROOT : id.substring(0, slash)).addOrganizes(node);
            points.put(node.getNodeId(), new Point(node));
        }
    }

    /** Sets a tag's value and queues it for every client that monitors the tag. */
    void publish(String id, DataValue value) {
        synchronized (points) {
            Point point = points.get(newNodeId(id));
            point.last = value;
            point.node.setValue(value);
            point.watches.forEach(watch -> watch.set(value));
        }
    }

    /**
     * Publishes a value unless that would overflow a client's queue.
     *
     * @param needsMonitor whether to refuse as well while nobody monitors the tag
     * @return whether the value was published; if not, nothing has changed
     */
    boolean offer(String id, DataValue value, boolean needsMonitor) {
        synchronized (points) {
            List<Watch> watches = points.get(newNodeId(id)).watches;
            if (watches.isEmpty() && needsMonitor || !watches.stream().allMatch(Watch::hasRoom)) {
                return false;
            }
            publish(id, value);
            return true;
        }
    }

    /** Returns how many tags at least one client monitors. */
    int monitored() {
        synchronized (points) {
            return (int) points.values().stream().filter(p -> !p.watches.isEmpty()).count();
        }
    }

    /** Returns whether clients have fetched all that was published to them. */
    boolean isDrained() {
        synchronized (points) {
            return points.values().stream()
                    .flatMap(point -> point.watches.stream())
                    .noneMatch(watch -> watch.item.hasNotifications());
        }
    }

    @Override
    public RevisedDataItemParameters onCreateDataItem(
            ReadValueId item, Double samplingInterval, UInteger queueSize) {
        return new RevisedDataItemParameters(EVERY_CHANGE, queueSize);
    }

    @Override
    public RevisedDataItemParameters onModifyDataItem(
            ReadValueId item, Double samplingInterval, UInteger queueSize) {
        return new RevisedDataItemParameters(EVERY_CHANGE, queueSize);
    }

    @Override
    public void onDataItemsCreated(List<DataItem> items) {
        synchronized (points) {
            for (DataItem item : items) {
                Point point = points.get(item.getReadValueId().getNodeId());
                if (point == null || !AttributeId.Value.isEqual(attribute(item))) {
                    item.setValue(readOnce(item));
                    continue;
                }
                Watch watch = new Watch((MonitoredDataItem) item);
                point.watches.add(watch);
                if (point.last != null) {
                    watch.set(point.last);
                }
            }
        }
    }

    @Override
    public void onDataItemsModified(List<DataItem> items) {
        synchronized (points) {
            // the new queue may be smaller than what the old one held: wait until it is empty
            forEachWatch(items, (point, watch) -> watch.room = 0);
        }
    }

    @Override
    public void onDataItemsDeleted(List<DataItem> items) {
        synchronized (points) {
            forEachWatch(items, (point, watch) -> point.watches.remove(watch));
        }
    }

    @Override
    public void onMonitoringModeChanged(List<MonitoredItem> items) {
        synchronized (points) {
            forEachWatch(
                    items,
                    (point, watch) -> {
                        // an item that was disabled has forgotten its value; others filter this one
                        if (point.last != null) {
                            watch.set(point.last);
                        }
                    });
        }
    }

    private interface WatchAction {
        void accept(Point point, Watch watch);
    }

    private void forEachWatch(List<? extends MonitoredItem> items, WatchAction action) {
        for (MonitoredItem item : items) {
            Point point = points.get(item.getReadValueId().getNodeId());
            if (point != null) {
                List.copyOf(point.watches).stream()
                        .filter(watch -> watch.item == item)
                        .forEach(watch -> action.accept(point, watch));
            }
        }
    }

    /** Reads what never changes, such as a display name. */
    private DataValue readOnce(DataItem item) {
        return read(
                        new ReadContext(getServer(), item.getSession()),
                        0d,
                        TimestampsToReturn.Both,
                        List.of(item.getReadValueId()))
                .get(0);
    }

    private static UInteger attribute(DataItem item) {
        return item.getReadValueId().getAttributeId();
    }

    private UaFolderNode folder(String name) {
        return folders.computeIfAbsent(
                name,
                missing -> {
                    UaFolderNode folder = addFolder(missing);
                    folders.get(ROOT).addOrganizes(folder);
                    return folder;
                });
    }

    private UaFolderNode addFolder(String name) {
        UaFolderNode folder =
                new UaFolderNode(
                        getNodeContext(),
                        newNodeId(name),
                        newQualifiedName(name),
                        LocalizedText.english(name));
        getNodeManager().addNode(folder);
        return folder;
    }
}
