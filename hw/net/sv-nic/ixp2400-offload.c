/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400 ports: what has to be done to a frame on its way out.
 *
 * Between VIFs frames travel unsegmented and unsummed.  Here, where they
 * leave the card, the promise is kept: by the peer if it takes virtio-net
 * headers (tap), else by QEMU's packet helpers.
 *
 * The offload fields and the frame come from a guest and may contradict each
 * other.  Nothing reaches the helpers, which trust their input, before it has
 * been checked against the headers in the frame, a private copy by now.
 *
 * Main loop, BQL.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/iov.h"
#include "net/checksum.h"
#include "net/eth.h"
#include "system/dma.h"
#include "hw/net/net_tx_pkt.h"
#include "standard-headers/linux/virtio_net.h"
#include "ixp2400.h"
#include "trace.h"

/* Ethernet, IPv4 and TCP headers without options */
#define IXP_MIN_GSO_HEADERS (sizeof(struct eth_header) + \
                             sizeof(struct ip_header) + sizeof(struct tcp_hdr))
/* Smaller segments than any TCP sends: refused, to bound packets a frame */
#define IXP_MIN_GSO_SIZE    8

static bool ixp_csum_valid(const IxpOffload *o, uint32_t length)
{
    return o->csum_start >= SVNIC_ETH_HEADER &&
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

    if (gso_type == SVNIC_GSO_TCPV4) {
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
    if (gso_type == SVNIC_GSO_TCPV6) {
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
           o->hdr_len < length;
}

/* Sends one packet; a 0 from the net layer means that it keeps a copy. */
static void ixp_send(IxpPort *port, const struct iovec *iov, int n,
                     NetPacketSent *sent)
{
    if (!qemu_sendv_packet_async(qemu_get_queue(port->nic), iov, n, sent)) {
        port->out_blocked++;
        port->out_waits++;
    }
}

/* Packets that the peer makes of a segment leave, too. */
static void ixp_count_vnet(IxpPort *port, const IxpOffload *o,
                           const uint8_t *frame, uint32_t length)
{
    IxpUnits *u = &port->ix->units;
    uint32_t data = length - o->hdr_len;

    if (o->gso_type == SVNIC_GSO_NONE || data <= o->gso_size) {
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

static void ixp_send_vnet(IxpPort *port, const IxpOffload *o, uint8_t *frame,
                          uint32_t length, NetPacketSent *sent)
{
    struct virtio_net_hdr header = {};
    struct iovec iov[] = {
        { .iov_base = &header, .iov_len = port->vnet_hdr_len },
        { .iov_base = frame, .iov_len = length },
    };

    if (o->needs_csum) {
        header.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
        header.csum_start = o->csum_start;
        header.csum_offset = o->csum_offset;
    }
    if (o->gso_type != SVNIC_GSO_NONE) {
        const struct tcp_hdr *th = (const void *)(frame + o->csum_start);

        header.gso_type = o->gso_type == SVNIC_GSO_TCPV4 ?
                          VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6;
        if (th->th_flags & TH_CWR) {
            header.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
        }
        header.hdr_len = o->hdr_len;
        header.gso_size = o->gso_size;
    }
    ixp_count_vnet(port, o, frame, length);
    ixp_send(port, iov, ARRAY_SIZE(iov), sent);
}

/* The field holds the pseudo-header's sum: sum it along with the rest. */
static void ixp_finish_csum(const IxpOffload *o, uint8_t *frame,
                            uint32_t length)
{
    uint32_t sum = net_checksum_add(length - o->csum_start,
                                    frame + o->csum_start);

    stw_be_p(frame + o->csum_start + o->csum_offset,
             net_checksum_finish_nozero(sum));
}

typedef struct IxpSegments {
    IxpPort *port;
    NetPacketSent *sent;
    size_t left;                /* TCP payload not sent yet */
    uint8_t last_flags;         /* TCP flags that only the last one has */
    unsigned packets;
} IxpSegments;

/*
 * The helper takes FIN and PUSH off every segment.  The last one gets them
 * back, or the peer would wait for a retransmission of the FIN.
 */
static void ixp_restore_flags(struct tcp_hdr *th, uint8_t flags)
{
    uint32_t sum = (uint16_t)~lduw_be_p(&th->th_sum) + flags;

    th->th_flags |= flags;
    stw_be_p(&th->th_sum, net_checksum_finish_nozero(sum));
}

/* Called for each segment: Ethernet, IP, TCP headers, then payload. */
static void ixp_send_segment(void *opaque, const struct iovec *iov, int n,
                             const struct iovec *vnet_iov, int vnet_n)
{
    enum { TCP_HEADER = 2, PAYLOAD };
    IxpSegments *s = opaque;

    s->left -= iov_size(iov + PAYLOAD, n - PAYLOAD);
    if (!s->left && s->last_flags) {
        ixp_restore_flags(iov[TCP_HEADER].iov_base, s->last_flags);
    }
    s->packets++;
    pm3386_sent(&s->port->ix->units, s->port->index, iov[0].iov_base,
                iov_size(iov, n), 1);
    ixp_send(s->port, iov, n, s->sent);
}

/* net_tx_pkt_reset wants one; the ring owns the frame. */
static void ixp_keep_frame(void *opaque, void *base, size_t len)
{
}

static unsigned ixp_send_segments(IxpPort *port, const IxpOffload *o,
                                  uint8_t *frame, uint32_t length,
                                  NetPacketSent *sent)
{
    const struct tcp_hdr *th = (const void *)(frame + o->csum_start);
    struct NetTxPkt *pkt = port->tx_pkt;
    IxpSegments s = {
        .port = port,
        .sent = sent,
        .left = length - o->hdr_len,
        .last_flags = th->th_flags & (TH_FIN | TH_PUSH),
    };
    unsigned type = o->gso_type == SVNIC_GSO_TCPV4 ?
                    VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6;

    if (net_tx_pkt_add_raw_fragment(pkt, frame, length) &&
        net_tx_pkt_parse(pkt) &&
        net_tx_pkt_build_vheader(pkt, true, true, o->gso_size) &&
        (net_tx_pkt_get_vhdr(pkt)->gso_type & ~VIRTIO_NET_HDR_GSO_ECN) ==
        type) {
        net_tx_pkt_send_custom(pkt, false, ixp_send_segment, &s);
    }
    net_tx_pkt_reset(pkt, ixp_keep_frame, NULL);
    return s.packets;
}

unsigned ixp_port_transmit(IxpPort *port, const IxpOffload *offload,
                           uint8_t *frame, uint32_t length,
                           NetPacketSent *sent)
{
    struct iovec iov = {
        .iov_base = frame,
        .iov_len = length,
    };

    if ((offload->needs_csum && !ixp_csum_valid(offload, length)) ||
        (offload->gso_type != SVNIC_GSO_NONE &&
         !ixp_gso_valid(offload, frame, length))) {
        return 0;
    }
    if (port->vnet_hdr_len) {
        ixp_send_vnet(port, offload, frame, length, sent);
        return 1;
    }
    if (offload->gso_type != SVNIC_GSO_NONE) {
        return ixp_send_segments(port, offload, frame, length, sent);
    }
    if (offload->needs_csum) {
        ixp_finish_csum(offload, frame, length);
    }
    pm3386_sent(&port->ix->units, port->index, frame, length, 1);
    ixp_send(port, &iov, 1, sent);
    return 1;
}
