package io.unshub.uns;

/** What a failure began with, which is what its reader can act on. */
public final class RootCause {

    private RootCause() {}

    /** Returns the message of the first cause of {@code failure}; its class where it has none. */
    public static String of(Throwable failure) {
        Throwable root = throwable(failure);
        return root.getMessage() == null ? root.toString() : root.getMessage();
    }

    /** Returns the first cause of {@code failure}. */
    public static Throwable throwable(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }
}
