/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The serial ROM of an Intel 21555: layout, built-in image, and the check of
 * an image.
 *
 * Plain C without QEMU: compiled into the device and into tools/srom.c.
 *
 * Spec: "Serial ROM".
 */
#include <stdio.h>
#include <string.h>
#include "hw/net/sv-nic/sv_nic_abi.h"
#include "i21555-image.h"
#include "i21555-regs.h"

#define VPD_ID_TAG      0x82    /* identifier string */
#define VPD_R_TAG       0x90    /* read-only keywords */
#define VPD_END_TAG     0x78
#define VPD_HEADER      3       /* tag, length of 16 bits */
#define VPD_KEYWORD     3       /* two letters, length of 8 bits */

#define PCI_CLASS_PROG_IF       0x00

const I21555Field i21555_fields[] = {
    { "preload", SVNIC_SROM_PRELOAD, 1 },
    { "primary-class", SVNIC_SROM_PRIMARY_CLASS, 3 },
    { "subsystem-vendor", SVNIC_SROM_SUBVENDOR, 2 },
    { "subsystem-device", SVNIC_SROM_SUBDEVICE, 2 },
    { "primary-min-gnt", SVNIC_SROM_PRIMARY_MIN_GNT, 1 },
    { "primary-max-lat", SVNIC_SROM_PRIMARY_MAX_LAT, 1 },
    { "secondary-class", SVNIC_SROM_SECONDARY_CLASS, 3 },
    { "secondary-min-gnt", SVNIC_SROM_SECONDARY_MIN_GNT, 1 },
    { "secondary-max-lat", SVNIC_SROM_SECONDARY_MAX_LAT, 1 },
    { "down-mem0-setup", SVNIC_SROM_DOWN_MEM0_SETUP, 4 },
    { "down-mem1-setup", SVNIC_SROM_DOWN_MEM1_SETUP, 4 },
    { "down-mem2-setup", SVNIC_SROM_DOWN_MEM2_SETUP, 4 },
    { "down-mem3-setup", SVNIC_SROM_DOWN_MEM3_SETUP, 4 },
    { "down-mem3-upper-setup", SVNIC_SROM_DOWN_MEM3_UPPER_SETUP, 4 },
    { "expansion-rom-setup", SVNIC_SROM_EXPANSION_ROM_SETUP, 4 },
    { "up-mem0-setup", SVNIC_SROM_UPSTREAM_MEM0_SETUP, 4 },
    { "up-mem1-setup", SVNIC_SROM_UPSTREAM_MEM1_SETUP, 4 },
    { "chip-control0", SVNIC_SROM_CHIP_CONTROL0, 2 },
    { "chip-control1", SVNIC_SROM_CHIP_CONTROL1, 2 },
    { "arbiter-control", SVNIC_SROM_ARBITER_CONTROL, 2 },
    { "primary-serr-disables", SVNIC_SROM_PRIMARY_SERR, 1 },
    { "secondary-serr-disables", SVNIC_SROM_SECONDARY_SERR, 1 },
    { NULL, 0, 0 },
};

static uint32_t get(const uint8_t *image, unsigned offset, unsigned bytes)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < bytes; i++) {
        value |= (uint32_t)image[offset + i] << (8 * i);
    }
    return value;
}

static void set(uint8_t *image, unsigned offset, unsigned bytes,
                uint32_t value)
{
    for (unsigned i = 0; i < bytes; i++) {
        image[offset + i] = value >> (8 * i);
    }
}

uint32_t i21555_field_get(const uint8_t *image, const I21555Field *field)
{
    return get(image, field->offset, field->bytes);
}

void i21555_field_set(uint8_t *image, const I21555Field *field,
                      uint32_t value)
{
    set(image, field->offset, field->bytes, value);
}

/* ---- the built-in image ---- */

static uint8_t *vpd_keyword(uint8_t *at, const char *keyword, const char *text)
{
    size_t length = strlen(text);

    memcpy(at, keyword, 2);
    at[2] = length;
    memcpy(at + VPD_KEYWORD, text, length);
    return at + VPD_KEYWORD + length;
}

static void vpd_tag(uint8_t *at, uint8_t tag, size_t length)
{
    at[0] = tag;
    at[1] = length;
    at[2] = length >> 8;
}

/* VPD of PCI 2.2; the checksum (RV) covers all bytes up to and including it. */
static void vpd_default(uint8_t *vpd)
{
    static const char id[] = "SV-NIC on ENP-2611";
    uint8_t *at = vpd, *read_only, sum = 0;

    vpd_tag(at, VPD_ID_TAG, strlen(id));
    memcpy(at + VPD_HEADER, id, strlen(id));
    read_only = at + VPD_HEADER + strlen(id);
    at = vpd_keyword(read_only + VPD_HEADER, "PN", "ENP-2611");
    at = vpd_keyword(at, "SN", "0");
    at = vpd_keyword(at, "RV", " ");
    vpd_tag(read_only, VPD_R_TAG, at - read_only - VPD_HEADER);
    at[-1] = 0;
    for (const uint8_t *p = vpd; p < at; p++) {
        sum += *p;
    }
    at[-1] = -sum;
    *at = VPD_END_TAG;
}

void i21555_image_default(uint8_t *image, uint32_t csr, uint32_t doorbell,
                          uint32_t pci_csr, uint32_t sdram)
{
    const uint32_t class = SVNIC_PCI_CLASS << 8 | PCI_CLASS_PROG_IF;

    memset(image, 0, SVNIC_SROM_SIZE);
    image[SVNIC_SROM_PRELOAD] = SVNIC_SROM_PRELOAD_ENABLE;
    set(image, SVNIC_SROM_PRIMARY_CLASS, 3, class);
    set(image, SVNIC_SROM_SECONDARY_CLASS, 3, class);
    set(image, SVNIC_SROM_SUBVENDOR, 2, SVNIC_PCI_SUBVENDOR_ID);
    set(image, SVNIC_SROM_SUBDEVICE, 2, SVNIC_PCI_SUBDEVICE_ID);
    set(image, SVNIC_SROM_DOWN_MEM0_SETUP, 4, -csr);
    set(image, SVNIC_SROM_DOWN_MEM1_SETUP, 4, -doorbell);
    set(image, SVNIC_SROM_DOWN_MEM2_SETUP, 4, -pci_csr);
    set(image, SVNIC_SROM_DOWN_MEM3_SETUP, 4,
        -sdram | SVNIC_SETUP_64BIT | SVNIC_SETUP_PREFETCHABLE);
    set(image, SVNIC_SROM_DOWN_MEM3_UPPER_SETUP, 4, UINT32_MAX);
    set(image, SVNIC_SROM_UPSTREAM_MEM0_SETUP, 4,
        -SVNIC_LOCAL_UPSTREAM_MEM0_SIZE);
    set(image, SVNIC_SROM_UPSTREAM_MEM1_SETUP, 4,
        -SVNIC_LOCAL_UPSTREAM_MEM1_SIZE);
    set(image, SVNIC_SROM_CHIP_CONTROL1, 2,
        SVNIC_LUT_PAGE_CODE_4K << SVNIC_CC1_PAGE_SIZE_SHIFT);
    vpd_default(image + SVNIC_SROM_VPD);
}

/* ---- check of an image ---- */

static bool set_error(char *error, size_t size, const uint8_t *image,
                      unsigned byte, const char *text)
{
    snprintf(error, size, "byte 0x%03x is 0x%02x: %s", byte, image[byte], text);
    return false;
}

/* Offset of the first byte with one of @bits, of a value at @offset. */
static unsigned byte_of(unsigned offset, uint32_t bits)
{
    return offset + __builtin_ctz(bits) / 8;
}

#define ROW(name, config, csr, count, bytes, primary, secondary, writable, \
            reset, rom, known) \
    { rom, writable },

/* Bits of the register that is loaded from @offset; all if there is none. */
static uint32_t register_bits(unsigned offset)
{
    static const struct {
        uint16_t rom;
        uint32_t writable;
    } rows[] = {
        I21555_REGISTERS(ROW)
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].rom && rows[i].rom == offset) {
            return i21555_rom_bits(rows[i].writable);
        }
    }
    return UINT32_MAX;
}

/* All bits from the size upwards are set. */
static bool is_size(uint32_t mask)
{
    uint32_t low = mask & -mask;

    return mask && (mask | (low - 1)) == UINT32_MAX;
}

static bool check_setup(const uint8_t *image, unsigned offset, char *error,
                        size_t size)
{
    uint32_t setup = get(image, offset, 4);
    uint32_t type = setup & SVNIC_SETUP_TYPE_MASK;
    uint32_t mask = setup & SVNIC_SETUP_SIZE_MASK;
    uint32_t low = mask & -mask;
    bool io = setup & SVNIC_SETUP_IO;

    if (!(setup & SVNIC_SETUP_ENABLE)) {
        return true;
    }
    if (type && (io || type != SVNIC_SETUP_BELOW_1M)) {
        return set_error(error, size, image, offset,
                         "the type of a 32-bit window is 0 or 1, of I/O 0");
    }
    if (!is_size(mask)) {
        return set_error(error, size, image, byte_of(offset, mask ^ -low),
                         "the bits of a size are ones up to bit 31");
    }
    if (io ? low > SVNIC_SETUP_IO_MAX : low < SVNIC_SETUP_MEMORY_MIN) {
        return set_error(error, size, image, byte_of(offset, low),
                         io ? "an I/O window has 64 bytes to 64 KiB" :
                         "a memory window has 4 KiB or more");
    }
    return true;
}

/* Downstream Memory 3 can be a 64-bit window. */
static bool check_setup3(const uint8_t *image, char *error, size_t size)
{
    const unsigned offset = SVNIC_SROM_DOWN_MEM3_SETUP;
    const unsigned upper_offset = SVNIC_SROM_DOWN_MEM3_UPPER_SETUP;
    uint32_t setup = get(image, offset, 4);
    uint32_t upper = get(image, upper_offset, 4);
    uint32_t mask = setup & SVNIC_SETUP_SIZE_MASK;
    uint32_t low = mask & -mask;

    if ((setup & SVNIC_SETUP_TYPE_MASK) != SVNIC_SETUP_64BIT) {
        return check_setup(image, offset, error, size);
    }
    if (!(upper & SVNIC_SETUP_ENABLE)) {
        return true;
    }
    if (mask && !is_size(mask)) {
        return set_error(error, size, image, byte_of(offset, mask ^ -low),
                         "the bits of a size are ones up to bit 63");
    }
    if (mask && low < SVNIC_SETUP_MEMORY_MIN) {
        return set_error(error, size, image, byte_of(offset, low),
                         "a memory window has 4 KiB or more");
    }
    low = mask ? 1 : upper & -upper;
    if (upper != -low) {
        return set_error(error, size, image,
                         byte_of(upper_offset, upper ^ -low),
                         "the bits of a size are ones up to bit 63");
    }
    return true;
}

static bool check_field(const uint8_t *image, const I21555Field *field,
                        char *error, size_t size)
{
    uint32_t value = i21555_field_get(image, field);
    uint32_t reserved = value & ~register_bits(field->offset);

    if (reserved) {
        return set_error(error, size, image, byte_of(field->offset, reserved),
                         "sets reserved bits");
    }
    switch (field->offset) {
    case SVNIC_SROM_PRELOAD:
        return (value & SVNIC_SROM_PRELOAD_MASK) == SVNIC_SROM_PRELOAD_ENABLE ||
               set_error(error, size, image, field->offset,
                         "bits 7:6 are 10 in a ROM that is to be loaded");
    case SVNIC_SROM_DOWN_MEM0_SETUP:
    case SVNIC_SROM_DOWN_MEM1_SETUP:
    case SVNIC_SROM_DOWN_MEM2_SETUP:
    case SVNIC_SROM_UPSTREAM_MEM0_SETUP:
    case SVNIC_SROM_UPSTREAM_MEM1_SETUP:
        return check_setup(image, field->offset, error, size);
    case SVNIC_SROM_DOWN_MEM3_SETUP:
        return check_setup3(image, error, size);
    case SVNIC_SROM_EXPANSION_ROM_SETUP:
        return !(value & SVNIC_ROM_SETUP_ENABLE) ||
               set_error(error, size, image,
                         byte_of(field->offset, SVNIC_ROM_SETUP_ENABLE),
                         "this board has no expansion ROM (parallel ROM)");
    default:
        return true;
    }
}

/* Bytes between fields, and between the last field and VPD, are reserved. */
bool i21555_image_check(const uint8_t *image, char *error, size_t size)
{
    unsigned at = 0;

    for (const I21555Field *field = i21555_fields; ; field++) {
        unsigned next = field->name ? field->offset : SVNIC_SROM_VPD;

        for (; at < next; at++) {
            if (image[at]) {
                return set_error(error, size, image, at, "reserved, 0");
            }
        }
        if (!field->name) {
            return true;
        }
        if (!check_field(image, field, error, size)) {
            return false;
        }
        at += field->bytes;
    }
}
