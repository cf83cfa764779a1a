/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registers of the SV-NIC's bridge, from the table of the device, and all
 * access paths ("faces"): configuration space and CSRs, from the primary and
 * from the secondary side.
 *
 * Used by sv-nic-bridge-test.c and sv-nic-cycle-test.c.
 */
#ifndef QGRAPH_SV_NIC_FACE_H
#define QGRAPH_SV_NIC_FACE_H

#include "sv-nic.h"

/* Access rights of a side to a register; see i21555-regs.h. */
enum { NONE, RO, RW, W1C, W1S, FX };

typedef struct Row {
    const char *name;
    uint16_t config, csr;
    uint8_t count, bytes;
    uint8_t access[2];          /* of primary and secondary side */
    uint32_t writable, reset;
    uint16_t rom;
} Row;

extern const Row sv_nic_rows[];
extern const size_t sv_nic_row_count;

/* Access paths to a register. */
typedef enum Face {
    PRIMARY_CONFIG, PRIMARY_MEMORY, PRIMARY_IO,
    SECONDARY_CONFIG, SECONDARY_MEMORY, FACES
} Face;

static inline bool is_secondary(Face face)
{
    return face >= SECONDARY_CONFIG;
}

static inline bool is_config(Face face)
{
    return face == PRIMARY_CONFIG || face == SECONDARY_CONFIG;
}

/* Offset of register @i of @row in @face; -1: not accessible. */
int face_offset(const Row *row, unsigned i, Face face);
/* An access of @width bytes (1, 2 or 4) at @offset of @face. */
uint32_t face_read(QSvNic *nic, Face face, unsigned offset, int width);
void face_write(QSvNic *nic, Face face, unsigned offset, int width,
                uint32_t value);
/* Value of the register of @row at @offset, read byte by byte. */
uint32_t face_value(QSvNic *nic, const Row *row, unsigned offset, Face face);

#endif
