package io.streamforge.account;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.roaringbitmap.longlong.LongIterator;
import org.roaringbitmap.longlong.Roaring64Bitmap;

/**
 * A set of messages by coordinates. At most about 8 KiB for each 65,536 consecutive offsets of a
 * partition: 13 MB for 100 million messages.
 */
public final class OffsetSet {

    private final SortedMap<Integer, Roaring64Bitmap> offsets = new TreeMap<>();

    /** Adds a message; false if it was here before. */
    public boolean add(int partition, long offset) {
        Roaring64Bitmap bitmap = offsets.computeIfAbsent(partition, p -> new Roaring64Bitmap());
        if (bitmap.contains(offset)) {
            return false;
        }
        bitmap.addLong(offset);
        return true;
    }

    /** Takes a message out, if it is in. */
    public void remove(int partition, long offset) {
        Roaring64Bitmap bitmap = offsets.get(partition);
        if (bitmap != null) {
            bitmap.removeLong(offset);
        }
    }

    public boolean contains(int partition, long offset) {
        Roaring64Bitmap bitmap = offsets.get(partition);
        return bitmap != null && bitmap.contains(offset);
    }

    public boolean isEmpty() {
        return size() == 0;
    }

    public long size() {
        return offsets.values().stream().mapToLong(Roaring64Bitmap::getLongCardinality).sum();
    }

    OffsetSet and(OffsetSet other) {
        OffsetSet result = new OffsetSet();
        offsets.forEach(
                (partition, bitmap) -> {
                    Roaring64Bitmap others = other.offsets.get(partition);
                    if (others != null) {
                        Roaring64Bitmap both = bitmap.clone();
                        both.and(others);
                        result.offsets.put(partition, both);
                    }
                });
        return result;
    }

    OffsetSet or(OffsetSet other) {
        OffsetSet result = copy();
        other.offsets.forEach(
                (partition, bitmap) ->
                        result.offsets
                                .computeIfAbsent(partition, p -> new Roaring64Bitmap())
                                .or(bitmap));
        return result;
    }

    OffsetSet andNot(OffsetSet other) {
        OffsetSet result = copy();
        result.offsets.forEach(
                (partition, bitmap) -> {
                    Roaring64Bitmap others = other.offsets.get(partition);
                    if (others != null) {
                        bitmap.andNot(others);
                    }
                });
        return result;
    }

    /** The first {@code limit} members as {@code partition@offset}, in order. */
    List<String> first(int limit) {
        List<String> first = new ArrayList<>();
        offsets.forEach(
                (partition, bitmap) -> {
                    LongIterator iterator = bitmap.getLongIterator();
                    while (first.size() < limit && iterator.hasNext()) {
                        first.add(partition + "@" + iterator.next());
                    }
                });
        return first;
    }

    /**
     * The members in order, consecutive ones as {@code partition@first-last}, the first {@code
     * limit} of these.
     */
    List<String> ranges(int limit) {
        List<String> ranges = new ArrayList<>();
        offsets.forEach(
                (partition, bitmap) -> {
                    LongIterator iterator = bitmap.getLongIterator();
                    long next = iterator.hasNext() ? iterator.next() : -1;
                    while (ranges.size() < limit && next >= 0) {
                        long first = next;
                        long last;
                        do {
                            last = next;
                            next = iterator.hasNext() ? iterator.next() : -1;
                        } while (next == last + 1);
                        ranges.add(partition + "@" + first + (last == first ? "" : "-" + last));
                    }
                });
        return ranges;
    }

    /** How many members a partition has. */
    long size(int partition) {
        Roaring64Bitmap bitmap = offsets.get(partition);
        return bitmap == null ? 0 : bitmap.getLongCardinality();
    }

    /** Of each partition from the first member to the last. */
    Window window() {
        Map<Integer, Window.Range> ranges = new HashMap<>();
        offsets.forEach(
                (partition, bitmap) -> {
                    if (!bitmap.isEmpty()) {
                        ranges.put(partition, new Window.Range(bitmap.first(), bitmap.last() + 1));
                    }
                });
        return new Window(ranges);
    }

    private OffsetSet copy() {
        OffsetSet copy = new OffsetSet();
        offsets.forEach((partition, bitmap) -> copy.offsets.put(partition, bitmap.clone()));
        return copy;
    }
}
