/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: VIFs with host placement: the region is in guest memory.
 *
 * Section "Host placement" of docs/specs/sv-nic-card.rst: traffic, addresses
 * that the card refuses, and memory that is removed while it is in use.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/pci-pc.h"
#include "libqos/malloc-pc.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-frame.h"
#include "hw/pci/pci_regs.h"
#include "qemu/bswap.h"
#include "qemu/module.h"
#include "qemu/units.h"

#define SMALL           "sdram-size=16M,vifs=16"
#define RUN_BYTES       (SV_NIC_HOST_PAGES * SVNIC_PAGE_SIZE)

/* ACPI registers for memory hotplug. */
#define MEMHP           0x0a00
#define MEMHP_ADDR_LOW  (MEMHP + 0x00)
#define MEMHP_ADDR_HIGH (MEMHP + 0x04)
#define MEMHP_FLAGS     (MEMHP + 0x14)
#define MEMHP_EJECT     0x08

/* Intel IOMMU: registers and table entries. */
#define DMAR            0xfed90000
#define DMAR_GCMD       (DMAR + 0x18)
#define DMAR_GSTS       (DMAR + 0x1c)
#define DMAR_RTADDR     (DMAR + 0x20)
#define DMAR_IOTLB      (DMAR + 0xf8)
#define DMAR_TE         (1u << 31)
#define DMAR_SRTP       (1u << 30)
#define DMAR_FLUSH_ALL  (1ull << 63 | 1ull << 60)
#define DMAR_PRESENT    1
#define DMAR_READ_WRITE 3
#define DMAR_AGAW_39    1

static void pass(QSvNicVif *from, QSvNicVif *to, uint32_t seed,
                 uint32_t length)
{
    g_autofree uint8_t *bytes = g_malloc(length);

    sv_nic_frame_fill(bytes, length, to->mac, from->mac, seed);
    sv_nic_send(from, NULL, bytes, length);
    sv_nic_expect(to, NULL, bytes, length);
}

static void pass_both_ways(QSvNicVif *a, QSvNicVif *b, uint32_t seed)
{
    pass(a, b, seed, 64);
    pass(b, a, seed + 1, 1514);
}

/* Checks that the VIF is stopped because its memory is not accessible. */
static void stopped(QSvNicVif *vif)
{
    struct svnic_vif_stats stats;
    struct svnic_vif_info info;

    sv_nic_signal_wait(vif, SVNIC_SIGNAL_STATE);
    g_assert_cmphex(sv_nic_vif_cmd(vif->nic, SVNIC_CMD_VIF_QUERY, vif->id, 0,
                                   NULL, &info), ==, SVNIC_ST_OK);
    g_assert_cmpuint(le32_to_cpu(info.state), ==, SVNIC_VIF_STOPPED);
    g_assert_cmpuint(le32_to_cpu(info.error), ==, SVNIC_ERR_HOST_PAGE);
    sv_nic_vif_stats(vif->nic, vif->id, &stats);
    g_assert_cmpuint(stats.host_refused, ==, stats.stops);
    g_assert_cmpuint(sv_nic_counter(vif->nic, "card", "host-unreached"), >,
                     0);
}

static void queue(QSvNicVif *from, QSvNicVif *to, uint32_t seed)
{
    uint8_t bytes[1514];

    sv_nic_frame_fill(bytes, sizeof(bytes), to->mac, from->mac, seed);
    sv_nic_queue(from, NULL, bytes, sizeof(bytes));
    sv_nic_publish(from);
}

static void test_traffic(void *obj, void *data, QGuestAllocator *alloc)
{
    static const uint32_t lengths[] = { 14, 64, 1514, 2016, 2017, 4096, 9018 };
    struct svnic_vif_attr mtu = {
        .mask = cpu_to_le32(SVNIC_ATTR_MTU),
        .mtu = cpu_to_le32(SVNIC_MAX_MTU),
    };
    uint64_t unreached = sv_nic_counter(obj, "card", "host-unreached");
    QSvNicVif vif[3];

    sv_nic_vif_open_host(&vif[0], obj, 0, alloc);
    sv_nic_vif_open_host(&vif[1], obj, 1, alloc);
    sv_nic_vif_open(&vif[2], obj, 2, NULL);
    for (size_t i = 0; i < ARRAY_SIZE(vif); i++) {
        sv_nic_vif_change(&vif[i], &mtu);
    }
    /* 0 to 1, 1 to 2, 2 to 0: from host and card to host and card */
    for (size_t i = 0; i < 30 * ARRAY_SIZE(lengths); i++) {
        pass(&vif[i % 3], &vif[(i + 1) % 3], i,
             lengths[i / 3 % ARRAY_SIZE(lengths)]);
    }
    g_assert_cmpuint(sv_nic_counter(obj, "card", "host-unreached"), ==,
                     unreached);
}

/* Moves a BAR. */
static uint64_t move_bar(QSvNic *nic, unsigned bar, uint64_t address)
{
    unsigned reg = PCI_BASE_ADDRESS_0 + 4 * bar;

    qpci_config_writel(&nic->pci_dev, reg, address);
    if (bar == SVNIC_BAR_SDRAM) {
        qpci_config_writel(&nic->pci_dev, reg + 4, address >> 32);
    }
    return address;
}

static void test_refusals(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    const uint64_t end = 128 * MiB;
    struct {
        const char *what;
        uint64_t address;
        uint32_t status;
    } bad[] = {
        { "end of memory", end, SVNIC_ST_BAD_ADDRESS },
        { "hole below 4 GiB", 512 * MiB, SVNIC_ST_BAD_ADDRESS },
        { "hole above it", 16 * GiB, SVNIC_ST_BAD_ADDRESS },
        { "last page of the bus", -SVNIC_PAGE_SIZE, SVNIC_ST_BAD_ADDRESS },
        { "interrupt controller", 0xfee00000, SVNIC_ST_BAD_ADDRESS },
        { "window of the VGA", 0xa0000, SVNIC_ST_BAD_ADDRESS },
        { "BIOS", 0xffff0000, SVNIC_ST_BAD_ADDRESS },
        { "within a page", MiB + 64, SVNIC_ST_BAD_MAP },
    };
    /* at addresses where the card could access memory */
    const struct {
        const char *what;
        unsigned bar;
        uint64_t address;
    } bars[] = {
        { "bridge CSRs", SVNIC_BAR_CSR, 0x20000000 },
        { "doorbells", SVNIC_BAR_DOORBELL, 0x21000000 },
        { "PCI CSRs", SVNIC_BAR_PCI_CSR, 0x22000000 },
        { "SDRAM above 4 GiB", SVNIC_BAR_SDRAM, 16 * GiB },
        { "SDRAM", SVNIC_BAR_SDRAM, 0x30000000 },
    };
    uint64_t refused = sv_nic_counter(nic, "card", "host-maps-refused");
    QSvNicVif a, b, neighbour;
    uint64_t before = guest_alloc(alloc, RUN_BYTES);
    QPCIBar sdram = nic->sdram;

    sv_nic_vif_open_host(&neighbour, nic, 7, alloc);
    g_assert_cmphex(neighbour.page[SV_NIC_HOST_PAGES - 1], ==,
                    before + RUN_BYTES);
    sv_nic_vif_create_host(&a, nic, 3);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        uint32_t status = sv_nic_vif_map(nic, a.id, bad[i].address, 0, 1);

        if (status != bad[i].status) {
            g_error("%s: status %u", bad[i].what, status);
        }
    }
    /* two of them are refused by the firmware, without an access */
    g_assert_cmpuint(sv_nic_counter(nic, "card", "host-maps-refused"), ==,
                     refused + ARRAY_SIZE(bad) - 2);
    /* past the end; and a whole region with one page of another VIF */
    g_assert_cmphex(sv_nic_vif_map(nic, a.id, end - SVNIC_PAGE_SIZE, 0, 2),
                    ==, SVNIC_ST_BAD_ADDRESS);
    for (size_t i = 0; i < SV_NIC_HOST_PAGES; i += 13) {
        g_assert_cmphex(sv_nic_vif_map(nic, a.id, neighbour.page[i], 5, 1),
                        ==, SVNIC_ST_PAGE_IN_USE);
        g_assert_cmphex(sv_nic_vif_map(nic, a.id, before + (i + 1) *
                                       SVNIC_PAGE_SIZE, 0,
                                       SV_NIC_HOST_PAGES), ==,
                        SVNIC_ST_PAGE_IN_USE);
    }
    for (size_t i = 0; i < ARRAY_SIZE(bars); i++) {
        uint64_t address = move_bar(nic, bars[i].bar, bars[i].address);
        uint32_t status;

        if (bars[i].bar == SVNIC_BAR_SDRAM) {
            nic->sdram.addr = address;
        } else if (bars[i].bar == SVNIC_BAR_PCI_CSR) {
            nic->pci_csr.addr = address;
        }
        status = sv_nic_vif_map(nic, a.id, address, 0, 1);
        if (status != SVNIC_ST_BAD_ADDRESS) {
            g_error("%s: status %u", bars[i].what, status);
        }
    }
    nic->sdram = sdram;
    move_bar(nic, SVNIC_BAR_SDRAM, sdram.addr);
    move_bar(nic, SVNIC_BAR_CSR, nic->csr.addr);
    move_bar(nic, SVNIC_BAR_DOORBELL, nic->doorbell.addr);

    /* No refused page is in the table. */
    for (uint32_t i = 1; i < SV_NIC_HOST_PAGES; i++) {
        g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_ACTIVATE, a.id, 0,
                                       NULL, NULL), ==, SVNIC_ST_NOT_MAPPED);
        g_assert_cmphex(sv_nic_vif_map(nic, a.id, 2 * MiB +
                                       i * SVNIC_PAGE_SIZE, i, 1), ==,
                        SVNIC_ST_OK);
    }
    sv_nic_vif_pages(&a, 4 * MiB);
    sv_nic_vif_start_host(&a, 0);

    /* The table of an active VIF does not change. */
    g_assert_cmphex(sv_nic_vif_map(nic, a.id, 6 * MiB, 0, 1), ==,
                    SVNIC_ST_VIF_ACTIVE);
    sv_nic_vif_open(&b, nic, 9, NULL);
    g_assert_cmphex(sv_nic_vif_map(nic, b.id, 6 * MiB, 0, 1), ==,
                    SVNIC_ST_VIF_ACTIVE);
    pass_both_ways(&a, &neighbour, 1);
    pass_both_ways(&b, &a, 3);
}

/* Offsets that the owner writes only lead to pages of its VIF. */
static void test_neighbours_memory(void *obj, void *data,
                                   QGuestAllocator *alloc)
{
    static const uint32_t values[] = {
        1, 13, 64, 65, 2017, 65553, 65554, 0x80000000, 0xfffff000, 0xffffffff,
    };
    QTestState *qts = sv_nic_qts(obj);
    uint64_t area = guest_alloc(alloc, 3 * RUN_BYTES);
    g_autofree uint8_t *before = g_malloc(RUN_BYTES);
    g_autofree uint8_t *after = g_malloc(RUN_BYTES);
    QSvNicVif bad, other;

    memset(before, 0xc3, RUN_BYTES);
    qtest_memset(qts, area, 0xc3, 3 * RUN_BYTES);
    sv_nic_vif_create_host(&bad, obj, 0);
    sv_nic_vif_pages(&bad, area + RUN_BYTES);
    sv_nic_vif_start_host(&bad, 0);
    sv_nic_vif_open_host(&other, obj, 1, alloc);
    for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
        struct svnic_frame head = {
            .length = cpu_to_le32(values[i]),
            .slots = cpu_to_le16(SVNIC_FRAME_SLOTS(values[i])),
        };
        uint32_t index = SVNIC_MIN_SLOTS - 1;

        /* at the end of the queue, after valid frames */
        for (uint32_t n = 0; n < index; n++) {
            pass(&bad, &other, n, 64);
        }
        svnic_send_write(&bad.ring, index, 0, &head, sizeof(head));
        sv_nic_page_write(&bad, send_prod.index, index +
                          SVNIC_FRAME_SLOTS(values[i]));
        sv_nic_page_write(&bad, recv_cons.index, values[i]);
        sv_nic_db_write(&bad, SVNIC_DB_SEND, 1);
        queue(&other, &bad, i);
        sv_nic_wait(qts, sv_nic_page(&bad, state) == SVNIC_VIF_STOPPED);
        for (unsigned side = 0; side < 3; side += 2) {
            qtest_bufread(qts, area + side * RUN_BYTES, after, RUN_BYTES);
            g_assert_cmpmem(after, RUN_BYTES, before, RUN_BYTES);
        }
        sv_nic_send_drain(&other);
        sv_nic_vif_reset(&bad);
        sv_nic_vif_reset(&other);
    }
}

/* Bus master off: host memory is not accessible, card memory is. */
static void test_bus_master(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    uint16_t command = qpci_config_readw(&nic->pci_dev, PCI_COMMAND);
    QSvNicVif a, b, c, d;

    sv_nic_vif_open_host(&a, nic, 0, alloc);
    sv_nic_vif_open_host(&b, nic, 1, alloc);
    sv_nic_vif_open(&c, nic, 2, NULL);
    sv_nic_vif_open(&d, nic, 3, NULL);
    pass_both_ways(&a, &b, 1);
    pass_both_ways(&a, &c, 3);
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t taken = sv_nic_page(&a, send_cons.index);

        qpci_config_writew(&nic->pci_dev, PCI_COMMAND,
                           command & ~PCI_COMMAND_MASTER);
        queue(&a, &b, i);
        sv_nic_db_write(&a, SVNIC_DB_SEND, 1);
        queue(&c, &b, i);
        stopped(&a);
        stopped(&b);
        g_assert_cmpuint(sv_nic_page(&a, send_cons.index), ==, taken);
        sv_nic_send_drain(&c);
        pass_both_ways(&c, &d, 10 * i);
        g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_RESET, a.id, 0,
                                       NULL, NULL), ==, SVNIC_ST_NOT_MAPPED);

        qpci_config_writew(&nic->pci_dev, PCI_COMMAND, command);
        sv_nic_vif_reset(&a);
        sv_nic_vif_reset(&b);
        pass_both_ways(&a, &b, 20 * i);
        pass_both_ways(&c, &a, 30 * i);
    }
}

/* A reset clears the tables; memory is not written any more. */
static void test_reset(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QTestState *qts = sv_nic_qts(nic);
    g_autofree uint8_t *now = g_malloc(RUN_BYTES);
    g_autofree uint8_t *filled = g_malloc(RUN_BYTES);
    QSvNicVif a, b;

    memset(filled, 0x5a, RUN_BYTES);
    for (uint32_t i = 0; i < 5; i++) {
        uint64_t at;

        sv_nic_vif_open_host(&a, nic, 0, alloc);
        sv_nic_vif_open_host(&b, nic, 1, alloc);
        at = a.page[SV_NIC_HOST_PAGES - 1];
        pass_both_ways(&a, &b, i);
        for (uint32_t n = 0; n < 30; n++) {
            queue(&a, &b, n);
            queue(&b, &a, n);
        }
        qtest_system_reset(qts);
        qtest_memset(qts, at, 0x5a, RUN_BYTES);
        sv_nic_restart(nic);
        sv_nic_db_write(&a, SVNIC_DB_SEND, 1);
        sv_nic_db_write(&b, SVNIC_DB_SEND, 1);
        /* the same pages, for another VIF */
        sv_nic_vif_create_host(&b, nic, 5);
        g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_ACTIVATE, 5, 0,
                                       NULL, NULL), ==, SVNIC_ST_NOT_MAPPED);
        g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_DESTROY, 5, 0,
                                       NULL, NULL), ==, SVNIC_ST_OK);
        qtest_bufread(qts, at, now, RUN_BYTES);
        g_assert_cmpmem(now, RUN_BYTES, filled, RUN_BYTES);
    }
}

/* A card on a separate machine. */
typedef struct Machine {
    QTestState *qts;
    QPCIBus *bus;
    QGuestAllocator alloc;
    QSvNic nic;
} Machine;

static unsigned workers(void)
{
    return strstr(qos_get_current_command_line(), "workers=0") ? 0 : 2;
}

static void machine_start(Machine *m, const char *arguments)
{
    m->qts = qtest_initf("%s -device sv-nic,addr=10,id=" SV_NIC_ID
                         ",workers=%u," SMALL, arguments, workers());
    m->bus = qpci_new_pc(m->qts, &m->alloc);
    pc_alloc_init(&m->alloc, m->qts, ALLOC_NO_FLAGS);
    sv_nic_init(&m->nic, m->bus, &m->alloc, QPCI_DEVFN(0x10, 0));
    sv_nic_start(&m->nic);
}

static void machine_end(Machine *m)
{
    alloc_destroy(&m->alloc);
    qpci_free_pc(m->bus);
    qtest_quit(m->qts);
}

static bool deleted(QTestState *qts, const char *id)
{
    QDict *event;

    qtest_qmp_assert_success(qts, "{ 'execute': 'query-status' }");
    event = qtest_qmp_event_ref(qts, "DEVICE_DELETED");
    qobject_unref(event);
    return event;
}

/* Unplugs memory, and then the card, under traffic. */
static void test_unplug(void *obj, void *data, QGuestAllocator *alloc)
{
    Machine m;
    QSvNicVif a, b;

    machine_start(&m, "-machine pc -nodefaults -m 64M,slots=2,maxmem=1G");
    sv_nic_vif_open_host(&b, &m.nic, 1, &m.alloc);
    for (uint32_t i = 0; i < 3; i++) {
        uint64_t base;

        qtest_qmp_assert_success(
            m.qts, "{ 'execute': 'object-add', 'arguments': { 'qom-type': "
            "'memory-backend-ram', 'id': 'mem', 'size': 134217728 } }");
        qtest_qmp_assert_success(
            m.qts, "{ 'execute': 'device_add', 'arguments': { 'driver': "
            "'pc-dimm', 'id': 'dimm', 'memdev': 'mem' } }");
        qtest_outl(m.qts, MEMHP, 0);
        base = qtest_inl(m.qts, MEMHP_ADDR_LOW) |
               (uint64_t)qtest_inl(m.qts, MEMHP_ADDR_HIGH) << 32;
        g_assert_cmphex(base, >=, 4 * GiB);

        sv_nic_vif_create_host(&a, &m.nic, 0);
        g_assert_cmphex(sv_nic_vif_map(&m.nic, 0, base + 128 * MiB, 0, 1), ==,
                        SVNIC_ST_BAD_ADDRESS);
        sv_nic_vif_pages(&a, base + MiB);
        sv_nic_vif_start_host(&a, 0);
        pass_both_ways(&a, &b, i);
        for (uint32_t n = 0; n < 20; n++) {
            queue(&a, &b, n);
            queue(&b, &a, n);
        }
        qtest_qmp_device_del_send(m.qts, "dimm");
        qtest_outb(m.qts, MEMHP_FLAGS, MEMHP_EJECT);
        sv_nic_wait(m.qts, deleted(m.qts, "dimm"));
        qtest_qmp_assert_success(m.qts, "{ 'execute': 'object-del', "
                                 "'arguments': { 'id': 'mem' } }");
        sv_nic_db_write(&a, SVNIC_DB_SEND, 1);
        queue(&b, &a, i);
        stopped(&a);
        g_assert_cmphex(sv_nic_vif_map(&m.nic, 0, base, 0, 1), ==,
                        SVNIC_ST_VIF_STOPPED);
        g_assert_cmphex(sv_nic_vif_cmd(&m.nic, SVNIC_CMD_VIF_DEACTIVATE, 0, 0,
                                       NULL, NULL), ==, SVNIC_ST_OK);
        g_assert_cmphex(sv_nic_vif_map(&m.nic, 0, base, 0, 1), ==,
                        SVNIC_ST_BAD_ADDRESS);
        g_assert_cmphex(sv_nic_vif_cmd(&m.nic, SVNIC_CMD_VIF_DESTROY, 0, 0,
                                       NULL, NULL), ==, SVNIC_ST_OK);
        sv_nic_vif_reset(&b);
    }
    sv_nic_vif_open_host(&a, &m.nic, 0, &m.alloc);
    pass_both_ways(&a, &b, 7);
    for (uint32_t n = 0; n < 20; n++) {
        queue(&a, &b, n);
        queue(&b, &a, n);
    }
    qtest_qmp_device_del_send(m.qts, SV_NIC_ID);
    qtest_outl(m.qts, 0xae08, 1u << 0x10);
    sv_nic_wait(m.qts, deleted(m.qts, SV_NIC_ID));
    machine_end(&m);
}

/*
 * With an Intel IOMMU and one page table: the region of each VIF has other
 * addresses for the card than for the guest.
 */
#define IOVA            (1 * GiB)

typedef struct Tables {
    QTestState *qts;
    uint64_t leaf;              /* page table of the 2 MiB from IOVA on */
} Tables;

static void iommu_init(Tables *t, Machine *m)
{
    uint64_t root = guest_alloc(&m->alloc, 5 * SVNIC_PAGE_SIZE);
    uint64_t context = root + SVNIC_PAGE_SIZE;
    uint64_t top = context + SVNIC_PAGE_SIZE;
    uint64_t middle = top + SVNIC_PAGE_SIZE;

    t->qts = m->qts;
    t->leaf = middle + SVNIC_PAGE_SIZE;
    qtest_memset(m->qts, root, 0, 5 * SVNIC_PAGE_SIZE);
    qtest_writeq(m->qts, root, context | DMAR_PRESENT);
    qtest_writeq(m->qts, context + 16 * m->nic.pci_dev.devfn,
                 top | DMAR_PRESENT);
    qtest_writeq(m->qts, context + 16 * m->nic.pci_dev.devfn + 8,
                 1 << 8 | DMAR_AGAW_39);
    qtest_writeq(m->qts, top + 8 * (IOVA >> 30), middle | DMAR_READ_WRITE);
    qtest_writeq(m->qts, middle, t->leaf | DMAR_READ_WRITE);
    qtest_writeq(m->qts, DMAR_RTADDR, root);
    qtest_writel(m->qts, DMAR_GCMD, DMAR_SRTP);
    g_assert_true(qtest_readl(m->qts, DMAR_GSTS) & DMAR_SRTP);
    qtest_writel(m->qts, DMAR_GCMD, DMAR_TE);
    g_assert_true(qtest_readl(m->qts, DMAR_GSTS) & DMAR_TE);
}

/* Sets entry @n to @page, or clears it; invalidates the old mapping. */
static void iommu_map(Tables *t, unsigned n, uint64_t page)
{
    qtest_writeq(t->qts, t->leaf + 8 * n,
                 page ? page | DMAR_READ_WRITE : 0);
    qtest_writeq(t->qts, DMAR_IOTLB, DMAR_FLUSH_ALL);
}

/* Maps the whole region in both tables, at entries from @first on. */
static void iommu_open(Tables *t, QSvNicVif *vif, Machine *m, uint32_t id,
                       unsigned first)
{
    uint64_t base = guest_alloc(&m->alloc, RUN_BYTES);

    sv_nic_vif_create_host(vif, &m->nic, id);
    sv_nic_vif_pages(vif, base);
    /* not yet mapped by the IOMMU */
    g_assert_cmphex(sv_nic_vif_map(&m->nic, id, IOVA +
                                   first * SVNIC_PAGE_SIZE, 0, 1), ==,
                    SVNIC_ST_BAD_ADDRESS);
    g_assert_cmphex(sv_nic_vif_map(&m->nic, id, base, 0, 1), ==,
                    SVNIC_ST_BAD_ADDRESS);
    for (unsigned i = 0; i < SV_NIC_HOST_PAGES; i++) {
        iommu_map(t, first + i, base + i * SVNIC_PAGE_SIZE);
    }
    sv_nic_vif_start_host(vif, IOVA + first * SVNIC_PAGE_SIZE - base);
}

static void test_iommu(void *obj, void *data, QGuestAllocator *alloc)
{
    g_autofree uint8_t *filled = g_malloc(SVNIC_PAGE_SIZE);
    g_autofree uint8_t *now = g_malloc(SVNIC_PAGE_SIZE);
    QSvNicVif a, b;
    Machine m;
    Tables t;

    machine_start(&m, "-machine q35 -nodefaults -device intel-iommu");
    /* before the guest enables it, addresses are not translated */
    sv_nic_vif_open_host(&a, &m.nic, 0, &m.alloc);
    sv_nic_vif_open_host(&b, &m.nic, 1, &m.alloc);
    pass_both_ways(&a, &b, 1);
    qtest_system_reset(m.qts);
    sv_nic_restart(&m.nic);

    iommu_init(&t, &m);
    iommu_open(&t, &a, &m, 0, 0);
    iommu_open(&t, &b, &m, 1, SV_NIC_HOST_PAGES);
    memset(filled, 0x77, SVNIC_PAGE_SIZE);
    for (uint32_t i = 0; i < SV_NIC_HOST_PAGES; i++) {
        /* in the region it is the last page minus i */
        uint32_t page = SV_NIC_HOST_PAGES - 1 - i;
        uint32_t sent;

        for (uint32_t n = 0; n < 40; n++) {
            pass_both_ways(&a, &b, n);
        }
        /* unmapped while in use: the guest can now use it otherwise */
        iommu_map(&t, i, 0);
        qtest_memset(m.qts, a.page[page], 0x77, SVNIC_PAGE_SIZE);
        for (sent = 0; sent < 40; sent++) {
            uint8_t bytes[1514];

            sv_nic_frame_fill(bytes, sizeof(bytes), a.mac, b.mac, sent);
            sv_nic_queue(&b, NULL, bytes, sizeof(bytes));
        }
        sv_nic_publish(&b);
        sv_nic_send_drain(&b);
        qtest_bufread(m.qts, a.page[page], now, SVNIC_PAGE_SIZE);
        g_assert_cmpmem(now, SVNIC_PAGE_SIZE, filled, SVNIC_PAGE_SIZE);
        iommu_map(&t, i, a.page[page]);
        sv_nic_vif_reset(&a);
        sv_nic_vif_reset(&b);
    }
    /* the page with the indices */
    iommu_map(&t, SV_NIC_HOST_PAGES - 1, 0);
    sv_nic_db_write(&a, SVNIC_DB_SEND, 1);
    stopped(&a);
    machine_end(&m);
}

static void register_sv_nic_host_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
        const char *variants;
    } tests[] = {
        { "frames-pass-between-host-and-card", test_traffic, "012" },
        { "table-accepts-only-free-memory", test_refusals, "02" },
        { "owner-can-access-only-its-pages", test_neighbours_memory, "02" },
        { "bus-master-off-stops-before-any-transfer", test_bus_master,
          "012" },
        { "reset-under-traffic-clears-tables", test_reset, "02" },
        { "unplug-of-memory-and-card-under-traffic", test_unplug, "02" },
        { "iommu-translates-and-unmaps", test_iommu, "02" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("host", tests[i].name, tests[i].fn,
                        tests[i].variants, NULL, NULL, NULL);
    }
}

libqos_init(register_sv_nic_host_tests);
