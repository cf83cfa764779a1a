/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See card.h.
 */
#include "card.h"

/* More steps than any test needs; a card that does not become idle fails it. */
#define MOST_STEPS              100000

const uint8_t card_broadcast[MAC_BYTES] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
};
const uint8_t card_stranger[MAC_BYTES] = {
    0x02, 0xee, 0x00, 0x00, 0x00, 0x01,
};

static uint8_t macs[SVNIC_MAX_VIFS][MAC_BYTES];

const FakeChipConfig card_default = {
    .microengines = IXP_MAX_MICROENGINES,
    .contexts = IXP_MAX_CONTEXTS,
    .pages = 8,
    .ports = 2,
    .sdram_size = 32 << 20,
    .sdram_fill = 0xa5,
    .port_room = 64,
};

Card *card_new(const FakeChipConfig *config)
{
    Card *c = g_new0(Card, 1);

    for (unsigned i = 0; i < SVNIC_MAX_VIFS; i++) {
        memcpy(macs[i], (uint8_t[]) { 0x02, 0x56, 0x49, 0x46, 0x00, i },
               MAC_BYTES);
    }
    c->ix = fake_chip_new(config);
    c->fw = fake_chip_state(c->ix);
    return c;
}

void card_free(Card *c)
{
    fake_chip_free(c->ix);
    g_free(c);
}

/* ---- the manager ---- */

static unsigned manager_interrupts(Card *c)
{
    return ixp_config(c->ix)->vectors
        ? fake_vector_raised(c->ix, SVNIC_VECTOR_MANAGER)
        : fake_irq_bit_raised(
            c->ix,
            SVNIC_MANAGER_IRQ_BIT(ixp_config(c->ix)->irq_bits));
}

uint32_t card_command(Card *c, const struct svnic_cmd *cmd)
{
    uint32_t offset = c->block++ % SVNIC_CMD_BLOCKS * SVNIC_CMD_BLOCK_SIZE;
    struct svnic_cmd *block =
        (struct svnic_cmd *)(ixp_config(c->ix)->sdram + offset);
    unsigned interrupts = manager_interrupts(c);

    *block = *cmd;
    block->status = SVNIC_ST_PENDING;
    fake_mailbox_set(c->ix, SVNIC_MAILBOX_COMMAND, offset);
    fake_xscale_doorbell(c->ix, SVNIC_XSCALE_DB_COMMAND);
    c->answer = *block;
    g_assert_cmphex(c->answer.status, !=, SVNIC_ST_PENDING);
    g_assert_cmpuint(fake_mailbox(c->ix, SVNIC_MAILBOX_STATUS), ==,
                     c->answer.status);
    g_assert_true(fake_pci_doorbell_take(c->ix) & SVNIC_PCI_DB_COMMAND_DONE);
    g_assert_cmpuint(manager_interrupts(c), >, interrupts);
    return c->answer.status;
}

static struct svnic_cmd make_command(uint16_t opcode, uint32_t vif,
                                     const struct svnic_vif_attr *attr)
{
    struct svnic_cmd cmd = {
        .version = SVNIC_CMD_VERSION,
        .opcode = opcode,
        .vif = vif,
    };

    if (attr) {
        cmd.u.attr = *attr;
    }
    return cmd;
}

uint32_t card_vif_command(Card *c, uint16_t opcode, uint32_t vif,
                          const struct svnic_vif_attr *attr)
{
    struct svnic_cmd cmd = make_command(opcode, vif, attr);

    return card_command(c, &cmd);
}

uint32_t card_change_active(Card *c, uint32_t vif,
                            const struct svnic_vif_attr *attr)
{
    struct svnic_cmd cmd = make_command(SVNIC_CMD_VIF_CHANGE, vif, attr);

    cmd.flags = SVNIC_CMD_F_WHILE_ACTIVE;
    return card_command(c, &cmd);
}

void card_refuses(Card *c, uint32_t status, const struct svnic_cmd *cmd)
{
    struct svnic_vif_info before[SVNIC_MAX_VIFS] = { 0 };
    unsigned vifs = ixp_config(c->ix)->pages;
    uint32_t runs = c->fw->regions;
    struct svnic_cmd given = *cmd;

    for (unsigned i = 0; i < vifs; i++) {
        fw_vif_info(c->fw, &c->fw->vif[i], &before[i]);
    }
    g_assert_cmpuint(card_command(c, cmd), ==, status);
    given.status = status;
    g_assert_cmpmem(&c->answer, sizeof(given), &given, sizeof(given));
    g_assert_cmpuint(c->fw->regions, ==, runs);
    for (unsigned i = 0; i < vifs; i++) {
        struct svnic_vif_info after = { 0 };

        fw_vif_info(c->fw, &c->fw->vif[i], &after);
        g_assert_cmpmem(&after, sizeof(after), &before[i], sizeof(after));
    }
}

const uint8_t *card_mac(uint32_t vif)
{
    return macs[vif];
}

Guest *card_start(Card *c, uint16_t opcode, uint32_t vif)
{
    g_assert_cmpuint(card_vif_command(c, opcode, vif, NULL), ==, SVNIC_ST_OK);
    guest_attach(&c->guest[vif], c->ix, c->answer.u.vif_info.sdram_offset);
    g_assert_cmpuint(c->guest[vif].id, ==, vif);
    return &c->guest[vif];
}

Guest *card_vif(Card *c, uint32_t vif, const struct svnic_vif_attr *attr)
{
    struct svnic_vif_attr all = { 0 };

    if (attr) {
        all = *attr;
    }
    if (!(all.mask & SVNIC_ATTR_MAC)) {
        all.mask |= SVNIC_ATTR_MAC;
        memcpy(all.mac, card_mac(vif), MAC_BYTES);
    }
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_CREATE, vif, &all), ==,
                     SVNIC_ST_OK);
    return card_start(c, SVNIC_CMD_VIF_ACTIVATE, vif);
}

void card_run(Card *c)
{
    g_assert_cmpuint(fake_chip_run(c->ix, MOST_STEPS), >, 0);
}

static uint64_t count(Card *c, unsigned group, const char *name)
{
    const char *found;
    uint64_t value;

    for (unsigned i = 0;
         (found = fw_counter(c->fw, group, i, &value)); i++) {
        if (!strcmp(found, name)) {
            return value;
        }
    }
    g_error("no counter %s in group %u", name, group);
}

uint64_t card_count(Card *c, uint32_t vif, const char *name)
{
    return count(c, vif, name);
}

uint64_t card_port_count(Card *c, uint32_t port, const char *name)
{
    return count(c, ixp_config(c->ix)->pages + port, name);
}

void card_assert_error(Card *c, uint32_t vif, enum svnic_vif_error error)
{
    struct svnic_vif_page *page = c->guest[vif].page;
    uint32_t state = error ? SVNIC_VIF_STOPPED : SVNIC_VIF_ACTIVE;

    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_QUERY, vif, NULL), ==,
                     SVNIC_ST_OK);
    g_assert_cmpuint(c->answer.u.vif_info.state, ==, state);
    g_assert_cmpuint(c->answer.u.vif_info.error, ==, error);
    g_assert_cmpuint(page->state, ==, state);
    g_assert_cmpuint(page->error, ==, error);
}

void card_set_index(Card *c, uint32_t vif, uint32_t index)
{
    FwVif *v = &c->fw->vif[vif];
    Guest *g = &c->guest[vif];

    v->send_cons = index;
    v->send_fetched = index;
    v->recv_prod = index;
    v->recv_cons = index;
    g->page->send_prod.index = index;
    g->page->send_cons.index = index;
    g->page->send_cons.event = index;
    g->page->recv_prod.index = index;
    g->page->recv_cons.index = index;
    g->send_prod = index;
    g->send_published = index;
    g->recv_cons = index;
    g->recv_released = index;
}

/* ---- frames ---- */

Frame *frame_new(const uint8_t *dst, const uint8_t *src, uint32_t length)
{
    static uint32_t seed;
    Frame *f = g_new0(Frame, 1);
    uint32_t x = ++seed * 2654435761u;

    for (uint32_t i = 0; i < length; i++) {
        x = x * 1664525u + 1013904223u;
        f->data[i] = x >> 24;
    }
    memcpy(f->data, dst, MAC_BYTES);
    memcpy(f->data + MAC_BYTES, src, MAC_BYTES);
    f->length = length;
    return f;
}

void card_send(Card *c, Guest *g, const Frame *f)
{
    g_assert_true(guest_put(g, f->data, f->length, &f->head));
    guest_publish(g);
    card_run(c);
}

Frame *card_send_new(Card *c, Guest *g, const uint8_t *dst, uint32_t length)
{
    Frame *f = frame_new(dst, g->page->mac, length);

    card_send(c, g, f);
    return f;
}

void card_receives(Guest *g, const Frame *f)
{
    g_autofree Frame *got = g_new0(Frame, 1);
    struct svnic_frame head = f->head;

    got->length = guest_get(g, got->data, &got->head);
    g_assert_cmpuint(got->length, ==, f->length);
    g_assert_cmpmem(got->data, got->length, f->data, f->length);
    head.length = f->length;
    head.slots = SVNIC_FRAME_SLOTS(f->length);
    g_assert_cmpmem(&got->head, sizeof(head), &head, sizeof(head));
    guest_release(g);
}

void card_receives_nothing(Guest *g)
{
    g_assert_false(guest_has_frame(g));
}

void card_port_sends(Card *c, unsigned port, const Frame *f,
                     IxpOffload *offload)
{
    g_autofree Frame *got = g_new0(Frame, 1);

    got->length = fake_port_sent(c->ix, port, got->data, offload);
    g_assert_cmpuint(got->length, ==, f->length);
    g_assert_cmpmem(got->data, got->length, f->data, f->length);
}

void card_port_sends_nothing(Card *c, unsigned port)
{
    g_autofree Frame *got = g_new0(Frame, 1);

    g_assert_cmpuint(fake_port_sent(c->ix, port, got->data, NULL), ==, 0);
}

void card_port_receive(Card *c, unsigned port, const Frame *f)
{
    g_assert_true(fake_port_receive(c->ix, port, f->data, f->length));
    card_run(c);
}

/* ---- faults ---- */

void card_fault(Card *c, unsigned id, uint32_t next, uint32_t at,
                uint32_t value)
{
    IxpFaultSetting set = {
        .one_in = 1, .limited = next, .next = next, .at = at, .value = value,
    };

    ixp_me_pause(c->ix);
    ixp_fault_set(&ixp_units(c->ix)->faults, id, &set);
    ixp_me_resume(c->ix);
    card_run(c);
}

void card_fault_off(Card *c, unsigned id)
{
    IxpFaultSetting off = { 0 };

    ixp_me_pause(c->ix);
    ixp_fault_set(&ixp_units(c->ix)->faults, id, &off);
    ixp_me_resume(c->ix);
    card_run(c);
}

uint64_t card_struck(Card *c, unsigned id)
{
    return ixp_fault_struck(&ixp_units(c->ix)->faults, id);
}

void card_passes(Card *c, Guest *from, Guest *to)
{
    g_autofree Frame *f = card_send_new(c, from, to->page->mac, 100);

    card_receives(to, f);
}

struct svnic_cmd *card_issue(Card *c, uint16_t opcode)
{
    struct svnic_cmd *block =
        (struct svnic_cmd *)(ixp_config(c->ix)->sdram +
                             8 * SVNIC_CMD_BLOCK_SIZE);

    *block = (struct svnic_cmd) {
        .version = SVNIC_CMD_VERSION, .opcode = opcode,
        .status = SVNIC_ST_PENDING,
    };
    fake_mailbox_set(c->ix, SVNIC_MAILBOX_COMMAND, 8 * SVNIC_CMD_BLOCK_SIZE);
    fake_xscale_doorbell(c->ix, SVNIC_XSCALE_DB_COMMAND);
    return block;
}

void card_answers(Card *c)
{
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_QUERY, 0, NULL), ==,
                     SVNIC_ST_OK);
}
