/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: checksums and segmentation at the port.
 *
 * Section "Frames" of docs/specs/sv-nic-card.rst.  The output is compared byte
 * for byte with frames that libqos/sv-nic-frame.c computes from the protocols.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-frame.h"
#include "libqos/sv-nic-port.h"
#include "qemu/bswap.h"
#include "qemu/module.h"

static void open_jumbo(QSvNicVif *vif, QSvNic *nic)
{
    struct svnic_vif_attr attr = {
        .mask = cpu_to_le32(SVNIC_ATTR_MAC | SVNIC_ATTR_MTU),
        .mtu = cpu_to_le32(SVNIC_MAX_MTU),
    };

    sv_nic_mac(attr.mac, 1);
    sv_nic_vif_open(vif, nic, 0, &attr);
}

/* Sends the flow as one frame, and expects all of its segments. */
static void through(QSvNicVif *vif, QSvNicWire *wire, QSvNicFlow *flow)
{
    g_autofree uint8_t *bytes = g_malloc(SVNIC_MAX_FRAME);
    struct svnic_frame header;
    uint32_t length, n;

    memcpy(flow->dst, (const uint8_t[6]) { 2, 0xee, 0, 0, 0, 1 }, 6);
    memcpy(flow->src, vif->mac, 6);
    length = sv_nic_flow_offload(flow, bytes, &header);
    g_assert_cmpuint(length, <=, SVNIC_MAX_FRAME);
    sv_nic_send(vif, &header, bytes, length);
    for (n = 0; n < sv_nic_flow_segments(flow); n++) {
        length = sv_nic_flow_segment(flow, n, bytes);
        sv_nic_wire_expect(sv_nic_qts(vif->nic), wire, bytes, length);
    }
}

static void test_checksum(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNicWires *wires = data;
    const uint32_t payloads[] = { 0, 1, 2, 3, 100, 999, 1448, 1472, 8900 };
    QSvNicVif vif;
    uint32_t kind, i;

    open_jumbo(&vif, obj);
    for (kind = 0; kind < 32; kind++) {
        for (i = 0; i < ARRAY_SIZE(payloads); i++) {
            QSvNicFlow flow = {
                .v6 = kind & 1,
                .vlan = kind & 2,
                .udp = kind & 4,
                .ip_options = kind & 1 ? 0 : kind & 8,
                .tcp_options = kind & 16 ? 32 : 0,
                .tcp_flags = SV_NIC_TCP_ACK | SV_NIC_TCP_FIN,
                .payload = payloads[i],
                .seq = 0xfffffff0,
                .seed = kind * 100 + i,
            };

            through(&vif, &wires->port[0], &flow);
        }
    }
}

/* RFC 768: a UDP checksum of 0 is sent as all ones. */
static void test_checksum_zero(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNicWires *wires = data;
    QSvNicFlow flow = { .udp = true, .payload = 18 };
    uint8_t bytes[100];
    QSvNicVif vif;
    uint32_t length;

    open_jumbo(&vif, obj);
    memcpy(flow.dst, (const uint8_t[6]) { 2, 0xee, 0, 0, 0, 1 }, 6);
    memcpy(flow.src, vif.mac, 6);
    do {
        flow.seed++;
        length = sv_nic_flow_segment(&flow, 0, bytes);
        g_assert_cmpuint(length, ==, 60);
        g_assert_cmpuint(flow.seed, <, 10000000);
    } while (lduw_be_p(bytes + 34 + 6) != 0xffff);
    through(&vif, &wires->port[0], &flow);
}

/* Frames without NEEDS_CSUM are not changed, even a wrong checksum. */
static void test_untouched(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNicWires *wires = data;
    QSvNicFlow flow = { .payload = 1000, .tcp_flags = SV_NIC_TCP_ACK };
    g_autofree uint8_t *bytes = g_malloc(SVNIC_MAX_FRAME);
    struct svnic_frame header = { };
    uint32_t i, length;
    QSvNicVif vif;

    open_jumbo(&vif, obj);
    memcpy(flow.dst, (const uint8_t[6]) { 2, 0xee, 0, 0, 0, 1 }, 6);
    memcpy(flow.src, vif.mac, 6);
    for (i = 0; i < 2; i++) {
        length = sv_nic_flow_segment(&flow, 0, bytes);
        bytes[50] ^= 0x5a;
        header.flags = cpu_to_le16(i ? SVNIC_FRAME_F_CSUM_VALID : 0);
        sv_nic_send(&vif, &header, bytes, length);
        sv_nic_wire_expect(sv_nic_qts(vif.nic), &wires->port[0], bytes,
                           length);
    }
}

/* Every kind of header, at every count and size of segments. */
static void test_segments(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNicWires *wires = data;
    static const struct {
        uint16_t gso_size;
        uint32_t payload;
    } sizes[] = {
        { 1448, 1 }, { 1448, 1447 }, { 1448, 1448 }, { 1448, 1449 },
        { 1448, 2 * 1448 }, { 1448, 2 * 1448 + 1 }, { 1448, 10000 },
        { 536, 20000 }, { 537, 20001 }, { 8900, 65000 }, { 1460, 65400 },
        { 100, 5000 },
    };
    QSvNicVif vif;
    uint32_t kind, i;

    open_jumbo(&vif, obj);
    for (kind = 0; kind < 16; kind++) {
        for (i = 0; i < ARRAY_SIZE(sizes); i++) {
            QSvNicFlow flow = {
                .v6 = kind & 1,
                .vlan = kind & 2,
                .ip_options = kind & 1 ? 0 : kind & 4,
                .tcp_options = kind & 8 ? 12 : 0,
                .tcp_flags = SV_NIC_TCP_ACK | SV_NIC_TCP_PSH,
                .ip_id = 0xfffe, /* wraps */
                .seq = 0xffffff00,
                .payload = sizes[i].payload,
                .gso_size = sizes[i].gso_size,
                .seed = kind * 100 + i,
            };

            through(&vif, &wires->port[0], &flow);
        }
    }
}

/* FIN and PSH only in the last segment, CWR only in the first one. */
static void test_segment_flags(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNicWires *wires = data;
    const uint8_t flags[] = {
        SV_NIC_TCP_FIN, SV_NIC_TCP_PSH, SV_NIC_TCP_CWR,
        SV_NIC_TCP_FIN | SV_NIC_TCP_PSH | SV_NIC_TCP_CWR,
    };
    QSvNicVif vif;
    uint32_t i, v6, n;

    open_jumbo(&vif, obj);
    for (i = 0; i < ARRAY_SIZE(flags); i++) {
        for (v6 = 0; v6 <= 1; v6++) {
            for (n = 1; n <= 4; n++) {
                QSvNicFlow flow = {
                    .v6 = v6,
                    .tcp_flags = SV_NIC_TCP_ACK | flags[i],
                    .payload = n * 1000 - 7,
                    .gso_size = 1000,
                    .seed = i,
                };

                through(&vif, &wires->port[0], &flow);
            }
        }
    }
}

/* The largest frame: 64 KiB of IP and a VLAN tag. */
static void test_largest(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNicWires *wires = data;
    QSvNicFlow flow = {
        .vlan = true,
        .tcp_flags = SV_NIC_TCP_ACK,
        .payload = 65535 - 40,
        .gso_size = 1448,
    };
    QSvNicVif vif;

    open_jumbo(&vif, obj);
    through(&vif, &wires->port[0], &flow);
    flow.gso_size = SVNIC_MAX_MTU + SVNIC_ETH_MAX_HEADER -
                    sv_nic_flow_headers(&flow);
    through(&vif, &wires->port[0], &flow);
    flow.v6 = true;
    flow.gso_size = 1440;
    flow.payload = SVNIC_MAX_FRAME - sv_nic_flow_headers(&flow) - 40;
    through(&vif, &wires->port[0], &flow);
}

/* A few thousand consecutive segments, with a slow reader. */
static void test_many_segments(void *obj, void *data,
                                   QGuestAllocator *alloc)
{
    QSvNicWires *wires = data;
    g_autofree uint8_t *bytes = g_malloc(SVNIC_MAX_FRAME);
    QSvNicFlow flow = {
        .tcp_flags = SV_NIC_TCP_ACK,
        .payload = 60000,
        .gso_size = 1448,
    };
    struct svnic_frame header;
    QSvNicVif vif;
    uint32_t length, i, n;

    open_jumbo(&vif, obj);
    memcpy(flow.dst, (const uint8_t[6]) { 2, 0xee, 0, 0, 0, 1 }, 6);
    memcpy(flow.src, vif.mac, 6);
    for (i = 0; i < 24; i++) {
        flow.seq = i * flow.payload;
        flow.seed = i;
        length = sv_nic_flow_offload(&flow, bytes, &header);
        if (sv_nic_send_room(&vif) < SVNIC_FRAME_SLOTS(length)) {
            sv_nic_wait_idle(obj);
        }
        if (sv_nic_send_room(&vif) < SVNIC_FRAME_SLOTS(length)) {
            break; /* the wire is full until it is read */
        }
        sv_nic_queue(&vif, &header, bytes, length);
        sv_nic_publish(&vif);
    }
    g_assert_cmpuint(i, >, 8);
    for (n = 0; n < i * sv_nic_flow_segments(&flow); n++) {
        flow.seed = n / sv_nic_flow_segments(&flow);
        flow.seq = flow.seed * flow.payload;
        length = sv_nic_flow_segment(&flow, n % sv_nic_flow_segments(&flow),
                                     bytes);
        sv_nic_wire_expect(sv_nic_qts(vif.nic), &wires->port[0], bytes,
                           length);
    }
    sv_nic_send_drain(&vif);
}

/*
 * Offload fields within the frame that do not match its contents: the firmware
 * does not check this, the port drops the frame, the next frame passes.
 */
static void test_not_what_it_says(void *obj, void *data,
                                  QGuestAllocator *alloc)
{
    QSvNicWires *wires = data;
    g_autofree uint8_t *bytes = g_malloc(SVNIC_MAX_FRAME);
    QSvNicVif vif;
    int i;

    open_jumbo(&vif, obj);
    for (i = 0; i < 10; i++) {
        QSvNicFlow flow = {
            .v6 = i == 1,
            .udp = i == 2,
            .tcp_flags = SV_NIC_TCP_ACK,
            .payload = 5000,
            .gso_size = i == 2 ? 0 : 1000,
        };
        struct svnic_frame header;
        uint32_t length;

        memcpy(flow.dst, (const uint8_t[6]) { 2, 0xee, 0, 0, 0, 1 }, 6);
        memcpy(flow.src, vif.mac, 6);
        length = sv_nic_flow_offload(&flow, bytes, &header);
        switch (i) {
        case 0:
            header.gso_type = SVNIC_GSO_TCPV6; /* it is v4 */
            break;
        case 1:
            header.gso_type = SVNIC_GSO_TCPV4; /* it is v6 */
            break;
        case 2:
            header.gso_type = SVNIC_GSO_TCPV4; /* it is UDP */
            header.gso_size = cpu_to_le16(1000);
            header.hdr_len = cpu_to_le16(42);
            break;
        case 3:
            stw_be_p(bytes + 12, 0x88b5); /* not even IP */
            break;
        case 4:
            bytes[14] = 0x4f; /* IP options at the offset of TCP */
            break;
        case 5:
            bytes[46] = 0xf0; /* a TCP header longer than hdr_len */
            break;
        case 6:
            bytes[46] = 0x10; /* and one shorter than the minimum */
            break;
        case 7:
            header.csum_start = cpu_to_le16(30);
            break;
        case 8:
            header.csum_offset = cpu_to_le16(14);
            break;
        case 9:
            stw_be_p(bytes + 20, 0x2000); /* a fragment */
            break;
        }
        sv_nic_send(&vif, &header, bytes, length);
        /* these are dropped; the next frame is the first on the wire */
        flow.udp = false;
        flow.gso_size = 1000;
        flow.seed = i + 1;
        through(&vif, &wires->port[0], &flow);
    }
    g_assert_cmpuint(sv_nic_page(&vif, state), ==, SVNIC_VIF_ACTIVE);
}

static void register_sv_nic_offload_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
    } tests[] = {
        { "checksums-are-right", test_checksum },
        { "udp-checksum-0-is-sent-as-ones", test_checksum_zero },
        { "frame-without-flags-is-unchanged", test_untouched },
        { "segments-are-right", test_segments },
        { "fin-psh-and-cwr-have-their-segment", test_segment_flags },
        { "largest-frame", test_largest },
        { "thousands-of-segments", test_many_segments },
        { "header-that-does-not-match-the-frame", test_not_what_it_says },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("offload", tests[i].name, tests[i].fn, "02",
                        "netdev=wire0", sv_nic_wires_before, NULL);
    }
}

libqos_init(register_sv_nic_offload_tests);
