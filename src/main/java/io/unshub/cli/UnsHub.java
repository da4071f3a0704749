package io.unshub.cli;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;

/** The one executable. */
@QuarkusMain
public final class UnsHub {

    private UnsHub() {}

    public static void main(String[] args) {
        Quarkus.run(args);
    }
}
