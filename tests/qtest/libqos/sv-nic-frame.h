/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ethernet frames for the SV-NIC tests: plain frames, and TCP and UDP frames
 * with the expected output of a port.  Checksums and segments are computed from
 * the protocols, without QEMU's packet code.
 */
#ifndef QGRAPH_SV_NIC_FRAME_H
#define QGRAPH_SV_NIC_FRAME_H

#include "hw/net/sv-nic/sv_nic_abi.h"

extern const uint8_t sv_nic_broadcast[6];
extern const uint8_t sv_nic_multicast[6];

/*
 * A frame of @length bytes (14 or more) with an experimental EtherType and
 * contents that differ for every @seed.
 */
void sv_nic_frame_fill(uint8_t *data, uint32_t length, const uint8_t dst[6],
                       const uint8_t src[6], uint32_t seed);

#define SV_NIC_TCP_FIN          0x01
#define SV_NIC_TCP_PSH          0x08
#define SV_NIC_TCP_ACK          0x10
#define SV_NIC_TCP_CWR          0x80

/* Parameters of a TCP or UDP frame. */
typedef struct QSvNicFlow {
    bool v6;
    bool vlan;                  /* one 802.1Q tag */
    bool udp;
    uint8_t tcp_flags;
    uint8_t tcp_options;        /* bytes, a multiple of 4 */
    uint8_t ip_options;         /* v4 only; bytes, a multiple of 4 */
    uint16_t ip_id;             /* v4 only */
    uint32_t seq;
    uint32_t payload;           /* bytes */
    uint16_t gso_size;          /* TCP payload bytes of a segment */
    uint32_t seed;              /* of the payload */
    uint8_t dst[6], src[6];
} QSvNicFlow;

/* Bytes up to the end of the TCP or UDP header. */
uint32_t sv_nic_flow_headers(const QSvNicFlow *flow);
/*
 * The frame with offload, as software gives it to a card: the checksum field
 * has the sum of the pseudo-header, and @header requests checksum and, if
 * gso_size is not 0, segmentation.  Returns its length.
 */
uint32_t sv_nic_flow_offload(const QSvNicFlow *flow, uint8_t *data,
                             struct svnic_frame *header);
/* Number of frames on the wire. */
uint32_t sv_nic_flow_segments(const QSvNicFlow *flow);
/* Wire frame @n, with checksums.  Returns its length. */
uint32_t sv_nic_flow_segment(const QSvNicFlow *flow, uint32_t n,
                             uint8_t *data);

#endif
