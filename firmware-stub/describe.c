/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the program says of its state: VIFs, forwarding table, queues between
 * its contexts.
 *
 * Called on the XScale's thread.  The contexts are paused, so that all values
 * are of one moment.  Nothing of a VIF's own memory is looked at.
 */
#include "fw.h"

static const char *const states[] = {
    [SVNIC_VIF_FREE] = "free",
    [SVNIC_VIF_INACTIVE] = "inactive",
    [SVNIC_VIF_ACTIVE] = "active",
    [SVNIC_VIF_STOPPED] = "stopped",
};

static const struct {
    const char *label;
} errors[] = {
#define LABEL(name, number, label, text)    { label },
    SVNIC_VIF_ERRORS(LABEL)
#undef LABEL
};
_Static_assert(sizeof(errors) / sizeof(errors[0]) == SVNIC_ERR_HOST_PAGE + 1,
               "the list has no gaps");

static void mac_text(IxpVisitor *v, uint64_t mac)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t bytes[6];
    char text[3 * sizeof(bytes)];

    fw_mac_bytes(mac, bytes);
    for (unsigned i = 0; i < sizeof(bytes); i++) {
        text[3 * i] = digits[bytes[i] >> 4];
        text[3 * i + 1] = digits[bytes[i] & 0xf];
        text[3 * i + 2] = ':';
    }
    text[sizeof(text) - 1] = '\0';
    v->text(v, "mac", text);
}

static void describe_vif(const SvnicFw *fw, const FwVif *vif, IxpVisitor *v)
{
    unsigned server = fw_server(fw, vif->id);

    v->group(v, NULL);
    v->number(v, "id", vif->id);
    v->text(v, "state", states[fw_vif_state(vif)]);
    v->text(v, "error", errors[fw_vif_error(vif)].label);
    v->text(v, "link", vif->link ? "up" : "down");
    mac_text(v, vif->mac);
    v->number(v, "port", vif->port);
    v->text(v, "placement", vif->region ? "card" : "host");
    v->number(v, "microengine", server % fw->microengines);
    v->number(v, "context", server / fw->microengines);
    v->number(v, "generation", vif->generation);
    v->number(v, "send-slots", vif->send_slots);
    v->number(v, "send-prod", vif->send_seen);
    v->number(v, "send-fetched", vif->send_fetched);
    v->number(v, "send-cons", vif->send_cons);
    v->number(v, "recv-slots", vif->recv_slots);
    v->number(v, "recv-prod", vif->recv_prod);
    v->number(v, "recv-cons", vif->recv_cons);
    v->end(v);
}

static void describe_forwarding(const SvnicFw *fw, IxpVisitor *v)
{
    v->list(v, "forwarding");
    for (unsigned i = 0; i < fw->vifs; i++) {
        const FwVif *vif = &fw->vif[i];

        if (!fw_set_has(&fw->port[vif->port].members, i)) {
            continue;
        }
        v->group(v, NULL);
        mac_text(v, vif->mac);
        v->number(v, "port", vif->port);
        v->number(v, "vif", i);
        v->number(v, "promiscuous",
                  fw_set_has(&fw->port[vif->port].promiscuous, i));
        v->end(v);
    }
    v->end(v);
}

void fw_describe(const void *state, IxpVisitor *v)
{
    const SvnicFw *fw = state;

    ixp_me_pause(fw->ix);
    v->number(v, "vifs-used", fw->vifs_used);
    v->hex(v, "sdram-largest-free",
           (uint64_t)fw_sdram_largest(fw) * SVNIC_PAGE_SIZE);
    v->list(v, "vifs");
    for (unsigned i = 0; i < fw->vifs; i++) {
        if (fw_vif_state(&fw->vif[i]) != SVNIC_VIF_FREE) {
            describe_vif(fw, &fw->vif[i], v);
        }
    }
    v->end(v);
    describe_forwarding(fw, v);
    v->list(v, "queues");
    for (unsigned i = 0; i < fw->microengines; i++) {
        v->group(v, NULL);
        v->number(v, "microengine", i);
        v->number(v, "in-flight", fw->me[i].head - fw->me[i].done);
        v->number(v, "waiting", fw->me[i].waiting);
        v->end(v);
    }
    v->end(v);
    ixp_me_resume(fw->ix);
}
