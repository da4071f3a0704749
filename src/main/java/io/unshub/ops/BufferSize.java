package io.unshub.ops;

/**
 * How much disk an outage takes.
 *
 * @param readings how many readings come meanwhile
 * @param bytesPerReading what one takes on disk
 * @param bufferBytes what all take, with the safety factor and the journal's own files
 * @param volumeBytes the volume on which that stays within the share that may be used
 */
public record BufferSize(long readings, long bytesPerReading, long bufferBytes, long volumeBytes) {

    /** The least safety factor: rates and outages are never what they were planned to be. */
    public static final double LEAST_SAFETY = 1.3;

    /**
     * What a reading that travels alone takes on disk besides its payload, in bytes: its topic, the
     * properties of the hub and the page around them. Those that come at once share the latter.
     */
    public static final long OVERHEAD = 528;

    /** The journal's files, which are there with nothing in the buffer, too, in bytes. */
    public static final long JOURNAL = 320L * 1024 * 1024;

    // what unshub.buffer.reserve-bytes leaves free
    private static final long RESERVE = 128L * 1024 * 1024;

    /**
     * @param perSecond readings per second
     * @param payloadBytes bytes of a payload, on average
     * @param hours how long nothing can be forwarded
     * @param safety what the result is multiplied with, at least {@value #LEAST_SAFETY}
     * @param maxVolumePercent the share of the volume that may be used
     */
    public static BufferSize of(
            double perSecond,
            long payloadBytes,
            double hours,
            double safety,
            double maxVolumePercent) {
        long readings = Math.round(perSecond * hours * 3_600);
        long each = payloadBytes + OVERHEAD;
        long buffer = Math.round((double) readings * each * safety) + JOURNAL;
        return new BufferSize(
                readings,
                each,
                buffer,
                Math.max(buffer + RESERVE, Math.round(buffer / (maxVolumePercent / 100))));
    }
}
