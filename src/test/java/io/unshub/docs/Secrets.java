package io.unshub.docs;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** What secrets look like. */
public final class Secrets {

    private static final Set<String> KNOWN =
            Set.of(
                    // guards nothing but the demo, which is on loopback
                    "ZGVtby1rZXktZm9yLWxvb3BiYWNrLW9ubHk=",
                    // of no account, see Accounts
                    "$2a$12$C6UzMDM.H6dfI/f/IKcEeO7ZzhoU3pVMQXwpNXKcrmVcQbnbqDhvK");
    static final Map<String, Pattern> KINDS =
            Map.of(
                    "private key",
                            Pattern.compile(
                                    "-----BEGIN [A-Z ]*PRIVATE KEY-----\\s+[A-Za-z0-9+/]{40}"),
                    "API key of a hub",
                            Pattern.compile("unshub_[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])"),
                    "bcrypt hash", Pattern.compile("\\$2[aby]\\$\\d\\d\\$[./A-Za-z0-9]{53}"),
                    "AWS key", Pattern.compile("\\b(AKIA|ASIA)[0-9A-Z]{16}\\b"),
                    "GitHub token",
                            Pattern.compile("\\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_\\w{40})"),
                    "Slack token", Pattern.compile("\\bxox[abprs]-[A-Za-z0-9-]{10,}"),
                    "JSON Web Token",
                            Pattern.compile("\\beyJ[A-Za-z0-9_-]{10,}\\.eyJ[A-Za-z0-9_-]{10,}\\."),
                    "Azure key",
                            Pattern.compile("(SharedAccessKey|AccountKey)=[A-Za-z0-9+/]{20,}=*"));

    private Secrets() {}

    /** The kinds that a text has, but for those that guard nothing. */
    public static List<String> in(String text) {
        return KINDS.entrySet().stream()
                .filter(
                        kind ->
                                kind.getValue()
                                        .matcher(text)
                                        .results()
                                        .anyMatch(
                                                found ->
                                                        KNOWN.stream()
                                                                .noneMatch(
                                                                        found.group()::contains)))
                .map(Map.Entry::getKey)
                .toList();
    }
}
