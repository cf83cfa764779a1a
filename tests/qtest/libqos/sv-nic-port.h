/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The wire at a port of the SV-NIC card: the other end of a socket netdev.
 *
 * The test has one end of a socket pair, QEMU the other; frames are sent as a
 * stream, each preceded by its length.
 */
#ifndef QGRAPH_SV_NIC_PORT_H
#define QGRAPH_SV_NIC_PORT_H

#include "hw/net/sv-nic/sv_nic_abi.h"

/* Frames that fit a socket netdev's buffer. */
#define SV_NIC_WIRE_MAX         (SVNIC_MAX_FRAME + 4096)

typedef struct QSvNicWire {
    int fd;                     /* the test's end */
    int qemu_fd;
    uint8_t in[4 + SV_NIC_WIRE_MAX];
    size_t in_bytes;            /* of a frame that is not complete yet */
} QSvNicWire;

typedef struct QSvNicWires {
    QSvNicWire port[SVNIC_MAX_PORTS];
} QSvNicWires;

/*
 * QOSBeforeTest: netdevs wire0 to wire2 on the command line, for use as
 * netdev= and so on.  The test gets the QSvNicWires as its data.  @arg: NULL,
 * or SV_NIC_WIRES_TCP for a wire that can accept a part of a frame.
 */
#define SV_NIC_WIRES_TCP        ((void *)1)
void *sv_nic_wires_before(GString *cmd_line, void *arg);

/*
 * Sends a frame to QEMU; waits if QEMU's buffers are full and @wait is true.
 * Returns false if they are full and @wait is false; then no part of the frame
 * was sent.
 */
bool sv_nic_wire_send(QTestState *qts, QSvNicWire *wire, const void *data,
                      uint32_t length, bool wait);
/* Receives a frame into @data (SV_NIC_WIRE_MAX bytes); 0: there is none. */
uint32_t sv_nic_wire_take(QSvNicWire *wire, uint8_t *data);
/* Waits for a frame; it must be @length bytes of @data. */
void sv_nic_wire_expect(QTestState *qts, QSvNicWire *wire, const void *data,
                        uint32_t length);

#endif
