package io.unshub.load;

import com.hivemq.embedded.EmbeddedExtension;
import com.hivemq.embedded.EmbeddedHiveMQ;
import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.auth.SubscriptionAuthorizer;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.services.Services;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * HiveMQ CE, the broker of a plant, in a process of its own: {@code HiveMqProcess PORT FOLDER}. It
 * refuses subscriptions to {@code forbidden/...}.
 */
public final class HiveMqProcess {

    private HiveMqProcess() {}

    /** Serves until the process is ended; its sessions outlive it. */
    public static void main(String[] args) throws Exception {
        System.setProperty("slf4j.provider", "ch.qos.logback.classic.spi.LogbackServiceProvider");
        Path folder = Path.of(args[1]);
        Path configuration = Files.createDirectories(folder.resolve("conf"));
        Files.writeString(
                configuration.resolve("config.xml"),
                """
                <hivemq>
                  <listeners>
                    <tcp-listener>
                      <port>%s</port>
                      <bind-address>127.0.0.1</bind-address>
                    </tcp-listener>
                  </listeners>
                  <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
                </hivemq>
                """
                        .formatted(args[0]));
        EmbeddedHiveMQ broker =
                EmbeddedHiveMQ.builder()
                        .withConfigurationFolder(configuration)
                        .withDataFolder(Files.createDirectories(folder.resolve("data")))
                        .withExtensionsFolder(Files.createDirectories(folder.resolve("extensions")))
                        .withEmbeddedExtension(
                                EmbeddedExtension.builder()
                                        .withId("rights")
                                        .withName("rights")
                                        .withVersion("1")
                                        .withExtensionMain(new Rights())
                                        .build())
                        .build();
        broker.start().join();
        System.out.println("ready");
        new CountDownLatch(1).await();
    }

    private static final class Rights implements ExtensionMain {
        @Override
        public void extensionStart(ExtensionStartInput input, ExtensionStartOutput output) {
            SubscriptionAuthorizer rights =
                    (asked, answer) -> {
                        if (asked.getSubscription().getTopicFilter().startsWith("forbidden/")) {
                            answer.failAuthorization();
                        } else {
                            answer.authorizeSuccessfully();
                        }
                    };
            Services.securityRegistry().setAuthorizerProvider(any -> rights);
        }

        @Override
        public void extensionStop(ExtensionStopInput input, ExtensionStopOutput output) {}
    }
}
