package io.unshub.route;

import io.unshub.ops.HubConfig;
import jakarta.inject.Singleton;

@Singleton
final class FarSide implements AutoCloseable {
    FarSide(HubConfig config) {}

    void start() {}

    String connectionString() {
        return "Endpoint=sb://127.0.0.1:5672;SharedAccessKeyName=demo;SharedAccessKey=ZGVtbw==;UseDevelopmentEmulator=true;EntityPath=uns";
    }

    @Override
    public void close() {}
}
