package io.streamforge.local.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** A certificate for {@code localhost}, by an authority of its own that nobody else knows. */
final class ServerCertificate {

    static final String PASSWORD = "of-the-key-store";

    private static final String TYPE = "PKCS12";

    private final Path directory;
    private final KeyStore generated;

    /** Generates both with the JDK's {@code keytool}. */
    ServerCertificate(Path directory)
            throws IOException, InterruptedException, GeneralSecurityException {
        this.directory = Files.createDirectories(directory).toAbsolutePath();
        generate("authority", "CN=an authority of this test", "-ext", "bc:c");
        generate("server", "CN=server", "-signer", "authority", "-ext", "san=dns:localhost");
        this.generated =
                KeyStore.getInstance(file("generated.p12").toFile(), PASSWORD.toCharArray());
    }

    private void generate(String alias, String name, String... more)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of("-genkeypair", "-alias", alias, "-dname", name));
        command.addAll(List.of("-keyalg", "RSA", "-keysize", "2048", "-validity", "2"));
        command.addAll(List.of("-keystore", file("generated.p12").toString()));
        command.addAll(List.of("-storetype", TYPE, "-storepass", PASSWORD));
        command.addAll(List.of(more));
        Path printed = file("keytool.out");
        Process keytool =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(printed.toFile()))
                        .start();
        assertThat(keytool.waitFor()).as("keytool; see %s", printed).isZero();
    }

    /** What clients trust, as PEM. */
    Path authority() throws IOException, GeneralSecurityException {
        return pem("ca.crt", "CERTIFICATE", generated.getCertificate("authority").getEncoded());
    }

    /** The server's certificate, as PEM. */
    Path certificate() throws IOException, GeneralSecurityException {
        return pem("server.crt", "CERTIFICATE", generated.getCertificate("server").getEncoded());
    }

    /** The server's key, as PEM that its owner alone can read. */
    Path key() throws IOException, GeneralSecurityException {
        byte[] key = generated.getKey("server", PASSWORD.toCharArray()).getEncoded();
        Path pem = pem("server.key", "PRIVATE KEY", key);
        return Files.setPosixFilePermissions(pem, PosixFilePermissions.fromString("rw-------"));
    }

    /** The server's key and certificate, and nothing else. */
    Path keyStore() throws IOException, GeneralSecurityException {
        char[] password = PASSWORD.toCharArray();
        Certificate[] chain = generated.getCertificateChain("server");
        KeyStore server = KeyStore.getInstance(TYPE);
        server.load(null, null);
        server.setKeyEntry("server", generated.getKey("server", password), password, chain);
        Path file = file("server.p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            server.store(out, password);
        }
        return file;
    }

    private Path pem(String name, String label, byte[] der) throws IOException {
        String lines =
                Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(der);
        return Files.writeString(
                file(name),
                "-----BEGIN %1$s-----%n%2$s%n-----END %1$s-----%n".formatted(label, lines));
    }

    private Path file(String name) {
        return directory.resolve(name);
    }
}
