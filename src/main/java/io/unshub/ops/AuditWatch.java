package io.unshub.ops;

import java.io.IOException;

/**
 * Looks whether the audit file is as it was written, and raises the alarm {@code audit} where it is
 * not: that is told, and stops nothing. Threads: one.
 */
public final class AuditWatch {

    private static final String ALARM = "audit";

    private final AuditFile audit;
    private final Alarms alarms;
    private volatile boolean broken;

    /**
     * @param audit is looked at
     * @param alarms are told
     */
    public AuditWatch(AuditFile audit, Alarms alarms) {
        this.audit = audit;
        this.alarms = alarms;
    }

    /** Looks; reads the whole file, so it takes as long as that does. */
    public void tick() throws IOException {
        AuditChain.Report report = audit.verify(null);
        broken = report.broken().isPresent();
        report.broken()
                .ifPresentOrElse(
                        found ->
                                alarms.raise(
                                        ALARM,
                                        Alarm.Severity.ERROR,
                                        "line %d of the audit file is not as it was written: %s; the hub goes on, and its new lines are chained again: copy the file before anything else, see docs/runbooks/audit-broken.md"
                                                .formatted(found.line(), found.what())),
                        () -> alarms.clear(ALARM));
    }

    /** Whether it was not, when it was last looked at. */
    public boolean broken() {
        return broken;
    }
}
