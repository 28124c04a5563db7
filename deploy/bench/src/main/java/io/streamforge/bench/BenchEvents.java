package io.streamforge.bench;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * The events of the benchmarks: about 247 bytes each, in the one spelling that all systems under
 * test read alike, so that each has the same work and its result can be checked row by row. Keys
 * are random UUIDs, which is the hardest case for the table's index, and a duplicate has that of
 * any earlier event, so its row is rarely at hand. The same numbers give the same events.
 */
final class BenchEvents {

    /**
     * What the events are like.
     *
     * @param invalidPercent of them break the contract: an unknown type, no user, or no time
     * @param duplicatePercent of them repeat the {@code event_id} of an earlier one, with a later
     *     time
     * @param originals events before the first that repeats another
     * @param padding bytes of a field that no system looks at, and that do not compress to nothing
     */
    record Shape(int invalidPercent, int duplicatePercent, long originals, int padding, long seed) {

        /** One in a hundred is invalid. */
        static final Shape USUAL = new Shape(1, 0, 0, 0, 1);
    }

    private static final String[] TYPES = {"VIEW", "VIEW", "VIEW", "CLICK", "PURCHASE"};
    private static final String[] REFERRERS = {
        "https://www.google.com/",
        "https://duckduckgo.com/?q=running+shoes",
        "https://news.ycombinator.com/item?id=38471822"
    };
    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
    private static final int USERS = 20_000;

    private final Shape shape;
    private final SplittableRandom random;
    private final String[] users = new String[USERS];
    private final String noise;
    private final StringBuilder json = new StringBuilder(512);
    private long made;
    private long invalid;
    private long ids;
    private long bytes;
    private String user;

    BenchEvents(Shape shape) {
        this.shape = shape;
        this.random = new SplittableRandom(shape.seed());
        this.noise = shape.padding() == 0 ? "" : noise(shape.padding());
        SplittableRandom identities = new SplittableRandom(42);
        for (int i = 0; i < USERS; i++) {
            users[i] = uuid(identities);
        }
    }

    /** The next message's value. */
    byte[] next() {
        boolean broken = random.nextInt(100) < shape.invalidPercent();
        boolean repeats =
                !broken
                        && ids > 0
                        && made >= shape.originals()
                        && random.nextInt(100) < shape.duplicatePercent();
        int flaw = broken ? (int) (invalid++ % 3) : -1;
        String id;
        if (repeats) {
            id = id(random.nextLong(ids));
        } else {
            id = broken ? uuid(random) : id(ids++);
        }
        user = users[random.nextInt(USERS)];
        String type = TYPES[random.nextInt(TYPES.length)];
        // Ten thousand events a second, so that a run spans minutes of one day.
        Instant time = START.plusNanos(made++ * 100_000 + random.nextInt(100) * 1_000L);

        json.setLength(0);
        json.append("{\"event_id\":\"").append(id);
        json.append("\",\"event_type\":\"").append(flaw == 0 ? "RETURN" : type);
        json.append("\",\"occurred_at\":\"");
        json.append(flaw == 1 ? "yesterday" : DateTimeFormatter.ISO_INSTANT.format(time));
        if (flaw != 2) {
            json.append("\",\"user_id\":\"").append(user);
        }
        json.append("\",\"amount_cents\":").append(100 + random.nextInt(50_000));
        json.append(",\"path\":\"/products/").append(random.nextInt(10_000)).append('"');
        if (random.nextInt(4) > 0) {
            json.append(",\"referrer\":\"")
                    .append(REFERRERS[random.nextInt(REFERRERS.length)])
                    .append('"');
        }
        if (!noise.isEmpty()) {
            int at = random.nextInt(noise.length() - shape.padding() + 1);
            json.append(",\"padding\":\"");
            json.append(noise, at, at + shape.padding()).append('"');
        }
        json.append('}');
        bytes += json.length();
        return json.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The key of the message that {@link #next} gave last. */
    byte[] key() {
        return user.getBytes(StandardCharsets.ISO_8859_1);
    }

    Shape shape() {
        return shape;
    }

    /** Messages so far. */
    long made() {
        return made;
    }

    /** Messages so far that break the contract. */
    long invalid() {
        return invalid;
    }

    /** Different {@code event_id}s of valid messages so far: the rows of the table. */
    long ids() {
        return ids;
    }

    /** Bytes of all messages' values so far. */
    long bytes() {
        return bytes;
    }

    /** Of the n-th event that repeats none; computed anew, so that none has to be remembered. */
    private String id(long n) {
        return uuid(new SplittableRandom(shape.seed() + n));
    }

    private static String noise(int atLeast) {
        return new SplittableRandom(7)
                .ints(atLeast + (1 << 20), 'a', 'z' + 1)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static String uuid(SplittableRandom random) {
        long high = random.nextLong() & ~0xF000L | 0x4000L;
        long low = random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL | 0x8000_0000_0000_0000L;
        return new UUID(high, low).toString();
    }
}
