/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: every register of the bridge, by its own table: from both sides, at
 * every width, and everything at once.
 *
 * Sections "Registers of the bridge" to "I2O queues" of
 * docs/specs/sv-nic.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "hw/net/sv-nic/i21555-regs.h"
#include "hw/pci/pci_regs.h"
#include "qemu/bitops.h"
#include "qemu/module.h"

enum { NONE, RO, RW, W1C, W1S, FX };

typedef struct Row {
    const char *name;
    uint16_t config, csr;
    uint8_t count, bytes;
    uint8_t access[2];
    uint32_t writable, reset;
    uint16_t rom;
} Row;

#define ROW(name, config, csr, count, bytes, primary, secondary, writable, \
            reset, rom, known) \
    { #name, config, csr, count, bytes, { primary, secondary }, writable, \
      reset, rom },

static const Row rows[] = {
    I21555_REGISTERS(ROW)
};

/* A register, and one of the ways to it. */
typedef enum Face {
    PRIMARY_CONFIG, PRIMARY_MEMORY, PRIMARY_IO,
    SECONDARY_CONFIG, SECONDARY_MEMORY, FACES
} Face;

static bool is_secondary(Face face)
{
    return face >= SECONDARY_CONFIG;
}

static bool is_config(Face face)
{
    return face == PRIMARY_CONFIG || face == SECONDARY_CONFIG;
}

/* Offset of register @i of @row there; -1: not to be seen. */
static int face_offset(const Row *row, unsigned i, Face face)
{
    unsigned start = is_config(face) ? row->config : row->csr;

    if (start == I21555_NONE) {
        return -1;
    }
    start += i * row->bytes;
    if (face == PRIMARY_IO && start >= SVNIC_CSR_IO_SIZE) {
        return -1;
    }
    if (face == SECONDARY_CONFIG && start < 0x80) {
        start ^= SVNIC_CFG_SECONDARY_HEADER;
    }
    return start;
}

static uint32_t face_read(QSvNic *nic, Face face, unsigned offset, int width)
{
    QPCIDevice *dev = &nic->pci_dev;
    QPCIBar bar = face == PRIMARY_IO ? nic->csr_io : nic->csr;

    switch (face) {
    case PRIMARY_CONFIG:
        return width == 1 ? qpci_config_readb(dev, offset) :
               width == 2 ? qpci_config_readw(dev, offset) :
                            qpci_config_readl(dev, offset);
    case PRIMARY_MEMORY:
    case PRIMARY_IO:
        return width == 1 ? qpci_io_readb(dev, bar, offset) :
               width == 2 ? qpci_io_readw(dev, bar, offset) :
                            qpci_io_readl(dev, bar, offset);
    case SECONDARY_CONFIG:
        return sv_nic_secondary_read(nic, "config", offset, width, NULL);
    default:
        return sv_nic_secondary_read(nic, "csr", offset, width, NULL);
    }
}

static void face_write(QSvNic *nic, Face face, unsigned offset, int width,
                       uint32_t value)
{
    QPCIDevice *dev = &nic->pci_dev;
    QPCIBar bar = face == PRIMARY_IO ? nic->csr_io : nic->csr;

    value &= MAKE_64BIT_MASK(0, width * 8);
    switch (face) {
    case PRIMARY_CONFIG:
        if (width == 1) {
            qpci_config_writeb(dev, offset, value);
        } else if (width == 2) {
            qpci_config_writew(dev, offset, value);
        } else {
            qpci_config_writel(dev, offset, value);
        }
        break;
    case PRIMARY_MEMORY:
    case PRIMARY_IO:
        if (width == 1) {
            qpci_io_writeb(dev, bar, offset, value);
        } else if (width == 2) {
            qpci_io_writew(dev, bar, offset, value);
        } else {
            qpci_io_writel(dev, bar, offset, value);
        }
        break;
    case SECONDARY_CONFIG:
        sv_nic_secondary_write(nic, "config", offset, width, value);
        break;
    default:
        sv_nic_secondary_write(nic, "csr", offset, width, value);
    }
}

/* All of a register, a byte at a time. */
static uint32_t face_value(QSvNic *nic, const Row *row, unsigned offset,
                           Face face)
{
    uint32_t value = 0;
    unsigned i;

    for (i = 0; i < row->bytes; i++) {
        value |= face_read(nic, face, offset + i, 1) << (i * 8);
    }
    return value;
}

/* Reading takes or moves something: its own test tries it. */
static bool has_effects(const Row *row, Face face)
{
    return row->access[is_secondary(face)] == FX;
}

/* The host's: QEMU's PCI core keeps it, and the machine has filled it in. */
static bool is_header(const Row *row)
{
    return row->config < SVNIC_CFG_SECONDARY_HEADER;
}

/* Its value is not the row's, but the ROM's or what was put there. */
static bool is_set_up(const Row *row)
{
    return is_header(row) || row->rom;
}

static void test_reset_values(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    Face face;
    size_t r;
    unsigned i;

    for (r = 0; r < ARRAY_SIZE(rows); r++) {
        const Row *row = &rows[r];

        for (face = 0; face < FACES; face++) {
            for (i = 0; i < row->count; i++) {
                int at = face_offset(row, i, face);

                if (at < 0 || has_effects(row, face) || is_set_up(row)) {
                    continue;
                }
                g_test_message("%s face %d", row->name, face);
                g_assert_cmphex(face_value(nic, row, at, face), ==,
                                row->access[is_secondary(face)] == NONE ? 0 :
                                row->reset);
            }
        }
    }
}

/* The values that a write tries on a register. */
static const uint32_t patterns[] = {
    0xffffffff, 0x00000000, 0xa5a5a5a5, 0x5a5a5a5a, 0x12345678, 0xffffffff,
};

static uint32_t expect(const Row *row, unsigned access, uint32_t old,
                       uint32_t bits, uint32_t lanes)
{
    uint32_t mask = row->writable & lanes;

    switch (access) {
    case RW:
        return (old & ~mask) | (bits & mask);
    case W1C:
        return old & ~(bits & mask);
    case W1S:
        return old | (bits & mask);
    default:
        return old;
    }
}

/* Its writable bits are not the row's, but depend on others'. */
static bool depends(const Row *row)
{
    return g_str_has_prefix(row->name, "UPSTREAM_MEM");
}

/* A write of it moves the host's windows or hides them: not tried here. */
static bool moves_the_card(const Row *row)
{
    return g_pattern_match_simple("DOWN_MEM*_SETUP", row->name) ||
           !strcmp(row->name, "CHIP_CONTROL0") ||
           !strcmp(row->name, "PMCSR");
}

/*
 * Writes by one way, @width bytes from byte @first of the register on; all
 * other ways see the same.
 */
static void try_write(QSvNic *nic, const Row *row, unsigned i, Face face,
                      int width, unsigned first)
{
    unsigned access = row->access[is_secondary(face)];
    int at = face_offset(row, i, face);
    uint32_t lanes = MAKE_64BIT_MASK(first * 8, width * 8);
    size_t p;

    for (p = 0; p < ARRAY_SIZE(patterns); p++) {
        uint32_t old = face_value(nic, row, at, face), want;
        Face other;

        want = expect(row, access, old, patterns[p] & lanes, lanes);
        face_write(nic, face, at + first, width, patterns[p] >> (first * 8));
        for (other = 0; other < FACES; other++) {
            int there = face_offset(row, i, other);

            if (there >= 0 && row->access[is_secondary(other)] != NONE) {
                g_assert_cmphex(face_value(nic, row, there, other), ==, want);
            }
        }
    }
}

static void test_every_width(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    Face face;
    size_t r;
    int width;

    for (r = 0; r < ARRAY_SIZE(rows); r++) {
        const Row *row = &rows[r];
        unsigned i = row->count / 2;

        if (is_header(row) || depends(row) || moves_the_card(row)) {
            continue;
        }
        for (face = 0; face < FACES; face++) {
            int at = face_offset(row, i, face);

            if (at < 0 || has_effects(row, face) ||
                row->access[is_secondary(face)] == NONE) {
                continue;
            }
            for (width = 1; width <= row->bytes; width *= 2) {
                unsigned first = -at & (width - 1);

                for (; first + width <= row->bytes; first += width) {
                    g_test_message("%s face %d width %d + %u", row->name,
                                   face, width, first);
                    try_write(nic, row, i, face, width, first);
                }
            }
        }
        sv_nic_windows(nic);
    }
}

/* What a side may only read, it can't change at any width. */
static void test_read_only(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    Face face;
    size_t r;
    unsigned i;

    for (r = 0; r < ARRAY_SIZE(rows); r++) {
        const Row *row = &rows[r];

        for (face = 0; face < FACES; face++) {
            int at = face_offset(row, 0, face);
            uint32_t old;

            if (at < 0 || row->access[is_secondary(face)] != RO) {
                continue;
            }
            g_test_message("%s face %d", row->name, face);
            old = face_value(nic, row, at, face);
            for (i = 0; i < row->bytes; i++) {
                face_write(nic, face, at + i, 1, 0xff);
                face_write(nic, face, at + i, 1, 0x00);
            }
            g_assert_cmphex(face_value(nic, row, at, face), ==, old);
        }
    }
}

/* Every byte that is in no row, and that is there from one side only. */
static void test_reserved(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    g_autofree bool *used = g_new(bool, SVNIC_CSR_SIZE);
    Face face;

    for (face = 0; face < FACES; face++) {
        unsigned size = is_config(face) ? 0x100 :
                        face == PRIMARY_IO ? SVNIC_CSR_IO_SIZE : 0x280;
        unsigned at, i;
        size_t r;

        memset(used, 0, SVNIC_CSR_SIZE);
        for (r = 0; r < ARRAY_SIZE(rows); r++) {
            for (i = 0; i < rows[r].count; i++) {
                int first = face_offset(&rows[r], i, face);

                if (first >= 0 &&
                    rows[r].access[is_secondary(face)] != NONE) {
                    memset(used + first, true, rows[r].bytes);
                }
            }
        }
        for (at = 0; at < size; at++) {
            /* the host's header is QEMU's PCI core's */
            bool header = is_config(face) && (is_secondary(face) ?
                          at >= 0x40 && at < 0x80 : at < 0x40);

            if (!used[at] && !header) {
                face_write(nic, face, at, 1, 0xff);
                g_assert_cmphex(face_read(nic, face, at, 1), ==, 0);
            }
        }
    }
}

/*
 * "Indirect cycles"
 */

#define IDSEL(slot) (1u << (SVNIC_LOCAL_IDSEL_SHIFT + (slot)))

static uint32_t cycle(QSvNic *nic, unsigned slot, unsigned reg)
{
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_DOWN_CONFIG_ADDR, 4,
               IDSEL(slot) | reg);
    return face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_DOWN_CONFIG_DATA, 4);
}

static void test_own_bits(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    const struct {
        unsigned own, csr;
    } pairs[] = {
        { SVNIC_CSR_CONFIG_OWN, SVNIC_CSR_CONFIG_CSR },
        { SVNIC_CSR_IO_OWN, SVNIC_CSR_IO_CSR },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(pairs); i++) {
        unsigned own = pairs[i].own, csr = pairs[i].csr;
        int n;

        /* free: the status takes nothing, from either side */
        for (n = 0; n < 2; n++) {
            g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, csr, 2), ==, 0);
            g_assert_cmphex(face_read(nic, SECONDARY_MEMORY, csr, 2), ==, 0);
        }
        /* the one who reads 0 has it, all others do not */
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, own, 2), ==, 0);
        g_assert_cmphex(face_read(nic, PRIMARY_IO, own, 2), ==, 1);
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, own, 1), ==, 1);
        g_assert_cmphex(face_read(nic, SECONDARY_MEMORY, own, 2), ==, 1);
        g_assert_cmphex(face_read(nic, SECONDARY_MEMORY, own, 2), ==, 0x101);
        g_assert_cmphex(face_read(nic, SECONDARY_MEMORY, own + 1, 1), ==, 1);
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, csr, 2), ==, 0x101);
        /* neither side gives back what is the other's */
        face_write(nic, PRIMARY_MEMORY, own, 2, 0x100);
        face_write(nic, SECONDARY_MEMORY, own, 2, 0x001);
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, csr, 2), ==, 0x101);
        face_write(nic, PRIMARY_MEMORY, own, 2, 0);
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, csr, 2), ==, 0x101);
        face_write(nic, PRIMARY_MEMORY, own, 1, 1);
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, csr, 2), ==, 0x100);
        face_write(nic, SECONDARY_MEMORY, own + 1, 1, 1);
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, csr, 2), ==, 0);
        /* a byte that does not hold the bit takes nothing */
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, own + 1, 1), ==, 0);
        g_assert_cmphex(face_read(nic, SECONDARY_MEMORY, own, 1), ==, 0);
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, csr, 2), ==, 0);
    }
}

/*
 * Both sides and all ways race for an own bit: whatever the order, each time
 * one of them has it, and only then is it free for the next.
 */
static void test_own_races(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    int holder[2] = { -1, -1 };
    int i;

    for (i = 0; i < 600; i++) {
        Face face = g_rand_int_range(rand, 0, FACES);
        bool side = is_secondary(face);
        unsigned own = is_config(face) ? SVNIC_CFG_CONFIG_OWN
                                       : SVNIC_CSR_CONFIG_OWN;
        uint32_t bit = side ? SVNIC_OWN_UP : SVNIC_OWN_DOWN;

        if (holder[side] == (int)face) {
            face_write(nic, face, own, 2, bit);
            holder[side] = -1;
        } else {
            uint32_t got = face_read(nic, face, own, 2);

            g_assert_cmpint(!(got & bit), ==, holder[side] < 0);
            if (holder[side] < 0) {
                holder[side] = face;
            }
        }
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_CONFIG_CSR,
                                  2), ==,
                        (holder[0] >= 0 ? SVNIC_OWN_DOWN : 0) |
                        (holder[1] >= 0 ? SVNIC_OWN_UP : 0));
    }
}

static void test_config_cycles(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    const uint32_t id = SVNIC_IXP_DEVICE_ID << 16 | SVNIC_IXP_VENDOR_ID;
    uint32_t bar;

    /* neither enabled nor owned, then only one of them: nothing */
    g_assert_cmphex(cycle(nic, SVNIC_LOCAL_SLOT_IXP, 0), ==, 0);
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_CONFIG_CSR, 2,
               SVNIC_OWN_CSR_DOWN_ENABLE);
    g_assert_cmphex(cycle(nic, SVNIC_LOCAL_SLOT_IXP, 0), ==, 0);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_CONFIG_OWN, 2),
                    ==, 0);
    g_assert_cmphex(cycle(nic, SVNIC_LOCAL_SLOT_IXP, 0), ==, id);
    /* parts of the register, and by way of configuration space */
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY,
                              SVNIC_CSR_DOWN_CONFIG_DATA + 2, 2), ==,
                    SVNIC_IXP_DEVICE_ID);
    g_assert_cmphex(face_read(nic, PRIMARY_CONFIG,
                              SVNIC_CFG_DOWN_CONFIG_DATA, 4), ==, id);
    g_assert_cmphex(face_read(nic, PRIMARY_IO,
                              SVNIC_CSR_DOWN_CONFIG_DATA + 1, 1), ==, 0x80);
    /* the chip's BAR has its size, and moves the registers */
    g_assert_cmphex(cycle(nic, SVNIC_LOCAL_SLOT_IXP, PCI_BASE_ADDRESS_0), ==,
                    SVNIC_LOCAL_PCI_CSR);
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_DOWN_CONFIG_DATA, 4,
               0xffffffff);
    bar = face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_DOWN_CONFIG_DATA, 4);
    g_assert_cmphex(bar, ==, -(uint32_t)SVNIC_PCI_CSR_SIZE);
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_MAILBOX(
                                       SVNIC_MAILBOX_IDENTITY)), ==,
                    0xffffffff);
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_DOWN_CONFIG_DATA, 4,
               SVNIC_LOCAL_PCI_CSR);
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_MAILBOX(
                                       SVNIC_MAILBOX_IDENTITY)), ==,
                    SVNIC_IDENTITY);
    /* nobody in the other slots, no bus behind, and one slot at a time */
    face_write(nic, PRIMARY_CONFIG, SVNIC_CFG_SECONDARY_STATUS, 2, 0xffff);
    g_assert_cmphex(cycle(nic, SVNIC_LOCAL_SLOT_BRIDGE, 0), ==, 0xffffffff);
    g_assert_cmphex(face_read(nic, PRIMARY_CONFIG, SVNIC_CFG_SECONDARY_STATUS,
                              2) & PCI_STATUS_REC_MASTER_ABORT, !=, 0);
    g_assert_cmphex(cycle(nic, 15, 0), ==, 0xffffffff);
    g_assert_cmphex(cycle(nic, SVNIC_LOCAL_SLOT_IXP, 1), ==, 0xffffffff);
    g_assert_cmphex(cycle(nic, SVNIC_LOCAL_SLOT_IXP, IDSEL(3)), ==,
                    0xffffffff);
    g_assert_cmphex(cycle(nic, SVNIC_LOCAL_SLOT_IXP, 0x700), ==, 0xffffffff);
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_DOWN_CONFIG_ADDR, 4, 0);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_DOWN_CONFIG_DATA,
                              4), ==, 0xffffffff);
    g_assert_cmpuint(sv_nic_counter(nic, "card", "downstream-aborts"), >=, 6);
}

static void test_other_cycles(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    const struct {
        Face face;
        unsigned own, csr, data, status;
    } ways[] = {
        { PRIMARY_MEMORY, SVNIC_CSR_IO_OWN, SVNIC_CSR_IO_CSR,
          SVNIC_CSR_DOWN_IO_DATA, SVNIC_CFG_SECONDARY_STATUS },
        { SECONDARY_MEMORY, SVNIC_CSR_IO_OWN, SVNIC_CSR_IO_CSR,
          SVNIC_CSR_UP_IO_DATA, PCI_STATUS },
        { SECONDARY_MEMORY, SVNIC_CSR_CONFIG_OWN, SVNIC_CSR_CONFIG_CSR,
          SVNIC_CSR_UP_CONFIG_DATA, PCI_STATUS },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(ways); i++) {
        Face face = ways[i].face;

        face_write(nic, PRIMARY_CONFIG, ways[i].status, 2, 0xffff);
        g_assert_cmphex(face_read(nic, face, ways[i].data, 4), ==, 0);
        face_write(nic, face, ways[i].csr, 2, SVNIC_OWN_CSR_DOWN_ENABLE |
                                              SVNIC_OWN_CSR_UP_ENABLE);
        face_read(nic, face, ways[i].own, 2);
        g_assert_cmphex(face_read(nic, PRIMARY_CONFIG, ways[i].status, 2) &
                        PCI_STATUS_REC_MASTER_ABORT, ==, 0);
        g_assert_cmphex(face_read(nic, face, ways[i].data, 4), ==,
                        0xffffffff);
        g_assert_cmphex(face_read(nic, PRIMARY_CONFIG, ways[i].status, 2) &
                        PCI_STATUS_REC_MASTER_ABORT, !=, 0);
    }
}

/*
 * "I2O queues"
 */

#define LIST(n)     (0x100000 + 0x1000 * (n))   /* in SDRAM */

static void i2o_count(QSvNic *nic, unsigned reg, uint32_t count)
{
    face_write(nic, SECONDARY_MEMORY, reg, 4, SVNIC_I2O_COUNT_SET | count);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, reg, 4), ==, count);
}

static void i2o_on(QSvNic *nic)
{
    uint16_t control = face_read(nic, PRIMARY_CONFIG,
                                 SVNIC_CFG_CHIP_CONTROL1, 2);

    face_write(nic, PRIMARY_CONFIG, SVNIC_CFG_CHIP_CONTROL1, 2,
               control | SVNIC_CC1_I2O_ENABLE);
    face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_I2O_IN_FREE_HEAD, 4, LIST(0));
    face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_I2O_IN_POST_TAIL, 4, LIST(1));
    face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_I2O_OUT_FREE_TAIL, 4,
               LIST(2));
    face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_I2O_OUT_POST_HEAD, 4,
               LIST(3) + 4 * 255);
}

static void test_i2o(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    unsigned i;

    /* off: nothing to pop, nothing moves */
    i2o_count(nic, SVNIC_CSR_I2O_IN_FREE_COUNT, 2);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_INBOUND_QUEUE,
                              4), ==, SVNIC_I2O_EMPTY);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_IN_FREE_COUNT,
                              4), ==, 2);
    i2o_on(nic);

    /* the host pops what the chip has made free, in order */
    sv_nic_sdram32_write(nic, LIST(0), 0x1000);
    sv_nic_sdram32_write(nic, LIST(0) + 4, 0x2000);
    for (i = 1; i <= 2; i++) {
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY,
                                  SVNIC_CSR_I2O_INBOUND_QUEUE, 4), ==,
                        0x1000 * i);
    }
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_INBOUND_QUEUE,
                              4), ==, SVNIC_I2O_EMPTY);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_IN_FREE_HEAD,
                              4), ==, LIST(0) + 8);

    /* and posts: s_inta_l if that is not masked */
    g_assert_false(sv_nic_s_inta(nic));
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_INBOUND_QUEUE, 4, 0xbeef);
    g_assert_cmphex(sv_nic_sdram32(nic, LIST(1)), ==, 0xbeef);
    g_assert_cmphex(face_read(nic, SECONDARY_MEMORY,
                              SVNIC_CSR_I2O_IN_POST_STATUS, 4), ==,
                    SVNIC_I2O_POST);
    g_assert_false(sv_nic_s_inta(nic));
    face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_I2O_IN_POST_MASK, 4, 0);
    g_assert_true(sv_nic_s_inta(nic));
    face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_I2O_IN_POST_COUNT, 4, 0);
    g_assert_cmphex(face_read(nic, SECONDARY_MEMORY,
                              SVNIC_CSR_I2O_IN_POST_STATUS, 4), ==, 0);
    g_assert_false(sv_nic_s_inta(nic));

    /* outbound: the chip posts, over the ring's end, and INTA follows */
    sv_nic_sdram32_write(nic, LIST(3) + 4 * 255, 0x3000);
    sv_nic_sdram32_write(nic, LIST(3), 0x4000);
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_OUT_POST_MASK, 4, 0);
    g_assert_false(sv_nic_inta(nic));
    face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_I2O_OUT_POST_COUNT, 4, 0);
    face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_I2O_OUT_POST_COUNT, 4, 0);
    g_assert_true(sv_nic_inta(nic));
    for (i = 3; i <= 4; i++) {
        g_assert_cmphex(face_read(nic, PRIMARY_IO,
                                  SVNIC_CSR_I2O_OUTBOUND_QUEUE, 4), ==,
                        0x1000 * i);
    }
    g_assert_false(sv_nic_inta(nic));
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_OUT_POST_HEAD,
                              4), ==, LIST(3) + 4);
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_OUTBOUND_QUEUE, 4, 0x3000);
    g_assert_cmphex(sv_nic_sdram32(nic, LIST(2)), ==, 0x3000);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_OUT_FREE_COUNT,
                              4), ==, 1);

    /* the chip does not pop there, and a list among registers is none */
    g_assert_cmphex(face_read(nic, SECONDARY_MEMORY,
                              SVNIC_CSR_I2O_INBOUND_QUEUE, 4), ==, 0);
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_IN_FREE_HEAD, 4,
               SVNIC_LOCAL_PCI_CSR);
    i2o_count(nic, SVNIC_CSR_I2O_IN_FREE_COUNT, 1);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_INBOUND_QUEUE,
                              4), ==, SVNIC_I2O_EMPTY);
}

/*
 * "Interrupts", of the other side
 */

static void test_secondary_interrupt(void *obj, void *data,
                                     QGuestAllocator *alloc)
{
    QSvNic *nic = obj;

    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_SECONDARY_SET_IRQ, 2, 0x10);
    g_assert_false(sv_nic_s_inta(nic));
    face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_SECONDARY_CLEAR_MASK, 2, 0x10);
    g_assert_true(sv_nic_s_inta(nic));
    face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_SECONDARY_CLEAR_IRQ, 2, 0x10);
    g_assert_false(sv_nic_s_inta(nic));

    /* the chip raises INTA by itself */
    face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_PRIMARY_CLEAR_MASK, 2, 0x1);
    face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_PRIMARY_SET_IRQ, 2, 0x1);
    g_assert_true(sv_nic_inta(nic));
    face_write(nic, PRIMARY_IO, SVNIC_CSR_PRIMARY_CLEAR_IRQ, 2, 0x1);
    g_assert_false(sv_nic_inta(nic));
}

/*
 * "Configuration space": power management
 */

static void test_power(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QPCIDevice *dev = &nic->pci_dev;
    const uint8_t pmcsr = SVNIC_CFG_PM + PCI_PM_CTRL;

    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_CHIP_CLEAR_MASK, 2,
               SVNIC_CHIP_D0);
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_SCRATCHPAD(0), 4, 0x1234);
    qpci_config_writew(dev, pmcsr, 3);
    g_assert_cmphex(qpci_config_readw(dev, pmcsr), ==, 3);
    /* no BAR answers */
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_SCRATCHPAD(0),
                              4), !=, 0x1234);
    g_assert_false(sv_nic_inta(nic));
    qpci_config_writew(dev, pmcsr, 0);
    g_assert_cmphex(sv_nic_csr16(nic, SVNIC_CSR_CHIP_STATUS), ==,
                    SVNIC_CHIP_D0);
    g_assert_true(sv_nic_inta(nic));
    g_assert_true(sv_nic_s_inta(nic));
    sv_nic_csr16_write(nic, SVNIC_CSR_CHIP_STATUS, SVNIC_CHIP_D0);
    g_assert_false(sv_nic_inta(nic));
    /* D1 is not to be had */
    qpci_config_writew(dev, pmcsr, 1);
    g_assert_cmphex(qpci_config_readw(dev, pmcsr), ==, 0);
    /* and the registers kept what they held */
    g_assert_cmphex(sv_nic_csr16(nic, SVNIC_CSR_CHIP_SET_MASK), ==,
                    SVNIC_CHIP_SUBSYSTEM);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_SCRATCHPAD(0),
                              4), ==, 0x1234);
}

/* Lockout: the host waits until the chip lets it. */
static void test_lockout(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;

    face_write(nic, SECONDARY_CONFIG, SVNIC_CFG_CHIP_CONTROL0, 2,
               SVNIC_CC0_LOCKOUT);
    g_assert_cmphex(qpci_config_readl(&nic->pci_dev, 0), ==, 0xffffffff);
    g_assert_cmphex(face_read(nic, PRIMARY_IO, SVNIC_CSR_SCRATCHPAD(0), 4),
                    ==, 0xffffffff);
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_SCRATCHPAD(0), 4, 1);
    face_write(nic, PRIMARY_CONFIG, SVNIC_CFG_CHIP_CONTROL0, 2, 0);
    g_assert_cmphex(face_read(nic, SECONDARY_MEMORY, SVNIC_CSR_SCRATCHPAD(0),
                              4), ==, 0);
    face_write(nic, SECONDARY_CONFIG, SVNIC_CFG_CHIP_CONTROL0, 2, 0);
    g_assert_cmphex(qpci_config_readw(&nic->pci_dev, 0), ==,
                    SVNIC_PCI_VENDOR_ID);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_SCRATCHPAD(0),
                              4), ==, 0);
}

/*
 * Any value in any register, from both sides in turn, while the host gives
 * commands; then a reset, and all is as new.
 */
static void test_hostile(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    g_autoptr(GRand) rand = g_rand_new_with_seed(4711);
    int i;

    for (i = 0; i < 4000; i++) {
        const Row *row = &rows[g_rand_int_range(rand, 0, ARRAY_SIZE(rows))];
        unsigned n = g_rand_int_range(rand, 0, row->count);
        Face face = g_rand_int_range(rand, 0, FACES);
        int at = face_offset(row, n, face);
        int width = 1 << g_rand_int_range(rand, 0, 3);

        /* the BARs and the host's own enables would only hide the card */
        if (at < 0 || is_header(row)) {
            continue;
        }
        at &= is_config(face) ? -width : -1;
        if (g_rand_int_range(rand, 0, 3)) {
            face_write(nic, face, at, width, g_rand_int(rand) &
                                             g_rand_int(rand));
        } else {
            face_read(nic, face, at, width);
        }
        if (i % 50 == 0) {
            qpci_config_writew(&nic->pci_dev, PCI_COMMAND,
                               PCI_COMMAND_IO | PCI_COMMAND_MEMORY |
                               PCI_COMMAND_MASTER);
            sv_nic_secondary_write(nic, "config", SVNIC_CFG_CHIP_CONTROL0, 2,
                                   0);
            sv_nic_secondary_read(nic, "memory",
                                  (uint64_t)g_rand_int(rand) <<
                                  g_rand_int_range(rand, 0, 8), 8, NULL);
        }
    }
    qtest_system_reset(sv_nic_qts(nic));
    sv_nic_restart(nic);
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_CREATE, SVNIC_VIF_ANY,
                                   0, NULL, NULL), ==, SVNIC_ST_OK);
}

static void register_sv_nic_bridge_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
    } tests[] = {
        { "every-register-has-its-reset-value", test_reset_values },
        { "every-register-takes-its-bits-at-every-width", test_every_width },
        { "what-a-side-may-only-read-stays", test_read_only },
        { "every-other-byte-reads-0", test_reserved },
        { "who-reads-0-owns-the-cycles", test_own_bits },
        { "own-bits-have-one-owner-in-any-race", test_own_races },
        { "the-chip-answers-configuration-cycles", test_config_cycles },
        { "all-other-cycles-end-with-a-master-abort", test_other_cycles },
        { "i2o-queues-pop-push-and-count", test_i2o },
        { "either-side-interrupts-the-other", test_secondary_interrupt },
        { "d3hot-hides-the-bars-and-d0-is-an-event", test_power },
        { "lockout-keeps-the-host-off", test_lockout },
        { "hostile-values-from-both-sides-do-no-harm", test_hostile },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("bridge", tests[i].name, tests[i].fn, "0", NULL, NULL,
                        NULL);
    }
    sv_nic_add_test("bridge", "hostile-values-from-both-sides-do-no-harm",
                    test_hostile, "12", NULL, NULL, NULL);
}

libqos_init(register_sv_nic_bridge_tests);
