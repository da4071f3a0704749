package io.unshub.collect;

import java.util.Optional;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.UaRuntimeException;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;

/** The address of an OPC UA node: {@code nsu=URI;s|i|g|b=IDENTIFIER}. */
final class OpcUaAddress {

    private static final String FORM = "nsu=URI;s=NAME (or i=, g=, b=)";

    private OpcUaAddress() {}

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
            ExpandedNodeId.parse(address);
        } catch (UaRuntimeException e) {
            return Optional.of("address " + address + " is no node id; write " + FORM);
        }
        return Optional.empty();
    }

    /** Returns the node in the server's own numbering, or empty if it does not know the URI. */
    static Optional<NodeId> resolve(String address, NamespaceTable table) {
        return ExpandedNodeId.parse(address).toNodeId(table);
    }
}
