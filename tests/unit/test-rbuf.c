/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames that are passed on from RBUF: how their elements lie there, and what
 * becomes of elements that are held.
 */
#include "card.h"

#define SIZE                    64      /* bytes of an element */
#define FIFO_BYTES              (512 * 1024)    /* the fake chip's */
#define USABLE                  (IXP_MSF_ELEMENTS - 4)
#define PORT_ME                 (IXP_MAX_MICROENGINES - 1)

static IxpMsf *msf(Card *c)
{
    return &c->fw->units->msf;
}

static unsigned free_elements(Card *c)
{
    return __builtin_popcountll(msf(c)->rx_free[0] | msf(c)->rx_done[0]) +
           __builtin_popcountll(msf(c)->rx_free[1] | msf(c)->rx_done[1]);
}

/* Frees only contiguous groups of elements; the others are never returned. */
typedef struct Row {
    unsigned first;
    unsigned n;
} Row;

static void set_free(Card *c, const Row *row, unsigned rows)
{
    memset(msf(c)->rx_free, 0, sizeof(msf(c)->rx_free));
    memset(msf(c)->rx_done, 0, sizeof(msf(c)->rx_done));
    for (unsigned i = 0; i < rows; i++) {
        for (unsigned k = row[i].first; k < row[i].first + row[i].n; k++) {
            msf(c)->rx_free[k / 64] |= UINT64_C(1) << (k % 64);
        }
    }
}

/* The port's buffer in SDRAM, in which no frame was put together. */
static const uint8_t *clear_buffer(Card *c)
{
    return memset(c->fw->sdram + FW_PORT_BUFFERS, 0xee, SIZE);
}

static void rows_of_all_kinds(void)
{
    static const struct {
        uint32_t length;
        unsigned rows;
        Row row[4];
        bool copied;
    } cases[] = {
        { 60, 1, { { 5, 1 } } },
        { 64, 1, { { 127, 1 } } },
        { 14, 1, { { 28, 3 } } },
        { 320, 1, { { 100, 5 } } },
        { 321, 1, { { 60, 6 } } },              /* over two words of bits */
        { 1500, 1, { { 28, 100 } } },
        { 320, 3, { { 1, 2 }, { 10, 3 }, { 90, 5 } } },
        { 320, 2, { { 1, 2 }, { 10, 3 } } },
        { 257, 2, { { 1, 4 }, { 127, 1 } } },
        { 257, 2, { { 1, 1 }, { 10, 4 } } },
        { 1500, 2, { { 10, 8 }, { 100, 16 } } },
        { 320, 3, { { 1, 2 }, { 10, 2 }, { 90, 1 } } },
        { 1500, 4, { { 1, 8 }, { 10, 8 }, { 19, 8 } } },
        { 321, 4, { { 9, 1 }, { 33, 1 }, { 62, 3 }, { 127, 1 } } },
        /* Fewer than it has pieces: they come back while it is taken. */
        { 1500, 1, { { 40, 7 } }, true },
        { 9018, 1, { { 40, 3 } }, true },
        { 320, 1, { { 77, 1 } }, true },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        static const struct svnic_vif_attr attr = {
            .mask = SVNIC_ATTR_MTU, .mtu = SVNIC_MAX_MTU,
        };
        g_autoptr(Card) c = card_new(&card_default);
        g_autofree Frame *f = frame_new(card_mac(0), card_stranger,
                                        cases[i].length);
        Guest *a = card_vif(c, 0, &attr);
        const uint8_t *buffer;
        unsigned free;

        card_run(c);
        buffer = clear_buffer(c);
        set_free(c, cases[i].row, cases[i].rows);
        free = free_elements(c);
        for (unsigned twice = 0; twice < 2; twice++) {
            card_port_receive(c, 0, f);
            card_receives(a, f);
            g_assert_cmpuint(free_elements(c), ==, free);
        }
        card_receives_nothing(a);
        g_assert_cmpint(buffer[0] != 0xee, ==, cases[i].copied);
        g_assert_cmpuint(card_port_count(c, 0, "in-errors"), ==, 0);
    }
}

static void sizes_of_elements(void)
{
    for (unsigned size = IXP_MSF_ELEMENT_MIN; size <= IXP_MSF_ELEMENT_MAX;
         size *= 2) {
        FakeChipConfig config = card_default;
        g_autoptr(Card) c = NULL;
        const uint8_t *buffer;
        Guest *a;

        config.msf_element = size;
        c = card_new(&config);
        a = card_vif(c, 0, NULL);
        card_run(c);
        buffer = clear_buffer(c);
        for (uint32_t length = SVNIC_MIN_FRAME; length <= 1514; length++) {
            g_autofree Frame *f = frame_new(card_mac(0), card_stranger,
                                            length);

            card_port_receive(c, 0, f);
            card_receives(a, f);
            guest_release(a);
        }
        g_assert_cmphex(buffer[0], ==, 0xee);
        g_assert_cmpuint(free_elements(c), ==, IXP_MSF_BUFFER / size - 4);
    }
}

/* Contexts that stay runnable while a receive queue is locked. */
static void step(Card *c)
{
    for (unsigned i = 0; i < 10; i++) {
        fake_chip_step_me(c->ix, PORT_ME);
    }
}

/*
 * @n frames come in for VIF 0, with its receive queue locked: @frame has them,
 * and RBUF as many of them as it has elements for.
 */
static void hold(Card *c, Frame **frame, unsigned n, uint32_t length)
{
    card_run(c);
    c->fw->vif[0].recv_lock.taken = 1;
    for (unsigned i = 0; i < n; i++) {
        frame[i] = frame_new(card_mac(0), card_stranger, length);
        g_assert_true(fake_port_receive(c->ix, 0, frame[i]->data, length));
        step(c);
    }
}

static void busy_queue(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);
    g_autofree Frame *other = frame_new(card_mac(1), card_stranger, 300);
    Frame *f[20];

    hold(c, f, G_N_ELEMENTS(f), 1000);
    g_assert_true(fake_port_receive(c->ix, 0, other->data, other->length));
    step(c);
    g_assert_cmpuint(free_elements(c), ==, 0);
    g_assert_cmpuint(msf(c)->port[0].rx_exhausted_count, ==, 1);
    card_receives_nothing(a);
    card_receives_nothing(b);
    g_assert_cmpuint(card_port_count(c, 0, "in-frames"), ==, 0);
    c->fw->vif[0].recv_lock.taken = 0;
    card_run(c);
    for (unsigned i = 0; i < G_N_ELEMENTS(f); i++) {
        card_receives(a, f[i]);
        g_free(f[i]);
    }
    card_receives(b, other);
    g_assert_cmpuint(free_elements(c), ==, USABLE);
    g_assert_cmpuint(card_port_count(c, 0, "in-frames"), ==,
                     G_N_ELEMENTS(f) + 1);
}

/* The frames in front of the one that has to wait are not held with it. */
static void busy_in_a_row(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);
    Frame *f[6];

    card_run(c);
    c->fw->vif[0].recv_lock.taken = 1;
    for (unsigned i = 0; i < G_N_ELEMENTS(f); i++) {
        f[i] = frame_new(card_mac(i == 3 ? 0 : 1), card_stranger, 200 + i);
        g_assert_true(fake_port_receive(c->ix, 0, f[i]->data, f[i]->length));
    }
    step(c);
    for (unsigned i = 0; i < 3; i++) {
        card_receives(b, f[i]);
    }
    card_receives_nothing(b);
    g_assert_cmpuint(free_elements(c), ==, USABLE - 3 * 4);
    c->fw->vif[0].recv_lock.taken = 0;
    card_run(c);
    card_receives(a, f[3]);
    card_receives(b, f[4]);
    card_receives(b, f[5]);
    g_assert_cmpuint(free_elements(c), ==, USABLE);
    for (unsigned i = 0; i < G_N_ELEMENTS(f); i++) {
        g_free(f[i]);
    }
}

/* Frames of a VIF that is destroyed while they are held are dropped. */
static void vif_goes(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Frame *f[8];

    card_vif(c, 0, NULL);
    hold(c, f, G_N_ELEMENTS(f), 700);
    c->fw->vif[0].recv_lock.taken = 0;
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_DEACTIVATE, 0, NULL),
                     ==, SVNIC_ST_OK);
    card_run(c);
    g_assert_cmpuint(card_port_count(c, 0, "in-no-vif"), ==, G_N_ELEMENTS(f));
    g_assert_cmpuint(free_elements(c), ==, USABLE);
    for (unsigned i = 0; i < G_N_ELEMENTS(f); i++) {
        g_free(f[i]);
    }
}

static void reset_while_held(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    g_autofree Frame *after = frame_new(card_mac(0), card_stranger, 900);
    Frame *f[8];
    Guest *a;

    card_vif(c, 0, NULL);
    hold(c, f, G_N_ELEMENTS(f), 700);
    g_assert_cmpuint(free_elements(c), <, USABLE);
    fake_chip_reset(c->ix);
    c->fw = fake_chip_state(c->ix);
    g_assert_cmpuint(free_elements(c), ==, USABLE);
    a = card_vif(c, 0, NULL);
    card_run(c);
    card_receives_nothing(a);
    card_port_receive(c, 0, after);
    card_receives(a, after);
    g_assert_cmpuint(free_elements(c), ==, USABLE);
    for (unsigned i = 0; i < G_N_ELEMENTS(f); i++) {
        g_free(f[i]);
    }
}

/* Some elements of a frame are given back, and filled anew, before others. */
static void given_back_in_part(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    IxpUnits *u = c->fw->units;
    g_autofree Frame *old = frame_new(card_mac(0), card_stranger, 3 * SIZE);
    g_autofree Frame *new = frame_new(card_mac(1), card_stranger, SIZE);
    uint32_t rsw[3];
    uint32_t next[2];
    uint32_t word;

    card_run(c);
    g_assert_true(fake_port_receive(c->ix, 0, old->data, old->length));
    g_assert_cmpuint(ixp_msf_receive(u, 0, 2, 3, rsw, 3), ==, 3);
    ixp_msf_done(u, rsw + 1, 1);
    ixp_msf_done(u, rsw, 1);
    for (unsigned i = 0; i < 2; i++) {
        g_assert_true(fake_port_receive(c->ix, 0, new->data, new->length));
        g_assert_cmpuint(ixp_msf_receive(u, 0, 2, 3, &next[i], 1), ==, 1);
        g_assert_cmpuint(IXP_RSW_ELEMENT(next[i]), ==,
                         IXP_RSW_ELEMENT(rsw[i]));
        g_assert_cmpmem(ixp_rbuf(u, next[i]), SIZE, new->data, SIZE);
    }
    g_assert_cmpmem(ixp_rbuf(u, rsw[2]), SIZE, old->data + 2 * SIZE, SIZE);
    g_assert_null(ixp_rbuf_piece(u, rsw, 3));
    /* The MAC keeps what an element refers to, until its FIFO is full of it. */
    for (unsigned i = 0; fake_port_receive(c->ix, 0, new->data, SIZE); i++) {
        g_assert_cmpuint(i, <, FIFO_BYTES / SIZE);
        g_assert_cmpuint(ixp_msf_receive(u, 0, 2, 3, &word, 1), ==, 1);
        ixp_msf_done(u, &word, 1);
    }
    g_assert_cmpmem(ixp_rbuf(u, rsw[2]), SIZE, old->data + 2 * SIZE, SIZE);
    ixp_msf_done(u, next, 2);
    g_assert_false(fake_port_receive(c->ix, 0, new->data, SIZE));
    ixp_msf_done(u, rsw + 2, 1);
    g_assert_true(fake_port_receive(c->ix, 0, new->data, SIZE));
}

/* Delivers @n frames of 1000 bytes to VIF 0, one after the other. */
static void pass(Card *c, Guest *a, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_autofree Frame *f = frame_new(card_mac(0), card_stranger, 1000);

        card_port_receive(c, 0, f);
        card_receives(a, f);
        guest_release(a);
    }
}

static void mac_off(Card *c)
{
    pm3386_write(c->fw->units, 0, PM3386_EGMAC_ENABLE(0), PM3386_ENABLE_TX);
}

static void mac_reset(Card *c)
{
    pm3386_write(c->fw->units, 0, PM3386_EGMAC_RESET(0),
                 PM3386_EGMAC_IN_RESET);
}

static void link_down(Card *c)
{
    fake_port_link(c->ix, 0, false);
}

static void port_on(Card *c)
{
    pm3386_write(c->fw->units, 0, PM3386_EGMAC_RESET(0), 0);
    pm3386_write(c->fw->units, 0, PM3386_EGMAC_ENABLE(0),
                 PM3386_ENABLE_RX | PM3386_ENABLE_TX);
    fake_port_link(c->ix, 0, true);
}

/*
 * The port goes off while its frames are in RBUF and more wait in its FIFO:
 * they are in, and get to where they are for, if that has a link.  None is
 * taken from then on; and when the port is on again there is all the room.
 */
static void port_off(void)
{
    static const struct {
        void (*off)(Card *);
        bool mac;
    } ways[] = { { mac_off, true }, { mac_reset, true }, { link_down, false } };
    static const struct svnic_vif_attr attr = {
        .mask = SVNIC_ATTR_LINK, .link = SVNIC_LINK_PORT,
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(ways); i++) {
        g_autoptr(Card) c = card_new(&card_default);
        Guest *a = card_vif(c, 0, &attr);
        const Pm3386Mib *mib = &c->fw->units->mac.mib[0];
        Frame *f[12];

        hold(c, f, G_N_ELEMENTS(f), 1000);
        g_assert_cmpuint(free_elements(c), ==, 0);
        ways[i].off(c);
        g_assert_cmpuint(free_elements(c), ==, 0);
        if (ways[i].mac) {
            g_assert_true(fake_port_receive(c->ix, 0, f[0]->data, 1000));
            g_assert_cmpuint(mib->rx_disabled, ==, 1);
        }
        c->fw->vif[0].recv_lock.taken = 0;
        card_run(c);
        for (unsigned k = 0; k < G_N_ELEMENTS(f); k++) {
            if (ways[i].mac) {
                card_receives(a, f[k]);
            }
            g_free(f[k]);
        }
        card_receives_nothing(a);
        g_assert_cmpuint(card_count(c, 0, "recv-no-link"), ==,
                         ways[i].mac ? 0 : G_N_ELEMENTS(f));
        g_assert_cmpuint(card_port_count(c, 0, "in-frames"), ==,
                         G_N_ELEMENTS(f));
        g_assert_cmpuint(free_elements(c), ==, USABLE);
        port_on(c);
        card_run(c);
        guest_release(a);
        pass(c, a, 2 * FIFO_BYTES / 1000);
        g_assert_cmpuint(free_elements(c), ==, USABLE);
    }
}

/* One that is damaged, between two that are not, takes no elements with it. */
static void damaged_in_a_row(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Frame *f[9];

    card_run(c);
    for (unsigned i = 0; i < G_N_ELEMENTS(f); i++) {
        f[i] = frame_new(card_mac(0), card_stranger, 150 + 90 * i);
        if (i % 3 == 1) {
            g_assert_true(fake_port_receive_bad(c->ix, 0, f[i]->data,
                                                f[i]->length));
        } else {
            g_assert_true(fake_port_receive(c->ix, 0, f[i]->data,
                                            f[i]->length));
        }
    }
    card_run(c);
    for (unsigned i = 0; i < G_N_ELEMENTS(f); i++) {
        if (i % 3 != 1) {
            card_receives(a, f[i]);
        }
        g_free(f[i]);
    }
    card_receives_nothing(a);
    g_assert_cmpuint(card_port_count(c, 0, "in-errors"), ==, 3);
    g_assert_cmpuint(free_elements(c), ==, USABLE);
}

/* A frame without its end is not continued by the next one. */
static void end_lost(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    g_autofree Frame *lost = frame_new(card_mac(0), card_stranger, 3 * SIZE);
    g_autofree Frame *next = frame_new(card_mac(0), card_stranger, SIZE);
    IxpMsfList *l = &msf(c)->list[0];

    card_run(c);
    g_assert_true(fake_port_receive(c->ix, 0, lost->data, lost->length));
    g_assert_cmpuint(l->tail - l->head, ==, 3);
    l->rsw[l->head + 2] &= ~IXP_RSW_EOP;
    g_assert_true(fake_port_receive(c->ix, 0, next->data, next->length));
    card_run(c);
    card_receives(a, next);
    card_receives_nothing(a);
    g_assert_cmpuint(card_port_count(c, 0, "in-errors"), ==, 1);
    g_assert_cmpuint(free_elements(c), ==, USABLE);
}

/* A broadcast from RBUF that waits for a locked queue reaches all VIFs once. */
static void busy_broadcast(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    g_autofree Frame *all = frame_new(card_broadcast, card_stranger, 400);
    g_autofree Frame *next = frame_new(card_mac(2), card_stranger, 401);

    for (unsigned i = 0; i < 3; i++) {
        card_vif(c, i, NULL);
    }
    card_run(c);
    c->fw->vif[1].recv_lock.taken = 1;
    g_assert_true(fake_port_receive(c->ix, 0, all->data, all->length));
    g_assert_true(fake_port_receive(c->ix, 0, next->data, next->length));
    step(c);
    card_receives(&c->guest[0], all);
    card_receives_nothing(&c->guest[2]);
    c->fw->vif[1].recv_lock.taken = 0;
    card_run(c);
    card_receives(&c->guest[1], all);
    card_receives(&c->guest[2], all);
    card_receives(&c->guest[2], next);
    for (unsigned i = 0; i < 3; i++) {
        card_receives_nothing(&c->guest[i]);
    }
    g_assert_cmpuint(free_elements(c), ==, USABLE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rbuf/a frame that is whole is passed on from RBUF, "
                    "others are copied", rows_of_all_kinds);
    g_test_add_func("/rbuf/frames of any length use contiguous groups of "
                    "any size",
                    sizes_of_elements);
    g_test_add_func("/rbuf/a busy queue holds elements, and loses none",
                    busy_queue);
    g_test_add_func("/rbuf/frames before one that waits are not held",
                    busy_in_a_row);
    g_test_add_func("/rbuf/frames of a VIF that goes are given back", vif_goes);
    g_test_add_func("/rbuf/a reset frees elements that are held",
                    reset_while_held);
    g_test_add_func("/rbuf/elements that are held keep what is in them",
                    given_back_in_part);
    g_test_add_func("/rbuf/a port that goes off gives elements back",
                    port_off);
    g_test_add_func("/rbuf/a damaged frame is passed over with its elements",
                    damaged_in_a_row);
    g_test_add_func("/rbuf/a frame without its end loses no other frame",
                    end_lost);
    g_test_add_func("/rbuf/a broadcast from RBUF reaches all, once",
                    busy_broadcast);
    return g_test_run();
}
