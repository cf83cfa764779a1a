/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: reset, stop and cont, and the end of a netdev under traffic.
 *
 * Section "Reset" of docs/specs/sv-nic-card.rst.  Hot plug is in
 * sv-nic-plug-test.c, properties and the refusal to migrate in
 * sv-nic-props-test.c.
 */
#include "qemu/osdep.h"
#include <sys/ioctl.h>
#include <linux/sockios.h>
#include "libqtest-single.h"
#include "libqos/pci-pc.h"
#include "libqos/malloc-pc.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-frame.h"
#include "libqos/sv-nic-port.h"
#include "libqos/sv-nic-traffic.h"
#include "hw/pci/pci_regs.h"
#include "qobject/qdict.h"
#include "qemu/bswap.h"
#include "qemu/module.h"

#define LENGTH  SV_NIC_TRAFFIC_LENGTH

#define WIRES "netdev=wire0,netdev1=wire1,netdev2=wire2"

static void test_reset(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    QTestState *qts = sv_nic_qts(nic);
    unsigned rounds = sv_nic_rounds(6);
    QSvNicUse use = { };
    unsigned i;

    for (i = 0; i < rounds; i++) {
        uint8_t bytes[LENGTH], kept[LENGTH];
        QSvNicVif a, b;

        sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_MASK, 0xffff);
        sv_nic_traffic_start(nic, &a, &b, &wires->port[0]);
        if (i & 1) {
            qtest_qmp_assert_success(qts, "{ 'execute': 'stop' }");
        }
        qtest_system_reset(qts);
        if (i & 1) {
            qtest_qmp_assert_success(qts, "{ 'execute': 'cont' }");
        }
        g_assert_false(sv_nic_inta(nic));
        sv_nic_restart(nic);
        /* SDRAM keeps its contents */
        sv_nic_sdram_read(nic, a.base + a.ring.send_offset + SVNIC_FRAME_HEADER,
                          kept, sizeof(kept));
        sv_nic_frame_fill(bytes, sizeof(bytes), b.mac, a.mac, 0);
        g_assert_cmpmem(kept, sizeof(kept), bytes, sizeof(bytes));
        sv_nic_traffic_as_new(nic, &wires->port[0]);
        qtest_system_reset(qts);
        sv_nic_restart(nic);
        if (i == 3) {
            use = sv_nic_use(qts);
        }
    }
    sv_nic_use_check(qts, &use, "two resets", rounds - 4);
}

/* A port that refused a frame while the chip was in reset accepts new ones. */
static void test_secondary_reset_port(void *obj, void *data,
                                      QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QPCIDevice *dev = &nic->pci_dev;
    QTestState *qts = sv_nic_qts(nic);
    QSvNicWire *wire = &((QSvNicWires *)data)->port[0];
    int i;

    for (i = 0; i < 4; i++) {
        uint8_t bytes[LENGTH];
        int unread;
        QSvNicVif a;

        qpci_config_writel(dev, SVNIC_CFG_RESET_CONTROL,
                           SVNIC_RESET_SECONDARY);
        sv_nic_frame_fill(bytes, sizeof(bytes), sv_nic_outside,
                          sv_nic_outside, i);
        sv_nic_wire_send(qts, wire, bytes, sizeof(bytes), true);
        /* until QEMU has read it from the wire */
        sv_nic_wait(qts, !ioctl(wire->fd, SIOCOUTQ, &unread) && !unread);
        qpci_config_writel(dev, SVNIC_CFG_RESET_CONTROL, 0);
        sv_nic_wait_firmware(nic);
        sv_nic_vif_open(&a, nic, 10, NULL);
        sv_nic_frame_fill(bytes, sizeof(bytes), a.mac, sv_nic_outside,
                          4711 + i);
        sv_nic_wire_send(qts, wire, bytes, sizeof(bytes), true);
        sv_nic_traffic_expect(&a, bytes);
    }
}

/* A reset drops the frames in the port's buffer, sent frames stay sent. */
static void test_reset_port(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWire *wire = &((QSvNicWires *)data)->port[0];
    g_autofree uint8_t *out = g_malloc(SV_NIC_WIRE_MAX);
    struct svnic_port_info port;
    uint8_t bytes[LENGTH];
    uint64_t handed, frames = 0;
    QSvNicVif a, b;

    sv_nic_vif_open(&a, nic, 0, NULL);
    do {
        sv_nic_traffic_queue(&a, sv_nic_outside, 0, sv_nic_send_room(&a));
        sv_nic_publish(&a);
        sv_nic_port_info(nic, 0, &port);
    } while (!port.out_full);
    /* until the wire accepts no more, and the buffer is full */
    sv_nic_wait_idle(nic);
    sv_nic_port_info(nic, 0, &port);
    handed = sv_nic_counter(nic, "port[0]", "chip-out-packets");
    g_assert_cmpuint(port.out_frames, >, handed + 100);

    qtest_system_reset(sv_nic_qts(nic));
    sv_nic_restart(nic);
    sv_nic_vif_open(&b, nic, 10, NULL);
    sv_nic_frame_fill(bytes, sizeof(bytes), sv_nic_outside, b.mac, 1);
    sv_nic_send(&b, NULL, bytes, sizeof(bytes));
    for (;;) {
        sv_nic_wait(sv_nic_qts(nic), sv_nic_wire_take(wire, out));
        if (!memcmp(out, bytes, sizeof(bytes))) {
            break;
        }
        frames++;
    }
    g_assert_cmpuint(frames, <=, handed);
}

/*
 * stop and cont.  Half of the frames are published before, half while the card
 * is stopped; all arrive once, in order.
 */

typedef struct Flow {
    uint8_t dst[6], src[6];
    uint32_t next;              /* seed of the next frame to arrive */
} Flow;

static void flow_arrives(Flow *flow, const uint8_t *data, uint32_t length)
{
    uint8_t bytes[LENGTH];

    sv_nic_frame_fill(bytes, sizeof(bytes), flow->dst, flow->src,
                      flow->next++);
    g_assert_cmpmem(data, length, bytes, sizeof(bytes));
}

static Flow flow_of(const uint8_t dst[6], const uint8_t src[6])
{
    Flow flow = { };

    memcpy(flow.dst, dst, 6);
    memcpy(flow.src, src, 6);
    return flow;
}

static void test_stop_cont(void *obj, void *data, QGuestAllocator *alloc)
{
    enum { HALF = 40, ROUNDS = 8 };
    QSvNic *nic = obj;
    QTestState *qts = sv_nic_qts(nic);
    QSvNicWire *wire = &((QSvNicWires *)data)->port[0];
    g_autofree QSvNicFrame *frame = g_new(QSvNicFrame, 1);
    g_autofree uint8_t *out = g_malloc(SV_NIC_WIRE_MAX);
    QSvNicVif a, b;
    Flow to_b, to_a, to_wire, from_wire;
    uint32_t round, half, i;

    sv_nic_vif_open(&a, nic, 0, NULL);
    sv_nic_vif_open(&b, nic, 1, NULL);
    to_b = flow_of(b.mac, a.mac);
    to_a = flow_of(a.mac, b.mac);
    to_wire = flow_of(sv_nic_outside, b.mac);
    from_wire = flow_of(a.mac, sv_nic_outside);
    for (round = 0; round < ROUNDS; round++) {
        uint32_t first = round * 2 * HALF;
        uint32_t end = first + 2 * HALF;
        uint32_t moved[4] = { };

        for (half = 0; half < 2; half++) {
            uint32_t seed = first + half * HALF;
            uint8_t bytes[LENGTH];

            sv_nic_traffic_queue(&a, b.mac, seed, HALF);
            sv_nic_traffic_queue(&b, a.mac, seed, HALF);
            sv_nic_traffic_queue(&b, sv_nic_outside, seed, HALF);
            for (i = 0; i < HALF; i++) {
                sv_nic_frame_fill(bytes, sizeof(bytes), a.mac, sv_nic_outside,
                                  seed + i);
                sv_nic_wire_send(qts, wire, bytes, sizeof(bytes), true);
            }
            sv_nic_publish(&a);
            sv_nic_publish(&b);
            if (half == 0) {
                qtest_qmp_assert_success(qts, "{ 'execute': 'stop' }");
                moved[0] = sv_nic_page(&a, send_cons.index);
                moved[1] = sv_nic_page(&b, send_cons.index);
                moved[2] = sv_nic_page(&a, recv_prod.index);
                moved[3] = sv_nic_page(&b, recv_prod.index);
            }
        }
        /* it is stopped, doorbells have no effect */
        sv_nic_db_write(&a, SVNIC_DB_SEND, 1);
        sv_nic_db_write(&b, SVNIC_DB_SEND, 1);
        qtest_qmp_assert_success(qts, "{ 'execute': 'query-status' }");
        g_assert_cmpuint(moved[0], ==, sv_nic_page(&a, send_cons.index));
        g_assert_cmpuint(moved[1], ==, sv_nic_page(&b, send_cons.index));
        g_assert_cmpuint(moved[2], ==, sv_nic_page(&a, recv_prod.index));
        g_assert_cmpuint(moved[3], ==, sv_nic_page(&b, recv_prod.index));
        qtest_qmp_assert_success(qts, "{ 'execute': 'cont' }");

        while (to_b.next < end) {
            sv_nic_recv(&b, frame);
            flow_arrives(&to_b, frame->data, frame->length);
        }
        while (to_a.next < end || from_wire.next < end) {
            sv_nic_recv(&a, frame);
            flow_arrives(memcmp(frame->data + 6, sv_nic_outside, 6) ? &to_a :
                         &from_wire, frame->data, frame->length);
        }
        while (to_wire.next < end) {
            uint32_t length;

            sv_nic_wait(qts, (length = sv_nic_wire_take(wire, out)));
            flow_arrives(&to_wire, out, length);
        }
    }
    g_assert_false(sv_nic_take(&a, frame));
    g_assert_false(sv_nic_take(&b, frame));
    g_assert_cmpuint(sv_nic_wire_take(wire, out), ==, 0);
}

/* A command that is issued while stopped is executed, at once or later. */
static void test_command_while_stopped(void *obj, void *data,
                                       QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_cmd cmd;

    qtest_qmp_assert_success(sv_nic_qts(nic), "{ 'execute': 'stop' }");
    sv_nic_cmd_init(&cmd, SVNIC_CMD_QUERY, 0);
    sv_nic_sdram_write(nic, nic->area, &cmd, sizeof(cmd));
    sv_nic_cmd_ring(nic, nic->area);
    qtest_qmp_assert_success(sv_nic_qts(nic), "{ 'execute': 'cont' }");
    sv_nic_wait(sv_nic_qts(nic),
                sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL) &
                SVNIC_PCI_DB_COMMAND_DONE);
    sv_nic_sdram_read(nic, nic->area, &cmd, sizeof(cmd));
    g_assert_cmphex(le32_to_cpu(cmd.status), ==, SVNIC_ST_OK);
}

/* A deleted netdev is a link that is down. */
static void test_netdev_del(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    struct svnic_port_info port;
    QSvNicVif a, b;

    sv_nic_traffic_start(nic, &a, &b, &wires->port[0]);
    qtest_qmp_assert_success(sv_nic_qts(nic), "{ 'execute': 'netdev_del', "
                             "'arguments': { 'id': 'wire0' } }");
    sv_nic_wait(sv_nic_qts(nic), (sv_nic_port_info(nic, 0, &port),
                                  !port.link));
    /* queued frames are dropped */
    sv_nic_send_drain(&a);
    sv_nic_send_drain(&b);
    sv_nic_vif_reset(&a);
    sv_nic_vif_reset(&b);
    sv_nic_traffic_pass(&a, &b, 1);
    sv_nic_traffic_pass(&b, &a, 2);
}

static void register_sv_nic_life_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
        const char *opts;
        QOSBeforeTest before;
    } tests[] = {
        { "reset-under-traffic", test_reset, WIRES, sv_nic_wires_before },
        { "port-receives-after-a-secondary-reset", test_secondary_reset_port,
          WIRES, sv_nic_wires_before },
        { "reset-drops-frames-in-the-port", test_reset_port, WIRES,
          sv_nic_wires_before },
        { "stop-and-cont-under-traffic-lose-nothing", test_stop_cont, WIRES,
          sv_nic_wires_before },
        { "command-while-stopped-is-executed",
          test_command_while_stopped },
        { "netdev-deleted-under-traffic", test_netdev_del, WIRES,
          sv_nic_wires_before },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("life", tests[i].name, tests[i].fn, "02",
                        tests[i].opts, tests[i].before, NULL);
    }
}

libqos_init(register_sv_nic_life_tests);
