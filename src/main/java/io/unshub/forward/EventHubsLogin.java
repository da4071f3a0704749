package io.unshub.forward;

import com.azure.core.credential.TokenCredential;
import com.azure.core.credential.TokenRequestContext;
import com.azure.identity.ManagedIdentityCredentialBuilder;
import com.azure.identity.WorkloadIdentityCredentialBuilder;
import com.azure.messaging.eventhubs.EventHubClientBuilder;
import io.unshub.uns.Excerpt;
import io.unshub.uns.RootCause;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/** Where the event hub is, and how the hub logs in there. Equal to another that does the same. */
public sealed interface EventHubsLogin {

    /** A builder of the SDK that has address and login, and nothing else. */
    EventHubClientBuilder builder();

    /**
     * Makes sure that there is something to log in with.
     *
     * @param patience how long to wait for it
     * @throws IllegalStateException if there is nothing, with what was asked and what to do
     */
    default void ready(Duration patience) {}

    /** What to do where Event Hubs does not let it in. */
    String whenRefused();

    /**
     * Logs in by a shared access key.
     *
     * @param connectionString of the event hub, with its EntityPath
     */
    record ByKey(String connectionString) implements EventHubsLogin {

        @Override
        public EventHubClientBuilder builder() {
            return new EventHubClientBuilder().connectionString(connectionString);
        }

        @Override
        public String whenRefused() {
            return "the key must be one of this event hub that is not revoked, with the right Send;"
                    + " put a good connection string where unshub.eventhubs.connection-string says,"
                    + " it is taken up without a restart";
        }

        /** Without the secret. */
        @Override
        public String toString() {
            return "a connection string";
        }
    }

    /** Who vouches for the hub where it has no key. */
    enum Kind {
        /** The machine, by the endpoint that Azure or Arc gives it. */
        MANAGED_IDENTITY,
        /** The cluster, by the token that Kubernetes mounts. */
        WORKLOAD_IDENTITY;

        /** The kind of that word; empty for another. */
        public static Optional<Kind> of(String word) {
            return switch (word) {
                case "managed-identity" -> Optional.of(MANAGED_IDENTITY);
                case "workload-identity" -> Optional.of(WORKLOAD_IDENTITY);
                default -> Optional.empty();
            };
        }
    }

    /**
     * Logs in over TLS by a token of Microsoft Entra, which holds for about an hour and is kept in
     * memory.
     */
    final class ByIdentity implements EventHubsLogin {

        private static final String RESOURCE = "https://eventhubs.azure.net";

        private final Kind kind;
        private final String namespace;
        private final String eventHub;
        private final String clientId;
        private final String endpoint;
        private final TokenCredential credential;

        /**
         * @param namespace full name of the namespace, {@code acme.servicebus.windows.net}
         * @param eventHub name of the event hub
         * @param clientId of the identity; null for the one that there is
         * @param endpoint to connect to instead of the namespace, {@code sb://10.0.0.5:5671}; null
         *     for none
         */
        public ByIdentity(
                Kind kind, String namespace, String eventHub, String clientId, String endpoint) {
            this.kind = kind;
            this.namespace = namespace;
            this.eventHub = eventHub;
            this.clientId = clientId;
            this.endpoint = endpoint;
            // the caller tries again, by its own rule
            credential =
                    kind == Kind.MANAGED_IDENTITY
                            ? new ManagedIdentityCredentialBuilder()
                                    .clientId(clientId)
                                    .maxRetry(0)
                                    .build()
                            : new WorkloadIdentityCredentialBuilder()
                                    .clientId(clientId)
                                    .maxRetry(0)
                                    // the authority is that of the hub's own environment
                                    .disableInstanceDiscovery()
                                    .build();
        }

        @Override
        public EventHubClientBuilder builder() {
            EventHubClientBuilder builder =
                    new EventHubClientBuilder().credential(namespace, eventHub, credential);
            return endpoint == null ? builder : builder.customEndpointAddress(endpoint);
        }

        @Override
        public void ready(Duration patience) {
            try {
                credential
                        .getToken(new TokenRequestContext().addScopes(RESOURCE + "/.default"))
                        .timeout(patience)
                        .block();
            } catch (RuntimeException e) {
                // behind the libraries' own accounts
                Throwable cause = RootCause.throwable(e);
                throw new IllegalStateException(
                        "%s gave no token for %s: %s; %s, see docs/security/event-hubs.md"
                                .formatted(
                                        this,
                                        RESOURCE,
                                        cause instanceof TimeoutException
                                                ? "no answer within " + patience.toSeconds() + " s"
                                                : Excerpt.of(RootCause.of(cause)),
                                        kind == Kind.MANAGED_IDENTITY
                                                ? "give this machine the identity, and let it reach its identity endpoint"
                                                : "give the pod's service account the identity, and let it reach the authority"),
                        e);
            }
        }

        @Override
        public String whenRefused() {
            return "give %s the role Azure Event Hubs Data Sender on the event hub %s of %s; it may take minutes to hold"
                    .formatted(this, eventHub, namespace);
        }

        @Override
        public String toString() {
            String name =
                    kind == Kind.MANAGED_IDENTITY
                            ? "the managed identity"
                            : "the workload identity";
            return clientId == null ? name : name + " " + clientId;
        }
    }
}
