/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400 ports: offload of frames that are transmitted.
 *
 * Between VIFs frames are neither segmented nor checksummed.  When they leave
 * the card, the peer does both if it takes virtio-net headers (tap); else this
 * file does, one segment at a time, so that sending can be interrupted between
 * two segments of a frame.
 *
 * The offload fields and the frame come from a guest and may contradict each
 * other.  They are checked against the headers in the frame, a private copy by
 * now, before the first packet is made.
 *
 * This file does not call the net layer.  Main loop, BQL.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "net/checksum.h"
#include "net/eth.h"
#include "standard-headers/linux/virtio_net.h"
#include "ixp2400.h"
#include "trace.h"

/* Ethernet, IPv4 and TCP headers without options */
#define IXP_MIN_GSO_HEADERS (sizeof(struct eth_header) + \
                             sizeof(struct ip_header) + sizeof(struct tcp_hdr))
/* Largest packet of each IP version: IPv6 does not count its first header */
#define IXP_MAX_IP(type)    (UINT16_MAX + ((type) == IXP_GSO_TCPV6 ? \
                                           sizeof(struct ip6_header) : 0))

static bool ixp_csum_valid(const IxpOffload *o, uint32_t length)
{
    return o->csum_start >= IXP_ETH_HEADER &&
           o->csum_start + o->csum_offset + sizeof(uint16_t) <= length;
}

/* Offset of the TCP header of @frame if it is of @gso_type, or 0. */
static size_t ixp_find_tcp(uint8_t gso_type, const uint8_t *frame,
                           uint32_t length)
{
    const struct iovec iov = {
        .iov_base = (void *)frame,
        .iov_len = length,
    };
    size_t l3 = eth_get_l2_hdr_length(frame);
    uint16_t proto = lduw_be_p(frame + l3 - sizeof(proto));

    if (gso_type == IXP_GSO_TCPV4) {
        const struct ip_header *ip = (const void *)(frame + l3);

        if (proto != ETH_P_IP || l3 + sizeof(*ip) > length ||
            IP_HEADER_VERSION(ip) != IP_HEADER_VERSION_4 ||
            IP_HDR_GET_LEN(frame + l3) < sizeof(*ip) ||
            ip->ip_p != IP_PROTO_TCP ||
            lduw_be_p(&ip->ip_off) & (IP_OFFMASK | IP_MF)) {
            return 0;
        }
        return l3 + IP_HDR_GET_LEN(frame + l3);
    }
    if (gso_type == IXP_GSO_TCPV6) {
        eth_ip6_hdr_info info;

        if (proto != ETH_P_IPV6 || !eth_parse_ipv6_hdr(&iov, 1, l3, &info) ||
            info.fragment || info.l4proto != IP_PROTO_TCP) {
            return 0;
        }
        return l3 + info.full_hdr_len;
    }
    return 0;
}

static bool ixp_gso_valid(const IxpOffload *o, const uint8_t *frame,
                          uint32_t length)
{
    size_t tcp, data;

    if (!o->needs_csum || o->gso_size < IXP_MIN_GSO_SIZE ||
        length <= IXP_MIN_GSO_HEADERS) {
        return false;
    }
    tcp = ixp_find_tcp(o->gso_type, frame, length);
    if (!tcp || tcp + sizeof(struct tcp_hdr) > length) {
        return false;
    }
    data = (frame[tcp + 12] >> 4) * 4;
    return data >= sizeof(struct tcp_hdr) &&
           o->csum_start == tcp &&
           o->csum_offset == offsetof(struct tcp_hdr, th_sum) &&
           o->hdr_len == tcp + data &&
           o->hdr_len < length &&
           length - eth_get_l2_hdr_length(frame) <=
               IXP_MAX_IP(o->gso_type);
}

/* Counts the packets that the peer makes of a segment. */
static void ixp_count_vnet(IxpPort *port, const IxpOffload *o,
                           const uint8_t *frame, uint32_t length)
{
    IxpUnits *u = &port->ix->units;
    uint32_t data = length - o->hdr_len;

    if (o->gso_type == IXP_GSO_NONE || data <= o->gso_size) {
        pm3386_sent(u, port->index, frame, length, 1);
        return;
    }
    pm3386_sent(u, port->index, frame, o->hdr_len + o->gso_size,
                data / o->gso_size);
    if (data % o->gso_size) {
        pm3386_sent(u, port->index, frame, o->hdr_len + data % o->gso_size,
                    1);
    }
}

static void ixp_packet_vnet(IxpPort *port, const IxpOffload *o,
                            uint8_t *frame, uint32_t length, IxpPacket *p)
{
    p->header = (struct virtio_net_hdr) { };
    p->iov[0].iov_base = &p->header;
    p->iov[0].iov_len = port->vnet_hdr_len;
    p->iov[1].iov_base = frame;
    p->iov[1].iov_len = length;
    p->parts = 2;
    if (o->needs_csum) {
        p->header.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
        p->header.csum_start = o->csum_start;
        p->header.csum_offset = o->csum_offset;
    }
    if (o->gso_type != IXP_GSO_NONE) {
        const struct tcp_hdr *th = (const void *)(frame + o->csum_start);

        p->header.gso_type = o->gso_type == IXP_GSO_TCPV4 ?
                             VIRTIO_NET_HDR_GSO_TCPV4 :
                             VIRTIO_NET_HDR_GSO_TCPV6;
        if (th->th_flags & TH_CWR) {
            p->header.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
        }
        p->header.hdr_len = o->hdr_len;
        p->header.gso_size = o->gso_size;
    }
    ixp_count_vnet(port, o, frame, length);
}

/* The field has the sum of the pseudo-header: it is included in the sum. */
static void ixp_finish_csum(const IxpOffload *o, uint8_t *frame,
                            uint32_t length)
{
    uint32_t sum = net_checksum_add(length - o->csum_start,
                                    frame + o->csum_start);

    stw_be_p(frame + o->csum_start + o->csum_offset,
             net_checksum_finish_nozero(sum));
}

/*
 * Sets length and identification of the @nth segment; returns the sum of its
 * pseudo-header.
 */
static uint32_t ixp_fix_ip(const IxpOffload *o, uint8_t *packet,
                           uint32_t length, uint32_t nth)
{
    size_t l3 = eth_get_l2_hdr_length(packet);
    uint16_t l4_length = length - o->csum_start;
    uint32_t unused;

    if (o->gso_type == IXP_GSO_TCPV4) {
        struct ip_header *ip = (void *)(packet + l3);

        stw_be_p(&ip->ip_len, length - l3);
        stw_be_p(&ip->ip_id, lduw_be_p(&ip->ip_id) + nth);
        eth_fix_ip4_checksum(ip, o->csum_start - l3);
        return eth_calc_ip4_pseudo_hdr_csum(ip, l4_length, &unused);
    } else {
        struct ip6_header *ip = (void *)(packet + l3);

        stw_be_p(&ip->ip6_ctlun.ip6_un1.ip6_un1_plen,
                 length - l3 - sizeof(*ip));
        return eth_calc_ip6_pseudo_hdr_csum(ip, l4_length, IP_PROTO_TCP,
                                            &unused);
    }
}

/*
 * Makes the segment with the payload at *@done of the frame's payload, and
 * advances *@done.  Only the last one has FIN and PUSH, or the peer would wait
 * for more; only the first one has CWR.
 */
static void ixp_packet_segment(IxpPort *port, const IxpOffload *o,
                               const uint8_t *frame, uint32_t length,
                               uint32_t *done, IxpPacket *p)
{
    uint32_t left = length - o->hdr_len - *done;
    uint32_t payload = MIN(left, o->gso_size);
    uint32_t total = o->hdr_len + payload;
    uint8_t *packet = port->segment;
    struct tcp_hdr *th = (void *)(packet + o->csum_start);
    uint32_t sum;

    memcpy(packet, frame, o->hdr_len);
    memcpy(packet + o->hdr_len, frame + o->hdr_len + *done, payload);
    stl_be_p(&th->th_seq, ldl_be_p(&th->th_seq) + *done);
    if (payload < left) {
        th->th_flags &= ~(TH_FIN | TH_PUSH);
    }
    if (*done) {
        th->th_flags &= ~TH_CWR;
    }
    sum = ixp_fix_ip(o, packet, total, *done / o->gso_size);
    th->th_sum = 0;
    sum += net_checksum_add(total - o->csum_start, packet + o->csum_start);
    stw_be_p(&th->th_sum, net_checksum_finish_nozero(sum));
    p->iov[0].iov_base = packet;
    p->iov[0].iov_len = total;
    p->parts = 1;
    pm3386_sent(&port->ix->units, port->index, packet, total, 1);
    *done = payload < left ? *done + payload : 0;
}

bool ixp_port_packet(IxpPort *port, const IxpOffload *offload, uint8_t *frame,
                     uint32_t length, uint32_t *done, IxpPacket *packet)
{
    bool segments = offload->gso_type != IXP_GSO_NONE &&
                    !port->vnet_hdr_len;

    if (*done) {
        /* It was checked when its first segment was made. */
        ixp_packet_segment(port, offload, frame, length, done, packet);
        return true;
    }
    if ((offload->needs_csum && !ixp_csum_valid(offload, length)) ||
        (offload->gso_type != IXP_GSO_NONE &&
         !ixp_gso_valid(offload, frame, length))) {
        return false;
    }
    if (segments) {
        ixp_packet_segment(port, offload, frame, length, done, packet);
        return true;
    }
    if (port->vnet_hdr_len) {
        ixp_packet_vnet(port, offload, frame, length, packet);
        return true;
    }
    if (offload->needs_csum) {
        ixp_finish_csum(offload, frame, length);
    }
    packet->iov[0].iov_base = frame;
    packet->iov[0].iov_len = length;
    packet->parts = 1;
    pm3386_sent(&port->ix->units, port->index, frame, length, 1);
    return true;
}
