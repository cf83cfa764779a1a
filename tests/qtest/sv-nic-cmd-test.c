/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: commands, their completion, and every error status.
 *
 * Sections "Boot and command mailboxes", "Commands" and "Status codes" of
 * docs/specs/sv-nic-card.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "qemu/bswap.h"
#include "qemu/module.h"

/* The card for the error tests: "vifs=5", one VIF in each state. */
#define VIFS            5
#define ACTIVE          0
#define INACTIVE        1
#define NO_MAC          2       /* inactive too */
#define STOPPED         3
#define FREE            4

static uint32_t mailbox(QSvNic *nic, unsigned n)
{
    return sv_nic_pci_csr(nic, SVNIC_PCI_CSR_MAILBOX(n));
}

/*
 * Issuing a command
 */

static void test_every_block(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    uint8_t before[SVNIC_CMD_AREA_SIZE], after[SVNIC_CMD_AREA_SIZE];
    uint32_t n, i;

    for (i = 0; i < sizeof(before); i++) {
        before[i] = i * 7 + (i >> 8);
    }
    for (n = 0; n < SVNIC_CMD_BLOCKS; n++) {
        uint32_t block = n * SVNIC_CMD_BLOCK_SIZE;
        struct svnic_cmd cmd;

        sv_nic_sdram_write(nic, nic->area, before, sizeof(before));
        nic->block = n;
        sv_nic_cmd_init(&cmd, SVNIC_CMD_QUERY, 0);
        cmd.tag = cpu_to_le64(0x0123456789abcdef + n);
        g_assert_cmphex(sv_nic_cmd(nic, &cmd), ==, SVNIC_ST_OK);
        g_assert_cmphex(le64_to_cpu(cmd.tag), ==, 0x0123456789abcdef + n);
        g_assert_cmphex(le16_to_cpu(cmd.opcode), ==, SVNIC_CMD_QUERY);
        g_assert_cmphex(le32_to_cpu(cmd.u.card.abi), ==, SVNIC_IDENTITY);

        sv_nic_sdram_read(nic, nic->area, after, sizeof(after));
        memcpy(after + block, before + block, SVNIC_CMD_BLOCK_SIZE);
        g_assert_cmpmem(after, sizeof(after), before, sizeof(before));
    }
}

static void test_bad_pointer(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    const uint32_t pointers[] = {
        nic->area + SVNIC_CMD_AREA_SIZE,
        nic->area + SVNIC_CMD_AREA_SIZE - SVNIC_CMD_BLOCK_SIZE / 2,
        nic->area - SVNIC_CMD_BLOCK_SIZE,
        nic->area + 1, nic->area + 4, nic->area + SVNIC_CMD_BLOCK_SIZE / 2,
        nic->area + 0x10000000, 0x80000000, 0xfffffff0, 0xffffff00,
        0xffffffff,
    };
    g_autofree uint8_t *before = g_malloc(3 * SVNIC_PAGE_SIZE);
    g_autofree uint8_t *after = g_malloc(3 * SVNIC_PAGE_SIZE);
    uint32_t start = nic->area ? nic->area - SVNIC_PAGE_SIZE : 0;
    struct svnic_cmd cmd;
    size_t i;

    /* a valid command at any address that the card could read */
    sv_nic_cmd_init(&cmd, SVNIC_CMD_QUERY, 0);
    for (i = 0; i < 3 * SVNIC_PAGE_SIZE; i += 4) {
        memcpy(before + i, (uint8_t *)&cmd + i % SVNIC_CMD_BLOCK_SIZE, 4);
    }
    sv_nic_sdram_write(nic, start, before, 3 * SVNIC_PAGE_SIZE);

    for (i = 0; i < ARRAY_SIZE(pointers); i++) {
        sv_nic_pci_csr_write(nic,
                             SVNIC_PCI_CSR_MAILBOX(SVNIC_MAILBOX_STATUS),
                             SVNIC_ST_PENDING);
        sv_nic_cmd_ring(nic, pointers[i]);
        sv_nic_wait(sv_nic_qts(nic),
                    sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL) &
                    SVNIC_PCI_DB_COMMAND_DONE);
        g_assert_cmphex(mailbox(nic, SVNIC_MAILBOX_STATUS), ==,
                        SVNIC_ST_BAD_POINTER);
        sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_PCI_DOORBELL,
                             SVNIC_PCI_DB_COMMAND_DONE);
    }
    sv_nic_sdram_read(nic, start, after, 3 * SVNIC_PAGE_SIZE);
    g_assert_cmpmem(after, 3 * SVNIC_PAGE_SIZE, before, 3 * SVNIC_PAGE_SIZE);

    sv_nic_cmd_init(&cmd, SVNIC_CMD_QUERY, 0);
    g_assert_cmphex(sv_nic_cmd(nic, &cmd), ==, SVNIC_ST_OK);
}

static void test_done_by_inta(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_cmd cmd;
    int i;

    sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_MASK, 0xffff);
    for (i = 0; i < 3; i++) {
        g_assert_false(sv_nic_inta(nic));
        /* success, error and bad pointer: each one signals completion */
        sv_nic_cmd_init(&cmd, i == 1 ? 0xff : SVNIC_CMD_QUERY, 0);
        sv_nic_sdram_write(nic, nic->area, &cmd, sizeof(cmd));
        sv_nic_cmd_ring(nic, nic->area + (i == 2));
        sv_nic_wait(sv_nic_qts(nic), sv_nic_inta(nic));
        g_assert_cmphex(sv_nic_csr16(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ), ==,
                        1 << SVNIC_IRQ_BIT_MANAGER);
        g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL), ==,
                        SVNIC_PCI_DB_COMMAND_DONE);
        g_assert_cmphex(mailbox(nic, SVNIC_MAILBOX_STATUS), ==,
                        i == 0 ? SVNIC_ST_OK : i == 1 ?
                        SVNIC_ST_UNSUPPORTED : SVNIC_ST_BAD_POINTER);
        if (i != 2) {
            g_assert_cmphex(sv_nic_sdram32(nic, nic->area +
                                           offsetof(struct svnic_cmd,
                                                    status)), ==,
                            mailbox(nic, SVNIC_MAILBOX_STATUS));
        }
        sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_PCI_DOORBELL,
                             SVNIC_PCI_DB_COMMAND_DONE);
        g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL), ==,
                        0);
        sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ,
                           1 << SVNIC_IRQ_BIT_MANAGER);
        g_assert_false(sv_nic_inta(nic));
    }
}

static void test_done_by_msix(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    int i;

    sv_nic_msix_enable(nic);
    sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_MASK, 0xffff);
    for (i = 0; i < 3; i++) {
        struct svnic_cmd cmd;

        sv_nic_cmd_init(&cmd, SVNIC_CMD_QUERY, 0);
        g_assert_cmphex(sv_nic_cmd(nic, &cmd), ==, SVNIC_ST_OK);
        sv_nic_wait(sv_nic_qts(nic),
                    sv_nic_vector_take(nic, SVNIC_VECTOR_MANAGER));
    }
    g_assert_false(sv_nic_vector_take(nic, SVNIC_VECTOR_MANAGER));
    g_assert_cmphex(sv_nic_csr16(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ), ==, 0);
    g_assert_false(sv_nic_inta(nic));
}

/*
 * Refusals
 */

/* All state that a command can change, visible to manager and owners. */
typedef struct Snapshot {
    struct svnic_card_info card;
    struct {
        uint32_t status;
        struct svnic_vif_info info;
        struct svnic_vif_page page;
    } vif[VIFS];
} Snapshot;

static void take_snapshot(QSvNic *nic, Snapshot *s)
{
    struct svnic_cmd cmd;
    uint32_t id;

    memset(s, 0, sizeof(*s));
    sv_nic_cmd_init(&cmd, SVNIC_CMD_QUERY, 0);
    g_assert_cmphex(sv_nic_cmd(nic, &cmd), ==, SVNIC_ST_OK);
    s->card = cmd.u.card;
    for (id = 0; id < VIFS; id++) {
        s->vif[id].status = sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_QUERY, id, 0,
                                           NULL, &s->vif[id].info);
        if (s->vif[id].status != SVNIC_ST_OK) {
            memset(&s->vif[id].info, 0, sizeof(s->vif[id].info));
            continue;
        }
        sv_nic_sdram_read(nic, le32_to_cpu(s->vif[id].info.sdram_offset),
                          &s->vif[id].page, sizeof(s->vif[id].page));
    }
}

static uint32_t query_state(QSvNic *nic, uint32_t id)
{
    struct svnic_vif_info info;

    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_QUERY, id, 0, NULL,
                                   &info), ==, SVNIC_ST_OK);
    return le32_to_cpu(info.state);
}

static void setup_states(QSvNic *nic)
{
    struct svnic_vif_attr attr = { .mask = cpu_to_le32(SVNIC_ATTR_MAC) };
    QSvNicVif active, stopped;

    sv_nic_vif_open(&active, nic, ACTIVE, NULL);
    sv_nic_vif_open(&stopped, nic, STOPPED, NULL);
    sv_nic_mac(attr.mac, INACTIVE);
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_CREATE, INACTIVE, 0,
                                   &attr, NULL), ==, SVNIC_ST_OK);
    attr.mask = 0;
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_CREATE, NO_MAC, 0,
                                   &attr, NULL), ==, SVNIC_ST_OK);
    /* more than the queue length ahead */
    sv_nic_page_write(&stopped, send_prod.index, stopped.ring.send_slots + 1);
    sv_nic_db_write(&stopped, SVNIC_DB_SEND, 1);
    sv_nic_wait(sv_nic_qts(nic),
                query_state(nic, STOPPED) == SVNIC_VIF_STOPPED);
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_PCI_DOORBELL, 0xffffffff);
}

typedef struct Refusal {
    uint32_t status;
    uint16_t opcode;
    uint32_t vif;
    uint32_t flags;
    struct svnic_vif_attr attr;     /* in host order, like all fields */
    uint32_t index;
    uint16_t version;               /* 0: the supported one */
} Refusal;

static void refused(QSvNic *nic, const Refusal *r, const Snapshot *before)
{
    struct svnic_cmd cmd;
    Snapshot after;
    uint32_t status;

    sv_nic_cmd_init(&cmd, r->opcode, r->vif);
    if (r->version) {
        cmd.version = cpu_to_le16(r->version);
    }
    cmd.flags = cpu_to_le32(r->flags);
    cmd.index = cpu_to_le32(r->index);
    cmd.u.attr = r->attr;
    cpu_to_le32s(&cmd.u.attr.mask);
    cpu_to_le32s(&cmd.u.attr.flags);
    cpu_to_le32s(&cmd.u.attr.port);
    cpu_to_le32s(&cmd.u.attr.send_slots);
    cpu_to_le32s(&cmd.u.attr.recv_slots);
    cpu_to_le32s(&cmd.u.attr.mtu);
    cpu_to_le32s(&cmd.u.attr.link);
    status = sv_nic_cmd(nic, &cmd);
    if (status != r->status) {
        g_error("opcode %u of VIF 0x%x, flags 0x%x, mask 0x%x, index %u: "
                "status %u, should be %u", r->opcode, r->vif, r->flags,
                r->attr.mask, r->index, status, r->status);
    }
    take_snapshot(nic, &after);
    g_assert_cmpmem(&after, sizeof(after), before, sizeof(*before));
}

#define CREATE          SVNIC_CMD_VIF_CREATE
#define CHANGE          SVNIC_CMD_VIF_CHANGE
#define WHILE_ACTIVE    SVNIC_CMD_F_WHILE_ACTIVE
#define ST(name)        SVNIC_ST_ ## name
#define ATTR(name)      SVNIC_ATTR_ ## name

static void test_refusals(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    static const Refusal rows[] = {
        { ST(UNSUPPORTED), 0, ACTIVE },
        { ST(UNSUPPORTED), SVNIC_CMD_VIF_MAP + 1, ACTIVE },
        { ST(UNSUPPORTED), 0x0100 | SVNIC_CMD_QUERY, ACTIVE },
        { ST(UNSUPPORTED), 0xffff, ACTIVE },
        { ST(BAD_VERSION), SVNIC_CMD_QUERY, .version = 2 },
        { ST(BAD_VERSION), SVNIC_CMD_QUERY, .version = 0x0101 },
        { ST(BAD_VERSION), SVNIC_CMD_VIF_DEACTIVATE, ACTIVE,
          .version = 0xffff },
        { ST(BAD_FLAGS), SVNIC_CMD_QUERY, 0, 1u << 1 },
        { ST(BAD_FLAGS), SVNIC_CMD_VIF_DEACTIVATE, ACTIVE, 1u << 31 },
        { ST(BAD_FLAGS), CHANGE, ACTIVE, WHILE_ACTIVE | 1u << 7,
          { .mask = ATTR(MTU), .mtu = 1400 } },
        { ST(BAD_ATTR), CREATE, FREE, 0, { .mask = SVNIC_ATTR_ALL + 1 } },
        { ST(BAD_ATTR), CREATE, FREE, 0, { .mask = 1u << 31 } },
        { ST(BAD_ATTR), CREATE, FREE, 0,
          { .mask = ATTR(FLAGS), .flags = SVNIC_VIF_F_ALL + 1 } },
        { ST(BAD_ATTR), CHANGE, INACTIVE, 0, { .mask = 0 } },
        { ST(BAD_ATTR), CHANGE, INACTIVE, 0,
          { .mask = ATTR(MTU) | 1u << 12, .mtu = 1400 } },
        { ST(BAD_ATTR), CHANGE, INACTIVE, 0,
          { .mask = ATTR(FLAGS), .flags = 1u << 31 } },
        { ST(NO_SUCH_VIF), CREATE, VIFS },
        { ST(NO_SUCH_VIF), CREATE, SVNIC_MAX_VIFS },
        { ST(NO_SUCH_VIF), CREATE, 0x7fffffff },
        { ST(VIF_IN_USE), CREATE, ACTIVE },
        { ST(VIF_IN_USE), CREATE, INACTIVE },
        { ST(VIF_IN_USE), CREATE, STOPPED },
        { ST(BAD_MAC), CREATE, FREE, 0, { .mask = ATTR(MAC) } },
        { ST(BAD_MAC), CREATE, FREE, 0,
          { .mask = ATTR(MAC), .mac = { 0x01, 0, 0x5e, 0, 0, 1 } } },
        { ST(BAD_MAC), CHANGE, INACTIVE, 0,
          { .mask = ATTR(MAC),
            .mac = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } } },
        { ST(BAD_MAC), CHANGE, ACTIVE, WHILE_ACTIVE, { .mask = ATTR(MAC) } },
        { ST(BAD_PORT), CREATE, FREE, 0,
          { .mask = ATTR(PORT), .port = SVNIC_MAX_PORTS } },
        { ST(BAD_PORT), CREATE, FREE, 0,
          { .mask = ATTR(PORT), .port = 0xffffffff } },
        { ST(BAD_PORT), CHANGE, ACTIVE, WHILE_ACTIVE,
          { .mask = ATTR(PORT), .port = SVNIC_MAX_PORTS } },
        { ST(BAD_PORT), SVNIC_CMD_PORT_QUERY, .index = SVNIC_MAX_PORTS },
        { ST(BAD_PORT), SVNIC_CMD_PORT_QUERY, .index = 0xffffffff },
        { ST(BAD_MTU), CREATE, FREE, 0,
          { .mask = ATTR(MTU), .mtu = SVNIC_MIN_MTU - 1 } },
        { ST(BAD_MTU), CREATE, FREE, 0,
          { .mask = ATTR(MTU), .mtu = SVNIC_MAX_MTU + 1 } },
        { ST(BAD_MTU), CHANGE, ACTIVE, WHILE_ACTIVE, { .mask = ATTR(MTU) } },
        { ST(BAD_MTU), CHANGE, INACTIVE, 0,
          { .mask = ATTR(MTU), .mtu = 0xffffffff } },
        { ST(BAD_LINK), CREATE, FREE, 0,
          { .mask = ATTR(LINK), .link = SVNIC_LINK_PORT + 1 } },
        { ST(BAD_LINK), CHANGE, ACTIVE, WHILE_ACTIVE,
          { .mask = ATTR(LINK), .link = 0xffffffff } },
        { ST(VIF_ACTIVE), CHANGE, ACTIVE, 0,
          { .mask = ATTR(MTU), .mtu = 1400 } },
        { ST(VIF_ACTIVE), CHANGE, ACTIVE, 0,
          { .mask = ATTR(LINK), .link = SVNIC_LINK_DOWN } },
        { ST(VIF_ACTIVE), SVNIC_CMD_VIF_ACTIVATE, ACTIVE },
        { ST(VIF_ACTIVE), SVNIC_CMD_VIF_DESTROY, ACTIVE },
        { ST(NOT_ACTIVE), SVNIC_CMD_VIF_DEACTIVATE, INACTIVE },
        { ST(NOT_ACTIVE), SVNIC_CMD_VIF_RESET, INACTIVE },
        { ST(NO_MAC), SVNIC_CMD_VIF_ACTIVATE, NO_MAC },
        { ST(VIF_STOPPED), SVNIC_CMD_VIF_ACTIVATE, STOPPED },
        { ST(VIF_STOPPED), SVNIC_CMD_VIF_DESTROY, STOPPED },
        { ST(VIF_STOPPED), CHANGE, STOPPED, WHILE_ACTIVE,
          { .mask = ATTR(MTU), .mtu = 1400 } },
        { ST(NOT_CHANGEABLE), CHANGE, ACTIVE, WHILE_ACTIVE,
          { .mask = ATTR(SEND_SLOTS), .send_slots = SVNIC_MIN_SLOTS } },
        { ST(NOT_CHANGEABLE), CHANGE, ACTIVE, WHILE_ACTIVE,
          { .mask = ATTR(RECV_SLOTS), .recv_slots = SVNIC_MIN_SLOTS } },
        { ST(NOT_CHANGEABLE), CHANGE, ACTIVE, WHILE_ACTIVE,
          { .mask = ATTR(MTU) | ATTR(RECV_SLOTS), .mtu = 1400,
            .recv_slots = SVNIC_MIN_SLOTS } },
    };
    Snapshot before;
    size_t i;

    setup_states(nic);
    take_snapshot(nic, &before);
    for (i = 0; i < ARRAY_SIZE(rows); i++) {
        refused(nic, &rows[i], &before);
    }
}

static void test_no_such_vif(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    const uint16_t opcodes[] = {
        SVNIC_CMD_VIF_ACTIVATE, SVNIC_CMD_VIF_DEACTIVATE,
        SVNIC_CMD_VIF_CHANGE, SVNIC_CMD_VIF_RESET, SVNIC_CMD_VIF_DESTROY,
        SVNIC_CMD_VIF_QUERY, SVNIC_CMD_VIF_STATS,
    };
    const uint32_t ids[] = {
        FREE, VIFS, SVNIC_MAX_VIFS - 1, SVNIC_MAX_VIFS, 0x10000,
        0x80000000, SVNIC_VIF_ANY,
    };
    Snapshot before;
    size_t i, j;

    setup_states(nic);
    take_snapshot(nic, &before);
    for (i = 0; i < ARRAY_SIZE(opcodes); i++) {
        for (j = 0; j < ARRAY_SIZE(ids); j++) {
            Refusal r = {
                .status = SVNIC_ST_NO_SUCH_VIF,
                .opcode = opcodes[i],
                .vif = ids[j],
                .attr = { .mask = SVNIC_ATTR_MTU, .mtu = 1400 },
            };

            refused(nic, &r, &before);
        }
    }
}

static void test_mac_in_use(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_port_info port;
    Snapshot before;
    Refusal r = {
        .status = SVNIC_ST_MAC_IN_USE,
        .attr = { .mask = SVNIC_ATTR_MAC | SVNIC_ATTR_PORT },
    };
    const uint32_t others[] = { ACTIVE, INACTIVE, STOPPED };
    size_t i;
    uint32_t p;

    setup_states(nic);
    take_snapshot(nic, &before);
    for (i = 0; i < ARRAY_SIZE(others); i++) {
        /* on any port */
        for (r.attr.port = 0; r.attr.port < SVNIC_MAX_PORTS; r.attr.port++) {
            sv_nic_mac(r.attr.mac, others[i]);
            r.opcode = CREATE;
            r.vif = FREE;
            refused(nic, &r, &before);
            r.opcode = CHANGE;
            r.vif = NO_MAC;
            refused(nic, &r, &before);
        }
    }
    for (p = 0; p < SVNIC_MAX_PORTS; p++) {
        sv_nic_port_info(nic, p, &port);
        memcpy(r.attr.mac, port.mac, sizeof(port.mac));
        r.attr.port = 0;
        r.opcode = CREATE;
        r.vif = FREE;
        refused(nic, &r, &before);
    }
    /* it may set its current address */
    r.attr.mask = SVNIC_ATTR_MAC;
    r.attr.mask = cpu_to_le32(r.attr.mask);
    sv_nic_mac(r.attr.mac, INACTIVE);
    g_assert_cmphex(sv_nic_vif_cmd(nic, CHANGE, INACTIVE, 0, &r.attr, NULL),
                    ==, SVNIC_ST_OK);
}

static void test_bad_queue_size(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    const uint32_t slots[] = {
        0, 1, SVNIC_MIN_SLOTS / 2, SVNIC_MIN_SLOTS - 1, SVNIC_MIN_SLOTS + 1,
        96, 3000, SVNIC_MAX_SLOTS - 1, 2 * SVNIC_MAX_SLOTS, 0x80000000,
        0xffffffff,
    };
    Snapshot before;
    size_t i;

    setup_states(nic);
    take_snapshot(nic, &before);
    for (i = 0; i < ARRAY_SIZE(slots); i++) {
        Refusal r = {
            .status = SVNIC_ST_BAD_QUEUE_SIZE,
            .attr = { .send_slots = slots[i], .recv_slots = slots[i] },
        };

        for (r.attr.mask = SVNIC_ATTR_SEND_SLOTS;
             r.attr.mask <= SVNIC_ATTR_RECV_SLOTS; r.attr.mask <<= 1) {
            r.opcode = CREATE;
            r.vif = FREE;
            refused(nic, &r, &before);
            r.opcode = CHANGE;
            r.vif = INACTIVE;
            refused(nic, &r, &before);
        }
    }
}

static void test_bad_vector(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    static const Refusal rows[] = {
        { ST(BAD_VECTOR), CREATE, FREE, 0,
          { .mask = ATTR(VECTOR), .vector = VIFS + 1 } },
        { ST(BAD_VECTOR), CHANGE, INACTIVE, 0,
          { .mask = ATTR(VECTOR), .vector = 0xffffffff } },
        { ST(BAD_VECTOR), CHANGE, ACTIVE, WHILE_ACTIVE,
          { .mask = ATTR(VECTOR), .vector = VIFS + 1 } },
    };
    Snapshot before;
    size_t i;

    setup_states(nic);
    take_snapshot(nic, &before);
    for (i = 0; i < ARRAY_SIZE(rows); i++) {
        refused(nic, &rows[i], &before);
    }
}

/* One bad attribute among six good ones: none of them is applied. */
static void test_all_or_nothing(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    const struct svnic_vif_attr good = {
        .mask = SVNIC_ATTR_ALL, .flags = SVNIC_VIF_F_PROMISC, .port = 1,
        .send_slots = 128, .recv_slots = 512, .mtu = 4000,
        .link = SVNIC_LINK_DOWN, .mac = { 0x02, 1, 2, 3, 4, 5 }, .vector = 4,
    };
    Refusal rows[] = {
        { ST(BAD_ATTR), CHANGE, INACTIVE, 0, good },
        { ST(BAD_PORT), CHANGE, INACTIVE, 0, good },
        { ST(BAD_QUEUE_SIZE), CHANGE, INACTIVE, 0, good },
        { ST(BAD_QUEUE_SIZE), CHANGE, INACTIVE, 0, good },
        { ST(BAD_MTU), CHANGE, INACTIVE, 0, good },
        { ST(BAD_LINK), CHANGE, INACTIVE, 0, good },
        { ST(BAD_MAC), CHANGE, INACTIVE, 0, good },
    };
    struct svnic_vif_attr attr = good;
    struct svnic_vif_info info;
    Snapshot before;
    size_t i;

    rows[0].attr.flags = 0xf0;
    rows[1].attr.port = 17;
    rows[2].attr.send_slots = 100;
    rows[3].attr.recv_slots = 100;
    rows[4].attr.mtu = 10;
    rows[5].attr.link = 99;
    rows[6].attr.mac[0] = 0x03;
    setup_states(nic);
    take_snapshot(nic, &before);
    for (i = 0; i < ARRAY_SIZE(rows); i++) {
        refused(nic, &rows[i], &before);
        rows[i].opcode = CREATE;
        rows[i].vif = FREE;
        refused(nic, &rows[i], &before);
    }
    cpu_to_le32s(&attr.mask);
    cpu_to_le32s(&attr.flags);
    cpu_to_le32s(&attr.port);
    cpu_to_le32s(&attr.send_slots);
    cpu_to_le32s(&attr.recv_slots);
    cpu_to_le32s(&attr.mtu);
    cpu_to_le32s(&attr.link);
    cpu_to_le32s(&attr.vector);
    g_assert_cmphex(sv_nic_vif_cmd(nic, CHANGE, INACTIVE, 0, &attr, &info),
                    ==, SVNIC_ST_OK);
    g_assert_cmpmem(&info.attr, sizeof(info.attr), &attr, sizeof(attr));
}

static void test_no_free_vif(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_cmd cmd;
    uint32_t seen = 0;
    int i;

    for (i = 0; i < VIFS; i++) {
        sv_nic_cmd_init(&cmd, CREATE, SVNIC_VIF_ANY);
        g_assert_cmphex(sv_nic_cmd(nic, &cmd), ==, SVNIC_ST_OK);
        g_assert_cmpuint(le32_to_cpu(cmd.vif), <, VIFS);
        g_assert_cmphex(seen & 1u << le32_to_cpu(cmd.vif), ==, 0);
        seen |= 1u << le32_to_cpu(cmd.vif);
    }
    sv_nic_cmd_init(&cmd, CREATE, SVNIC_VIF_ANY);
    g_assert_cmphex(sv_nic_cmd(nic, &cmd), ==, SVNIC_ST_NO_FREE_VIF);
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_DESTROY, 3, 0, NULL,
                                   NULL), ==, SVNIC_ST_OK);
    sv_nic_cmd_init(&cmd, CREATE, SVNIC_VIF_ANY);
    g_assert_cmphex(sv_nic_cmd(nic, &cmd), ==, SVNIC_ST_OK);
    g_assert_cmpuint(le32_to_cpu(cmd.vif), ==, 3);
}

static void register_sv_nic_cmd_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
        const char *variants;
        const char *opts;
    } tests[] = {
        { "every-block-of-the-area-works", test_every_block, "02" },
        { "bad-pointer-is-answered-in-the-mailbox", test_bad_pointer, "02" },
        { "completion-raises-inta", test_done_by_inta, "02" },
        { "completion-sends-vector-0", test_done_by_msix, "02", "msix=on" },
        { "each-error-has-its-status-and-changes-nothing", test_refusals,
          "02", "vifs=5" },
        { "no-such-vif", test_no_such_vif, "0", "vifs=5" },
        { "mac-in-use", test_mac_in_use, "0", "vifs=5" },
        { "bad-queue-size", test_bad_queue_size, "0", "vifs=5" },
        { "bad-vector", test_bad_vector, "0", "vifs=5" },
        { "change-is-all-or-nothing", test_all_or_nothing, "0", "vifs=5" },
        { "no-free-vif", test_no_free_vif, "0", "vifs=5" },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("cmd", tests[i].name, tests[i].fn, tests[i].variants,
                        tests[i].opts, NULL, NULL);
    }
}

libqos_init(register_sv_nic_cmd_tests);
