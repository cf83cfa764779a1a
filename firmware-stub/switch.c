/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The switch on the card.  The VIFs of a port and the port itself are one
 * Ethernet segment; ports do not see each other.
 *
 *   unicast to a VIF of the segment     that VIF
 *   unicast to the sender's own MAC     no target, as on any switch
 *   other unicast, from a VIF           the port
 *   other unicast, from the port        no target; counted
 *   broadcast and multicast             all others of the segment
 *   PAUSE, BPDUs                        no target; counted
 *   others of the reserved block        between a VIF and the port
 *
 * A promiscuous VIF also receives a copy of what others send or receive, but
 * nothing of the reserved block, 01-80-C2-00-00-00 to -0F, from another VIF.
 *
 * The tables are built by the XScale while the contexts are paused, and read by
 * any context.  A MAC is unique on the card.  Spec: "Switching".
 */
#include "fw.h"

/*
 * A slot of the MAC table: address in bits 47:0, VIF in 55:48, port above, so
 * that a lookup does not touch the VIF.  0 is empty: no VIF has the address 0.
 */
#define PLACE_VIF               48
#define PLACE_PORT              56
#define PLACE_MAC_MASK          ((UINT64_C(1) << PLACE_VIF) - 1)

/* Any multiplier that is not 0 and has many bits set; see ixp_units.h. */
#define MULTIPLIER_LOW          0x7f4a7c15u
#define MULTIPLIER_HIGH         0x00009e37u

void fw_switch_boot(SvnicFw *fw)
{
    ixp_csr_write(fw->units, IXP_CSR_HASH_MULTIPLIER(0), MULTIPLIER_LOW);
    ixp_csr_write(fw->units, IXP_CSR_HASH_MULTIPLIER(1), MULTIPLIER_HIGH);
}

static uint32_t mac_hash_slot(const SvnicFw *fw, uint64_t mac)
{
    return ixp_hash48(fw->units, mac) & (FW_MAC_TABLE - 1);
}

static void mac_insert(SvnicFw *fw, const FwVif *v)
{
    uint32_t i = mac_hash_slot(fw, v->mac);

    while (fw->mac_table[i]) {
        i = (i + 1) & (FW_MAC_TABLE - 1);
    }
    fw->mac_table[i] = v->mac | (uint64_t)v->id << PLACE_VIF |
                       (uint64_t)v->port << PLACE_PORT;
}

/* The VIF of @port with this address, or -1.  The table is never full. */
static int mac_find(const SvnicFw *fw, uint32_t port, uint64_t mac)
{
    for (uint32_t i = mac_hash_slot(fw, mac); fw->mac_table[i];
         i = (i + 1) & (FW_MAC_TABLE - 1)) {
        uint64_t place = fw->mac_table[i];

        if ((place & PLACE_MAC_MASK) == mac) {
            int vif = place >> PLACE_VIF & 0xff;

            return place >> PLACE_PORT == port ? vif : -1;
        }
    }
    return -1;
}

void fw_switch_rebuild(SvnicFw *fw)
{
    unsigned contexts = fw->microengines * fw->contexts;

    memset(fw->mac_table, 0, sizeof(fw->mac_table));
    for (unsigned i = 0; i < fw->ports; i++) {
        memset(&fw->port[i].members, 0, sizeof(FwSet));
        memset(&fw->port[i].promiscuous, 0, sizeof(FwSet));
    }
    for (unsigned i = 0; i < contexts; i++) {
        memset(&fw->context[i].served, 0, sizeof(FwSet));
    }
    for (unsigned i = 0; i < fw->vifs; i++) {
        FwVif *v = &fw->vif[i];
        FwPort *p = &fw->port[v->port];
        uint32_t state = fw_vif_state(v);

        fw_queue_invalidate(v);
        v->link = state == SVNIC_VIF_ACTIVE &&
                  (v->link_policy == SVNIC_LINK_PORT
                   ? p->link : v->link_policy != SVNIC_LINK_DOWN);
        __atomic_store_n(&v->recv_up, v->link, __ATOMIC_RELAXED);
        /* A stopped VIF stays in the table: frames for it are not flooded. */
        if (state != SVNIC_VIF_ACTIVE && state != SVNIC_VIF_STOPPED) {
            continue;
        }
        mac_insert(fw, v);
        fw_set_add(&p->members, i);
        if (v->flags & SVNIC_VIF_F_PROMISC) {
            fw_set_add(&p->promiscuous, i);
        }
        fw_set_add(&fw->context[fw_server(fw, i)].served, i);
    }
    for (unsigned i = 0; i < fw->ports; i++) {
        fw->port[i].has_promiscuous = !fw_set_empty(&fw->port[i].promiscuous);
    }
}

/*
 * The last byte of a reserved group address, which no bridge forwards (IEEE
 * 802.1Q, 8.6.3), or -1 for any other address.
 */
static int reserved_block(const uint8_t *eth)
{
    static const uint8_t block[] = { 0x01, 0x80, 0xc2, 0, 0 };

    return !memcmp(eth, block, sizeof(block)) && eth[5] < 0x10 ? eth[5] : -1;
}

/* BPDUs and PAUSE; LACP, EAPOL, LLDP and others are between VIF and port. */
#define RESERVED_NEVER          0x01

/* fw_switch_route() without regard to promiscuous VIFs. */
static int route_unicast(const SvnicFw *fw, uint32_t port, const FwVif *from,
                         const uint8_t *eth)
{
    int vif = mac_find(fw, port, fw_mac(eth));

    if (vif >= 0) {
        return from == &fw->vif[vif] ? FW_DEST_NONE : vif;
    }
    return from ? FW_DEST_PORT : FW_DEST_NONE;
}

int fw_switch_route(const SvnicFw *fw, uint32_t port, const FwVif *from,
                    const uint8_t *eth)
{
    if (FW_UNLIKELY(fw_mac_multicast(eth) ||
                    fw->port[port].has_promiscuous)) {
        int reserved = reserved_block(eth);

        if (FW_LIKELY(reserved < 0) || (reserved > RESERVED_NEVER && !from)) {
            return FW_DEST_FLOOD;
        }
        return reserved > RESERVED_NEVER ? FW_DEST_PORT : FW_DEST_RESERVED;
    }
    return route_unicast(fw, port, from, eth);
}

void fw_switch_targets(const SvnicFw *fw, uint32_t port, const FwVif *from,
                       const uint8_t *eth, FwTargets *targets)
{
    const FwPort *p = &fw->port[port];

    targets->has_receiver = true;
    if (fw_mac_multicast(eth)) {
        targets->vifs = p->members;
        targets->port = from;
    } else {
        int dest = route_unicast(fw, port, from, eth);

        targets->vifs = p->promiscuous;
        if (dest >= 0) {
            fw_set_add(&targets->vifs, dest);
        }
        targets->port = dest == FW_DEST_PORT;
        targets->has_receiver = dest != FW_DEST_NONE;
    }
    if (from) {
        fw_set_remove(&targets->vifs, from->id);
    }
}

/*
 * A flooded frame may use several bursts: after FW_FLOOD_BYTES it is postponed,
 * and other senders are served before it continues.
 *
 * *@next is 0 at first, then 1 + the id of the next VIF. Between two calls the
 * owner may have changed the frame, and the XScale the set: then a VIF may miss
 * the frame, but none gets it twice.
 */
FwResult fw_flood(FwBurst *b, FwFrame *f, uint32_t port,
                  const FwTargets *targets, uint32_t *next)
{
    SvnicFw *fw = b->fw;
    bool copied = false;

    if (*next == 0) {
        if (targets->port && fw->port[port].link) {
            FwResult result = fw_port_out(b, port, f);

            if (result != FW_DONE) {
                return result;
            }
        }
        *next = 1;
    }
    for (unsigned i = fw_set_next(&targets->vifs, *next - 1);
         i < SVNIC_MAX_VIFS; i = fw_set_next(&targets->vifs, i + 1)) {
        if ((copied && b->flooded >= FW_FLOOD_BYTES) ||
            fw_recv_put(b, &fw->vif[i], f) == FW_BUSY) {
            *next = i + 1;
            return FW_BUSY;
        }
        copied = true;
        b->flooded += f->length + FW_FLOOD_COPY;
        b->moved += f->length;
    }
    *next = 0;
    return FW_DONE;
}
