/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: injected faults of what the card writes for an owner, of its stages
 * and ports, and of the card as a whole.
 *
 * docs/faults.rst has the properties and what a driver should do.  Each test
 * ends with traffic, and with the neighbours of what was disturbed.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-fault.h"
#include "libqos/sv-nic-frame.h"
#include "libqos/sv-nic-port.h"
#include "libqos/sv-nic-traffic.h"
#include "hw/pci/pci_regs.h"
#include "qemu/bswap.h"
#include "qemu/module.h"

/* ---- what the card writes for the owner; the end of a VIF ---- */

/* The VIF is reset, and works. */
static void reset_and_pass(QSvNicVif *vif, QSvNicVif *peer, uint32_t seed)
{
    sv_nic_vif_reset(vif);
    sv_nic_traffic_pass(vif, peer, seed);
    sv_nic_traffic_pass(peer, vif, seed + 1);
    sv_nic_wait_idle(vif->nic);
}

static void test_written(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicVif vif[3];
    uint32_t index;

    sv_nic_fault_open(nic, vif);
    index = sv_nic_page(&vif[0], send_cons.index);
    sv_nic_fault_set(nic, "fault-send-index", "vif=0:next=1:add=77");
    sv_nic_traffic_pass(&vif[0], &vif[1], 3);
    sv_nic_wait_idle(nic);
    g_assert_cmpuint(sv_nic_page(&vif[0], send_cons.index), ==,
                     index + 1 + 77);
    sv_nic_traffic_pass(&vif[1], &vif[2], 4);
    reset_and_pass(&vif[0], &vif[1], 5);

    index = sv_nic_page(&vif[1], recv_prod.index);
    sv_nic_fault_set(nic, "fault-recv-index", "vif=1:next=1:add=5000");
    sv_nic_traffic_queue(&vif[0], vif[1].mac, 7, 1);
    sv_nic_publish(&vif[0]);
    sv_nic_wait_idle(nic);
    g_assert_cmpuint(sv_nic_page(&vif[1], recv_prod.index), ==,
                     index + 1 + 5000);
    reset_and_pass(&vif[1], &vif[2], 8);

    sv_nic_fault_set(nic, "fault-recv-length", "vif=1:next=1:length=123456");
    sv_nic_traffic_queue(&vif[0], vif[1].mac, 10, 1);
    sv_nic_publish(&vif[0]);
    sv_nic_wait_idle(nic);
    g_assert_cmpuint(sv_nic_region32(&vif[1],
                                     svnic_recv_slot(&vif[1].ring,
                                                     vif[1].ring.recv_cons)),
                     ==, 123456);
    reset_and_pass(&vif[1], &vif[2], 11);

    sv_nic_fault_set(nic, "fault-recv-header", "vif=1:next=1");
    sv_nic_traffic_queue(&vif[0], vif[1].mac, 13, 1);
    sv_nic_publish(&vif[0]);
    sv_nic_wait_idle(nic);
    g_assert_cmpuint(sv_nic_fault_struck(nic, "recv-header"), ==, 1);
    reset_and_pass(&vif[1], &vif[2], 14);

    sv_nic_fault_set(nic, "fault-vif-stop", "vif=0:next=1:error=7");
    sv_nic_traffic_queue(&vif[0], vif[1].mac, 16, 1);
    sv_nic_publish(&vif[0]);
    sv_nic_wait_idle(nic);
    g_assert_cmpuint(sv_nic_page(&vif[0], state), ==, SVNIC_VIF_STOPPED);
    g_assert_cmpuint(sv_nic_page(&vif[0], error), ==, SVNIC_ERR_HOST_PAGE);
    sv_nic_traffic_pass(&vif[1], &vif[2], 17);
    reset_and_pass(&vif[0], &vif[1], 18);
}

static void test_slow(void *obj, void *data, QGuestAllocator *alloc)
{
    static const char *const stages[] = { "fetch-slow", "deliver-slow" };
    QSvNic *nic = obj;
    QSvNicVif vif[3];
    size_t i;

    sv_nic_fault_open(nic, vif);
    for (i = 0; i < ARRAY_SIZE(stages); i++) {
        g_autofree char *name = g_strdup_printf("fault-%s", stages[i]);

        sv_nic_fault_set(nic, name, "next=1:us=5000000");
        sv_nic_traffic_queue(&vif[0], vif[1].mac, 3 + i, 1);
        sv_nic_publish(&vif[0]);
        sv_nic_wait_idle(nic);
        g_assert_cmpuint(sv_nic_page(&vif[1], recv_prod.index), ==,
                         vif[1].ring.recv_cons);
        sv_nic_fault_time(nic, 5000000);
        sv_nic_fault_frame(&vif[0], &vif[1], 3 + i);
        g_assert_cmpuint(sv_nic_fault_struck(nic, stages[i]), ==, 1);
    }
    sv_nic_traffic_pass(&vif[1], &vif[2], 9);
}

/* ---- ports ---- */

static void test_port(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    QSvNicVif vif[3];
    uint8_t bytes[SV_NIC_TRAFFIC_LENGTH];
    uint64_t frames;

    sv_nic_fault_open(nic, vif);
    sv_nic_fault_set(nic, "fault-port-block", "port=0:next=1:ms=5000");
    sv_nic_traffic_queue(&vif[0], sv_nic_outside, 3, 1);
    sv_nic_publish(&vif[0]);
    sv_nic_wait_idle(nic);
    g_assert_cmpuint(sv_nic_counter(nic, "port[0]", "chip-out-packets"), ==,
                     0);
    sv_nic_traffic_pass(&vif[1], &vif[2], 4);
    sv_nic_fault_time(nic, 5000000);
    sv_nic_frame_fill(bytes, sizeof(bytes), sv_nic_outside, vif[0].mac, 3);
    sv_nic_wire_expect(sv_nic_qts(nic), &wires->port[0], bytes,
                       sizeof(bytes));

    sv_nic_fault_set(nic, "fault-rbuf-out", "port=0:next=1:us=5000000");
    sv_nic_frame_fill(bytes, sizeof(bytes), vif[0].mac, sv_nic_outside, 5);
    sv_nic_wire_send(sv_nic_qts(nic), &wires->port[0], bytes, sizeof(bytes),
                     false);
    sv_nic_wait(sv_nic_qts(nic), sv_nic_fault_struck(nic, "rbuf-out") == 1);
    sv_nic_wait_idle(nic);
    g_assert_cmpuint(sv_nic_page(&vif[0], recv_prod.index), ==,
                     vif[0].ring.recv_cons);
    sv_nic_traffic_pass(&vif[1], &vif[2], 6);
    sv_nic_fault_time(nic, 5000000);
    sv_nic_traffic_expect(&vif[0], bytes);

    frames = sv_nic_counter(nic, "port[0]", "chip-in-frames");
    sv_nic_fault_set(nic, "fault-receive-slow", "us=5000000");
    sv_nic_wire_send(sv_nic_qts(nic), &wires->port[0], bytes, sizeof(bytes),
                     false);
    sv_nic_wait(sv_nic_qts(nic), sv_nic_counter(nic, "port[0]",
                                                "chip-in-frames") > frames);
    sv_nic_wait_idle(nic);
    g_assert_cmpuint(sv_nic_fault_struck(nic, "receive-slow"), >, 0);
    g_assert_cmpuint(sv_nic_page(&vif[0], recv_prod.index), ==,
                     vif[0].ring.recv_cons);
    sv_nic_fault_set(nic, "fault-receive-slow", "off");
    sv_nic_traffic_expect(&vif[0], bytes);
    g_assert_cmpuint(sv_nic_fault_struck(nic, "port-block"), ==, 1);
}

static void test_link(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicVif vif[3];
    struct svnic_port_info info;

    sv_nic_fault_open(nic, vif);
    sv_nic_fault_set(nic, "fault-link-flap", "port=0:next=2:ms=5000");
    for (unsigned i = 0; i < 2; i++) {
        sv_nic_fault_time(nic, 1);
        sv_nic_port_info(nic, 0, &info);
        g_assert_cmpuint(info.link, ==, 0);
        g_assert_cmpuint(sv_nic_fault_struck(nic, "link-flap"), ==, i + 1);
        sv_nic_fault_time(nic, 5000000);
        sv_nic_port_info(nic, 0, &info);
        g_assert_cmpuint(info.link, ==, 1);
        sv_nic_fault_time(nic, 5000000);
    }
    sv_nic_port_info(nic, 0, &info);
    g_assert_cmpuint(info.link, ==, 1);
    sv_nic_traffic_pass(&vif[0], &vif[1], 3);
    /* A reset brings it up, and the fault goes on. */
    sv_nic_fault_set(nic, "fault-link-flap", "port=0:ms=5000");
    sv_nic_fault_time(nic, 1);
    sv_nic_fault_set(nic, "fault-link-flap", "off");
    qtest_system_reset(sv_nic_qts(nic));
    sv_nic_restart(nic);
    sv_nic_port_info(nic, 0, &info);
    g_assert_cmpuint(info.link, ==, 1);
}

/* ---- the card as a whole ---- */

static void test_removed(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicVif vif[3];

    sv_nic_fault_open(nic, vif);
    sv_nic_fault_set(nic, "fault-memory-ones", "on");
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_MAILBOX(
                                       SVNIC_MAILBOX_IDENTITY)), ==,
                    UINT32_MAX);
    g_assert_cmphex(sv_nic_page(&vif[0], state), ==, UINT32_MAX);
    g_assert_cmphex(sv_nic_db(&vif[0], SVNIC_DB_SIGNAL_STATUS), ==,
                    UINT32_MAX);
    g_assert_cmphex(sv_nic_csr16(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ), ==,
                    UINT16_MAX);
    g_assert_cmphex(qpci_config_readl(&nic->pci_dev, PCI_VENDOR_ID), ==,
                    UINT32_MAX);
    sv_nic_page_write(&vif[0], send_prod.index, 12345);
    qpci_config_writew(&nic->pci_dev, PCI_COMMAND, 0);
    g_assert_cmpuint(sv_nic_fault_struck(nic, "memory-ones"), >=, 7);
    sv_nic_fault_set(nic, "fault-memory-ones", "off");
    sv_nic_traffic_pass(&vif[0], &vif[1], 3);
    /* It comes back by itself. */
    sv_nic_fault_set(nic, "fault-memory-ones", "next=2");
    g_assert_cmphex(sv_nic_page(&vif[0], state), ==, UINT32_MAX);
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_MAILBOX(
                                       SVNIC_MAILBOX_IDENTITY)), ==,
                    UINT32_MAX);
    sv_nic_traffic_pass(&vif[1], &vif[2], 4);
    sv_nic_fault_expect(nic, "fault-memory-ones", "off");
}

static uint32_t identity(QSvNic *nic)
{
    return sv_nic_pci_csr(nic,
                          SVNIC_PCI_CSR_MAILBOX(SVNIC_MAILBOX_IDENTITY));
}

static void test_firmware(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicVif vif[3];
    uint32_t status;

    sv_nic_fault_open(nic, vif);
    sv_nic_fault_set(nic, "fault-reboot", "next=1:ms=5000");
    sv_nic_wait_idle(nic);
    sv_nic_wait(sv_nic_qts(nic), sv_nic_fault_struck(nic, "reboot") == 1);
    g_assert_cmphex(identity(nic), ==, 0);
    sv_nic_fault_query(nic);
    sv_nic_fault_time(nic, 5000000);
    g_assert_cmphex(identity(nic), ==, SVNIC_IDENTITY);
    /* the boot has zeroed the block, but nothing is reported */
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL), ==, 0);
    sv_nic_fault_open(nic, vif);

    sv_nic_fault_set(nic, "fault-die", "next=1");
    sv_nic_wait(sv_nic_qts(nic), sv_nic_fault_struck(nic, "die") == 1);
    status = sv_nic_fault_query(nic);
    sv_nic_traffic_queue(&vif[0], vif[1].mac, 3, 1);
    sv_nic_publish(&vif[0]);
    sv_nic_fault_time(nic, 5000000);
    g_assert_cmphex(sv_nic_sdram32(nic, status), ==, SVNIC_ST_PENDING);
    g_assert_cmpuint(sv_nic_page(&vif[1], recv_prod.index), ==,
                     vif[1].ring.recv_cons);
    qtest_system_reset(sv_nic_qts(nic));
    sv_nic_restart(nic);
    sv_nic_fault_open(nic, vif);

    sv_nic_fault_set(nic, "fault-boot-fail", "next=1");
    qtest_system_reset(sv_nic_qts(nic));
    qpci_device_enable(&nic->pci_dev);
    g_assert_cmpuint(sv_nic_fault_struck(nic, "boot-fail"), ==, 1);
    qtest_system_reset(sv_nic_qts(nic));
    sv_nic_restart(nic);
    sv_nic_fault_open(nic, vif);
}

static void register_sv_nic_fault_card_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
        const char *variants;
        const char *opts;
        QOSBeforeTest before;
    } tests[] = {
        { "indices-headers-stops", test_written, "012" },
        { "slow-stages", test_slow, "02" },
        { "ports", test_port, "02", "netdev=wire0,port-watchdog=0",
          sv_nic_wires_before },
        { "links", test_link, "01", "netdev=wire0", sv_nic_wires_before },
        { "removal", test_removed, "01" },
        { "firmware-reboots-dies-does-not-boot", test_firmware, "012" },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("fault-card", tests[i].name, tests[i].fn,
                        tests[i].variants, tests[i].opts, tests[i].before,
                        NULL);
    }
}

libqos_init(register_sv_nic_fault_card_tests);
