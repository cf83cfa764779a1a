/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: owners and managers that break the rules.
 *
 * Section "Errors that stop a VIF" of docs/specs/sv-nic-card.rst: the VIF stops
 * with an error that its owner and the manager can read, other VIFs continue,
 * and a reset starts it again.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-frame.h"
#include "qemu/bswap.h"
#include "qemu/module.h"

/* A bad VIF, and two neighbours with traffic between them. */
typedef struct Scene {
    QSvNic *nic;
    QSvNicVif bad, a, b;
    uint32_t seed;
    uint32_t stops;
} Scene;

static void scene_open(Scene *s, QSvNic *nic)
{
    memset(s, 0, sizeof(*s));
    s->nic = nic;
    sv_nic_vif_open(&s->a, nic, 3, NULL);
    sv_nic_vif_open(&s->bad, nic, 4, NULL);
    sv_nic_vif_open(&s->b, nic, 5, NULL);
}

static void pass(Scene *s, QSvNicVif *from, QSvNicVif *to)
{
    uint8_t bytes[300];

    sv_nic_frame_fill(bytes, sizeof(bytes), to->mac, from->mac, ++s->seed);
    sv_nic_send(from, NULL, bytes, sizeof(bytes));
    sv_nic_expect(to, NULL, bytes, sizeof(bytes));
}

/* The neighbours are not affected, and got no frame from the bad VIF. */
static void neighbours_fine(Scene *s)
{
    pass(s, &s->a, &s->b);
    pass(s, &s->b, &s->a);
}

/* The bad VIF stops with @error, owner and manager are notified; resets it. */
static void stopped_with(Scene *s, uint32_t error, const char *what)
{
    QSvNic *nic = s->nic;
    struct svnic_vif_info info;
    struct svnic_vif_stats stats;
    struct svnic_cmd cmd;
    uint32_t got;

    sv_nic_wait(sv_nic_qts(nic),
                sv_nic_page(&s->bad, state) == SVNIC_VIF_STOPPED);
    got = sv_nic_page(&s->bad, error);
    if (got != error) {
        g_error("%s: stopped with error %u, should be %u", what, got, error);
    }
    sv_nic_signal_wait(&s->bad, SVNIC_SIGNAL_STATE);
    sv_nic_wait(sv_nic_qts(nic),
                sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL) &
                SVNIC_PCI_DB_VIF_STOPPED);
    sv_nic_wait(sv_nic_qts(nic),
                sv_nic_csr16(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ) &
                (1 << SVNIC_IRQ_BIT_MANAGER));
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_PCI_DOORBELL,
                         SVNIC_PCI_DB_VIF_STOPPED);
    sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ, 0xffff);

    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_QUERY, s->bad.id, 0,
                                   NULL, &info), ==, SVNIC_ST_OK);
    g_assert_cmpuint(le32_to_cpu(info.state), ==, SVNIC_VIF_STOPPED);
    g_assert_cmpuint(le32_to_cpu(info.error), ==, error);
    sv_nic_vif_stats(nic, s->bad.id, &stats);
    g_assert_cmpuint(stats.stops, ==, ++s->stops);
    sv_nic_cmd_init(&cmd, SVNIC_CMD_QUERY, 0);
    g_assert_cmphex(sv_nic_cmd(nic, &cmd), ==, SVNIC_ST_OK);
    g_assert_cmpuint(le64_to_cpu(cmd.u.card.events), ==, s->stops);

    neighbours_fine(s);
    sv_nic_vif_reset(&s->bad);
    g_assert_cmpuint(sv_nic_page(&s->bad, error), ==, SVNIC_ERR_NONE);
    pass(s, &s->bad, &s->a);
    pass(s, &s->b, &s->bad);
}

/*
 * Indices
 */

static void test_send_index(void *obj, void *data, QGuestAllocator *alloc)
{
    Scene s;
    uint32_t i;

    scene_open(&s, obj);
    for (i = 0; i < 6; i++) {
        const uint32_t ahead[] = {
            s.bad.ring.send_slots + 1, 2 * s.bad.ring.send_slots, 0x7fffffff,
            0x80000000, 0xfffffffe, 0xffffffff,
        };
        uint32_t published = s.bad.ring.send_published;

        sv_nic_page_write(&s.bad, send_prod.index, published + ahead[i]);
        sv_nic_db_write(&s.bad, SVNIC_DB_SEND, 1);
        stopped_with(&s, SVNIC_ERR_SEND_INDEX, "send index");
    }
}

static void test_recv_index(void *obj, void *data, QGuestAllocator *alloc)
{
    const int32_t off[] = { 1, 2, -2, -1024, INT32_MAX, INT32_MIN };
    uint8_t bytes[100];
    Scene s;
    size_t i;

    scene_open(&s, obj);
    for (i = 0; i < ARRAY_SIZE(off); i++) {
        /* outside of the produced range, below or above */
        sv_nic_page_write(&s.bad, recv_cons.index,
                          s.bad.ring.recv_cons + off[i]);
        sv_nic_frame_fill(bytes, sizeof(bytes), s.bad.mac, s.a.mac, i);
        sv_nic_send(&s.a, NULL, bytes, sizeof(bytes));
        sv_nic_send_drain(&s.a);
        stopped_with(&s, SVNIC_ERR_RECV_INDEX, "receive index");
    }
}

/* In range, but decreased: freed slots stay free. */
static void test_recv_index_back(void *obj, void *data,
                                 QGuestAllocator *alloc)
{
    uint8_t bytes[100];
    Scene s;
    int i;

    scene_open(&s, obj);
    for (i = 0; i < 10; i++) {
        pass(&s, &s.a, &s.bad);
    }
    sv_nic_page_write(&s.bad, recv_cons.index, s.bad.ring.recv_cons - 5);
    sv_nic_frame_fill(bytes, sizeof(bytes), s.bad.mac, s.a.mac, 1);
    sv_nic_send(&s.a, NULL, bytes, sizeof(bytes));
    sv_nic_send_drain(&s.a);
    stopped_with(&s, SVNIC_ERR_RECV_INDEX, "receive index taken back");
}

/*
 * Frames
 */

typedef struct Lie {
    const char *what;
    uint32_t error;
    uint32_t length;
    uint16_t slots;
    uint16_t flags;
    uint8_t gso_type;
    uint16_t hdr_len;
    uint16_t gso_size;
    uint16_t csum_start;
    uint16_t csum_offset;
} Lie;

#define ERR(name)       SVNIC_ERR_SEND_ ## name
#define CSUM            SVNIC_FRAME_F_NEEDS_CSUM
#define V4              SVNIC_GSO_TCPV4

static const Lie lies[] = {
    { "no length", ERR(LENGTH), 0, 1 },
    { "no length, no slots", ERR(LENGTH), 0, 0 },
    { "length 13", ERR(LENGTH), SVNIC_MIN_FRAME - 1, 1 },
    { "length above the largest", ERR(LENGTH), SVNIC_MAX_FRAME + 1, 33 },
    { "length 2 GiB", ERR(LENGTH), 0x80000000, 1 },
    { "length that wraps slots to 1", ERR(LENGTH), 0xfffffff0, 1 },
    { "largest length of the field", ERR(LENGTH), 0xffffffff, 0xffff },
    { "no slots", ERR(CHAIN), 100, 0 },
    { "a slot too many", ERR(CHAIN), 100, 2 },
    { "a slot too few", ERR(CHAIN), 3000, 1 },
    { "slots of another frame", ERR(CHAIN), SVNIC_MAX_FRAME, 1 },
    { "largest number of slots", ERR(CHAIN), 100, 0xffff },
    { "boundary counted without header", ERR(CHAIN), 2017, 1 },
    { "unknown flag 2", ERR(FLAGS), 100, 1, 1 << 2 },
    { "unknown flag 15", ERR(FLAGS), 100, 1, 1 << 15 | CSUM, 0, 0, 0, 34, 16 },
    { "gso type 3", ERR(FLAGS), 100, 1, CSUM, 3, 54, 20, 34, 16 },
    { "gso type 255", ERR(FLAGS), 100, 1, CSUM, 255, 54, 20, 34, 16 },
    { "checksum from the Ethernet header", ERR(OFFLOAD), 100, 1, CSUM, 0, 0,
      0, 13, 16 },
    { "checksum from byte 0", ERR(OFFLOAD), 100, 1, CSUM, 0, 0, 0, 0, 0 },
    { "checksum field behind the frame", ERR(OFFLOAD), 100, 1, CSUM, 0, 0, 0,
      34, 65 },
    { "checksum field half behind", ERR(OFFLOAD), 100, 1, CSUM, 0, 0, 0, 83,
      16 },
    { "checksum start behind the frame", ERR(OFFLOAD), 100, 1, CSUM, 0, 0, 0,
      100, 0 },
    { "checksum sum of 16 bits wraps", ERR(OFFLOAD), 100, 1, CSUM, 0, 0, 0,
      0xfff0, 0x0020 },
    { "checksum fields all ones", ERR(OFFLOAD), 100, 1, CSUM, 0, 0, 0, 0xffff,
      0xffff },
    { "segmentation without checksum", ERR(OFFLOAD), 100, 1, 0, V4, 54, 20,
      34, 16 },
    { "segments of 0 bytes", ERR(OFFLOAD), 100, 1, CSUM, V4, 54, 0, 34, 16 },
    { "no header length", ERR(OFFLOAD), 100, 1, CSUM, V4, 0, 20, 34, 16 },
    { "header ends before the checksum", ERR(OFFLOAD), 100, 1, CSUM, V4, 51,
      20, 34, 16 },
    { "header is all of the frame", ERR(OFFLOAD), 100, 1, CSUM, V4, 100, 20, 34,
      16 },
    { "header longer than the frame", ERR(OFFLOAD), 100, 1, CSUM, V4, 0xffff,
      20, 34, 16 },
    { "v6 header too long", ERR(OFFLOAD), 100, 1, CSUM, SVNIC_GSO_TCPV6, 101,
      20, 34, 16 },
};

static void put_lie(Scene *s, const Lie *lie)
{
    struct svnic_frame header = {
        .length = cpu_to_le32(lie->length),
        .slots = cpu_to_le16(lie->slots),
        .flags = cpu_to_le16(lie->flags),
        .gso_type = lie->gso_type,
        .hdr_len = cpu_to_le16(lie->hdr_len),
        .gso_size = cpu_to_le16(lie->gso_size),
        .csum_start = cpu_to_le16(lie->csum_start),
        .csum_offset = cpu_to_le16(lie->csum_offset),
    };
    uint8_t bytes[200];

    sv_nic_frame_fill(bytes, sizeof(bytes), s->a.mac, s->bad.mac, 666);
    svnic_send_write(&s->bad.ring, s->bad.ring.send_prod, 0, &header,
                     sizeof(header));
    svnic_send_write(&s->bad.ring, s->bad.ring.send_prod, sizeof(header),
                     bytes, sizeof(bytes));
}

static void test_lies(void *obj, void *data, QGuestAllocator *alloc)
{
    Scene s;
    size_t i;

    scene_open(&s, obj);
    for (i = 0; i < ARRAY_SIZE(lies); i++) {
        uint8_t good[100];

        /* a valid frame before it arrives, one after it does not */
        sv_nic_frame_fill(good, sizeof(good), s.a.mac, s.bad.mac, i);
        sv_nic_queue(&s.bad, NULL, good, sizeof(good));
        put_lie(&s, &lies[i]);
        s.bad.ring.send_prod += 40; /* enough for any chain */
        sv_nic_queue(&s.bad, NULL, good, sizeof(good));
        sv_nic_publish(&s.bad);
        sv_nic_expect(&s.a, NULL, good, sizeof(good));
        stopped_with(&s, lies[i].error, lies[i].what);
    }
}

/* A valid chain with slots that were not published. */
static void test_short_chain(void *obj, void *data, QGuestAllocator *alloc)
{
    Scene s;
    uint32_t missing;

    scene_open(&s, obj);
    for (missing = 1; missing <= 4; missing++) {
        uint8_t bytes[9000];

        sv_nic_frame_fill(bytes, sizeof(bytes), s.a.mac, s.bad.mac, 1);
        sv_nic_queue(&s.bad, NULL, bytes, sizeof(bytes));
        s.bad.ring.send_prod -= missing;
        sv_nic_publish(&s.bad);
        stopped_with(&s, SVNIC_ERR_SEND_CHAIN, "chain not published");
    }
}

/* Offload fields that are not used can have any value. */
static void test_unused_fields(void *obj, void *data, QGuestAllocator *alloc)
{
    struct svnic_frame header = {
        .reserved = { 0xff },
        .hdr_len = 0xffff,
        .gso_size = 0xffff,
        .csum_start = 0xffff,
        .csum_offset = 0xffff,
    };
    uint8_t bytes[100];
    Scene s;

    memset(header.reserved2, 0xff, sizeof(header.reserved2));
    scene_open(&s, obj);
    sv_nic_frame_fill(bytes, sizeof(bytes), s.a.mac, s.bad.mac, 1);
    sv_nic_send(&s.bad, &header, bytes, sizeof(bytes));
    sv_nic_expect(&s.a, NULL, bytes, sizeof(bytes)); /* received as 0 */
    g_assert_cmpuint(sv_nic_page(&s.bad, state), ==, SVNIC_VIF_ACTIVE);
}

/*
 * A stopped VIF
 */

static void test_stays_stopped(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_vif_info info;
    uint8_t bytes[100];
    uint32_t recv_prod;
    Scene s;
    int i;

    scene_open(&s, nic);
    put_lie(&s, &lies[0]);
    s.bad.ring.send_prod++;
    sv_nic_publish(&s.bad);
    sv_nic_wait(sv_nic_qts(nic),
                sv_nic_page(&s.bad, state) == SVNIC_VIF_STOPPED);
    recv_prod = sv_nic_page(&s.bad, recv_prod.index);

    /* corrected index, doorbell, frames to it: no effect without a reset */
    sv_nic_frame_fill(bytes, sizeof(bytes), s.a.mac, s.bad.mac, 1);
    s.bad.ring.send_prod--;
    sv_nic_queue(&s.bad, NULL, bytes, sizeof(bytes));
    for (i = 0; i < 20; i++) {
        sv_nic_db_write(&s.bad, SVNIC_DB_SEND, 1);
        sv_nic_db_write(&s.bad, SVNIC_DB_RECV, 1);
        sv_nic_frame_fill(bytes, sizeof(bytes), i & 1 ? s.bad.mac :
                          sv_nic_broadcast, s.a.mac, i);
        sv_nic_send(&s.a, NULL, bytes, sizeof(bytes));
        if (!(i & 1)) {
            sv_nic_expect(&s.b, NULL, bytes, sizeof(bytes));
        }
    }
    neighbours_fine(&s);
    g_assert_cmpuint(sv_nic_page(&s.bad, send_cons.index), ==, 0);
    g_assert_cmpuint(sv_nic_page(&s.bad, recv_prod.index), ==, recv_prod);

    /* deactivate and activate starts it as well */
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_DEACTIVATE, s.bad.id,
                                   0, NULL, NULL), ==, SVNIC_ST_OK);
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_ACTIVATE, s.bad.id, 0,
                                   NULL, &info), ==, SVNIC_ST_OK);
    sv_nic_vif_attach(&s.bad, nic, s.bad.id, &info);
    pass(&s, &s.bad, &s.a);
    pass(&s, &s.a, &s.bad);
}

/*
 * Writes to memory and doorbells outside of the ring protocol
 */

/* The card does not read back its fields of the VIF page. */
static void test_page_scribbled(void *obj, void *data, QGuestAllocator *alloc)
{
    const uint8_t patterns[] = { 0x00, 0xff, 0x5a };
    Scene s;
    size_t i;
    int k;

    scene_open(&s, obj);
    for (i = 0; i < ARRAY_SIZE(patterns); i++) {
        uint8_t scribble[SVNIC_PAGE_SIZE];
        uint32_t at = offsetof(struct svnic_vif_page, abi);

        memset(scribble, patterns[i], sizeof(scribble));
        for (k = 0; k < 5; k++) {
            sv_nic_sdram_write(s.nic, s.bad.base + at, scribble,
                               sizeof(struct svnic_vif_page) - at);
            pass(&s, &s.bad, &s.a);
            sv_nic_sdram_write(s.nic, s.bad.base +
                               offsetof(struct svnic_vif_page, recv_prod),
                               scribble, sizeof(struct svnic_index));
            sv_nic_sdram_write(s.nic, s.bad.base +
                               offsetof(struct svnic_vif_page, send_cons),
                               scribble, sizeof(struct svnic_index));
            /* so that this owner gets the next frame, and rings again */
            sv_nic_page_write(&s.bad, recv_prod.index, s.bad.ring.recv_cons);
            sv_nic_page_write(&s.bad, send_cons.index,
                              s.bad.ring.send_published);
            sv_nic_page_write(&s.bad, send_cons.event,
                              s.bad.ring.send_published);
            pass(&s, &s.a, &s.bad);
        }
        neighbours_fine(&s);
    }
    g_assert_cmpuint(sv_nic_vif_cmd(s.nic, SVNIC_CMD_VIF_DEACTIVATE,
                                    s.bad.id, 0, NULL, NULL), ==,
                     SVNIC_ST_OK);
    neighbours_fine(&s);
}

static void test_closed_doorbells(void *obj, void *data,
                                  QGuestAllocator *alloc)
{
    const char *closed_count = "chip-doorbells-closed";
    QSvNic *nic = obj;
    Scene s;
    uint32_t page;

    scene_open(&s, nic);
    for (page = 0; page < 64; page++) {
        QSvNicVif closed = { .nic = nic, .id = page };

        if (page >= s.a.id && page <= s.b.id) {
            continue;
        }
        sv_nic_db_write(&closed, SVNIC_DB_SEND, 1);
        sv_nic_db_write(&closed, SVNIC_DB_RECV, 1);
        sv_nic_db_write(&closed, SVNIC_DB_SIGNAL_MASK_CLEAR, 0xffffffff);
        g_assert_cmpuint(sv_nic_vif_counter(nic, page, closed_count), ==, 2);
    }
    neighbours_fine(&s);
    g_assert_cmpuint(sv_nic_vif_counter(nic, s.a.id, closed_count), ==, 0);
}

/* A doorbell without new work has no effect. */
static void test_doorbell_storm(void *obj, void *data, QGuestAllocator *alloc)
{
    Scene s;
    int i;

    scene_open(&s, obj);
    for (i = 0; i < 2000; i++) {
        sv_nic_db_write(&s.bad, i & 1 ? SVNIC_DB_SEND : SVNIC_DB_RECV, i);
        if (i % 100 == 0) {
            neighbours_fine(&s);
        }
    }
    pass(&s, &s.bad, &s.a);
    g_assert_cmpuint(sv_nic_page(&s.bad, state), ==, SVNIC_VIF_ACTIVE);
}

/* A manager that rewrites a command block during execution. */
static void test_block_rewritten(void *obj, void *data,
                                 QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    g_autoptr(GRand) rand = g_rand_new_with_seed(256);
    Scene s;
    int i, k;

    scene_open(&s, nic);
    for (i = 0; i < 200; i++) {
        struct svnic_cmd cmd;
        uint32_t block = nic->area + i % SVNIC_CMD_BLOCKS *
                         SVNIC_CMD_BLOCK_SIZE;

        sv_nic_cmd_init(&cmd, SVNIC_CMD_VIF_QUERY, s.a.id);
        sv_nic_sdram_write(nic, block, &cmd, sizeof(cmd));
        sv_nic_cmd_ring(nic, block);
        for (k = 0; k < 8; k++) {
            sv_nic_sdram32_write(nic, block +
                                 4 * g_rand_int_range(rand, 0, 64),
                                 g_rand_int(rand));
        }
        sv_nic_wait(sv_nic_qts(nic),
                    sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL) &
                    SVNIC_PCI_DB_COMMAND_DONE);
        sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_PCI_DOORBELL,
                             SVNIC_PCI_DB_COMMAND_DONE);
    }
    neighbours_fine(&s);
    pass(&s, &s.bad, &s.a);
}

static void register_sv_nic_hostile_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
    } tests[] = {
        { "send-index-outside-the-queue", test_send_index },
        { "receive-index-outside-of-the-produced-range", test_recv_index },
        { "receive-index-decreased", test_recv_index_back },
        { "inconsistent-headers", test_lies },
        { "chain-longer-than-published", test_short_chain },
        { "unused-header-fields-do-not-matter", test_unused_fields },
        { "stopped-vif-stays-stopped-until-reset", test_stays_stopped },
        { "card-does-not-read-back-its-fields", test_page_scribbled },
        { "doorbells-of-closed-pages-are-counted", test_closed_doorbells },
        { "doorbells-without-work", test_doorbell_storm },
        { "command-block-rewritten-while-executing", test_block_rewritten },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("hostile", tests[i].name, tests[i].fn, "02", NULL,
                        NULL, NULL);
    }
}

libqos_init(register_sv_nic_hostile_tests);
