/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The chip's PCI unit: CSRs in BAR 3, and three DMA channels.
 *
 * hw/net/sv-nic/ixp2400-pci.c is compiled into QEMU and into the fake chip; the
 * embedding code does the transfers (IxpPciOps).  Mailboxes and doorbells are
 * atomic, shared by host, XScale and contexts; everything else is used by one
 * thread at a time, in QEMU with the BQL.
 *
 * Spec: "PCI CSRs", "DMA channels".
 */
#ifndef HW_NET_SV_NIC_CHIP_IXP2400_PCI_H
#define HW_NET_SV_NIC_CHIP_IXP2400_PCI_H

#include "hw/net/sv-nic/sv_nic_abi.h"
#include "ixp_units.h"

typedef struct IxpPciOps {
    /*
     * Copies *@n bytes between SDRAM and the PCI bus, or at least the first of
     * them, and stores how many; false: no target at @address.
     */
    bool (*transfer)(void *opaque, uint32_t address, uint8_t *sdram,
                     uint32_t *n, bool to_pci);
    /* called after each part: whether ixp_pci_dma_run() must return */
    bool (*dma_over)(void *opaque);
    /* schedules ixp_pci_dma_run() */
    void (*dma_due)(void *opaque);
    /* XSCALE_DOORBELL is not 0 */
    void (*doorbell)(void *opaque);
} IxpPciOps;

typedef struct IxpDma {
    uint32_t byte_count;        /* registers, from here */
    uint32_t pci_address;
    uint32_t dram_address;
    uint32_t next;
    uint32_t control;
    uint32_t me_param;
    bool loaded;                /* registers have a descriptor */
    uint32_t descriptors;       /* of this chain so far */
    uint64_t transfers;         /* descriptors done */
    uint64_t bytes;
    uint64_t errors;
} IxpDma;

typedef struct IxpPci {
    const IxpPciOps *ops;
    void *opaque;
    uint8_t *sdram;
    uint64_t sdram_size;
    uint32_t chain_max;         /* descriptors of a chain */

    /* atomic */
    uint32_t mailbox[SVNIC_PCI_CSR_MAILBOXES];
    uint32_t xscale_doorbell;
    uint32_t pci_doorbell;
    uint32_t intb;              /* level of the pin; by the board */

    uint32_t out_int_mask;
    uint32_t inf_mode;
    uint32_t control;
    uint32_t addr_ext;
    uint32_t push_enable;
    uint32_t push_error_enable;
    uint32_t int_enable;
    IxpDma dma[SVNIC_PCI_CSR_DMA_CHANNELS];
    unsigned dma_turn;          /* next channel */
    uint64_t dma_runs;          /* calls of ixp_pci_dma_run() with work */
    uint64_t dma_parts;         /* parts in these calls */
} IxpPci;

/* Range of the property for the longest chain. */
#define IXP_DMA_CHAIN_MAX       4096
#define IXP_DMA_CHAIN_LIMIT     65536
/*
 * Limits of a call of ixp_pci_dma_run(), for all channels together: parts, and
 * bytes of a part, which is of one descriptor.
 */
#define IXP_DMA_RUN_PARTS       12
#define IXP_DMA_PART            (16 * 1024)

/* Sets reset values; transfers end where they are. */
void ixp_pci_reset(IxpPci *p);
/* An access of the host to a dword; false: reserved. */
bool ixp_pci_read(IxpPci *p, uint32_t offset, uint32_t *value);
bool ixp_pci_write(IxpPci *p, uint32_t offset, uint32_t value);
/*
 * Continues all channels, in round-robin order, by a bounded amount.  True:
 * call again.
 */
bool ixp_pci_dma_run(IxpPci *p);
/* Rows of the spec's table. */
const IxpRegister *ixp_pci_registers(size_t *n);

#endif /* HW_NET_SV_NIC_CHIP_IXP2400_PCI_H */
