/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Chips with other numbers of rings, SRAM channels and queues, another time
 * stamp and revision, as properties of the device give them: what is not
 * there is reserved, and the firmware runs on all of them.
 */
#include "card.h"

#define LEAST_RINGS             5

static Card *make(const FakeChipConfig *other)
{
    FakeChipConfig config = *other;

    config.contexts = card_default.contexts;
    config.pages = card_default.pages;
    config.ports = card_default.ports;
    config.sdram_size = card_default.sdram_size;
    config.port_room = card_default.port_room;
    return card_new(&config);
}

/* One access of the card's, for reading or writing, that finds nothing. */
#define FINDS_NOTHING(u, access) \
    do { \
        uint64_t before = (u)->reserved; \
        access; \
        g_assert_cmpuint((u)->reserved, ==, before + 1); \
    } while (0)

static void rings(void)
{
    g_autoptr(Card) c = make(&(FakeChipConfig) {
        .microengines = LEAST_RINGS, .scratch_rings = LEAST_RINGS,
    });
    IxpUnits *u = c->fw->units;
    uint32_t words[2] = { 1, 2 };
    uint64_t reserved = u->reserved;

    for (unsigned i = 0; i < IXP_RINGS; i++) {
        bool there = i < LEAST_RINGS;
        const uint32_t at[] = {
            IXP_CSR_RING_BASE(i), IXP_CSR_RING_HEAD(i), IXP_CSR_RING_TAIL(i),
            IXP_CSR_RING_PORT(i),
        };

        for (unsigned k = 0; k < G_N_ELEMENTS(at); k++) {
            uint32_t value = ixp_csr_read(u, at[k]);

            reserved += !there;
            g_assert_cmpuint(u->reserved, ==, reserved);
            if (!there) {
                g_assert_cmphex(value, ==, 0);
                FINDS_NOTHING(u, ixp_csr_write(u, at[k], 0x400));
                reserved++;
            }
        }
        if (!there) {
            g_assert_true(ixp_ring_full(u, i));
            g_assert_true(ixp_ring_empty(u, i));
            FINDS_NOTHING(u, g_assert_cmpuint(ixp_ring_put(u, i, words, 2),
                                              ==, 0));
            FINDS_NOTHING(u, g_assert_cmpuint(ixp_ring_get(u, i, words, 2),
                                              ==, 0));
            reserved += 2;
        }
    }
}

static void sram(void)
{
    static const struct {
        unsigned channels;
        unsigned queues;
    } sizes[] = { { 1, 3 }, { 2, 1 }, { 1, IXP_QUEUES_MAX } };

    for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(Card) c = make(&(FakeChipConfig) {
            .microengines = IXP_MAX_MICROENGINES,
            .sram_channels = sizes[i].channels,
            .sram_queues = sizes[i].queues,
        });
        IxpUnits *u = c->fw->units;
        unsigned last = sizes[i].queues - 1;
        uint32_t offset = 0;

        for (unsigned n = 0; n <= IXP_SRAM_CHANNELS; n++) {
            if (n >= sizes[i].channels) {
                FINDS_NOTHING(u, ixp_csr_write(u, IXP_CSR_SRAM_CONTROL(n),
                                               5));
                FINDS_NOTHING(u, ixp_csr_read(u, IXP_CSR_SRAM_CONTROL(n)));
                FINDS_NOTHING(u, g_assert_false(
                    ixp_queue_enqueue(u, n, 0, 64)));
                FINDS_NOTHING(u, g_assert_false(
                    ixp_queue_dequeue(u, n, 0, &offset)));
                FINDS_NOTHING(u, ixp_queue_clear(u, n, 0));
                FINDS_NOTHING(u, g_assert_cmpuint(ixp_queue_count(u, n, 0),
                                                  ==, 0));
                continue;
            }
            ixp_csr_write(u, IXP_CSR_SRAM_CONTROL(n), 5);
            g_assert_cmphex(ixp_csr_read(u, IXP_CSR_SRAM_CONTROL(n)), ==, 5);
            g_assert_true(ixp_queue_enqueue(u, n, last, 128 + n * 64));
            g_assert_cmpuint(ixp_queue_count(u, n, last), ==, 1);
            FINDS_NOTHING(u, g_assert_false(
                ixp_queue_enqueue(u, n, last + 1, 64)));
            FINDS_NOTHING(u, g_assert_false(
                ixp_queue_dequeue(u, n, last + 1, &offset)));
            g_assert_true(ixp_queue_dequeue(u, n, last, &offset));
            g_assert_cmphex(offset, ==, 128 + n * 64);
        }
        fake_chip_units_reset(c->ix);
        g_assert_cmpuint(ixp_queue_count(u, 0, last), ==, 0);
    }
}

static void time_stamp(void)
{
    g_autoptr(Card) slow = make(&(FakeChipConfig) {
        .microengines = 1, .timestamp_cycles = IXP_TIMESTAMP_CYCLES_MAX,
    });
    g_autoptr(Card) fast = make(&(FakeChipConfig) {
        .microengines = 1, .timestamp_cycles = 1,
    });
    uint64_t begin[2];
    uint64_t end[2];

    begin[0] = ixp_timestamp(slow->fw->units);
    begin[1] = ixp_timestamp(fast->fw->units);
    for (unsigned i = 0; i < 1024; i++) {
        end[0] = ixp_timestamp(slow->fw->units);
        end[1] = ixp_timestamp(fast->fw->units);
    }
    /* 100 ns from look to look, 600 MHz */
    g_assert_cmpuint(end[1] - begin[1], ==, 1024 * 60);
    g_assert_cmpuint(end[0] - begin[0], ==, 60);
}

static void revision(void)
{
    g_autoptr(Card) c = make(&(FakeChipConfig) {
        .microengines = 1, .product_revision = 0x21,
    });
    g_autoptr(Card) usual = card_new(&card_default);

    g_assert_cmphex(ixp_csr_read(c->fw->units, IXP_CSR_PRODUCT_ID), ==,
                    0x221);
    g_assert_cmphex(ixp_csr_read(usual->fw->units, IXP_CSR_PRODUCT_ID), ==,
                    0x210);
}

/* From VIF to VIF and through a port. */
static void traffic(void)
{
    static const FakeChipConfig others[] = {
        { .microengines = 1, .scratch_rings = 1 },
        { .microengines = LEAST_RINGS, .scratch_rings = LEAST_RINGS },
        { .microengines = 8, .scratch_rings = 8, .sram_channels = 1 },
        { .microengines = 8, .sram_queues = 1, .timestamp_cycles = 3 },
        { .microengines = 3, .sram_queues = IXP_QUEUES_MAX,
          .product_revision = 0xff },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autoptr(Card) c = make(&others[i]);

        for (unsigned v = 0; v < card_default.pages; v++) {
            card_vif(c, v, NULL);
        }
        card_run(c);
        for (unsigned v = 0; v < card_default.pages; v++) {
            unsigned to = (v + 1) % card_default.pages;
            g_autofree Frame *in = frame_new(card_mac(v), card_stranger, 700);
            g_autofree Frame *inside = NULL;
            g_autofree Frame *out = NULL;

            inside = card_send_new(c, &c->guest[v], card_mac(to), 300 + v);
            card_receives(&c->guest[to], inside);
            out = card_send_new(c, &c->guest[v], card_stranger, 900 + v);
            card_port_sends(c, 0, out, NULL);
            card_port_receive(c, 0, in);
            card_receives(&c->guest[v], in);
        }
        g_assert_cmpuint(c->fw->units->reserved, ==, 0);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sizes/rings that are not there are reserved", rings);
    g_test_add_func("/sizes/channels and queues that are not there are "
                    "reserved", sram);
    g_test_add_func("/sizes/the time stamp counts as many cycles as it is "
                    "told", time_stamp);
    g_test_add_func("/sizes/the product id has the revision", revision);
    g_test_add_func("/sizes/the firmware carries frames on all of them",
                    traffic);
    return g_test_run();
}
