/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: life cycle, attributes and memory of VIFs, and the ports.
 *
 * Sections "Commands", "Attributes" and "Memory of a VIF" of
 * docs/specs/sv-nic-card.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-frame.h"
#include "libqos/sv-nic-port.h"
#include "qemu/bswap.h"
#include "qemu/module.h"
#include "qemu/units.h"

static void query(QSvNic *nic, struct svnic_card_info *card)
{
    struct svnic_cmd cmd;

    sv_nic_cmd_init(&cmd, SVNIC_CMD_QUERY, 0);
    g_assert_cmphex(sv_nic_cmd(nic, &cmd), ==, SVNIC_ST_OK);
    *card = cmd.u.card;
}

static void vif_ok(QSvNic *nic, uint16_t opcode, uint32_t id,
                   const struct svnic_vif_attr *attr,
                   struct svnic_vif_info *info)
{
    g_assert_cmphex(sv_nic_vif_cmd(nic, opcode, id, 0, attr, info), ==,
                    SVNIC_ST_OK);
}

static void test_query(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_card_info card;
    uint32_t capabilities = SVNIC_CAP_CHECKSUM | SVNIC_CAP_SEGMENTATION |
                            SVNIC_CAP_SPOOF_CHECK | SVNIC_CAP_HOST_PLACEMENT |
                            (data ? SVNIC_CAP_MSIX | SVNIC_CAP_VECTOR : 0);

    query(nic, &card);
    g_assert_cmphex(le32_to_cpu(card.abi), ==, SVNIC_IDENTITY);
    g_assert_cmphex(le32_to_cpu(card.capabilities), ==, capabilities);
    g_assert_cmpuint(le32_to_cpu(card.vifs), ==, 33);
    g_assert_cmpuint(le32_to_cpu(card.vifs_used), ==, 0);
    g_assert_cmpuint(le32_to_cpu(card.ports), ==, SVNIC_MAX_PORTS);
    g_assert_cmpuint(le32_to_cpu(card.microengines), ==, 3);
    g_assert_cmpuint(le32_to_cpu(card.contexts), ==, 5);
    g_assert_cmpuint(le32_to_cpu(card.sdram_free), >, 100 * KiB);
    g_assert_cmpuint(le32_to_cpu(card.sdram_free), <, 128 * KiB);
    g_assert_cmpuint(le32_to_cpu(card.max_frame), ==, SVNIC_MAX_FRAME);
    g_assert_cmpuint(le32_to_cpu(card.slot_size), ==, SVNIC_SLOT_SIZE);
    g_assert_cmpuint(card.firmware[0], !=, 0);
    g_assert_cmpuint(card.firmware[sizeof(card.firmware) - 1], ==, 0);
    g_assert_cmpuint(le64_to_cpu(card.events), ==, 0);
    vif_ok(nic, SVNIC_CMD_VIF_CREATE, 32, &(struct svnic_vif_attr) { }, NULL);
    query(nic, &card);
    g_assert_cmpuint(le32_to_cpu(card.vifs_used), ==, 1);
}

static void test_life(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_vif_attr attr = { .mask = cpu_to_le32(SVNIC_ATTR_MAC) };
    struct svnic_vif_info info;
    uint8_t mac[6];

    /* defaults */
    vif_ok(nic, SVNIC_CMD_VIF_CREATE, 9, &(struct svnic_vif_attr) { }, &info);
    g_assert_cmpuint(le32_to_cpu(info.state), ==, SVNIC_VIF_INACTIVE);
    g_assert_cmpuint(le32_to_cpu(info.error), ==, SVNIC_ERR_NONE);
    g_assert_cmpuint(le32_to_cpu(info.doorbell_page), ==, 9);
    g_assert_cmpuint(le32_to_cpu(info.irq_bit), ==, SVNIC_IRQ_BIT(9));
    g_assert_cmpuint(le32_to_cpu(info.vector), ==, SVNIC_VECTOR(9));
    g_assert_cmphex(le32_to_cpu(info.attr.mask), ==, SVNIC_ATTR_ALL);
    g_assert_cmphex(le32_to_cpu(info.attr.flags), ==,
                    SVNIC_VIF_F_SPOOF_CHECK);
    g_assert_cmpuint(le32_to_cpu(info.attr.port), ==, 0);
    g_assert_cmpuint(le32_to_cpu(info.attr.send_slots), ==, 256);
    g_assert_cmpuint(le32_to_cpu(info.attr.recv_slots), ==, 1024);
    g_assert_cmpuint(le32_to_cpu(info.attr.mtu), ==, SVNIC_DEFAULT_MTU);
    g_assert_cmpuint(le32_to_cpu(info.attr.link), ==, SVNIC_LINK_AUTO);
    memset(mac, 0, sizeof(mac));
    g_assert_cmpmem(info.attr.mac, 6, mac, 6);

    sv_nic_mac(attr.mac, 77);
    vif_ok(nic, SVNIC_CMD_VIF_CHANGE, 9, &attr, &info);
    g_assert_cmpmem(info.attr.mac, 6, attr.mac, 6);
    g_assert_cmpuint(le32_to_cpu(info.state), ==, SVNIC_VIF_INACTIVE);

    vif_ok(nic, SVNIC_CMD_VIF_ACTIVATE, 9, NULL, &info);
    g_assert_cmpuint(le32_to_cpu(info.state), ==, SVNIC_VIF_ACTIVE);
    vif_ok(nic, SVNIC_CMD_VIF_RESET, 9, NULL, &info);
    g_assert_cmpuint(le32_to_cpu(info.state), ==, SVNIC_VIF_ACTIVE);
    vif_ok(nic, SVNIC_CMD_VIF_DEACTIVATE, 9, NULL, NULL);
    vif_ok(nic, SVNIC_CMD_VIF_QUERY, 9, NULL, &info);
    g_assert_cmpuint(le32_to_cpu(info.state), ==, SVNIC_VIF_INACTIVE);
    g_assert_cmpmem(info.attr.mac, 6, attr.mac, 6);
    vif_ok(nic, SVNIC_CMD_VIF_DESTROY, 9, NULL, NULL);
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_QUERY, 9, 0, NULL,
                                   NULL), ==, SVNIC_ST_NO_SUCH_VIF);
    /* the MAC is free again */
    vif_ok(nic, SVNIC_CMD_VIF_CREATE, 10, &attr, NULL);
}

static void test_page(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_vif_attr attr = {
        .mask = cpu_to_le32(SVNIC_ATTR_ALL),
        .flags = cpu_to_le32(SVNIC_VIF_F_SPOOF_CHECK),
        .port = cpu_to_le32(2),
        .send_slots = cpu_to_le32(64),
        .recv_slots = cpu_to_le32(128),
        .mtu = cpu_to_le32(9000),
        .link = cpu_to_le32(SVNIC_LINK_DOWN),
    };
    struct svnic_vif_page page;
    QSvNicVif vif;
    uint32_t generation;

    sv_nic_mac(attr.mac, 5);
    sv_nic_vif_open(&vif, nic, 11, &attr);
    sv_nic_sdram_read(nic, vif.base, &page, sizeof(page));
    g_assert_cmphex(le32_to_cpu(page.send_prod.index), ==, 0);
    g_assert_cmphex(le32_to_cpu(page.send_cons.index), ==, 0);
    g_assert_cmphex(le32_to_cpu(page.recv_prod.index), ==, 0);
    g_assert_cmphex(le32_to_cpu(page.recv_cons.index), ==, 0);
    g_assert_cmphex(le32_to_cpu(page.abi), ==, SVNIC_IDENTITY);
    g_assert_cmphex(le32_to_cpu(page.vif), ==, 11);
    g_assert_cmphex(le32_to_cpu(page.state), ==, SVNIC_VIF_ACTIVE);
    g_assert_cmphex(le32_to_cpu(page.error), ==, SVNIC_ERR_NONE);
    g_assert_cmphex(le32_to_cpu(page.link), ==, 0);
    g_assert_cmphex(le32_to_cpu(page.mtu), ==, 9000);
    g_assert_cmphex(le32_to_cpu(page.capabilities), ==, SVNIC_CAP_CHECKSUM |
                    SVNIC_CAP_SEGMENTATION | SVNIC_CAP_SPOOF_CHECK |
                    SVNIC_CAP_HOST_PLACEMENT);
    g_assert_cmphex(le32_to_cpu(page.slot_size), ==, SVNIC_SLOT_SIZE);
    g_assert_cmphex(le32_to_cpu(page.send_slots), ==, 64);
    g_assert_cmphex(le32_to_cpu(page.recv_slots), ==, 128);
    g_assert_cmpmem(page.mac, 6, attr.mac, 6);
    generation = le32_to_cpu(page.generation);

    sv_nic_vif_reset(&vif);
    g_assert_cmpuint(sv_nic_page(&vif, generation), ==, ++generation);
    vif_ok(nic, SVNIC_CMD_VIF_DEACTIVATE, 11, NULL, NULL);
    vif_ok(nic, SVNIC_CMD_VIF_ACTIVATE, 11, NULL, NULL);
    g_assert_cmpuint(sv_nic_page(&vif, generation), ==, ++generation);
}

/* Each attribute that can change while the VIF is active. */
static void test_change_active(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_vif_attr attr = { };
    struct svnic_vif_info info;
    QSvNicVif vif;
    uint8_t mac[6];

    sv_nic_vif_open(&vif, nic, 0, NULL);
    attr.mask = cpu_to_le32(SVNIC_ATTR_MTU);
    attr.mtu = cpu_to_le32(SVNIC_MAX_MTU);
    sv_nic_vif_change(&vif, &attr);
    g_assert_cmpuint(sv_nic_page(&vif, mtu), ==, SVNIC_MAX_MTU);
    sv_nic_signal_wait(&vif, SVNIC_SIGNAL_STATE);
    g_assert_cmphex(sv_nic_db(&vif, SVNIC_DB_SIGNAL_STATUS), ==, 0);
    attr.mask = cpu_to_le32(SVNIC_ATTR_MAC);
    sv_nic_mac(attr.mac, 4711);
    sv_nic_vif_change(&vif, &attr);
    sv_nic_sdram_read(nic, vif.base + offsetof(struct svnic_vif_page, mac),
                      mac, sizeof(mac));
    g_assert_cmpmem(mac, 6, attr.mac, 6);
    sv_nic_signal_wait(&vif, SVNIC_SIGNAL_STATE);
    attr.mask = cpu_to_le32(SVNIC_ATTR_LINK);
    attr.link = cpu_to_le32(SVNIC_LINK_DOWN);
    sv_nic_vif_change(&vif, &attr);
    g_assert_cmpuint(sv_nic_page(&vif, link), ==, 0);
    sv_nic_signal_wait(&vif, SVNIC_SIGNAL_LINK);
    g_assert_cmphex(sv_nic_db(&vif, SVNIC_DB_SIGNAL_STATUS), ==, 0);
    attr.mask = cpu_to_le32(SVNIC_ATTR_PORT | SVNIC_ATTR_FLAGS);
    attr.port = cpu_to_le32(2);
    attr.flags = cpu_to_le32(SVNIC_VIF_F_PROMISC);
    sv_nic_vif_change(&vif, &attr);

    vif_ok(nic, SVNIC_CMD_VIF_QUERY, 0, NULL, &info);
    g_assert_cmpuint(le32_to_cpu(info.attr.mtu), ==, SVNIC_MAX_MTU);
    g_assert_cmpmem(info.attr.mac, 6, attr.mac, 6);
    g_assert_cmpuint(le32_to_cpu(info.attr.link), ==, SVNIC_LINK_DOWN);
    g_assert_cmpuint(le32_to_cpu(info.link), ==, 0);
    g_assert_cmpuint(le32_to_cpu(info.attr.port), ==, 2);
    g_assert_cmphex(le32_to_cpu(info.attr.flags), ==, SVNIC_VIF_F_PROMISC);
    g_assert_cmpuint(le32_to_cpu(info.state), ==, SVNIC_VIF_ACTIVE);
}

/* Regions are page-aligned and do not overlap. */
static void test_regions(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    const uint32_t vifs = 256;
    g_autofree uint8_t *used = g_malloc0(256 * MiB / SVNIC_PAGE_SIZE);
    uint32_t id, page;

    used[nic->area / SVNIC_PAGE_SIZE] = 1;
    for (id = 0; id < vifs; id++) {
        struct svnic_vif_info info;
        uint32_t offset, size;

        vif_ok(nic, SVNIC_CMD_VIF_CREATE, id, &(struct svnic_vif_attr) { },
               &info);
        offset = le32_to_cpu(info.sdram_offset);
        size = le32_to_cpu(info.sdram_size);
        g_assert_cmphex(offset % SVNIC_PAGE_SIZE, ==, 0);
        g_assert_cmphex(size % SVNIC_PAGE_SIZE, ==, 0);
        g_assert_cmphex(size, >=, sizeof(struct svnic_vif_page) +
                        SVNIC_SLOT_SIZE *
                        (le32_to_cpu(info.attr.send_slots) +
                         le32_to_cpu(info.attr.recv_slots)));
        g_assert_cmphex(offset, <, 256 * MiB);
        g_assert_cmphex(size, <=, 256 * MiB - offset);
        for (page = offset / SVNIC_PAGE_SIZE;
             page < (offset + size) / SVNIC_PAGE_SIZE; page++) {
            g_assert_cmpuint(used[page], ==, 0);
            used[page] = 1;
        }
    }
}

/* Default queue sizes are reduced until all possible VIFs fit. */
static void test_short_sdram(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_vif_info info;
    uint32_t id;

    for (id = 0; id < 64; id++) {
        vif_ok(nic, SVNIC_CMD_VIF_CREATE, id, &(struct svnic_vif_attr) { },
               &info);
        g_assert_cmpuint(le32_to_cpu(info.attr.send_slots), <, 256);
        g_assert_cmpuint(le32_to_cpu(info.attr.send_slots), >=,
                         SVNIC_MIN_SLOTS);
        g_assert_cmpuint(le32_to_cpu(info.attr.recv_slots), <, 1024);
        g_assert_cmpuint(le32_to_cpu(info.attr.recv_slots), >=,
                         SVNIC_MIN_SLOTS);
    }
}

static void test_no_memory(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_vif_attr large = {
        .mask = cpu_to_le32(SVNIC_ATTR_SEND_SLOTS | SVNIC_ATTR_RECV_SLOTS),
        .send_slots = cpu_to_le32(SVNIC_MAX_SLOTS),
        .recv_slots = cpu_to_le32(SVNIC_MAX_SLOTS),
    };
    struct svnic_vif_info before, after;
    struct svnic_card_info card;
    uint32_t free_kib;

    vif_ok(nic, SVNIC_CMD_VIF_CREATE, 0, &(struct svnic_vif_attr) { },
           &before);
    query(nic, &card);
    free_kib = le32_to_cpu(card.sdram_free);
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_CREATE, 1, 0, &large,
                                   NULL), ==, SVNIC_ST_NO_MEMORY);
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_CHANGE, 0, 0, &large,
                                   NULL), ==, SVNIC_ST_NO_MEMORY);
    vif_ok(nic, SVNIC_CMD_VIF_QUERY, 0, NULL, &after);
    g_assert_cmpmem(&after, sizeof(after), &before, sizeof(before));
    query(nic, &card);
    g_assert_cmpuint(le32_to_cpu(card.sdram_free), ==, free_kib);
    g_assert_cmpuint(le32_to_cpu(card.vifs_used), ==, 1);
}

/* Destroyed VIFs free all of their memory, in any order. */
static void test_memory_comes_back(void *obj, void *data,
                                   QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    g_autoptr(GRand) rand = g_rand_new_with_seed(4096);
    struct svnic_card_info card;
    bool exists[8] = { };
    uint32_t free_kib, id;
    int i;

    query(nic, &card);
    free_kib = le32_to_cpu(card.sdram_free);
    for (i = 0; i < 200; i++) {
        id = g_rand_int_range(rand, 0, ARRAY_SIZE(exists));
        if (exists[id]) {
            vif_ok(nic, SVNIC_CMD_VIF_DESTROY, id, NULL, NULL);
        } else {
            vif_ok(nic, SVNIC_CMD_VIF_CREATE, id, &(struct svnic_vif_attr) {
                .mask = cpu_to_le32(SVNIC_ATTR_SEND_SLOTS),
                .send_slots = cpu_to_le32(64 << g_rand_int_range(rand, 0, 7)),
            }, NULL);
        }
        exists[id] = !exists[id];
    }
    for (id = 0; id < ARRAY_SIZE(exists); id++) {
        if (exists[id]) {
            vif_ok(nic, SVNIC_CMD_VIF_DESTROY, id, NULL, NULL);
        }
    }
    query(nic, &card);
    g_assert_cmpuint(le32_to_cpu(card.sdram_free), ==, free_kib);
    g_assert_cmpuint(le32_to_cpu(card.vifs_used), ==, 0);
}

/* The next owner finds no data of the previous one. */
static void test_scrubbed(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_vif_attr attr = { .mask = cpu_to_le32(SVNIC_ATTR_MAC) };
    g_autofree uint8_t *run = NULL;
    uint32_t base, size, i;
    QSvNicVif vif;

    sv_nic_vif_open(&vif, nic, 0, NULL);
    base = vif.base;
    size = vif.size;
    run = g_malloc(size);
    qtest_memset(sv_nic_qts(nic), nic->sdram.addr + base, 0xa5, size);
    vif_ok(nic, SVNIC_CMD_VIF_DEACTIVATE, 0, NULL, NULL);
    vif_ok(nic, SVNIC_CMD_VIF_DESTROY, 0, NULL, NULL);
    sv_nic_sdram_read(nic, base, run, size);
    for (i = 0; i < size; i++) {
        g_assert_cmphex(run[i], ==, 0);
    }
    /* nor in memory that was in use before the reset */
    qtest_memset(sv_nic_qts(nic), nic->sdram.addr + base, 0x5a, size);
    sv_nic_mac(attr.mac, 0);
    sv_nic_vif_open(&vif, nic, 0, &attr);
    g_assert_cmphex(vif.base, ==, base);
    sv_nic_sdram_read(nic, base, run, size);
    for (i = sizeof(struct svnic_vif_page); i < size; i++) {
        g_assert_cmphex(run[i], ==, 0);
    }
}

static void test_slots_move(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    uint32_t slots;

    vif_ok(nic, SVNIC_CMD_VIF_CREATE, 0, &(struct svnic_vif_attr) {
        .mask = cpu_to_le32(SVNIC_ATTR_MAC), .mac = { 2, 3, 4, 5, 6, 7 },
    }, NULL);
    for (slots = SVNIC_MAX_SLOTS; slots >= SVNIC_MIN_SLOTS; slots /= 2) {
        uint32_t recv_slots = SVNIC_MIN_SLOTS * SVNIC_MAX_SLOTS / slots;
        struct svnic_vif_info info;
        uint8_t frame[100];
        QSvNicVif vif;

        vif_ok(nic, SVNIC_CMD_VIF_CHANGE, 0, &(struct svnic_vif_attr) {
            .mask = cpu_to_le32(SVNIC_ATTR_SEND_SLOTS |
                                SVNIC_ATTR_RECV_SLOTS),
            .send_slots = cpu_to_le32(slots),
            .recv_slots = cpu_to_le32(recv_slots),
        }, &info);
        g_assert_cmpuint(le32_to_cpu(info.attr.send_slots), ==, slots);
        g_assert_cmpuint(le32_to_cpu(info.attr.recv_slots), ==, recv_slots);
        vif_ok(nic, SVNIC_CMD_VIF_ACTIVATE, 0, NULL, &info);
        sv_nic_vif_attach(&vif, nic, 0, &info);
        sv_nic_frame_fill(frame, sizeof(frame), sv_nic_broadcast, vif.mac,
                          slots);
        sv_nic_send(&vif, NULL, frame, sizeof(frame));
        sv_nic_send_drain(&vif);
        vif_ok(nic, SVNIC_CMD_VIF_DEACTIVATE, 0, NULL, NULL);
    }
}

/* Frames that the card has not fetched are dropped, not sent later. */
static void test_deactivate_forgets(void *obj, void *data,
                                    QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_vif_info info;
    QSvNicVif a, b;
    uint8_t late[64], fresh[64];

    sv_nic_vif_open(&a, nic, 0, NULL);
    sv_nic_vif_open(&b, nic, 1, NULL);
    vif_ok(nic, SVNIC_CMD_VIF_DEACTIVATE, 0, NULL, NULL);
    sv_nic_frame_fill(late, sizeof(late), b.mac, a.mac, 1);
    sv_nic_queue(&a, NULL, late, sizeof(late));
    sv_nic_page_write(&a, send_prod.index, a.ring.send_prod);
    sv_nic_db_write(&a, SVNIC_DB_SEND, 1);

    vif_ok(nic, SVNIC_CMD_VIF_ACTIVATE, 0, NULL, &info);
    sv_nic_vif_attach(&a, nic, 0, &info);
    g_assert_cmphex(sv_nic_page(&a, send_prod.index), ==, 0);
    sv_nic_frame_fill(fresh, sizeof(fresh), b.mac, a.mac, 2);
    sv_nic_send(&a, NULL, fresh, sizeof(fresh));
    sv_nic_expect(&b, NULL, fresh, sizeof(fresh));
    g_assert_cmpuint(sv_nic_page(&a, send_cons.index), ==, 1);
    g_assert_cmpuint(sv_nic_page(&b, recv_prod.index), ==, 1);
}

/*
 * Ports
 */

static void set_link(QSvNic *nic, const char *name, bool up)
{
    qtest_qmp_assert_success(sv_nic_qts(nic), "{ 'execute': 'set_link', "
                             "'arguments': { 'name': %s, 'up': %i } }",
                             name, up);
}

static void test_port_query(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    const uint8_t mac[6] = { 0x52, 0x54, 0x00, 0xab, 0xcd, 0xef };
    struct svnic_port_info port[SVNIC_MAX_PORTS];
    uint32_t p;

    for (p = 0; p < SVNIC_MAX_PORTS; p++) {
        sv_nic_port_info(nic, p, &port[p]);
        g_assert_cmpuint(port[p].link, ==, 1);
        g_assert_cmpuint(port[p].in_frames, ==, 0);
        g_assert_cmpuint(port[p].out_frames, ==, 0);
        g_assert_cmphex(port[p].mac[0] & 1, ==, 0);
    }
    g_assert_cmpmem(port[0].mac, 6, mac, 6);
    g_assert_cmpint(memcmp(port[0].mac, port[1].mac, 6), !=, 0);
    g_assert_cmpint(memcmp(port[1].mac, port[2].mac, 6), !=, 0);
}

/* Link changes are signalled to the manager, and to VIFs by their policy. */
static void test_port_link(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_vif_attr attr = {
        .mask = cpu_to_le32(SVNIC_ATTR_MAC | SVNIC_ATTR_LINK),
        .link = cpu_to_le32(SVNIC_LINK_PORT),
    };
    struct svnic_port_info port;
    QSvNicVif follows, stays;
    int up;

    sv_nic_mac(attr.mac, 0);
    sv_nic_vif_open(&follows, nic, 0, &attr);
    sv_nic_vif_open(&stays, nic, 1, NULL);
    g_assert_cmpuint(sv_nic_page(&follows, link), ==, 1);
    for (up = 0; up <= 1; up++) {
        set_link(nic, "wire0", up);
        sv_nic_wait(sv_nic_qts(nic),
                    sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL) &
                    SVNIC_PCI_DB_LINK);
        sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_PCI_DOORBELL,
                             SVNIC_PCI_DB_LINK);
        sv_nic_signal_wait(&follows, SVNIC_SIGNAL_LINK);
        g_assert_cmpuint(sv_nic_page(&follows, link), ==, up);
        g_assert_cmpuint(sv_nic_page(&stays, link), ==, 1);
        g_assert_cmphex(sv_nic_db(&stays, SVNIC_DB_SIGNAL_STATUS), ==, 0);
        sv_nic_port_info(nic, 0, &port);
        g_assert_cmpuint(port.link, ==, up);
        sv_nic_port_info(nic, 1, &port);
        g_assert_cmpuint(port.link, ==, 1);
    }
}

/*
 * "Host placement": either all or none of a command's extents are mapped, a
 * page is at most once in all tables, and an unmapped page is free for others.
 */
static void test_extents(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    const uint64_t at = guest_alloc(alloc, 8 * SVNIC_PAGE_SIZE);
    static const struct {
        struct {
            uint32_t from;                  /* pages from @at */
            uint32_t page, pages;
        } extent[2];
        uint32_t status;
    } maps[] = {
        /* a page twice, alone and in an extent */
        { { { 0, 0, 1 }, { 0, 1, 1 } }, SVNIC_ST_PAGE_IN_USE },
        { { { 0, 0, 4 }, { 3, 5, 1 } }, SVNIC_ST_PAGE_IN_USE },
        { { { 3, 5, 1 }, { 0, 0, 4 } }, SVNIC_ST_PAGE_IN_USE },
        /* an entry twice */
        { { { 0, 0, 1 }, { 1, 0, 1 } }, SVNIC_ST_PAGE_IN_USE },
        { { { 0, 0, 4 }, { 4, 3, 2 } }, SVNIC_ST_PAGE_IN_USE },
        { { { 4, 3, 2 }, { 0, 0, 4 } }, SVNIC_ST_PAGE_IN_USE },
        /* valid, then not memory */
        { { { 0, 0, 1 }, { 32 * MiB, 1, 1 } }, SVNIC_ST_BAD_ADDRESS },
    };
    QSvNicVif a, b;
    struct svnic_cmd cmd;
    size_t i, n;

    sv_nic_vif_create_host(&a, nic, 0);
    sv_nic_vif_create_host(&b, nic, 1);
    for (i = 0; i < ARRAY_SIZE(maps); i++) {
        sv_nic_cmd_init(&cmd, SVNIC_CMD_VIF_MAP, a.id);
        cmd.u.map.extents = cpu_to_le32(2);
        for (n = 0; n < 2; n++) {
            cmd.u.map.extent[n] = (struct svnic_map_extent) {
                .address = cpu_to_le64(at + maps[i].extent[n].from *
                                       (uint64_t)SVNIC_PAGE_SIZE),
                .page = cpu_to_le32(maps[i].extent[n].page),
                .pages = cpu_to_le32(maps[i].extent[n].pages),
            };
        }
        g_test_message("%zu", i);
        g_assert_cmphex(sv_nic_cmd(nic, &cmd), ==, maps[i].status);
    }
    /* none of them was mapped */
    g_assert_cmphex(sv_nic_vif_map(nic, b.id, at, 0, 8), ==, SVNIC_ST_OK);
    g_assert_cmphex(sv_nic_vif_map(nic, a.id, at, 0, 1), ==,
                    SVNIC_ST_PAGE_IN_USE);
    /* the same mapping again, but no second one */
    g_assert_cmphex(sv_nic_vif_map(nic, b.id, at, 0, 8), ==, SVNIC_ST_OK);
    g_assert_cmphex(sv_nic_vif_map(nic, b.id, at, 9, 1), ==,
                    SVNIC_ST_PAGE_IN_USE);
    /* an entry with a new page frees the old one */
    g_assert_cmphex(sv_nic_vif_map(nic, b.id, 6 * MiB, 0, 1), ==, SVNIC_ST_OK);
    g_assert_cmphex(sv_nic_vif_map(nic, a.id, at, 0, 1), ==, SVNIC_ST_OK);
    g_assert_cmphex(sv_nic_vif_map(nic, a.id, at + SVNIC_PAGE_SIZE, 1, 1), ==,
                    SVNIC_ST_PAGE_IN_USE);
    /* so do destroying the VIF and a reset */
    vif_ok(nic, SVNIC_CMD_VIF_DESTROY, b.id, NULL, NULL);
    g_assert_cmphex(sv_nic_vif_map(nic, a.id, at, 0, 8), ==, SVNIC_ST_OK);
    qtest_system_reset(sv_nic_qts(nic));
    sv_nic_restart(nic);
    sv_nic_vif_create_host(&b, nic, 1);
    g_assert_cmphex(sv_nic_vif_map(nic, b.id, at, 0, 8), ==, SVNIC_ST_OK);
    guest_free(alloc, at);
}

static void register_sv_nic_vif_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
        const char *variants;
        const char *opts;
        QOSBeforeTest before;
        void *arg;
    } tests[] = {
        { "query-describes-the-card", test_query, "0",
          "vifs=33,sdram-size=128M,microengines=3,contexts=5" },
        { "query-describes-the-card-with-msix", test_query, "0",
          "vifs=33,sdram-size=128M,microengines=3,contexts=5,msix=on", NULL,
          (void *)"msix" },
        { "create-activate-reset-deactivate-destroy", test_life, "02" },
        { "vif-page-has-its-fields", test_page, "02" },
        { "attributes-change-under-an-active-vif", test_change_active,
          "02" },
        { "regions-of-256-vifs-do-not-overlap", test_regions, "0",
          "vifs=256" },
        { "default-queues-shrink-with-sdram", test_short_sdram, "0",
          "vifs=64,sdram-size=32M" },
        { "no-memory", test_no_memory, "0", "vifs=2,sdram-size=16M" },
        { "destroy-frees-memory", test_memory_comes_back, "0" },
        { "memory-is-scrubbed", test_scrubbed, "02" },
        { "queue-sizes-change-while-inactive", test_slots_move, "02" },
        { "all-or-no-extents-are-mapped", test_extents, "0" },
        { "deactivate-drops-queued-frames", test_deactivate_forgets,
          "02" },
        { "port-query", test_port_query, "0",
          "mac=52:54:00:ab:cd:ef,netdev=wire0,netdev1=wire1,netdev2=wire2",
          sv_nic_wires_before },
        { "link-of-a-port-is-signalled-by-policy", test_port_link, "02",
          "netdev=wire0,netdev1=wire1,netdev2=wire2", sv_nic_wires_before },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("vif", tests[i].name, tests[i].fn, tests[i].variants,
                        tests[i].opts, tests[i].before, tests[i].arg);
    }
}

libqos_init(register_sv_nic_vif_tests);
