/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Access to the bridge's registers, see sv-nic-face.h.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "sv-nic-face.h"
#include "hw/net/sv-nic/bridge/i21555-regs.h"
#include "qemu/bitops.h"

#define ROW(name, config, csr, count, bytes, primary, secondary, writable, \
            reset, rom, known) \
    { #name, config, csr, count, bytes, { primary, secondary }, writable, \
      reset, rom },

const Row sv_nic_rows[] = {
    I21555_REGISTERS(ROW)
};

const size_t sv_nic_row_count = ARRAY_SIZE(sv_nic_rows);

int face_offset(const Row *row, unsigned i, Face face)
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

uint32_t face_read(QSvNic *nic, Face face, unsigned offset, int width)
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

void face_write(QSvNic *nic, Face face, unsigned offset, int width,
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

uint32_t face_value(QSvNic *nic, const Row *row, unsigned offset, Face face)
{
    uint32_t value = 0;
    unsigned i;

    for (i = 0; i < row->bytes; i++) {
        value |= face_read(nic, face, offset + i, 1) << (i * 8);
    }
    return value;
}
