/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libqos driver for the SV-NIC card: mapping, interrupts, commands, the
 * qgraph node.  A VIF's queues are in sv-nic-vif.c.
 *
 * Called by tests/qtest/sv-nic-*-test.c, single-threaded.
 */
#include "qemu/osdep.h"
#include "../libqtest.h"
#include "hw/pci/pci_regs.h"
#include "qemu/bswap.h"
#include "qemu/module.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "qobject/qnum.h"
#include "sv-nic.h"

/* Virtual time between two polls of the card. */
#define SV_NIC_POLL_NS          10000

/* Data of the messages; any value that memory does not contain. */
#define SV_NIC_VECTOR_DATA(v)   (0x53560000u + (v))

void sv_nic_poll(QTestState *qts, int64_t deadline, const char *what,
                 const char *where)
{
    qtest_clock_step(qts, SV_NIC_POLL_NS);
    if (g_get_monotonic_time() > deadline) {
        g_error("%s: waited %d s, condition did not become true: %s", where,
                (int)(SV_NIC_DEADLINE_US / G_USEC_PER_SEC), what);
    }
}

/*
 * Card SDRAM
 */

void sv_nic_sdram_read(QSvNic *nic, uint32_t offset, void *buf, size_t size)
{
    qtest_bufread(sv_nic_qts(nic), nic->sdram.addr + offset, buf, size);
}

void sv_nic_sdram_write(QSvNic *nic, uint32_t offset, const void *buf,
                        size_t size)
{
    qtest_bufwrite(sv_nic_qts(nic), nic->sdram.addr + offset, buf, size);
}

uint32_t sv_nic_sdram32(QSvNic *nic, uint32_t offset)
{
    return qpci_io_readl(&nic->pci_dev, nic->sdram, offset);
}

void sv_nic_sdram32_write(QSvNic *nic, uint32_t offset, uint32_t value)
{
    qpci_io_writel(&nic->pci_dev, nic->sdram, offset, value);
}

/*
 * The bridge
 */

void sv_nic_windows(QSvNic *nic)
{
    QPCIDevice *dev = &nic->pci_dev;

    qpci_io_writel(dev, nic->csr, SVNIC_CSR_DOWN_MEM1_BASE,
                   SVNIC_LOCAL_DOORBELL);
    qpci_io_writel(dev, nic->csr, SVNIC_CSR_DOWN_MEM2_BASE,
                   SVNIC_LOCAL_PCI_CSR);
    qpci_io_writel(dev, nic->csr, SVNIC_CSR_DOWN_MEM3_BASE,
                   SVNIC_LOCAL_SDRAM);
}

static uint64_t sv_nic_cycle(QSvNic *nic, const char *cycle,
                             uint32_t *result)
{
    QTestState *qts = sv_nic_qts(nic);
    g_auto(GStrv) words = NULL;
    QDict *answer;

    answer = qtest_qmp(qts, "{ 'execute': 'qom-set', 'arguments': { 'path': "
                       "'/machine/peripheral/" SV_NIC_ID "', 'property': "
                       "'secondary-cycle', 'value': %s } }", cycle);
    g_assert_true(qdict_haskey(answer, "return"));
    qobject_unref(answer);
    answer = qtest_qmp(qts, "{ 'execute': 'qom-get', 'arguments': { 'path': "
                       "'/machine/peripheral/" SV_NIC_ID "', 'property': "
                       "'secondary-cycle' } }");
    words = g_strsplit(qdict_get_str(answer, "return"), " ", 2);
    qobject_unref(answer);
    if (result) {
        *result = g_ascii_strtoull(words[0], NULL, 0);
    }
    return g_ascii_strtoull(words[1], NULL, 0);
}

uint64_t sv_nic_secondary_read(QSvNic *nic, const char *space, uint64_t addr,
                               uint32_t size, uint32_t *result)
{
    g_autofree char *cycle = g_strdup_printf("%s read 0x%" PRIx64 " %u",
                                             space, addr, size);

    return sv_nic_cycle(nic, cycle, result);
}

uint32_t sv_nic_secondary_write(QSvNic *nic, const char *space, uint64_t addr,
                                uint32_t size, uint64_t value)
{
    g_autofree char *cycle = g_strdup_printf("%s write 0x%" PRIx64 " %u 0x%"
                                             PRIx64, space, addr, size,
                                             value);
    uint32_t result;

    sv_nic_cycle(nic, cycle, &result);
    return result;
}

static bool sv_nic_property(QSvNic *nic, const char *name)
{
    QDict *answer = qtest_qmp(sv_nic_qts(nic), "{ 'execute': 'qom-get', "
                              "'arguments': { 'path': '/machine/peripheral/"
                              SV_NIC_ID "', 'property': %s } }", name);
    bool value = qdict_get_bool(answer, "return");

    qobject_unref(answer);
    return value;
}

bool sv_nic_s_inta(QSvNic *nic)
{
    return sv_nic_property(nic, "s-inta");
}

void sv_nic_wait_idle(QSvNic *nic)
{
    /* twice: work that the main loop had at the first answer is then done */
    sv_nic_wait(sv_nic_qts(nic), sv_nic_property(nic, "idle") &&
                sv_nic_property(nic, "idle"));
}

/*
 * Interrupts
 */

bool sv_nic_inta(QSvNic *nic)
{
    return qpci_config_readw(&nic->pci_dev, PCI_STATUS) &
           PCI_STATUS_INTERRUPT;
}

void sv_nic_msix_enable(QSvNic *nic)
{
    QPCIDevice *dev = &nic->pci_dev;
    uint32_t vectors = qpci_msix_table_size(dev);
    uint32_t v;

    nic->vector_addr = guest_alloc(nic->alloc, 4 * vectors);
    qtest_memset(sv_nic_qts(nic), nic->vector_addr, 0, 4 * vectors);
    qpci_msix_enable(dev);
    nic->csr = dev->msix_table_bar; /* BAR 0 was mapped again */
    for (v = 0; v < vectors; v++) {
        uint64_t entry = dev->msix_table_off + v * PCI_MSIX_ENTRY_SIZE;
        uint64_t addr = nic->vector_addr + 4 * v;

        qpci_io_writel(dev, nic->csr, entry + PCI_MSIX_ENTRY_LOWER_ADDR, addr);
        qpci_io_writel(dev, nic->csr, entry + PCI_MSIX_ENTRY_UPPER_ADDR,
                       addr >> 32);
        qpci_io_writel(dev, nic->csr, entry + PCI_MSIX_ENTRY_DATA,
                       SV_NIC_VECTOR_DATA(v));
        qpci_io_writel(dev, nic->csr, entry + PCI_MSIX_ENTRY_VECTOR_CTRL, 0);
    }
}

bool sv_nic_vector_take(QSvNic *nic, uint32_t vector)
{
    uint64_t addr = nic->vector_addr + 4 * vector;
    uint32_t data = qtest_readl(sv_nic_qts(nic), addr);

    if (!data) {
        return false;
    }
    g_assert_cmphex(data, ==, SV_NIC_VECTOR_DATA(vector));
    qtest_writel(sv_nic_qts(nic), addr, 0);
    return true;
}

/*
 * Commands
 */

void sv_nic_cmd_init(struct svnic_cmd *cmd, uint16_t opcode, uint32_t vif)
{
    memset(cmd, 0, sizeof(*cmd));
    cmd->version = cpu_to_le16(SVNIC_CMD_VERSION);
    cmd->opcode = cpu_to_le16(opcode);
    cmd->vif = cpu_to_le32(vif);
    cmd->status = cpu_to_le32(SVNIC_ST_PENDING);
}

void sv_nic_cmd_ring(QSvNic *nic, uint32_t pointer)
{
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_MAILBOX(SVNIC_MAILBOX_COMMAND),
                         pointer);
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_XSCALE_DOORBELL,
                         SVNIC_XSCALE_DB_COMMAND);
}

uint32_t sv_nic_cmd(QSvNic *nic, struct svnic_cmd *cmd)
{
    uint32_t block = nic->area + SVNIC_CMD_BLOCK_SIZE * nic->block;
    uint32_t status = block + offsetof(struct svnic_cmd, status);
    uint32_t result;

    nic->block = (nic->block + 1) % SVNIC_CMD_BLOCKS;
    sv_nic_sdram_write(nic, block, cmd, sizeof(*cmd));
    sv_nic_cmd_ring(nic, block);
    sv_nic_wait(sv_nic_qts(nic),
                sv_nic_sdram32(nic, status) != SVNIC_ST_PENDING);
    sv_nic_sdram_read(nic, block, cmd, sizeof(*cmd));
    result = le32_to_cpu(cmd->status);

    sv_nic_wait(sv_nic_qts(nic),
                sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL) &
                SVNIC_PCI_DB_COMMAND_DONE);
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_MAILBOX(
                                       SVNIC_MAILBOX_STATUS)), ==, result);
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_PCI_DOORBELL,
                         SVNIC_PCI_DB_COMMAND_DONE);
    return result;
}

uint32_t sv_nic_vif_cmd(QSvNic *nic, uint16_t opcode, uint32_t vif,
                        uint32_t flags, const struct svnic_vif_attr *attr,
                        struct svnic_vif_info *info)
{
    struct svnic_cmd cmd;
    uint32_t status;

    sv_nic_cmd_init(&cmd, opcode, vif);
    cmd.flags = cpu_to_le32(flags);
    if (attr) {
        cmd.u.attr = *attr;
    }
    status = sv_nic_cmd(nic, &cmd);
    if (info) {
        *info = cmd.u.vif_info;
    }
    return status;
}

void sv_nic_vif_stats(QSvNic *nic, uint32_t vif,
                      struct svnic_vif_stats *stats)
{
    uint64_t *counter = (uint64_t *)stats;
    struct svnic_cmd cmd;
    size_t i;

    sv_nic_cmd_init(&cmd, SVNIC_CMD_VIF_STATS, vif);
    g_assert_cmphex(sv_nic_cmd(nic, &cmd), ==, SVNIC_ST_OK);
    *stats = cmd.u.stats;
    for (i = 0; i < sizeof(*stats) / sizeof(*counter); i++) {
        le64_to_cpus(&counter[i]);
    }
}

uint64_t sv_nic_counter(QSvNic *nic, const char *of, const char *name)
{
    g_autofree char *path =
        g_strdup_printf("/machine/peripheral/" SV_NIC_ID "/%s", of);
    QDict *answer = qtest_qmp(sv_nic_qts(nic), "{ 'execute': 'qom-get', "
                              "'arguments': { 'path': %s, 'property': %s } }",
                              path, name);
    uint64_t value;

    g_assert_true(qdict_haskey(answer, "return"));
    value = qnum_get_uint(qobject_to(QNum, qdict_get(answer, "return")));
    qobject_unref(answer);
    return value;
}

uint64_t sv_nic_vif_counter(QSvNic *nic, uint32_t vif, const char *name)
{
    g_autofree char *of = g_strdup_printf("vif[%u]", vif);

    return sv_nic_counter(nic, of, name);
}

uint64_t sv_nic_counters(QSvNic *nic, const char *of, const char *suffix,
                         unsigned *n)
{
    g_autofree char *path =
        g_strdup_printf("/machine/peripheral/" SV_NIC_ID "/%s", of);
    QDict *answer = qtest_qmp(sv_nic_qts(nic), "{ 'execute': 'qom-list', "
                              "'arguments': { 'path': %s } }", path);
    QListEntry *entry;
    uint64_t sum = 0;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(answer, "return"), entry) {
        QDict *p = qobject_to(QDict, qlist_entry_obj(entry));
        const char *name = qdict_get_str(p, "name");

        if (g_str_equal(qdict_get_str(p, "type"), "uint64") &&
            g_str_has_suffix(name, suffix)) {
            sum += sv_nic_counter(nic, of, name);
            (*n)++;
        }
    }
    qobject_unref(answer);
    return sum;
}

void sv_nic_port_info(QSvNic *nic, uint32_t port,
                      struct svnic_port_info *info)
{
    struct svnic_cmd cmd;

    sv_nic_cmd_init(&cmd, SVNIC_CMD_PORT_QUERY, 0);
    cmd.index = cpu_to_le32(port);
    g_assert_cmphex(sv_nic_cmd(nic, &cmd), ==, SVNIC_ST_OK);
    *info = cmd.u.port;
    le32_to_cpus(&info->link);
    le64_to_cpus(&info->in_frames);
    le64_to_cpus(&info->in_bytes);
    le64_to_cpus(&info->in_no_vif);
    le64_to_cpus(&info->out_frames);
    le64_to_cpus(&info->out_bytes);
    le64_to_cpus(&info->out_full);
}

/*
 * The node
 */

void sv_nic_wait_firmware(QSvNic *nic)
{
    uint32_t identity;

    sv_nic_wait(sv_nic_qts(nic),
                sv_nic_pci_csr(nic, SVNIC_PCI_CSR_MAILBOX(
                                   SVNIC_MAILBOX_IDENTITY)));
    identity = sv_nic_pci_csr(nic,
                              SVNIC_PCI_CSR_MAILBOX(SVNIC_MAILBOX_IDENTITY));
    g_assert_cmphex(identity, ==, SVNIC_IDENTITY);
    nic->area = sv_nic_pci_csr(nic, SVNIC_PCI_CSR_MAILBOX(SVNIC_MAILBOX_AREA));
    g_assert_cmphex(nic->area % SVNIC_PAGE_SIZE, ==, 0);
    nic->block = 0;
}

void sv_nic_start(QSvNic *nic)
{
    /* The largest first: the window below 4 GiB is small. */
    nic->sdram = qpci_iomap(&nic->pci_dev, SVNIC_BAR_SDRAM, NULL);
    nic->csr = qpci_iomap(&nic->pci_dev, SVNIC_BAR_CSR, NULL);
    nic->csr_io = qpci_iomap(&nic->pci_dev, SVNIC_BAR_CSR_IO, NULL);
    nic->doorbell = qpci_iomap(&nic->pci_dev, SVNIC_BAR_DOORBELL, NULL);
    nic->pci_csr = qpci_iomap(&nic->pci_dev, SVNIC_BAR_PCI_CSR, NULL);
    qpci_device_enable(&nic->pci_dev);
    sv_nic_wait_firmware(nic);
}

void sv_nic_restart(QSvNic *nic)
{
    const struct {
        int reg;
        QPCIBar *bar;
    } bars[] = {
        { PCI_BASE_ADDRESS_0, &nic->csr },
        { PCI_BASE_ADDRESS_1, &nic->csr_io },
        { PCI_BASE_ADDRESS_2, &nic->doorbell },
        { PCI_BASE_ADDRESS_3, &nic->pci_csr },
        { PCI_BASE_ADDRESS_4, &nic->sdram },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(bars); i++) {
        qpci_config_writel(&nic->pci_dev, bars[i].reg, bars[i].bar->addr);
    }
    qpci_device_enable(&nic->pci_dev);
    sv_nic_wait_firmware(nic);
}

static void sv_nic_found(QPCIDevice *dev, int devfn, void *data)
{
    QPCIDevice *res = data;

    g_assert_null(res->bus); /* one card for each bus */
    *res = *dev;
    g_free(dev);
}

void sv_nic_init(QSvNic *nic, QPCIBus *bus, QGuestAllocator *alloc, int devfn)
{
    QPCIAddress addr = {
        .devfn = devfn,
        .vendor_id = SVNIC_PCI_VENDOR_ID,
        .device_id = SVNIC_PCI_DEVICE_ID,
    };

    memset(nic, 0, sizeof(*nic));
    nic->alloc = alloc;
    if (devfn < 0) {
        qpci_device_foreach(bus, SVNIC_PCI_VENDOR_ID, SVNIC_PCI_DEVICE_ID,
                            sv_nic_found, &nic->pci_dev);
        g_assert_nonnull(nic->pci_dev.bus);
    } else {
        qpci_device_init(&nic->pci_dev, bus, &addr);
    }
}

static void *sv_nic_get_driver(void *obj, const char *interface)
{
    QSvNic *nic = obj;

    if (!g_strcmp0(interface, "pci-device")) {
        return &nic->pci_dev;
    }
    if (g_str_has_prefix(interface, "sv-nic-")) {
        return nic;
    }
    fprintf(stderr, "%s not present in sv-nic\n", interface);
    g_assert_not_reached();
}

static void sv_nic_start_hw(QOSGraphObject *obj)
{
    sv_nic_start((QSvNic *)obj);
}

static void *sv_nic_create(void *pci_bus, QGuestAllocator *alloc, void *addr)
{
    QSvNic *nic = g_new0(QSvNic, 1);

    sv_nic_init(nic, pci_bus, alloc, -1);
    nic->obj.get_driver = sv_nic_get_driver;
    nic->obj.start_hw = sv_nic_start_hw;
    return &nic->obj;
}

static const struct {
    char key;
    const char *name;
    const char *opts;
} sv_nic_variants[] = {
    { '0', "workers-0", "workers=0" },
    { '1', "workers-1", "workers=1" },
    { '2', "workers-2-no-assist", "workers=2,assist=0" },
};

/*
 * A node of the graph is limited in its number of tests, so each topic has an
 * interface, created with its first test.  (A missing interface would hide its
 * tests.)
 */
static void sv_nic_topic(const char *interface)
{
    static GHashTable *topics;

    if (!topics) {
        topics = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    }
    if (g_hash_table_add(topics, g_strdup(interface))) {
        qos_node_produces("sv-nic", interface);
    }
}

void sv_nic_add_test(const char *topic, const char *name, QOSTestFunc fn,
                     const char *variants, const char *opts,
                     QOSBeforeTest before, void *arg)
{
    g_autofree char *interface = g_strdup_printf("sv-nic-%s", topic);
    size_t i;

    sv_nic_topic(interface);
    for (i = 0; i < ARRAY_SIZE(sv_nic_variants); i++) {
        g_autofree char *path = NULL;
        g_autofree char *device_opts = NULL;

        if (!strchr(variants, sv_nic_variants[i].key)) {
            continue;
        }
        path = g_strdup_printf("%s/%s", sv_nic_variants[i].name, name);
        device_opts = g_strdup_printf("id=" SV_NIC_ID ",%s%s%s",
                                      sv_nic_variants[i].opts,
                                      opts ? "," : "", opts ?: "");
        qos_add_test(path, interface, fn, &(QOSGraphTestOptions) {
            .edge.extra_device_opts = device_opts,
            .before = before,
            .arg = arg,
        });
    }
}

static void sv_nic_register_nodes(void)
{
    QOSGraphEdgeOptions opts = { };
    QPCIAddress addr = {
        .vendor_id = SVNIC_PCI_VENDOR_ID,
        .device_id = SVNIC_PCI_DEVICE_ID,
    };

    add_qpci_address(&opts, &addr);
    qos_node_create_driver("sv-nic", sv_nic_create);
    qos_node_consumes("sv-nic", "pci-bus", &opts);
}

libqos_init(sv_nic_register_nodes);
