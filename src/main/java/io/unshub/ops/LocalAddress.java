package io.unshub.ops;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Whether an address leads to this machine alone. */
public final class LocalAddress {

    private LocalAddress() {}

    /** Whether a host, by name or by number, is loopback; one that is not known is not. */
    public static boolean is(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
