package io.streamforge.config;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Postgres address, split at once into what may be seen and what may not.
 *
 * @param jdbcUrl {@code jdbc:postgresql://hosts/database?parameters} without user and password
 * @param user percent-decoded, or null
 * @param password percent-decoded, or null
 */
record PostgresUrl(String jdbcUrl, String user, String password) {

    private static final Pattern SCHEME =
            Pattern.compile("(?<scheme>jdbc:postgresql|postgresql|postgres)://(?<rest>.*)");

    private static final Pattern HOST =
            Pattern.compile("(\\[[0-9a-fA-F:.%]+]|[^\\s\\[\\]:@/]+)(:(?<port>[0-9]{1,5}))?");

    /** Parameters that libpq and the JDBC driver spell differently; the others are the same. */
    private static final Map<String, String> LIBPQ_TO_JDBC =
            Map.of(
                    "connect_timeout", "connectTimeout",
                    "application_name", "ApplicationName",
                    "channel_binding", "channelBinding",
                    "target_session_attrs", "targetServerType");

    private static final Map<String, String> SESSION_ATTRS_TO_SERVER_TYPE =
            Map.of(
                    "any", "any",
                    "read-write", "primary",
                    "primary", "primary",
                    "read-only", "secondary",
                    "standby", "secondary",
                    "prefer-standby", "preferSecondary");

    /** The text is no address; the message says what was expected, and repeats nothing. */
    static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1L;

        private MalformedException(String expected) {
            super(expected);
        }
    }

    /** Accepts {@code jdbc:postgresql://}, {@code postgresql://} and {@code postgres://}. */
    static PostgresUrl parse(String text) throws MalformedException {
        Matcher url = SCHEME.matcher(text);
        if (!url.matches()) {
            throw new MalformedException(
                    "jdbc:postgresql://host:5432/database or"
                            + " postgresql://user:password@host:5432/database");
        }
        boolean libpq = !url.group("scheme").equals("jdbc:postgresql");
        String[] addressAndQuery = url.group("rest").split("\\?", 2);
        String[] authorityAndDatabase = addressAndQuery[0].split("/", 2);
        String authority = authorityAndDatabase[0];
        String database = authorityAndDatabase.length == 2 ? authorityAndDatabase[1] : "";

        String user = null;
        String password = null;
        int at = authority.indexOf('@');
        if (at >= 0) {
            String[] credentials = authority.substring(0, at).split(":", 2);
            user = emptyToNull(percentDecoded(credentials[0]));
            password = credentials.length == 2 ? emptyToNull(percentDecoded(credentials[1])) : null;
        }
        String hosts = checkedHosts(authority.substring(at + 1));
        if (database.isEmpty() || database.matches(".*[/@\\s].*")) {
            throw new MalformedException(
                    "one database name after the host, and '/', '?' and '@' in user or password"
                            + " written as %2F, %3F and %40");
        }
        StringBuilder jdbcUrl =
                new StringBuilder("jdbc:postgresql://").append(hosts).append('/').append(database);
        char separator = '?';
        for (String parameter : parameters(addressAndQuery)) {
            String[] nameAndValue = parameter.split("=", 2);
            String name = nameAndValue[0];
            String value = nameAndValue.length == 2 ? nameAndValue[1] : "";
            if (name.equals("user")) {
                user = emptyToNull(queryDecoded(value, libpq));
            } else if (name.equals("password")) {
                password = emptyToNull(queryDecoded(value, libpq));
            } else {
                refuseHiddenSecret(name);
                jdbcUrl.append(separator).append(libpq ? translated(name, value) : parameter);
                separator = '&';
            }
        }
        return new PostgresUrl(jdbcUrl.toString(), user, password);
    }

    /** The address as it may be printed; nothing but the scheme where it cannot be understood. */
    static String shown(String text) {
        try {
            PostgresUrl url = parse(text);
            String rest = url.jdbcUrl.substring("jdbc:postgresql://".length());
            if (url.user == null && url.password == null) {
                return "jdbc:postgresql://" + rest;
            }
            return "postgresql://"
                    + (url.user == null ? "" : url.user)
                    + (url.password == null ? "" : ":" + Settings.MASK)
                    + "@"
                    + rest;
        } catch (MalformedException e) {
            Matcher url = SCHEME.matcher(text);
            return url.matches() ? url.group("scheme") + "://" + Settings.MASK : Settings.MASK;
        }
    }

    private static String checkedHosts(String hosts) throws MalformedException {
        for (String host : hosts.split(",", -1)) {
            Matcher matcher = HOST.matcher(host);
            boolean wellFormed = matcher.matches();
            String port = wellFormed ? matcher.group("port") : null;
            if (!wellFormed
                    || port != null
                            && (Integer.parseInt(port) < 1 || Integer.parseInt(port) > 65535)) {
                throw new MalformedException(
                        "host or host:port after '//', several separated by commas, and '@', ':',"
                                + " '/' and '?' in user or password written as %40, %3A, %2F and"
                                + " %3F");
            }
        }
        return hosts;
    }

    private static List<String> parameters(String[] addressAndQuery) {
        List<String> parameters = new ArrayList<>();
        if (addressAndQuery.length == 2) {
            for (String parameter : addressAndQuery[1].split("&")) {
                if (!parameter.isEmpty()) {
                    parameters.add(parameter);
                }
            }
        }
        return parameters;
    }

    private static void refuseHiddenSecret(String name) throws MalformedException {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.endsWith("password") || lower.endsWith("secret") || lower.endsWith("token")) {
            throw new MalformedException(
                    "no secret among the parameters but user and password, since the others stay"
                            + " readable; an SSL key is best kept unencrypted in a protected file");
        }
    }

    private static String translated(String name, String value) throws MalformedException {
        String jdbcValue = value;
        if (name.equals("target_session_attrs")) {
            jdbcValue = SESSION_ATTRS_TO_SERVER_TYPE.get(value);
            if (jdbcValue == null) {
                throw new MalformedException(
                        "target_session_attrs to be one of any, read-write, primary, read-only,"
                                + " standby and prefer-standby");
            }
        }
        // The driver reads a plus as a space, libpq does not.
        return LIBPQ_TO_JDBC.getOrDefault(name, name) + "=" + jdbcValue.replace("+", "%2B");
    }

    private static String queryDecoded(String text, boolean libpq) throws MalformedException {
        return percentDecoded(libpq ? text : text.replace('+', ' '));
    }

    private static String percentDecoded(String text) throws MalformedException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer decoded = ByteBuffer.allocate(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '%') {
                decoded.put(bytes[i]);
                continue;
            }
            int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
            int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                throw percentExpected();
            }
            decoded.put((byte) (high * 16 + low));
            i += 2;
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(decoded.flip()).toString();
        } catch (CharacterCodingException e) {
            throw percentExpected();
        }
    }

    private static MalformedException percentExpected() {
        return new MalformedException(
                "'%' in user or password written as %25, and other escapes as UTF-8");
    }

    private static String emptyToNull(String text) {
        return text.isEmpty() ? null : text;
    }

    /** Without the password. */
    @Override
    public String toString() {
        return jdbcUrl;
    }
}
