/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: how long the card holds the main loop when a guest tries its worst.
 *
 * Section "Time with the big lock" of docs/specs/sv-nic-chip.rst.  The card
 * counts its runs and those of them that took longer than it allows.  On a busy
 * machine any run may be interrupted and be counted so, but not a large part
 * of them, as it is if the work of a run has no bound.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-frame.h"
#include "libqos/sv-nic-port.h"
#include "hw/pci/pci_regs.h"
#include "qemu/bswap.h"
#include "qemu/module.h"
#include "qemu/units.h"

#define ALL             "sdram-size=256M,vifs=256"
#define VIFS            256
#define ROUNDS          3
#define SEGMENTS        7       /* frames of 64 KiB that fit into RECV_SLOTS */
#define RECV_SLOTS      256

/* An address that is on no card: what is sent there leaves by the port. */
static const uint8_t outside[6] = { 0x02, 0xee, 0, 0, 0, 1 };

/* The runs of one kind since they were last looked at. */
typedef struct Runs {
    QSvNic *nic;
    const char *of, *count, *longer, *max;
    uint64_t counted, counted_longer;
} Runs;

static void runs_begin(Runs *runs)
{
    runs->counted = sv_nic_counter(runs->nic, runs->of, runs->count);
    runs->counted_longer = sv_nic_counter(runs->nic, runs->of, runs->longer);
}

/* There were @least, and few of them were long. */
static void runs_end(Runs *runs, uint64_t least)
{
    uint64_t count = sv_nic_counter(runs->nic, runs->of, runs->count) -
                     runs->counted;
    uint64_t longer = sv_nic_counter(runs->nic, runs->of, runs->longer) -
                      runs->counted_longer;

    g_test_message("%s: %" PRIu64 " runs, %" PRIu64 " of them long, the "
                   "longest %" PRIu64 " us", runs->max, count, longer,
                   sv_nic_counter(runs->nic, runs->of, runs->max) / 1000);
    g_assert_cmpuint(count, >=, least);
    g_assert_cmpuint(longer * 4, <=, count);
}

static void open_sized(QSvNicVif *vif, QSvNic *nic, uint32_t id,
                       uint32_t send_slots, uint32_t recv_slots)
{
    struct svnic_vif_attr attr = {
        .mask = cpu_to_le32(SVNIC_ATTR_MAC | SVNIC_ATTR_SEND_SLOTS |
                            SVNIC_ATTR_RECV_SLOTS),
        .send_slots = cpu_to_le32(send_slots),
        .recv_slots = cpu_to_le32(recv_slots),
    };

    sv_nic_mac(attr.mac, id);
    sv_nic_vif_open(vif, nic, id, &attr);
}

/* Queues @n frames of 64 KiB from @vif to @dst. */
static void queue_segments(QSvNicVif *vif, const uint8_t dst[6], unsigned n,
                           uint16_t gso_size)
{
    g_autofree uint8_t *bytes = g_malloc(SVNIC_MAX_FRAME);
    QSvNicFlow flow = {
        .tcp_flags = SV_NIC_TCP_ACK,
        .payload = 65000,
        .gso_size = gso_size,
    };
    struct svnic_frame header;
    uint32_t length;

    memcpy(flow.dst, dst, 6);
    memcpy(flow.src, vif->mac, 6);
    length = sv_nic_flow_offload(&flow, bytes, &header);
    while (n--) {
        sv_nic_queue(vif, &header, bytes, length);
    }
}

/* The owner of @vif has looked at all that it got. */
static void make_room(QSvNicVif *vif)
{
    sv_nic_page_write(vif, recv_cons.index,
                      sv_nic_page(vif, recv_prod.index));
}

/*
 * Each VIF has a frame for all others, and none has rung: the card begins with
 * all of them at once, when a command has paused it.
 */
static void test_broadcast(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    g_autofree QSvNicVif *vif = g_new0(QSvNicVif, VIFS);
    struct svnic_vif_attr attr = {
        .mask = cpu_to_le32(SVNIC_ATTR_MTU),
        .mtu = cpu_to_le32(SVNIC_MAX_MTU),
    };
    Runs runs = { nic, "card", "inline-runs", "inline-runs-long",
                  "inline-run-max" };
    uint32_t i, round;

    for (i = 0; i < VIFS; i++) {
        open_sized(&vif[i], nic, i, SVNIC_MIN_SLOTS, RECV_SLOTS);
    }
    runs_begin(&runs);
    for (round = 0; round < ROUNDS; round++) {
        for (i = 0; i < VIFS; i++) {
            queue_segments(&vif[i], sv_nic_broadcast, 1, 1400);
            sv_nic_page_write(&vif[i], send_prod.index, vif[i].ring.send_prod);
            vif[i].ring.send_published = vif[i].ring.send_prod;
        }
        sv_nic_vif_change(&vif[0], &attr);
        for (i = 0; i < VIFS; i++) {
            sv_nic_send_drain(&vif[i]);
        }
        for (i = 0; i < VIFS; i++) {
            make_room(&vif[i]);
        }
    }
    for (i = 0; i < VIFS; i++) {
        g_assert_cmpuint(sv_nic_vif_counter(nic, i, "recv-frames"), >=,
                         ROUNDS * SEGMENTS);
    }
    runs_end(&runs, ROUNDS);
}

/* All VIFs send to their neighbours, and each is rung over and over. */
static void test_doorbells(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    g_autofree QSvNicVif *vif = g_new0(QSvNicVif, VIFS);
    Runs runs = { nic, "card", "inline-runs", "inline-runs-long",
                  "inline-run-max" };
    uint32_t i, n;

    for (i = 0; i < VIFS; i++) {
        open_sized(&vif[i], nic, i, SVNIC_MIN_SLOTS, SVNIC_MIN_SLOTS);
    }
    runs_begin(&runs);
    for (n = 0; n < ROUNDS; n++) {
        for (i = 0; i < VIFS; i++) {
            queue_segments(&vif[i], vif[(i + 1) % VIFS].mac, 1, 1400);
            sv_nic_publish(&vif[i]);
        }
        for (i = 0; i < 4 * VIFS; i++) {
            sv_nic_db_write(&vif[i % VIFS], SVNIC_DB_SEND, 1);
        }
        for (i = 0; i < VIFS; i++) {
            sv_nic_send_drain(&vif[i]);
            make_room(&vif[i]);
        }
    }
    runs_end(&runs, VIFS);
}

static void test_tiny_segments(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicWires *wires = data;
    g_autofree uint8_t *bytes = g_malloc(SV_NIC_WIRE_MAX);
    Runs runs = { nic, "port[0]", "chip-out-runs", "chip-out-runs-long",
                  "chip-out-longest-ns" };
    const uint32_t packets = 4 * DIV_ROUND_UP(65000, SVNIC_MIN_GSO_SIZE);
    uint32_t n = 0;
    QSvNicVif vif;

    open_sized(&vif, nic, 0, 256, SVNIC_MIN_SLOTS);
    runs_begin(&runs);
    queue_segments(&vif, outside, 4, SVNIC_MIN_GSO_SIZE);
    sv_nic_publish(&vif);
    while (n < packets) {
        sv_nic_wait(sv_nic_qts(nic), sv_nic_wire_take(&wires->port[0], bytes));
        n++;
    }
    runs_end(&runs, packets / 64);
}

#define DATA            0x900000        /* in SDRAM, where no VIF is */

/* The three channels move 2 MiB each, to and fro. */
static void test_dma(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    const uint32_t length = 2 * MiB;
    Runs runs = { nic, "card", "dma-runs", "dma-runs-long", "dma-run-max" };
    uint32_t i, n;

    runs_begin(&runs);
    for (i = 0; i < ROUNDS; i++) {
        for (n = 0; n < SVNIC_PCI_CSR_DMA_CHANNELS; n++) {
            uint32_t csr = SVNIC_PCI_CSR_DMA(n);

            sv_nic_pci_csr_write(nic, csr + SVNIC_DMA_BYTE_COUNT,
                                 length | SVNIC_DMA_END_OF_CHAIN |
                                 (i & 1 ? SVNIC_DMA_TO_PCI : 0));
            sv_nic_pci_csr_write(nic, csr + SVNIC_DMA_PCI_ADDRESS,
                                 SVNIC_LOCAL_UPSTREAM_MEM0 + 16 * MiB);
            sv_nic_pci_csr_write(nic, csr + SVNIC_DMA_DRAM_ADDRESS, DATA);
            sv_nic_pci_csr_write(nic, csr + SVNIC_DMA_CONTROL,
                                 SVNIC_DMA_ENABLE | SVNIC_DMA_IN_REGISTERS);
        }
        for (n = 0; n < SVNIC_PCI_CSR_DMA_CHANNELS; n++) {
            sv_nic_wait(sv_nic_qts(nic),
                        !(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_DMA(n) +
                                         SVNIC_DMA_CONTROL) &
                          SVNIC_DMA_ENABLE));
        }
    }
    runs_end(&runs, ROUNDS * SVNIC_PCI_CSR_DMA_CHANNELS * (length >> 14) / 12);
}

/* VIFs on the host, as large as they may be, in memory of 128 MiB. */
#define HOST_VIFS       10
#define HOST_PAGES      (1 + (SVNIC_MIN_SLOTS + SVNIC_MAX_SLOTS) *           \
                         SVNIC_SLOT_SIZE / SVNIC_PAGE_SIZE)
#define HOST_BASE       (16 * MiB)
#define OTHER_BAR       0x20000000
#define HOST_BATCH      31      /* that fit into 1024 slots */
#define HOST_FRAMES     (4 * HOST_BATCH)    /* that fit into SVNIC_MAX_SLOTS */

static void open_large_host(QSvNicVif *vif, QSvNic *nic, uint32_t id,
                            uint64_t base)
{
    struct svnic_vif_attr attr = {
        .mask = cpu_to_le32(SVNIC_ATTR_MAC | SVNIC_ATTR_PLACEMENT |
                            SVNIC_ATTR_SEND_SLOTS | SVNIC_ATTR_RECV_SLOTS),
        .placement = cpu_to_le32(SVNIC_PLACEMENT_HOST),
        .send_slots = cpu_to_le32(SVNIC_MIN_SLOTS),
        .recv_slots = cpu_to_le32(SVNIC_MAX_SLOTS),
    };
    struct svnic_vif_info info;
    uint32_t i, pages;

    sv_nic_mac(attr.mac, id);
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_CREATE, id, 0, &attr,
                                   &info), ==, SVNIC_ST_OK);
    pages = le32_to_cpu(info.sdram_size) / SVNIC_PAGE_SIZE;
    g_assert_cmpuint(pages, <=, HOST_PAGES + 1);
    g_assert_cmphex(sv_nic_vif_map(nic, id, base, 0, pages), ==, SVNIC_ST_OK);
    for (i = 0; i < SV_NIC_HOST_PAGES; i++) {
        vif->page[i] = base + i * SVNIC_PAGE_SIZE;
    }
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_ACTIVATE, id, 0, NULL,
                                   &info), ==, SVNIC_ST_OK);
    sv_nic_vif_attach(vif, nic, id, &info);
}

/* Each page is looked up, then all of it is taken away; over and over. */
static void test_host_changes(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    Runs runs = { nic, "card", "host-changes", "host-changes-long",
                  "host-change-max" };
    QSvNicVif from, to[HOST_VIFS];
    uint32_t i, n, round;

    open_sized(&from, nic, HOST_VIFS, 1024, SVNIC_MIN_SLOTS);
    for (i = 0; i < HOST_VIFS; i++) {
        open_large_host(&to[i], nic, i, HOST_BASE +
                        i * (HOST_PAGES + 1) * SVNIC_PAGE_SIZE);
    }
    runs_begin(&runs);
    for (round = 0; round < ROUNDS; round++) {
        for (n = 0; n < HOST_FRAMES; n += HOST_BATCH) {
            queue_segments(&from, sv_nic_broadcast, HOST_BATCH, 1400);
            sv_nic_publish(&from);
            sv_nic_send_drain(&from);
        }
        /* a BAR that moves changes what the card reaches */
        for (i = 0; i < 4; i++) {
            qpci_config_writel(&nic->pci_dev, PCI_BASE_ADDRESS_0, OTHER_BAR);
            qpci_config_writel(&nic->pci_dev, PCI_BASE_ADDRESS_0,
                               nic->csr.addr);
        }
        for (i = 0; i < HOST_VIFS; i++) {
            make_room(&to[i]);
        }
    }
    for (i = 0; i < HOST_VIFS; i++) {
        g_assert_cmpuint(sv_nic_vif_counter(nic, i, "recv-frames"), ==,
                         ROUNDS * HOST_FRAMES);
    }
    runs_end(&runs, ROUNDS * 4);
}

/* VIFs as large as they may be are made, changed and destroyed. */
static void test_commands(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    Runs runs = { nic, "card", "xscale-runs", "xscale-runs-long",
                  "xscale-run-max" };
    struct svnic_vif_attr attr = {
        .mask = cpu_to_le32(SVNIC_ATTR_SEND_SLOTS | SVNIC_ATTR_RECV_SLOTS),
        .send_slots = cpu_to_le32(SVNIC_MAX_SLOTS),
        .recv_slots = cpu_to_le32(SVNIC_MAX_SLOTS),
    };
    uint32_t n;

    runs_begin(&runs);
    for (n = 0; n < 10; n++) {
        g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_CREATE, n, 0, &attr,
                                       NULL), ==, SVNIC_ST_OK);
    }
    for (n = 0; n < 10; n++) {
        g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_DESTROY, n, 0, NULL,
                                       NULL), ==, SVNIC_ST_OK);
    }
    runs_end(&runs, 20);
}

static void register_sv_nic_hold_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
        const char *opts;
        QOSBeforeTest before;
    } tests[] = {
        { "broadcast-of-segments-to-all-vifs", test_broadcast, ALL },
        { "doorbells-of-all-vifs", test_doorbells, ALL },
        { "tiny-segments-to-a-port", test_tiny_segments, "netdev=wire0",
          sv_nic_wires_before },
        { "dma-of-all-channels", test_dma, NULL },
        { "host-changes-with-all-pages-in-use", test_host_changes,
          "sdram-size=16M,vifs=16" },
        { "commands-for-the-largest-vifs", test_commands, ALL },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("hold", tests[i].name, tests[i].fn, "01",
                        tests[i].opts, tests[i].before, NULL);
    }
}

libqos_init(register_sv_nic_hold_tests);
