package io.unshub.buffer;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The room that the buffer has on its volume.
 *
 * <p>A part of the volume is a reserve that is never filled: draining and starting write, too.
 * Failure: a folder whose volume cannot be looked at is an {@link IOException}.
 *
 * @param folder a folder on the volume, which exists
 * @param maxBytes what the broker's files may take
 * @param maxVolumePercent how much of the volume may be used, by whomever
 * @param reserveBytes what is left free where that share leaves less
 */
public record Room(Path folder, long maxBytes, double maxVolumePercent, long reserveBytes) {

    /** What the broker's files may take with nothing else on the volume, in bytes. */
    public long most() throws IOException {
        FileStore volume = Files.getFileStore(folder);
        return Math.max(0, Math.min(maxBytes, volume.getTotalSpace() - reserve(volume)));
    }

    /** What the volume has left above the reserve, in bytes; below 0 when that is being used. */
    public long left() throws IOException {
        FileStore volume = Files.getFileStore(folder);
        return volume.getUsableSpace() - reserve(volume);
    }

    private long reserve(FileStore volume) throws IOException {
        return Math.max(
                reserveBytes, Math.round(volume.getTotalSpace() * (1 - maxVolumePercent / 100)));
    }
}
