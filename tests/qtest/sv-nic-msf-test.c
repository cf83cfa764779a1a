/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: the MSF between the ports and the firmware, as it shows in
 * counters, and how long frames are in a port.
 *
 * Sections "MSF" and "Time stamps" of docs/specs/sv-nic.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-frame.h"
#include "libqos/sv-nic-port.h"
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
 * A frame that is longer than RBUF has to wait for elements, as the firmware
 * runs inline, behind the receive state machine.
 */
static void test_shortage(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    QSvNicVif a;

    open_on(&a, nic, 0, 0);
    frame_in(nic, &wires->port[0], &a, ELEMENTS * 64, 1);
    expect_in(&a, ELEMENTS * 64, 1);
    g_assert_cmpuint(sv_nic_counter(nic, "port[0]", "chip-rbuf-shortages"),
                     ==, 0);
    frame_in(nic, &wires->port[0], &a, ELEMENTS * 64 + 1, 2);
    expect_in(&a, ELEMENTS * 64 + 1, 2);
    g_assert_cmpuint(sv_nic_counter(nic, "port[0]", "chip-rbuf-shortages"),
                     ==, 1);
}

/* Long frames at one port: neither they nor those of others are lost. */
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

/* What a stage took is counted once a frame, and is not 0 in all. */
static void assert_stage(QSvNic *nic, const char *port, const char *stage,
                         uint64_t frames)
{
    g_autofree char *count = g_strdup_printf("chip-stage-%s-count", stage);
    g_autofree char *ns = g_strdup_printf("chip-stage-%s-ns", stage);
    g_autofree char *most = g_strdup_printf("chip-stage-%s-most", stage);
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
}

static void test_stamps(void *obj, void *data, QGuestAllocator *alloc)
{
    test_stages(obj, data, true);
}

static void test_no_stamps(void *obj, void *data, QGuestAllocator *alloc)
{
    test_stages(obj, data, false);
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
        { "a-shortage-of-elements-is-counted", test_shortage, "0", WIRES },
        { "a-flood-at-a-port-loses-no-frame", test_flood, "012", WIRES },
        { "stages-of-the-ports-are-timed", test_stamps, "012",
          WIRES ",stamps=on" },
        { "nothing-is-timed-without-stamps", test_no_stamps, "0", WIRES },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("msf", tests[i].name, tests[i].fn, tests[i].variants,
                        tests[i].opts, sv_nic_wires_before, NULL);
    }
}

libqos_init(register_sv_nic_msf_tests);
