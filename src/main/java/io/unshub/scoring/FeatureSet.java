package io.unshub.scoring;

import java.util.List;

/**
 * Which features are made of which inputs: the same for training and for scoring.
 *
 * @param inputs names of the inputs, in the order of their numbers
 * @param features what a model sees, in the order in which it sees it
 * @param latenessSeconds how much older than the newest of its input a reading may be
 * @param maxAgeSeconds how old the newest of an input may be before the input is missing
 */
record FeatureSet(
        List<String> inputs, List<Feature> features, double latenessSeconds, double maxAgeSeconds) {

    FeatureSet {
        inputs = List.copyOf(inputs);
        features = List.copyOf(features);
    }

    /** The names of the features. */
    List<String> names() {
        return features.stream().map(Feature::name).toList();
    }

    /** How many readings back any feature of an input looks. */
    int mostSteps(int input) {
        return features.stream()
                .filter(feature -> feature.input() == input)
                .mapToInt(Feature::steps)
                .max()
                .orElse(0);
    }
}
