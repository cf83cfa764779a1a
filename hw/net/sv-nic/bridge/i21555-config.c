/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intel 21555: registers of configuration space with side effects: secondary
 * header, power management, VPD, reset control.
 *
 * All functions except i21555_status() run with the BQL.
 *
 * Spec: "Configuration space".
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/pci/pci.h"
#include "i21555.h"
#include "trace.h"

#define I21555_STATUS   (PCI_STATUS_CAP_LIST | PCI_STATUS_66MHZ | \
                         PCI_STATUS_FAST_BACK | PCI_STATUS_DEVSEL_MEDIUM)
#define I21555_PMCSR    (SVNIC_CFG_PM + PCI_PM_CTRL)
/* power state and data select */
#define I21555_PMCSR_RW (PCI_PM_CTRL_STATE_MASK | PCI_PM_CTRL_DATA_SEL_MASK)

/* ---- status registers: aborts seen on each side ---- */

void i21555_status(I21555 *b, I21555Side side, uint16_t bits)
{
    qatomic_or(&b->status[side], bits);
}

void i21555_config_sync(I21555 *b)
{
    static const unsigned at[I21555_SIDES] = {
        [I21555_PRIMARY] = PCI_STATUS,
        [I21555_SECONDARY] = SVNIC_CFG_SECONDARY_STATUS,
    };

    for (unsigned side = 0; side < I21555_SIDES; side++) {
        pci_word_test_and_set_mask(b->pdev->config + at[side],
                                   qatomic_xchg(&b->status[side], 0));
    }
}

static void i21555_command_changed(I21555 *b)
{
    i21555_window_update(b);
    i21555_upstream_update(b);
}

const I21555Handler i21555_secondary_command = {
    .changed = i21555_command_changed,
};

/*
 * ---- BARs of the upstream windows ----
 *
 * Size bits that are set in the Setup register are writable in the BAR; the
 * type bits of the BAR are those of the Setup register.
 */

static uint32_t i21555_bar_setup(I21555 *b, unsigned bar)
{
    switch (bar) {
    case SVNIC_CFG_UPSTREAM_MEM0_BAR:
        return i21555_cfg32(b, SVNIC_CFG_UPSTREAM_MEM0_SETUP);
    case SVNIC_CFG_UPSTREAM_MEM1_BAR:
        return i21555_cfg32(b, SVNIC_CFG_UPSTREAM_MEM1_SETUP);
    default:
        /* Upstream Memory 2 has no Setup register: derive its value */
        return -i21555_lookup_size(b);
    }
}

static uint32_t i21555_bar_read(I21555 *b, I21555Side side, unsigned at,
                                uint32_t lanes)
{
    uint32_t setup = i21555_bar_setup(b, at);

    if (!(setup & SVNIC_SETUP_ENABLE)) {
        return 0;
    }
    return (i21555_cfg32(b, at) & setup & SVNIC_SETUP_SIZE_MASK) |
           (setup & ~SVNIC_SETUP_SIZE_MASK);
}

static void i21555_bar_write(I21555 *b, I21555Side side, unsigned at,
                             uint32_t bits, uint32_t lanes)
{
    uint32_t setup = i21555_bar_setup(b, at);

    if (setup & SVNIC_SETUP_ENABLE) {
        lanes &= setup & SVNIC_SETUP_SIZE_MASK;
        i21555_cfg32_set(b, at, (i21555_cfg32(b, at) & ~lanes) |
                                (bits & lanes));
        i21555_upstream_update(b);
    }
}

const I21555Handler i21555_upstream_bar = {
    .read = i21555_bar_read,
    .write = i21555_bar_write,
};

/* ---- capabilities ---- */

/*
 * QEMU's PCI core unmaps the BARs in D3hot.  A function in D3hot must not start
 * DMA or messages on the primary bus either, even if Bus Master Enable is set.
 */
void i21555_default_write(I21555 *b, unsigned offset, uint32_t value,
                          unsigned size)
{
    memory_region_transaction_begin();
    pci_default_write_config(b->pdev, offset, value, size);
    /* the write can send a pending message, and that can unplug the card */
    if (b->live && !i21555_awake(b)) {
        memory_region_set_enabled(&b->pdev->bus_master_enable_region, false);
    }
    memory_region_transaction_commit();
}

/*
 * No_Soft_Reset is 0: a transition from D3hot to D0 resets the function, and
 * then sets the D0 event in Chip Status.
 */
static void i21555_pmcsr_write(I21555 *b, I21555Side side, unsigned at,
                               uint32_t bits, uint32_t lanes)
{
    unsigned first = ctz32(lanes) / 8;
    unsigned old = i21555_cfg16(b, I21555_PMCSR) & PCI_PM_CTRL_STATE_MASK;
    unsigned new;

    i21555_default_write(b, at + first, bits >> (first * 8),
                         ctpop32(lanes) / 8);
    new = i21555_cfg16(b, I21555_PMCSR) & PCI_PM_CTRL_STATE_MASK;
    if (new != old) {
        trace_i21555_power(old, new);
    }
    if (old && !new) {
        pci_device_reset(b->pdev);
        i21555_chip_event(b, SVNIC_CHIP_D0);
    } else {
        i21555_update_irq(b);
    }
}

const I21555Handler i21555_pmcsr = {
    .write = i21555_pmcsr_write,
};

/*
 * A transfer completes within the write that starts it: a read changes the
 * flag from 0 to 1, a write changes it from 1 to 0.
 */
static void i21555_vpd_write(I21555 *b, I21555Side side, unsigned at,
                             uint32_t bits, uint32_t lanes)
{
    const uint32_t mask = PCI_VPD_ADDR_F | SVNIC_ROM_ADDRESS_MASK;
    uint32_t value = (i21555_cfg16(b, at) & ~lanes) | bits;
    unsigned addr = value & SVNIC_ROM_ADDRESS_MASK & ~3u;
    unsigned data = SVNIC_CFG_VPD + PCI_VPD_DATA;

    value &= mask;
    if (lanes & PCI_VPD_ADDR_F) {
        if (value & PCI_VPD_ADDR_F) {
            i21555_rom_dword_write(b, SVNIC_SROM_VPD + addr,
                                   i21555_cfg32(b, data));
        } else {
            i21555_cfg32_set(b, data,
                             i21555_rom_dword(b, SVNIC_SROM_VPD + addr));
        }
        trace_i21555_vpd(addr, value & PCI_VPD_ADDR_F,
                         i21555_cfg32(b, data));
        value ^= PCI_VPD_ADDR_F;
    }
    pci_set_word(b->pdev->config + at, value);
}

const I21555Handler i21555_vpd_address = {
    .write = i21555_vpd_write,
};

/* ---- reset control ---- */

static void i21555_set_chip_reset(I21555 *b, bool held)
{
    if (held == b->held) {
        return;
    }
    trace_i21555_secondary_reset(held);
    b->held = held;
    i21555_window_update(b);
    i21555_upstream_update(b);
    b->board->secondary_reset(b->opaque, held);
}

static void i21555_reset_write(I21555 *b, I21555Side side, unsigned at,
                               uint32_t bits, uint32_t lanes)
{
    const uint32_t mask = lanes & (SVNIC_RESET_SECONDARY | SVNIC_RESET_CHIP);

    if (bits & SVNIC_RESET_CHIP) {
        /* resets the bridge, and with it the chip on the secondary bus */
        pci_device_reset(b->pdev);
        return;
    }
    if (mask & SVNIC_RESET_SECONDARY) {
        i21555_cfg32_set(b, at, bits & SVNIC_RESET_SECONDARY);
        i21555_set_chip_reset(b, bits & SVNIC_RESET_SECONDARY);
    }
}

const I21555Handler i21555_reset_control = {
    .write = i21555_reset_write,
};

/* ---- life cycle ---- */

void i21555_config_reset(I21555 *b)
{
    uint8_t *config = b->pdev->config;

    qatomic_set(&b->status[I21555_PRIMARY], 0);
    qatomic_set(&b->status[I21555_SECONDARY], 0);
    b->held = false;
    /* clears Bus Master Enable */
    i21555_default_write(b, PCI_COMMAND, 0, 2);
    config[PCI_LATENCY_TIMER] = 0;
    if (b->msix) {
        config[SVNIC_CFG_HOT_SWAP + PCI_CAP_LIST_NEXT] = SVNIC_CFG_MSIX;
    }
}

bool i21555_config_init(I21555 *b, Error **errp)
{
    PCIDevice *pdev = b->pdev;
    unsigned end = b->msix ? SVNIC_CFG_MSIX : PCI_CONFIG_SPACE_SIZE;

    /* QEMU adds each capability at the head of the list. */
    if (pci_add_capability(pdev, PCI_CAP_ID_CHSWP, SVNIC_CFG_HOT_SWAP,
                           PCI_CAP_SIZEOF, errp) < 0 ||
        pci_add_capability(pdev, PCI_CAP_ID_VPD, SVNIC_CFG_VPD,
                           PCI_CAP_VPD_SIZEOF, errp) < 0 ||
        pci_pm_init(pdev, SVNIC_CFG_PM, errp) < 0) {
        return false;
    }
    pci_set_word(pdev->config + PCI_STATUS, I21555_STATUS);
    pdev->config[PCI_INTERRUPT_PIN] = 1;
    pdev->wmask[PCI_LATENCY_TIMER] = 0xff;
    pci_word_test_and_set_mask(pdev->wmask + PCI_COMMAND, PCI_COMMAND_PARITY);
    /* All other registers are written by i21555.c, not by QEMU's PCI core. */
    memset(pdev->wmask + SVNIC_CFG_SECONDARY_HEADER, 0,
           end - SVNIC_CFG_SECONDARY_HEADER);
    pci_set_word(pdev->wmask + I21555_PMCSR, I21555_PMCSR_RW);
    return true;
}
