package io.unshub.collect;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A TCP wire to a server on the same port of another loopback address, that can be cut. */
final class Wire implements AutoCloseable {

    private final int port;
    private final InetAddress from;
    private final InetAddress to;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile ServerSocket listening;

    Wire(int port, InetAddress from, InetAddress to) throws IOException {
        this.port = port;
        this.from = from;
        this.to = to;
        mend();
    }

    /** Cuts all connections and refuses new ones. */
    void cut() throws IOException {
        listening.close();
        for (Socket socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }

    void mend() throws IOException {
        ServerSocket socket = new ServerSocket(port, 50, from);
        listening = socket;
        run(() -> accept(socket));
    }

    @Override
    public void close() throws IOException {
        cut();
    }

    private void accept(ServerSocket socket) {
        try {
            while (true) {
                Socket near = socket.accept();
                Socket far = new Socket(to, port);
                sockets.add(near);
                sockets.add(far);
                run(() -> pipe(near, far));
                run(() -> pipe(far, near));
            }
        } catch (IOException e) {
            // cut
        }
    }

    private static void pipe(Socket in, Socket out) {
        try (in;
                out) {
            InputStream from = in.getInputStream();
            from.transferTo(out.getOutputStream());
        } catch (IOException e) {
            // cut
        }
    }

    private static void run(Runnable task) {
        Thread thread = new Thread(task, "wire");
        thread.setDaemon(true);
        thread.start();
    }
}
