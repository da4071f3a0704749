/**
 * Scoring on the edge: features from readings, models trained on the same features, a registry of
 * their versions on plain files, and the scores that go back to the UNS. Knows nothing of Camel;
 * called by routes through {@link io.unshub.scoring.Scoring} and by the command line.
 */
package io.unshub.scoring;
