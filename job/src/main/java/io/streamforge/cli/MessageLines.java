package io.streamforge.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * The messages of a stream of lines: their bytes as they are, valid or not, without the line end
 * (LF or CR LF). An empty line is a message without bytes.
 */
final class MessageLines {

    private static final int BUFFER_BYTES = 1 << 16;

    private final InputStream in;
    private final boolean whole;
    private long number;

    /**
     * @param whole whether all of it is one message
     */
    MessageLines(InputStream in, boolean whole) {
        this.in = new BufferedInputStream(in, BUFFER_BYTES);
        this.whole = whole;
    }

    /** The next message, or null at the end. */
    byte[] next() throws IOException {
        if (whole) {
            return number++ == 0 ? in.readAllBytes() : null;
        }
        int read = in.read();
        if (read < 0) {
            return null;
        }
        number++;
        ByteArrayOutputStream line = new ByteArrayOutputStream(512);
        while (read >= 0 && read != '\n') {
            line.write(read);
            read = in.read();
        }
        byte[] bytes = line.toByteArray();
        int last = bytes.length - 1;
        return last >= 0 && bytes[last] == '\r' ? Arrays.copyOf(bytes, last) : bytes;
    }

    /** The number of the line that {@link #next} gave last, from 1. */
    long number() {
        return number;
    }
}
