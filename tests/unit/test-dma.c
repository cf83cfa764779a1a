/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PCI unit: its CSRs, and DMA channels on their own.
 */
#include "card.h"

#define DESCS           (1 << 20)       /* where chains lie in SDRAM */
#define DATA            (2 << 20)

static void set(Card *c, unsigned n, uint32_t reg, uint32_t value)
{
    g_assert_true(fake_pci_write(c->ix, SVNIC_PCI_CSR_DMA(n) + reg, value));
}

static uint32_t get(Card *c, unsigned n, uint32_t reg)
{
    uint32_t value;

    g_assert_true(fake_pci_read(c->ix, SVNIC_PCI_CSR_DMA(n) + reg, &value));
    return value;
}

static struct svnic_dma_desc *desc(Card *c, unsigned i)
{
    return (struct svnic_dma_desc *)(c->fw->sdram + DESCS) + i;
}

static void write_registers(Card *c, unsigned n, uint32_t count, uint32_t pci,
                            uint32_t dram)
{
    set(c, n, SVNIC_DMA_BYTE_COUNT, count);
    set(c, n, SVNIC_DMA_PCI_ADDRESS, pci);
    set(c, n, SVNIC_DMA_DRAM_ADDRESS, dram);
}

static void in_registers(gconstpointer data)
{
    unsigned n = GPOINTER_TO_UINT(data);
    g_autoptr(Card) c = card_new(&card_default);
    uint8_t *sdram = c->fw->sdram;
    uint32_t length = 200 * 1024 + 13;

    for (uint32_t i = 0; i < length; i++) {
        fake_bus(c->ix)[5 + i] = i * 7 >> 3;
    }
    write_registers(c, n, length | SVNIC_DMA_END_OF_CHAIN, FAKE_BUS_BASE + 5,
                    DATA + 1);
    set(c, n, SVNIC_DMA_CONTROL, SVNIC_DMA_ENABLE | SVNIC_DMA_IN_REGISTERS);
    /* Enabled, the registers are the channel's. */
    set(c, n, SVNIC_DMA_DRAM_ADDRESS, 0);
    g_assert_cmpuint(fake_dma_run(c->ix), ==,
                     length / (IXP_DMA_PART * IXP_DMA_RUN_PARTS) + 1);
    g_assert_cmphex(get(c, n, SVNIC_DMA_CONTROL), ==,
                    SVNIC_DMA_IN_REGISTERS | SVNIC_DMA_TRANSFER_DONE |
                    SVNIC_DMA_CHAIN_DONE);
    g_assert_cmpmem(sdram + DATA + 1, length, fake_bus(c->ix) + 5, length);
    g_assert_cmphex(get(c, n, SVNIC_DMA_PCI_ADDRESS), ==,
                    FAKE_BUS_BASE + 5 + length);
    set(c, n, SVNIC_DMA_CONTROL, SVNIC_DMA_CHAIN_DONE);
    g_assert_cmphex(get(c, n, SVNIC_DMA_CONTROL), ==,
                    SVNIC_DMA_TRANSFER_DONE);
    /* And back, elsewhere. */
    write_registers(c, n, 100 | SVNIC_DMA_END_OF_CHAIN | SVNIC_DMA_TO_PCI,
                    FAKE_BUS_BASE + FAKE_BUS_SIZE - 100, DATA + 1);
    set(c, n, SVNIC_DMA_CONTROL, SVNIC_DMA_ENABLE | SVNIC_DMA_IN_REGISTERS);
    fake_dma_run(c->ix);
    g_assert_cmpmem(sdram + DATA + 1, 100,
                    fake_bus(c->ix) + FAKE_BUS_SIZE - 100, 100);
}

static void chained(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    unsigned n = 500;

    for (unsigned i = 0; i < n; i++) {
        fake_bus(c->ix)[i] = i * 11;
        *desc(c, i) = (struct svnic_dma_desc) {
            .byte_count = 1 | (i + 1 == n ? SVNIC_DMA_END_OF_CHAIN : 0),
            .pci_address = FAKE_BUS_BASE + i,
            .dram_address = DATA + n - 1 - i,
            .next = DESCS + (i + 1) * sizeof(struct svnic_dma_desc),
        };
    }
    set(c, 1, SVNIC_DMA_DESC_PTR, DESCS);
    set(c, 1, SVNIC_DMA_CONTROL, SVNIC_DMA_ENABLE);
    g_assert_cmpuint(fake_dma_run(c->ix), >=, n / IXP_DMA_RUN_PARTS);
    g_assert_cmphex(get(c, 1, SVNIC_DMA_CONTROL), ==,
                    SVNIC_DMA_TRANSFER_DONE | SVNIC_DMA_CHAIN_DONE);
    for (unsigned i = 0; i < n; i++) {
        g_assert_cmpuint(c->fw->sdram[DATA + i], ==,
                         fake_bus(c->ix)[n - 1 - i]);
    }
    g_assert_cmpuint(fake_pci(c->ix)->dma[1].transfers, ==, n);
}

typedef struct Bad {
    const char *what;
    struct svnic_dma_desc desc;
    uint32_t first;
} Bad;

static const Bad bad[] = {
    { "no target on the bus", { 4, FAKE_BUS_BASE - 4, DATA, 0 }, DESCS },
    { "beyond the end of the target",
      { 101, FAKE_BUS_BASE + FAKE_BUS_SIZE - 100, DATA, 0 }, DESCS },
    { "over the end of the bus", { 8, 0xfffffffc, DATA, 0 }, DESCS },
    { "over the end of SDRAM",
      { 101, FAKE_BUS_BASE, (32 << 20) - 100, 0 }, DESCS },
    { "SDRAM that is not there", { 1, FAKE_BUS_BASE, 0xffffffff, 0 }, DESCS },
    { "a descriptor that is not aligned", { 0 }, DESCS + 4 },
    { "a descriptor behind SDRAM", { 0 }, 32 << 20 },
    { "a descriptor at the end of addresses", { 0 }, 0xfffffff0 },
    { "a chain that bites its tail", { 1, FAKE_BUS_BASE, DATA, DESCS },
      DESCS },
    { "the same with no bytes at all", { 0, FAKE_BUS_BASE, DATA, DESCS },
      DESCS },
};

static void errors(void)
{
    g_autoptr(Card) c = card_new(&card_default);

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_test_message("%s", bad[i].what);
        *desc(c, 0) = bad[i].desc;
        set(c, 2, SVNIC_DMA_DESC_PTR, bad[i].first);
        set(c, 2, SVNIC_DMA_CONTROL, SVNIC_DMA_ENABLE | 0x8c);
        g_assert_cmpuint(fake_dma_run(c->ix), <=,
                         IXP_DMA_CHAIN_MAX / IXP_DMA_RUN_PARTS + 1);
        g_assert_cmphex(get(c, 2, SVNIC_DMA_CONTROL) &
                        (SVNIC_DMA_ENABLE | SVNIC_DMA_ERROR |
                         SVNIC_DMA_CHAIN_DONE), ==, SVNIC_DMA_ERROR);
        g_assert_cmpuint(fake_pci(c->ix)->dma[2].errors, ==, i + 1);
    }
    /* Once more, well. */
    *desc(c, 0) = (struct svnic_dma_desc) {
        1 | SVNIC_DMA_END_OF_CHAIN, FAKE_BUS_BASE, DATA, 0,
    };
    set(c, 2, SVNIC_DMA_DESC_PTR, DESCS);
    set(c, 2, SVNIC_DMA_CONTROL, SVNIC_DMA_ENABLE | 0x8c);
    fake_dma_run(c->ix);
    g_assert_cmphex(get(c, 2, SVNIC_DMA_CONTROL), ==,
                    SVNIC_DMA_TRANSFER_DONE | SVNIC_DMA_CHAIN_DONE);
}

static void stopped_on_the_way(void)
{
    g_autoptr(Card) c = card_new(&card_default);

    for (unsigned i = 0; i < 200; i++) {
        *desc(c, i) = (struct svnic_dma_desc) {
            1, FAKE_BUS_BASE, DATA + i,
            DESCS + (i + 1) * sizeof(struct svnic_dma_desc),
        };
    }
    set(c, 0, SVNIC_DMA_DESC_PTR, DESCS);
    set(c, 0, SVNIC_DMA_CONTROL, SVNIC_DMA_ENABLE);
    g_assert_true(ixp_pci_dma_run(fake_pci(c->ix)));
    set(c, 0, SVNIC_DMA_CONTROL, 0);
    g_assert_false(ixp_pci_dma_run(fake_pci(c->ix)));
    g_assert_cmpuint(fake_pci(c->ix)->dma[0].transfers, ==,
                     IXP_DMA_RUN_PARTS);
    /* A reset ends it, too. */
    set(c, 0, SVNIC_DMA_CONTROL, SVNIC_DMA_ENABLE);
    fake_chip_reset(c->ix);
    g_assert_false(ixp_pci_dma_run(fake_pci(c->ix)));
}

/*
 * Whatever the channels have to do, a call does no more than so many parts,
 * and a channel that is enabled gets its share of them.
 */
static void in_turn(void)
{
    const uint32_t length = 80 * 1024;
    g_autoptr(Card) c = card_new(&card_default);
    IxpPci *p = fake_pci(c->ix);
    unsigned calls = 0;
    bool more;

    for (unsigned n = 0; n < SVNIC_PCI_CSR_DMA_CHANNELS; n++) {
        write_registers(c, n, length | SVNIC_DMA_END_OF_CHAIN, FAKE_BUS_BASE,
                        DATA);
        set(c, n, SVNIC_DMA_CONTROL,
            SVNIC_DMA_ENABLE | SVNIC_DMA_IN_REGISTERS);
    }
    do {
        uint64_t parts = p->dma_parts;

        more = ixp_pci_dma_run(p);
        calls++;
        g_assert_cmpuint(p->dma_parts - parts, <=, IXP_DMA_RUN_PARTS);
        for (unsigned n = 1; n < SVNIC_PCI_CSR_DMA_CHANNELS; n++) {
            g_assert_cmpuint(p->dma[0].bytes - p->dma[n].bytes, <=,
                             IXP_DMA_PART);
        }
    } while (more);
    g_assert_cmpuint(p->dma_parts, ==, SVNIC_PCI_CSR_DMA_CHANNELS * length /
                                       IXP_DMA_PART);
    g_assert_cmpuint(p->dma_runs, ==, calls);
    g_assert_cmpuint(calls, ==, p->dma_parts / IXP_DMA_RUN_PARTS + 1);

    /* What is moved a bit at a time is so in every channel. */
    fake_dma_limit(c->ix, 4);
    for (unsigned n = 0; n < 2; n++) {
        p->dma[n].bytes = 0;
        write_registers(c, n, 21 | SVNIC_DMA_END_OF_CHAIN, FAKE_BUS_BASE,
                        DATA);
        set(c, n, SVNIC_DMA_CONTROL,
            SVNIC_DMA_ENABLE | SVNIC_DMA_IN_REGISTERS | 0x84);
    }
    for (calls = 0; ixp_pci_dma_run(p); calls++) {
        g_assert_cmpuint(p->dma[0].bytes + p->dma[1].bytes, <=,
                         4 * (calls + 1));
        g_assert_cmpint(ABS((int)(p->dma[0].bytes - p->dma[1].bytes)), <=, 4);
    }
    g_assert_cmpuint(calls, ==, 12);
    g_assert_cmpuint(p->dma[0].bytes + p->dma[1].bytes, ==, 42);
}

/* Each register of the table, its access and its reset value. */
static void every_register(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    size_t n;
    const IxpRegister *r = ixp_pci_registers(&n);
    uint8_t *known = g_malloc0(SVNIC_PCI_CSR_SIZE / 4);

    ixp_pci_reset(fake_pci(c->ix));
    for (size_t i = 0; i < n; i++) {
        for (unsigned k = 0; k < r[i].count; k++) {
            uint32_t at = r[i].address + k * r[i].stride;
            uint32_t before;
            uint32_t after;

            g_test_message("%s %u at %03x", r[i].name, k, at);
            known[at / 4] = 1;
            g_assert_true(fake_pci_read(c->ix, at, &before));
            if (strcmp(r[i].name, "DRAM_BASE_ADDR_MASK")) {
                g_assert_cmphex(before, ==, r[i].reset);
            }
            /* Doorbells would call, and DMA start: not these bits. */
            g_assert_true(fake_pci_write(c->ix, at, 0x00a5a570));
            g_assert_true(fake_pci_read(c->ix, at, &after));
            if (!strcmp(r[i].host, "RO")) {
                g_assert_cmphex(after, ==, before);
            } else if (!strcmp(r[i].host, "RW") &&
                       !g_str_has_prefix(r[i].name, "XSCALE_DOORBELL")) {
                g_assert_cmphex(after, ==, 0x00a5a570);
            }
        }
    }
    for (uint32_t at = 0; at < SVNIC_PCI_CSR_SIZE; at += 4) {
        uint32_t value = 0;

        g_assert_true(fake_pci_read(c->ix, at, &value) == known[at / 4]);
        if (!known[at / 4]) {
            g_assert_false(fake_pci_write(c->ix, at, 0xffffffff));
        }
    }
    g_free(known);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < SVNIC_PCI_CSR_DMA_CHANNELS; i++) {
        g_autofree char *path =
            g_strdup_printf("/dma/channel %u does what its registers say", i);

        g_test_add_data_func(path, GUINT_TO_POINTER(i), in_registers);
    }
    g_test_add_func("/dma/a chain is followed to its end, in parts", chained);
    g_test_add_func("/dma/an error stops the channel and is counted", errors);
    g_test_add_func("/dma/a channel can be stopped on the way",
                    stopped_on_the_way);
    g_test_add_func("/dma/channels take turns at a bounded number of parts",
                    in_turn);
    g_test_add_func("/dma/every CSR has the access of its row, all else is "
                    "reserved", every_register);
    return g_test_run();
}
