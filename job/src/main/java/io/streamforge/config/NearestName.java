package io.streamforge.config;

import java.util.Locale;

/** Guesses which setting a misspelt name was meant to be. */
final class NearestName {

    private NearestName() {}

    /** The setting with the fewest edits to the given name, written {@code like-this} or not. */
    static String to(String given) {
        String name = given.toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_');
        String nearest = null;
        int fewest = Integer.MAX_VALUE;
        for (Setting setting : Setting.values()) {
            int edits = edits(name, setting.name());
            if (edits < fewest) {
                fewest = edits;
                nearest = setting.name();
            }
        }
        return nearest;
    }

    /** Levenshtein's distance. */
    private static int edits(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                int substitution = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(substitution, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
