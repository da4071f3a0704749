package io.unshub.route;

import io.unshub.ops.RouteControls;

/** The orders to routes, as the Kamelets give and follow them. Threads: any. */
public final class ControlBus {

    private final RouteControls controls;

    ControlBus(RouteControls controls) {
        this.controls = controls;
    }

    /**
     * Gives an order.
     *
     * @param from id of the route that gives it, or of a Kamelet in that
     */
    public void order(String route, String action, String from) {
        controls.order(route, action, "route:" + OwnRoutes.routeOf(from));
    }

    /**
     * Whether a route takes its detour.
     *
     * @param in id of the route, or of a Kamelet in it
     * @param initially what holds until there is an order
     * @return {@code on} or {@code off}
     */
    public String detour(String in, String initially) {
        return controls.detour(OwnRoutes.routeOf(in), initially);
    }
}
