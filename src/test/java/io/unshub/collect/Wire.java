package io.unshub.collect;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/** A TCP wire from one loopback address to another, that can be cut, held and slowed. */
final class Wire implements AutoCloseable {

    private static final int CHUNK = 16_384;

    private final InetSocketAddress from;
    private final InetSocketAddress to;
    private final Set<Socket> sockets = new HashSet<>();
    private ServerSocket listening;
    private boolean held;
    private Duration delay = Duration.ZERO;

    Wire(InetSocketAddress from, InetSocketAddress to) throws IOException {
        this.from = from;
        this.to = to;
        mend();
    }

    /** Ends all connections and refuses new ones. */
    synchronized void cut() throws IOException {
        if (listening != null) {
            listening.close();
            listening = null;
        }
        drop();
    }

    /** Ends all connections, and takes new ones. */
    synchronized void drop() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }

    /** Lets connections be, and nothing through; what is sent meanwhile comes once it is mended. */
    synchronized void hold() {
        held = true;
    }

    /** Lets everything through so much later. */
    synchronized void slow(Duration by) {
        delay = by;
    }

    synchronized void mend() throws IOException {
        held = false;
        delay = Duration.ZERO;
        notifyAll();
        if (listening == null) {
            ServerSocket socket = new ServerSocket(from.getPort(), 50, from.getAddress());
            listening = socket;
            run(() -> accept(socket));
        }
    }

    @Override
    public synchronized void close() throws IOException {
        cut();
        held = false;
        notifyAll();
    }

    private void accept(ServerSocket socket) {
        try {
            while (true) {
                Socket near = socket.accept();
                Socket far = new Socket(to.getAddress(), to.getPort());
                synchronized (this) {
                    if (listening != socket) {
                        near.close();
                        far.close();
                        return;
                    }
                    sockets.add(near);
                    sockets.add(far);
                }
                run(() -> pipe(near, far));
                run(() -> pipe(far, near));
            }
        } catch (IOException e) {
            // cut
        }
    }

    private void pipe(Socket in, Socket out) {
        try (in;
                out) {
            InputStream source = in.getInputStream();
            OutputStream sink = out.getOutputStream();
            byte[] chunk = new byte[CHUNK];
            for (int count = source.read(chunk); count >= 0; count = source.read(chunk)) {
                pass();
                sink.write(chunk, 0, count);
            }
        } catch (IOException e) {
            // cut
        } finally {
            synchronized (this) {
                sockets.remove(in);
                sockets.remove(out);
            }
        }
    }

    private synchronized void pass() throws IOException {
        try {
            long until = System.nanoTime() + delay.toNanos();
            while (held || !delay.isZero() && System.nanoTime() < until) {
                wait(held ? 0 : 10);
            }
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        }
    }

    private static void run(Runnable task) {
        Thread thread = new Thread(task, "wire");
        thread.setDaemon(true);
        thread.start();
    }
}
