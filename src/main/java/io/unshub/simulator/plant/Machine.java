package io.unshub.simulator.plant;

import java.util.List;

/**
 * One piece of equipment and its place in the plant.
 *
 * @param place {@code enterprise/site/area/line/cell}
 * @param name equipment, unique in the enterprise
 */
record Machine(String place, String name, Kind kind) {

    /** The machines behind the OPC UA server. */
    static final List<Machine> PLANT1 =
            List.of(
                    new Machine("acme/plant1/packaging/line1/cell1", "pump-01", Kind.PUMP),
                    new Machine("acme/plant1/packaging/line1/cell1", "conveyor-01", Kind.CONVEYOR),
                    new Machine("acme/plant1/packaging/line2/cell1", "pump-02", Kind.PUMP),
                    new Machine("acme/plant1/packaging/line2/cell1", "conveyor-02", Kind.CONVEYOR),
                    new Machine("acme/plant1/milling/line1/cell1", "mill-01", Kind.MILL),
                    new Machine("acme/plant1/milling/line1/cell1", "mixer-01", Kind.MIXER),
                    new Machine("acme/plant1/milling/line1/cell2", "mill-02", Kind.MILL),
                    new Machine("acme/plant1/milling/line1/cell2", "mixer-02", Kind.MIXER),
                    new Machine(
                            "acme/plant1/utilities/line1/cell1", "compressor-01", Kind.COMPRESSOR),
                    new Machine(
                            "acme/plant1/utilities/line1/cell1", "compressor-02", Kind.COMPRESSOR));

    /** The machines behind the Modbus server. */
    static final List<Machine> PLANT2 =
            List.of(
                    new Machine("acme/plant2/bottling/line1/cell1", "pump-03", Kind.PUMP),
                    new Machine("acme/plant2/bottling/line1/cell1", "conveyor-03", Kind.CONVEYOR),
                    new Machine("acme/plant2/bottling/line2/cell1", "pump-04", Kind.PUMP),
                    new Machine("acme/plant2/bottling/line2/cell1", "conveyor-04", Kind.CONVEYOR),
                    new Machine("acme/plant2/milling/line1/cell1", "mill-03", Kind.MILL),
                    new Machine("acme/plant2/milling/line1/cell1", "mixer-03", Kind.MIXER),
                    new Machine("acme/plant2/milling/line1/cell2", "mill-04", Kind.MILL),
                    new Machine("acme/plant2/milling/line1/cell2", "mixer-04", Kind.MIXER),
                    new Machine(
                            "acme/plant2/utilities/line1/cell1", "compressor-03", Kind.COMPRESSOR),
                    new Machine(
                            "acme/plant2/utilities/line1/cell1", "compressor-04", Kind.COMPRESSOR));

    String topic(Quantity quantity) {
        return place + "/" + id(quantity);
    }

    /** Returns {@code equipment/tag}, which is also the OPC UA node's string id. */
    String id(Quantity quantity) {
        return name + "/" + quantity.name();
    }

    /** What a machine measures, ten quantities each. */
    enum Kind {
        PUMP(
                "temperature|Cel|-20|150|REAL|THERMAL|25|45|0.3",
                "vibration|mm/s|0|30|REAL|VIBRATION|0.3|3.5|0.15",
                "current|A|0|100|REAL|LOAD|0.5|42|0.4",
                "power|kW|0|75|REAL|LOAD|0.2|22|0.2",
                "speed|1/min|0|3600|INT|LOAD|0|2950|3",
                "suction-pressure|bar|0|10|REAL|LOAD|2.2|-0.8|0.03",
                "discharge-pressure|bar|0|25|REAL|LOAD|2|8.5|0.06",
                "flow|m3/h|0|200|REAL|LOAD|0|120|0.8",
                "seal-wear|%|0|100|REAL|WEAR|2|85|0",
                "starts|1|0|1000000|DINT|COUNTER|0|0.001|0"),
        CONVEYOR(
                "temperature|Cel|-20|120|REAL|THERMAL|22|35|0.3",
                "vibration|mm/s|0|25|REAL|VIBRATION|0.2|2.1|0.1",
                "current|A|0|40|REAL|LOAD|0.3|14|0.2",
                "power|kW|0|20|REAL|LOAD|0.1|6.5|0.1",
                "belt-speed|m/s|0|3|REAL|LOAD|0|1.6|0.01",
                "load|kg|0|800|INT|LOAD|0|320|12",
                "slip|%|0|20|REAL|VIBRATION|0|2.5|0.1",
                "tension|N|0|8000|INT|LOAD|1800|2100|25",
                "belt-wear|%|0|100|REAL|WEAR|1|80|0",
                "items|1|0|2000000000|DINT|COUNTER|0|1.7|0"),
        MILL(
                "temperature|Cel|-20|180|REAL|THERMAL|28|62|0.4",
                "vibration|mm/s|0|45|REAL|VIBRATION|0.5|7.5|0.35",
                "current|A|0|400|REAL|LOAD|2|210|2.5",
                "power|kW|0|300|REAL|LOAD|1|140|1.5",
                "speed|1/min|0|1800|INT|LOAD|0|1480|4",
                "torque|N.m|0|2500|INT|LOAD|0|910|12",
                "feed-rate|t/h|0|60|REAL|LOAD|0|34|0.5",
                "moisture|%|0|40|REAL|THERMAL|11|2.5|0.15",
                "liner-wear|%|0|100|REAL|WEAR|3|88|0",
                "batches|1|0|1000000|DINT|COUNTER|0|0.0025|0"),
        MIXER(
                "temperature|Cel|-20|140|REAL|THERMAL|24|38|0.25",
                "vibration|mm/s|0|25|REAL|VIBRATION|0.3|2.8|0.12",
                "current|A|0|80|REAL|LOAD|0.4|31|0.4",
                "power|kW|0|45|REAL|LOAD|0.2|15|0.2",
                "speed|1/min|0|400|INT|LOAD|0|180|1",
                "torque|N.m|0|2000|INT|LOAD|0|760|9",
                "level|%|0|100|REAL|THERMAL|35|30|0.2",
                "viscosity|mPa.s|0|6000|INT|THERMAL|900|2200|20",
                "blade-wear|%|0|100|REAL|WEAR|2|75|0",
                "batches|1|0|1000000|DINT|COUNTER|0|0.0017|0"),
        COMPRESSOR(
                "temperature|Cel|-20|200|REAL|THERMAL|30|75|0.4",
                "vibration|mm/s|0|30|REAL|VIBRATION|0.4|4.2|0.2",
                "current|A|0|200|REAL|LOAD|1|96|0.8",
                "power|kW|0|132|REAL|LOAD|0.5|55|0.5",
                "speed|1/min|0|3600|INT|LOAD|0|2960|3",
                "outlet-pressure|bar|0|16|REAL|THERMAL|5.5|2.2|0.04",
                "oil-temperature|Cel|-20|150|REAL|THERMAL|28|52|0.3",
                "oil-pressure|bar|0|10|REAL|LOAD|0.1|3.6|0.03",
                "filter-wear|%|0|100|REAL|WEAR|2|90|0",
                "running-hours|h|0|1000000|DINT|COUNTER|12000|0.0002778|0");

        private final List<Quantity> quantities;

        Kind(String... rows) {
            quantities = List.of(rows).stream().map(Quantity::parse).toList();
        }

        List<Quantity> quantities() {
            return quantities;
        }
    }

    /** How a quantity behaves over time; {@link Signal} gives each its formula. */
    enum Shape {
        /** Follows the machine's load at once. */
        LOAD,
        /** Follows the load by minutes, and the time of day a little. */
        THERMAL,
        /** Follows the load, and grows as the machine wears. */
        VIBRATION,
        /** Grows until the part is replaced. */
        WEAR,
        /** Only ever grows. */
        COUNTER
    }

    /** How a quantity is coded in registers; OPC UA has a Double for REAL, else an Int32. */
    enum Coding {
        REAL,
        INT,
        DINT
    }

    /**
     * One quantity of a kind of machine.
     *
     * @param base value of the idle or new machine, or the counter's first
     * @param swing what full load or full wear adds; a counter's growth per tick
     * @param noise standard deviation of the sensor's noise
     */
    record Quantity(
            String name,
            String units,
            double min,
            double max,
            Coding coding,
            Shape shape,
            double base,
            double swing,
            double noise) {

        static Quantity parse(String row) {
            String[] f = row.split("\\|");
            return new Quantity(
                    f[0],
                    f[1],
                    Double.parseDouble(f[2]),
                    Double.parseDouble(f[3]),
                    Coding.valueOf(f[4]),
                    Shape.valueOf(f[5]),
                    Double.parseDouble(f[6]),
                    Double.parseDouble(f[7]),
                    Double.parseDouble(f[8]));
        }
    }
}
