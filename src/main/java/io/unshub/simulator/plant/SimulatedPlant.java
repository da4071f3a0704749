package io.unshub.simulator.plant;

import io.unshub.simulator.plant.Machine.Coding;
import io.unshub.simulator.plant.Machine.Quantity;
import io.unshub.simulator.plant.Signal.Fault;
import io.unshub.simulator.plant.Signal.Sample;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.jboss.logging.Logger;

/**
 * A plant behind protocol servers on loopback: 10 machines of 10 tags each on OPC UA, as many on
 * Modbus TCP.
 *
 * <p>In: the time, and optionally a recording. Out: one value of every tag per interval, the same
 * for the same seed and tick, with strictly increasing source times in whole milliseconds. OPC UA
 * clients that monitor a tag get every value, equal ones too where their filter's trigger is
 * StatusValueTimestamp. Now and then a tag fails for a few ticks: on OPC UA either
 * Bad_SensorFailure without a value or a value out of range, on Modbus always the latter.
 *
 * <p>With a replay, the OPC UA server offers the recording's tags in place of the machines; Modbus
 * is as ever.
 *
 * <p>Safe for any thread. {@link #close} frees the ports and drops what clients have not fetched.
 */
public final class SimulatedPlant implements AutoCloseable {

    /** The connection that reaches the OPC UA server. */
    public static final String SCADA = "plant1-scada";

    /** The connection that reaches the Modbus server. */
    public static final String PLC = "plant2-plc";

    private static final Logger LOG = Logger.getLogger(SimulatedPlant.class);

    private static final int REGISTERS_PER_TAG = 2;

    private final PlantConfig config;
    private final Clock clock;
    private final PlantOpcUaServer opcUa;
    private final PlantModbusServer modbus;
    private final ScheduledExecutorService ticker =
            Executors.newSingleThreadScheduledExecutor(SimulatedPlant::tickerThread);
    private final List<SimulatedTag> tags = new ArrayList<>();
    private final List<NodeSource> nodes = new ArrayList<>();
    private final List<RegisterSource> registers = new ArrayList<>();
    private final Optional<ReplayPlayer> player;
    private final Object ticking = new Object();
    private long tick = -1;
    private Instant lastTime = Instant.MIN;

    private record NodeSource(String id, Coding coding, Signal signal) {}

    private record RegisterSource(int register, Coding coding, Signal signal) {}

    private SimulatedPlant(
            PlantConfig config,
            Clock clock,
            PlantOpcUaServer opcUa,
            PlantModbusServer modbus,
            Optional<Replay> replay) {
        this.config = config;
        this.clock = clock;
        this.opcUa = opcUa;
        this.modbus = modbus;
        if (replay.isPresent()) {
            replay.get().tags().forEach(this::addReplayed);
        } else {
            addMachines();
        }
        addRegisters();
        this.player =
                replay.map(
                        recording ->
                                new ReplayPlayer(
                                        recording,
                                        config.replay().orElseThrow(),
                                        opcUa.namespace(),
                                        clock));
    }

    /**
     * Starts both servers; every tag has its first value on return.
     *
     * @param clock gives the source times
     * @throws IOException when a port is taken, or the recording cannot be read
     */
    public static SimulatedPlant start(PlantConfig config, Clock clock) throws IOException {
        Optional<Replay> replay = Optional.empty();
        if (config.replay().isPresent()) {
            replay = Optional.of(Replay.load(config.replay().get()));
        }
        PlantOpcUaServer opcUa = new PlantOpcUaServer(config.opcUaPort());
        PlantModbusServer modbus;
        try {
            modbus = new PlantModbusServer(config.modbusPort());
        } catch (IOException e) {
            opcUa.close();
            throw e;
        }
        SimulatedPlant plant = new SimulatedPlant(config, clock, opcUa, modbus, replay);
        plant.begin();
        return plant;
    }

    /** Returns the port of the OPC UA server. */
    public int opcUaPort() {
        return opcUa.port();
    }

    /** Returns the port of the Modbus server. */
    public int modbusPort() {
        return modbus.port();
    }

    /** Returns the URL of the OPC UA server. */
    public String opcUaUrl() {
        return opcUa.url();
    }

    /** Returns what the plant offers, OPC UA first, in a fixed order. */
    public List<SimulatedTag> tags() {
        return List.copyOf(tags);
    }

    /** Returns whether a replay was played to its end and fetched; false without a replay. */
    public boolean replayFinished() {
        return player.isPresent() && player.get().finished();
    }

    /**
     * Plays ticks at once, besides those that the clock brings.
     *
     * @param ticks how many, at least 1; a client whose queue holds fewer values loses the rest
     */
    public void advance(int ticks) {
        if (ticks < 1) {
            throw new IllegalArgumentException("ticks is %d, needs at least 1".formatted(ticks));
        }
        for (int i = 0; i < ticks; i++) {
            advance();
        }
    }

    @Override
    public void close() {
        ticker.shutdownNow();
        player.ifPresent(ReplayPlayer::close);
        opcUa.close();
        modbus.close();
        LOG.info("simulated plant stopped");
    }

    private void begin() {
        advance();
        long nanos = config.interval().toNanos();
        ticker.scheduleAtFixedRate(this::advanceOrSaySo, nanos, nanos, TimeUnit.NANOSECONDS);
        player.ifPresent(ReplayPlayer::start);
        LOG.infof(
                "simulated plant started: %s, modbus-tcp://127.0.0.1:%d, %d tags",
                opcUaUrl(), modbusPort(), tags.size());
    }

    private void advanceOrSaySo() {
        try {
            advance();
        } catch (RuntimeException e) {
            LOG.error("simulated plant stopped changing; restart it", e);
            throw e;
        }
    }

    private void advance() {
        synchronized (ticking) {
            tick++;
            Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
            lastTime = now.isAfter(lastTime) ? now : lastTime.plusMillis(1);
            DateTime time = new DateTime(lastTime);
            for (NodeSource node : nodes) {
                opcUa.namespace()
                        .publish(node.id(), value(node.coding(), node.signal().at(tick), time));
            }
            modbus.write(
                    all -> {
                        // Modbus has no status: a broken sensor is out of range
                        for (RegisterSource source : registers) {
                            PlantModbusServer.put(
                                    all,
                                    source.register(),
                                    source.coding(),
                                    source.signal().at(tick).value());
                        }
                    });
        }
    }

    private static DataValue value(Coding coding, Sample sample, DateTime time) {
        if (sample.fault() == Fault.SENSOR_FAILURE) {
            return new DataValue(
                    Variant.NULL_VALUE, new StatusCode(StatusCodes.Bad_SensorFailure), time, time);
        }
        Variant variant =
                coding == Coding.REAL
                        ? Variant.ofDouble(sample.value())
                        : Variant.ofInt32((int) sample.value());
        return new DataValue(variant, StatusCode.GOOD, time, time);
    }

    private void addMachines() {
        for (Machine machine : Machine.PLANT1) {
            for (Quantity quantity : machine.kind().quantities()) {
                String id = machine.id(quantity);
                NodeId dataType = quantity.coding() == Coding.REAL ? NodeIds.Double : NodeIds.Int32;
                opcUa.namespace().add(id, dataType, description(quantity.units()));
                nodes.add(
                        new NodeSource(
                                id,
                                quantity.coding(),
                                new Signal(config.seed(), machine, quantity)));
                tags.add(tag(SCADA, machine, quantity, nodeAddress(id)));
            }
        }
    }

    private void addRegisters() {
        int register = 0;
        for (Machine machine : Machine.PLANT2) {
            for (Quantity quantity : machine.kind().quantities()) {
                registers.add(
                        new RegisterSource(
                                register,
                                quantity.coding(),
                                new Signal(config.seed(), machine, quantity)));
                // PLC4X counts registers from 1, the wire from 0
                String address = "holding-register:" + (register + 1) + ":" + quantity.coding();
                tags.add(tag(PLC, machine, quantity, address));
                register += REGISTERS_PER_TAG;
            }
        }
        int end = register;
        // so that a client may read whole blocks, across the half that an INT leaves free
        modbus.write(
                all -> {
                    for (int i = 0; i < end; i++) {
                        all.put(i, new byte[2]);
                    }
                });
    }

    private void addReplayed(Replay.Tag tag) {
        opcUa.namespace().add(tag.id(), NodeIds.Double, description(tag.units()));
        tags.add(
                new SimulatedTag(
                        SCADA,
                        tag.topic(),
                        nodeAddress(tag.id()),
                        tag.units(),
                        tag.min(),
                        tag.max(),
                        tag.interval()));
    }

    private SimulatedTag tag(
            String connection, Machine machine, Quantity quantity, String address) {
        return new SimulatedTag(
                connection,
                machine.topic(quantity),
                address,
                quantity.units(),
                quantity.min(),
                quantity.max(),
                config.interval());
    }

    private static String nodeAddress(String id) {
        return "nsu=" + PlantNamespace.URI + ";s=" + id;
    }

    private static String description(String units) {
        return "in " + units;
    }

    private static Thread tickerThread(Runnable run) {
        Thread thread = new Thread(run, "plant-ticker");
        thread.setDaemon(true);
        return thread;
    }
}
