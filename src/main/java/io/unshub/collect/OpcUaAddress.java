package io.unshub.collect;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.UaRuntimeException;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;

/**
 * The address of an OPC UA node: {@code nsu=URI;s|i|g|b=IDENTIFIER}; {@code [3..3]} behind it for
 * one element of an array.
 */
final class OpcUaAddress {

    private static final String FORM = "nsu=URI;s=NAME (or i=, g=, b=)";

    private static final Pattern ELEMENT =
            Pattern.compile("(?<node>.*)\\[(?<index>\\d+)\\.\\.\\k<index>]");

    private OpcUaAddress() {}

    private static ExpandedNodeId node(String address) {
        Matcher element = ELEMENT.matcher(address);
        return ExpandedNodeId.parse(element.matches() ? element.group("node") : address);
    }

    /** The index range of an element, as Part 4, 7.27 has it; null for the whole value. */
    static String range(String address) {
        Matcher element = ELEMENT.matcher(address);
        return element.matches() ? element.group("index") : null;
    }

    /** Returns what is wrong with the address and what to do, if anything. */
    static Optional<String> problem(String address) {
        if (address.startsWith("ns=")) {
            return Optional.of(
                    "address "
                            + address
                            + " names its namespace by index, which can change when the server"
                            + " restarts; write "
                            + FORM);
        }
        if (!address.startsWith("nsu=") || address.startsWith("nsu=;")) {
            return Optional.of("address " + address + " has no namespace URI; write " + FORM);
        }
        try {
            node(address);
        } catch (UaRuntimeException e) {
            return Optional.of("address " + address + " is no node id; write " + FORM);
        }
        return Optional.empty();
    }

    /** Returns the node in the server's own numbering, or empty if it does not know the URI. */
    static Optional<NodeId> resolve(String address, NamespaceTable table) {
        return node(address).toNodeId(table);
    }
}
