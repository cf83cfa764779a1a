/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400 PCI unit: every register, one per row.
 *
 * The only table of these registers.  Used by ixp2400-pci.c and, through its
 * function, tests/unit/test-registers.c, which compares it with
 * docs/specs/sv-nic-chip.rst; tests/qtest/sv-nic-chip-test.c tests every row.
 *
 *   X(name, address, count, stride, access, host, writable, reset, what,
 *     source)
 *
 * address    offset in the PCI CSRs
 * count      of registers like this, @stride bytes apart
 * access     of the XScale and the microengines, as the spec writes it
 * host       of the host; bits that are listed differ from the others
 * writable   bits that a write of the host can change
 * source     of the offset
 */
#ifndef HW_NET_SV_NIC_CHIP_IXP2400_PCI_REGS_H
#define HW_NET_SV_NIC_CHIP_IXP2400_PCI_REGS_H

#include "hw/net/sv-nic/sv_nic_abi.h"

#define IXP_DMA_STRIDE          (SVNIC_PCI_CSR_DMA(1) - SVNIC_PCI_CSR_DMA(0))
#define IXP_DMA_EVENTS          (SVNIC_DMA_TRANSFER_DONE | SVNIC_DMA_ERROR | \
                                 SVNIC_DMA_CHAIN_DONE)
#define IXP_DMA_CONTROL_KEPT    (SVNIC_DMA_ENABLE | SVNIC_DMA_IN_REGISTERS)
#define IXP_DMA_COUNT_KEPT      (SVNIC_DMA_COUNT_MASK | SVNIC_DMA_TO_PCI | \
                                 SVNIC_DMA_END_OF_CHAIN)

#define IXP_LINUX_REGS          "Linux ixp2000-regs.h"

#define IXP_PCI_DOORBELL_REGISTERS(X) \
    X("PCI_OUT_INT_STATUS", SVNIC_PCI_CSR_OUT_INT_STATUS, 1, 0, "RO", "RO", \
      0, 0, "bit 2: PCI_DOORBELL is not 0 (bit: 21285)", IXP_LINUX_REGS) \
    X("PCI_OUT_INT_MASK", SVNIC_PCI_CSR_OUT_INT_MASK, 1, 0, "RW", "RW", \
      UINT32_MAX, SVNIC_PCI_OUT_INT_DOORBELL, \
      "kept: the pin is not wired to the host", IXP_LINUX_REGS) \
    X("MAILBOX", SVNIC_PCI_CSR_MAILBOX(0), SVNIC_PCI_CSR_MAILBOXES, 4, \
      "RW", "RW", UINT32_MAX, 0, "see Boot and command mailboxes", \
      IXP_LINUX_REGS) \
    X("XSCALE_DOORBELL", SVNIC_PCI_CSR_XSCALE_DOORBELL, 1, 0, "R, W1C", \
      "R, W1S", UINT32_MAX, 0, "interrupts the XScale (polarity remembered)", \
      IXP_LINUX_REGS) \
    X("XSCALE_DOORBELL_SETUP", SVNIC_PCI_CSR_XSCALE_DOORBELL_SETUP, 1, 0, \
      "RW", "RW", UINT32_MAX, 0, "the same bits, written plainly", \
      IXP_LINUX_REGS) \
    X("PCI_DOORBELL", SVNIC_PCI_CSR_PCI_DOORBELL, 1, 0, "R, W1S", "R, W1C", \
      UINT32_MAX, 0, \
      "says why the manager is interrupted (polarity remembered)", \
      IXP_LINUX_REGS) \
    X("PCI_DOORBELL_SETUP", SVNIC_PCI_CSR_PCI_DOORBELL_SETUP, 1, 0, "RW", \
      "RW", UINT32_MAX, 0, "the same bits, written plainly", IXP_LINUX_REGS)

#define IXP_PCI_DMA_REGISTERS(X) \
    X("DMA_BYTE_COUNT", SVNIC_PCI_CSR_DMA(0) + SVNIC_DMA_BYTE_COUNT, \
      SVNIC_PCI_CSR_DMA_CHANNELS, IXP_DMA_STRIDE, "RW", "RW", \
      IXP_DMA_COUNT_KEPT, 0, \
      "31 end of chain, 30 SDRAM to PCI, 23:0 bytes (bits: 21285)", \
      IXP_LINUX_REGS) \
    X("DMA_PCI_ADDRESS", SVNIC_PCI_CSR_DMA(0) + SVNIC_DMA_PCI_ADDRESS, \
      SVNIC_PCI_CSR_DMA_CHANNELS, IXP_DMA_STRIDE, "RW", "RW", UINT32_MAX, \
      0, "on the chip's bus; counts on", IXP_LINUX_REGS) \
    X("DMA_DRAM_ADDRESS", SVNIC_PCI_CSR_DMA(0) + SVNIC_DMA_DRAM_ADDRESS, \
      SVNIC_PCI_CSR_DMA_CHANNELS, IXP_DMA_STRIDE, "RW", "RW", UINT32_MAX, \
      0, "offset in SDRAM; counts on", IXP_LINUX_REGS) \
    X("DMA_DESC_PTR", SVNIC_PCI_CSR_DMA(0) + SVNIC_DMA_DESC_PTR, \
      SVNIC_PCI_CSR_DMA_CHANNELS, IXP_DMA_STRIDE, "RW", "RW", UINT32_MAX, \
      0, "offset in SDRAM of the next descriptor", IXP_LINUX_REGS) \
    X("DMA_CONTROL", SVNIC_PCI_CSR_DMA(0) + SVNIC_DMA_CONTROL, \
      SVNIC_PCI_CSR_DMA_CHANNELS, IXP_DMA_STRIDE, "RW, 2, 3, 7 W1C", \
      "RW, 2, 3, 7 W1C", IXP_DMA_CONTROL_KEPT, 0, \
      "0 enable, 2 done, 3 error, 4 first in registers, 7 chain done", \
      IXP_LINUX_REGS) \
    X("DMA_ME_PARAM", SVNIC_PCI_CSR_DMA(0) + SVNIC_DMA_ME_PARAM, \
      SVNIC_PCI_CSR_DMA_CHANNELS, IXP_DMA_STRIDE, "RW", "RW", UINT32_MAX, \
      0, "kept", IXP_LINUX_REGS)

#define IXP_PCI_UNIT_REGISTERS(X) \
    X("DMA_INF_MODE", SVNIC_PCI_CSR_DMA_INF_MODE, 1, 0, "RW", "RW", \
      UINT32_MAX, 0, "kept", IXP_LINUX_REGS) \
    X("SRAM_BASE_ADDR_MASK", SVNIC_PCI_CSR_SRAM_BASE_MASK, 1, 0, "RO", \
      "RO", 0, 0, "SRAM has no window", IXP_LINUX_REGS) \
    X("DRAM_BASE_ADDR_MASK", SVNIC_PCI_CSR_DRAM_BASE_MASK, 1, 0, "RO", \
      "RO", 0, SVNIC_PCI_BASE_MASK, "sdram-size - 1 in bits 27:18", \
      IXP_LINUX_REGS) \
    X("PCI_CONTROL", SVNIC_PCI_CSR_CONTROL, 1, 0, "RW", "RW", UINT32_MAX, \
      0, "kept", IXP_LINUX_REGS) \
    X("PCI_ADDR_EXT", SVNIC_PCI_CSR_ADDR_EXT, 1, 0, "RW", "RW", UINT32_MAX, \
      SVNIC_PCI_ADDR_EXT_RESET, "kept; as the board's boot code sets it", \
      "Linux enp2611.c") \
    X("ME_PUSH_STATUS", SVNIC_PCI_CSR_PUSH_STATUS, 1, 0, "RO", "RO", 0, 0, \
      "nothing is pushed", IXP_LINUX_REGS) \
    X("ME_PUSH_ENABLE", SVNIC_PCI_CSR_PUSH_ENABLE, 1, 0, "RW", "RW", \
      UINT32_MAX, 0, "kept", IXP_LINUX_REGS) \
    X("ME_PUSH_ERROR_STATUS", SVNIC_PCI_CSR_PUSH_ERROR_STATUS, 1, 0, "RO", \
      "RO", 0, 0, "nothing is pushed", IXP_LINUX_REGS) \
    X("ME_PUSH_ERROR_ENABLE", SVNIC_PCI_CSR_PUSH_ERROR_ENABLE, 1, 0, "RW", \
      "RW", UINT32_MAX, 0, "kept", IXP_LINUX_REGS) \
    X("XSCALE_INT_STATUS", SVNIC_PCI_CSR_XSCALE_INT_STATUS, 1, 0, "RO", \
      "RO", 0, 0, "27 INTB: level of the bridge's s_inta", IXP_LINUX_REGS) \
    X("XSCALE_INT_ENABLE", SVNIC_PCI_CSR_XSCALE_INT_ENABLE, 1, 0, "RW", \
      "RW", UINT32_MAX, 0, "kept", IXP_LINUX_REGS)

#define IXP_PCI_REGISTERS(X) \
    IXP_PCI_DOORBELL_REGISTERS(X) \
    IXP_PCI_DMA_REGISTERS(X) \
    IXP_PCI_UNIT_REGISTERS(X)

#endif /* HW_NET_SV_NIC_CHIP_IXP2400_PCI_REGS_H */
