package io.unshub.ops;

import io.unshub.scoring.CircuitConfig;
import io.unshub.scoring.Retraining;
import io.unshub.scoring.Scoring;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Turns what becomes of the models into alarms and messages: configuration that is not valid, drift
 * that begins and ends, and candidates that wait for a person. Threads: one at a time.
 */
public final class ModelWatch implements Scoring.Listener {

    private final Alarms alarms;
    private final Consumer<Scoring.Status> announce;
    private final Retraining retraining;
    private final Map<String, String> told = new HashMap<>();

    /**
     * @param announce is told of a model whose drift begins or ends
     * @param retraining has candidates trained
     */
    public ModelWatch(Alarms alarms, Consumer<Scoring.Status> announce, Retraining retraining) {
        this.alarms = alarms;
        this.announce = announce;
        this.retraining = retraining;
    }

    @Override
    public void trouble(String problem) {
        alarm("scoring", problem);
    }

    @Override
    public void gone(String model) {
        alarm(drift(model), null);
        alarm(staged(model), null);
        told.remove(model);
    }

    @Override
    public void looked(CircuitConfig circuit, Scoring.Status status) {
        alarm(drift(status.model()), status.driftSentence());
        String state = status.version() + status.drift() + status.simulated();
        boolean known = told.containsKey(status.model());
        // that nothing is wrong is no news at the start
        if (!state.equals(told.put(status.model(), state))
                && (known || status.driftSentence() != null)) {
            announce.accept(status);
        }
        try {
            alarm(staged(status.model()), retraining.looked(circuit, status));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String drift(String model) {
        return "drift-" + model.replace('/', '-');
    }

    private static String staged(String model) {
        return "staged-" + model.replace('/', '-');
    }

    private void alarm(String name, String text) {
        if (text == null) {
            alarms.clear(name);
        } else {
            alarms.raise(name, Alarm.Severity.WARNING, text);
        }
    }
}
