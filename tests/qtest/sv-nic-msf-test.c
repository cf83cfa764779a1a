/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: counters of the MSF, of the ports' MACs, and of the time that frames
 * are in a port.
 *
 * Sections "MSF", "Ports" and "Time stamps" of docs/specs/sv-nic-chip.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-frame.h"
#include "libqos/sv-nic-port.h"
#include "hw/net/sv-nic/chip/ixp_units.h"
#include "qemu/bswap.h"
#include "qemu/module.h"

#define WIRES           "netdev=wire0,netdev1=wire1,netdev2=wire2"
#define LONGEST         (SVNIC_MAX_MTU + SVNIC_ETH_HEADER)
/* Elements of 64 bytes that the firmware uses. */
#define ELEMENTS        124

static const uint8_t outside[6] = { 0x02, 0xee, 0, 0, 0, 1 };

static void open_on(QSvNicVif *vif, QSvNic *nic, uint32_t id, uint32_t port)
{
    struct svnic_vif_attr attr = {
        .mask = cpu_to_le32(SVNIC_ATTR_MAC | SVNIC_ATTR_PORT |
                            SVNIC_ATTR_MTU),
        .port = cpu_to_le32(port),
        .mtu = cpu_to_le32(SVNIC_MAX_MTU),
    };

    sv_nic_mac(attr.mac, id);
    sv_nic_vif_open(vif, nic, id, &attr);
}

static void frame_in(QSvNic *nic, QSvNicWire *wire, QSvNicVif *to,
                     uint32_t length, uint32_t seed)
{
    g_autofree uint8_t *bytes = g_malloc(length);

    sv_nic_frame_fill(bytes, length, to->mac, outside, seed);
    sv_nic_wire_send(sv_nic_qts(nic), wire, bytes, length, true);
}

static void expect_in(QSvNicVif *to, uint32_t length, uint32_t seed)
{
    g_autofree uint8_t *bytes = g_malloc(length);

    sv_nic_frame_fill(bytes, length, to->mac, outside, seed);
    sv_nic_expect(to, NULL, bytes, length);
}

static void frame_out(QSvNicVif *from, QSvNicWire *wire, uint32_t length,
                      uint32_t seed)
{
    g_autofree uint8_t *bytes = g_malloc(length);

    sv_nic_frame_fill(bytes, length, outside, from->mac, seed);
    sv_nic_send(from, NULL, bytes, length);
    sv_nic_wire_expect(sv_nic_qts(from->nic), wire, bytes, length);
}

static void test_elements(QSvNic *nic, QSvNicWires *wires, uint32_t size)
{
    static const uint32_t lengths[] = {
        14, 59, 60, 63, 64, 65, 128, 129, 256, 257, 1514, LONGEST,
    };
    uint64_t elements = 0;
    QSvNicVif a;
    size_t i;

    open_on(&a, nic, 0, 1);
    for (i = 0; i < ARRAY_SIZE(lengths); i++) {
        frame_in(nic, &wires->port[1], &a, lengths[i], i);
        expect_in(&a, lengths[i], i);
        frame_out(&a, &wires->port[1], lengths[i], i);
        elements += DIV_ROUND_UP(lengths[i], size);
        g_assert_cmpuint(sv_nic_counter(nic, "port[1]",
                                        "chip-rbuf-elements"), ==, elements);
        g_assert_cmpuint(sv_nic_counter(nic, "port[1]",
                                        "chip-tbuf-elements"), ==, elements);
    }
    g_assert_cmpuint(sv_nic_counter(nic, "port[0]", "chip-rbuf-elements"),
                     ==, 0);
    g_assert_cmpuint(sv_nic_counter(nic, "port[1]", "in-errors"), ==, 0);
    g_assert_cmpuint(sv_nic_counter(nic, "port[1]", "chip-out-lost"), ==, 0);
}

static void test_elements_64(void *obj, void *data, QGuestAllocator *alloc)
{
    test_elements(obj, data, 64);
}

static void test_elements_128(void *obj, void *data, QGuestAllocator *alloc)
{
    test_elements(obj, data, 128);
}

static void test_elements_256(void *obj, void *data, QGuestAllocator *alloc)
{
    test_elements(obj, data, 256);
}

/*
 * A frame that is longer than RBUF waits for free elements, because the
 * firmware runs inline, after the receive state machine.
 */
static void test_shortage(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    QSvNicVif a;

    open_on(&a, nic, 0, 0);
    frame_in(nic, &wires->port[0], &a, ELEMENTS * 64, 1);
    expect_in(&a, ELEMENTS * 64, 1);
    g_assert_cmpuint(sv_nic_counter(nic, "port[0]", "chip-rbuf-exhausted"),
                     ==, 0);
    frame_in(nic, &wires->port[0], &a, ELEMENTS * 64 + 1, 2);
    expect_in(&a, ELEMENTS * 64 + 1, 2);
    g_assert_cmpuint(sv_nic_counter(nic, "port[0]", "chip-rbuf-exhausted"),
                     ==, 1);
}

/* Long frames at one port: no frame of any port is lost. */
static void test_flood(void *obj, void *data, QGuestAllocator *alloc)
{
    const uint32_t frames = 60;
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    QSvNicVif a, b;
    uint32_t i;

    open_on(&a, nic, 0, 0);
    open_on(&b, nic, 1, 2);
    for (i = 0; i < frames; i++) {
        frame_in(nic, &wires->port[0], &a, LONGEST, i);
        frame_in(nic, &wires->port[2], &b, 60 + i, i);
        if (i % 5 == 4) {
            uint32_t n;

            for (n = i - 4; n <= i; n++) {
                expect_in(&a, LONGEST, n);
                expect_in(&b, 60 + n, n);
            }
        }
    }
    sv_nic_wait(sv_nic_qts(nic),
                sv_nic_counter(nic, "port[0]", "in-frames") == frames &&
                sv_nic_counter(nic, "port[2]", "in-frames") == frames);
    g_assert_cmpuint(sv_nic_counter(nic, "port[0]", "chip-rbuf-elements"),
                     ==, frames * DIV_ROUND_UP(LONGEST, 64));
    g_assert_cmpuint(sv_nic_counter(nic, "port[0]", "in-errors"), ==, 0);
    g_assert_cmpuint(sv_nic_counter(nic, "port[2]", "in-errors"), ==, 0);
}

/* Each stage is counted once for each frame, and its time is not 0. */
static void assert_stage(QSvNic *nic, const char *port, const char *stage,
                         uint64_t frames)
{
    g_autofree char *count = g_strdup_printf("chip-stage-%s-count", stage);
    g_autofree char *ns = g_strdup_printf("chip-stage-%s-ns", stage);
    g_autofree char *most = g_strdup_printf("chip-stage-%s-max", stage);
    uint64_t total, longest;

    sv_nic_wait(sv_nic_qts(nic),
                sv_nic_counter(nic, port, count) == frames);
    total = sv_nic_counter(nic, port, ns);
    longest = sv_nic_counter(nic, port, most);
    g_assert_cmpuint(longest, <=, total);
    g_assert_cmpuint(longest * frames, >=, total);
    g_assert_cmpuint(!!total, ==, !!frames);
}

static void test_stages(QSvNic *nic, QSvNicWires *wires, bool stamps)
{
    const uint32_t frames = 10;
    int64_t begin = g_get_monotonic_time();
    uint64_t most;
    QSvNicVif a;
    uint32_t i;

    open_on(&a, nic, 0, 0);
    for (i = 0; i < frames; i++) {
        frame_in(nic, &wires->port[0], &a, 100 * (i + 1), i);
        expect_in(&a, 100 * (i + 1), i);
        frame_out(&a, &wires->port[0], 100 * (i + 1), i);
    }
    assert_stage(nic, "port[0]", "in", stamps ? frames : 0);
    assert_stage(nic, "port[0]", "out", stamps ? frames : 0);
    assert_stage(nic, "port[1]", "in", 0);
    assert_stage(nic, "port[1]", "out", 0);
    /* in ns: not longer than this whole test */
    most = (g_get_monotonic_time() - begin + 1) * 1000;
    g_assert_cmpuint(sv_nic_counter(nic, "port[0]", "chip-stage-in-max"), <=,
                     most);
    g_assert_cmpuint(sv_nic_counter(nic, "port[0]", "chip-stage-out-max"), <=,
                     most);
}

static void test_stamps(void *obj, void *data, QGuestAllocator *alloc)
{
    test_stages(obj, data, true);
}

static void test_no_stamps(void *obj, void *data, QGuestAllocator *alloc)
{
    test_stages(obj, data, false);
}

/* ---- the MACs ---- */

static uint64_t mib(QSvNic *nic, const char *port, const char *name)
{
    g_autofree char *full = g_strdup_printf("mib-%s", name);

    return sv_nic_counter(nic, port, full);
}

static void test_mib(void *obj, void *data, QGuestAllocator *alloc)
{
    static const struct {
        uint32_t length;        /* without FCS */
        const char *size;
    } frames[] = {
        { 14, "64" }, { 60, "64" }, { 61, "65-127" }, { 123, "65-127" },
        { 124, "128-255" }, { 251, "128-255" }, { 252, "256-511" },
        { 507, "256-511" }, { 508, "512-1023" }, { 1019, "512-1023" },
        { 1020, "1024-1518" }, { 1514, "1024-1518" }, { 1515, "1519-max" },
    };
    static const struct {
        const uint8_t *dst;
        const char *kind;
    } kinds[] = {
        { outside, "unicast" }, { sv_nic_multicast, "multicast" },
        { sv_nic_broadcast, "broadcast" },
    };
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    uint64_t octets = 0, many = 0;
    size_t i, k;
    QSvNicVif a;

    open_on(&a, nic, 0, 1);
    for (i = 0; i < ARRAY_SIZE(frames); i++) {
        uint32_t length = frames[i].length;
        g_autofree uint8_t *bytes = g_malloc(length);
        g_autofree char *rx = g_strdup_printf("rx-%s", frames[i].size);
        g_autofree char *tx = g_strdup_printf("tx-%s", frames[i].size);
        uint64_t rx_before = mib(nic, "port[1]", rx);
        uint64_t tx_before = mib(nic, "port[1]", tx);

        frame_in(nic, &wires->port[1], &a, length, i);
        expect_in(&a, length, i);
        frame_out(&a, &wires->port[1], length, i);
        octets += length + 4;
        g_assert_cmpuint(mib(nic, "port[1]", rx), ==, rx_before + 1);
        g_assert_cmpuint(mib(nic, "port[1]", tx), ==, tx_before + 1);
    }
    g_assert_cmpuint(mib(nic, "port[1]", "rx-octets"), ==, octets);
    g_assert_cmpuint(mib(nic, "port[1]", "tx-octets"), ==, octets);
    g_assert_cmpuint(mib(nic, "port[1]", "rx-unicast"), ==,
                     ARRAY_SIZE(frames));
    g_assert_cmpuint(mib(nic, "port[1]", "rx-undersize"), ==, 1);
    for (k = 0; k < ARRAY_SIZE(kinds); k++) {
        g_autofree char *rx = g_strdup_printf("rx-%s", kinds[k].kind);
        g_autofree char *tx = g_strdup_printf("tx-%s", kinds[k].kind);
        uint64_t rx_before = mib(nic, "port[1]", rx);
        uint64_t tx_before = mib(nic, "port[1]", tx);
        uint8_t bytes[100];

        sv_nic_frame_fill(bytes, sizeof(bytes), kinds[k].dst, a.mac, k);
        sv_nic_send(&a, NULL, bytes, sizeof(bytes));
        sv_nic_wire_expect(sv_nic_qts(nic), &wires->port[1], bytes,
                           sizeof(bytes));
        g_assert_cmpuint(mib(nic, "port[1]", tx), ==, tx_before + 1);
        sv_nic_frame_fill(bytes, sizeof(bytes), kinds[k].dst, outside, k);
        sv_nic_wire_send(sv_nic_qts(nic), &wires->port[1], bytes,
                         sizeof(bytes), true);
        many++;
        sv_nic_wait(sv_nic_qts(nic), mib(nic, "port[1]", "rx-frames") ==
                    ARRAY_SIZE(frames) + many);
        g_assert_cmpuint(mib(nic, "port[1]", rx), ==, rx_before + 1);
    }
    g_assert_cmpuint(mib(nic, "port[0]", "rx-frames"), ==, 0);
    g_assert_cmpuint(mib(nic, "port[0]", "tx-frames"), ==, 0);
    g_assert_cmpuint(mib(nic, "port[1]", "rx-fcs-errors"), ==, 0);
}

/* Frames to a disabled channel are dropped, not counted as bad. */
static void test_channel_off(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    const uint32_t enable = PM3386_ADDRESS(0, PM3386_EGMAC_ENABLE(1));
    uint8_t bytes[100];
    QSvNicVif a;

    open_on(&a, nic, 0, 1);
    sv_nic_secondary_write(nic, "xscale", enable, 4, 0);
    frame_in(nic, &wires->port[1], &a, sizeof(bytes), 1);
    sv_nic_frame_fill(bytes, sizeof(bytes), outside, a.mac, 2);
    sv_nic_send(&a, NULL, bytes, sizeof(bytes));
    sv_nic_send_drain(&a);
    sv_nic_wait(sv_nic_qts(nic), mib(nic, "port[1]", "rx-disabled") == 1 &&
                mib(nic, "port[1]", "tx-disabled") == 1);
    sv_nic_secondary_write(nic, "xscale", enable, 4,
                           PM3386_ENABLE_RX | PM3386_ENABLE_TX);
    frame_in(nic, &wires->port[1], &a, 99, 3);
    expect_in(&a, 99, 3);
    frame_out(&a, &wires->port[1], 98, 4);
    g_assert_cmpuint(mib(nic, "port[1]", "rx-frames"), ==, 1);
    g_assert_cmpuint(mib(nic, "port[1]", "tx-frames"), ==, 1);
    g_assert_cmpuint(sv_nic_counter(nic, "port[1]", "chip-in-bad"), ==, 0);
    g_assert_cmpuint(sv_nic_counter(nic, "port[1]", "chip-out-bad"), ==, 0);
    g_assert_cmpuint(sv_nic_counter(nic, "port[1]", "chip-out-frames"), ==,
                     2);
}

/* A frame with segmentation is counted as its segments. */
static void test_mib_segments(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    const struct svnic_frame head = {
        .flags = cpu_to_le16(SVNIC_FRAME_F_NEEDS_CSUM),
        .gso_type = SVNIC_GSO_TCPV4,
        .hdr_len = cpu_to_le16(54), .gso_size = cpu_to_le16(1000),
        .csum_start = cpu_to_le16(34), .csum_offset = cpu_to_le16(16),
    };
    g_autofree uint8_t *out = g_malloc(SV_NIC_WIRE_MAX);
    uint8_t bytes[54 + 2500] = { 0 };
    uint32_t length;
    QSvNicVif a;
    unsigned i;

    open_on(&a, nic, 0, 0);
    memcpy(bytes, outside, 6);
    memcpy(bytes + 6, a.mac, 6);
    stw_be_p(bytes + 12, 0x0800);
    bytes[14] = 0x45;
    stw_be_p(bytes + 16, sizeof(bytes) - 14);
    bytes[22] = 64;
    bytes[23] = 6;
    bytes[46] = 5 << 4;
    sv_nic_send(&a, &head, bytes, sizeof(bytes));
    for (i = 0; i < 3; i++) {
        sv_nic_wait(sv_nic_qts(nic),
                    (length = sv_nic_wire_take(&wires->port[0], out)));
        g_assert_cmpuint(length, ==, 54 + (i < 2 ? 1000 : 500));
    }
    g_assert_cmpuint(mib(nic, "port[0]", "tx-frames"), ==, 3);
    g_assert_cmpuint(mib(nic, "port[0]", "tx-octets"), ==,
                     2500 + 3 * (54 + 4));
    g_assert_cmpuint(mib(nic, "port[0]", "tx-1024-1518"), ==, 2);
    g_assert_cmpuint(mib(nic, "port[0]", "tx-512-1023"), ==, 1);
}

static void test_link(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_port_info port;

    g_assert_cmpuint(sv_nic_counter(nic, "port[0]", "link"), ==, 1);
    g_assert_cmpuint(sv_nic_counter(nic, "port[1]", "link"), ==, 0);
    qtest_qmp_assert_success(sv_nic_qts(nic), "{ 'execute': 'set_link', "
                             "'arguments': { 'name': 'wire0', 'up': false } "
                             "}");
    g_assert_cmpuint(sv_nic_counter(nic, "port[0]", "link"), ==, 0);
    sv_nic_wait(sv_nic_qts(nic),
                sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL) &
                SVNIC_PCI_DB_LINK);
    sv_nic_port_info(nic, 0, &port);
    g_assert_cmpuint(port.link, ==, 0);
    /* It is the state of the netdev: a reset does not change it. */
    qtest_system_reset(sv_nic_qts(nic));
    sv_nic_restart(nic);
    g_assert_cmpuint(sv_nic_counter(nic, "port[0]", "link"), ==, 0);
    sv_nic_port_info(nic, 0, &port);
    g_assert_cmpuint(port.link, ==, 0);
    qtest_qmp_assert_success(sv_nic_qts(nic), "{ 'execute': 'set_link', "
                             "'arguments': { 'name': 'wire0', 'up': true } "
                             "}");
    g_assert_cmpuint(sv_nic_counter(nic, "port[0]", "link"), ==, 1);
    sv_nic_wait(sv_nic_qts(nic),
                (sv_nic_port_info(nic, 0, &port), port.link == 1));
}

/* ---- a stopped chip ---- */

/* The microengine with the context that receives from port @port. */
static void receive_program(QSvNic *nic, unsigned port, bool runs)
{
    uint32_t at = IXP_CSR_ME(IXP_MAX_MICROENGINES - 1 - port,
                             IXP_ME_CTX_ENABLES);

    sv_nic_secondary_write(nic, "xscale", at, 4,
                           runs ? 0xff << IXP_CTX_ENABLES_SHIFT : 0);
}

/* Fills the FIFO until the wire waits; returns the number of frames. */
static uint32_t flood(QSvNic *nic, QSvNicWire *wire, QSvNicVif *to)
{
    uint8_t bytes[SVNIC_DEFAULT_MTU];
    uint32_t n = 0;

    while (!mib(nic, "port[0]", "tx-pause")) {
        sv_nic_frame_fill(bytes, sizeof(bytes), to->mac, outside, n);
        n += sv_nic_wire_send(sv_nic_qts(nic), wire, bytes, sizeof(bytes),
                              false);
        g_assert_cmpuint(n, <, 10000);
    }
    return n;
}

/*
 * RBUF and FIFO of a port are full, and the firmware does not run.  The wire
 * waits, also for the frames of other ports, and no frame is lost.
 */
static void test_standstill(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    QSvNicVif a, b;
    uint32_t sent, i;

    open_on(&a, nic, 0, 0);
    open_on(&b, nic, 1, 1);
    receive_program(nic, 0, false);
    sent = flood(nic, &wires->port[0], &a);
    g_assert_cmpuint(sent, <, a.ring.recv_slots);
    g_assert_cmpuint(sv_nic_counter(nic, "port[0]", "chip-rbuf-elements"),
                     ==, ELEMENTS);
    g_assert_cmpuint(sv_nic_counter(nic, "port[0]", "chip-rbuf-exhausted"),
                     ==, 1);
    frame_in(nic, &wires->port[1], &b, 100, 1);
    sv_nic_wait(sv_nic_qts(nic),
                sv_nic_counter(nic, "port[1]", "chip-rbuf-exhausted"));
    g_assert_cmpuint(sv_nic_page(&b, recv_prod.index), ==, 0);
    receive_program(nic, 0, true);
    expect_in(&b, 100, 1);
    for (i = 0; i < sent; i++) {
        expect_in(&a, SVNIC_DEFAULT_MTU, i);
    }
    g_assert_cmpuint(mib(nic, "port[0]", "rx-lost"), ==, 0);
    g_assert_cmpuint(mib(nic, "port[0]", "rx-frames"), ==, sent);
}

/* Without flow control: frames to a full FIFO are dropped, and counted. */
static void test_no_pause(void *obj, void *data, QGuestAllocator *alloc)
{
    const uint32_t sent = 700;      /* of 1500 bytes: twice the FIFO */
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    uint32_t kept, i;
    QSvNicVif a, b;

    open_on(&a, nic, 0, 0);
    open_on(&b, nic, 1, 1);
    receive_program(nic, 0, false);
    for (i = 0; i < sent; i++) {
        frame_in(nic, &wires->port[0], &a, SVNIC_DEFAULT_MTU, i);
    }
    sv_nic_wait(sv_nic_qts(nic), mib(nic, "port[0]", "rx-frames") +
                mib(nic, "port[0]", "rx-lost") == sent);
    kept = mib(nic, "port[0]", "rx-frames");
    g_assert_cmpuint(kept, >, 300);
    g_assert_cmpuint(kept, <, sent);
    g_assert_cmpuint(mib(nic, "port[0]", "tx-pause"), ==, 0);
    receive_program(nic, 0, true);
    for (i = 0; i < kept; i++) {
        expect_in(&a, SVNIC_DEFAULT_MTU, i);
    }
    /* It continues; other ports have lost no frame. */
    frame_in(nic, &wires->port[0], &a, 99, 5);
    expect_in(&a, 99, 5);
    frame_in(nic, &wires->port[1], &b, 98, 6);
    expect_in(&b, 98, 6);
    g_assert_cmpuint(mib(nic, "port[1]", "rx-lost"), ==, 0);
}

/*
 * A frame that arrives at a full FIFO runs the receive state machine, which
 * wakes the receiving context.  Here elements are free, but nothing else has
 * run the state machine.
 */
static void test_full_wakes(void *obj, void *data, QGuestAllocator *alloc)
{
    const uint32_t sent = 700;      /* of 1500 bytes: twice the FIFO */
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    uint32_t kept, i;
    QSvNicVif a;

    open_on(&a, nic, 0, 0);
    sv_nic_secondary_write(nic, "xscale", IXP_CSR_MSF_RX_CONTROL, 4,
                           IXP_MSF_CONTROL_ENABLE);
    for (i = 0; i < sent; i++) {
        frame_in(nic, &wires->port[0], &a, SVNIC_DEFAULT_MTU, i);
    }
    sv_nic_wait(sv_nic_qts(nic), mib(nic, "port[0]", "rx-frames") +
                mib(nic, "port[0]", "rx-lost") == sent);
    kept = mib(nic, "port[0]", "rx-frames");
    g_assert_cmpuint(kept, <, sent);
    g_assert_cmpuint(sv_nic_counter(nic, "port[0]", "chip-rbuf-elements"),
                     ==, 0);
    /* No element is free, and no frame waits for one. */
    sv_nic_secondary_write(nic, "xscale", IXP_CSR_MSF_RX_CONTROL, 4,
                           IXP_MSF_CONTROL_ENABLE);
    for (i = 1; i <= ELEMENTS; i++) {
        sv_nic_secondary_write(nic, "xscale", IXP_CSR_MSF_ELEMENT_DONE, 4,
                               i << IXP_MSF_DONE_SHIFT);
    }
    g_assert_cmpuint(sv_nic_page(&a, recv_prod.index), ==, 0);
    frame_in(nic, &wires->port[0], &a, SVNIC_DEFAULT_MTU, sent);
    for (i = 0; i < kept; i++) {
        expect_in(&a, SVNIC_DEFAULT_MTU, i);
    }
    g_assert_cmpuint(mib(nic, "port[0]", "rx-lost"), ==, sent + 1 - kept);
}

static void register_sv_nic_msf_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
        const char *variants;
        const char *opts;
    } tests[] = {
        { "frames-cross-in-elements-of-64", test_elements_64, "012", WIRES },
        { "frames-cross-in-elements-of-128", test_elements_128, "01",
          WIRES ",msf-element=128" },
        { "frames-cross-in-elements-of-256", test_elements_256, "01",
          WIRES ",msf-element=256" },
        { "exhausted-elements-are-counted", test_shortage, "0", WIRES },
        { "a-flood-at-a-port-loses-no-frame", test_flood, "012", WIRES },
        { "stages-of-the-ports-are-timed", test_stamps, "012",
          WIRES ",stamps=on" },
        { "nothing-is-timed-without-stamps", test_no_stamps, "0", WIRES },
        { "every-frame-is-in-the-mib", test_mib, "01", WIRES },
        { "a-channel-that-is-off-drops", test_channel_off, "012", WIRES },
        { "segments-are-in-the-mib", test_mib_segments, "0", WIRES },
        { "the-link-is-that-of-the-netdev", test_link, "01", "netdev=wire0" },
        { "a-stopped-chip-makes-the-wire-wait", test_standstill, "012", WIRES },
        { "without-pause-a-full-fifo-drops", test_no_pause, "012",
          WIRES ",port-pause=off" },
        { "a-full-fifo-wakes-the-context", test_full_wakes, "012",
          WIRES ",port-pause=off" },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("msf", tests[i].name, tests[i].fn, tests[i].variants,
                        tests[i].opts, sv_nic_wires_before, NULL);
    }
}

libqos_init(register_sv_nic_msf_tests);
