package io.unshub.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.unshub.scoring.Circuits;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MlCommandTest {

    @TempDir Path folder;

    private String out = "";
    private String err = "";
    private Path recorded;

    @BeforeEach
    void record() throws Exception {
        Circuits.configure(folder, Circuits.YAML);
        recorded = Circuits.record(folder, 40, 1);
    }

    private int ml(Object... words) {
        StringWriter outText = new StringWriter();
        StringWriter errText = new StringWriter();
        CommandLine command =
                UnsHub.commandLine()
                        .setOut(new PrintWriter(outText, true))
                        .setErr(new PrintWriter(errText, true));
        List<String> all = new ArrayList<>(List.of("ml"));
        for (Object word : words) {
            all.add(word.toString());
        }
        all.addAll(List.of("--config", folder.toString()));
        if (!List.of("lint").contains(words[0].toString())) {
            all.addAll(List.of("--data-dir", folder.resolve("data").toString(), "--by", "ann"));
        }
        int exit = command.execute(all.toArray(new String[0]));
        out = outText.toString();
        err = errText.toString();
        return exit;
    }

    @Test
    void leadsAModelFromItsConfigurationToProductionAndBack() throws Exception {
        assertThat(ml("lint")).isZero();
        assertThat(out).contains("1 models: all is well");
        assertThat(ml("train", Circuits.MODEL, "--data", recorded, "--seeds", 2, "--trials", 3))
                .isZero();
        assertThat(out)
                .contains("plant9/mixing/failure version 1: cart on 800 examples of 40 units")
                .contains("without learning   0.5000")
                .contains("trial  3");
        assertThat(ml("train", "all", "--data", recorded, "--seeds", 1, "--parallel", 2)).isZero();

        assertThat(ml("promote", Circuits.MODEL, 1)).isEqualTo(2);
        assertThat(err).contains("version 1 is not approved; uns-hub ml approve it");
        assertThat(ml("approve", Circuits.MODEL, 1)).isZero();
        assertThat(ml("promote", Circuits.MODEL, 1)).isZero();
        assertThat(out).contains("version 1 is in production: auc");
        assertThat(ml("promote", Circuits.MODEL, 2, "--force", "to try it")).isZero();
        assertThat(ml("rollback", Circuits.MODEL)).isZero();
        assertThat(out).contains("version 1 is in production again");

        assertThat(ml("list")).isZero();
        assertThat(out)
                .containsPattern("failure  1  production  [0-9a-f]{12}  .* by ann")
                .containsPattern("failure  2  retired");
        assertThat(ml("retest")).isZero();
        assertThat(out)
                .contains("plant9/mixing/failure version 1: does what it did {")
                .contains("1 models do what they did; their environment takes effect");
        Path picture = folder.resolve("search.png");
        assertThat(ml("show", Circuits.MODEL, 1, "--picture", picture)).isZero();
        assertThat(out).startsWith("3 trials in ");
        assertThat(ImageIO.read(picture.toFile()).getWidth()).isEqualTo(800);
        assertThat(ml("show", Circuits.MODEL, 2, "--picture", picture)).isEqualTo(2);
        assertThat(err).contains("version 2 was not searched for; train it with --trials 30");
        assertThat(ml("show", Circuits.MODEL, 1)).isZero();
        assertThat(out).contains("\"author\" : \"ann\"").contains("\"figures\"");
        assertThat(ml("evaluate", Circuits.MODEL, 1, "--data", recorded)).isZero();
        assertThat(out).containsPattern("auc +[01]\\.\\d{4}");
        String ofTheFirst = out;
        assertThat(ml("evaluate", "--model", Circuits.MODEL, "--data", recorded)).isZero();
        assertThat(out).isEqualTo(ofTheFirst);
        assertThat(ml("evaluate", "--data", recorded)).isEqualTo(2);
        assertThat(err).contains("give a MODEL");
        assertThat(ml("drift", Circuits.MODEL, 1, "--data", recorded)).isZero();
        assertThat(ml("drift", Circuits.MODEL, 1, "--data", recorded, "--shift", "torque=30"))
                .isEqualTo(1);
        assertThat(out).containsPattern("torque .*  drift");
        assertThat(Files.readAllLines(folder.resolve("data/audit.ndjson")))
                .hasSize(7)
                .allSatisfy(line -> assertThat(line).contains("\"who\":\"ann\""));
    }

    @Test
    void scoresADateRangeAndMakesTheSameFileAgain() throws Exception {
        ml("train", Circuits.MODEL, "--data", recorded, "--seeds", 1);
        Path dated =
                Files.writeString(
                        folder.resolve("dated.csv"),
                        """
                        unit,time,temperature,torque,failed
                        a,2026-01-31T23:59:00Z,80,40,
                        a,2026-02-01T00:00:00Z,81,41,
                        a,2026-02-01T23:59:59Z,82,,
                        a,2026-02-02T00:00:00Z,30,12,
                        """);
        Path scores = folder.resolve("scores.ndjson");
        Object[] words = {
            "score",
            Circuits.MODEL,
            1,
            "--data",
            dated,
            "--from",
            "2026-02-01",
            "--until",
            "2026-02-01",
            "--out",
            scores
        };

        assertThat(ml(words)).as(err).isZero();
        assertThat(out).startsWith("2 scores of plant9/mixing/failure version 1 in ");
        List<String> lines = Files.readAllLines(scores);
        assertThat(lines).hasSize(2);
        assertThat(lines.get(0))
                .contains("\"unit\":\"a\"", "\"tsUtc\":\"2026-02-01T00:00:00Z\"")
                .containsPattern("\"value\":[01]\\.\\d+");
        assertThat(lines.get(1)).contains("\"value\":null", "\"errorCode\":\"FEATURE_MISSING\"");
        byte[] first = Files.readAllBytes(scores);
        assertThat(ml(words)).isZero();
        assertThat(Files.readAllBytes(scores)).isEqualTo(first);

        assertThat(ml("score", "plant9/mixing/none", "--data", dated, "--out", scores))
                .isEqualTo(2);
        assertThat(err).contains("plant9/mixing/none has no version; train one");
    }

    @Test
    void namesFilesThatAreNotRead() throws Exception {
        Files.writeString(folder.resolve("ml/plant9/heating.yaml"), Circuits.YAML);
        Path deep = Files.createDirectories(folder.resolve("ml/plant9/hall"));
        Files.writeString(deep.resolve("cooling.yml"), Circuits.YAML);

        assertThat(ml("lint")).isEqualTo(1);
        assertThat(out)
                .contains("heating.yaml is not read; models stand in ml/{plant}/{circuit}.yml")
                .contains("cooling.yml is not read")
                .contains("1 models: 2 problems");
    }

    @Test
    void trainsAModelThatIsNamedTwiceOnce() throws Exception {
        assertThat(
                        ml(
                                "train",
                                Circuits.MODEL,
                                Circuits.MODEL,
                                "--data",
                                recorded,
                                "--seeds",
                                1,
                                "--parallel",
                                2))
                .as(err)
                .isZero();
        assertThat(out).contains("version 1: cart").doesNotContain("version 2");
    }

    @Test
    void scoresAndComparesWhatHasNoTargetYet() throws Exception {
        ml("train", Circuits.MODEL, "--data", recorded, "--seeds", 1);
        Path unjudged =
                Files.write(
                        folder.resolve("unjudged.csv"),
                        Files.readAllLines(recorded).stream()
                                .map(line -> line.substring(0, line.lastIndexOf(',')))
                                .toList());
        Path scores = folder.resolve("scores.ndjson");

        assertThat(ml("score", Circuits.MODEL, 1, "--data", unjudged, "--out", scores))
                .as(err)
                .isZero();
        assertThat(Files.readAllLines(scores)).hasSize(800);
        assertThat(ml("drift", Circuits.MODEL, 1, "--data", unjudged)).as(err).isZero();
        assertThat(ml("evaluate", Circuits.MODEL, 1, "--data", unjudged)).isEqualTo(2);
        assertThat(err).contains("has no column failed, which plant9/mixing/failure needs");
    }

    @Test
    void trainsOnRecentDataAndSaysWhatCameOfIt() throws Exception {
        Circuits.configure(folder, Circuits.YAML.replace("depth: 4", "depth: 1"));
        ml("train", Circuits.MODEL, "--data", recorded, "--seeds", 1);
        ml("promote", Circuits.MODEL, 1, "--force", "to begin with something");
        assertThat(ml("retrain", Circuits.MODEL)).isEqualTo(2);
        assertThat(err).contains("retrain needs --data, as the configuration of");

        Circuits.configure(folder, Circuits.YAML + "training_data: recent.csv\n");
        Files.createDirectories(folder.resolve("data"));
        Files.copy(recorded, folder.resolve("data/recent.csv"));
        assertThat(ml("retrain", Circuits.MODEL)).isZero();
        assertThat(out).contains("version 2 waits in staging: auc");
        assertThat(ml("retrain", Circuits.MODEL, "--data", recorded)).isZero();

        ml("promote", Circuits.MODEL, 2, "--force", "it is better");
        assertThat(ml("retrain", Circuits.MODEL)).isEqualTo(1);
        assertThat(out).contains("version 4 stays a candidate, it is no better: auc");
    }

    @Test
    void saysWhatATrialNeeds() throws Exception {
        ml("train", Circuits.MODEL, "--data", recorded, "--seeds", 1);
        assertThat(ml("try", Circuits.MODEL)).isEqualTo(2);
        assertThat(err).contains("give a VERSION, or --end");
        assertThat(ml("try", Circuits.MODEL, 1, "--canary", 101)).isEqualTo(2);
        assertThat(err).contains("--canary is 101; give 0 to 100");
        assertThat(ml("try", Circuits.MODEL, 1)).isEqualTo(2);
        assertThat(err).contains("has no other in production to be compared with; promote one");
        assertThat(ml("compare", Circuits.MODEL)).isEqualTo(2);
        assertThat(err).contains("has no version on trial; uns-hub ml try");

        ml("promote", Circuits.MODEL, 1, "--force", "to begin with something");
        ml("train", Circuits.MODEL, "--data", recorded, "--seeds", 1);
        assertThat(ml("try", Circuits.MODEL, 2)).isZero();
        assertThat(out).contains("version 2 scores beside production, unseen; uns-hub ml compare");
        assertThat(ml("compare", Circuits.MODEL)).isEqualTo(2);
        assertThat(err).contains("the hub has said nothing of").contains("see that the hub runs");
        assertThat(ml("try", Circuits.MODEL, "--end")).isZero();
    }

    @Test
    void judgesByNasasLayout() throws Exception {
        Circuits.configure(
                folder,
                Circuits.YAML.replace(
                        "task: classification\ntarget: failed\npositive: \"1\"",
                        "task: regression\ntarget: torque\ntarget_cap: 40"));
        Path truth = folder.resolve("truth.txt");
        ml("train", Circuits.MODEL, "--data", recorded, "--seeds", 1);

        Files.writeString(truth, "20\n".repeat(40));
        assertThat(ml("evaluate", Circuits.MODEL, 1, "--data", recorded, "--truth", truth))
                .isZero();
        assertThat(out).containsPattern("rmse +\\d").containsPattern("rmse_capped +\\d");

        Files.writeString(truth, "20\n");
        assertThat(ml("evaluate", Circuits.MODEL, 1, "--data", recorded, "--truth", truth))
                .isEqualTo(2);
        assertThat(err).contains("has 40 units and").contains("1 lines; give one for each unit");
        Files.writeString(truth, "rul\n20\n");
        assertThat(ml("evaluate", Circuits.MODEL, 1, "--data", recorded, "--truth", truth))
                .isEqualTo(2);
        assertThat(err).contains("truth.txt has the line rul; give a number for each unit");
        assertThat(ml("evaluate", Circuits.MODEL, 1, "--data", folder)).isEqualTo(2);
        assertThat(err).contains(folder + " is a folder; name a file in it");
    }

    @Test
    void saysWhatItCannotDo() throws Exception {
        assertThat(ml("train", "plant1/a/b", "--data", recorded)).isEqualTo(2);
        assertThat(err).contains("has no model plant1/a/b, it has [plant9/mixing/failure]");
        assertThat(ml("train", Circuits.MODEL, "--data", folder.resolve("none.csv"))).isEqualTo(2);
        assertThat(err).contains("no file ").contains("none.csv; name an existing one");
        Path blocked = Files.writeString(folder.resolve("data"), "no folder");
        assertThat(ml("train", Circuits.MODEL, "--data", recorded, "--seeds", 1)).isEqualTo(2);
        assertThat(err).contains("; check the path and its permissions");
        Files.delete(blocked);
        assertThat(ml("train", Circuits.MODEL, "--data", recorded, "--seeds", 0)).isEqualTo(2);
        assertThat(err).contains("--seeds and --parallel are 1 or more");
        assertThat(ml("show", Circuits.MODEL, 7)).isEqualTo(2);
        assertThat(err).contains("has no version 7, uns-hub ml list shows them");
        Circuits.configure(
                folder,
                Circuits.YAML.replace(
                        "algorithm: cart", "algorithm: cart\nscore_units: furlong\n"));
        assertThat(ml("lint")).isEqualTo(1);
        assertThat(out).contains("plant9/mixing/failure score_units: ").contains("1 problems");
        Circuits.configure(folder, Circuits.YAML.replace("mixing/line1/cell1/+", "mixing/+"));
        Files.createDirectory(folder.resolve("uns"));
        Files.copy(Path.of("config/uns/hierarchy.yaml"), folder.resolve("uns/hierarchy.yaml"));
        assertThat(ml("lint")).isEqualTo(1);
        assertThat(out)
                .contains("equipment: acme/plant9/mixing/+ has 4 levels, equipment has 6; see");
    }

    @Test
    void listsWhatChangedSinceACommit() throws Exception {
        git("init", "-q");
        git("add", "ml");
        git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "models");
        assertThat(ml("changed")).isZero();

        Circuits.configure(folder, Circuits.YAML.replace("depth: 4", "depth: 5"));
        assertThat(ml("changed")).isEqualTo(1);
        assertThat(out.strip()).isEqualTo(Circuits.MODEL);
        assertThat(ml("changed", "--since", "nothing")).isEqualTo(2);
        assertThat(err).contains("git cannot compare").contains("name a commit that has it");

        Path named = Files.createDirectories(folder.resolve("ml/new one")).resolve("a \"b\".yml");
        Files.writeString(named, Circuits.YAML.replace("circuit_id: mixing", "circuit_id: other"));
        assertThat(ml("changed")).isEqualTo(1);
        assertThat(out.lines()).containsExactly("plant9/other/failure", Circuits.MODEL);
        Path written = folder.resolve("written");
        assertThat(ml("changed", "--since", "--output=" + written)).isEqualTo(2);
        assertThat(err).contains("--since is --output=").contains("name a commit, branch or tag");
        assertThat(written).doesNotExist();
    }

    @Test
    void saysThatThereAreNoModelsToCompare() throws Exception {
        Files.delete(folder.resolve("ml/plant9/mixing.yml"));
        Files.delete(folder.resolve("ml/plant9"));
        Files.delete(folder.resolve("ml"));
        assertThat(ml("changed")).isEqualTo(2);
        assertThat(err).containsPattern("no folder .*ml; name the one above it with --config");
    }

    private void git(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(words));
        Process git = new ProcessBuilder(command).directory(folder.toFile()).inheritIO().start();
        assertThat(git.waitFor()).isZero();
    }
}
