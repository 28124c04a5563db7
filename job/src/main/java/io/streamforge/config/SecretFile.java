package io.streamforge.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** A file that holds one secret, as Docker and Kubernetes mount them. */
final class SecretFile {

    /** No secret is longer; a wrong path to a large file must not fill the memory. */
    private static final int MAX_BYTES = 64 * 1024;

    /** The file cannot be used; the message continues "The file x …". */
    static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1L;

        private UnreadableException(String message) {
            super(message);
        }
    }

    private SecretFile() {}

    /** The file's text without one trailing line break. */
    static String read(String path) throws UnreadableException {
        byte[] bytes;
        try {
            Path file = Path.of(path);
            if (!Files.isRegularFile(file)) {
                throw new UnreadableException("does not exist or is not a regular file");
            }
            if (Files.size(file) > MAX_BYTES) {
                throw new UnreadableException("has more than " + MAX_BYTES + " bytes");
            }
            bytes = Files.readAllBytes(file);
        } catch (IOException | InvalidPathException e) {
            throw new UnreadableException("cannot be read");
        }
        try {
            String text =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .toString()
                            .replaceFirst("\\r?\\n\\z", "");
            if (text.isEmpty()) {
                throw new UnreadableException("is empty");
            }
            return text;
        } catch (CharacterCodingException e) {
            throw new UnreadableException("is not UTF-8 text");
        }
    }
}
