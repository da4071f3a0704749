package io.unshub.access;

import io.unshub.uns.Excerpt;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.naming.InvalidNameException;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * Who a client is: the subject of its certificate. Immutable; equal to another of the same subject.
 */
public final class Identity {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([A-Za-z]+)}");
    // a value with / + or # would reach further than the rule's author wrote
    private static final Pattern LEVEL = Pattern.compile("[^/+#\\p{Cntrl}]+");

    private final String subject;
    private final List<Rdn> parts;

    private Identity(String subject, List<Rdn> parts) {
        this.subject = subject;
        this.parts = parts;
    }

    /**
     * Returns the identity.
     *
     * @param subject as RFC 2253 writes it: {@code CN=pump-01,OU=line1,O=acme}
     * @throws IllegalArgumentException if it is none
     */
    public static Identity of(String subject) {
        try {
            LdapName name = new LdapName(subject);
            if (name.isEmpty()) {
                throw new IllegalArgumentException(
                        "the subject is empty; write CN=pump-01,OU=line1,O=acme");
            }
            List<Rdn> parts = new ArrayList<>();
            for (Rdn each : name.getRdns()) {
                // several attributes in one part are as good as several parts
                each.toAttributes()
                        .getAll()
                        .asIterator()
                        .forEachRemaining(attribute -> add(parts, attribute));
            }
            // spaces between the parts do not make another
            return new Identity(new LdapName(name.getRdns()).toString(), List.copyOf(parts));
        } catch (InvalidNameException e) {
            throw new IllegalArgumentException(
                    "%s is no subject; write CN=pump-01,OU=line1,O=acme"
                            .formatted(Excerpt.of(subject)),
                    e);
        }
    }

    private static void add(List<Rdn> parts, Attribute attribute) {
        try {
            for (int i = 0; i < attribute.size(); i++) {
                parts.add(new Rdn(attribute.getID(), attribute.get(i)));
            }
        } catch (NamingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** The values of an attribute, the most general first, as {@code OU=line1,OU=plant1} has. */
    List<String> values(String attribute) {
        return parts.stream()
                .filter(part -> part.getType().equalsIgnoreCase(attribute))
                .map(part -> String.valueOf(part.getValue()))
                .toList();
    }

    /** Whether it has every part of a pattern, each its own; {@code *} stands for any value. */
    boolean matches(Identity pattern) {
        return pattern.parts.stream()
                .map(Rdn::getType)
                .distinct()
                .allMatch(type -> hasAll(type, pattern.values(type)));
    }

    private boolean hasAll(String type, List<String> wanted) {
        List<String> left = new ArrayList<>(values(type));
        return wanted.stream().filter(value -> !value.equals("*")).allMatch(left::remove)
                && left.size() >= wanted.stream().filter("*"::equals).count();
    }

    /**
     * Puts the subject's values into a topic filter: {@code {CN}}, {@code {O}}, {@code {OU}}, the
     * last with a level for each.
     *
     * @return the filter; null if the subject lacks a value, or has one that no level can be
     */
    String fill(String filter) {
        Matcher placeholder = PLACEHOLDER.matcher(filter);
        StringBuilder filled = new StringBuilder();
        while (placeholder.find()) {
            List<String> values = values(placeholder.group(1));
            boolean several = placeholder.group(1).toUpperCase(Locale.ROOT).equals("OU");
            if (values.isEmpty()
                    || values.size() > 1 && !several
                    || !values.stream().allMatch(value -> LEVEL.matcher(value).matches())) {
                return null;
            }
            placeholder.appendReplacement(
                    filled, Matcher.quoteReplacement(String.join("/", values)));
        }
        return placeholder.appendTail(filled).toString();
    }

    /** The common name; null if there is not exactly one. */
    public String commonName() {
        List<String> names = values("CN");
        return names.size() == 1 ? names.get(0) : null;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Identity identity && subject.equals(identity.subject);
    }

    @Override
    public int hashCode() {
        return subject.hashCode();
    }

    /** The subject as RFC 2253 writes it. */
    @Override
    public String toString() {
        return subject;
    }
}
