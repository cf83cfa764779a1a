/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: races of the card's threads with random accesses from the primary and
 * the secondary side.
 *
 * Sections "Upstream", "Indirect cycles", "Interrupts" and "Registers of the
 * bridge" of docs/specs/sv-nic*.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/malloc-pc.h"
#include "libqos/pci-pc.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-frame.h"
#include "hw/net/sv-nic/bridge/i21555-regs.h"
#include "hw/net/sv-nic/chip/ixp2400-pci-regs.h"
#include "hw/pci/pci_regs.h"
#include "qemu/host-utils.h"
#include "qemu/module.h"
#include "qemu/units.h"
#include "qobject/qdict.h"

/* Host memory that the machine does not use. */
#define SPOT            0x4000000u

/* ACPI registers for memory hotplug. */
#define MEMHP           0x0a00
#define MEMHP_ADDR_LOW  (MEMHP + 0x00)
#define MEMHP_ADDR_HIGH (MEMHP + 0x04)
#define MEMHP_FLAGS     (MEMHP + 0x14)
#define MEMHP_EJECT     0x08

/*
 * Cycles made by a worker
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

/* Waits until the worker has made more cycles, successful or not. */
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
 * The memory that a worker accesses is unplugged and plugged, bus master is
 * cleared and set, windows move: every cycle is either complete or fails, and
 * is counted by the cause of the failure.
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
    /* memory that is being unplugged is not system RAM any more */
    g_assert_cmpuint(counter(&nic, "aborts") - aborts +
                     counter(&nic, "refused") - refused, ==, l.failed);
    g_assert_cmpuint(counter(&nic, "aborts"), >, aborts);
    g_assert_cmphex(qpci_config_readw(&nic.pci_dev, PCI_STATUS) &
                    PCI_STATUS_REC_MASTER_ABORT, !=, 0);

    /* moving a window to the same memory is atomic */
    loop_start(&nic, SVNIC_LOCAL_UPSTREAM_MEM1 + SPOT);
    for (i = 0; i < 2000; i++) {
        bool there = i % 2;

        qpci_io_writel(&nic.pci_dev, nic.csr, SVNIC_CSR_UP_MEM1_BASE,
                       there ? 0 : SVNIC_LOCAL_UPSTREAM_MEM0_SIZE);
    }
    loop_goes_on(&nic, true);
    l = loop_stop(&nic);
    g_assert_cmpuint(l.wrong, ==, 0);

    /* the entry becomes valid and invalid; counted as invalid */
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

    /* a worker cannot access the bridge's CSRs; this is counted, too */
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

/*
 * Random values in all CSRs
 */

typedef struct Row {
    const char *name;
    uint16_t at;
    unsigned count, stride, bytes;
} Row;

#define BRIDGE_ROW(name, config, csr, count, bytes, primary, secondary, \
                   writable, reset, rom, known) \
    { #name, csr, count, bytes, bytes },
#define CHIP_ROW(name, address, count, stride, access, host, writable, reset, \
                 what, source) \
    { name, address, count, stride, 4 },

static const Row bridge_rows[] = {
    I21555_CSR_REGISTERS(BRIDGE_ROW)
};

static const Row chip_rows[] = {
    IXP_PCI_REGISTERS(CHIP_ROW)
};

/*
 * Registers that this test does not write: those of the windows that the host
 * and the worker use, semaphores, which are modelled one by one, and those that
 * change SDRAM or the firmware.
 */
static bool is_left_alone(const Row *row)
{
    static const char *const patterns[] = {
        "DOWN_MEM*_BASE", "UP_MEM*_BASE", "LOOKUP_TABLE", "LUT_DATA",
        "CONFIG_OWN", "CONFIG_CSR", "IO_OWN", "IO_CSR",
        "MAILBOX", "XSCALE_DOORBELL*", "DMA_CONTROL",
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(patterns); i++) {
        if (g_pattern_match_simple(patterns[i], row->name)) {
            return true;
        }
    }
    return false;
}

static const Row *any_row(GRand *rand, const Row *rows, size_t n,
                          bool everything)
{
    const Row *row;

    do {
        row = &rows[g_rand_int_range(rand, 0, n)];
        /* contents of the ROM are kept over the reset at the end */
    } while (!strcmp(row->name, "ROM_CONTROL") ||
             (!everything && is_left_alone(row)));
    return row;
}

static void host_access(QSvNic *nic, QPCIBar bar, uint32_t at, unsigned width,
                        bool write, uint32_t value)
{
    QPCIDevice *dev = &nic->pci_dev;

    if (write) {
        width == 1 ? qpci_io_writeb(dev, bar, at, value) :
        width == 2 ? qpci_io_writew(dev, bar, at, value) :
                     qpci_io_writel(dev, bar, at, value);
    } else {
        width == 1 ? (void)qpci_io_readb(dev, bar, at) :
        width == 2 ? (void)qpci_io_readw(dev, bar, at) :
                     (void)qpci_io_readl(dev, bar, at);
    }
}

/* An access within one register only. */
static void hostile_access(QSvNic *nic, GRand *rand, bool everything)
{
    bool chip = g_rand_int_range(rand, 0, 4) == 0;
    const Row *row = chip ? any_row(rand, chip_rows, ARRAY_SIZE(chip_rows),
                                    everything)
                          : any_row(rand, bridge_rows,
                                    ARRAY_SIZE(bridge_rows), everything);
    unsigned width = 1u << g_rand_int_range(rand, 0, 3);
    uint32_t at = row->at + g_rand_int_range(rand, 0, row->count) *
                            row->stride;
    uint32_t value = g_rand_boolean(rand) ? g_rand_int(rand) : UINT32_MAX;
    bool write = g_rand_int_range(rand, 0, 3);

    if (width > row->bytes) {
        width = 1;
    }
    if (chip) {
        host_access(nic, nic->pci_csr, at, 4, write, value);
    } else if (g_rand_int_range(rand, 0, 4) == 0) {
        if (write) {
            sv_nic_secondary_write(nic, "csr", at, width, value);
        } else {
            sv_nic_secondary_read(nic, "csr", at, width, NULL);
        }
    } else {
        bool io = at + 4 <= SVNIC_CSR_IO_SIZE && g_rand_boolean(rand);

        host_access(nic, io ? nic->csr_io : nic->csr, at, width, write,
                    value);
    }
}

/*
 * Semaphores: each side has one in either register.  A read that returns 0
 * takes it, and other reads return 1 until it is released.
 */
typedef struct Own {
    uint32_t at, status;
    bool held[2];
} Own;

static void own_step(QSvNic *nic, GRand *rand, Own *own)
{
    bool chip = g_rand_boolean(rand);
    uint32_t bit = chip ? SVNIC_OWN_UP : SVNIC_OWN_DOWN;
    uint32_t value;

    if (own->held[chip] && g_rand_boolean(rand)) {
        if (chip) {
            sv_nic_secondary_write(nic, "csr", own->at, 2, bit);
        } else {
            qpci_io_writew(&nic->pci_dev, nic->csr, own->at, bit);
        }
        own->held[chip] = false;
    } else {
        value = chip ? sv_nic_secondary_read(nic, "csr", own->at, 2, NULL) :
                       qpci_io_readw(&nic->pci_dev, nic->csr_io, own->at);
        g_assert_cmpint(!(value & bit), ==, !own->held[chip]);
        own->held[chip] = true;
    }
    g_assert_cmphex(qpci_io_readw(&nic->pci_dev, nic->csr, own->status), ==,
                    (own->held[0] ? SVNIC_OWN_DOWN : 0) |
                    (own->held[1] ? SVNIC_OWN_UP : 0));
}

static void pass(QSvNicVif *from, QSvNicVif *to, uint32_t seed)
{
    uint8_t bytes[600];

    sv_nic_frame_fill(bytes, sizeof(bytes), to->mac, from->mac, seed);
    sv_nic_send(from, NULL, bytes, sizeof(bytes));
    sv_nic_expect(to, NULL, bytes, sizeof(bytes));
}

/* All handles that were put on the ring were got, and none was lost. */
static void handles_agree(QSvNic *nic)
{
    g_assert_cmpuint(sv_nic_counter(nic, "ring[2]", "chip-puts"), ==,
                     sv_nic_counter(nic, "ring[2]", "chip-gets"));
    g_assert_cmpuint(sv_nic_counter(nic, "ring[2]", "chip-overflows"), ==, 0);
}

static void test_hostile_traffic(void *obj, void *data,
                                 QGuestAllocator *alloc)
{
    enum { ROUNDS = 150, ACCESSES = 20 };
    QSvNic *nic = obj;
    QTestState *qts = sv_nic_qts(nic);
    g_autoptr(GRand) rand = g_rand_new_with_seed(21555);
    Own own[] = {
        { SVNIC_CSR_CONFIG_OWN, SVNIC_CSR_CONFIG_CSR },
        { SVNIC_CSR_IO_OWN, SVNIC_CSR_IO_CSR },
    };
    QSvNicVif a, b;
    uint64_t rung, closed, raised, redundant;
    Loop l;
    int i, n;

    sv_nic_vif_open(&a, nic, 0, NULL);
    sv_nic_vif_open(&b, nic, 1, NULL);
    closed = sv_nic_vif_counter(nic, a.id, "chip-doorbells-closed");
    loop_start(nic, SVNIC_LOCAL_UPSTREAM_MEM0 + SPOT);
    for (i = 0; i < ROUNDS; i++) {
        for (n = 0; n < ACCESSES; n++) {
            hostile_access(nic, rand, false);
            own_step(nic, rand, &own[n % 2]);
        }
        /* every frame arrives unchanged and in order */
        pass(&a, &b, 2 * i);
        pass(&b, &a, 2 * i + 1);
        /* and every doorbell is counted by the card */
        rung = sv_nic_vif_counter(nic, a.id, "chip-doorbells");
        sv_nic_db_write(&a, SVNIC_DB_SEND, 1);
        g_assert_cmpuint(sv_nic_vif_counter(nic, a.id, "chip-doorbells"), ==,
                         rung + 1);
    }
    l = loop_stop(nic);
    g_assert_cmpuint(l.done, >, 0);
    g_assert_cmpuint(l.failed, ==, 0);
    g_assert_cmpuint(l.wrong, ==, 0);
    sv_nic_send_drain(&a);
    sv_nic_send_drain(&b);
    handles_agree(nic);
    g_assert_cmpuint(sv_nic_vif_counter(nic, a.id, "chip-doorbells-closed"),
                     ==, closed);

    /* then writes to all registers, and a reset */
    loop_start(nic, SVNIC_LOCAL_UPSTREAM_MEM2 + 8);
    for (i = 0; i < ROUNDS * ACCESSES; i++) {
        hostile_access(nic, rand, true);
        if (i % ACCESSES == 0) {
            sv_nic_db_write(&a, SVNIC_DB_SEND, 1);
            sv_nic_db_write(&b, SVNIC_DB_SEND, 1);
        }
    }
    loop_stop(nic);
    raised = sv_nic_counter(nic, "card", "irq-bits-raised");
    redundant = sv_nic_counter(nic, "card", "irq-bits-redundant");
    g_assert_cmpuint(raised, >=, redundant);
    qtest_system_reset(qts);
    sv_nic_restart(nic);
    sv_nic_vif_open(&a, nic, 0, NULL);
    sv_nic_vif_open(&b, nic, 1, NULL);
    for (i = 0; i < 20; i++) {
        pass(&a, &b, 2 * i);
        pass(&b, &a, 2 * i + 1);
    }
}

/*
 * "Interrupts"
 */

/*
 * Random accesses to the eight request and mask registers, from either side,
 * one or two words at once; except the primary requests, which the card uses.
 */
static void scribble_irq(QSvNic *nic, GRand *rand)
{
    uint32_t at = g_rand_int_range(rand, SVNIC_CSR_PRIMARY_CLEAR_IRQ / 2,
                                   SVNIC_CSR_SECONDARY_SET_MASK / 2 + 1) * 2;
    uint32_t value = g_rand_int(rand);

    if (at < SVNIC_CSR_PRIMARY_CLEAR_MASK) {
        value &= 0xffff0000;
        qpci_io_writel(&nic->pci_dev, nic->csr_io, at & ~3u, value);
    } else if (g_rand_boolean(rand)) {
        sv_nic_secondary_write(nic, "csr", at, 2, value & 0xffff);
    } else {
        sv_nic_csr16_write(nic, at, value);
    }
}

/* Clears all pending bits, many times; returns the number of bits. */
static unsigned requests_take(QSvNic *nic)
{
    unsigned n = 0, i;

    for (i = 0; i < 8; i++) {
        uint16_t bits = sv_nic_csr16(nic, SVNIC_CSR_PRIMARY_SET_IRQ);

        sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ, bits);
        n += ctpop16(bits);
    }
    return n;
}

/*
 * A worker raises IRQ bits while the host clears those that it has seen, and
 * both sides write the other registers: each request is seen once.
 */
static void test_no_request_lost(void *obj, void *data,
                                 QGuestAllocator *alloc)
{
    enum { ENOUGH = 20000 };
    QSvNic *nic = obj;
    QTestState *qts = sv_nic_qts(nic);
    g_autoptr(GRand) rand = g_rand_new_with_seed(98);
    uint64_t seen = 0, next, raised, redundant;
    Loop l;

    sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ, 0xffff);
    raised = sv_nic_counter(nic, "card", "irq-bits-raised");
    redundant = sv_nic_counter(nic, "card", "irq-bits-redundant");
    loop_set(nic, "raise");
    for (next = 0; seen < ENOUGH; next += ENOUGH / 20) {
        sv_nic_wait(qts, (scribble_irq(nic, rand),
                          seen += requests_take(nic), seen >= next));
    }
    l = loop_stop(nic);
    seen += ctpop16(sv_nic_csr16(nic, SVNIC_CSR_PRIMARY_SET_IRQ));
    g_assert_cmpuint(l.done, ==, seen);
    g_assert_cmpuint(sv_nic_counter(nic, "card", "irq-bits-raised") -
                     raised, ==, seen);
    g_assert_cmpuint(sv_nic_counter(nic, "card", "irq-bits-redundant"), ==,
                     redundant);

    /* the pin follows a bit that the worker raises and the host clears */
    sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ, 0xffff);
    sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_MASK, 0xffff);
    g_assert_false(sv_nic_inta(nic));
    loop_set(nic, "raise");
    sv_nic_wait(qts, sv_nic_inta(nic));
    loop_stop(nic);
    sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ, 0xffff);
    g_assert_false(sv_nic_inta(nic));
}

static void register_sv_nic_race_tests(void)
{
    sv_nic_add_test("race", "a-worker-goes-upstream-while-memory-goes",
                    test_worker_upstream, "2", NULL, NULL, NULL);
    sv_nic_add_test("race", "a-request-is-seen-once-whatever-is-written",
                    test_no_request_lost, "12", NULL, NULL, NULL);
    sv_nic_add_test("race", "hostile-values-in-every-csr-under-traffic",
                    test_hostile_traffic, "12", NULL, NULL, NULL);
}

libqos_init(register_sv_nic_race_tests);
