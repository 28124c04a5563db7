package io.streamforge.account;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.roaringbitmap.longlong.LongIterator;
import org.roaringbitmap.longlong.Roaring64Bitmap;

/**
 * A set of messages by coordinates. At most about 8 KiB for each 65,536 consecutive offsets of a
 * partition: 13 MB for 100 million messages.
 */
final class OffsetSet {

    private final SortedMap<Integer, Roaring64Bitmap> offsets = new TreeMap<>();

    /** Adds a message; false if it was here before. */
    boolean add(int partition, long offset) {
        Roaring64Bitmap bitmap = offsets.computeIfAbsent(partition, p -> new Roaring64Bitmap());
        if (bitmap.contains(offset)) {
            return false;
        }
        bitmap.addLong(offset);
        return true;
    }

    boolean contains(int partition, long offset) {
        Roaring64Bitmap bitmap = offsets.get(partition);
        return bitmap != null && bitmap.contains(offset);
    }

    boolean isEmpty() {
        return size() == 0;
    }

    long size() {
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

    private OffsetSet copy() {
        OffsetSet copy = new OffsetSet();
        offsets.forEach((partition, bitmap) -> copy.offsets.put(partition, bitmap.clone()));
        return copy;
    }
}
