/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a VIF and its attributes: every state, every refusal.  Spec:
 * "Commands", "Attributes", "Status codes", "Memory of a VIF".
 */
#include "card.h"

static struct svnic_vif_attr mac_attr(uint32_t vif)
{
    struct svnic_vif_attr attr = { .mask = SVNIC_ATTR_MAC };

    memcpy(attr.mac, card_mac(vif), MAC_BYTES);
    return attr;
}

static void create_ok(Card *c, uint32_t vif)
{
    struct svnic_vif_attr attr = mac_attr(vif);

    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_CREATE, vif, &attr),
                     ==, SVNIC_ST_OK);
}

/* Asserts that @opcode with @attr for @vif is refused with @status. */
static void refused(Card *c, uint32_t status, uint16_t opcode, uint32_t vif,
                    uint32_t flags, const struct svnic_vif_attr *attr)
{
    struct svnic_cmd cmd = {
        .version = SVNIC_CMD_VERSION, .opcode = opcode, .vif = vif,
        .flags = flags,
    };

    if (attr) {
        cmd.u.attr = *attr;
    }
    card_refuses(c, status, &cmd);
}

static void create_defaults(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    const struct svnic_vif_info *info = &c->answer.u.vif_info;

    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_CREATE, SVNIC_VIF_ANY,
                                      NULL), ==, SVNIC_ST_OK);
    g_assert_cmpuint(c->answer.vif, ==, 0);
    g_assert_cmpuint(info->state, ==, SVNIC_VIF_INACTIVE);
    g_assert_cmpuint(info->error, ==, SVNIC_ERR_NONE);
    g_assert_cmpuint(info->sdram_offset, >=, FW_SDRAM_RESERVED);
    g_assert_cmpuint(info->sdram_offset % SVNIC_PAGE_SIZE, ==, 0);
    g_assert_cmpuint(info->sdram_size % SVNIC_PAGE_SIZE, ==, 0);
    g_assert_cmpuint(info->doorbell_page, ==, 0);
    g_assert_cmpuint(info->irq_bit, ==, SVNIC_IRQ_BIT(0));
    g_assert_cmpuint(info->vector, ==, SVNIC_VECTOR(0));
    g_assert_cmpuint(info->link, ==, 0);
    g_assert_cmphex(info->attr.mask, ==, SVNIC_ATTR_ALL);
    g_assert_cmphex(info->attr.flags, ==, SVNIC_VIF_F_SPOOF_CHECK);
    g_assert_cmpuint(info->attr.port, ==, 0);
    g_assert_cmpuint(info->attr.send_slots, ==, 256);
    g_assert_cmpuint(info->attr.recv_slots, ==, 1024);
    g_assert_cmpuint(info->attr.mtu, ==, SVNIC_DEFAULT_MTU);
    g_assert_cmpuint(info->attr.link, ==, SVNIC_LINK_AUTO);
    g_assert_false(fake_page_is_open(c->ix, 0));
    /* Nothing that is not active takes part in pauses. */
    g_assert_cmpuint(fake_chip_resumes(c->ix), ==, 0);
}

static void create_attributes(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_vif_attr attr = {
        .mask = SVNIC_ATTR_ALL,
        .flags = SVNIC_VIF_F_PROMISC,
        .port = 1,
        .send_slots = SVNIC_MIN_SLOTS,
        .recv_slots = SVNIC_MAX_SLOTS,
        .mtu = SVNIC_MAX_MTU,
        .link = SVNIC_LINK_DOWN,
        .mac = { 2, 3, 4, 5, 6, 7 },
        .vector = 3,
    };

    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_CREATE, 5, &attr), ==,
                     SVNIC_ST_OK);
    g_assert_cmpuint(c->answer.vif, ==, 5);
    g_assert_cmpmem(&c->answer.u.vif_info.attr, sizeof(attr),
                    &attr, sizeof(attr));
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_QUERY, 5, NULL), ==,
                     SVNIC_ST_OK);
    g_assert_cmpmem(&c->answer.u.vif_info.attr, sizeof(attr),
                    &attr, sizeof(attr));
}

static void create_ids(void)
{
    g_autoptr(Card) c = card_new(&card_default);

    create_ok(c, 2);
    refused(c, SVNIC_ST_VIF_IN_USE, SVNIC_CMD_VIF_CREATE, 2, 0, NULL);
    refused(c, SVNIC_ST_NO_SUCH_VIF, SVNIC_CMD_VIF_CREATE, card_default.pages,
            0, NULL);
    for (unsigned i = 0; i < card_default.pages - 1; i++) {
        g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_CREATE,
                                          SVNIC_VIF_ANY, NULL), ==,
                         SVNIC_ST_OK);
        g_assert_cmpuint(c->answer.vif, ==, i < 2 ? i : i + 1);
    }
    refused(c, SVNIC_ST_NO_FREE_VIF, SVNIC_CMD_VIF_CREATE, SVNIC_VIF_ANY, 0,
            NULL);
}

static void create_no_memory(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_vif_attr attr = {
        .mask = SVNIC_ATTR_SEND_SLOTS | SVNIC_ATTR_RECV_SLOTS,
        .send_slots = SVNIC_MAX_SLOTS, .recv_slots = SVNIC_MAX_SLOTS,
    };

    /* 16 MiB each and a page: one fits into 32 MiB less the reserved part. */
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_CREATE, 0, &attr), ==,
                     SVNIC_ST_OK);
    refused(c, SVNIC_ST_NO_MEMORY, SVNIC_CMD_VIF_CREATE, 1, 0, &attr);
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_DESTROY, 0, NULL), ==,
                     SVNIC_ST_OK);
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_CREATE, 1, &attr), ==,
                     SVNIC_ST_OK);
}

static const struct {
    uint32_t status;
    struct svnic_vif_attr attr;
} bad_attrs[] = {
    { SVNIC_ST_BAD_ATTR, { .mask = SVNIC_ATTR_ALL + 1 } },
    { SVNIC_ST_BAD_ATTR, { .mask = 1u << 31 } },
    { SVNIC_ST_BAD_ATTR, { .mask = SVNIC_ATTR_FLAGS,
                           .flags = SVNIC_VIF_F_ALL + 1 } },
    { SVNIC_ST_BAD_MAC, { .mask = SVNIC_ATTR_MAC } },
    { SVNIC_ST_BAD_MAC, { .mask = SVNIC_ATTR_MAC,
                          .mac = { 1, 0, 0x5e, 0, 0, 1 } } },
    { SVNIC_ST_BAD_MAC, { .mask = SVNIC_ATTR_MAC,
                          .mac = { 255, 255, 255, 255, 255, 255 } } },
    { SVNIC_ST_BAD_PORT, { .mask = SVNIC_ATTR_PORT, .port = 2 } },
    { SVNIC_ST_BAD_PORT, { .mask = SVNIC_ATTR_PORT, .port = UINT32_MAX } },
    { SVNIC_ST_BAD_QUEUE_SIZE, { .mask = SVNIC_ATTR_SEND_SLOTS } },
    { SVNIC_ST_BAD_QUEUE_SIZE, { .mask = SVNIC_ATTR_SEND_SLOTS,
                                 .send_slots = SVNIC_MIN_SLOTS / 2 } },
    { SVNIC_ST_BAD_QUEUE_SIZE, { .mask = SVNIC_ATTR_SEND_SLOTS,
                                 .send_slots = SVNIC_MAX_SLOTS * 2 } },
    { SVNIC_ST_BAD_QUEUE_SIZE, { .mask = SVNIC_ATTR_SEND_SLOTS,
                                 .send_slots = 96 } },
    { SVNIC_ST_BAD_QUEUE_SIZE, { .mask = SVNIC_ATTR_RECV_SLOTS,
                                 .recv_slots = 1u << 31 } },
    { SVNIC_ST_BAD_QUEUE_SIZE, { .mask = SVNIC_ATTR_RECV_SLOTS,
                                 .recv_slots = SVNIC_MIN_SLOTS + 1 } },
    { SVNIC_ST_BAD_MTU, { .mask = SVNIC_ATTR_MTU,
                          .mtu = SVNIC_MIN_MTU - 1 } },
    { SVNIC_ST_BAD_MTU, { .mask = SVNIC_ATTR_MTU,
                          .mtu = SVNIC_MAX_MTU + 1 } },
    { SVNIC_ST_BAD_MTU, { .mask = SVNIC_ATTR_MTU, .mtu = UINT32_MAX } },
    { SVNIC_ST_BAD_LINK, { .mask = SVNIC_ATTR_LINK,
                           .link = SVNIC_LINK_PORT + 1 } },
};

static void attributes_refused(void)
{
    g_autoptr(Card) c = card_new(&card_default);

    create_ok(c, 0);
    card_vif(c, 1, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(bad_attrs); i++) {
        uint32_t status = bad_attrs[i].status;
        uint32_t slots = SVNIC_ATTR_SEND_SLOTS | SVNIC_ATTR_RECV_SLOTS;
        struct svnic_vif_attr attr = bad_attrs[i].attr;

        refused(c, status, SVNIC_CMD_VIF_CREATE, 7, 0, &attr);
        refused(c, status, SVNIC_CMD_VIF_CHANGE, 0, 0, &attr);
        refused(c, attr.mask & slots ? SVNIC_ST_NOT_CHANGEABLE : status,
                SVNIC_CMD_VIF_CHANGE, 1, SVNIC_CMD_F_WHILE_ACTIVE, &attr);
        /* Neither do good ones beside it get through. */
        attr.mask |= SVNIC_ATTR_ALL & ~(slots | SVNIC_ATTR_MAC);
        attr.mtu = attr.mtu ? attr.mtu : SVNIC_MAX_MTU;
        refused(c, status, SVNIC_CMD_VIF_CHANGE, 0, 0, &attr);
    }
}

static void mac_in_use(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_vif_attr first = mac_attr(0);
    struct svnic_vif_attr second = mac_attr(1);
    struct svnic_vif_attr board = { .mask = SVNIC_ATTR_MAC };

    create_ok(c, 0);
    card_vif(c, 1, NULL);
    refused(c, SVNIC_ST_MAC_IN_USE, SVNIC_CMD_VIF_CREATE, 2, 0, &first);
    refused(c, SVNIC_ST_MAC_IN_USE, SVNIC_CMD_VIF_CHANGE, 0, 0, &second);
    refused(c, SVNIC_ST_MAC_IN_USE, SVNIC_CMD_VIF_CHANGE, 1,
            SVNIC_CMD_F_WHILE_ACTIVE, &first);
    ixp_port_mac(c->ix, 1, board.mac);
    refused(c, SVNIC_ST_MAC_IN_USE, SVNIC_CMD_VIF_CREATE, 2, 0, &board);
    /* Its own it may be given again. */
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_CHANGE, 0, &first), ==,
                     SVNIC_ST_OK);
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_DESTROY, 0, NULL), ==,
                     SVNIC_ST_OK);
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_CREATE, 2, &first), ==,
                     SVNIC_ST_OK);
}

static void no_mac(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_vif_attr attr = mac_attr(0);

    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_CREATE, 0, NULL), ==,
                     SVNIC_ST_OK);
    refused(c, SVNIC_ST_NO_MAC, SVNIC_CMD_VIF_ACTIVATE, 0, 0, NULL);
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_CHANGE, 0, &attr), ==,
                     SVNIC_ST_OK);
    card_start(c, SVNIC_CMD_VIF_ACTIVATE, 0);
}

static void activate_opens(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_vif_attr attr = {
        .mask = SVNIC_ATTR_MTU, .mtu = 9000,
    };
    Guest *g = card_vif(c, 3, &attr);
    struct svnic_vif_page *page = g->page;
    struct svnic_vif_info info = c->answer.u.vif_info;

    g_assert_cmpuint(info.state, ==, SVNIC_VIF_ACTIVE);
    g_assert_cmpuint(info.link, ==, 1);
    g_assert_true(fake_page_is_open(c->ix, 3));
    g_assert_cmphex(fake_page_mask(c->ix, 3), ==, UINT32_MAX);
    g_assert_cmphex(page->abi, ==, SVNIC_IDENTITY);
    g_assert_cmpuint(page->vif, ==, 3);
    g_assert_cmpuint(page->state, ==, SVNIC_VIF_ACTIVE);
    g_assert_cmpuint(page->error, ==, SVNIC_ERR_NONE);
    g_assert_cmpuint(page->link, ==, 1);
    g_assert_cmpuint(page->mtu, ==, 9000);
    g_assert_cmphex(page->capabilities, ==, fw_capabilities(c->fw));
    g_assert_cmpuint(page->slot_size, ==, SVNIC_SLOT_SIZE);
    g_assert_cmpuint(page->send_slots, ==, info.attr.send_slots);
    g_assert_cmpuint(page->recv_slots, ==, info.attr.recv_slots);
    g_assert_cmpuint(page->generation, ==, 1);
    g_assert_cmpmem(page->mac, MAC_BYTES, card_mac(3), MAC_BYTES);
    /* The slots lie in the run, behind the page, and do not overlap. */
    g_assert_cmpuint(page->send_offset, >=, sizeof(*page));
    g_assert_cmpuint(page->recv_offset, >=, page->send_offset +
                     page->send_slots * SVNIC_SLOT_SIZE);
    g_assert_cmpuint(page->recv_offset + page->recv_slots * SVNIC_SLOT_SIZE,
                     <=, info.sdram_size);
}

static void states(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_vif_attr attr = { .mask = SVNIC_ATTR_MTU, .mtu = 1000 };

    /* inactive */
    create_ok(c, 0);
    refused(c, SVNIC_ST_NOT_ACTIVE, SVNIC_CMD_VIF_DEACTIVATE, 0, 0, NULL);
    refused(c, SVNIC_ST_NOT_ACTIVE, SVNIC_CMD_VIF_RESET, 0, 0, NULL);
    /* active */
    card_start(c, SVNIC_CMD_VIF_ACTIVATE, 0);
    refused(c, SVNIC_ST_VIF_ACTIVE, SVNIC_CMD_VIF_ACTIVATE, 0, 0, NULL);
    refused(c, SVNIC_ST_VIF_ACTIVE, SVNIC_CMD_VIF_DESTROY, 0, 0, NULL);
    refused(c, SVNIC_ST_VIF_ACTIVE, SVNIC_CMD_VIF_CHANGE, 0, 0, &attr);
    /* stopped */
    fw_vif_stop(c->fw, &c->fw->vif[0], SVNIC_ERR_SEND_CHAIN, 0);
    refused(c, SVNIC_ST_VIF_STOPPED, SVNIC_CMD_VIF_ACTIVATE, 0, 0, NULL);
    refused(c, SVNIC_ST_VIF_STOPPED, SVNIC_CMD_VIF_DESTROY, 0, 0, NULL);
    refused(c, SVNIC_ST_VIF_STOPPED, SVNIC_CMD_VIF_CHANGE, 0, 0, &attr);
    refused(c, SVNIC_ST_VIF_STOPPED, SVNIC_CMD_VIF_CHANGE, 0,
            SVNIC_CMD_F_WHILE_ACTIVE, &attr);
    /* and out of it both ways */
    card_start(c, SVNIC_CMD_VIF_RESET, 0);
    card_assert_error(c, 0, SVNIC_ERR_NONE);
    fw_vif_stop(c->fw, &c->fw->vif[0], SVNIC_ERR_SEND_CHAIN, 0);
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_DEACTIVATE, 0, NULL),
                     ==, SVNIC_ST_OK);
    card_start(c, SVNIC_CMD_VIF_ACTIVATE, 0);
    card_assert_error(c, 0, SVNIC_ERR_NONE);
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_DEACTIVATE, 0, NULL),
                     ==, SVNIC_ST_OK);
    g_assert_cmpuint(c->guest[0].page->state, ==, SVNIC_VIF_INACTIVE);
    g_assert_false(fake_page_is_open(c->ix, 0));
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_DESTROY, 0, NULL), ==,
                     SVNIC_ST_OK);
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_QUERY, 0, NULL), ==,
                     SVNIC_ST_OK);
    g_assert_cmpuint(c->answer.u.card.vifs_used, ==, 0);
    refused(c, SVNIC_ST_NO_SUCH_VIF, SVNIC_CMD_VIF_QUERY, 0, 0, NULL);
}

static void change_nothing(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_vif_attr none = { 0 };

    create_ok(c, 0);
    card_vif(c, 1, NULL);
    refused(c, SVNIC_ST_BAD_ATTR, SVNIC_CMD_VIF_CHANGE, 0, 0, &none);
    refused(c, SVNIC_ST_BAD_ATTR, SVNIC_CMD_VIF_CHANGE, 1,
            SVNIC_CMD_F_WHILE_ACTIVE, &none);
}

static void change_active(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_vif_attr attr = {
        .mask = SVNIC_ATTR_ALL &
                ~(SVNIC_ATTR_SEND_SLOTS | SVNIC_ATTR_RECV_SLOTS |
                  SVNIC_ATTR_PLACEMENT),
        .flags = 0, .port = 1, .mtu = 4000, .link = SVNIC_LINK_DOWN,
        .mac = { 2, 3, 4, 5, 6, 7 },
    };
    struct svnic_vif_attr link = { .mask = SVNIC_ATTR_LINK };
    struct svnic_vif_attr slots = {
        .mask = SVNIC_ATTR_MTU | SVNIC_ATTR_RECV_SLOTS, .mtu = 5000,
    };
    Guest *g = card_vif(c, 0, NULL);

    slots.recv_slots = g->recv_slots;
    g_assert_cmpuint(card_change_active(c, 0, &attr), ==, SVNIC_ST_OK);
    attr.mask = SVNIC_ATTR_ALL;
    attr.send_slots = g->send_slots;
    attr.recv_slots = g->recv_slots;
    attr.vector = SVNIC_VECTOR(0);
    g_assert_cmpmem(&c->answer.u.vif_info.attr, sizeof(attr),
                    &attr, sizeof(attr));
    g_assert_cmpuint(g->page->mtu, ==, 4000);
    g_assert_cmpuint(g->page->link, ==, 0);
    g_assert_cmpmem(g->page->mac, MAC_BYTES, attr.mac, MAC_BYTES);
    g_assert_cmphex(fake_page_status(c->ix, 0), ==,
                    SVNIC_SIGNAL_STATE | SVNIC_SIGNAL_LINK);
    /* Of the link alone the owner is told as of a link. */
    fake_page_status_clear(c->ix, 0, SVNIC_SIGNAL_ALL);
    link.link = SVNIC_LINK_UP;
    g_assert_cmpuint(card_change_active(c, 0, &link), ==, SVNIC_ST_OK);
    g_assert_cmphex(fake_page_status(c->ix, 0), ==, SVNIC_SIGNAL_LINK);
    fake_page_status_clear(c->ix, 0, SVNIC_SIGNAL_ALL);
    g_assert_cmpuint(card_change_active(c, 0, &link), ==, SVNIC_ST_OK);
    g_assert_cmphex(fake_page_status(c->ix, 0), ==, 0);
    refused(c, SVNIC_ST_NOT_CHANGEABLE, SVNIC_CMD_VIF_CHANGE, 0,
            SVNIC_CMD_F_WHILE_ACTIVE, &slots);
}

static void change_slots(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_vif_attr attr = {
        .mask = SVNIC_ATTR_SEND_SLOTS | SVNIC_ATTR_RECV_SLOTS,
        .send_slots = 64, .recv_slots = 2048,
    };
    Guest *g;

    create_ok(c, 0);
    create_ok(c, 1);
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_CHANGE, 0, &attr), ==,
                     SVNIC_ST_OK);
    g_assert_cmpuint(c->answer.u.vif_info.attr.send_slots, ==, 64);
    g_assert_cmpuint(c->answer.u.vif_info.attr.recv_slots, ==, 2048);
    g = card_start(c, SVNIC_CMD_VIF_ACTIVATE, 0);
    g_assert_cmpuint(g->send_slots, ==, 64);
    g_assert_cmpuint(g->recv_slots, ==, 2048);
    /* More than there is: refused, and as it was. */
    attr.send_slots = SVNIC_MAX_SLOTS;
    attr.recv_slots = SVNIC_MAX_SLOTS;
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_CHANGE, 1, &attr), ==,
                     SVNIC_ST_OK);
    create_ok(c, 2);
    attr.mask |= SVNIC_ATTR_MTU;
    attr.mtu = 2000;
    refused(c, SVNIC_ST_NO_MEMORY, SVNIC_CMD_VIF_CHANGE, 2, 0, &attr);
}

static void reset_starts_again(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *g = card_vif(c, 0, NULL);
    Guest *other = card_vif(c, 1, NULL);
    g_autofree Frame *lost = NULL;
    g_autofree Frame *kept = frame_new(card_mac(1), card_mac(0), 100);
    g_autofree Frame *waiting = frame_new(card_mac(0), card_mac(1), 100);

    fake_page_mask_clear(c->ix, 0, SVNIC_SIGNAL_ALL);
    lost = card_send_new(c, other, card_mac(0), 64);
    g_assert_true(guest_has_frame(g));
    card_send(c, g, kept);
    guest_put(other, waiting->data, waiting->length, NULL);
    guest_publish(other);
    g = card_start(c, SVNIC_CMD_VIF_RESET, 0);
    g_assert_cmpuint(g->page->generation, ==, 2);
    g_assert_cmpuint(g->page->send_prod.index, ==, 0);
    g_assert_cmpuint(g->page->send_cons.index, ==, 0);
    g_assert_cmpuint(g->page->recv_prod.index, ==, 0);
    g_assert_cmpuint(g->page->recv_cons.index, ==, 0);
    g_assert_cmphex(fake_page_mask(c->ix, 0), ==, UINT32_MAX);
    g_assert_cmphex(fake_page_status(c->ix, 0), ==, 0);
    g_assert_cmpuint(other->page->generation, ==, 1);
    /* What the other has, and what it was about to send, is not lost. */
    card_run(c);
    card_receives(other, kept);
    card_receives(g, waiting);
    /* Counters count since create. */
    g_assert_cmpuint(card_count(c, 0, "recv-frames"), ==, 2);
}

static void generation_counts(void)
{
    g_autoptr(Card) c = card_new(&card_default);

    create_ok(c, 0);
    for (uint32_t i = 1; i < 10; i += 2) {
        Guest *g = card_start(c, SVNIC_CMD_VIF_ACTIVATE, 0);

        g_assert_cmpuint(g->page->generation, ==, i);
        g = card_start(c, SVNIC_CMD_VIF_RESET, 0);
        g_assert_cmpuint(g->page->generation, ==, i + 1);
        g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_DEACTIVATE, 0,
                                          NULL), ==, SVNIC_ST_OK);
    }
}

static void deactivate_stops(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *g = card_vif(c, 0, NULL);
    Guest *other = card_vif(c, 1, NULL);
    g_autofree Frame *f = frame_new(card_mac(1), card_mac(0), 100);
    g_autofree Frame *unknown = NULL;

    guest_put(g, f->data, f->length, NULL);
    guest_publish(g);
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_DEACTIVATE, 0, NULL),
                     ==, SVNIC_ST_OK);
    card_run(c);
    card_receives_nothing(other);
    /* Its MAC is unknown now: the port's. */
    unknown = card_send_new(c, other, card_mac(0), 100);
    card_port_sends(c, 0, unknown, NULL);
    /* The frame that was not taken does not come back. */
    card_start(c, SVNIC_CMD_VIF_ACTIVATE, 0);
    card_run(c);
    card_receives_nothing(other);
}

static void short_sdram(void)
{
    FakeChipConfig config = card_default;
    const struct svnic_vif_info *info;

    config.pages = SVNIC_MAX_VIFS;
    config.sdram_size = 128 << 20;
    g_autoptr(Card) c = card_new(&config);

    /* 256 times 64 + 128 slots are 96 MiB; 64 + 256 would be 160 MiB. */
    for (unsigned i = 0; i < SVNIC_MAX_VIFS; i++) {
        g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_CREATE,
                                          SVNIC_VIF_ANY, NULL), ==,
                         SVNIC_ST_OK);
    }
    info = &c->answer.u.vif_info;
    g_assert_cmpuint(info->attr.send_slots, ==, 64);
    g_assert_cmpuint(info->attr.recv_slots, ==, 128);
}

static void least_sdram(void)
{
    FakeChipConfig config = card_default;
    struct svnic_vif_attr least = {
        .mask = SVNIC_ATTR_SEND_SLOTS | SVNIC_ATTR_RECV_SLOTS,
        .send_slots = SVNIC_MIN_SLOTS, .recv_slots = SVNIC_MIN_SLOTS,
    };

    config.pages = 100;
    for (unsigned less = 0; less < 2; less++) {
        config.sdram_size = fw_sdram_min(100) - less;
        g_autoptr(Card) c = card_new(&config);

        for (unsigned i = 0; i < 100; i++) {
            uint32_t status = card_vif_command(c, SVNIC_CMD_VIF_CREATE, i,
                                               &least);

            g_assert_cmpuint(status, ==, less && i == 99 ? SVNIC_ST_NO_MEMORY
                                                         : SVNIC_ST_OK);
        }
    }
}

static void stats_clear_on_create(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *g = card_vif(c, 0, NULL);
    g_autofree Frame *f = card_send_new(c, g, card_stranger, 100);

    g_assert_cmpuint(card_count(c, 0, "send-frames"), ==, 1);
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_DEACTIVATE, 0, NULL),
                     ==, SVNIC_ST_OK);
    g_assert_cmpuint(card_count(c, 0, "send-frames"), ==, 1);
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_DESTROY, 0, NULL), ==,
                     SVNIC_ST_OK);
    create_ok(c, 0);
    g_assert_cmpuint(card_count(c, 0, "send-frames"), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/life/create without attributes gives the defaults",
                    create_defaults);
    g_test_add_func("/life/create takes every attribute", create_attributes);
    g_test_add_func("/life/create takes the id asked for, or the lowest",
                    create_ids);
    g_test_add_func("/life/create needs a region of SDRAM", create_no_memory);
    g_test_add_func("/life/each bad attribute has its own refusal",
                    attributes_refused);
    g_test_add_func("/life/a MAC is on the card once", mac_in_use);
    g_test_add_func("/life/a VIF without a MAC is not activated", no_mac);
    g_test_add_func("/life/activate opens the doorbell page and fills in "
                    "the VIF page", activate_opens);
    g_test_add_func("/life/each state refuses what it cannot do", states);
    g_test_add_func("/life/a change of nothing is refused", change_nothing);
    g_test_add_func("/life/an active VIF changes only if the command says so",
                    change_active);
    g_test_add_func("/life/queue sizes of an inactive VIF change",
                    change_slots);
    g_test_add_func("/life/reset starts a VIF again and disturbs no other",
                    reset_starts_again);
    g_test_add_func("/life/the generation counts each activate and reset",
                    generation_counts);
    g_test_add_func("/life/deactivate takes a VIF off its segment",
                    deactivate_stops);
    g_test_add_func("/life/default queues shrink until all VIFs fit",
                    short_sdram);
    g_test_add_func("/life/the least SDRAM for all VIFs is what it says",
                    least_sdram);
    g_test_add_func("/life/counters start at create", stats_clear_on_create);
    return g_test_run();
}
