/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attributes of a VIF: the check of what a command wants to set, and the
 * setting of those that need no other memory (spec: "Attributes").
 *
 * Called by vif.c on the XScale.
 */
#include "fw.h"
#include "fw_util.h"

static uint32_t check_mac(const SvnicFw *fw, const FwVif *v,
                          const uint8_t *mac)
{
    uint64_t number = fw_mac(mac);

    if (!number || fw_mac_multicast(mac)) {
        return SVNIC_ST_BAD_MAC;
    }
    for (unsigned i = 0; i < fw->vifs; i++) {
        if (&fw->vif[i] != v && fw->vif[i].mac == number) {
            return SVNIC_ST_MAC_IN_USE;
        }
    }
    for (unsigned i = 0; i < fw->ports; i++) {
        if (fw_mac(fw->port[i].mac) == number) {
            return SVNIC_ST_MAC_IN_USE;
        }
    }
    return SVNIC_ST_OK;
}

static bool slots_valid(uint32_t slots)
{
    return slots >= SVNIC_MIN_SLOTS && slots <= SVNIC_MAX_SLOTS &&
           !(slots & (slots - 1));
}

uint32_t fw_attr_check(const SvnicFw *fw, const FwVif *v,
                       const struct svnic_vif_attr *attr)
{
    uint32_t mask = fw_le32(attr->mask);
    uint32_t mtu = fw_le32(attr->mtu);

    if (mask & ~SVNIC_ATTR_ALL) {
        return SVNIC_ST_BAD_ATTR;
    }
    if (mask & SVNIC_ATTR_FLAGS && fw_le32(attr->flags) & ~SVNIC_VIF_F_ALL) {
        return SVNIC_ST_BAD_ATTR;
    }
    if (mask & SVNIC_ATTR_PORT && fw_le32(attr->port) >= fw->ports) {
        return SVNIC_ST_BAD_PORT;
    }
    if ((mask & SVNIC_ATTR_SEND_SLOTS &&
         !slots_valid(fw_le32(attr->send_slots))) ||
        (mask & SVNIC_ATTR_RECV_SLOTS &&
         !slots_valid(fw_le32(attr->recv_slots)))) {
        return SVNIC_ST_BAD_QUEUE_SIZE;
    }
    if (mask & SVNIC_ATTR_MTU &&
        (mtu < SVNIC_MIN_MTU || mtu > SVNIC_MAX_MTU)) {
        return SVNIC_ST_BAD_MTU;
    }
    if (mask & SVNIC_ATTR_LINK && fw_le32(attr->link) > SVNIC_LINK_PORT) {
        return SVNIC_ST_BAD_LINK;
    }
    if (mask & SVNIC_ATTR_PLACEMENT &&
        fw_le32(attr->placement) > (fw->host ? SVNIC_PLACEMENT_HOST
                                             : SVNIC_PLACEMENT_CARD)) {
        return SVNIC_ST_BAD_PLACEMENT;
    }
    if (mask & SVNIC_ATTR_VECTOR && fw_le32(attr->vector) > fw->vifs) {
        return SVNIC_ST_BAD_VECTOR;
    }
    if (mask & SVNIC_ATTR_MAC) {
        return check_mac(fw, v, attr->mac);
    }
    return SVNIC_ST_OK;
}

void fw_attr_set(FwVif *v, const struct svnic_vif_attr *attr)
{
    uint32_t mask = fw_le32(attr->mask);

    if (mask & SVNIC_ATTR_MAC) {
        v->mac = fw_mac(attr->mac);
    }
    if (mask & SVNIC_ATTR_PORT) {
        v->port = fw_le32(attr->port);
    }
    if (mask & SVNIC_ATTR_MTU) {
        v->mtu = fw_le32(attr->mtu);
    }
    if (mask & SVNIC_ATTR_FLAGS) {
        v->flags = fw_le32(attr->flags);
    }
    if (mask & SVNIC_ATTR_LINK) {
        v->link_policy = fw_le32(attr->link);
    }
    if (mask & SVNIC_ATTR_VECTOR) {
        v->vector = fw_le32(attr->vector) ?: SVNIC_VECTOR(v->id);
    }
}
