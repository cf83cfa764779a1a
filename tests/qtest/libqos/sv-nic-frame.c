/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ethernet frames for the SV-NIC tests.
 *
 * Called by tests/qtest/sv-nic-*-test.c, single-threaded.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "sv-nic-frame.h"

#define ETHERTYPE_EXPERIMENT    0x88b5
#define ETHERTYPE_VLAN          0x8100
#define ETHERTYPE_IPV4          0x0800
#define ETHERTYPE_IPV6          0x86dd
#define IPPROTO_OF(flow)        ((flow)->udp ? IPPROTO_UDP : IPPROTO_TCP)

#define IPV4_HEADER             20
#define IPV6_HEADER             40
#define TCP_HEADER              20
#define TCP_CHECKSUM            16
#define UDP_HEADER              8
#define UDP_CHECKSUM            6

const uint8_t sv_nic_broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
const uint8_t sv_nic_multicast[6] = { 0x01, 0x00, 0x5e, 0x00, 0x00, 0xfb };

/* Contents from byte @offset of stream @seed on. */
static void fill(uint8_t *data, uint32_t length, uint32_t offset,
                 uint32_t seed)
{
    uint32_t i;

    for (i = 0; i < length; i++) {
        uint32_t x = (offset + i) * 2654435761u + seed * 2246822519u;

        x = (x ^ x >> 15) * 2246822519u;
        x = (x ^ x >> 13) * 3266489917u;
        data[i] = x >> 24;
    }
}

static uint8_t *put16(uint8_t *p, uint16_t value)
{
    stw_be_p(p, value);
    return p + 2;
}

static uint8_t *put32(uint8_t *p, uint32_t value)
{
    stl_be_p(p, value);
    return p + 4;
}

static uint8_t *put_ethernet(uint8_t *p, const uint8_t dst[6],
                             const uint8_t src[6], bool vlan, uint16_t type)
{
    memcpy(p, dst, 6);
    memcpy(p + 6, src, 6);
    p += 12;
    if (vlan) {
        p = put16(p, ETHERTYPE_VLAN);
        p = put16(p, 0x2005); /* priority 1, VLAN 5 */
    }
    return put16(p, type);
}

void sv_nic_frame_fill(uint8_t *data, uint32_t length, const uint8_t dst[6],
                       const uint8_t src[6], uint32_t seed)
{
    uint8_t *p = put_ethernet(data, dst, src, false, ETHERTYPE_EXPERIMENT);

    g_assert_cmpuint(length, >=, SVNIC_MIN_FRAME);
    fill(p, length - SVNIC_ETH_HEADER, 0, seed);
}

/* RFC 1071, 16-bit big-endian words; @sum is what came before. */
static uint32_t ones_sum(uint32_t sum, const uint8_t *p, uint32_t length)
{
    uint32_t i;

    for (i = 0; i < length; i++) {
        sum += i & 1 ? p[i] : p[i] << 8;
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

static uint32_t ip_header_length(const QSvNicFlow *flow)
{
    return flow->v6 ? IPV6_HEADER : IPV4_HEADER + flow->ip_options;
}

static uint32_t ip_offset(const QSvNicFlow *flow)
{
    return flow->vlan ? SVNIC_ETH_MAX_HEADER : SVNIC_ETH_HEADER;
}

static uint32_t l4_header_length(const QSvNicFlow *flow)
{
    return flow->udp ? UDP_HEADER : TCP_HEADER + flow->tcp_options;
}

uint32_t sv_nic_flow_headers(const QSvNicFlow *flow)
{
    return ip_offset(flow) + ip_header_length(flow) + l4_header_length(flow);
}

/* The pseudo-header of an IP header at @ip, for @length bytes above it. */
static uint32_t pseudo_sum(const QSvNicFlow *flow, const uint8_t *ip,
                           uint32_t length)
{
    uint8_t tail[8] = { };
    uint32_t sum;

    stl_be_p(tail, length);
    tail[7] = IPPROTO_OF(flow);
    if (flow->v6) {
        sum = ones_sum(0, ip + 8, 32);
    } else {
        sum = ones_sum(0, ip + 12, 8);
    }
    return ones_sum(sum, tail, sizeof(tail));
}

static uint8_t *put_ip(const QSvNicFlow *flow, uint8_t *p, uint32_t length,
                       uint16_t id)
{
    uint8_t *ip = p;
    int i;

    if (flow->v6) {
        p = put32(p, 0x60012345); /* traffic class 0, a flow label */
        p = put16(p, length);
        *p++ = IPPROTO_OF(flow);
        *p++ = 64;
        for (i = 0; i < 32; i++) {
            *p++ = i < 16 ? 0xfd + i : 0xfc + 3 * i;
        }
        return p;
    }
    *p++ = 0x40 | ip_header_length(flow) / 4;
    *p++ = 0;
    p = put16(p, ip_header_length(flow) + length);
    p = put16(p, id);
    p = put16(p, 0x4000); /* don't fragment */
    *p++ = 64;
    *p++ = IPPROTO_OF(flow);
    p = put16(p, 0);
    p = put32(p, 0x0a000001);
    p = put32(p, 0x0a0000fe);
    memset(p, 1, flow->ip_options); /* no operation */
    p += flow->ip_options;
    put16(ip + 10, ~ones_sum(0, ip, p - ip));
    return p;
}

/*
 * Payload bytes [@offset, @offset + @length), wire frame @n of the flow.
 * With @offload the checksum field gets the sum of the pseudo-header only.
 */
static uint32_t build(const QSvNicFlow *flow, uint32_t n, uint32_t offset,
                      uint32_t length, uint8_t tcp_flags, bool offload,
                      uint8_t *data)
{
    uint32_t l4_length = l4_header_length(flow) + length;
    uint8_t *ip = data + ip_offset(flow);
    uint8_t *l4, *p, *field;
    uint16_t sum;

    put_ethernet(data, flow->dst, flow->src, flow->vlan,
                 flow->v6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4);
    l4 = p = put_ip(flow, ip, l4_length, flow->ip_id + n);
    p = put16(p, 40001);
    p = put16(p, 5001);
    if (flow->udp) {
        field = l4 + UDP_CHECKSUM;
        p = put16(p, l4_length);
        p = put16(p, 0);
    } else {
        field = l4 + TCP_CHECKSUM;
        p = put32(p, flow->seq + offset);
        p = put32(p, 0x01020304); /* acknowledged */
        *p++ = (TCP_HEADER + flow->tcp_options) / 4 << 4;
        *p++ = tcp_flags;
        p = put16(p, 0xfff0); /* window */
        p = put16(p, 0);
        p = put16(p, 0);
        memset(p, 1, flow->tcp_options); /* no operation */
        p += flow->tcp_options;
    }
    fill(p, length, offset, flow->seed);

    sum = pseudo_sum(flow, ip, l4_length);
    if (!offload) {
        sum = ~ones_sum(sum, l4, l4_length);
        if (flow->udp && !sum) {
            sum = 0xffff; /* RFC 768: 0 means that there is none */
        }
    }
    put16(field, sum);
    return p + length - data;
}

uint32_t sv_nic_flow_offload(const QSvNicFlow *flow, uint8_t *data,
                             struct svnic_frame *header)
{
    memset(header, 0, sizeof(*header));
    header->flags = cpu_to_le16(SVNIC_FRAME_F_NEEDS_CSUM);
    header->csum_start = cpu_to_le16(ip_offset(flow) +
                                     ip_header_length(flow));
    header->csum_offset = cpu_to_le16(flow->udp ? UDP_CHECKSUM :
                                      TCP_CHECKSUM);
    if (flow->gso_size) {
        header->gso_type = flow->v6 ? SVNIC_GSO_TCPV6 : SVNIC_GSO_TCPV4;
        header->gso_size = cpu_to_le16(flow->gso_size);
        header->hdr_len = cpu_to_le16(sv_nic_flow_headers(flow));
    }
    return build(flow, 0, 0, flow->payload, flow->tcp_flags, true, data);
}

uint32_t sv_nic_flow_segments(const QSvNicFlow *flow)
{
    return flow->gso_size ? DIV_ROUND_UP(flow->payload, flow->gso_size) : 1;
}

uint32_t sv_nic_flow_segment(const QSvNicFlow *flow, uint32_t n,
                             uint8_t *data)
{
    uint32_t offset = n * flow->gso_size;
    uint32_t length = flow->payload - offset;
    uint8_t flags = flow->tcp_flags;

    if (flow->gso_size && length > flow->gso_size) {
        length = flow->gso_size;
        flags &= ~(SV_NIC_TCP_FIN | SV_NIC_TCP_PSH); /* the last one's */
    }
    if (n) {
        flags &= ~SV_NIC_TCP_CWR; /* the first one's */
    }
    return build(flow, n, offset, length, flags, false, data);
}
