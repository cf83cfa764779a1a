/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: the bridge's serial ROM: images good and bad, access by the ROM
 * registers, VPD.
 *
 * Section "Serial ROM" of docs/specs/sv-nic-chip.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/pci-pc.h"
#include "libqos/sv-nic.h"
#include "hw/pci/pci_regs.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "qemu/module.h"
#include "qemu/units.h"

static void rom_op(QSvNic *nic, unsigned op, unsigned addr)
{
    QPCIDevice *dev = &nic->pci_dev;
    uint32_t address = op << SVNIC_ROM_OP_SHIFT | addr;
    unsigned i;

    for (i = 0; i < 3; i++) {
        qpci_io_writeb(dev, nic->csr, SVNIC_CSR_ROM_ADDRESS + i,
                       address >> (8 * i));
    }
    qpci_io_writeb(dev, nic->csr, SVNIC_CSR_ROM_CONTROL,
                   SVNIC_ROM_SERIAL_START);
    sv_nic_wait(sv_nic_qts(nic),
                !(qpci_io_readb(dev, nic->csr, SVNIC_CSR_ROM_CONTROL) &
                  SVNIC_ROM_SERIAL_START));
}

static uint8_t rom_read(QSvNic *nic, unsigned addr)
{
    rom_op(nic, SVNIC_ROM_OP_READ, addr);
    return qpci_io_readb(&nic->pci_dev, nic->csr, SVNIC_CSR_ROM_DATA);
}

static void rom_sub(QSvNic *nic, unsigned op)
{
    rom_op(nic, SVNIC_ROM_OP_SUB, op << SVNIC_ROM_SUB_SHIFT);
}

static void rom_write(QSvNic *nic, unsigned addr, uint8_t value)
{
    qpci_io_writeb(&nic->pci_dev, nic->csr, SVNIC_CSR_ROM_DATA, value);
    rom_op(nic, SVNIC_ROM_OP_WRITE, addr);
}

static void rom_image(QSvNic *nic, uint8_t *image)
{
    unsigned i;

    for (i = 0; i < SVNIC_SROM_SIZE; i++) {
        image[i] = rom_read(nic, i);
    }
}

/* Writes @image to a file; the caller unlinks it and frees the name. */
static char *image_file(const uint8_t *image, size_t size)
{
    char *name;
    int fd = g_file_open_tmp("sv-nic-srom-XXXXXX", &name, NULL);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, image, size), ==, (ssize_t)size);
    close(fd);
    return name;
}

static void drop_file(char *name)
{
    unlink(name);
    g_free(name);
}

/* Writes need a write enable, and are kept until unplug. */
static void test_access(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    const unsigned spot = 0x1f0;

    g_assert_cmphex(rom_read(nic, SVNIC_SROM_PRELOAD), ==,
                    SVNIC_SROM_PRELOAD_ENABLE);
    rom_write(nic, spot, 0x5a);
    g_assert_cmphex(rom_read(nic, spot), ==, 0);
    rom_sub(nic, SVNIC_ROM_SUB_WRITE_ENABLE);
    rom_write(nic, spot, 0x5a);
    g_assert_cmphex(rom_read(nic, spot), ==, 0x5a);
    g_assert_cmphex(rom_read(nic, spot + 1), ==, 0);
    rom_op(nic, SVNIC_ROM_OP_ERASE, spot);
    g_assert_cmphex(rom_read(nic, spot), ==, 0xff);
    qpci_io_writeb(&nic->pci_dev, nic->csr, SVNIC_CSR_ROM_DATA,
                   SVNIC_SROM_PRELOAD_ENABLE);
    rom_sub(nic, SVNIC_ROM_SUB_WRITE_ALL);
    g_assert_cmphex(rom_read(nic, 0), ==, SVNIC_SROM_PRELOAD_ENABLE);
    g_assert_cmphex(rom_read(nic, spot + 1), ==, SVNIC_SROM_PRELOAD_ENABLE);
    rom_op(nic, SVNIC_ROM_OP_ERASE, spot);
    g_assert_cmphex(rom_read(nic, spot), ==, 0xff);
    rom_sub(nic, SVNIC_ROM_SUB_WRITE_DISABLE);
    rom_write(nic, spot, 0x11);
    rom_op(nic, SVNIC_ROM_OP_ERASE, 0);
    rom_sub(nic, SVNIC_ROM_SUB_ERASE_ALL);
    g_assert_cmphex(rom_read(nic, spot), ==, 0xff);
    g_assert_cmphex(rom_read(nic, 0), ==, SVNIC_SROM_PRELOAD_ENABLE);
    /* there is no parallel ROM */
    qpci_io_writeb(&nic->pci_dev, nic->csr, SVNIC_CSR_ROM_CONTROL,
                   SVNIC_ROM_PARALLEL_START);
    g_assert_cmphex(qpci_io_readb(&nic->pci_dev, nic->csr,
                                  SVNIC_CSR_ROM_DATA), ==, 0xff);
    qos_invalidate_command_line();
}

/* Written data is loaded at the next reset, without a check. */
static void test_written(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QPCIDevice *dev = &nic->pci_dev;

    rom_sub(nic, SVNIC_ROM_SUB_WRITE_ENABLE);
    rom_write(nic, SVNIC_SROM_SUBDEVICE, 0x31);
    rom_write(nic, SVNIC_SROM_PRIMARY_MAX_LAT, 0x40);
    g_assert_cmphex(qpci_config_readw(dev, PCI_SUBSYSTEM_ID), ==,
                    SVNIC_PCI_SUBDEVICE_ID);
    qtest_system_reset(sv_nic_qts(nic));
    g_assert_cmphex(qpci_config_readw(dev, PCI_SUBSYSTEM_ID), ==, 0x31);
    g_assert_cmphex(qpci_config_readb(dev, PCI_MAX_LAT), ==, 0x40);
    g_assert_cmphex(qpci_config_readw(dev, 0x6e), ==, 0x31);

    /* erased: no preload, no window except the CSRs */
    sv_nic_restart(nic);
    /* the reset has disabled writes */
    rom_write(nic, SVNIC_SROM_SUBDEVICE, 0x32);
    g_assert_cmphex(rom_read(nic, SVNIC_SROM_SUBDEVICE), ==, 0x31);
    rom_sub(nic, SVNIC_ROM_SUB_WRITE_ENABLE);
    rom_sub(nic, SVNIC_ROM_SUB_ERASE_ALL);
    qtest_system_reset(sv_nic_qts(nic));
    g_assert_cmphex(qpci_config_readw(dev, PCI_SUBSYSTEM_ID), ==, 0);
    qpci_config_writel(dev, PCI_BASE_ADDRESS_2, 0xffffffff);
    qpci_config_writel(dev, PCI_BASE_ADDRESS_4, 0xffffffff);
    qpci_config_writel(dev, PCI_BASE_ADDRESS_0, 0xffffffff);
    g_assert_cmphex(qpci_config_readl(dev, PCI_BASE_ADDRESS_2), ==, 0);
    g_assert_cmphex(qpci_config_readl(dev, PCI_BASE_ADDRESS_4), ==, 0);
    g_assert_cmphex(qpci_config_readl(dev, PCI_BASE_ADDRESS_0), ==,
                    (uint32_t)-SVNIC_CSR_SIZE);
    qos_invalidate_command_line();
}

/*
 * A guest sets reserved bits in the ROM: registers do not load them.  A lockout
 * in the ROM is released by the board's boot monitor.
 */
static void test_reserved_bits(void *obj, void *data, QGuestAllocator *alloc)
{
    static const struct {
        unsigned rom, bytes, config;
        uint32_t kept;
    } fields[] = {
        { SVNIC_SROM_DOWN_MEM0_SETUP, 4, SVNIC_CFG_DOWN_MEM0_SETUP,
          0xffffffce },
        { SVNIC_SROM_DOWN_MEM1_SETUP, 4, SVNIC_CFG_DOWN_MEM1_SETUP,
          0xffffffcf },
        { SVNIC_SROM_DOWN_MEM2_SETUP, 4, SVNIC_CFG_DOWN_MEM2_SETUP,
          0xffffffce },
        { SVNIC_SROM_DOWN_MEM3_SETUP, 4, SVNIC_CFG_DOWN_MEM3_SETUP,
          0xffffffce },
        { SVNIC_SROM_EXPANSION_ROM_SETUP, 4, SVNIC_CFG_EXPANSION_ROM_SETUP,
          0x01fff000 },
        { SVNIC_SROM_UPSTREAM_MEM0_SETUP, 4, SVNIC_CFG_UPSTREAM_MEM0_SETUP,
          0xffffffcf },
        { SVNIC_SROM_UPSTREAM_MEM1_SETUP, 4, SVNIC_CFG_UPSTREAM_MEM1_SETUP,
          0xffffffce },
        { SVNIC_SROM_CHIP_CONTROL0, 2, SVNIC_CFG_CHIP_CONTROL0,
          0xefff & ~SVNIC_CC0_LOCKOUT },
        { SVNIC_SROM_CHIP_CONTROL1, 2, SVNIC_CFG_CHIP_CONTROL1, 0xffff },
        { SVNIC_SROM_ARBITER_CONTROL, 2, SVNIC_CFG_ARBITER_CONTROL, 0x3ff },
        { SVNIC_SROM_PRIMARY_SERR, 1, SVNIC_CFG_PRIMARY_SERR, 0x7f },
        { SVNIC_SROM_SECONDARY_SERR, 1, SVNIC_CFG_SECONDARY_SERR, 0x7f },
    };
    QSvNic *nic = obj;
    size_t i;
    unsigned n;

    rom_sub(nic, SVNIC_ROM_SUB_WRITE_ENABLE);
    for (i = 0; i < ARRAY_SIZE(fields); i++) {
        for (n = 0; n < fields[i].bytes; n++) {
            rom_write(nic, fields[i].rom + n, 0xff);
        }
    }
    qtest_system_reset(sv_nic_qts(nic));
    for (i = 0; i < ARRAY_SIZE(fields); i++) {
        uint32_t mask = MAKE_64BIT_MASK(0, fields[i].bytes * 8);

        g_test_message("ROM 0x%x", fields[i].rom);
        g_assert_cmphex(qpci_config_readl(&nic->pci_dev,
                                          fields[i].config & ~3) >>
                        (fields[i].config % 4 * 8) & mask, ==,
                        fields[i].kept);
    }
    qos_invalidate_command_line();
}

/* Invalid sizes, written by a guest, are loaded unchanged. */
static void test_hostile_setup(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QPCIDevice *dev = &nic->pci_dev;
    g_autoptr(GRand) rand = g_rand_new_with_seed(5);
    int i, n;

    for (i = 0; i < 30; i++) {
        rom_sub(nic, SVNIC_ROM_SUB_WRITE_ENABLE);
        for (n = 4; n < SVNIC_SROM_CHIP_CONTROL0; n++) {
            rom_write(nic, n, g_rand_int(rand));
        }
        qtest_system_reset(sv_nic_qts(nic));
        for (n = 0; n < 6; n++) {
            uint8_t bar = PCI_BASE_ADDRESS_0 + 4 * n;

            qpci_config_writel(dev, bar, g_rand_int(rand));
        }
        qpci_config_writew(dev, PCI_COMMAND, PCI_COMMAND_IO |
                           PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
        qpci_config_writew(dev, PCI_COMMAND, 0);
        qpci_config_writel(dev, PCI_BASE_ADDRESS_0, nic->csr.addr);
        qpci_config_writew(dev, PCI_COMMAND, PCI_COMMAND_MEMORY);
    }
    g_assert_cmphex(qpci_config_readw(dev, PCI_VENDOR_ID), ==,
                    SVNIC_PCI_VENDOR_ID);
    qos_invalidate_command_line();
}

/* "Configuration space": VPD */
static uint32_t vpd_read(QPCIDevice *dev, unsigned addr)
{
    qpci_config_writew(dev, SVNIC_CFG_VPD + PCI_VPD_ADDR, addr);
    g_assert_cmphex(qpci_config_readw(dev, SVNIC_CFG_VPD + PCI_VPD_ADDR), ==,
                    PCI_VPD_ADDR_F | addr);
    return qpci_config_readl(dev, SVNIC_CFG_VPD + PCI_VPD_DATA);
}

static void test_vpd(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QPCIDevice *dev = &nic->pci_dev;
    uint8_t vpd[SVNIC_SROM_SIZE - SVNIC_SROM_VPD], sum = 0;
    unsigned i, at;

    for (i = 0; i < sizeof(vpd); i += 4) {
        stl_le_p(vpd + i, vpd_read(dev, i));
    }
    /* identifier string, then read-only keywords that sum up to 0 */
    g_assert_cmphex(vpd[0], ==, 0x82);
    at = 3 + lduw_le_p(vpd + 1);
    g_assert_cmphex(vpd[at], ==, 0x90);
    g_assert_cmphex(vpd[at + 3 + lduw_le_p(vpd + at + 1)], ==, 0x78);
    for (i = 0; i < at + 3 + lduw_le_p(vpd + at + 1); i++) {
        sum += vpd[i];
    }
    g_assert_cmphex(sum, ==, 0);
    for (i = 0; i < sizeof(vpd); i += 37) {
        g_assert_cmphex(rom_read(nic, SVNIC_SROM_VPD + i), ==, vpd[i]);
    }
    /* any address within a dword selects this dword */
    g_assert_cmphex(vpd_read(dev, 3), ==, ldl_le_p(vpd));
    g_assert_cmphex(vpd_read(dev, 6), ==, ldl_le_p(vpd + 4));
    /* beyond the end reads 0 */
    g_assert_cmphex(vpd_read(dev, SVNIC_SROM_SIZE - SVNIC_SROM_VPD), ==, 0);

    /* byte accesses: the byte with the flag starts the transfer */
    qpci_config_writeb(dev, SVNIC_CFG_VPD + PCI_VPD_ADDR, 0);
    qpci_config_writeb(dev, SVNIC_CFG_VPD + PCI_VPD_ADDR + 1, 0);
    g_assert_cmphex(qpci_config_readl(dev, SVNIC_CFG_VPD + PCI_VPD_DATA), ==,
                    ldl_le_p(vpd));

    /* a write clears the flag */
    qpci_config_writel(dev, SVNIC_CFG_VPD + PCI_VPD_DATA, 0x600df00d);
    qpci_config_writew(dev, SVNIC_CFG_VPD + PCI_VPD_ADDR,
                       PCI_VPD_ADDR_F | 0x17c);
    g_assert_cmphex(qpci_config_readw(dev, SVNIC_CFG_VPD + PCI_VPD_ADDR), ==,
                    0x17c);
    g_assert_cmphex(vpd_read(dev, 0x17c), ==, 0x600df00d);
    g_assert_cmphex(rom_read(nic, 0x1fc), ==, 0x0d);
    qos_invalidate_command_line();
}

/* Bytes that make the built-in image invalid, and the error message. */
static const struct {
    uint16_t offset;
    uint8_t bytes;
    uint32_t value;
    uint16_t wrong;             /* byte in the message */
} bad_images[] = {
    { SVNIC_SROM_PRELOAD, 1, 0x00, 0x000 },
    { SVNIC_SROM_PRELOAD, 1, 0xc0, 0x000 },
    { 0x002, 1, 0x01, 0x002 },
    { SVNIC_SROM_DOWN_MEM0_SETUP, 4, 0xfffff001, 0x012 },
    { SVNIC_SROM_DOWN_MEM1_SETUP, 4, 0xfff00010, 0x016 },
    { SVNIC_SROM_DOWN_MEM1_SETUP, 4, 0xff7f0000, 0x018 },
    { SVNIC_SROM_DOWN_MEM1_SETUP, 4, 0xfffff800, 0x017 },
    { SVNIC_SROM_DOWN_MEM1_SETUP, 4, 0xfffe0001, 0x018 },
    { SVNIC_SROM_DOWN_MEM1_SETUP, 4, 0xffffff03, 0x016 },
    { SVNIC_SROM_DOWN_MEM1_SETUP, 4, 0xffffffc0, 0x016 },
    { SVNIC_SROM_DOWN_MEM1_SETUP, 4, 0x80008000, 0x018 },
    { SVNIC_SROM_DOWN_MEM2_SETUP, 4, 0xfff00004, 0x01a },
    { SVNIC_SROM_DOWN_MEM2_SETUP, 4, 0xbff00000, 0x01d },
    { SVNIC_SROM_DOWN_MEM2_SETUP, 4, 0xfff00006, 0x01a },
    { SVNIC_SROM_DOWN_MEM2_SETUP, 4, 0x00000001, 0x01a },
    { SVNIC_SROM_DOWN_MEM3_SETUP, 4, 0xf010000c, 0x020 },
    { SVNIC_SROM_DOWN_MEM3_SETUP, 4, 0xf000001c, 0x01e },
    { SVNIC_SROM_DOWN_MEM3_SETUP, 4, 0xf000000d, 0x01e },
    { SVNIC_SROM_DOWN_MEM3_SETUP, 4, 0xfffff80c, 0x01f },
    { SVNIC_SROM_DOWN_MEM3_SETUP, 4, 0xf000000e, 0x01e },
    { SVNIC_SROM_DOWN_MEM3_SETUP, 4, 0xffff0800, 0x01f },
    { SVNIC_SROM_DOWN_MEM3_UPPER_SETUP, 4, 0xfffffff0, 0x022 },
    { SVNIC_SROM_EXPANSION_ROM_SETUP, 4, 0x01ff0000, 0x029 },
    { SVNIC_SROM_EXPANSION_ROM_SETUP, 4, 0x02ff0000, 0x029 },
    { SVNIC_SROM_EXPANSION_ROM_SETUP, 4, 0x00ff0800, 0x027 },
    { SVNIC_SROM_UPSTREAM_MEM0_SETUP, 4, 0xfff00800, 0x02b },
    { SVNIC_SROM_UPSTREAM_MEM0_SETUP, 4, 0xfff00020, 0x02a },
    { SVNIC_SROM_UPSTREAM_MEM1_SETUP, 4, 0xe0000001, 0x02e },
    { SVNIC_SROM_CHIP_CONTROL0, 2, 0x1000, 0x033 },
    { SVNIC_SROM_ARBITER_CONTROL, 2, 0x0400, 0x037 },
    { SVNIC_SROM_PRIMARY_SERR, 1, 0x80, 0x038 },
    { SVNIC_SROM_SECONDARY_SERR, 1, 0x80, 0x039 },
    { SVNIC_SROM_RESERVED, 1, 0xff, SVNIC_SROM_RESERVED },
    { SVNIC_SROM_VPD - 1, 1, 0x80, SVNIC_SROM_VPD - 1 },
};

static void test_bad_images(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    uint8_t built_in[SVNIC_SROM_SIZE], image[SVNIC_SROM_SIZE + 1];
    char *file;
    char *answer;
    size_t i, n;

    rom_image(nic, built_in);
    for (i = 0; i < ARRAY_SIZE(bad_images); i++) {
        g_autofree char *words = g_strdup_printf("byte 0x%03x is 0x",
                                                 bad_images[i].wrong);

        memcpy(image, built_in, sizeof(built_in));
        for (n = 0; n < bad_images[i].bytes; n++) {
            image[bad_images[i].offset + n] = bad_images[i].value >> (8 * n);
        }
        file = image_file(image, sizeof(built_in));
        answer = qtest_hmp(sv_nic_qts(nic), "device_add "
                           "sv-nic,id=new,addr=10,srom=%s", file);
        g_test_message("%s", answer);
        g_assert_nonnull(strstr(answer, words));
        g_free(answer);
        drop_file(file);
    }
    /* of several errors the first */
    memcpy(image, built_in, sizeof(built_in));
    image[SVNIC_SROM_UPSTREAM_MEM0_SETUP] = 0x10;
    image[SVNIC_SROM_EXPANSION_ROM_SETUP] = 0x01;
    file = image_file(image, sizeof(built_in));
    answer = qtest_hmp(sv_nic_qts(nic), "device_add "
                       "sv-nic,id=new,addr=10,srom=%s", file);
    g_assert_nonnull(strstr(answer, "byte 0x026"));
    g_free(answer);
    drop_file(file);
    for (n = SVNIC_SROM_SIZE - 1; n <= SVNIC_SROM_SIZE + 1; n += 2) {
        memset(image, 0, sizeof(image));
        file = image_file(image, n);
        answer = qtest_hmp(sv_nic_qts(nic), "device_add "
                           "sv-nic,id=new,addr=10,srom=%s", file);
        g_assert_nonnull(strstr(answer, "512"));
        g_free(answer);
        drop_file(file);
    }
    answer = qtest_hmp(sv_nic_qts(nic), "device_add "
                       "sv-nic,id=new,addr=10,srom=/nowhere/at-all");
    g_assert_nonnull(strstr(answer, "/nowhere/at-all"));
    g_free(answer);

    /* with MSI-X, BAR 0 must contain the table */
    file = image_file(built_in, sizeof(built_in));
    answer = qtest_hmp(sv_nic_qts(nic), "device_add sv-nic,id=new,addr=10,"
                       "msix=on,srom=%s", file);
    g_assert_nonnull(strstr(answer, "byte 0x012"));
    g_free(answer);
    drop_file(file);
}

/* A separate machine with a card with a ROM image. */
typedef struct Board {
    char *file;
    QTestState *qts;
    QPCIBus *bus;
    QPCIDevice *dev;
} Board;

static QPCIDevice *board_new(Board *b, const uint8_t *image)
{
    b->file = image_file(image, SVNIC_SROM_SIZE);
    b->qts = qtest_initf("-machine pc -nodefaults -device "
                         "sv-nic,addr=4,workers=0,srom=%s", b->file);
    b->bus = qpci_new_pc(b->qts, NULL);
    b->dev = qpci_device_find(b->bus, QPCI_DEVFN(4, 0));
    g_assert_nonnull(b->dev);
    return b->dev;
}

static void board_drop(Board *b)
{
    g_free(b->dev);
    qpci_free_pc(b->bus);
    qtest_quit(b->qts);
    drop_file(b->file);
}

/* A card with a ROM image has the values of the image. */
static void test_own_image(void *obj, void *data, QGuestAllocator *alloc)
{
    uint8_t image[SVNIC_SROM_SIZE];
    Board board;
    QPCIDevice *dev;

    rom_image(obj, image);
    stw_le_p(image + SVNIC_SROM_SUBVENDOR, 0x12c5);
    stw_le_p(image + SVNIC_SROM_SUBDEVICE, 0x008a);
    stl_le_p(image + SVNIC_SROM_DOWN_MEM1_SETUP, 0xffffff01);
    stl_le_p(image + SVNIC_SROM_DOWN_MEM2_SETUP, 0);
    stl_le_p(image + SVNIC_SROM_DOWN_MEM3_SETUP, 0xf8000000);
    stl_le_p(image + SVNIC_SROM_DOWN_MEM3_UPPER_SETUP, 0);
    stw_le_p(image + SVNIC_SROM_ARBITER_CONTROL, 0x123);
    dev = board_new(&board, image);
    g_assert_cmphex(qpci_config_readl(dev, PCI_SUBSYSTEM_VENDOR_ID), ==,
                    0x008a12c5);
    qpci_config_writel(dev, PCI_BASE_ADDRESS_2, 0xffffffff);
    qpci_config_writel(dev, PCI_BASE_ADDRESS_3, 0xffffffff);
    qpci_config_writel(dev, PCI_BASE_ADDRESS_4, 0xffffffff);
    qpci_config_writel(dev, PCI_BASE_ADDRESS_5, 0xffffffff);
    g_assert_cmphex(qpci_config_readl(dev, PCI_BASE_ADDRESS_2), ==,
                    0xffffff01);
    g_assert_cmphex(qpci_config_readl(dev, PCI_BASE_ADDRESS_3), ==, 0);
    g_assert_cmphex(qpci_config_readl(dev, PCI_BASE_ADDRESS_4), ==,
                    0xf8000000);
    g_assert_cmphex(qpci_config_readl(dev, PCI_BASE_ADDRESS_5), ==, 0);
    g_assert_cmphex(qpci_config_readw(dev, SVNIC_CFG_ARBITER_CONTROL), ==,
                    0x123);
    board_drop(&board);
}

/* Image of another board: a BAR has the bits of its Setup register. */
static void test_other_board(void *obj, void *data, QGuestAllocator *alloc)
{
    static const struct {
        unsigned rom, bar;
        uint32_t setup, shown;
    } windows[] = {
        { SVNIC_SROM_DOWN_MEM0_SETUP, PCI_BASE_ADDRESS_0, 0xfff00000,
          0xfff00000 },
        { SVNIC_SROM_DOWN_MEM1_SETUP, PCI_BASE_ADDRESS_2, 0xffff0001,
          0xffff0001 },
        { SVNIC_SROM_DOWN_MEM2_SETUP, PCI_BASE_ADDRESS_3, 0xffff000a,
          0xffff000a },
        { SVNIC_SROM_DOWN_MEM3_SETUP, PCI_BASE_ADDRESS_4, 0x7c00000c, 0 },
        { SVNIC_SROM_DOWN_MEM3_UPPER_SETUP, PCI_BASE_ADDRESS_5, 0, 0 },
    };
    uint8_t image[SVNIC_SROM_SIZE];
    Board board;
    QPCIDevice *dev;
    size_t i;

    rom_image(obj, image);
    for (i = 0; i < ARRAY_SIZE(windows); i++) {
        stl_le_p(image + windows[i].rom, windows[i].setup);
    }
    stw_le_p(image + SVNIC_SROM_CHIP_CONTROL0, SVNIC_CC0_LOCKOUT | 0x4);
    /* the board's boot monitor releases the lockout */
    dev = board_new(&board, image);
    g_assert_cmphex(qpci_config_readw(dev, SVNIC_CFG_CHIP_CONTROL0), ==, 0x4);
    for (i = 0; i < ARRAY_SIZE(windows); i++) {
        qpci_config_writel(dev, windows[i].bar, 0xffffffff);
        g_assert_cmphex(qpci_config_readl(dev, windows[i].bar), ==,
                        windows[i].shown);
    }
    board_drop(&board);
}

static void register_sv_nic_srom_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
    } tests[] = {
        { "rom-registers-read-write-and-erase", test_access },
        { "written-data-is-loaded-at-reset", test_written },
        { "reserved-bits-are-not-loaded", test_reserved_bits },
        { "hostile-setup-values-do-no-harm", test_hostile_setup },
        { "vpd-is-the-upper-part-of-the-rom", test_vpd },
        { "a-bad-image-is-refused-with-the-bad-byte", test_bad_images },
        { "a-good-image-configures-the-card", test_own_image },
        { "a-bar-follows-its-setup-register", test_other_board },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("srom", tests[i].name, tests[i].fn, "0", NULL, NULL,
                        NULL);
    }
}

libqos_init(register_sv_nic_srom_tests);
