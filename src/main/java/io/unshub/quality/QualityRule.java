package io.unshub.quality;

import io.unshub.uns.TopicFilter;
import java.math.BigDecimal;
import java.time.Duration;

/**
 * What readings of some topics must keep.
 *
 * @param name how messages refer to the rule
 * @param topics the topics that it holds for
 * @param staleAfter age above which a reading is STALE; null for never
 * @param min lowest numeric value that is no ERROR; null for none
 * @param max highest numeric value that is no ERROR; null for none
 */
record QualityRule(
        String name, TopicFilter topics, Duration staleAfter, BigDecimal min, BigDecimal max) {}
