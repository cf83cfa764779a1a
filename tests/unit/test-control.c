/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command path: boot, block, pointer, version, flags, the answer's way.
 * Spec: "Boot and command mailboxes", "Commands".
 */
#include "card.h"

static const uint16_t vif_opcodes[] = {
    SVNIC_CMD_VIF_ACTIVATE, SVNIC_CMD_VIF_DEACTIVATE, SVNIC_CMD_VIF_CHANGE,
    SVNIC_CMD_VIF_RESET, SVNIC_CMD_VIF_DESTROY, SVNIC_CMD_VIF_QUERY,
    SVNIC_CMD_VIF_STATS,
};

static void boot_announces(void)
{
    g_autoptr(Card) c = card_new(&card_default);

    g_assert_cmphex(fake_mailbox(c->ix, SVNIC_MAILBOX_IDENTITY), ==,
                    SVNIC_IDENTITY);
    g_assert_cmphex(fake_mailbox(c->ix, SVNIC_MAILBOX_AREA), ==, 0);
    g_assert_cmphex(fake_mailbox(c->ix, SVNIC_MAILBOX_STATUS), ==, 0);
    for (unsigned i = 0; i < SVNIC_CMD_AREA_SIZE; i++) {
        g_assert_cmphex(ixp_config(c->ix)->sdram[i], ==, 0);
    }
}

static void query_says(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_card_info *card = &c->answer.u.card;

    card_vif(c, 3, NULL);
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_QUERY, 0, NULL), ==,
                     SVNIC_ST_OK);
    g_assert_cmphex(card->abi, ==, SVNIC_IDENTITY);
    g_assert_cmphex(card->capabilities, ==,
                    SVNIC_CAP_CHECKSUM | SVNIC_CAP_SEGMENTATION |
                    SVNIC_CAP_SPOOF_CHECK);
    g_assert_cmpuint(card->vifs, ==, card_default.pages);
    g_assert_cmpuint(card->vifs_used, ==, 1);
    g_assert_cmpuint(card->ports, ==, card_default.ports);
    g_assert_cmpuint(card->microengines, ==, card_default.microengines);
    g_assert_cmpuint(card->contexts, ==, card_default.contexts);
    g_assert_cmpuint(card->max_frame, ==, SVNIC_MAX_FRAME);
    g_assert_cmpuint(card->slot_size, ==, SVNIC_SLOT_SIZE);
    g_assert_cmpuint(card->sdram_free, >, 0);
    g_assert_cmpuint(card->sdram_free, <, card_default.sdram_size / 1024);
    g_assert_nonnull(memchr(card->firmware, 0, sizeof(card->firmware)));
    g_assert_cmpuint(card->firmware[0], !=, 0);
    g_assert_cmpuint(card->events, ==, 0);
}

static void vectors_are_announced(void)
{
    FakeChipConfig config = card_default;

    config.vectors = true;
    g_autoptr(Card) c = card_new(&config);

    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_QUERY, 0, NULL), ==,
                     SVNIC_ST_OK);
    g_assert_true(c->answer.u.card.capabilities & SVNIC_CAP_MSIX);
    g_assert_cmpuint(fake_vector_raised(c->ix, SVNIC_VECTOR_MANAGER), ==, 1);
}

/* The manager has the last of the bits, VIFs the others in turn. */
static void few_identifiers(void)
{
    FakeChipConfig config = card_default;
    g_autoptr(Card) c = NULL;

    config.irq_bits = SVNIC_IRQ_BITS_FEW;
    c = card_new(&config);
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_QUERY, 0, NULL), ==,
                     SVNIC_ST_OK);
    g_assert_cmpuint(c->answer.u.card.irq_bits, ==, 8);
    g_assert_cmpuint(fake_irq_bit_raised(c->ix, 7), ==, 1);
    for (uint32_t i = 0; i < config.pages; i++) {
        unsigned raised = fake_irq_bit_raised(c->ix, i % 7);

        card_vif(c, i, NULL);
        g_assert_cmpuint(c->answer.u.vif_info.irq_bit, ==, i % 7);
        fake_page_mask_clear(c->ix, i, SVNIC_SIGNAL_STATE);
        card_change_active(c, i, &(struct svnic_vif_attr) {
            .mask = SVNIC_ATTR_MTU, .mtu = 1400,
        });
        g_assert_cmpuint(fake_irq_bit_raised(c->ix, i % 7), ==,
                         raised + 1);
    }
    for (unsigned i = 8; i < SVNIC_IRQ_BITS; i++) {
        g_assert_cmpuint(fake_irq_bit_raised(c->ix, i), ==, 0);
    }
}

static void unknown_opcode(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    const uint16_t unknown[] = { 0, SVNIC_CMD_VIF_MAP + 1, 0x7fff, 0xffff };

    for (unsigned i = 0; i < G_N_ELEMENTS(unknown); i++) {
        card_refuses(c, SVNIC_ST_UNSUPPORTED, &(struct svnic_cmd) {
            .version = SVNIC_CMD_VERSION, .opcode = unknown[i],
        });
    }
}

static void unknown_version(void)
{
    g_autoptr(Card) c = card_new(&card_default);

    card_refuses(c, SVNIC_ST_BAD_VERSION, &(struct svnic_cmd) {
        .version = 0, .opcode = SVNIC_CMD_QUERY,
    });
    card_refuses(c, SVNIC_ST_BAD_VERSION, &(struct svnic_cmd) {
        .version = SVNIC_CMD_VERSION + 1, .opcode = SVNIC_CMD_QUERY,
    });
}

static void unknown_flag(void)
{
    g_autoptr(Card) c = card_new(&card_default);

    card_vif(c, 0, NULL);
    for (uint16_t op = SVNIC_CMD_QUERY; op <= SVNIC_CMD_VIF_MAP; op++) {
        uint32_t known = op == SVNIC_CMD_VIF_CHANGE ? SVNIC_CMD_F_WHILE_ACTIVE
                                                    : 0;

        for (unsigned bit = 0; bit < 32; bit++) {
            if (!(known & 1u << bit)) {
                card_refuses(c, SVNIC_ST_BAD_FLAGS, &(struct svnic_cmd) {
                    .version = SVNIC_CMD_VERSION, .opcode = op,
                    .flags = 1u << bit,
                });
            }
        }
    }
}

static void no_such_vif(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    const uint32_t none[] = {
        0, card_default.pages, SVNIC_MAX_VIFS, UINT32_MAX,
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(vif_opcodes); i++) {
        for (unsigned k = 0; k < G_N_ELEMENTS(none); k++) {
            card_refuses(c, SVNIC_ST_NO_SUCH_VIF, &(struct svnic_cmd) {
                .version = SVNIC_CMD_VERSION, .opcode = vif_opcodes[i],
                .vif = none[k],
            });
        }
    }
}

static void bad_pointer(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    uint8_t *sdram = ixp_config(c->ix)->sdram;
    const uint32_t bad[] = {
        1, SVNIC_CMD_BLOCK_SIZE - 4, SVNIC_CMD_BLOCK_SIZE / 2,
        SVNIC_CMD_AREA_SIZE, SVNIC_CMD_AREA_SIZE + SVNIC_CMD_BLOCK_SIZE,
        (uint32_t)-SVNIC_CMD_BLOCK_SIZE, UINT32_MAX,
    };
    g_autofree uint8_t *before = g_memdup2(sdram, 2 * SVNIC_PAGE_SIZE);

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        unsigned raised =
            fake_irq_bit_raised(c->ix, SVNIC_IRQ_BIT_MANAGER);

        fake_mailbox_set(c->ix, SVNIC_MAILBOX_STATUS, SVNIC_ST_PENDING);
        fake_mailbox_set(c->ix, SVNIC_MAILBOX_COMMAND, bad[i]);
        fake_xscale_doorbell(c->ix, SVNIC_XSCALE_DB_COMMAND);
        g_assert_cmpuint(fake_mailbox(c->ix, SVNIC_MAILBOX_STATUS), ==,
                         SVNIC_ST_BAD_POINTER);
        g_assert_cmphex(fake_pci_doorbell_take(c->ix), ==,
                        SVNIC_PCI_DB_COMMAND_DONE);
        g_assert_cmpuint(fake_irq_bit_raised(c->ix,
                                                SVNIC_IRQ_BIT_MANAGER),
                         ==, raised + 1);
    }
    g_assert_cmpmem(sdram, 2 * SVNIC_PAGE_SIZE, before, 2 * SVNIC_PAGE_SIZE);
}

static void other_doorbell_bits(void)
{
    g_autoptr(Card) c = card_new(&card_default);

    fake_mailbox_set(c->ix, SVNIC_MAILBOX_STATUS, SVNIC_ST_PENDING);
    fake_xscale_doorbell(c->ix, ~SVNIC_XSCALE_DB_COMMAND);
    g_assert_cmphex(fake_mailbox(c->ix, SVNIC_MAILBOX_STATUS), ==,
                    SVNIC_ST_PENDING);
    g_assert_cmphex(fake_pci_doorbell_take(c->ix), ==, 0);
}

static void every_block(void)
{
    g_autoptr(Card) c = card_new(&card_default);

    for (unsigned i = 0; i < 2 * SVNIC_CMD_BLOCKS; i++) {
        struct svnic_cmd cmd = {
            .version = SVNIC_CMD_VERSION, .opcode = SVNIC_CMD_PORT_QUERY,
            .index = 1, .tag = 0x1122334455667788 + i, .reserved = 0x99,
        };

        g_assert_cmpuint(card_command(c, &cmd), ==, SVNIC_ST_OK);
        g_assert_cmphex(c->answer.tag, ==, cmd.tag);
        g_assert_cmphex(c->answer.reserved, ==, cmd.reserved);
        g_assert_cmpuint(c->answer.opcode, ==, cmd.opcode);
        g_assert_cmpuint(c->answer.index, ==, 1);
    }
    g_assert_cmpuint(fake_trace_count(c->ix, FW_EVENT_COMMAND), ==,
                     2 * SVNIC_CMD_BLOCKS);
}

static void port_query(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    uint8_t mac[MAC_BYTES];
    struct svnic_cmd cmd = {
        .version = SVNIC_CMD_VERSION, .opcode = SVNIC_CMD_PORT_QUERY,
    };

    for (cmd.index = 0; cmd.index < card_default.ports; cmd.index++) {
        ixp_port_mac(c->ix, cmd.index, mac);
        g_assert_cmpuint(card_command(c, &cmd), ==, SVNIC_ST_OK);
        g_assert_cmpmem(c->answer.u.port.mac, MAC_BYTES, mac, MAC_BYTES);
        g_assert_cmpuint(c->answer.u.port.link, ==, 1);
    }
    fake_port_link(c->ix, 1, false);
    cmd.index = 1;
    g_assert_cmpuint(card_command(c, &cmd), ==, SVNIC_ST_OK);
    g_assert_cmpuint(c->answer.u.port.link, ==, 0);
    cmd.index = card_default.ports;
    card_refuses(c, SVNIC_ST_BAD_PORT, &cmd);
    cmd.index = UINT32_MAX;
    card_refuses(c, SVNIC_ST_BAD_PORT, &cmd);
}

static void reset_forgets(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *g = card_vif(c, 0, NULL);
    g_autofree Frame *f = frame_new(card_broadcast, card_mac(0), 64);

    guest_put(g, f->data, f->length, NULL);
    guest_publish(g);
    fake_chip_reset(c->ix);
    g_assert_cmphex(fake_mailbox(c->ix, SVNIC_MAILBOX_IDENTITY), ==,
                    SVNIC_IDENTITY);
    g_assert_false(fake_page_is_open(c->ix, 0));
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_QUERY, 0, NULL), ==,
                     SVNIC_ST_NO_SUCH_VIF);
    card_run(c);
    card_port_sends_nothing(c, 0);
    card_vif(c, 0, NULL);
    card_receives_nothing(&c->guest[0]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/control/an IRQ register of 8 bits has 7 for VIFs",
                    few_identifiers);
    g_test_add_func("/control/boot announces version and command area",
                    boot_announces);
    g_test_add_func("/control/a query says what the card has", query_says);
    g_test_add_func("/control/with vectors the manager has vector 0",
                    vectors_are_announced);
    g_test_add_func("/control/an unknown opcode is unsupported",
                    unknown_opcode);
    g_test_add_func("/control/an unknown version is refused",
                    unknown_version);
    g_test_add_func("/control/each opcode refuses each flag it does not know",
                    unknown_flag);
    g_test_add_func("/control/no opcode works on a VIF that does not exist",
                    no_such_vif);
    g_test_add_func("/control/a bad pointer is answered in the mailbox alone",
                    bad_pointer);
    g_test_add_func("/control/other doorbell bits are no command",
                    other_doorbell_bits);
    g_test_add_func("/control/every block of the area serves, and keeps "
                    "its tag", every_block);
    g_test_add_func("/control/a port is described, or refused", port_query);
    g_test_add_func("/control/after a reset no VIF exists", reset_forgets);
    return g_test_run();
}
