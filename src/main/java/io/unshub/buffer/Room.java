package io.unshub.buffer;

import java.io.IOException;
import java.nio.file.FileSystemException;
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
        return Math.max(0, Math.min(maxBytes, total() - reserve()));
    }

    /** What the volume has left above the reserve, in bytes; below 0 when that is being used. */
    public long left() throws IOException {
        return folder.toFile().getUsableSpace() - reserve();
    }

    private long reserve() throws IOException {
        return Math.max(reserveBytes, Math.round(total() * (1 - maxVolumePercent / 100)));
    }

    /** A file store would read the table of all mounts each time. */
    private long total() throws IOException {
        long total = folder.toFile().getTotalSpace();
        if (total == 0) {
            throw new FileSystemException(
                    folder.toString(), null, "its volume does not say how large it is");
        }
        return total;
    }
}
