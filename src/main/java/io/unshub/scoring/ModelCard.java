package io.unshub.scoring;

import com.fasterxml.jackson.annotation.JsonAlias;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;

/**
 * What is known of one version of a model; kept beside its file, and never changed.
 *
 * @param model plant, circuit and name: {@code plant1/press/overheat}
 * @param version from 1
 * @param sha256 of the model's file
 * @param createdUtc when it was trained
 * @param author who trained it
 * @param gitCommit of the configuration; null where there is none
 * @param configVersion of its circuit's file
 * @param environment what it was trained with
 * @param task what it learned
 * @param algorithm how
 * @param hyperparameters with which
 * @param features what it sees, in order
 * @param means of the features in training
 * @param data what it was trained on
 * @param figures how well it does on what it has not seen, over several splits
 * @param holdout how well the model itself does on the rows that go with it; a re-test compares
 * @param trials the search for hyperparameters; empty for none
 * @param baseline how features and scores were distributed in training, to tell drift
 */
public record ModelCard(
        String model,
        int version,
        String sha256,
        Instant createdUtc,
        String author,
        String gitCommit,
        String configVersion,
        Map<String, String> environment,
        CircuitConfig.Task task,
        String algorithm,
        Map<String, Double> hyperparameters,
        List<String> features,
        double[] means,
        Data data,
        Map<String, Figure> figures,
        Map<String, Double> holdout,
        List<Trial> trials,
        Baseline baseline) {

    /**
     * What a model was trained on.
     *
     * @param sha256 of the file
     * @param rows of it
     * @param examples made of them, all together
     * @param units machines, or lives of one
     * @param cutoff rows from this day on were left out; null for none
     */
    public record Data(String sha256, int rows, int examples, int units, LocalDate cutoff) {}

    /**
     * A figure over some splits, each with a seed of its own.
     *
     * @param mean over the splits
     * @param spread standard deviation over the splits
     * @param baseline the mean of the same figure for what needs no learning
     */
    public record Figure(double mean, double spread, double baseline) {}

    /**
     * A step of the search.
     *
     * @param hyperparameters that were tried
     * @param figure how well they did
     * @param best of all so far
     */
    public record Trial(Map<String, Double> hyperparameters, double figure, double best) {}

    /**
     * How the training data looked.
     *
     * @param features how each was distributed, without what was missing
     * @param missing share of each feature that was missing, 0 to 1
     * @param scores how they were distributed
     */
    public record Baseline(
            @JsonAlias("quantiles") List<Distribution> features,
            double[] missing,
            Distribution scores) {}

    /** The card with what the registry adds. */
    ModelCard registered(int newVersion, String newSha256) {
        return new ModelCard(
                model,
                newVersion,
                newSha256,
                createdUtc,
                author,
                gitCommit,
                configVersion,
                environment,
                task,
                algorithm,
                hyperparameters,
                features,
                means,
                data,
                figures,
                holdout,
                trials,
                baseline);
    }
}
