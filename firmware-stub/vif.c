/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a VIF: create, activate, change, reset, deactivate, destroy, and
 * stop after a broken rule.
 *
 *   FREE --create--> INACTIVE --activate--> ACTIVE --rule broken--> STOPPED
 *   FREE <--destroy-- INACTIVE <--deactivate-- ACTIVE or STOPPED
 *                                   ACTIVE <--reset-- ACTIVE or STOPPED
 *
 * Called by control.c on the XScale, which pauses the microengines around every
 * change that a context could see; fw_vif_stop() and fw_vif_signal() by any
 * context.  A command checks everything before it changes anything.
 */
#include "fw.h"

/* Largest default queues. */
#define DEFAULT_SEND_SLOTS      256
#define DEFAULT_RECV_SLOTS      1024

/*
 * Cache colouring: the first slot of each queue has a different offset.  Small
 * frames use only the first lines of a slot; if all slots were aligned to their
 * size, all queues would share the few cache sets of those lines.
 */
#define COLORS                  16
#define COLOR_SIZE              (SVNIC_SLOT_SIZE / COLORS)

static uint32_t color_offset(uint32_t queue)
{
    return queue % COLORS * COLOR_SIZE;
}

/* The VIF page, the slots, and up to one slot of colouring for each queue. */
static uint32_t region_pages(uint32_t send_slots, uint32_t recv_slots)
{
    return 1 + (send_slots + recv_slots + 2) /
           (SVNIC_PAGE_SIZE / SVNIC_SLOT_SIZE);
}

uint64_t fw_sdram_min(uint32_t vifs)
{
    return FW_SDRAM_RESERVED +
           (uint64_t)vifs * region_pages(SVNIC_MIN_SLOTS, SVNIC_MIN_SLOTS) *
           SVNIC_PAGE_SIZE;
}

void fw_vif_defaults(SvnicFw *fw)
{
    uint64_t pages = fw_sdram_largest(fw);
    uint32_t send = DEFAULT_SEND_SLOTS;
    uint32_t recv = DEFAULT_RECV_SLOTS;

    while ((uint64_t)region_pages(send, recv) * fw->vifs > pages &&
           (send > SVNIC_MIN_SLOTS || recv > SVNIC_MIN_SLOTS)) {
        send = send > SVNIC_MIN_SLOTS ? send / 2 : send;
        recv = recv > SVNIC_MIN_SLOTS ? recv / 2 : recv;
    }
    fw->default_send_slots = send;
    fw->default_recv_slots = recv;
}

static void set_state(SvnicFw *fw, FwVif *v, enum svnic_vif_state state)
{
    __atomic_store_n(&v->state, state, __ATOMIC_RELAXED);
    ixp_trace(fw->ix, FW_EVENT_STATE, v->id, state, 0);
}

/* Writes the fields of the VIF page that the owner reads. */
void fw_vif_write_page(SvnicFw *fw, FwVif *v)
{
    struct svnic_vif_page *page = fw_vif_page(fw, v);

    if (!page) {
        return;
    }
    page->abi = fw_le32(SVNIC_IDENTITY);
    page->vif = fw_le32(v->id);
    page->error = fw_le32(fw_vif_error(v));
    page->link = fw_le32(v->link);
    page->mtu = fw_le32(v->mtu);
    page->capabilities = fw_le32(fw_capabilities(fw));
    page->slot_size = fw_le32(SVNIC_SLOT_SIZE);
    page->send_slots = fw_le32(v->send_slots);
    page->recv_slots = fw_le32(v->recv_slots);
    page->send_offset = fw_le32(v->send_offset - v->region);
    page->recv_offset = fw_le32(v->recv_offset - v->region);
    page->generation = fw_le32(v->generation);
    fw_mac_bytes(v->mac, page->mac);
    ixp_store_release(&page->state, fw_vif_state(v));
    fw_vif_page_written(fw, v);
}

/* Places VIF page and queues in the region at @page; 0: host memory. */
static void set_region(SvnicFw *fw, FwVif *v, uint32_t page,
                       uint32_t send_slots, uint32_t recv_slots)
{
    v->region = page * SVNIC_PAGE_SIZE;
    v->region_size = region_pages(send_slots, recv_slots) * SVNIC_PAGE_SIZE;
    v->send_slots = send_slots;
    v->send_offset = v->region + SVNIC_PAGE_SIZE + color_offset(2 * v->id);
    v->recv_slots = recv_slots;
    v->recv_offset = v->region + SVNIC_PAGE_SIZE +
                     (send_slots + 1) * SVNIC_SLOT_SIZE +
                     color_offset(2 * v->id + 1);
    fw_vif_write_page(fw, v);
}

/* Whether the region will be in host memory; @now: whether it is. */
static bool is_host_placement(const struct svnic_vif_attr *attr, bool now)
{
    return fw_le32(attr->mask) & SVNIC_ATTR_PLACEMENT
           ? fw_le32(attr->placement) == SVNIC_PLACEMENT_HOST : now;
}

static uint32_t find_free_id(const SvnicFw *fw, uint32_t wanted, FwVif **vif)
{
    if (wanted != SVNIC_VIF_ANY) {
        if (wanted >= fw->vifs) {
            return SVNIC_ST_NO_SUCH_VIF;
        }
        *vif = (FwVif *)&fw->vif[wanted];
        return fw_vif_state(*vif) == SVNIC_VIF_FREE ? SVNIC_ST_OK
                                                    : SVNIC_ST_VIF_IN_USE;
    }
    for (unsigned i = 0; i < fw->vifs; i++) {
        if (fw_vif_state(&fw->vif[i]) == SVNIC_VIF_FREE) {
            *vif = (FwVif *)&fw->vif[i];
            return SVNIC_ST_OK;
        }
    }
    return SVNIC_ST_NO_FREE_VIF;
}

uint32_t fw_vif_create(SvnicFw *fw, uint32_t wanted,
                       const struct svnic_vif_attr *attr, FwVif **vif)
{
    uint32_t mask = fw_le32(attr->mask);
    uint32_t send_slots = mask & SVNIC_ATTR_SEND_SLOTS
        ? fw_le32(attr->send_slots) : fw->default_send_slots;
    uint32_t recv_slots = mask & SVNIC_ATTR_RECV_SLOTS
        ? fw_le32(attr->recv_slots) : fw->default_recv_slots;
    uint32_t pages = region_pages(send_slots, recv_slots);
    uint32_t page = 0;
    uint32_t status;
    bool placed;
    FwVif *v;

    status = find_free_id(fw, wanted, &v);
    if (status) {
        return status;
    }
    status = fw_attr_check(fw, v, attr);
    if (status) {
        return status;
    }
    if (is_host_placement(attr, false)) {
        placed = ixp_host_resize(fw->ix, v->id, pages);
    } else {
        page = fw_sdram_alloc(fw, pages);
        placed = page;
    }
    if (!placed) {
        return SVNIC_ST_NO_MEMORY;
    }
    v->mac = 0;
    v->port = 0;
    v->mtu = SVNIC_DEFAULT_MTU;
    v->flags = SVNIC_VIF_F_SPOOF_CHECK;
    v->link_policy = SVNIC_LINK_AUTO;
    v->vector = SVNIC_VECTOR(v->id);
    v->link = 0;
    fw_attr_set(v, attr);
    fw_vif_stats_clear(v);
    fw->vifs_used++;
    set_state(fw, v, SVNIC_VIF_INACTIVE);
    set_region(fw, v, page, send_slots, recv_slots);
    *vif = v;
    return SVNIC_ST_OK;
}

/* Resets queues and doorbell page of @v, and activates it.  Paused. */
static void start_vif(SvnicFw *fw, FwVif *v)
{
    struct svnic_vif_page *page = fw_vif_page(fw, v);
    unsigned server = fw_server(fw, v->id);

    v->context = server / fw->microengines;
    v->send_cons = 0;
    v->flood_next = 0;
    v->recv_prod = 0;
    v->recv_cons = 0;
    v->generation++;
    memset(page, 0, sizeof(*page));
    /* A full receive queue drops: an event just passed prevents doorbells. */
    ixp_store_release(&page->recv_prod.event, UINT32_MAX);
    ixp_page_open(fw->ix, v->id, server % fw->microengines,
                  v->context, SVNIC_VIF_IRQ_BIT(v->id, fw->irq_bits),
                  v->vector);
    set_state(fw, v, SVNIC_VIF_ACTIVE);
    fw_switch_rebuild(fw);
    fw_vif_write_page(fw, v);
}

uint32_t fw_vif_activate(SvnicFw *fw, FwVif *v)
{
    switch (fw_vif_state(v)) {
    case SVNIC_VIF_ACTIVE:
        return SVNIC_ST_VIF_ACTIVE;
    case SVNIC_VIF_STOPPED:
        return SVNIC_ST_VIF_STOPPED;
    }
    if (!v->mac) {
        return SVNIC_ST_NO_MAC;
    }
    if (!fw_region_complete(fw, v)) {
        return SVNIC_ST_NOT_MAPPED;
    }
    ixp_me_pause(fw->ix);
    start_vif(fw, v);
    ixp_me_resume(fw->ix);
    return SVNIC_ST_OK;
}

uint32_t fw_vif_reset(SvnicFw *fw, FwVif *v)
{
    if (fw_vif_state(v) == SVNIC_VIF_INACTIVE) {
        return SVNIC_ST_NOT_ACTIVE;
    }
    if (!fw_region_complete(fw, v)) {
        return SVNIC_ST_NOT_MAPPED;
    }
    ixp_me_pause(fw->ix);
    start_vif(fw, v);
    ixp_me_resume(fw->ix);
    return SVNIC_ST_OK;
}

uint32_t fw_vif_deactivate(SvnicFw *fw, FwVif *v)
{
    if (fw_vif_state(v) == SVNIC_VIF_INACTIVE) {
        return SVNIC_ST_NOT_ACTIVE;
    }
    ixp_me_pause(fw->ix);
    ixp_page_close(fw->ix, v->id);
    set_state(fw, v, SVNIC_VIF_INACTIVE);
    fw_switch_rebuild(fw);
    fw_vif_write_page(fw, v);
    ixp_me_resume(fw->ix);
    return SVNIC_ST_OK;
}

uint32_t fw_vif_destroy(SvnicFw *fw, FwVif *v)
{
    switch (fw_vif_state(v)) {
    case SVNIC_VIF_ACTIVE:
        return SVNIC_ST_VIF_ACTIVE;
    case SVNIC_VIF_STOPPED:
        return SVNIC_ST_VIF_STOPPED;
    }
    if (fw_on_host(v)) {
        ixp_host_resize(fw->ix, v->id, 0);
    } else {
        fw_sdram_free(fw, v->region / SVNIC_PAGE_SIZE);
    }
    v->mac = 0;
    v->region = 0;
    v->region_size = 0;
    fw->vifs_used--;
    set_state(fw, v, SVNIC_VIF_FREE);
    return SVNIC_ST_OK;
}

uint32_t fw_vif_map(SvnicFw *fw, FwVif *v, const struct svnic_vif_map *map)
{
    IxpHostExtent extent[SVNIC_MAP_EXTENTS];
    uint32_t n = fw_le32(map->extents);
    uint32_t pages = v->region_size / SVNIC_PAGE_SIZE;
    uint32_t left = pages;

    switch (fw_vif_state(v)) {
    case SVNIC_VIF_ACTIVE:
        return SVNIC_ST_VIF_ACTIVE;
    case SVNIC_VIF_STOPPED:
        return SVNIC_ST_VIF_STOPPED;
    }
    if (!fw_on_host(v)) {
        return SVNIC_ST_NOT_ON_HOST;
    }
    if (!n || n > SVNIC_MAP_EXTENTS) {
        return SVNIC_ST_BAD_MAP;
    }
    for (unsigned i = 0; i < n; i++) {
        IxpHostExtent *e = &extent[i];

        *e = (IxpHostExtent) {
            .address = fw_le64(map->extent[i].address),
            .page = fw_le32(map->extent[i].page),
            .pages = fw_le32(map->extent[i].pages),
        };
        if (e->address % SVNIC_PAGE_SIZE || !e->pages || e->pages > left ||
            e->page > pages - e->pages) {
            return SVNIC_ST_BAD_MAP;
        }
        if (e->address > UINT64_MAX - (uint64_t)e->pages * SVNIC_PAGE_SIZE) {
            return SVNIC_ST_BAD_ADDRESS;
        }
        left -= e->pages;
    }
    switch (ixp_host_map(fw->ix, v->id, extent, n)) {
    case IXP_HOST_NO_RAM:
        return SVNIC_ST_BAD_ADDRESS;
    case IXP_HOST_IN_USE:
        return SVNIC_ST_PAGE_IN_USE;
    case IXP_HOST_NO_MEMORY:
        return SVNIC_ST_NO_MEMORY;
    case IXP_HOST_OK:
        break;
    }
    fw_vif_write_page(fw, v);
    return SVNIC_ST_OK;
}

/* Allocates a region for other queues or placement; false: no change. */
static bool reallocate_region(SvnicFw *fw, const FwVif *v, bool host,
                              uint32_t pages, uint32_t *page)
{
    uint32_t old = *page;

    if (host) {
        if (!ixp_host_resize(fw->ix, v->id, pages)) {
            return false;
        }
        if (!fw_on_host(v)) {
            fw_sdram_free(fw, old);
        }
        *page = 0;
        return true;
    }
    if (fw_on_host(v)) {
        *page = fw_sdram_alloc(fw, pages);
        if (*page) {
            ixp_host_resize(fw->ix, v->id, 0);
        }
    } else {
        *page = fw_sdram_realloc(fw, old, pages);
    }
    return *page;
}

static uint32_t change_inactive(SvnicFw *fw, FwVif *v,
                                const struct svnic_vif_attr *attr)
{
    uint32_t mask = fw_le32(attr->mask);
    uint32_t send_slots = mask & SVNIC_ATTR_SEND_SLOTS
        ? fw_le32(attr->send_slots) : v->send_slots;
    uint32_t recv_slots = mask & SVNIC_ATTR_RECV_SLOTS
        ? fw_le32(attr->recv_slots) : v->recv_slots;
    uint32_t page = v->region / SVNIC_PAGE_SIZE;
    bool host = is_host_placement(attr, fw_on_host(v));

    if ((send_slots != v->send_slots || recv_slots != v->recv_slots ||
         host != fw_on_host(v)) &&
        !reallocate_region(fw, v, host, region_pages(send_slots, recv_slots),
                           &page)) {
        return SVNIC_ST_NO_MEMORY;
    }
    fw_attr_set(v, attr);
    set_region(fw, v, page, send_slots, recv_slots);
    return SVNIC_ST_OK;
}

static void change_active(SvnicFw *fw, FwVif *v,
                          const struct svnic_vif_attr *attr)
{
    uint32_t link = v->link;
    uint32_t signals = 0;

    ixp_me_pause(fw->ix);
    fw_attr_set(v, attr);
    ixp_page_vector(fw->ix, v->id, v->vector);
    fw_switch_rebuild(fw);
    fw_vif_write_page(fw, v);
    ixp_me_resume(fw->ix);
    if (fw_le32(attr->mask) & ~(SVNIC_ATTR_LINK | SVNIC_ATTR_VECTOR)) {
        signals |= SVNIC_SIGNAL_STATE;
    }
    if (v->link != link) {
        signals |= SVNIC_SIGNAL_LINK;
    }
    if (signals) {
        fw_vif_signal(fw, v, signals);
    }
}

uint32_t fw_vif_change(SvnicFw *fw, FwVif *v, bool while_active,
                       const struct svnic_vif_attr *attr)
{
    uint32_t mask = fw_le32(attr->mask);
    uint32_t state = fw_vif_state(v);
    uint32_t status;

    if (!mask) {
        return SVNIC_ST_BAD_ATTR;
    }
    if (state == SVNIC_VIF_STOPPED) {
        return SVNIC_ST_VIF_STOPPED;
    }
    if (state == SVNIC_VIF_ACTIVE) {
        if (!while_active) {
            return SVNIC_ST_VIF_ACTIVE;
        }
        if (mask & (SVNIC_ATTR_SEND_SLOTS | SVNIC_ATTR_RECV_SLOTS |
                    SVNIC_ATTR_PLACEMENT)) {
            return SVNIC_ST_NOT_CHANGEABLE;
        }
    }
    status = fw_attr_check(fw, v, attr);
    if (status) {
        return status;
    }
    if (state == SVNIC_VIF_INACTIVE) {
        return change_inactive(fw, v, attr);
    }
    change_active(fw, v, attr);
    return SVNIC_ST_OK;
}

void fw_vif_update_links(SvnicFw *fw)
{
    uint32_t before[SVNIC_MAX_VIFS];

    for (unsigned i = 0; i < fw->vifs; i++) {
        before[i] = fw->vif[i].link;
    }
    fw_switch_rebuild(fw);
    for (unsigned i = 0; i < fw->vifs; i++) {
        FwVif *v = &fw->vif[i];

        if (v->link != before[i]) {
            fw_vif_write_page(fw, v);
            fw_vif_signal(fw, v, SVNIC_SIGNAL_LINK);
        }
    }
}

void fw_vif_info(const SvnicFw *fw, const FwVif *v,
                 struct svnic_vif_info *info)
{
    *info = (struct svnic_vif_info) {
        .state = fw_le32(fw_vif_state(v)),
        .error = fw_le32(fw_vif_error(v)),
        .sdram_offset = fw_le32(v->region),
        .sdram_size = fw_le32(v->region_size),
        .doorbell_page = fw_le32(v->id),
        .irq_bit = fw_le32(SVNIC_VIF_IRQ_BIT(v->id, fw->irq_bits)),
        .vector = fw_le32(v->vector),
        .link = fw_le32(v->link),
        .attr = {
            .mask = fw_le32(SVNIC_ATTR_ALL),
            .flags = fw_le32(v->flags),
            .port = fw_le32(v->port),
            .send_slots = fw_le32(v->send_slots),
            .recv_slots = fw_le32(v->recv_slots),
            .mtu = fw_le32(v->mtu),
            .link = fw_le32(v->link_policy),
            .placement = fw_le32(fw_on_host(v) ? SVNIC_PLACEMENT_HOST
                                               : SVNIC_PLACEMENT_CARD),
            .vector = fw_le32(v->vector),
        },
    };
    fw_mac_bytes(v->mac, info->attr.mac);
}

void fw_vif_stop(SvnicFw *fw, FwVif *v, enum svnic_vif_error error,
                 uint32_t index)
{
    struct svnic_vif_page *page = fw_vif_page(fw, v);
    uint32_t active = SVNIC_VIF_ACTIVE;

    /*
     * The context that serves it and one that delivers may both stop it: the
     * first one wins.
     */
    if (!__atomic_compare_exchange_n(&v->state, &active,
                                     SVNIC_VIF_STOPPED | (uint32_t)error << 8,
                                     false, __ATOMIC_RELAXED,
                                     __ATOMIC_RELAXED)) {
        return;
    }
    __atomic_store_n(&v->recv_up, 0, __ATOMIC_RELAXED);
    if (page) {
        ixp_store_release(&page->error, error);
        ixp_store_release(&page->state, SVNIC_VIF_STOPPED);
        fw_vif_page_written(fw, v);
    }
    if (error == SVNIC_ERR_HOST_PAGE) {
        fw_count_shared(&v->host_refused, 1);
    }
    fw_count_shared(&v->stops, 1);
    fw_count_shared(&fw->stops, 1);
    ixp_trace(fw->ix, FW_EVENT_STOP, v->id, error, index);
    ixp_trace(fw->ix, FW_EVENT_STATE, v->id, SVNIC_VIF_STOPPED, 0);
    fw_vif_signal(fw, v, SVNIC_SIGNAL_STATE);
    ixp_pci_doorbell_set(fw->ix, SVNIC_PCI_DB_VIF_STOPPED);
    ixp_host_interrupt(fw->ix, SVNIC_MANAGER_IRQ_BIT(fw->irq_bits),
                       SVNIC_VECTOR_MANAGER);
}

void fw_vif_signal(SvnicFw *fw, FwVif *v, uint32_t bits)
{
    fw_count_shared(&v->signals, 1);
    ixp_page_signal(fw->ix, v->id, bits);
}
