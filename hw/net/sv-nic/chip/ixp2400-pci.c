/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400 PCI unit: the CSRs in BAR 3, and the DMA channels.
 *
 * A channel copies bytes between SDRAM and the PCI bus, that is, host memory
 * through the bridge's upstream windows.  Its registers have one descriptor;
 * further ones come from a chain in SDRAM, each copied once and then checked.
 * A transfer is done in bounded parts.  An address without a target, an offset
 * beyond SDRAM and a chain that is too long stop the channel with its error
 * bit.
 *
 * Called by the chip for accesses of the host and to continue DMA, by one
 * thread at a time (ixp2400-pci.h).  Does not use QEMU.
 *
 * Spec: "PCI CSRs", "DMA channels".  Offsets: Linux ixp2000-regs.h; (m): what
 * the bits of doorbells, masks and DMA do, or from the 21285.
 */
#include <string.h>

#include "ixp.h"
#include "ixp2400-pci.h"
#include "ixp2400-pci-regs.h"

#define DMA_REGISTERS_SIZE  (SVNIC_DMA_ME_PARAM + 4)

#define ROW(name, address, count, stride, access, host, writable, reset, \
            what, source) \
    { name, address, count, stride, access, host, reset, what, source },

static const IxpRegister registers[] = {
    IXP_PCI_REGISTERS(ROW)
};

const IxpRegister *ixp_pci_registers(size_t *n)
{
    *n = sizeof(registers) / sizeof(registers[0]);
    return registers;
}

void ixp_pci_reset(IxpPci *p)
{
    for (unsigned i = 0; i < SVNIC_PCI_CSR_MAILBOXES; i++) {
        __atomic_store_n(&p->mailbox[i], 0, __ATOMIC_RELAXED);
    }
    __atomic_store_n(&p->xscale_doorbell, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&p->pci_doorbell, 0, __ATOMIC_RELAXED);
    p->out_int_mask = SVNIC_PCI_OUT_INT_DOORBELL;
    p->inf_mode = 0;
    p->control = 0;
    p->addr_ext = SVNIC_PCI_ADDR_EXT_RESET;
    p->push_enable = 0;
    p->push_error_enable = 0;
    p->int_enable = 0;
    for (unsigned i = 0; i < SVNIC_PCI_CSR_DMA_CHANNELS; i++) {
        IxpDma *d = &p->dma[i];

        d->byte_count = 0;
        d->pci_address = 0;
        d->dram_address = 0;
        d->next = 0;
        d->control = 0;
        d->me_param = 0;
        d->loaded = false;
    }
    p->dma_turn = 0;
}

/* ---- DMA ---- */

static void count(uint64_t *counter, uint64_t n)
{
    __atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

static void dma_end(IxpDma *d, uint32_t events)
{
    d->control = (d->control & ~SVNIC_DMA_ENABLE) | events;
    d->loaded = false;
    if (events & SVNIC_DMA_ERROR) {
        count(&d->errors, 1);
    }
}

static bool in_sdram(const IxpPci *p, uint32_t offset, uint32_t n)
{
    return (uint64_t)offset + n <= p->sdram_size;
}

/* Copies the next descriptor into the registers, once. */
static bool dma_fetch(IxpPci *p, IxpDma *d)
{
    struct svnic_dma_desc desc;

    if (d->next % sizeof(desc) || !in_sdram(p, d->next, sizeof(desc)) ||
        d->descriptors == p->chain_max) {
        return false;
    }
    memcpy(&desc, p->sdram + d->next, sizeof(desc));
    __asm__ volatile("" : : "r"(&desc) : "memory");
    d->byte_count = ixp_swap32(desc.byte_count) & IXP_DMA_COUNT_KEPT;
    d->pci_address = ixp_swap32(desc.pci_address);
    d->dram_address = ixp_swap32(desc.dram_address);
    d->next = ixp_swap32(desc.next);
    d->descriptors++;
    d->loaded = true;
    return true;
}

/* Copies a part of the descriptor in the registers. */
static void dma_part(IxpPci *p, IxpDma *d)
{
    uint32_t left = d->byte_count & SVNIC_DMA_COUNT_MASK;
    uint32_t n = left < IXP_DMA_PART ? left : IXP_DMA_PART;

    if (n && (!in_sdram(p, d->dram_address, n) ||
              !p->ops->transfer(p->opaque, d->pci_address,
                                p->sdram + d->dram_address, &n,
                                d->byte_count & SVNIC_DMA_TO_PCI))) {
        dma_end(d, SVNIC_DMA_ERROR);
        return;
    }
    d->pci_address += n;
    d->dram_address += n;
    d->byte_count -= n;
    count(&d->bytes, n);
    if (n == left) {
        d->loaded = false;
        d->control |= SVNIC_DMA_TRANSFER_DONE;
        count(&d->transfers, 1);
        if (d->byte_count & SVNIC_DMA_END_OF_CHAIN) {
            dma_end(d, SVNIC_DMA_CHAIN_DONE);
        }
    }
}

static void dma_step(IxpPci *p, IxpDma *d)
{
    if (!d->loaded && !dma_fetch(p, d)) {
        dma_end(d, SVNIC_DMA_ERROR);
    } else {
        dma_part(p, d);
    }
}

bool ixp_pci_dma_run(IxpPci *p)
{
    unsigned parts = 0;
    unsigned idle = 0;
    bool over = false;

    while (!over && idle < SVNIC_PCI_CSR_DMA_CHANNELS) {
        IxpDma *d = &p->dma[p->dma_turn];

        p->dma_turn = (p->dma_turn + 1) % SVNIC_PCI_CSR_DMA_CHANNELS;
        if (!(d->control & SVNIC_DMA_ENABLE)) {
            idle++;
            continue;
        }
        idle = 0;
        dma_step(p, d);
        over = ++parts == IXP_DMA_RUN_PARTS || p->ops->dma_over(p->opaque);
    }
    count(&p->dma_runs, parts != 0);
    count(&p->dma_parts, parts);
    return over;
}

static uint32_t *dma_register(IxpDma *d, uint32_t reg)
{
    switch (reg) {
    case SVNIC_DMA_BYTE_COUNT:
        return &d->byte_count;
    case SVNIC_DMA_PCI_ADDRESS:
        return &d->pci_address;
    case SVNIC_DMA_DRAM_ADDRESS:
        return &d->dram_address;
    case SVNIC_DMA_DESC_PTR:
        return &d->next;
    case SVNIC_DMA_CONTROL:
        return &d->control;
    default:
        return &d->me_param;
    }
}

static void dma_control(IxpPci *p, IxpDma *d, uint32_t value)
{
    bool was = d->control & SVNIC_DMA_ENABLE;

    d->control = (d->control & IXP_DMA_EVENTS & ~value) |
                 (value & IXP_DMA_CONTROL_KEPT);
    if (!(value & SVNIC_DMA_ENABLE)) {
        d->loaded = false;
    } else if (!was) {
        d->loaded = value & SVNIC_DMA_IN_REGISTERS;
        d->descriptors = d->loaded;
        p->ops->dma_due(p->opaque);
    }
}

static void dma_write(IxpPci *p, unsigned n, uint32_t reg, uint32_t value)
{
    IxpDma *d = &p->dma[n];

    if (reg == SVNIC_DMA_CONTROL) {
        dma_control(p, d, value);
    } else if (!(d->control & SVNIC_DMA_ENABLE)) {
        *dma_register(d, reg) = reg == SVNIC_DMA_BYTE_COUNT
                                ? value & IXP_DMA_COUNT_KEPT : value;
    }
}

/* Whether a DMA register is at @offset; sets @n to its channel. */
static bool is_dma(uint32_t offset, unsigned *n, uint32_t *reg)
{
    uint32_t at = offset - SVNIC_PCI_CSR_DMA(0);

    *n = at / IXP_DMA_STRIDE;
    *reg = at % IXP_DMA_STRIDE;
    return offset >= SVNIC_PCI_CSR_DMA(0) &&
           *n < SVNIC_PCI_CSR_DMA_CHANNELS && *reg < DMA_REGISTERS_SIZE;
}

/* ---- all registers ---- */

/* Registers that only store what was written. */
static uint32_t *plain(IxpPci *p, uint32_t offset)
{
    switch (offset) {
    case SVNIC_PCI_CSR_OUT_INT_MASK:
        return &p->out_int_mask;
    case SVNIC_PCI_CSR_DMA_INF_MODE:
        return &p->inf_mode;
    case SVNIC_PCI_CSR_CONTROL:
        return &p->control;
    case SVNIC_PCI_CSR_ADDR_EXT:
        return &p->addr_ext;
    case SVNIC_PCI_CSR_PUSH_ENABLE:
        return &p->push_enable;
    case SVNIC_PCI_CSR_PUSH_ERROR_ENABLE:
        return &p->push_error_enable;
    case SVNIC_PCI_CSR_XSCALE_INT_ENABLE:
        return &p->int_enable;
    default:
        return NULL;
    }
}

static uint32_t *mailbox(IxpPci *p, uint32_t offset)
{
    if (offset < SVNIC_PCI_CSR_MAILBOX(0) ||
        offset >= SVNIC_PCI_CSR_MAILBOX(SVNIC_PCI_CSR_MAILBOXES)) {
        return NULL;
    }
    return &p->mailbox[(offset - SVNIC_PCI_CSR_MAILBOX(0)) / 4];
}

bool ixp_pci_read(IxpPci *p, uint32_t offset, uint32_t *value)
{
    unsigned n;
    uint32_t reg;

    switch (offset) {
    case SVNIC_PCI_CSR_OUT_INT_STATUS:
        *value = __atomic_load_n(&p->pci_doorbell, __ATOMIC_RELAXED)
                 ? SVNIC_PCI_OUT_INT_DOORBELL : 0;
        return true;
    case SVNIC_PCI_CSR_XSCALE_DOORBELL:
    case SVNIC_PCI_CSR_XSCALE_DOORBELL_SETUP:
        *value = __atomic_load_n(&p->xscale_doorbell, __ATOMIC_RELAXED);
        return true;
    case SVNIC_PCI_CSR_PCI_DOORBELL:
    case SVNIC_PCI_CSR_PCI_DOORBELL_SETUP:
        *value = __atomic_load_n(&p->pci_doorbell, __ATOMIC_RELAXED);
        return true;
    case SVNIC_PCI_CSR_DRAM_BASE_MASK:
        *value = (p->sdram_size - 1) & SVNIC_PCI_BASE_MASK;
        return true;
    case SVNIC_PCI_CSR_SRAM_BASE_MASK:
    case SVNIC_PCI_CSR_PUSH_STATUS:
    case SVNIC_PCI_CSR_PUSH_ERROR_STATUS:
        *value = 0;
        return true;
    case SVNIC_PCI_CSR_XSCALE_INT_STATUS:
        *value = __atomic_load_n(&p->intb, __ATOMIC_RELAXED)
                 ? SVNIC_PCI_XSCALE_INT_INTB : 0;
        return true;
    }
    if (mailbox(p, offset)) {
        *value = __atomic_load_n(mailbox(p, offset), __ATOMIC_ACQUIRE);
    } else if (is_dma(offset, &n, &reg)) {
        *value = *dma_register(&p->dma[n], reg);
    } else if (plain(p, offset)) {
        *value = *plain(p, offset);
    } else {
        return false;
    }
    return true;
}

bool ixp_pci_write(IxpPci *p, uint32_t offset, uint32_t value)
{
    unsigned n;
    uint32_t reg;

    switch (offset) {
    case SVNIC_PCI_CSR_XSCALE_DOORBELL:
        if (__atomic_or_fetch(&p->xscale_doorbell, value, __ATOMIC_SEQ_CST)) {
            p->ops->doorbell(p->opaque);
        }
        return true;
    case SVNIC_PCI_CSR_XSCALE_DOORBELL_SETUP:
        __atomic_store_n(&p->xscale_doorbell, value, __ATOMIC_SEQ_CST);
        if (value) {
            p->ops->doorbell(p->opaque);
        }
        return true;
    case SVNIC_PCI_CSR_PCI_DOORBELL:
        __atomic_fetch_and(&p->pci_doorbell, ~value, __ATOMIC_SEQ_CST);
        return true;
    case SVNIC_PCI_CSR_PCI_DOORBELL_SETUP:
        __atomic_store_n(&p->pci_doorbell, value, __ATOMIC_SEQ_CST);
        return true;
    case SVNIC_PCI_CSR_OUT_INT_STATUS:
    case SVNIC_PCI_CSR_SRAM_BASE_MASK:
    case SVNIC_PCI_CSR_DRAM_BASE_MASK:
    case SVNIC_PCI_CSR_PUSH_STATUS:
    case SVNIC_PCI_CSR_PUSH_ERROR_STATUS:
    case SVNIC_PCI_CSR_XSCALE_INT_STATUS:
        return true;
    }
    if (mailbox(p, offset)) {
        __atomic_store_n(mailbox(p, offset), value, __ATOMIC_SEQ_CST);
    } else if (is_dma(offset, &n, &reg)) {
        dma_write(p, n, reg, value);
    } else if (plain(p, offset)) {
        *plain(p, offset) = value;
    } else {
        return false;
    }
    return true;
}
