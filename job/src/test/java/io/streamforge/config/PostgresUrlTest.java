package io.streamforge.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresUrlTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    postgresql://u:p@h/db | jdbc:postgresql://h/db | u | p
                    postgres://u:p@h:6432/db | jdbc:postgresql://h:6432/db | u | p
                    postgresql://u@h/db | jdbc:postgresql://h/db | u |
                    postgresql://h/db | jdbc:postgresql://h/db | |
                    postgresql://a%40b:p%3A%2f%3F%25%E2%82%AC@h/db | jdbc:postgresql://h/db | a@b | p:/?%€
                    postgresql://u:a:b+c@h/db | jdbc:postgresql://h/db | u | a:b+c
                    postgresql://u:p@h1:1,h2:65535,[::1]:5/db | jdbc:postgresql://h1:1,h2:65535,[::1]:5/db | u | p
                    postgresql://u:p@h/db?sslmode=verify-full&sslrootcert=/a%20b | jdbc:postgresql://h/db?sslmode=verify-full&sslrootcert=/a%20b | u | p
                    postgresql://h/db?user=u&password=a+b%40 | jdbc:postgresql://h/db | u | a+b@
                    postgresql://u:p@h/db?connect_timeout=5&application_name=a+b&channel_binding=require | jdbc:postgresql://h/db?connectTimeout=5&ApplicationName=a%2Bb&channelBinding=require | u | p
                    postgresql://u:p@h1,h2/db?target_session_attrs=read-write | jdbc:postgresql://h1,h2/db?targetServerType=primary | u | p
                    jdbc:postgresql://h/db | jdbc:postgresql://h/db | |
                    jdbc:postgresql://h/db?user=u&password=a+b%40&ssl=true | jdbc:postgresql://h/db?ssl=true | u | a b@
                    jdbc:postgresql://h/db?ssl&&password=p&x=1+2 | jdbc:postgresql://h/db?ssl&x=1+2 | | p
                    jdbc:postgresql://u:p@h/db | jdbc:postgresql://h/db | u | p
                    """)
    void splitsCredentialsFromTheAddress(String text, String jdbcUrl, String user, String password)
            throws Exception {
        assertThat(PostgresUrl.parse(text)).isEqualTo(new PostgresUrl(jdbcUrl, user, password));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "canary",
                "mysql://u:canary@h/db",
                "postgresql:u:canary@h/db",
                "postgresql://u:canary",
                "postgresql://u:canary@h",
                "postgresql://u:canary@/db",
                "postgresql://u:canary@h:0/db",
                "postgresql://u:canary@h:65536/db",
                "postgresql://u:canary@h,/db",
                "postgresql://u:12@canary@h/db",
                "postgresql://u:12/canary@h/db",
                "postgresql://u:12/canary@h",
                "postgresql://u:12?canary@h/db",
                "postgresql://u:canary%@h/db",
                "postgresql://u:canary%4@h/db",
                "postgresql://u:canary%zz@h/db",
                "postgresql://u:canary%ff@h/db",
                "postgresql://h/db?sslpassword=canary",
                "jdbc:postgresql://h/db?PASSWORD=canary",
                "postgresql://u:canary@h/db?target_session_attrs=odd"
            })
    void refusesWhatItCannotSplitAndRepeatsNoneOfIt(String text) {
        assertThatThrownBy(() -> PostgresUrl.parse(text))
                .isInstanceOf(PostgresUrl.MalformedException.class)
                .message()
                .isNotBlank()
                .doesNotContain("canary");
        assertThat(PostgresUrl.shown(text)).doesNotContain("canary").contains("****");
    }

    @Test
    void isShownWithoutItsPassword() throws Exception {
        assertThat(PostgresUrl.shown("postgres://u:canary@h/db?a=b"))
                .isEqualTo("postgresql://u:****@h/db?a=b");
        assertThat(PostgresUrl.shown("postgresql://u@h/db")).isEqualTo("postgresql://u@h/db");
        assertThat(PostgresUrl.shown("jdbc:postgresql://h/db")).isEqualTo("jdbc:postgresql://h/db");
        assertThat(PostgresUrl.parse("postgresql://u:canary@h/db").toString())
                .isEqualTo("jdbc:postgresql://h/db");
    }
}
