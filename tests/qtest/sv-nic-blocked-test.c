/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: ports with a network back end that accepts no frames, is slow, runs a
 * nested event loop, or disconnects and reconnects.
 *
 * Section "Ports" of docs/specs/sv-nic-chip.rst.  Tests of the watchdog set its
 * time; for other tests it is off, see sv_nic_wires_before().
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-frame.h"
#include "libqos/sv-nic-port.h"
#include "qemu/bswap.h"
#include "qemu/module.h"
#include "qemu/sockets.h"

#define LENGTH 1400
/* Frames of a slow wire that the watchdog has to drop. */
#define SLOW_LATE 10
/* Milliseconds of the watchdog; the same as in the options below */
#define WATCHDOG 50

/* An address of no VIF: frames to it are sent by the port. */
static const uint8_t outside[6] = { 0x02, 0xee, 0, 0, 0, 1 };

static void open_jumbo(QSvNicVif *vif, QSvNic *nic, uint32_t id)
{
    struct svnic_vif_attr attr = {
        .mask = cpu_to_le32(SVNIC_ATTR_MAC | SVNIC_ATTR_MTU |
                            SVNIC_ATTR_SEND_SLOTS),
        .mtu = cpu_to_le32(SVNIC_MAX_MTU),
        .send_slots = cpu_to_le32(1024),
    };

    sv_nic_mac(attr.mac, id);
    sv_nic_vif_open(vif, nic, id, &attr);
}

static void send_to(QSvNicVif *from, const uint8_t dst[6], uint32_t length,
                    uint32_t seed)
{
    g_autofree uint8_t *bytes = g_malloc(length);

    sv_nic_frame_fill(bytes, length, dst, from->mac, seed);
    sv_nic_send(from, NULL, bytes, length);
}

static void expect_out(QSvNicVif *from, QSvNicWire *wire, uint32_t length,
                       uint32_t seed)
{
    g_autofree uint8_t *bytes = g_malloc(length);

    sv_nic_frame_fill(bytes, length, outside, from->mac, seed);
    sv_nic_wire_expect(sv_nic_qts(from->nic), wire, bytes, length);
}

/* Sends until the net layer queues a packet; returns the number of frames. */
static uint32_t block(QSvNicVif *from, uint32_t length)
{
    uint32_t n = 0;

    while (!sv_nic_counter(from->nic, "port[0]", "chip-out-waits")) {
        send_to(from, outside, length, n++);
        sv_nic_wait_idle(from->nic);
        g_assert_cmpuint(n, <, 1000);
    }
    return n;
}

/* Receives all frames from the wire; returns their number. */
static uint32_t drain(QSvNic *nic, QSvNicWire *wire)
{
    g_autofree uint8_t *bytes = g_malloc(SV_NIC_WIRE_MAX);
    uint32_t n = 0;

    do {
        while (sv_nic_wire_take(wire, bytes)) {
            n++;
        }
        sv_nic_wait_idle(nic);
    } while (g_poll(&(GPollFD) { wire->fd, G_IO_IN, 0 }, 1, 0) == 1);
    return n;
}

/*
 * Sends more frames than fit into the port, each third one to another VIF.
 * These all arrive, although the wire accepts nothing, and the VIF is not
 * stopped.  Then the wire is read, and new frames leave by the port.
 */
static void test_watchdog(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    QSvNicVif a, b;
    uint8_t bytes[LENGTH];
    uint32_t i, late;

    open_jumbo(&a, nic, 0);
    open_jumbo(&b, nic, 1);
    block(&a, LENGTH);
    for (i = 0; i < 1500; i++) {
        send_to(&a, i % 3 ? outside : b.mac, LENGTH, i);
        if (i % 3 == 0) {
            sv_nic_frame_fill(bytes, LENGTH, b.mac, a.mac, i);
            sv_nic_expect(&b, NULL, bytes, LENGTH);
        }
    }
    sv_nic_send_drain(&a);
    g_assert_cmpuint(sv_nic_page(&a, state), ==, SVNIC_VIF_ACTIVE);
    late = sv_nic_counter(nic, "port[0]", "chip-out-late");
    g_assert_cmpuint(late, >, 300);
    /* the watchdog has expired: frames are dropped at once */
    sv_nic_wait_idle(nic);
    late = sv_nic_counter(nic, "port[0]", "chip-out-late");
    send_to(&a, outside, LENGTH, 1);
    sv_nic_wait(sv_nic_qts(nic), sv_nic_counter(nic, "port[0]",
                                                "chip-out-late") == late + 1);
    /* the wire is read, so the port can send again */
    g_assert_cmpuint(drain(nic, &wires->port[0]), >, 0);
    late = sv_nic_counter(nic, "port[0]", "chip-out-late");
    for (i = 0; i < 100; i++) {
        send_to(&a, outside, LENGTH, 5000 + i);
        expect_out(&a, &wires->port[0], LENGTH, 5000 + i);
    }
    g_assert_cmpuint(sv_nic_counter(nic, "port[0]", "chip-out-late"), ==,
                     late);
}

/* A slow wire is not blocked; frames older than the limit are dropped. */
static void test_slow(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    g_autofree uint8_t *bytes = g_malloc(SV_NIC_WIRE_MAX);
    QSvNicVif a;
    int64_t deadline = g_get_monotonic_time() + SV_NIC_DEADLINE_US;
    uint32_t sent, got = 0;
    int64_t end;

    open_jumbo(&a, nic, 0);
    sent = block(&a, LENGTH);
    /* One frame for each period of the watchdog. */
    while (sv_nic_counter(nic, "port[0]", "chip-out-late") < SLOW_LATE) {
        got += !!sv_nic_wire_take(&wires->port[0], bytes);
        end = g_get_monotonic_time() + WATCHDOG * 1000;
        g_assert_cmpint(end, <, deadline);
        while (g_get_monotonic_time() < end) {
            if (sv_nic_send_room(&a) >= SVNIC_FRAME_SLOTS(LENGTH)) {
                send_to(&a, outside, LENGTH, sent++);
            }
            qtest_clock_step(sv_nic_qts(nic), 100000);
        }
    }
    sv_nic_send_drain(&a);
    got += drain(nic, &wires->port[0]);
    g_assert_cmpuint(got + sv_nic_counter(nic, "port[0]", "chip-out-late"),
                     ==, sent);
    g_assert_cmpuint(got, >, 0);
}

/*
 * A reset while the wire has received a part of a long frame: the rest of that
 * frame follows, not the next, shorter frame.
 */
static void test_reset_in_packet(void *obj, void *data,
                                 QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    const uint32_t length = SVNIC_MAX_MTU + SVNIC_ETH_HEADER;
    g_autofree uint8_t *out = g_malloc(SV_NIC_WIRE_MAX);
    g_autofree uint8_t *in = g_malloc(SV_NIC_WIRE_MAX);
    uint32_t sent, n, got;
    QSvNicVif a;

    open_jumbo(&a, nic, 0);
    for (n = 0; n < 4; n++) {
        sent = 0;
        got = sv_nic_counter(nic, "port[0]", "chip-out-waits");
        while (sv_nic_counter(nic, "port[0]", "chip-out-waits") == got) {
            send_to(&a, outside, length, sent++);
            sv_nic_wait_idle(nic);
        }
        qtest_system_reset(sv_nic_qts(nic));
        sv_nic_restart(nic);
        open_jumbo(&a, nic, 0);
        send_to(&a, outside, 60, 7);
        /* first the complete frame that was started */
        for (got = 0; got < sent; got++) {
            uint32_t l;

            sv_nic_wait(sv_nic_qts(nic),
                        (l = sv_nic_wire_take(&wires->port[0], in)));
            if (l == 60) {
                break;
            }
            sv_nic_frame_fill(out, length, outside, a.mac, got);
            g_assert_cmpmem(in, l, out, length);
        }
        sv_nic_frame_fill(out, 60, outside, a.mac, 7);
        if (got == sent) {
            sv_nic_wire_expect(sv_nic_qts(nic), &wires->port[0], out, 60);
        } else {
            g_assert_cmpmem(in, 60, out, 60);
        }
    }
}

/* A frame of thousands of segments: each run sends a limited number. */
static void test_tiny_segments(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    g_autofree uint8_t *bytes = g_malloc(SVNIC_MAX_FRAME);
    QSvNicFlow flow = {
        .tcp_flags = SV_NIC_TCP_ACK | SV_NIC_TCP_PSH,
        .payload = 65000,
        .gso_size = SVNIC_MIN_GSO_SIZE,
        .ip_id = 0xff00,
    };
    struct svnic_frame header;
    uint32_t length, n, runs;
    QSvNicVif vif;

    open_jumbo(&vif, nic, 0);
    memcpy(flow.dst, outside, 6);
    memcpy(flow.src, vif.mac, 6);
    length = sv_nic_flow_offload(&flow, bytes, &header);
    sv_nic_send(&vif, &header, bytes, length);
    for (n = 0; n < sv_nic_flow_segments(&flow); n++) {
        length = sv_nic_flow_segment(&flow, n, bytes);
        sv_nic_wire_expect(sv_nic_qts(nic), &wires->port[0], bytes, length);
    }
    sv_nic_send_drain(&vif);
    runs = sv_nic_counter(nic, "port[0]", "chip-out-runs");
    g_assert_cmpuint(sv_nic_counter(nic, "port[0]", "chip-out-packets"), ==,
                     n);
    g_assert_cmpuint(n, >, 8000);
    g_assert_cmpuint(runs * 64, >=, n);
    g_test_message("longest run %" PRIu64 " ns",
                   sv_nic_counter(nic, "port[0]", "chip-out-longest-ns"));
}

/*
 * A filter that waits for its reader in a nested event loop, which runs the
 * port's bottom half again: each frame is sent and mirrored once, in order.
 */
typedef struct Mirror {
    QSvNicWires *wires;
    QSvNicWire end;             /* output of the filter */
} Mirror;

static void mirror_close(void *data)
{
    Mirror *m = data;

    close(m->end.fd);
    close(m->end.qemu_fd);
    g_free(m);
}

static void *mirror_before(GString *cmd_line, void *arg)
{
    Mirror *m = g_new0(Mirror, 1);
    int pair[2];

    m->wires = sv_nic_wires_before(cmd_line, arg);
    g_assert_cmpint(socketpair(PF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
    m->end.fd = pair[0];
    m->end.qemu_fd = pair[1];
    g_assert_true(g_unix_set_fd_nonblocking(pair[0], true, NULL));
    qemu_set_cloexec(pair[0]);
    g_string_append_printf(cmd_line, " -chardev socket,id=mirror,fd=%d "
                           "-object filter-mirror,id=f0,netdev=wire0,"
                           "queue=rx,outdev=mirror", pair[1]);
    g_test_queue_destroy(mirror_close, m);
    return m;
}

#define MIRRORED 700

static void test_mirror(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    Mirror *m = data;
    QSvNicWire *wire[] = { &m->end, &m->wires->port[0] };
    uint32_t got[ARRAY_SIZE(wire)] = { 0 };
    g_autofree uint8_t *out = g_malloc(SV_NIC_WIRE_MAX);
    int64_t end;
    uint8_t bytes[LENGTH];
    QSvNicVif a;
    uint32_t i;

    open_jumbo(&a, nic, 0);
    for (i = 0; i < MIRRORED; i++) {
        sv_nic_frame_fill(bytes, LENGTH, outside, a.mac, i);
        sv_nic_queue(&a, NULL, bytes, LENGTH);
    }
    sv_nic_publish(&a);
    g_usleep(100 * 1000);
    /* QEMU does not answer while the filter waits: no qtest command here */
    end = g_get_monotonic_time() + SV_NIC_DEADLINE_US;
    while (got[0] + got[1] < 2 * MIRRORED) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        for (i = 0; i < ARRAY_SIZE(wire); i++) {
            uint32_t length = sv_nic_wire_take(wire[i], out);

            if (length) {
                sv_nic_frame_fill(bytes, LENGTH, outside, a.mac, got[i]++);
                g_assert_cmpmem(out, length, bytes, LENGTH);
            }
        }
    }
    sv_nic_send_drain(&a);
    g_assert_cmpuint(sv_nic_counter(nic, "port[0]", "chip-out-packets"), ==,
                     MIRRORED);
    g_assert_cmpuint(sv_nic_counter(nic, "port[0]", "chip-out-lost"), ==, 0);
}

/*
 * A back end that loses its peer while a packet is queued, and reconnects.
 */
typedef struct Stream {
    char *dir, *path;
    int listener;
    QSvNicWire end;
} Stream;

static void stream_close(void *data)
{
    Stream *s = data;

    close(s->listener);
    close(s->end.fd);
    unlink(s->path);
    rmdir(s->dir);
    g_free(s->path);
    g_free(s->dir);
    qos_invalidate_command_line(); /* it has a path that is deleted */
    g_free(s);
}

static void *stream_before(GString *cmd_line, void *arg)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    Stream *s = g_new0(Stream, 1);

    s->dir = g_dir_make_tmp("sv-nic-XXXXXX", NULL);
    g_assert_nonnull(s->dir);
    s->path = g_build_filename(s->dir, "wire", NULL);
    g_assert_cmpuint(g_strlcpy(addr.sun_path, s->path, sizeof(addr.sun_path)),
                     <, sizeof(addr.sun_path));
    s->listener = socket(PF_UNIX, SOCK_STREAM, 0);
    qemu_set_cloexec(s->listener);
    g_assert_cmpint(bind(s->listener, (struct sockaddr *)&addr, sizeof(addr)),
                    ==, 0);
    g_assert_cmpint(listen(s->listener, 1), ==, 0);
    g_assert_true(g_unix_set_fd_nonblocking(s->listener, true, NULL));
    s->end.fd = -1;
    g_string_append_printf(cmd_line, " -netdev stream,id=wire0,server=off,"
                           "addr.type=unix,addr.path=%s,reconnect-ms=20",
                           s->path);
    g_test_queue_destroy(stream_close, s);
    return s;
}

/* The peer has connected; @s is empty again. */
static void stream_accept(QSvNic *nic, Stream *s)
{
    sv_nic_wait(sv_nic_qts(nic),
                (s->end.fd = accept(s->listener, NULL, NULL)) >= 0);
    g_assert_true(g_unix_set_fd_nonblocking(s->end.fd, true, NULL));
    s->end.in_bytes = 0;
}

static void test_peer_back(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    Stream *s = data;
    g_autofree uint8_t *out = g_malloc(SV_NIC_WIRE_MAX);
    uint32_t i, length, round;
    QSvNicVif a;

    open_jumbo(&a, nic, 0);
    stream_accept(nic, s);
    for (round = 0; round < 3; round++) {
        uint64_t waits = sv_nic_counter(nic, "port[0]", "chip-out-waits");

        while (sv_nic_counter(nic, "port[0]", "chip-out-waits") == waits) {
            send_to(&a, outside, LENGTH, 1);
            sv_nic_wait_idle(nic);
        }
        close(s->end.fd);
        s->end.fd = -1;
        stream_accept(nic, s);
        /* the queued packet, from its start, and new frames */
        for (i = 0; i < 50; i++) {
            send_to(&a, outside, 60 + i, 2);
        }
        i = 0;
        while (i < 50) {
            sv_nic_wait(sv_nic_qts(nic),
                        (length = sv_nic_wire_take(&s->end, out)));
            if (length != LENGTH) {
                g_assert_cmpuint(length, ==, 60 + i++);
            }
            g_assert_cmpmem(out, 6, outside, 6);
        }
    }
}

static void register_sv_nic_blocked_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
        const char *variants;
        const char *opts;
        QOSBeforeTest before;
        void *arg;
    } tests[] = {
        { "blocked-port-does-not-block-a-vif", test_watchdog, "02",
          "netdev=wire0,port-watchdog=50", sv_nic_wires_before },
        { "slow-wire-receives-no-old-frame", test_slow, "02",
          "netdev=wire0,port-watchdog=50", sv_nic_wires_before },
        { "reset-does-not-truncate-a-packet", test_reset_in_packet, "02",
          "netdev=wire0", sv_nic_wires_before, SV_NIC_WIRES_TCP },
        { "thousands-of-segments-take-several-runs", test_tiny_segments, "02",
          "netdev=wire0", sv_nic_wires_before },
        { "filter-with-nested-loop-gets-each-frame-once", test_mirror, "12",
          "netdev=wire0", mirror_before },
        { "peer-that-disconnects-and-reconnects", test_peer_back, "02",
          "netdev=wire0", stream_before },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("blocked", tests[i].name, tests[i].fn,
                        tests[i].variants, tests[i].opts, tests[i].before,
                        tests[i].arg);
    }
}

libqos_init(register_sv_nic_blocked_tests);
