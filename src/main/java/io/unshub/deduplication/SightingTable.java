package io.unshub.deduplication;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompactionOptionsUniversal;
import org.rocksdb.CompactionStyle;
import org.rocksdb.CompressionType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.TtlDB;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The sightings of the window, on disk: a RocksDB with a time to live.
 *
 * <p>Guarantee: what was put is there after the process is killed. It is not synced: a power cut
 * may take the last sightings, and a repeat of those is then not recognised. Threads: any for
 * reading, one for writing. Failure: a {@link RocksDBException}; the table says nothing then.
 */
final class SightingTable implements AutoCloseable {

    private static final long MIB = 1024L * 1024;

    static {
        // before the first of its objects, below
        RocksDB.loadLibrary();
    }

    private final LRUCache cache = new LRUCache(8 * MIB);
    private final BloomFilter filter = new BloomFilter(10);
    // what has expired goes when as much again has come
    private final CompactionOptionsUniversal universal =
            new CompactionOptionsUniversal().setMaxSizeAmplificationPercent(100);
    private final Options options =
            new Options()
                    .setCreateIfMissing(true)
                    .setWriteBufferSize(4 * MIB)
                    // keys come in no order: levels would be written over and over
                    .setCompactionStyle(CompactionStyle.UNIVERSAL)
                    .setCompactionOptionsUniversal(universal)
                    .setLevel0FileNumCompactionTrigger(8)
                    .setTargetFileSizeBase(8 * MIB)
                    // most keys are new: that is known without a search of what is in memory
                    .setMemtablePrefixBloomSizeRatio(0.1)
                    .setMemtableWholeKeyFiltering(true)
                    .setMaxTotalWalSize(8 * MIB)
                    .setMaxOpenFiles(100)
                    .setMaxBackgroundJobs(2)
                    // hashes do not compress
                    .setCompressionType(CompressionType.NO_COMPRESSION)
                    .setInfoLogLevel(InfoLogLevel.ERROR_LEVEL)
                    .setKeepLogFileNum(1)
                    .setTableFormatConfig(
                            new BlockBasedTableConfig()
                                    .setBlockCache(cache)
                                    // held by the open files, of which there are at most so many
                                    .setCacheIndexAndFilterBlocks(false)
                                    .setFilterPolicy(filter));
    private final WriteOptions unsynced = new WriteOptions();
    private final TtlDB table;

    /**
     * Opens the table, or makes it.
     *
     * @param folder where its files lie
     * @param window how long a sighting is kept at least
     * @throws RocksDBException if the files cannot be read
     */
    SightingTable(Path folder, Duration window) throws IOException, RocksDBException {
        Files.createDirectories(folder);
        int seconds = (int) Math.min(window.toSeconds() + 1, Integer.MAX_VALUE);
        table = TtlDB.open(options, folder.toString(), seconds, false);
    }

    /** Whether nothing was ever put, or nothing is left. */
    boolean isEmpty() throws RocksDBException {
        try (RocksIterator all = table.newIterator()) {
            all.seekToFirst();
            // what cannot be read does not look like something
            all.status();
            return !all.isValid();
        }
    }

    /** The sighting of each key, in order; null where there is none. */
    List<Sighting> find(List<byte[]> keys) throws RocksDBException {
        return table.multiGetAsList(keys).stream()
                .map(bytes -> bytes == null ? null : Sighting.decode(bytes))
                .toList();
    }

    /** Keeps sightings, all or none; one of the same key is replaced. */
    void put(Map<ByteBuffer, Sighting> sightings) throws RocksDBException {
        try (WriteBatch batch = new WriteBatch()) {
            for (Map.Entry<ByteBuffer, Sighting> entry : sightings.entrySet()) {
                batch.put(entry.getKey().array(), entry.getValue().encode());
            }
            table.write(unsynced, batch);
        }
    }

    @Override
    public void close() {
        table.close();
        unsynced.close();
        options.close();
        universal.close();
        filter.close();
        cache.close();
    }
}
