package io.streamforge.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.streamforge.local.PostgresProcess.Durability;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class PostgresProcessITCase {

    @TempDir Path parent;
    private Path dataDir;

    /** A path that any of the commands on the way would take apart if it could. */
    @BeforeEach
    void nameTheDataDirectory() throws IOException {
        dataDir = Files.createDirectory(parent.resolve("my data = 'here' #1"));
    }

    /** Nothing committed is lost by a stop in good order or by a kill. */
    @Test
    void keepsRowsAcrossStopAndKill() throws Exception {
        int port = LoopbackPort.free();
        PostgresProcess postgres = start(port, Durability.DURABLE);
        try {
            assertThat(postgres.adopted()).isFalse();
            assertThat(dataDir.resolve("run/postgres.pid")).hasContent(postgres.pid() + "\n");
            assertThat(setting(postgres, "fsync")).isEqualTo("on");
            assertThat(setting(postgres, "synchronous_commit")).isEqualTo("on");
            assertThat(setting(postgres, "full_page_writes")).isEqualTo("on");
            execute(postgres, "CREATE TABLE kept (n int)");
            execute(postgres, "INSERT INTO kept VALUES (1)");

            // Somebody is connected all the time: that must not hold the stop up.
            try (Connection idle = postgres.connection()) {
                postgres.stop();
                assertThat(idle.isValid(1)).isFalse();
            }
            assertThat(postgres.isAlive()).isFalse();
            assertThat(dataDir.resolve("run/postgres.pid")).doesNotExist();
            postgres.stop();

            postgres = start(port, Durability.DURABLE);
            execute(postgres, "INSERT INTO kept VALUES (2)");
            postgres.kill();
            assertThat(postgres.isAlive()).isFalse();

            postgres = start(port, Durability.FAST);
            assertThat(setting(postgres, "fsync")).isEqualTo("off");
            assertThat(query(postgres, "SELECT string_agg(n::text, ',' ORDER BY n) FROM kept"))
                    .isEqualTo("1,2");
        } finally {
            postgres.stop();
        }
    }

    /** After kill -9 of the JVM that started it, the server is taken over, not fought with. */
    @Test
    void adoptsTheServerThatAnotherJvmLeftBehind() throws Exception {
        int port = LoopbackPort.free();
        LeftBehind.start("postgres", dataDir, port);
        String pid = Files.readString(dataDir.resolve("run/postgres.pid")).strip();

        PostgresProcess postgres = start(port, Durability.FAST);
        try {
            assertThat(postgres.adopted()).isTrue();
            assertThat(postgres.pid()).isEqualTo(Long.parseLong(pid));
            assertThat(query(postgres, "SELECT current_user")).isEqualTo("streamforge");

            int otherPort = LoopbackPort.free();
            assertThatThrownBy(() -> start(otherPort, Durability.FAST))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("still running (pid " + pid + ")")
                    .hasMessageContaining("127.0.0.1:" + port)
                    .hasMessageContaining("not on port " + otherPort);
        } finally {
            postgres.stop();
        }
        assertThat(postgres.isAlive()).isFalse();
    }

    @Test
    void refusesATakenPort() throws IOException {
        try (ServerSocket taken =
                new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            assertThatThrownBy(() -> start(taken.getLocalPort(), Durability.FAST))
                    .isInstanceOf(PortTakenException.class)
                    .hasMessage(
                            "Postgres cannot listen on 127.0.0.1:%d: the port is taken",
                            taken.getLocalPort());
        }
        assertThat(dataDir.resolve("run/postgres.pid")).doesNotExist();
    }

    @Test
    void namesItsLogWhenItCannotStart() throws Exception {
        int port = LoopbackPort.free();
        start(port, Durability.FAST).stop();
        Files.writeString(dataDir.resolve("postgres/PG_VERSION"), "9\n");

        assertThatThrownBy(() -> start(port, Durability.FAST))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("log/postgres.log");
        assertThat(dataDir.resolve("log/postgres.log"))
                .content()
                .contains("database files are incompatible with server");
    }

    @Test
    void givesTheRoleItsDatabasesAndNoMore() throws Exception {
        PostgresServer postgres = LocalStack.postgres();
        postgres.createDatabase("roles_test");

        assertThat(setting(postgres, "is_superuser")).isEqualTo("off");
        String owners =
                "SELECT count(*) FROM pg_database WHERE datname IN ('streamforge', 'roles_test')"
                        + " AND pg_get_userbyid(datdba) = 'streamforge'";
        assertThat(query(postgres, owners)).isEqualTo("2");
        assertThatThrownBy(() -> execute(postgres, "CREATE ROLE intruder"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
        try (Connection admin = postgres.adminConnection("roles_test");
                Statement statement = admin.createStatement();
                ResultSet row = statement.executeQuery("SELECT current_setting('is_superuser')")) {
            row.next();
            assertThat(row.getString(1)).isEqualTo("on");
        }
    }

    @Test
    void letsNobodyInWithoutTheRightPassword() {
        String url = LocalStack.postgres().jdbcUrl();

        for (String user : new String[] {"streamforge", "postgres"}) {
            assertThatThrownBy(() -> DriverManager.getConnection(url, user, "guessed"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            e -> assertThat(e.getSQLState()).isEqualTo("28P01"));
        }
    }

    @Test
    void keepsTheAdminsPasswordToTheOwnerOfTheDirectory() throws Exception {
        PostgresProcess postgres = start(LoopbackPort.free(), Durability.FAST);
        postgres.stop();

        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(
                                        dataDir.resolve("run/postgres-admin.password"))))
                .isEqualTo("rw-------");
    }

    private PostgresProcess start(int port, Durability durability)
            throws IOException, InterruptedException {
        return PostgresProcess.start(dataDir, LocalStack.BINARIES, port, durability);
    }

    private static String setting(PostgresServer postgres, String name) throws SQLException {
        return query(postgres, "SELECT current_setting('" + name + "')");
    }

    private static void execute(PostgresServer postgres, String sql) throws SQLException {
        try (Connection connection = postgres.connection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String query(PostgresServer postgres, String sql) throws SQLException {
        try (Connection connection = postgres.connection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
