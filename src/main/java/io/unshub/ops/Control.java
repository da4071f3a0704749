package io.unshub.ops;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.unshub.buffer.LedgerAudit;

/** What the control routes answer. */
public final class Control {

    private final LedgerAudit audit;
    private final ObjectMapper json;

    /** Answers from the given audit. */
    public Control(LedgerAudit audit, ObjectMapper json) {
        this.audit = audit;
        this.json = json;
    }

    /** The ledger at a consistent cut, as JSON. */
    public String ledger() throws Exception {
        return json.writeValueAsString(audit.report());
    }
}
