package io.unshub.collect;

import java.io.EOFException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;

/** Why a connection, or an attempt to connect, failed: what an operator looks at first. */
public enum FailureCause {
    /** No way there: nobody listens, no route, no such name. */
    UNREACHABLE,
    /** No answer in time. */
    TIMEOUT,
    /** The connection was there, and was ended. */
    CLOSED,
    /** The source does not let the hub in, or the hub does not trust it: security, user, offers. */
    REFUSED,
    /** Anything else; the last error says it. */
    OTHER;

    private static final Set<Long> REFUSALS =
            Set.of(
                    StatusCodes.Bad_ConfigurationError,
                    StatusCodes.Bad_SecurityChecksFailed,
                    StatusCodes.Bad_SecurityPolicyRejected,
                    StatusCodes.Bad_SecurityModeRejected,
                    StatusCodes.Bad_UserAccessDenied,
                    StatusCodes.Bad_IdentityTokenInvalid,
                    StatusCodes.Bad_IdentityTokenRejected,
                    StatusCodes.Bad_CertificateInvalid,
                    StatusCodes.Bad_CertificateUntrusted,
                    StatusCodes.Bad_CertificateTimeInvalid,
                    StatusCodes.Bad_CertificateRevoked,
                    StatusCodes.Bad_CertificateHostNameInvalid,
                    StatusCodes.Bad_CertificateUriInvalid,
                    StatusCodes.Bad_CertificateUseNotAllowed,
                    StatusCodes.Bad_CertificateChainIncomplete);

    private static final Set<Long> SILENCE =
            Set.of(
                    StatusCodes.Bad_Timeout,
                    StatusCodes.Bad_RequestTimeout,
                    // what the collector says of a subscription that fell silent
                    StatusCodes.Bad_NoCommunication);

    private static final Set<Long> ENDS =
            Set.of(
                    StatusCodes.Bad_ConnectionClosed,
                    StatusCodes.Bad_SessionClosed,
                    StatusCodes.Bad_SessionIdInvalid,
                    StatusCodes.Bad_NoSubscription,
                    StatusCodes.Bad_SubscriptionIdInvalid,
                    StatusCodes.Bad_ServerHalted,
                    StatusCodes.Bad_Shutdown);

    /** As in metrics. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The cause behind a fault, by the innermost that tells one. */
    static FailureCause of(Throwable fault) {
        FailureCause found = OTHER;
        for (Throwable each = fault; each != null; each = each.getCause()) {
            FailureCause cause = one(each);
            found = cause == OTHER ? found : cause;
        }
        return found;
    }

    private static FailureCause one(Throwable fault) {
        if (fault instanceof ConnectException
                || fault instanceof NoRouteToHostException
                || fault instanceof UnknownHostException) {
            return UNREACHABLE;
        } else if (fault instanceof TimeoutException || fault instanceof SocketTimeoutException) {
            return TIMEOUT;
        } else if (fault instanceof EOFException
                || fault instanceof SocketException
                || fault instanceof ClosedChannelException) {
            return CLOSED;
        } else if (fault instanceof UaException answered) {
            long code = answered.getStatusCode().value();
            if (REFUSALS.contains(code)) {
                return REFUSED;
            }
            return SILENCE.contains(code) ? TIMEOUT : ENDS.contains(code) ? CLOSED : OTHER;
        }
        return OTHER;
    }
}
