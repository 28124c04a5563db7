package io.streamforge.local;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import java.util.NoSuchElementException;

/**
 * The lines of a file as message values: their bytes as they are, valid or not, without the line
 * end (LF or CR LF). Empty lines are skipped; the last line needs no end. One pass.
 */
public final class FileReplay implements Iterator<byte[]>, Closeable {

    private static final int BUFFER_BYTES = 1 << 16;

    private final Path file;
    private final int maxLineBytes;
    private final InputStream in;
    private long lineNumber;
    private byte[] next;

    /**
     * @param maxLineBytes the longest line that the topic takes; a longer one is an error, not
     *     something to send
     * @throws IOException if the file cannot be read
     */
    public FileReplay(Path file, int maxLineBytes) throws IOException {
        this.file = file;
        this.maxLineBytes = maxLineBytes;
        this.in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
    }

    /**
     * @throws UncheckedIOException if the file cannot be read on, or its next line is too long
     */
    @Override
    public boolean hasNext() {
        try {
            while (next == null || next.length == 0) {
                next = readLine();
                if (next == null) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public byte[] next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        byte[] line = next;
        next = null;
        return line;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** The next line, or null at the end of the file. */
    private byte[] readLine() throws IOException {
        int read = in.read();
        if (read < 0) {
            return null;
        }
        lineNumber++;
        ByteArrayOutputStream line = new ByteArrayOutputStream(512);
        for (; read >= 0 && read != '\n'; read = in.read()) {
            // One more for the CR that may end it.
            if (line.size() > maxLineBytes) {
                throw tooLong();
            }
            line.write(read);
        }
        byte[] bytes = line.toByteArray();
        if (read == '\n' && bytes.length > 0 && bytes[bytes.length - 1] == '\r') {
            bytes = Arrays.copyOf(bytes, bytes.length - 1);
        }
        if (bytes.length > maxLineBytes) {
            throw tooLong();
        }
        return bytes;
    }

    private IOException tooLong() {
        return new IOException(
                String.format(
                        Locale.ROOT,
                        "Line %d of %s has more than the %d bytes that the topic takes",
                        lineNumber,
                        file,
                        maxLineBytes));
    }
}
