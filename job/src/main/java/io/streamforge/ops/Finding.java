package io.streamforge.ops;

/** What a monitor found about one {@link Check}, just now. */
record Finding(String name, boolean ok, String detail) {

    private static final int LONGEST = 300;

    Finding {
        String line = String.valueOf(detail).replaceAll("\\s+", " ").strip();
        detail = line.length() > LONGEST ? line.substring(0, LONGEST) + " …" : line;
    }

    static Finding ok(String name, String detail) {
        return new Finding(name, true, detail);
    }

    static Finding bad(String name, String detail) {
        return new Finding(name, false, detail);
    }
}
