/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fault injection of the SV-NIC card SV_NIC_ID, for its tests; docs/faults.rst.
 *
 * Single-threaded, like all of libqos.
 */
#ifndef QGRAPH_SV_NIC_FAULT_H
#define QGRAPH_SV_NIC_FAULT_H

#include "sv-nic.h"

/* Sets property @fault, "fault-" and the kind. */
void sv_nic_fault_set(QSvNic *nic, const char *fault, const char *value);
/* The property reads as @value. */
void sv_nic_fault_expect(QSvNic *nic, const char *fault, const char *value);
/* How often @kind has struck. */
uint64_t sv_nic_fault_struck(QSvNic *nic, const char *kind);
/* Virtual time, in which what was delayed happens. */
void sv_nic_fault_time(QSvNic *nic, int64_t us);
/* Opens VIFs 0 to 2, which have sent and received, and waits until idle. */
void sv_nic_fault_open(QSvNic *nic, QSvNicVif vif[3]);
/* Waits for the frame of sv_nic_traffic_queue() with @seed. */
void sv_nic_fault_frame(QSvNicVif *from, QSvNicVif *to, uint32_t seed);
/* Rings for a QUERY; returns the SDRAM offset of its status. */
uint32_t sv_nic_fault_query(QSvNic *nic);

#endif
