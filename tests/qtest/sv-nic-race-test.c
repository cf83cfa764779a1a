/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: the card's threads at work while the host does whatever it likes.
 *
 * Section "Upstream" of docs/specs/sv-nic.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/malloc-pc.h"
#include "libqos/pci-pc.h"
#include "libqos/sv-nic.h"
#include "hw/pci/pci_regs.h"
#include "qemu/module.h"
#include "qemu/units.h"
#include "qobject/qdict.h"

/* Of the host, that the machine leaves alone. */
#define SPOT            0x4000000u

/* ACPI's registers of memory that can be unplugged. */
#define MEMHP           0x0a00
#define MEMHP_ADDR_LOW  (MEMHP + 0x00)
#define MEMHP_ADDR_HIGH (MEMHP + 0x04)
#define MEMHP_FLAGS     (MEMHP + 0x14)
#define MEMHP_EJECT     0x08

/*
 * A worker's own cycles
 */

typedef struct Loop {
    uint64_t done, failed, wrong;
    unsigned running;
} Loop;

static Loop loop_read(QSvNic *nic)
{
    QDict *answer = qtest_qmp(sv_nic_qts(nic), "{ 'execute': 'qom-get', "
                              "'arguments': { 'path': '/machine/peripheral/"
                              SV_NIC_ID "', 'property': 'worker-cycles' } }");
    Loop l;

    g_assert_cmpint(sscanf(qdict_get_str(answer, "return"), "%" SCNu64
                           " %" SCNu64 " %" SCNu64 " %u", &l.done, &l.failed,
                           &l.wrong, &l.running), ==, 4);
    qobject_unref(answer);
    return l;
}

static void loop_set(QSvNic *nic, const char *text)
{
    qtest_qmp_assert_success(sv_nic_qts(nic), "{ 'execute': 'qom-set', "
                             "'arguments': { 'path': '/machine/peripheral/"
                             SV_NIC_ID "', 'property': 'worker-cycles', "
                             "'value': %s } }", text);
}

static void loop_start(QSvNic *nic, uint64_t address)
{
    g_autofree char *text = g_strdup_printf("0x%" PRIx64, address);

    loop_set(nic, text);
}

static Loop loop_stop(QSvNic *nic)
{
    loop_set(nic, "stop");
    sv_nic_wait(sv_nic_qts(nic), !loop_read(nic).running);
    return loop_read(nic);
}

static uint64_t counter(QSvNic *nic, const char *what)
{
    g_autofree char *name = g_strdup_printf("upstream-%s", what);

    return sv_nic_counter(nic, "card", name);
}

/* It has gone on, with or without success, since now. */
static void loop_goes_on(QSvNic *nic, bool success)
{
    Loop before = loop_read(nic);

    sv_nic_wait(sv_nic_qts(nic), success
                ? loop_read(nic).done > before.done + 100
                : loop_read(nic).failed > before.failed + 100);
}

static bool deleted(QTestState *qts)
{
    QDict *event;

    qtest_qmp_assert_success(qts, "{ 'execute': 'query-status' }");
    event = qtest_qmp_event_ref(qts, "DEVICE_DELETED");
    qobject_unref(event);
    return event;
}

static uint64_t memory_plug(QTestState *qts)
{
    qtest_qmp_assert_success(
        qts, "{ 'execute': 'object-add', 'arguments': { 'qom-type': "
        "'memory-backend-ram', 'id': 'mem', 'size': 134217728 } }");
    qtest_qmp_assert_success(
        qts, "{ 'execute': 'device_add', 'arguments': { 'driver': "
        "'pc-dimm', 'id': 'dimm', 'memdev': 'mem' } }");
    qtest_outl(qts, MEMHP, 0);
    return qtest_inl(qts, MEMHP_ADDR_LOW) |
           (uint64_t)qtest_inl(qts, MEMHP_ADDR_HIGH) << 32;
}

static void memory_unplug(QTestState *qts)
{
    qtest_qmp_device_del_send(qts, "dimm");
    qtest_outb(qts, MEMHP_FLAGS, MEMHP_EJECT);
    sv_nic_wait(qts, deleted(qts));
    qtest_qmp_assert_success(qts, "{ 'execute': 'object-del', "
                             "'arguments': { 'id': 'mem' } }");
}

/*
 * The memory that a worker reads and writes is unplugged and plugged in again,
 * bus master goes off and on, windows move: every cycle either is whole or
 * fails, and is counted as what it failed by.
 */
static void test_worker_upstream(void *obj, void *data,
                                 QGuestAllocator *unused)
{
    QTestState *qts = qtest_init("-machine pc -nodefaults "
                                 "-m 128M,slots=2,maxmem=1G "
                                 "-device sv-nic,addr=10,id=" SV_NIC_ID
                                 ",workers=2,sdram-size=16M,vifs=4");
    QGuestAllocator alloc;
    QPCIBus *bus = qpci_new_pc(qts, &alloc);
    QSvNic nic;
    uint64_t base, aborts, refused, invalid;
    Loop l;
    int i;

    pc_alloc_init(&alloc, qts, ALLOC_NO_FLAGS);
    sv_nic_init(&nic, bus, &alloc, QPCI_DEVFN(0x10, 0));
    sv_nic_start(&nic);

    base = memory_plug(qts);
    g_assert_cmphex(base, >=, 4 * GiB);
    aborts = counter(&nic, "aborts");
    refused = counter(&nic, "refused");
    loop_start(&nic, base + 12344);
    loop_goes_on(&nic, true);
    for (i = 0; i < 8; i++) {
        memory_unplug(qts);
        loop_goes_on(&nic, false);
        g_assert_cmphex(memory_plug(qts), ==, base);
        loop_goes_on(&nic, true);
        qpci_config_writew(&nic.pci_dev, PCI_COMMAND,
                           PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
        loop_goes_on(&nic, false);
        qpci_device_enable(&nic.pci_dev);
        loop_goes_on(&nic, true);
    }
    l = loop_stop(&nic);
    g_assert_cmpuint(l.wrong, ==, 0);
    /* what is about to go is the machine's RAM no more, and still there */
    g_assert_cmpuint(counter(&nic, "aborts") - aborts +
                     counter(&nic, "refused") - refused, ==, l.failed);
    g_assert_cmpuint(counter(&nic, "aborts"), >, aborts);
    g_assert_cmphex(qpci_config_readw(&nic.pci_dev, PCI_STATUS) &
                    PCI_STATUS_REC_MASTER_ABORT, !=, 0);

    /* a window that moves to the same memory is never half moved */
    loop_start(&nic, SVNIC_LOCAL_UPSTREAM_MEM1 + SPOT);
    for (i = 0; i < 2000; i++) {
        bool there = i % 2;

        qpci_io_writel(&nic.pci_dev, nic.csr, SVNIC_CSR_UP_MEM1_BASE,
                       there ? 0 : SVNIC_LOCAL_UPSTREAM_MEM0_SIZE);
    }
    loop_goes_on(&nic, true);
    l = loop_stop(&nic);
    g_assert_cmpuint(l.wrong, ==, 0);

    /* the table's entry comes and goes, counted as not valid */
    invalid = counter(&nic, "invalid");
    loop_start(&nic, SVNIC_LOCAL_UPSTREAM_MEM2);
    for (i = 0; i < 2000; i++) {
        qpci_io_writel(&nic.pci_dev, nic.csr, SVNIC_CSR_LUT(0),
                       SPOT | (i % 2 ? SVNIC_LUT_VALID : 0));
    }
    loop_goes_on(&nic, true);
    l = loop_stop(&nic);
    g_assert_cmpuint(l.wrong, ==, 0);
    g_assert_cmpuint(counter(&nic, "invalid") - invalid, ==, l.failed);

    /* the bridge's registers are not a worker's, and that is counted, too */
    refused = counter(&nic, "refused");
    loop_start(&nic, SVNIC_LOCAL_BRIDGE_CSR + SVNIC_CSR_SCRATCHPAD(0));
    loop_goes_on(&nic, false);
    l = loop_stop(&nic);
    g_assert_cmpuint(l.done, ==, 0);
    g_assert_cmpuint(counter(&nic, "refused") - refused, ==, l.failed);
    g_assert_cmphex(qpci_io_readl(&nic.pci_dev, nic.csr,
                                  SVNIC_CSR_SCRATCHPAD(0)), ==, 0);
    alloc_destroy(&alloc);
    qpci_free_pc(bus);
    qtest_quit(qts);
}

static void register_sv_nic_race_tests(void)
{
    sv_nic_add_test("race", "a-worker-goes-upstream-while-memory-goes",
                    test_worker_upstream, "2", NULL, NULL, NULL);
}

libqos_init(register_sv_nic_race_tests);
