package io.unshub.collect;

import io.unshub.envelope.Envelope;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Keeps what it takes; can be made to block or to refuse. */
final class RecordingSink implements ReadingSink {

    private final List<Envelope> taken = new CopyOnWriteArrayList<>();
    private final List<Integer> sizes = new CopyOnWriteArrayList<>();
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile boolean refusing;
    private volatile int refusals;

    @Override
    public void accept(List<Envelope> readings) throws InterruptedException {
        gate.await();
        if (refusing) {
            refusals++;
            throw new IllegalStateException("refused");
        }
        sizes.add(readings.size());
        taken.addAll(readings);
    }

    void block() {
        gate = new CountDownLatch(1);
    }

    void unblock() {
        gate.countDown();
    }

    void refuse(boolean yes) {
        refusing = yes;
    }

    int refusals() {
        return refusals;
    }

    List<Integer> sizes() {
        return sizes;
    }

    List<Envelope> taken() {
        return taken;
    }

    List<Envelope> of(String topic) {
        return taken.stream().filter(reading -> reading.topic().equals(topic)).toList();
    }

    List<String> values(String topic) {
        return of(topic).stream().map(reading -> reading.value().asText()).toList();
    }

    void forget() {
        taken.clear();
    }
}
