package io.unshub.forward;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.unshub.uns.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import org.jboss.logging.Logger;

/**
 * Which partition each lane is sent to, kept in a file.
 *
 * <p>A lane keeps its partition for as long as readings wait in it, so that their order survives a
 * change of the number of partitions; an empty lane takes its place in the new spread. Threads:
 * any. Failure: a file that cannot be read or written is an {@link IOException} that names it.
 */
public final class LaneTable {

    private static final Logger LOG = Logger.getLogger(LaneTable.class);
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final Path file;
    private final int lanes;
    private String[] partitionOf;

    /** The file's form: the partition id of each lane, in the order of the lanes. */
    record Stored(List<String> partitionOfLane) {}

    /**
     * @param file where the table is kept; made when it is absent
     * @param lanes how many lanes there are
     */
    public LaneTable(Path file, int lanes) throws IOException {
        this.file = file;
        this.lanes = lanes;
        if (Files.exists(file)) {
            List<String> stored = JSON.readValue(file.toFile(), Stored.class).partitionOfLane();
            if (stored.size() != lanes) {
                throw new IOException(
                        "%s names %d lanes, the buffer has %d; restore the file from a backup, or"
                                        .formatted(file, stored.size(), lanes)
                                + " delete it while the buffer is empty");
            }
            partitionOf = stored.toArray(String[]::new);
        }
    }

    /**
     * Spreads the lanes over the partitions that there are.
     *
     * @param partitions the partition ids of the event hub, in its order
     * @param empty tells whether a lane holds nothing
     */
    public synchronized void spread(List<String> partitions, IntPredicate empty)
            throws IOException {
        String[] next = new String[lanes];
        for (int lane = 0; lane < lanes; lane++) {
            String home = partitions.get(lane % partitions.size());
            boolean keeps =
                    partitionOf != null
                            && !empty.test(lane)
                            && partitions.contains(partitionOf[lane]);
            next[lane] = keeps ? partitionOf[lane] : home;
        }
        if (!Arrays.equals(next, partitionOf)) {
            save(next);
            if (partitionOf != null) {
                LOG.infof("lanes spread anew over %d partitions", partitions.size());
            }
            partitionOf = next;
        }
    }

    /** Whether the partitions are known: from the file, or since the first {@link #spread}. */
    public synchronized boolean known() {
        return partitionOf != null;
    }

    /**
     * The partition id of a lane.
     *
     * @throws IllegalStateException before the first {@link #spread}
     */
    public synchronized String partitionOf(int lane) {
        if (partitionOf == null) {
            throw new IllegalStateException("the partitions are not known yet");
        }
        return partitionOf[lane];
    }

    private void save(String[] table) throws IOException {
        Stored stored = new Stored(new ArrayList<>(Arrays.asList(table)));
        WholeFile.replace(file, to -> JSON.writeValue(to.toFile(), stored));
    }
}
