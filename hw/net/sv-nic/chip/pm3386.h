/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PM3386, the board's Gigabit Ethernet MACs: registers, MIB counters, link.
 *
 * pm3386.c implements it for QEMU and for the fake chip alike; see ixp_units.h,
 * which includes this header.  There are two of them with two channels each:
 * ports 0 and 1 are on the first, port 2 on the second, the other channel of
 * which is not connected.  The FIFOs are in the port.
 *
 * Threads: registers on the XScale's; a direction's counters have one writer at
 * a time, and are read by any thread.
 *
 * Spec: "Ports".
 */
#ifndef HW_NET_SV_NIC_CHIP_PM3386_H
#define HW_NET_SV_NIC_CHIP_PM3386_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixp_msf.h"

#define PM3386_CHIPS            2
#define PM3386_CHANNELS         2
#define PM3386_ROWS             25
/* Register @reg of the channel of port @port, and its chip */
#define PM3386_CHIP(port)       ((port) / PM3386_CHANNELS)
#define PM3386_CHANNEL(port)    ((port) % PM3386_CHANNELS)
#define PM3386_REG(reg, stride, port) \
    ((reg) + (stride) * PM3386_CHANNEL(port))

/* Slowport address of register @reg of chip @chip */
#define PM3386_WINDOW           0xc6000000u
#define PM3386_WINDOW_SIZE      0x00400000u     /* of each chip */
#define PM3386_ADDRESS(chip, reg) \
    (PM3386_WINDOW + (chip) * PM3386_WINDOW_SIZE + 2 * (reg))

#define PM3386_RESET                    0x002
#define PM3386_RESET_RUN                0x63
#define PM3386_RUNNING                  0x03    /* both, of these bits */
#define PM3386_INGRESS_CONTROL(port)    PM3386_REG(0x103, 0x20, port)
#define PM3386_INGRESS_READY            0x80
#define PM3386_EGRESS_CONTROL(port)     PM3386_REG(0x203, 0x20, port)
#define PM3386_EGRESS_READY             0x0c
#define PM3386_EGMAC_RESET(port)        PM3386_REG(0x301, 0x100, port)
#define PM3386_EGMAC_IN_RESET           0x8000
#define PM3386_EGMAC_CONFIG(port)       PM3386_REG(0x302, 0x100, port)
#define PM3386_EGMAC_CONFIG_VALUE       0x0113
#define PM3386_EGMAC_ENABLE(port)       PM3386_REG(0x303, 0x100, port)
#define PM3386_ENABLE_RX                (1u << 12)
#define PM3386_ENABLE_TX                (1u << 14)
/* three registers of two bytes each, the first byte in bits 7:0 */
#define PM3386_EGMAC_ADDRESS(port, n)   PM3386_REG(0x308 + (n), 0x100, port)
#define PM3386_RX_MAX(port)             PM3386_REG(0x310, 0x100, port)
#define PM3386_TX_MAX(port)             PM3386_REG(0x336, 0x100, port)
#define PM3386_MAX_RESET                1518
#define PM3386_AUTONEG_STATUS(port)     PM3386_REG(0x31a, 0x100, port)
#define PM3386_AUTONEG_LINK             (1u << 1)
#define PM3386_MSTAT_CONTROL(port)      PM3386_REG(0x500, 0x100, port)
#define PM3386_MSTAT_SNAPSHOT           1
#define PM3386_MSTAT_RX_FRAMES(port)    PM3386_REG(0x510, 0x100, port)
#define PM3386_MSTAT_RX_BYTES(port)     PM3386_REG(0x514, 0x100, port)
#define PM3386_MSTAT_TX_FRAMES(port)    PM3386_REG(0x590, 0x100, port)
#define PM3386_MSTAT_TX_BYTES(port)     PM3386_REG(0x594, 0x100, port)

#define PM3386_MIN_FRAME        14      /* an Ethernet header */
#define PM3386_FCS              4       /* on the wire, not in the model */
/* Of frames with FCS: up to 64, 127, 255, 511, 1023, 1518 bytes, longer. */
#define PM3386_SIZES            7

typedef struct Pm3386Direction {
    uint64_t frames;
    uint64_t octets;            /* with FCS, as all lengths here */
    uint64_t unicast;
    uint64_t multicast;
    uint64_t broadcast;
    uint64_t size[PM3386_SIZES];
} Pm3386Direction;

typedef struct Pm3386Mib {
    Pm3386Direction rx;
    Pm3386Direction tx;
    uint64_t rx_undersize;      /* under 64 bytes, received */
    uint64_t rx_oversize;       /* above RX_MAX, dropped */
    uint64_t rx_runts;          /* without a whole header, dropped */
    uint64_t rx_fcs_errors;     /* damaged; received, with an error flag */
    uint64_t rx_lost;           /* dropped, as the FIFO was full */
    uint64_t rx_disabled;       /* dropped, as reception is off */
    uint64_t tx_disabled;
    uint64_t tx_pause;          /* PAUSE sent to the link partner */
} Pm3386Mib;

typedef struct Pm3386 {
    uint16_t reg[PM3386_CHIPS][PM3386_ROWS][PM3386_CHANNELS];
    /* of reg[]; atomic */
    uint16_t enabled[IXP_MAX_PORTS];    /* PM3386_ENABLE_* */
    uint16_t rx_max[IXP_MAX_PORTS];
    uint64_t link[IXP_MAX_PORTS];       /* 1: up; atomic */
    bool link_was_down[IXP_MAX_PORTS];  /* since the last read */
    Pm3386Mib mib[IXP_MAX_PORTS];
    Pm3386Mib snapshot[IXP_MAX_PORTS];
} Pm3386;

struct IxpRegister;

/* ---- firmware: the XScale ---- */

/* Rows of the spec's table; addresses are numbers of registers. */
const struct IxpRegister *pm3386_registers(size_t *n);
/* Reserved registers read 0, ignore writes, and are counted. */
uint16_t pm3386_read(IxpUnits *u, unsigned chip, unsigned reg);
void pm3386_write(IxpUnits *u, unsigned chip, unsigned reg, uint16_t value);

/* ---- the port ---- */

/* Whether reception is enabled; if not, counts a frame. */
bool pm3386_receives(IxpUnits *u, unsigned port);
/* Whether a frame may go into the FIFO; if not, counts it. */
bool pm3386_accepts(IxpUnits *u, unsigned port, uint32_t length);
/* Counts a frame that went into the FIFO, or had no space there. */
void pm3386_received(IxpUnits *u, unsigned port, const uint8_t *frame,
                     uint32_t length, bool error);
void pm3386_lost(IxpUnits *u, unsigned port);
/* Counts a PAUSE to the link partner, because the FIFO is full. */
void pm3386_paused(IxpUnits *u, unsigned port);
/* Whether transmission is enabled; if not, counts a frame. */
bool pm3386_transmits(IxpUnits *u, unsigned port);
/* Counts @n frames of @length bytes transmitted to @dst. */
void pm3386_sent(IxpUnits *u, unsigned port, const uint8_t *dst,
                 uint32_t length, unsigned n);
void pm3386_set_link(IxpUnits *u, unsigned port, bool up);

/* ---- observers ---- */

/* Name of counter @n of the MIB, or NULL past the last, and its address. */
const char *pm3386_counter(const IxpUnits *u, unsigned port, unsigned n,
                           const uint64_t **value);

/* Resets registers, but not the MIB, nor the state of the link. */
void pm3386_reset(IxpUnits *u);

#endif /* HW_NET_SV_NIC_CHIP_PM3386_H */
