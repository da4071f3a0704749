package io.unshub.ledger;

import java.time.Instant;
import java.util.List;

/**
 * The books by hour of acceptance, at one consistent cut.
 *
 * @param at when the cut was made
 * @param topics each topic with readings in these hours
 */
public record HourlyReport(Instant at, List<TopicHours> topics) {}
