/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: owners and managers with random behaviour.
 *
 * Pseudo-random, and with workers=0 the same in every run.  Checks that the
 * card works, other VIFs get their frames, all frames from a bad VIF to another
 * VIF or to a wire are well-formed, and a reset restores everything.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-frame.h"
#include "libqos/sv-nic-port.h"
#include "qemu/bswap.h"
#include "qemu/module.h"

#define OWNER_OPS       4000
#define MANAGER_OPS     4000

static const uint8_t outside[6] = { 0x02, 0xee, 0, 0, 0, 1 };

typedef struct Fuzz {
    QSvNic *nic;
    QSvNicWire *wire;
    GRand *rand;
    QSvNicVif bad, a, b;
    uint32_t seed;
    uint32_t resets;
} Fuzz;

static uint32_t below(Fuzz *f, uint32_t n)
{
    return g_rand_int(f->rand) % n;
}

/* Numbers that are often near a limit. */
static uint32_t number(Fuzz *f)
{
    static const uint32_t limits[] = {
        0, 1, 13, 14, 34, 54, 64, 256, 1024, 1500, 1518, 2016, 2048, 4096,
        9018, 65535, 65553, 0x7fffffff, 0x80000000, 0xffffffff,
    };

    switch (below(f, 4)) {
    case 0:
        return g_rand_int(f->rand);
    case 1:
        return below(f, 2048);
    default:
        return limits[below(f, ARRAY_SIZE(limits))] + below(f, 5) - 2;
    }
}

/* An unexpected frame at another VIF is well-formed. */
static void look_at_frame(Fuzz *f, const QSvNicFrame *frame)
{
    uint16_t flags = le16_to_cpu(frame->header.flags);
    uint32_t start = le16_to_cpu(frame->header.csum_start);
    uint32_t end = start + 2 + le16_to_cpu(frame->header.csum_offset);
    uint32_t hdr_len = le16_to_cpu(frame->header.hdr_len);

    if (memcmp(frame->data + 6, outside, 6)) {
        g_assert_cmpmem(frame->data + 6, 6, f->bad.mac, 6);
    }
    g_assert_cmphex(flags & ~SVNIC_FRAME_F_ALL, ==, 0);
    g_assert_cmpuint(frame->header.gso_type, <=, SVNIC_GSO_TCPV6);
    if (flags & SVNIC_FRAME_F_NEEDS_CSUM) {
        g_assert_cmpuint(start, >=, SVNIC_ETH_HEADER);
        g_assert_cmpuint(end, <=, frame->length);
    } else {
        g_assert_cmpuint(frame->header.gso_type, ==, SVNIC_GSO_NONE);
    }
    if (frame->header.gso_type != SVNIC_GSO_NONE) {
        g_assert_cmpuint(hdr_len, >=, end);
        g_assert_cmpuint(hdr_len, <, frame->length);
        g_assert_cmpuint(frame->header.gso_size, !=, 0);
    }
}

static void look_at_queue(Fuzz *f, QSvNicVif *vif)
{
    g_autofree QSvNicFrame *frame = g_new(QSvNicFrame, 1);

    while (sv_nic_take(vif, frame)) {
        look_at_frame(f, frame);
    }
}

/* Waits for the frame that @from has sent, skips frames of other VIFs. */
static void pass(Fuzz *f, QSvNicVif *from, QSvNicVif *to)
{
    g_autofree QSvNicFrame *frame = g_new(QSvNicFrame, 1);
    uint8_t bytes[200];

    sv_nic_frame_fill(bytes, sizeof(bytes), to->mac, from->mac, ++f->seed);
    sv_nic_send(from, NULL, bytes, sizeof(bytes));
    for (;;) {
        sv_nic_recv(to, frame);
        if (frame->length == sizeof(bytes) &&
            !memcmp(frame->data, bytes, sizeof(bytes))) {
            return;
        }
        look_at_frame(f, frame);
    }
}

/* A frame on the wire is from the bad VIF, and fits its MTU. */
static void look_at_wire(Fuzz *f)
{
    g_autofree uint8_t *out = g_malloc(SV_NIC_WIRE_MAX);
    uint32_t length;

    while ((length = sv_nic_wire_take(f->wire, out))) {
        g_assert_cmpuint(length, >=, SVNIC_MIN_FRAME);
        g_assert_cmpuint(length, <=, SVNIC_DEFAULT_MTU +
                         SVNIC_ETH_MAX_HEADER);
        g_assert_cmpmem(out + 6, 6, f->bad.mac, 6);
    }
}

/*
 * Sends a valid frame with some corrupted bytes.  The indices of the owner can
 * have any value by now: the frame goes to the card's index.
 */
static void nearly_good_frame(Fuzz *f)
{
    g_autofree uint8_t *bytes = g_malloc0(SVNIC_MAX_FRAME);
    uint32_t index = sv_nic_page(&f->bad, send_cons.index);
    QSvNicFlow flow = {
        .v6 = below(f, 2),
        .vlan = below(f, 4) == 0,
        .udp = below(f, 3) == 0,
        .tcp_options = 4 * below(f, 11),
        .ip_options = 4 * below(f, 3),
        .tcp_flags = g_rand_int(f->rand),
        .payload = below(f, 30000),
        .gso_size = below(f, 4) ? 1000 + below(f, 400) : below(f, 3),
        .seed = f->seed,
    };
    const uint8_t *const dst[] = {
        f->a.mac, outside, outside, sv_nic_broadcast, f->bad.mac,
    };
    uint32_t length, headers, i;
    struct svnic_frame header;

    if (flow.udp) {
        flow.gso_size = 0;
    }
    memcpy(flow.dst, dst[below(f, ARRAY_SIZE(dst))], 6);
    memcpy(flow.src, f->bad.mac, 6);
    length = sv_nic_flow_offload(&flow, bytes, &header);
    headers = sv_nic_flow_headers(&flow);
    for (i = below(f, 3); i; i--) {
        bytes[12 + below(f, MIN(length, headers) - 12)] = number(f);
    }
    for (i = below(f, 3) == 0; i; i--) {
        uint8_t *field = (uint8_t *)&header + 8 + below(f, 10);

        stw_le_p(field, number(f));
    }
    header.length = cpu_to_le32(length);
    header.slots = cpu_to_le16(SVNIC_FRAME_SLOTS(length));
    svnic_send_write(&f->bad.ring, index, 0, &header, sizeof(header));
    svnic_send_write(&f->bad.ring, index, sizeof(header), bytes, length);
    f->bad.ring.send_published = index + SVNIC_FRAME_SLOTS(length);
    sv_nic_page_write(&f->bad, send_prod.index, f->bad.ring.send_published);
    sv_nic_db_write(&f->bad, SVNIC_DB_SEND, 1);
}

static void garbage_header(Fuzz *f)
{
    struct svnic_frame header = {
        .length = cpu_to_le32(number(f)),
        .slots = cpu_to_le16(below(f, 3) ? 1 : number(f)),
        .flags = cpu_to_le16(number(f)),
        .gso_type = below(f, 4),
        .hdr_len = cpu_to_le16(number(f)),
        .gso_size = cpu_to_le16(number(f)),
        .csum_start = cpu_to_le16(number(f)),
        .csum_offset = cpu_to_le16(number(f)),
    };

    svnic_send_write(&f->bad.ring, below(f, f->bad.ring.send_slots), 0, &header,
                      sizeof(header));
}

static void mend(Fuzz *f)
{
    struct svnic_vif_info info;

    g_assert_cmphex(sv_nic_vif_cmd(f->nic, SVNIC_CMD_VIF_QUERY, f->bad.id, 0,
                                   NULL, &info), ==, SVNIC_ST_OK);
    if (le32_to_cpu(info.state) == SVNIC_VIF_STOPPED) {
        g_assert_cmpuint(le32_to_cpu(info.error), !=, SVNIC_ERR_NONE);
        sv_nic_vif_reset(&f->bad);
        f->resets++;
    } else {
        g_assert_cmpuint(le32_to_cpu(info.state), ==, SVNIC_VIF_ACTIVE);
        g_assert_cmpuint(le32_to_cpu(info.error), ==, SVNIC_ERR_NONE);
    }
}

static void owner_op(Fuzz *f)
{
    uint8_t bytes[200];

    switch (below(f, 16)) {
    case 0:
        sv_nic_sdram32_write(f->nic, f->bad.base + 4 *
                             below(f, sizeof(struct svnic_vif_page) / 4),
                             number(f));
        break;
    case 1:
        garbage_header(f);
        break;
    case 2:
        sv_nic_page_write(&f->bad, send_prod.index,
                          f->bad.ring.send_published + below(f, 40));
        sv_nic_db_write(&f->bad, SVNIC_DB_SEND, 1);
        break;
    case 3:
        sv_nic_db_write(&f->bad, SVNIC_DB_SEND, number(f));
        break;
    case 4:
        sv_nic_db_write(&f->bad, SVNIC_DB_RECV, number(f));
        break;
    case 5:
        sv_nic_db_write(&f->bad, 4 * below(f, 8), number(f));
        break;
    case 6:
        sv_nic_page_write(&f->bad, recv_cons.index,
                          sv_nic_page(&f->bad, recv_prod.index) -
                          below(f, 4));
        break;
    case 7:
        sv_nic_page_write(&f->bad, recv_cons.event, number(f));
        sv_nic_page_write(&f->bad, send_prod.event, number(f));
        break;
    case 8:
        sv_nic_frame_fill(bytes, sizeof(bytes), below(f, 2) ? f->bad.mac :
                          sv_nic_multicast, outside, 0);
        sv_nic_wire_send(sv_nic_qts(f->nic), f->wire, bytes,
                         14 + below(f, sizeof(bytes) - 14), false);
        break;
    case 9:
        mend(f);
        break;
    default:
        nearly_good_frame(f);
    }
}

/* A VIF that is not used: any index in its memory is out of range. */
static void guard_open(QSvNic *nic, uint32_t id, struct svnic_vif_info *info)
{
    struct svnic_vif_attr none = { };

    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_CREATE, id, 0, &none,
                                   info), ==, SVNIC_ST_OK);
    qtest_memset(sv_nic_qts(nic), nic->sdram.addr +
                 le32_to_cpu(info->sdram_offset), 0xa5,
                 le32_to_cpu(info->sdram_size));
}

static void guard_check(QSvNic *nic, const struct svnic_vif_info *info)
{
    uint32_t size = le32_to_cpu(info->sdram_size);
    g_autofree uint8_t *run = g_malloc(size);
    uint32_t i;

    sv_nic_sdram_read(nic, le32_to_cpu(info->sdram_offset), run, size);
    for (i = 0; i < size; i++) {
        g_assert_cmphex(run[i], ==, 0xa5);
    }
}

static void test_owner(void *obj, void *data, QGuestAllocator *alloc)
{
    Fuzz f = {
        .nic = obj,
        .wire = &((QSvNicWires *)data)->port[0],
        .rand = g_rand_new_with_seed(2611),
    };
    struct svnic_vif_info before, behind;
    uint32_t i;

    guard_open(f.nic, 8, &before);
    sv_nic_vif_open(&f.bad, f.nic, 1, NULL);
    guard_open(f.nic, 9, &behind);
    sv_nic_vif_open(&f.a, f.nic, 0, NULL);
    sv_nic_vif_open(&f.b, f.nic, 2, NULL);
    for (i = 0; i < OWNER_OPS; i++) {
        owner_op(&f);
        look_at_wire(&f);
        if (i % 20 == 0) {
            look_at_queue(&f, &f.a);
            look_at_queue(&f, &f.b);
            mend(&f);
            pass(&f, &f.a, &f.b);
            pass(&f, &f.b, &f.a);
        }
    }
    g_assert_cmpuint(f.resets, >, 20);
    sv_nic_vif_reset(&f.bad);
    guard_check(f.nic, &before);
    guard_check(f.nic, &behind);
    g_rand_free(f.rand);
}

/*
 * The manager
 */

static void garbage_command(Fuzz *f)
{
    QSvNic *nic = f->nic;
    struct svnic_cmd cmd;
    uint32_t block = nic->area +
                     below(f, SVNIC_CMD_BLOCKS) * SVNIC_CMD_BLOCK_SIZE;

    sv_nic_cmd_init(&cmd, below(f, 12), below(f, 8) ? below(f, 10) :
                    number(f));
    if (below(f, 8) == 0) {
        cmd.version = cpu_to_le16(number(f));
    }
    cmd.flags = cpu_to_le32(below(f, 3) ? below(f, 2) : number(f));
    cmd.index = cpu_to_le32(below(f, 5));
    cmd.u.attr = (struct svnic_vif_attr) {
        .mask = cpu_to_le32(below(f, 3) ? below(f, SVNIC_ATTR_ALL + 1) :
                            number(f)),
        .flags = cpu_to_le32(below(f, 5)),
        .port = cpu_to_le32(below(f, 4)),
        .send_slots = cpu_to_le32(below(f, 2) ? 64 << below(f, 8) :
                                  number(f)),
        .recv_slots = cpu_to_le32(below(f, 2) ? 64 << below(f, 8) :
                                  number(f)),
        .mtu = cpu_to_le32(number(f)),
        .link = cpu_to_le32(below(f, 5)),
    };
    sv_nic_mac(cmd.u.attr.mac, below(f, 16));
    if (below(f, 16) == 0) {
        cmd.u.attr.mac[0] = number(f);
    }
    sv_nic_sdram_write(nic, block, &cmd, sizeof(cmd));
    if (below(f, 16) == 0) {
        block = number(f);
    }
    sv_nic_cmd_ring(nic, block);
}

static void manager_op(Fuzz *f)
{
    QSvNic *nic = f->nic;
    QPCIBar bar[] = { nic->csr, nic->csr_io, nic->doorbell, nic->pci_csr };
    uint32_t size[] = { SVNIC_CSR_SIZE, SVNIC_CSR_IO_SIZE, 64 * 4096, 0x100 };
    uint32_t n = below(f, ARRAY_SIZE(bar));
    uint32_t offset = below(f, 2) ? below(f, size[n]) :
                      below(f, 0x100) % size[n];

    if (n == 2) {
        offset = below(f, 10) * SVNIC_DOORBELL_PAGE_SIZE + below(f, 0x20);
    }
    switch (below(f, 10)) {
    case 0:
        qpci_io_writeb(&nic->pci_dev, bar[n], offset, number(f));
        break;
    case 1:
        qpci_io_writew(&nic->pci_dev, bar[n], offset, number(f));
        break;
    case 2:
        qpci_io_writel(&nic->pci_dev, bar[n], offset, number(f));
        break;
    case 3:
        qpci_io_readb(&nic->pci_dev, bar[n], offset);
        qpci_io_readw(&nic->pci_dev, bar[n], offset);
        qpci_io_readl(&nic->pci_dev, bar[n], offset);
        break;
    case 4: /* low SDRAM: command area, first regions */
        sv_nic_sdram32_write(nic, 4 * below(f, 0x40000), number(f));
        break;
    default:
        garbage_command(f);
    }
}

static void test_manager(void *obj, void *data, QGuestAllocator *alloc)
{
    Fuzz f = { .nic = obj, .rand = g_rand_new_with_seed(21555) };
    struct svnic_cmd cmd;
    uint32_t i;

    for (i = 0; i < MANAGER_OPS; i++) {
        manager_op(&f);
    }
    /* it still answers, once the windows are restored */
    sv_nic_windows(f.nic);
    sv_nic_wait(sv_nic_qts(f.nic), !sv_nic_pci_csr(f.nic,
                SVNIC_PCI_CSR_XSCALE_DOORBELL));
    sv_nic_cmd_init(&cmd, SVNIC_CMD_QUERY, 0);
    g_assert_cmphex(sv_nic_cmd(f.nic, &cmd), ==, SVNIC_ST_OK);
    g_assert_cmphex(le32_to_cpu(cmd.u.card.abi), ==, SVNIC_IDENTITY);

    /* and works after a reset */
    qtest_system_reset(sv_nic_qts(f.nic));
    sv_nic_restart(f.nic);
    sv_nic_vif_open(&f.a, f.nic, 0, NULL);
    sv_nic_vif_open(&f.b, f.nic, 2, NULL);
    pass(&f, &f.a, &f.b);
    pass(&f, &f.b, &f.a);
    g_rand_free(f.rand);
}

static void register_sv_nic_fuzz_tests(void)
{
    sv_nic_add_test("fuzz", "owner-that-does-anything", test_owner, "012",
                    "netdev=wire0", sv_nic_wires_before, NULL);
    sv_nic_add_test("fuzz", "manager-that-does-anything", test_manager,
                    "012", NULL, NULL, NULL);
}

libqos_init(register_sv_nic_fuzz_tests);
