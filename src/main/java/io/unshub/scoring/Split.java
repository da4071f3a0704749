package io.unshub.scoring;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Which examples a model learns from and which it is judged on, by their places.
 *
 * <p>Never random rows of one machine's life, which the model would then know already: whole units
 * are held out, or, where there are fewer than {@value #FEW_UNITS}, the last part of each. Units of
 * one row each are drawn so that every class has its share.
 *
 * @param learn places of the examples to learn from
 * @param judge places of those held out
 */
record Split(List<Integer> learn, List<Integer> judge) {

    static final int FEW_UNITS = 5;

    /**
     * Splits examples.
     *
     * @param share of what is held out, above 0 and below 1
     * @param seed the same seed gives the same split
     */
    static Split of(Examples examples, CircuitConfig config, double share, long seed) {
        Map<String, List<Integer>> units = new LinkedHashMap<>();
        for (int i = 0; i < examples.size(); i++) {
            units.computeIfAbsent(examples.units().get(i), unit -> new ArrayList<>()).add(i);
        }
        List<Integer> learn = new ArrayList<>();
        List<Integer> judge = new ArrayList<>();
        Random random = new Random(seed);
        if (units.size() < FEW_UNITS) {
            for (List<Integer> rows : units.values()) {
                int held = held(rows.size(), share);
                learn.addAll(rows.subList(0, rows.size() - held));
                judge.addAll(rows.subList(rows.size() - held, rows.size()));
            }
        } else {
            Map<String, List<List<Integer>>> strata = new LinkedHashMap<>();
            for (List<Integer> rows : units.values()) {
                boolean stratified =
                        config.task() == CircuitConfig.Task.CLASSIFICATION && rows.size() == 1;
                String stratum = stratified ? examples.targets().get(rows.get(0)) : "";
                strata.computeIfAbsent(stratum, s -> new ArrayList<>()).add(rows);
            }
            for (List<List<Integer>> stratum : strata.values()) {
                Collections.shuffle(stratum, random);
                int held = held(stratum.size(), share);
                stratum.subList(0, held).forEach(judge::addAll);
                stratum.subList(held, stratum.size()).forEach(learn::addAll);
            }
        }
        return new Split(learn, judge);
    }

    /** Of each unit that is held out one example, drawn at random. */
    List<Integer> oneOfEachUnit(Examples examples, long seed) {
        Random random = new Random(seed);
        Map<String, List<Integer>> units = new LinkedHashMap<>();
        for (int place : judge) {
            units.computeIfAbsent(examples.units().get(place), u -> new ArrayList<>()).add(place);
        }
        return units.values().stream().map(rows -> rows.get(random.nextInt(rows.size()))).toList();
    }

    private static int held(int all, double share) {
        return (int) Math.max(1, Math.round(all * share));
    }
}
