package io.unshub.load;

import com.sun.management.UnixOperatingSystemMXBean;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.ThreadMXBean;
import javax.management.MBeanServerConnection;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** Heap, threads and open files of another JVM on this machine. */
public final class HubVitals implements AutoCloseable {

    private final JMXConnector connector;
    private final MemoryMXBean memory;
    private final ThreadMXBean threads;
    private final UnixOperatingSystemMXBean system;

    /**
     * One look.
     *
     * @param heap bytes in use after a full collection
     * @param threads that live
     * @param files that are open, sockets among them
     */
    public record Sample(long heap, int threads, long files) {

        @Override
        public String toString() {
            return "heap %d MB, %d threads, %d files".formatted(heap >> 20, threads, files);
        }
    }

    /** Attaches to a process. */
    public HubVitals(long pid) throws Exception {
        VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
        String url = machine.startLocalManagementAgent();
        machine.detach();
        connector = JMXConnectorFactory.connect(new JMXServiceURL(url));
        MBeanServerConnection beans = connector.getMBeanServerConnection();
        memory = ManagementFactory.getPlatformMXBean(beans, MemoryMXBean.class);
        threads = ManagementFactory.getPlatformMXBean(beans, ThreadMXBean.class);
        system = ManagementFactory.getPlatformMXBean(beans, UnixOperatingSystemMXBean.class);
    }

    /** Has the garbage collected, and looks. */
    public Sample sample() {
        memory.gc();
        return new Sample(
                memory.getHeapMemoryUsage().getUsed(),
                threads.getThreadCount(),
                system.getOpenFileDescriptorCount());
    }

    @Override
    public void close() throws IOException {
        connector.close();
    }
}
