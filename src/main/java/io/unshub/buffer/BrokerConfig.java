package io.unshub.buffer;

import java.nio.file.Path;

/**
 * Where the embedded broker keeps its files and listens.
 *
 * @param directory the journal's folder, on a disk that honours fsync
 * @param mqttHost address that the MQTT listener binds
 * @param mqttPort port of the MQTT listener
 * @param maxPacketBytes largest MQTT packet that is taken; larger ones end the connection
 */
public record BrokerConfig(Path directory, String mqttHost, int mqttPort, int maxPacketBytes) {}
