/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * SV-NIC: registers, commands and data structures that host software sees.
 *
 * The only definition of these numbers.  The QEMU device, the firmware, the
 * guest drivers and the tests include this file unchanged.  The specification
 * is docs/specs/sv-nic*.rst; "Spec:" in a comment gives the section.
 *
 * All multi-byte values in card memory are little-endian.  Offsets are in
 * bytes.  RO: writes are ignored; W1S/W1C: writing 1 sets/clears the bit.
 * (m): from memory; no document was found, do not rely on it on real hardware.
 */
#ifndef HW_NET_SV_NIC_ABI_H
#define HW_NET_SV_NIC_ABI_H

#ifdef __KERNEL__
#include <linux/types.h>
typedef __le16 svnic_le16;
typedef __le32 svnic_le32;
typedef __le64 svnic_le64;
typedef __u8 svnic_u8;
#else
#include <stdint.h>
typedef uint16_t svnic_le16;
typedef uint32_t svnic_le32;
typedef uint64_t svnic_le64;
typedef uint8_t svnic_u8;
#endif

/*
 * ==== The hardware half: bridge, chip, doorbell aperture ====
 */

/* Spec: "PCI identity".  Class 0680 is "bridge, other". */
#define SVNIC_PCI_VENDOR_ID             0x8086
#define SVNIC_PCI_DEVICE_ID             0xb555
#define SVNIC_PCI_CLASS                 0x0680
#define SVNIC_PCI_SUBVENDOR_ID          0x1331
#define SVNIC_PCI_SUBDEVICE_ID          0x0030

/* Spec: "BARs" */
#define SVNIC_BAR_CSR                   0       /* 21555 CSRs, memory */
#define SVNIC_BAR_CSR_IO                1       /* 21555 CSRs, I/O */
#define SVNIC_BAR_DOORBELL              2       /* doorbell aperture */
#define SVNIC_BAR_PCI_CSR               3       /* IXP2400 PCI CSRs */
#define SVNIC_BAR_SDRAM                 4       /* card SDRAM, 64-bit */

#define SVNIC_CSR_SIZE                  0x1000
#define SVNIC_CSR_IO_SIZE               0x100
#define SVNIC_PCI_CSR_SIZE              0x100000 /* default, pci-csr-size */
#define SVNIC_PCI_CSR_SIZE_MIN          0x1000

/* With msix=on the MSI-X table and PBA are in BAR 0 above the CSRs. */
#define SVNIC_MSIX_TABLE_OFFSET         0x1000
#define SVNIC_MSIX_PBA_OFFSET           0x2800
#define SVNIC_MSIX_BAR_SIZE             0x4000

/*
 * Spec: "Bridge CSRs" (21555, BAR 0 and BAR 1).  Byte, word and dword
 * access.  Each request and each mask register exists once, with two
 * addresses: writing 1 to the "set" address sets, to the "clear" address
 * clears the bit; both read the same.  INTA is level-triggered and asserted
 * while (primary IRQ & ~primary mask) is not 0, and by two more registers, see
 * "Interrupts".  P and S: access from the primary and the secondary side.
 */
#define SVNIC_CSR_DOWN_CONFIG_ADDR      0x000   /* 32 bit, P RW, S R */
#define SVNIC_CSR_DOWN_CONFIG_DATA      0x004   /* 32 bit, P: starts cycle */
#define SVNIC_CSR_UP_CONFIG_ADDR        0x008   /* 32 bit, P R, S RW */
#define SVNIC_CSR_UP_CONFIG_DATA        0x00c   /* 32 bit, S: starts cycle */
#define SVNIC_CSR_CONFIG_OWN            0x010   /* 16 bit, read to own */
#define SVNIC_CSR_CONFIG_CSR            0x012   /* 16 bit, RW in enables */
#define SVNIC_CSR_DOWN_IO_ADDR          0x014   /* 32 bit, P RW, S R */
#define SVNIC_CSR_DOWN_IO_DATA          0x018   /* 32 bit, P: starts cycle */
#define SVNIC_CSR_UP_IO_ADDR            0x01c   /* 32 bit, P R, S RW */
#define SVNIC_CSR_UP_IO_DATA            0x020   /* 32 bit, S: starts cycle */
#define SVNIC_CSR_IO_OWN                0x024   /* 16 bit, read to own */
#define SVNIC_CSR_IO_CSR                0x026   /* 16 bit, RW in enables */
#define SVNIC_CSR_LUT_OFFSET            0x028   /* 8 bit, RW: byte index */
#define SVNIC_CSR_LUT_DATA              0x02c   /* 32 bit, RW: LUT entry */
#define SVNIC_CSR_I2O_OUT_POST_STATUS   0x030   /* 32 bit, RO, bit 3 */
#define SVNIC_CSR_I2O_OUT_POST_MASK     0x034   /* 32 bit, RW, bit 3 */
#define SVNIC_CSR_I2O_IN_POST_STATUS    0x038   /* 32 bit, RO, bit 3 */
#define SVNIC_CSR_I2O_IN_POST_MASK      0x03c   /* 32 bit, RW, bit 3 */
#define SVNIC_CSR_I2O_INBOUND_QUEUE     0x040   /* 32 bit, P: pop, push */
#define SVNIC_CSR_I2O_OUTBOUND_QUEUE    0x044   /* 32 bit, P: pop, push */
#define SVNIC_CSR_I2O_IN_FREE_HEAD      0x048   /* 32 bit, RW in 31:2 */
#define SVNIC_CSR_I2O_IN_POST_TAIL      0x04c   /* 32 bit, RW in 31:2 */
#define SVNIC_CSR_I2O_OUT_FREE_TAIL     0x050   /* 32 bit, RW in 31:2 */
#define SVNIC_CSR_I2O_OUT_POST_HEAD     0x054   /* 32 bit, RW in 31:2 */
#define SVNIC_CSR_I2O_IN_POST_COUNT     0x058   /* 32 bit, set or -1 */
#define SVNIC_CSR_I2O_IN_FREE_COUNT     0x05c   /* 32 bit, set or +1 */
#define SVNIC_CSR_I2O_OUT_POST_COUNT    0x060   /* 32 bit, set or +1 */
#define SVNIC_CSR_I2O_OUT_FREE_COUNT    0x064   /* 32 bit, set or -1 */
#define SVNIC_CSR_DOWN_MEM0_BASE        0x068   /* 32 bit, RW */
#define SVNIC_CSR_DOWN_MEM1_BASE        0x06c   /* 32 bit, RW */
#define SVNIC_CSR_DOWN_MEM2_BASE        0x070   /* 32 bit, RW */
#define SVNIC_CSR_DOWN_MEM3_BASE        0x074   /* 32 bit, RW */
#define SVNIC_CSR_UP_MEM0_BASE          0x078   /* 32 bit, RW */
#define SVNIC_CSR_UP_MEM1_BASE          0x07c   /* 32 bit, RW */
#define SVNIC_CSR_CHIP_STATUS           0x082   /* 16 bit, W1C */
#define SVNIC_CSR_CHIP_SET_MASK         0x084   /* 16 bit, W1S */
#define SVNIC_CSR_CHIP_CLEAR_MASK       0x086   /* 16 bit, W1C */
#define SVNIC_CSR_PAGE_IRQ(n)           (0x088 + 4 * (n)) /* 32 bit, W1C */
#define SVNIC_CSR_PAGE_MASK(n)          (0x090 + 4 * (n)) /* 32 bit, RW */
#define SVNIC_CSR_PRIMARY_CLEAR_IRQ     0x098   /* 16 bit, W1C */
#define SVNIC_CSR_SECONDARY_CLEAR_IRQ   0x09a   /* 16 bit, W1C */
#define SVNIC_CSR_PRIMARY_SET_IRQ       0x09c   /* 16 bit, W1S */
#define SVNIC_CSR_SECONDARY_SET_IRQ     0x09e   /* 16 bit, W1S */
#define SVNIC_CSR_PRIMARY_CLEAR_MASK    0x0a0   /* 16 bit, W1C, reset ffff */
#define SVNIC_CSR_SECONDARY_CLEAR_MASK  0x0a2   /* 16 bit, W1C, reset ffff */
#define SVNIC_CSR_PRIMARY_SET_MASK      0x0a4   /* 16 bit, W1S, reset ffff */
#define SVNIC_CSR_SECONDARY_SET_MASK    0x0a6   /* 16 bit, W1S, reset ffff */
#define SVNIC_CSR_SCRATCHPAD(n)         (0x0a8 + 4 * (n))  /* 32 bit, RW */
#define SVNIC_CSR_SCRATCHPADS           8
#define SVNIC_CSR_ROM_SETUP             0x0c8   /* 16 bit, RW */
#define SVNIC_CSR_ROM_DATA              0x0ca   /* 8 bit, RW */
#define SVNIC_CSR_ROM_ADDRESS           0x0cc   /* 24 bit, RW */
#define SVNIC_CSR_ROM_CONTROL           0x0cf   /* 8 bit, starts */
#define SVNIC_CSR_GENERIC_OWN           0x0d0   /* 16 bit, read to own */
#define SVNIC_CSR_LUT(n)                (0x100 + 4 * (n))  /* 32 bit, RW */

/* CONFIG_OWN, CONFIG_CSR, IO_OWN, IO_CSR: semaphores of both directions */
#define SVNIC_OWN_DOWN                  (1u << 0)
#define SVNIC_OWN_UP                    (1u << 8)
#define SVNIC_OWN_CSR_DOWN_ENABLE       (1u << 1)
#define SVNIC_OWN_CSR_UP_ENABLE         (1u << 9)
/* GENERIC_OWN: semaphores for software, either side can take them */
#define SVNIC_OWN_GENERIC0              (1u << 0)
#define SVNIC_OWN_GENERIC1              (1u << 8)

/* I2O: status and mask bit; COUNT_SET in a write to a counter: set it */
#define SVNIC_I2O_POST                  (1u << 3)
#define SVNIC_I2O_COUNT_SET             (1u << 31)
#define SVNIC_I2O_COUNT_MASK            0xffffu
#define SVNIC_I2O_EMPTY                 0xffffffffu

/* CHIP_STATUS and its mask */
#define SVNIC_CHIP_D0                   (1u << 0) /* entered power state D0 */
#define SVNIC_CHIP_SUBSYSTEM            (1u << 1)

/* ROM_ADDRESS and ROM_CONTROL, for the serial ROM */
#define SVNIC_ROM_ADDRESS_MASK          0x1ffu
#define SVNIC_ROM_OP_SHIFT              9       /* 2 bits */
#define SVNIC_ROM_OP_SUB                0       /* SVNIC_ROM_SUB_* */
#define SVNIC_ROM_OP_WRITE              1
#define SVNIC_ROM_OP_READ               2
#define SVNIC_ROM_OP_ERASE              3
#define SVNIC_ROM_SUB_SHIFT             7       /* 2 bits */
#define SVNIC_ROM_SUB_WRITE_DISABLE     0
#define SVNIC_ROM_SUB_WRITE_ALL         1
#define SVNIC_ROM_SUB_ERASE_ALL         2
#define SVNIC_ROM_SUB_WRITE_ENABLE      3
#define SVNIC_ROM_SERIAL_START          (1u << 0) /* reads 1 while busy */
#define SVNIC_ROM_PARALLEL_START        (1u << 1) /* reads 1 while busy */

/*
 * Spec: "Configuration space" (21555), with offsets as seen from the primary
 * side; the secondary side sees the first two blocks of 64 bytes exchanged.
 * R/WS: writable from the secondary side only.  The header is that of PCI 2.2.
 */
#define SVNIC_CFG_SECONDARY_HEADER      0x40    /* 64 bytes */
#define SVNIC_CFG_SECONDARY_COMMAND     0x44    /* 16 bit, RW */
#define SVNIC_CFG_SECONDARY_STATUS      0x46    /* 16 bit, W1C */
#define SVNIC_CFG_SECONDARY_CSR_BAR     0x50    /* 32 bit, RW */
#define SVNIC_CFG_SECONDARY_CSR_IO_BAR  0x54    /* 32 bit, RW */
#define SVNIC_CFG_UPSTREAM_MEM0_BAR     0x58    /* 32 bit, RW in Setup */
#define SVNIC_CFG_UPSTREAM_MEM1_BAR     0x5c    /* 32 bit, RW in Setup */
#define SVNIC_CFG_UPSTREAM_MEM2_BAR     0x60    /* 32 bit, RW above 64 pages */
#define SVNIC_CFG_DOWN_CONFIG_ADDR      0x80    /* to 0xa8: like the CSRs */
#define SVNIC_CFG_DOWN_CONFIG_DATA      0x84
#define SVNIC_CFG_UP_CONFIG_ADDR        0x88
#define SVNIC_CFG_UP_CONFIG_DATA        0x8c
#define SVNIC_CFG_CONFIG_OWN            0x90
#define SVNIC_CFG_CONFIG_CSR            0x92
#define SVNIC_CFG_DOWN_MEM0_BASE        0x94
#define SVNIC_CFG_DOWN_MEM1_BASE        0x98
#define SVNIC_CFG_DOWN_MEM2_BASE        0x9c
#define SVNIC_CFG_DOWN_MEM3_BASE        0xa0
#define SVNIC_CFG_UPSTREAM_MEM0_BASE    0xa4    /* 32 bit, RW */
#define SVNIC_CFG_UPSTREAM_MEM1_BASE    0xa8    /* 32 bit, RW */
#define SVNIC_CFG_DOWN_MEM0_SETUP       0xac    /* 32 bit, R/WS */
#define SVNIC_CFG_DOWN_MEM1_SETUP       0xb0    /* 32 bit, R/WS */
#define SVNIC_CFG_DOWN_MEM2_SETUP       0xb4    /* 32 bit, R/WS */
#define SVNIC_CFG_DOWN_MEM3_SETUP       0xb8    /* 32 bit, R/WS */
#define SVNIC_CFG_DOWN_MEM3_UPPER_SETUP 0xbc    /* 32 bit, R/WS */
#define SVNIC_CFG_EXPANSION_ROM_SETUP   0xc0    /* 32 bit, R/WS */
#define SVNIC_CFG_UPSTREAM_MEM0_SETUP   0xc4    /* 32 bit, R/WS */
#define SVNIC_CFG_UPSTREAM_MEM1_SETUP   0xc8    /* 32 bit, R/WS */
#define SVNIC_CFG_CHIP_CONTROL0         0xcc    /* 16 bit, RW */
#define SVNIC_CFG_CHIP_CONTROL1         0xce    /* 16 bit, RW */
#define SVNIC_CFG_CHIP_STATUS           0xd0    /* 16 bit, W1C */
#define SVNIC_CFG_ARBITER_CONTROL       0xd2    /* 16 bit, RW */
#define SVNIC_CFG_PRIMARY_SERR          0xd4    /* 8 bit, RW, 1 = disabled */
#define SVNIC_CFG_SECONDARY_SERR        0xd5    /* 8 bit, RW, 1 = disabled */
#define SVNIC_CFG_RESET_CONTROL         0xd8    /* 32 bit, RW in 1:0 */
#define SVNIC_CFG_PM                    0xdc    /* power management */
#define SVNIC_CFG_VPD                   0xe4    /* vital product data */
#define SVNIC_CFG_HOT_SWAP              0xec    /* CompactPCI hot swap */
#define SVNIC_CFG_MSIX                  0xf0    /* msix=on, not in a 21555 */

#define SVNIC_RESET_SECONDARY           (1u << 0) /* chip held in reset */
#define SVNIC_RESET_CHIP                (1u << 1) /* the whole function */
#define SVNIC_RESET_SUBSYSTEM_STATUS    (1u << 2) /* pin state: reads 0 */
#define SVNIC_RESET_L_STAT              (1u << 3) /* pin state: reads 0 */

/* A Setup register holds the size mask of its BAR and these bits. */
#define SVNIC_SETUP_IO                  (1u << 0)
#define SVNIC_SETUP_BELOW_1M            (1u << 1) /* 32 bits, below 1 MiB */
#define SVNIC_SETUP_64BIT               (1u << 2) /* Memory 3 only */
#define SVNIC_SETUP_TYPE_MASK           0x00000006u
#define SVNIC_SETUP_PREFETCHABLE        (1u << 3)
#define SVNIC_SETUP_SIZE_MASK           0xffffffc0u
#define SVNIC_SETUP_ENABLE              (1u << 31)
#define SVNIC_SETUP_MEMORY_MIN          0x1000u
#define SVNIC_SETUP_IO_MAX              0x10000u
#define SVNIC_ROM_SETUP_SIZE_MASK       0x00fff000u /* expansion ROM */
#define SVNIC_ROM_SETUP_ENABLE          (1u << 24)

#define SVNIC_CC0_MASTER_ABORT_MODE     (1u << 0) /* 1: aborts are errors */
#define SVNIC_CC0_LOCKOUT               (1u << 10) /* locks the host out */
#define SVNIC_CC0_PAGE_SIZE_EXT_SHIFT   13      /* bit 4 of the code */
#define SVNIC_CC1_PAGE_SIZE_SHIFT       8       /* code, 0: no window */
#define SVNIC_CC1_PAGE_SIZE_BITS        4
#define SVNIC_CC1_I2O_ENABLE            (1u << 12)
#define SVNIC_CC1_I2O_SIZE_SHIFT        13      /* 256 << n entries */
#define SVNIC_CC1_I2O_SIZE_BITS         3

/* Spec: "Upstream".  Lookup table of Upstream Memory 2 */
#define SVNIC_LUT_ENTRIES               64
#define SVNIC_LUT_PAGE_SHIFT(code)      (7 + (code))    /* 1: 256 bytes */
#define SVNIC_LUT_PAGE_CODE_4K          5
#define SVNIC_LUT_PAGE_CODE_MAX         18      /* 32 MiB */
#define SVNIC_LUT_VALID                 (1u << 0)
#define SVNIC_LUT_PREFETCHABLE          (1u << 3)
#define SVNIC_LUT_BASE_MASK             0xffffff00u

/*
 * Spec: "Serial ROM".  Offsets in its 512 bytes; (m) except VPD.
 */
#define SVNIC_SROM_SIZE                 512
#define SVNIC_SROM_PRELOAD              0x00    /* bits 7:6 = 10: preload */
#define SVNIC_SROM_PRELOAD_MASK         0xc0
#define SVNIC_SROM_PRELOAD_ENABLE       0x80
#define SVNIC_SROM_PRIMARY_CLASS        0x04    /* prog-if, sub, base */
#define SVNIC_SROM_SUBVENDOR            0x07    /* 16 bit */
#define SVNIC_SROM_SUBDEVICE            0x09    /* 16 bit */
#define SVNIC_SROM_PRIMARY_MIN_GNT      0x0b
#define SVNIC_SROM_PRIMARY_MAX_LAT      0x0c
#define SVNIC_SROM_SECONDARY_CLASS      0x0d    /* prog-if, sub, base */
#define SVNIC_SROM_SECONDARY_MIN_GNT    0x10
#define SVNIC_SROM_SECONDARY_MAX_LAT    0x11
#define SVNIC_SROM_DOWN_MEM0_SETUP      0x12    /* 32 bit each */
#define SVNIC_SROM_DOWN_MEM1_SETUP      0x16
#define SVNIC_SROM_DOWN_MEM2_SETUP      0x1a
#define SVNIC_SROM_DOWN_MEM3_SETUP      0x1e
#define SVNIC_SROM_DOWN_MEM3_UPPER_SETUP 0x22
#define SVNIC_SROM_EXPANSION_ROM_SETUP  0x26
#define SVNIC_SROM_UPSTREAM_MEM0_SETUP  0x2a
#define SVNIC_SROM_UPSTREAM_MEM1_SETUP  0x2e
#define SVNIC_SROM_CHIP_CONTROL0        0x32    /* 16 bit */
#define SVNIC_SROM_CHIP_CONTROL1        0x34    /* 16 bit */
#define SVNIC_SROM_ARBITER_CONTROL      0x36    /* 16 bit */
#define SVNIC_SROM_PRIMARY_SERR         0x38
#define SVNIC_SROM_SECONDARY_SERR       0x39
#define SVNIC_SROM_RESERVED             0x3a    /* 0 up to VPD */
#define SVNIC_SROM_VPD                  0x80    /* VPD address 0 */

/* Spec: "Indirect cycles".  Devices on the secondary bus */
#define SVNIC_IXP_VENDOR_ID             0x8086
#define SVNIC_IXP_DEVICE_ID             0x9001
#define SVNIC_LOCAL_SLOT_IXP            0
#define SVNIC_LOCAL_SLOT_BRIDGE         1
#define SVNIC_LOCAL_IDSEL_SHIFT         16      /* AD[16 + slot] */

/*
 * Spec: "The secondary bus".  Addresses that the board's boot monitor assigns.
 */
#define SVNIC_LOCAL_SDRAM               0x00000000u
#define SVNIC_LOCAL_PCI_CSR             0x40000000u
#define SVNIC_LOCAL_DOORBELL            0x40100000u
#define SVNIC_LOCAL_BRIDGE_CSR          0x40200000u
#define SVNIC_LOCAL_BRIDGE_CSR_IO       0x00010000u /* I/O space */
#define SVNIC_LOCAL_UPSTREAM_MEM2       0x50000000u /* lookup table */
#define SVNIC_LOCAL_UPSTREAM_MEM1       0x60000000u /* to host 80000000 */
#define SVNIC_LOCAL_UPSTREAM_MEM1_SIZE  0x20000000u
#define SVNIC_LOCAL_UPSTREAM_MEM0       0x80000000u /* to host 0 */
#define SVNIC_LOCAL_UPSTREAM_MEM0_SIZE  0x80000000u

/*
 * Spec: "PCI CSRs" (IXP2400, BAR 3).  32 bit each.
 * Writing 1 to a bit of XSCALE_DOORBELL from the host sets it and interrupts
 * the XScale, which clears it; PCI_DOORBELL works in the other direction.
 */
#define SVNIC_PCI_CSR_MAILBOX(n)        (0x50 + 4 * (n))   /* RW */
#define SVNIC_PCI_CSR_MAILBOXES         4
#define SVNIC_PCI_CSR_XSCALE_DOORBELL   0x60    /* W1S from the host */
#define SVNIC_PCI_CSR_XSCALE_DOORBELL_SETUP 0x64 /* RW, plain */
#define SVNIC_PCI_CSR_PCI_DOORBELL      0x70    /* W1C from the host */
#define SVNIC_PCI_CSR_PCI_DOORBELL_SETUP 0x74   /* RW, plain */

/* Interrupt pin of the chip, not connected.  Bit 2: PCI_DOORBELL */
#define SVNIC_PCI_CSR_OUT_INT_STATUS    0x30    /* RO */
#define SVNIC_PCI_CSR_OUT_INT_MASK      0x34    /* RW, 1 = masked */
#define SVNIC_PCI_OUT_INT_DOORBELL      (1u << 2)
/* DMA channel n, 0 to 2; only CONTROL is writable while it is enabled. */
#define SVNIC_PCI_CSR_DMA_CHANNELS      3
#define SVNIC_PCI_CSR_DMA(n)            (0x80 + 0x20 * (n))
#define SVNIC_DMA_BYTE_COUNT            0x00    /* RW, as in a descriptor */
#define SVNIC_DMA_PCI_ADDRESS           0x04    /* RW */
#define SVNIC_DMA_DRAM_ADDRESS          0x08    /* RW */
#define SVNIC_DMA_DESC_PTR              0x0c    /* RW, next descriptor */
#define SVNIC_DMA_CONTROL               0x10    /* RW, bits 2, 3, 7 W1C */
#define SVNIC_DMA_ME_PARAM              0x14    /* RW */
#define SVNIC_DMA_COUNT_MASK            0x00ffffffu
#define SVNIC_DMA_TO_PCI                (1u << 30)
#define SVNIC_DMA_END_OF_CHAIN          (1u << 31)
#define SVNIC_DMA_ENABLE                (1u << 0)
#define SVNIC_DMA_TRANSFER_DONE         (1u << 2)
#define SVNIC_DMA_ERROR                 (1u << 3)
#define SVNIC_DMA_IN_REGISTERS          (1u << 4) /* first one not fetched */
#define SVNIC_DMA_CHAIN_DONE            (1u << 7)
#define SVNIC_PCI_CSR_DMA_INF_MODE      0xe0    /* RW */
#define SVNIC_PCI_CSR_SRAM_BASE_MASK    0xfc    /* RO: 0, no window */
#define SVNIC_PCI_CSR_DRAM_BASE_MASK    0x100   /* RO, bits 27:18 */
#define SVNIC_PCI_BASE_MASK             0x0ffc0000u
#define SVNIC_PCI_CSR_CONTROL           0x13c   /* RW */
#define SVNIC_PCI_CSR_ADDR_EXT          0x140   /* RW */
#define SVNIC_PCI_ADDR_EXT_RESET        0x00100000u
#define SVNIC_PCI_CSR_PUSH_STATUS       0x148   /* RO */
#define SVNIC_PCI_CSR_PUSH_ENABLE       0x14c   /* RW */
#define SVNIC_PCI_CSR_PUSH_ERROR_STATUS 0x150   /* RO */
#define SVNIC_PCI_CSR_PUSH_ERROR_ENABLE 0x154   /* RW */
#define SVNIC_PCI_CSR_XSCALE_INT_STATUS 0x158   /* RO */
#define SVNIC_PCI_XSCALE_INT_INTB       (1u << 27) /* from the bridge */
#define SVNIC_PCI_CSR_XSCALE_INT_ENABLE 0x15c   /* RW */

/* A descriptor of a DMA chain, in SDRAM, aligned to 16 bytes. */
struct svnic_dma_desc {
    svnic_le32 byte_count;      /* SVNIC_DMA_* and the count */
    svnic_le32 pci_address;
    svnic_le32 dram_address;    /* SDRAM offset */
    svnic_le32 next;            /* SDRAM offset */
};

/*
 * Spec: "Doorbell aperture" (BAR 2).  Doorbell page n, 4 KiB, belongs to VIF n.
 * Aligned dword access; the rest of the page reads 0 and ignores writes.
 */
#define SVNIC_DOORBELL_PAGE_SHIFT       12
#define SVNIC_DOORBELL_PAGE_SIZE        (1 << SVNIC_DOORBELL_PAGE_SHIFT)
#define SVNIC_DB_SEND                   0x000   /* WO: send queue has work */
#define SVNIC_DB_RECV                   0x004   /* WO: recv queue has room */
#define SVNIC_DB_SIGNAL_STATUS          0x008   /* R, W1C */
#define SVNIC_DB_SIGNAL_MASK_SET        0x00c   /* R, W1S, reset all ones */
#define SVNIC_DB_SIGNAL_MASK_CLEAR      0x010   /* R, W1C */
/* Bits of signal status and signal mask (1 = masked). */
#define SVNIC_SIGNAL_SEND_DONE          (1u << 0) /* send queue consumed */
#define SVNIC_SIGNAL_RECV_WORK          (1u << 1) /* receive queue has work */
#define SVNIC_SIGNAL_STATE              (1u << 2) /* VIF state or error */
#define SVNIC_SIGNAL_LINK               (1u << 3) /* link of the VIF */
#define SVNIC_SIGNAL_ALL                0x0000000fu

/*
 * Spec: "Interrupts".  An unmasked signal of VIF n sets irq bit
 * SVNIC_VIF_IRQ_BIT(n, bits) of the primary IRQ register, or with msix=on
 * sends vector SVNIC_VECTOR(n) instead.  The manager has a separate irq bit and
 * vector.  svnic_card_info has the number of irq bits in use.
 */
#define SVNIC_IRQ_BITS           16      /* default */
#define SVNIC_IRQ_BITS_FEW       8
#define SVNIC_MANAGER_IRQ_BIT(bits)  ((bits) - 1)
#define SVNIC_VIF_IRQ_BIT(vif, bits) \
    ((vif) % SVNIC_MANAGER_IRQ_BIT(bits))
/* With all 16 irq bits in use: */
#define SVNIC_IRQ_BIT_MANAGER \
    SVNIC_MANAGER_IRQ_BIT(SVNIC_IRQ_BITS)
#define SVNIC_IRQ_BIT(vif) \
    SVNIC_VIF_IRQ_BIT(vif, SVNIC_IRQ_BITS)
#define SVNIC_VECTOR_MANAGER            0
#define SVNIC_VECTOR(vif)               ((vif) + 1)

#define SVNIC_MAX_VIFS                  256
#define SVNIC_MAX_PORTS                 3
#define SVNIC_PAGE_SIZE                 4096    /* unit of mapping */

/*
 * ==== The firmware half: control ====
 */

/*
 * Spec: "Boot and command mailboxes".  Use of the mailboxes by the firmware.
 * IDENTITY is 0 until the firmware has booted.
 */
#define SVNIC_MAILBOX_COMMAND           0 /* host: SDRAM offset of a block */
#define SVNIC_MAILBOX_STATUS            1 /* card: status of last command */
#define SVNIC_MAILBOX_AREA              2 /* card: SDRAM offset of the area */
#define SVNIC_MAILBOX_IDENTITY          3 /* card: magic and ABI version */

#define SVNIC_IDENTITY_MAGIC            0x5356u /* "SV", bits 31:16 */
#define SVNIC_ABI_MAJOR                 1u      /* bits 15:8 */
#define SVNIC_ABI_MINOR                 2u      /* bits 7:0 */
#define SVNIC_IDENTITY                  ((SVNIC_IDENTITY_MAGIC << 16) | \
                                         (SVNIC_ABI_MAJOR << 8) | \
                                         SVNIC_ABI_MINOR)

/* XSCALE_DOORBELL bit: MAILBOX_COMMAND points at a block to execute. */
#define SVNIC_XSCALE_DB_COMMAND         (1u << 0)
/* PCI_DOORBELL bits: events behind the manager's irq bit or vector. */
#define SVNIC_PCI_DB_COMMAND_DONE       (1u << 0)
#define SVNIC_PCI_DB_VIF_STOPPED        (1u << 1) /* a VIF was stopped */
#define SVNIC_PCI_DB_LINK               (1u << 2) /* link of a port changed */

#define SVNIC_CMD_AREA_SIZE             SVNIC_PAGE_SIZE
#define SVNIC_CMD_BLOCK_SIZE            256
#define SVNIC_CMD_BLOCKS                (SVNIC_CMD_AREA_SIZE / \
                                         SVNIC_CMD_BLOCK_SIZE)
#define SVNIC_CMD_VERSION               1

/* Spec: "Commands" */
enum svnic_opcode {
    SVNIC_CMD_QUERY             = 1,    /* the card: svnic_card_info */
    SVNIC_CMD_VIF_CREATE        = 2,    /* in: attr, out: vif_info */
    SVNIC_CMD_VIF_ACTIVATE      = 3,    /* out: vif_info */
    SVNIC_CMD_VIF_DEACTIVATE    = 4,
    SVNIC_CMD_VIF_CHANGE        = 5,    /* in: attr, out: vif_info */
    SVNIC_CMD_VIF_RESET         = 6,    /* out: vif_info */
    SVNIC_CMD_VIF_DESTROY       = 7,
    SVNIC_CMD_VIF_QUERY         = 8,    /* out: vif_info */
    SVNIC_CMD_VIF_STATS         = 9,    /* out: counters */
    SVNIC_CMD_PORT_QUERY        = 10,   /* in: index, out: port_info */
    SVNIC_CMD_VIF_MAP           = 11,   /* in: map; host placement only */
};

/*
 * Spec: "Status codes".  One for each reason of refusal: name, number, text for
 * messages.
 */
#define SVNIC_STATUSES(X) \
    X(OK, 0, "ok") \
    X(UNSUPPORTED, 1, "command not supported") \
    X(BAD_VERSION, 2, "unknown command version") \
    X(BAD_POINTER, 3, \
      "command block is outside of the command area or unaligned") \
    X(BAD_FLAGS, 4, "unknown flag") \
    X(BAD_ATTR, 5, "unknown attribute, or none") \
    X(NO_SUCH_VIF, 6, "no such VIF") \
    X(VIF_IN_USE, 7, "a VIF of this id exists") \
    X(NO_FREE_VIF, 8, "all VIFs are in use") \
    X(NO_MEMORY, 9, "not enough card memory") \
    X(BAD_MAC, 10, "MAC address is multicast or zero") \
    X(MAC_IN_USE, 11, "MAC address is in use") \
    X(BAD_PORT, 12, "no such port") \
    X(BAD_QUEUE_SIZE, 13, "queue size out of range") \
    X(BAD_MTU, 14, "MTU out of range") \
    X(BAD_LINK, 15, "unknown link policy") \
    X(VIF_ACTIVE, 16, "the VIF is active") \
    X(NOT_ACTIVE, 17, "the VIF is not active") \
    X(NO_MAC, 18, "no MAC address set") \
    X(VIF_STOPPED, 19, "the VIF is stopped") \
    X(NOT_CHANGEABLE, 20, "attribute cannot change while the VIF is active") \
    X(BAD_PLACEMENT, 21, "placement is not supported by this card") \
    X(NOT_ON_HOST, 22, "the VIF is in card memory") \
    X(BAD_MAP, 23, "extent is not within the region of the VIF") \
    X(BAD_ADDRESS, 24, "address is not memory that the card can access") \
    X(PAGE_IN_USE, 25, "the page is mapped by a VIF already") \
    X(NOT_MAPPED, 26, "a page of the VIF's region is not mapped") \
    X(BAD_VECTOR, 27, "no such vector")

enum svnic_status {
#define SVNIC_STATUS(name, number, text)    SVNIC_ST_ ## name = number,
    SVNIC_STATUSES(SVNIC_STATUS)
#undef SVNIC_STATUS
    SVNIC_ST_PENDING = 0xffffffffu,     /* set by the host */
};

/* svnic_cmd.vif of VIF_CREATE: any free id */
#define SVNIC_VIF_ANY                   0xffffffffu

/* svnic_cmd.flags */
#define SVNIC_CMD_F_WHILE_ACTIVE        (1u << 0) /* change an active VIF */
#define SVNIC_CMD_F_ALL                 (1u << 0)

/* svnic_vif_attr.mask: attributes that are given */
#define SVNIC_ATTR_MAC                  (1u << 0)
#define SVNIC_ATTR_PORT                 (1u << 1)
#define SVNIC_ATTR_SEND_SLOTS           (1u << 2) /* inactive VIF only */
#define SVNIC_ATTR_RECV_SLOTS           (1u << 3) /* inactive VIF only */
#define SVNIC_ATTR_MTU                  (1u << 4)
#define SVNIC_ATTR_FLAGS                (1u << 5)
#define SVNIC_ATTR_LINK                 (1u << 6)
#define SVNIC_ATTR_PLACEMENT            (1u << 7) /* inactive VIF only */
#define SVNIC_ATTR_VECTOR               (1u << 8)
#define SVNIC_ATTR_ALL                  0x000001ffu

/* svnic_vif_attr.flags */
#define SVNIC_VIF_F_SPOOF_CHECK         (1u << 0) /* default on */
#define SVNIC_VIF_F_PROMISC             (1u << 1) /* all frames of its port */
#define SVNIC_VIF_F_ALL                 0x00000003u

/* svnic_vif_attr.link: link state that the owner sees */
enum svnic_link_policy {
    SVNIC_LINK_AUTO = 0,        /* up, for VIF to VIF without a cable */
    SVNIC_LINK_UP   = 1,
    SVNIC_LINK_DOWN = 2,        /* down, all frames are dropped */
    SVNIC_LINK_PORT = 3,        /* link of the port */
};

/* svnic_vif_attr.placement: memory of the VIF's region */
enum svnic_vif_placement {
    SVNIC_PLACEMENT_CARD = 0,   /* SDRAM, accessed through BAR 4 */
    SVNIC_PLACEMENT_HOST = 1,   /* host memory, accessed by DMA */
};

/* svnic_vif_info.state, svnic_vif_page.state */
enum svnic_vif_state {
    SVNIC_VIF_FREE      = 0,
    SVNIC_VIF_INACTIVE  = 1,
    SVNIC_VIF_ACTIVE    = 2,
    SVNIC_VIF_STOPPED   = 3,    /* after an error of its owner */
};

/*
 * Spec: "Errors that stop a VIF": name, number, name in traces and on the
 * monitor, text for messages.
 */
#define SVNIC_VIF_ERRORS(X) \
    X(NONE, 0, "none", "none") \
    X(SEND_INDEX, 1, "send-index", "send index beyond the queue") \
    X(SEND_LENGTH, 2, "send-length", "bad frame length") \
    X(SEND_CHAIN, 3, "send-chain", "number of slots does not match the frame") \
    X(SEND_OFFLOAD, 4, "send-offload", "offload contradicts the frame") \
    X(RECV_INDEX, 5, "recv-index", "receive index beyond the queue") \
    X(SEND_FLAGS, 6, "send-flags", "unknown frame flags") \
    X(HOST_PAGE, 7, "host-page", "page of the region is not accessible")

enum svnic_vif_error {
#define SVNIC_VIF_ERROR(name, number, label, text)  SVNIC_ERR_ ## name = number,
    SVNIC_VIF_ERRORS(SVNIC_VIF_ERROR)
#undef SVNIC_VIF_ERROR
};

#define SVNIC_SLOT_SIZE                 2048
#define SVNIC_MIN_SLOTS                 64      /* room for the largest frame */
#define SVNIC_MAX_SLOTS                 4096
#define SVNIC_MIN_MTU                   68
#define SVNIC_MAX_MTU                   9000
#define SVNIC_DEFAULT_MTU               1500
#define SVNIC_ETH_HEADER                14
#define SVNIC_ETH_MAX_HEADER            18      /* with one VLAN tag */
#define SVNIC_MIN_FRAME                 SVNIC_ETH_HEADER
/* largest frame before segmentation: IP packet of 64 KiB - 1 */
#define SVNIC_MAX_FRAME                 (65535 + SVNIC_ETH_MAX_HEADER)
/* smallest gso_size: Linux's TCP_MIN_GSO_SIZE, an MSS of 48 full of options */
#define SVNIC_MIN_GSO_SIZE              8

struct svnic_vif_attr {
    svnic_le32 mask;            /* SVNIC_ATTR_* */
    svnic_le32 flags;           /* SVNIC_VIF_F_* */
    svnic_le32 port;            /* 0 to ports - 1 */
    svnic_le32 send_slots;      /* power of two */
    svnic_le32 recv_slots;      /* power of two */
    svnic_le32 mtu;             /* bytes without the Ethernet header */
    svnic_le32 link;            /* enum svnic_link_policy */
    svnic_u8 mac[6];
    svnic_u8 reserved[2];
    svnic_le32 placement;       /* enum svnic_vif_placement */
    svnic_le32 vector;          /* 1 to vifs, or 0: SVNIC_VECTOR(id) */
};

/* answer to VIF_CREATE, _ACTIVATE, _CHANGE, _RESET and _QUERY */
struct svnic_vif_info {
    svnic_le32 state;           /* enum svnic_vif_state */
    svnic_le32 error;           /* enum svnic_vif_error */
    svnic_le32 sdram_offset;    /* of the region, page-aligned; host: 0 */
    svnic_le32 sdram_size;      /* of the region, also in host memory */
    svnic_le32 doorbell_page;   /* number of the doorbell page */
    svnic_le32 irq_bit;      /* irq bit */
    svnic_le32 vector;          /* MSI-X vector, with msix=on */
    svnic_le32 link;            /* 1: up */
    struct svnic_vif_attr attr; /* all attributes */
};

/* answer to QUERY */
struct svnic_card_info {
    svnic_le32 abi;             /* as MAILBOX_IDENTITY */
    svnic_le32 capabilities;    /* SVNIC_CAP_* */
    svnic_le32 vifs;            /* limit */
    svnic_le32 vifs_used;
    svnic_le32 ports;
    svnic_le32 microengines;
    svnic_le32 contexts;        /* per microengine */
    svnic_le32 sdram_free;      /* KiB, largest free range */
    svnic_le32 max_frame;
    svnic_le32 slot_size;
    svnic_u8 firmware[32];      /* version text, NUL-terminated */
    svnic_le64 events;          /* times a VIF was stopped since boot */
    svnic_le32 irq_bits; /* irq bits, 8 or 16; 0 (ABI 1.0): 16 */
    svnic_le32 reserved;
};

#define SVNIC_CAP_CHECKSUM              (1u << 0)
#define SVNIC_CAP_SEGMENTATION          (1u << 1)
#define SVNIC_CAP_MSIX                  (1u << 2)
#define SVNIC_CAP_SPOOF_CHECK           (1u << 3)
#define SVNIC_CAP_HOST_PLACEMENT        (1u << 4)
#define SVNIC_CAP_VECTOR                (1u << 5) /* SVNIC_ATTR_VECTOR */

/* answer to PORT_QUERY */
struct svnic_port_info {
    svnic_u8 mac[6];
    svnic_u8 reserved[2];
    svnic_le32 link;            /* 1: up */
    svnic_le32 reserved2;
    svnic_le64 in_frames;
    svnic_le64 in_bytes;
    svnic_le64 in_no_vif;       /* dropped: no VIF has this address */
    svnic_le64 out_frames;
    svnic_le64 out_bytes;
    svnic_le64 out_full;        /* times a sender waited for the port */
};

/*
 * Counters of a VIF, which start at VIF_CREATE: name, name on the monitor,
 * meaning.
 */
#define SVNIC_VIF_COUNTERS(X) \
    X(send_frames, "send-frames", "consumed from the send queue") \
    X(send_bytes, "send-bytes", "of these frames") \
    X(recv_frames, "recv-frames", "written to the receive queue") \
    X(recv_bytes, "recv-bytes", "of these frames") \
    X(recv_multicast, "recv-multicast", "of the received frames") \
    X(recv_full, "recv-full", "dropped: receive queue was full") \
    X(recv_oversize, "recv-oversize", "dropped: above this VIF's MTU") \
    X(send_oversize, "send-oversize", "dropped: above this VIF's MTU") \
    X(send_spoofed, "send-spoofed", "dropped: foreign source MAC address") \
    X(send_no_link, "send-no-link", "dropped: link of VIF or port is down") \
    X(recv_no_link, "recv-no-link", "dropped: this VIF's link is down") \
    X(doorbells, "doorbells", "send and receive doorbells served") \
    X(signals, "signals", "raised to the owner") \
    X(stops, "stops", "times the VIF was stopped") \
    X(send_to_self, "send-to-self", "dropped: sent to its own address") \
    X(host_refused, "host-refused", "times a page was not accessible") \
    X(send_gso_small, "send-gso-small", "dropped: gso_size under the least") \
    X(send_reserved, "send-reserved", \
      "dropped: to an address of the link itself")

/* answer to VIF_STATS */
struct svnic_vif_stats {
#define SVNIC_VIF_COUNTER(name, label, meaning) svnic_le64 name;
    SVNIC_VIF_COUNTERS(SVNIC_VIF_COUNTER)
#undef SVNIC_VIF_COUNTER
};

/*
 * Spec: "Host placement".  VIF_MAP: @pages pages of the region, starting with
 * @page, are contiguous in host memory at @address.
 */
struct svnic_map_extent {
    svnic_le64 address;         /* bus address */
    svnic_le32 page;            /* page number in the region */
    svnic_le32 pages;
};

#define SVNIC_MAP_EXTENTS               13

struct svnic_vif_map {
    svnic_le32 extents;         /* in extent[], 1 to SVNIC_MAP_EXTENTS */
    svnic_le32 reserved;
    struct svnic_map_extent extent[SVNIC_MAP_EXTENTS];
};

/* A command block: SVNIC_CMD_BLOCK_SIZE bytes in the command area. */
struct svnic_cmd {
    svnic_le16 version;         /* SVNIC_CMD_VERSION */
    svnic_le16 opcode;          /* enum svnic_opcode */
    svnic_le32 flags;           /* SVNIC_CMD_F_* */
    svnic_le32 vif;             /* in and out */
    svnic_le32 index;           /* port of PORT_QUERY */
    svnic_le64 tag;             /* for the host; the card ignores it */
    svnic_le32 reserved;
    svnic_le32 status;          /* enum svnic_status, written last */
    union {
        struct svnic_vif_attr attr;
        struct svnic_vif_info vif_info;
        struct svnic_card_info card;
        struct svnic_port_info port;
        struct svnic_vif_stats stats;
        struct svnic_vif_map map;
        svnic_u8 raw[SVNIC_CMD_BLOCK_SIZE - 32];
    } u;
};

/*
 * ==== The firmware half: a VIF's memory ====
 *
 * Spec: "Memory of a VIF".  The region of a VIF holds the VIF page, the send
 * slots and the receive slots; the VIF page has the offsets of the slots.
 *
 * Indices run freely over 32 bits; slot = index & (slots - 1).  An index
 * line is written by one side only.  "event" is the event index: after the
 * other side has moved its index from old to new, it rings the doorbell or
 * signals if
 *     (uint32_t)(new - event - 1) < (uint32_t)(new - old)
 * After writing an event index, the writer must check the other side's index
 * again, with a full barrier in between.
 */
struct svnic_index {
    svnic_le32 index;
    svnic_le32 event;
    svnic_u8 reserved[120];
};

/* The card writes its fields of the VIF page and never reads them back. */
struct svnic_vif_page {
    struct svnic_index send_prod; /* owner: index; event for SEND_DONE */
    struct svnic_index send_cons; /* card: index; event for DB_SEND */
    struct svnic_index recv_prod; /* card: index; event for DB_RECV */
    struct svnic_index recv_cons; /* owner: index; event for RECV_WORK */
    /* written by the card from here on */
    svnic_le32 abi;             /* as MAILBOX_IDENTITY */
    svnic_le32 vif;
    svnic_le32 state;           /* enum svnic_vif_state */
    svnic_le32 error;           /* enum svnic_vif_error */
    svnic_le32 link;            /* 1: up */
    svnic_le32 mtu;
    svnic_le32 capabilities;    /* SVNIC_CAP_* */
    svnic_le32 slot_size;
    svnic_le32 send_slots;
    svnic_le32 recv_slots;
    svnic_le32 send_offset;     /* of send slot 0, from the VIF page */
    svnic_le32 recv_offset;     /* of receive slot 0, from the VIF page */
    svnic_le32 generation;      /* incremented by activate and reset */
    svnic_u8 mac[6];
    svnic_u8 reserved[2];
};

/*
 * Spec: "Frames".  A frame occupies consecutive slots: this header, then the
 * Ethernet frame without FCS, contiguous across slots and wrapping from the
 * last slot to slot 0.  slots == SVNIC_FRAME_SLOTS(length).
 */
struct svnic_frame {
    svnic_le32 length;          /* of the Ethernet frame, bytes */
    svnic_le16 slots;
    svnic_le16 flags;           /* SVNIC_FRAME_F_* */
    svnic_u8 gso_type;          /* enum svnic_gso */
    svnic_u8 reserved[1];
    svnic_le16 hdr_len;         /* Ethernet to end of TCP header */
    svnic_le16 gso_size;        /* payload bytes per segment */
    svnic_le16 csum_start;      /* first byte the checksum covers */
    svnic_le16 csum_offset;     /* of the checksum, from csum_start */
    svnic_u8 reserved2[14];
};

#define SVNIC_FRAME_HEADER              32
#define SVNIC_FRAME_SLOTS(length) \
    (((length) + SVNIC_FRAME_HEADER + SVNIC_SLOT_SIZE - 1) / SVNIC_SLOT_SIZE)

/* csum_start and csum_offset are valid; the field has the pseudo-header sum */
#define SVNIC_FRAME_F_NEEDS_CSUM        (1u << 0)
/* receive: the checksum is valid */
#define SVNIC_FRAME_F_CSUM_VALID        (1u << 1)
#define SVNIC_FRAME_F_ALL               0x0003u

enum svnic_gso {
    SVNIC_GSO_NONE  = 0,
    SVNIC_GSO_TCPV4 = 1,
    SVNIC_GSO_TCPV6 = 2,
};

#endif /* HW_NET_SV_NIC_ABI_H */
