package io.unshub.scoring;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;

/** How a search for hyperparameters went: each trial, and the best so far. */
public final class SearchPicture {

    private static final int WIDTH = 800;
    private static final int HEIGHT = 450;

    private SearchPicture() {}

    /**
     * Draws a search.
     *
     * @param card of a model that was searched for
     * @param to PNG
     * @throws IllegalArgumentException if there was no search
     */
    public static void write(ModelCard card, Path to) throws IOException {
        if (card.trials().isEmpty()) {
            throw new IllegalArgumentException(
                    "%s version %d was not searched for; train it with --trials 30"
                            .formatted(card.model(), card.version()));
        }
        List<Double> figures = card.trials().stream().map(ModelCard.Trial::figure).toList();
        List<Double> best = card.trials().stream().map(ModelCard.Trial::best).toList();
        XYChart chart =
                new XYChartBuilder()
                        .width(WIDTH)
                        .height(HEIGHT)
                        .title(card.model() + " version " + card.version())
                        .xAxisTitle("trial")
                        .yAxisTitle(Training.Deciding.of(card.task()).figure)
                        .build();
        chart.addSeries("of the trial", null, figures);
        chart.addSeries("best so far", null, best);
        BitmapEncoder.saveBitmap(chart, to.toString(), BitmapFormat.PNG);
    }
}
