package io.streamforge.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoopbackPortTest {

    @Test
    void givesAnotherFreePortAtEachCall() throws Exception {
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            ports.add(LoopbackPort.free());
        }

        assertThat(ports).doesNotHaveDuplicates().allMatch(port -> port >= 20_000 && port < 32_000);
    }

    @Test
    void passesOverAPortThatIsTaken() throws Exception {
        int next = LoopbackPort.free() + 1;
        try (ServerSocket taken = new ServerSocket(next, 1, InetAddress.getByName("127.0.0.1"))) {
            assertThat(LoopbackPort.free()).isNotEqualTo(taken.getLocalPort());
        }
    }
}
