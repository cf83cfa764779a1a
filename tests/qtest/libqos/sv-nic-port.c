/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The wire at a port of the SV-NIC card: the other end of a socket netdev.
 *
 * Called by tests/qtest/sv-nic-*-test.c, single-threaded.
 */
#include "qemu/osdep.h"
#include "../libqtest.h"
#include "qemu/bswap.h"
#include "qemu/sockets.h"
#include "sv-nic.h"
#include "sv-nic-port.h"

static void wires_close(void *data)
{
    QSvNicWires *wires = data;
    int i;

    for (i = 0; i < SVNIC_MAX_PORTS; i++) {
        close(wires->port[i].fd);
        close(wires->port[i].qemu_fd);
    }
    qos_invalidate_command_line(); /* it has file descriptors that are closed */
    g_free(wires);
}

/* Connects over TCP, which can accept a part of a frame. */
static void wire_tcp(int pair[2])
{
    struct sockaddr_in addr = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    socklen_t len = sizeof(addr);
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    g_assert_cmpint(bind(listener, (struct sockaddr *)&addr, len), ==, 0);
    g_assert_cmpint(listen(listener, 1), ==, 0);
    g_assert_cmpint(getsockname(listener, (struct sockaddr *)&addr, &len), ==,
                    0);
    pair[1] = socket(AF_INET, SOCK_STREAM, 0);
    g_assert_cmpint(connect(pair[1], (struct sockaddr *)&addr, len), ==, 0);
    pair[0] = accept(listener, NULL, NULL);
    g_assert_cmpint(pair[0], >=, 0);
    close(listener);
}

void *sv_nic_wires_before(GString *cmd_line, void *arg)
{
    QSvNicWires *wires = g_new0(QSvNicWires, 1);
    int i;

    for (i = 0; i < SVNIC_MAX_PORTS; i++) {
        int pair[2];

        if (arg == SV_NIC_WIRES_TCP) {
            wire_tcp(pair);
        } else {
            g_assert_cmpint(socketpair(PF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
        }
        wires->port[i].fd = pair[0];
        wires->port[i].qemu_fd = pair[1];
        g_assert_true(g_unix_set_fd_nonblocking(pair[0], true, NULL));
        qemu_set_cloexec(pair[0]);
        g_string_append_printf(cmd_line, " -netdev socket,fd=%d,id=wire%d",
                               pair[1], i);
    }
    /* no watchdog: the test can read the wire at any later time */
    g_string_append(cmd_line, " -global sv-nic.port-watchdog=0");
    g_test_queue_destroy(wires_close, wires);
    return wires;
}

bool sv_nic_wire_send(QTestState *qts, QSvNicWire *wire, const void *data,
                      uint32_t length, bool wait)
{
    g_autofree uint8_t *run = g_malloc(4 + length);
    size_t total = 4 + length;
    size_t done = 0;

    stl_be_p(run, length);
    memcpy(run + 4, data, length);
    while (done < total) {
        ssize_t n = send(wire->fd, run + done, total - done, 0);

        if (n > 0) {
            done += n;
            continue;
        }
        g_assert_true(n < 0 && (errno == EAGAIN || errno == EINTR));
        if (!done && !wait) {
            return false;
        }
        sv_nic_wait(qts, g_poll(&(GPollFD) { wire->fd, G_IO_OUT, 0 }, 1,
                                10) == 1);
    }
    return true;
}

uint32_t sv_nic_wire_take(QSvNicWire *wire, uint8_t *data)
{
    uint32_t length = 0;

    for (;;) {
        size_t want = 4;
        ssize_t n;

        if (wire->in_bytes >= 4) {
            length = ldl_be_p(wire->in);
            g_assert_cmpuint(length, >, 0);
            g_assert_cmpuint(length, <=, SV_NIC_WIRE_MAX);
            want = 4 + length;
        }
        if (wire->in_bytes == want) {
            memcpy(data, wire->in + 4, length);
            wire->in_bytes = 0;
            return length;
        }
        n = recv(wire->fd, wire->in + wire->in_bytes, want - wire->in_bytes,
                 0);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && errno == EAGAIN) {
            return 0;
        }
        g_assert_cmpint(n, >, 0); /* QEMU has closed its end */
        wire->in_bytes += n;
    }
}

void sv_nic_wire_expect(QTestState *qts, QSvNicWire *wire, const void *data,
                        uint32_t length)
{
    g_autofree uint8_t *got = g_malloc(SV_NIC_WIRE_MAX);
    uint32_t got_length;

    sv_nic_wait(qts, (got_length = sv_nic_wire_take(wire, got)));
    g_assert_cmpmem(got, got_length, data, length);
}
