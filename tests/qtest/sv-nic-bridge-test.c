/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: every register of the bridge, by the table of the device: from both
 * sides, at every width, and hostile values in all registers.
 *
 * Sections "Registers of the bridge" to "I2O queues" of
 * docs/specs/sv-nic-chip.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-face.h"
#include "hw/pci/pci_regs.h"
#include "qemu/bitops.h"
#include "qemu/module.h"

/* Reading has side effects: tested elsewhere. */
static bool has_effects(const Row *row, Face face)
{
    return row->access[is_secondary(face)] == FX;
}

/* Stored by QEMU's PCI core and set by the firmware of the machine. */
static bool is_header(const Row *row)
{
    return row->config < SVNIC_CFG_SECONDARY_HEADER;
}

/* Its value is not the reset value of the row: loaded or written later. */
static bool is_set_up(const Row *row)
{
    return is_header(row) || row->rom;
}

/* Writable size bits and type of a BAR. */
static uint32_t bar_setup(QSvNic *nic, const Row *row)
{
    static const struct {
        const char *bar;
        uint16_t setup;
    } bars[] = {
        { "PRIMARY_CSR_BAR", SVNIC_CFG_DOWN_MEM0_SETUP },
        { "DOWNSTREAM_MEM1_BAR", SVNIC_CFG_DOWN_MEM1_SETUP },
        { "DOWNSTREAM_MEM2_BAR", SVNIC_CFG_DOWN_MEM2_SETUP },
        { "DOWNSTREAM_MEM3_BAR", SVNIC_CFG_DOWN_MEM3_SETUP },
        { "DOWNSTREAM_MEM3_UPPER_BAR", SVNIC_CFG_DOWN_MEM3_UPPER_SETUP },
        { "UPSTREAM_MEM0_BAR", SVNIC_CFG_UPSTREAM_MEM0_SETUP },
        { "UPSTREAM_MEM1_BAR", SVNIC_CFG_UPSTREAM_MEM1_SETUP },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(bars); i++) {
        if (!strcmp(row->name, bars[i].bar)) {
            return qpci_config_readl(&nic->pci_dev, bars[i].setup);
        }
    }
    return 0;
}

/* Mask of the bits of @row that a write can change now. */
static uint32_t writable(QSvNic *nic, const Row *row)
{
    uint32_t setup = bar_setup(nic, row);

    if (!strcmp(row->name, "UPSTREAM_MEM2_BAR")) {
        /* pages of 4 KiB, from the ROM */
        return row->writable & -(SVNIC_LUT_ENTRIES * 4096);
    }
    return setup ? row->writable & setup : row->writable;
}

static void test_reset_values(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    Face face;
    size_t r;
    unsigned i;

    for (r = 0; r < sv_nic_row_count; r++) {
        const Row *row = &sv_nic_rows[r];

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

/* The value of @row in the serial ROM. */
static uint32_t rom_value(QSvNic *nic, const Row *row)
{
    uint32_t value = 0;
    unsigned i;

    for (i = 0; i < row->bytes; i++) {
        face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_ROM_ADDRESS, 2,
                   SVNIC_ROM_OP_READ << SVNIC_ROM_OP_SHIFT | (row->rom + i));
        face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_ROM_CONTROL, 1,
                   SVNIC_ROM_SERIAL_START);
        value |= face_read(nic, SECONDARY_MEMORY, SVNIC_CSR_ROM_DATA, 1) <<
                 (i * 8);
    }
    return value;
}

/* Primary header after a reset, and all registers that the ROM loads. */
static void test_loaded_values(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    size_t r;

    for (r = 0; r < sv_nic_row_count; r++) {
        if (is_set_up(&sv_nic_rows[r])) {
            face_write(nic, PRIMARY_CONFIG, sv_nic_rows[r].config, 1, 0x55);
        }
    }
    qtest_system_reset(sv_nic_qts(nic));
    for (r = 0; r < sv_nic_row_count; r++) {
        const Row *row = &sv_nic_rows[r];
        uint32_t want = row->rom ? rom_value(nic, row) : row->reset;

        if (strcmp(row->name, "DOWNSTREAM_MEM3_UPPER_BAR")) {
            want |= bar_setup(nic, row) & 0xf;
        }
        if (is_set_up(row)) {
            g_test_message("%s", row->name);
            g_assert_cmphex(face_value(nic, row,
                                       face_offset(row, 0, PRIMARY_CONFIG),
                                       PRIMARY_CONFIG), ==, want);
            g_assert_cmphex(face_value(nic, row,
                                       face_offset(row, 0, SECONDARY_CONFIG),
                                       SECONDARY_CONFIG), ==, want);
        }
    }
}

/* Values to be written to a register. */
static const uint32_t patterns[] = {
    0xffffffff, 0x00000000, 0xa5a5a5a5, 0x5a5a5a5a, 0x12345678, 0xffffffff,
};

static uint32_t expect(QSvNic *nic, const Row *row, unsigned access,
                       uint32_t old, uint32_t bits, uint32_t lanes)
{
    uint32_t mask = writable(nic, row) & lanes;

    if (!strcmp(row->name, "PMCSR")) {
        uint32_t state = ((old & ~lanes) | bits) & PCI_PM_CTRL_STATE_MASK;

        if (state % 3) {
            mask &= ~PCI_PM_CTRL_STATE_MASK;    /* no D1, no D2 */
        } else if (state == 0 && old & PCI_PM_CTRL_STATE_MASK) {
            return row->reset;
        }
    }
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

/* A write moves or disables downstream windows: reset after the test. */
static bool moves_the_card(const Row *row)
{
    return is_header(row) ||
           g_pattern_match_simple("DOWN_MEM*_SETUP", row->name) ||
           !strcmp(row->name, "PMCSR");
}

/* Not tested here: with the lockout, the host cannot access registers. */
static uint32_t left_alone(const Row *row)
{
    return strcmp(row->name, "CHIP_CONTROL0") ? 0 : SVNIC_CC0_LOCKOUT;
}

/* Accesses a whole register at once, if size and alignment allow it. */
static uint32_t whole_value(QSvNic *nic, const Row *row, int at, Face face)
{
    return is_power_of_2(row->bytes) && at % row->bytes == 0 ?
           face_read(nic, face, at, row->bytes) :
           face_value(nic, row, at, face);
}

/*
 * Writes @width bytes at byte @first of the register by one access path; reads
 * it byte by byte on that path, and in one access on all others.
 */
static void try_write(QSvNic *nic, const Row *row, unsigned i, Face face,
                      int width, unsigned first)
{
    unsigned access = row->access[is_secondary(face)];
    int at = face_offset(row, i, face);
    uint32_t lanes = MAKE_64BIT_MASK(first * 8, width * 8);
    uint32_t want = face_value(nic, row, at, face);
    size_t p;

    for (p = 0; p < ARRAY_SIZE(patterns); p++) {
        uint32_t bits = patterns[p] & lanes & ~left_alone(row);
        Face other;

        want = expect(nic, row, access, want, bits, lanes);
        face_write(nic, face, at + first, width, bits >> (first * 8));
        for (other = 0; other < FACES; other++) {
            int there = face_offset(row, i, other);

            if (there >= 0 && row->access[is_secondary(other)] != NONE) {
                g_assert_cmphex(other == face ?
                                face_value(nic, row, there, other) :
                                whole_value(nic, row, there, other), ==, want);
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

    for (r = 0; r < sv_nic_row_count; r++) {
        const Row *row = &sv_nic_rows[r];
        unsigned i = row->count / 2;

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
        if (moves_the_card(row)) {
            qtest_system_reset(sv_nic_qts(nic));
            sv_nic_restart(nic);
        }
        sv_nic_windows(nic);
    }
}

/* A read-only register does not change by writes of any width. */
static void test_read_only(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    Face face;
    size_t r;
    unsigned i;

    for (r = 0; r < sv_nic_row_count; r++) {
        const Row *row = &sv_nic_rows[r];

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

/* Every byte that is in no row, or accessible only from one side. */
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
        for (r = 0; r < sv_nic_row_count; r++) {
            const Row *row = &sv_nic_rows[r];

            for (i = 0; i < row->count; i++) {
                int first = face_offset(row, i, face);

                if (first >= 0 && row->access[is_secondary(face)] != NONE) {
                    memset(used + first, true, row->bytes);
                }
            }
        }
        for (at = 0; at < size; at++) {
            /* QEMU's PCI core stores the primary header */
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
 * Also above the MSI-X capability, which the bridge does not have, from each
 * side; and in the part of BAR 0 above the CSRs, which is larger for MSI-X.
 */
static void test_behind_msix(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    unsigned at;

    for (at = SVNIC_MSIX_PBA_OFFSET + SVNIC_CSR_SIZE / 2;
         at < SVNIC_MSIX_BAR_SIZE; at += 4) {
        sv_nic_sdram32_write(nic, at, 0x5ca1ab1e);
        g_assert_cmphex(qpci_io_readl(&nic->pci_dev, nic->csr, at), ==, 0);
        qpci_io_writel(&nic->pci_dev, nic->csr, at, 0xffffffff);
        g_assert_cmphex(sv_nic_sdram32(nic, at), ==, 0x5ca1ab1e);
    }
    for (at = SVNIC_CFG_MSIX + PCI_CAP_MSIX_SIZEOF; at < 0x100; at += 4) {
        face_write(nic, PRIMARY_CONFIG, at, 4, 0xffffffff);
        face_write(nic, SECONDARY_CONFIG, at, 4, 0xffffffff);
        g_assert_cmphex(face_read(nic, PRIMARY_CONFIG, at, 4), ==, 0);
        g_assert_cmphex(face_read(nic, SECONDARY_CONFIG, at, 4), ==, 0);
    }
}

/*
 * "Configuration space": power management
 */

static void test_power(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QPCIDevice *dev = &nic->pci_dev;
    const uint8_t pmcsr = SVNIC_CFG_PM + PCI_PM_CTRL;

    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_SCRATCHPAD(0), 4, 0x1234);
    /* D1 is not supported: the write is ignored */
    qpci_config_writew(dev, pmcsr, 1);
    g_assert_cmphex(qpci_config_readw(dev, pmcsr), ==, 0);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_SCRATCHPAD(0),
                              4), ==, 0x1234);
    g_assert_cmphex(sv_nic_csr16(nic, SVNIC_CSR_CHIP_STATUS), ==, 0);

    qpci_config_writew(dev, pmcsr, 3 | 1 << 9);
    g_assert_cmphex(qpci_config_readw(dev, pmcsr), ==, 3 | 1 << 9);
    /* BARs are disabled, registers keep their values */
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_SCRATCHPAD(0),
                              4), !=, 0x1234);
    g_assert_cmphex(face_read(nic, SECONDARY_MEMORY, SVNIC_CSR_SCRATCHPAD(0),
                              4), ==, 0x1234);
    g_assert_cmphex(qpci_config_readl(dev, PCI_VENDOR_ID), ==, 0xb5558086);
    /* only D0 can follow */
    qpci_config_writew(dev, pmcsr, 1 | 1 << 9);
    g_assert_cmphex(qpci_config_readw(dev, pmcsr), ==, 3 | 1 << 9);

    /* No_Soft_Reset is 0 */
    qpci_config_writew(dev, pmcsr, 0);
    g_assert_cmphex(qpci_config_readw(dev, pmcsr), ==, 0);
    g_assert_cmphex(qpci_config_readw(dev, PCI_COMMAND), ==, 0);
    g_assert_cmphex(qpci_config_readl(dev, PCI_BASE_ADDRESS_0), ==, 0);
    g_assert_false(sv_nic_inta(nic));
    sv_nic_restart(nic);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_SCRATCHPAD(0),
                              4), ==, 0);
    /* except for the event, for either side */
    g_assert_cmphex(sv_nic_csr16(nic, SVNIC_CSR_CHIP_STATUS), ==,
                    SVNIC_CHIP_D0);
    g_assert_false(sv_nic_s_inta(nic));
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_CHIP_CLEAR_MASK, 2,
               SVNIC_CHIP_D0);
    g_assert_true(sv_nic_inta(nic));
    g_assert_true(sv_nic_s_inta(nic));
    sv_nic_csr16_write(nic, SVNIC_CSR_CHIP_STATUS, SVNIC_CHIP_D0);
    g_assert_false(sv_nic_inta(nic));
    g_assert_false(sv_nic_s_inta(nic));
}

/* Lockout: the host has no access until the chip clears the bit. */
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

/* Number of lines with @what in the log. */
static unsigned logged(const char *file, const char *what)
{
    g_autofree char *text = NULL;
    const char *at;
    unsigned n = 0;

    g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
    for (at = text; (at = strstr(at, what)); at++) {
        n++;
    }
    return n;
}

/* Each access to a reserved byte is logged and has no effect. */
static void test_reserved_is_logged(void *obj, void *data,
                                    QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QPCIDevice *dev = &nic->pci_dev;
    QTestState *qts = sv_nic_qts(nic);
    static const struct {
        Face face;
        unsigned offset;
        const char *where;
    } spots[] = {
        { PRIMARY_CONFIG, 0x28, "configuration space 0x028" },
        { PRIMARY_CONFIG, 0x3b, "configuration space 0x03b" },
        { PRIMARY_CONFIG, 0x68, "configuration space 0x068" },
        { PRIMARY_CONFIG, 0xff, "configuration space 0x0ff" },
        { SECONDARY_CONFIG, 0x28, "configuration space 0x068" },
        { SECONDARY_CONFIG, 0x68, "configuration space 0x028" },
        { PRIMARY_MEMORY, 0x080, "CSR 0x080" },
        { PRIMARY_MEMORY, 0xffc, "CSR 0xffc" },
        { PRIMARY_IO, 0x0ff, "CSR 0x0ff" },
        { SECONDARY_MEMORY, SVNIC_CSR_DOWN_CONFIG_DATA, "CSR 0x004" },
        { PRIMARY_MEMORY, SVNIC_CSR_UP_CONFIG_DATA, "CSR 0x00c" },
    };
    g_autofree char *file = NULL;
    size_t i;

    close(g_file_open_tmp("sv-nic-log-XXXXXX", &file, NULL));
    g_free(qtest_hmp(qts, "logfile %s", file));
    g_free(qtest_hmp(qts, "log guest_errors"));
    for (i = 0; i < ARRAY_SIZE(spots); i++) {
        g_autofree char *read = g_strdup_printf("read of reserved %s",
                                                spots[i].where);
        g_autofree char *write = g_strdup_printf("write to reserved %s",
                                                 spots[i].where);
        unsigned reads = logged(file, read), writes = logged(file, write);

        g_test_message("face %d: %s", spots[i].face, spots[i].where);
        face_write(nic, spots[i].face, spots[i].offset, 1, 0xff);
        g_assert_cmphex(face_read(nic, spots[i].face, spots[i].offset, 1), ==,
                        0);
        g_assert_cmpuint(logged(file, read), ==, reads + 1);
        g_assert_cmpuint(logged(file, write), ==, writes + 1);
    }
    /* read-only registers; and windows to the chip */
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_UP_CONFIG_ADDR, 4, 1);
    g_assert_cmpuint(logged(file, "write to UP_CONFIG_ADDR"), ==, 1);
    qpci_io_writel(dev, nic->pci_csr, 0x200, 1);
    g_assert_cmphex(qpci_io_readl(dev, nic->pci_csr, 0x200), ==, 0);
    g_assert_cmpuint(logged(file, "PCI CSRs at 0x200"), ==, 2);
    qpci_io_writel(dev, nic->doorbell, 0x100, 1);
    g_assert_cmphex(qpci_io_readl(dev, nic->doorbell, 0x100), ==, 0);
    g_assert_cmpuint(logged(file, "doorbell aperture at 0x100"), ==, 2);
    g_free(qtest_hmp(qts, "log none"));
    unlink(file);
}

/*
 * Random values in random registers, from both sides, while the host issues
 * commands; after a reset all registers have their reset values.
 */
static void test_hostile(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    g_autoptr(GRand) rand = g_rand_new_with_seed(4711);
    int i;

    for (i = 0; i < 4000; i++) {
        const Row *row = &sv_nic_rows[g_rand_int_range(rand, 0,
                                                       sv_nic_row_count)];
        unsigned n = g_rand_int_range(rand, 0, row->count);
        Face face = g_rand_int_range(rand, 0, FACES);
        int at = face_offset(row, n, face);
        int width = 1 << g_rand_int_range(rand, 0, 3);

        /* these would only disable the BARs of the card */
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
        { "header-and-rom-registers-have-their-values", test_loaded_values },
        { "every-register-stores-its-bits-at-every-width", test_every_width },
        { "read-only-registers-do-not-change", test_read_only },
        { "every-other-byte-reads-0", test_reserved },
        { "reserved-accesses-are-guest-errors", test_reserved_is_logged },
        { "d3hot-hides-the-bars-and-d0-resets", test_power },
        { "lockout-blocks-the-host", test_lockout },
        { "hostile-values-from-both-sides-do-no-harm", test_hostile },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("bridge", tests[i].name, tests[i].fn, "0", NULL, NULL,
                        NULL);
    }
    sv_nic_add_test("bridge", "behind-msix-is-nothing", test_behind_msix, "0",
                    "msix=on", NULL, NULL);
    sv_nic_add_test("bridge", "hostile-values-from-both-sides-do-no-harm",
                    test_hostile, "12", NULL, NULL, NULL);
}

libqos_init(register_sv_nic_bridge_tests);
