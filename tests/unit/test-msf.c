/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The MSF: frames of the ports in elements of RBUF and TBUF, exhaustion of
 * elements, and the firmware's rx.c and tx.c.
 */
#include <pthread.h>
#include <sched.h>

#include "card.h"

#define PORTS                   3
#define DEADLINE                (120 * G_USEC_PER_SEC)
/* Elements of 64 bytes that the erratum leaves. */
#define USABLE                  (IXP_MSF_ELEMENTS - 4)

#ifdef __SANITIZE_THREAD__
#define FRAMES                  3000    /* into each port */
#else
#define FRAMES                  20000
#endif

static const uint32_t lengths[] = {
    14, 15, 31, 32, 33, 47, 48, 49, 59, 60, 63, 64, 65, 112, 113, 127, 128,
    129, 240, 241, 255, 256, 257, 511, 512, 1514, 2048, 9000, 9018,
};

static Card *make(unsigned element)
{
    FakeChipConfig config = card_default;

    config.ports = PORTS;
    config.msf_element = element;
    return card_new(&config);
}

/* A VIF at a port that takes any frame. */
static Guest *vif_at(Card *c, uint32_t vif, uint32_t port)
{
    struct svnic_vif_attr attr = {
        .mask = SVNIC_ATTR_PORT | SVNIC_ATTR_MTU,
        .port = port,
        .mtu = SVNIC_MAX_MTU,
    };

    return card_vif(c, vif, &attr);
}

static unsigned free_elements(const Card *c)
{
    const IxpMsf *m = &c->fw->units->msf;
    unsigned n = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(m->rx_free); i++) {
        n += __builtin_popcountll(m->rx_free[i] | m->rx_done[i]);
    }
    return n;
}

static unsigned pieces(uint32_t length, uint32_t size)
{
    return (length + size - 1) / size;
}

static void all_sizes(void)
{
    for (unsigned size = IXP_MSF_ELEMENT_MIN; size <= IXP_MSF_ELEMENT_MAX;
         size *= 2) {
        g_autoptr(Card) c = make(size);
        const IxpMsfPort *p = &c->fw->units->msf.port[1];
        unsigned free = free_elements(c);
        uint64_t elements = 0;
        Guest *a = vif_at(c, 0, 1);

        g_assert_cmpuint(free, ==, IXP_MSF_BUFFER / size - 4);
        for (unsigned i = 0; i < G_N_ELEMENTS(lengths); i++) {
            g_autofree Frame *in = frame_new(card_mac(0), card_stranger,
                                             lengths[i]);
            g_autofree Frame *out = NULL;

            card_port_receive(c, 1, in);
            card_receives(a, in);
            elements += pieces(lengths[i], size);
            g_assert_cmpuint(p->rx_elements, ==, elements);
            out = card_send_new(c, a, card_stranger, lengths[i]);
            card_port_sends(c, 1, out, NULL);
            g_assert_cmpuint(p->tx_elements, ==, elements);
            g_assert_cmpuint(free_elements(c), ==, free);
        }
        g_assert_cmpuint(c->fw->units->msf.port[0].rx_elements, ==, 0);
        g_assert_cmpuint(card_port_count(c, 1, "in-errors"), ==, 0);
    }
}

/*
 * Frames of a batch are transmitted whole and in order, also across the end of
 * TBUF and between other frames.
 */
static void batch(void)
{
    for (unsigned size = IXP_MSF_ELEMENT_MIN; size <= IXP_MSF_ELEMENT_MAX;
         size *= 2) {
        g_autoptr(Card) c = make(size);
        const IxpMsfPort *p = &c->fw->units->msf.port[0];
        Frame *f[G_N_ELEMENTS(lengths)];
        Guest *a = vif_at(c, 0, 0);
        Guest *b = vif_at(c, 1, 0);
        uint64_t elements = 0;

        for (unsigned round = 0; round < 7; round++) {
            for (unsigned i = 0; i < G_N_ELEMENTS(lengths); i++) {
                const uint8_t *to = i % 5 == round ? card_mac(1)
                                                   : card_stranger;

                f[i] = frame_new(to, card_mac(0), lengths[i]);
                if (i % 3 == 1 && lengths[i] > 60) {
                    f[i]->head.flags = SVNIC_FRAME_F_NEEDS_CSUM;
                    f[i]->head.csum_start = 34;
                    f[i]->head.csum_offset = 16;
                }
                g_assert_true(guest_put(a, f[i]->data, f[i]->length,
                                        &f[i]->head));
            }
            guest_publish(a);
            card_run(c);
            for (unsigned i = 0; i < G_N_ELEMENTS(lengths); i++) {
                bool csum = f[i]->head.flags;

                if (i % 5 == round) {
                    card_receives(b, f[i]);
                } else {
                    IxpOffload offload;

                    card_port_sends(c, 0, f[i], &offload);
                    g_assert_cmpint(offload.needs_csum, ==, csum);
                    elements += pieces(f[i]->length + (csum ? 16 : 0), size);
                }
                g_free(f[i]);
            }
            g_assert_cmpuint(p->tx_elements, ==, elements);
        }
        card_port_sends_nothing(c, 0);
    }
}

/* A segment of 64 KiB is longer than TBUF, and its header goes in front. */
static void longest(void)
{
    for (unsigned size = IXP_MSF_ELEMENT_MIN; size <= IXP_MSF_ELEMENT_MAX;
         size *= 2) {
        g_autoptr(Card) c = make(size);
        g_autofree Frame *f = frame_new(card_stranger, card_mac(0),
                                        SVNIC_MAX_FRAME);
        uint32_t first = size - 16;
        IxpOffload offload;

        vif_at(c, 0, 2);
        f->head = (struct svnic_frame) {
            .flags = SVNIC_FRAME_F_NEEDS_CSUM, .gso_type = SVNIC_GSO_TCPV4,
            .hdr_len = 54, .gso_size = 1460, .csum_start = 34,
            .csum_offset = 16,
        };
        card_send(c, &c->guest[0], f);
        card_port_sends(c, 2, f, &offload);
        g_assert_cmpuint(offload.gso_size, ==, 1460);
        g_assert_cmpuint(c->fw->units->msf.port[2].tx_elements, ==,
                         1 + pieces(SVNIC_MAX_FRAME - first, size));
        g_assert_cmpuint(c->fw->tx_filled, ==,
                         ixp_msf_tx_sequence(c->fw->units));
    }
}

static void no_frames(void)
{
    static const uint32_t none[] = { 0, 1, 13, SVNIC_MAX_FRAME + 1 };
    g_autoptr(Card) c = make(0);
    g_autofree uint8_t *bytes = g_malloc0(SVNIC_MAX_FRAME + 1);
    g_autofree Frame *f = frame_new(card_mac(0), card_stranger, 60);
    Guest *a = vif_at(c, 0, 0);

    for (unsigned i = 0; i < G_N_ELEMENTS(none); i++) {
        fake_port_receive(c->ix, 0, bytes, none[i]);
        card_run(c);
        g_assert_cmpuint(c->fw->units->msf.port[0].rx_elements, ==, 0);
    }
    card_port_receive(c, 0, f);
    card_receives(a, f);
}

/* The firmware does not run: what does not fit waits where it is. */
static void shortage(void)
{
    g_autoptr(Card) c = make(0);
    IxpMsf *m = &c->fw->units->msf;
    Frame *flood[60];
    Frame *other[10];
    Guest *a = vif_at(c, 0, 0);
    Guest *b = vif_at(c, 1, 1);

    card_run(c);
    for (unsigned i = 0; i < G_N_ELEMENTS(flood); i++) {
        flood[i] = frame_new(card_mac(0), card_stranger, 1000);
        g_assert_true(fake_port_receive(c->ix, 0, flood[i]->data, 1000));
    }
    g_assert_cmpuint(m->port[0].rx_elements, ==, USABLE);
    g_assert_cmpuint(m->port[0].rx_exhausted_count, ==, 1);
    g_assert_cmpuint(fake_port_rbuf_exhausted(c->ix, 0), ==, 1);
    g_assert_cmpuint(free_elements(c), ==, 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(other); i++) {
        other[i] = frame_new(card_mac(1), card_stranger, 100 + i);
        g_assert_true(fake_port_receive(c->ix, 1, other[i]->data, 100 + i));
    }
    g_assert_cmpuint(m->port[1].rx_elements, ==, 0);
    g_assert_cmpuint(m->port[1].rx_exhausted_count, ==, 1);
    card_run(c);
    for (unsigned i = 0; i < G_N_ELEMENTS(flood); i++) {
        card_receives(a, flood[i]);
        g_free(flood[i]);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(other); i++) {
        card_receives(b, other[i]);
        g_free(other[i]);
    }
    g_assert_cmpuint(free_elements(c), ==, USABLE);
    g_assert_cmpuint(m->port[0].rx_elements, ==,
                     G_N_ELEMENTS(flood) * pieces(1000, 64));
    /* Erratum 69: these were never given to it. */
    g_assert_cmphex(~(m->rx_free[0] | m->rx_done[0]), ==,
                    1 | 1 << 9 | 1 << 18 | 1 << 27);
}

static void damaged(void)
{
    g_autoptr(Card) c = make(0);
    g_autofree Frame *bad = frame_new(card_mac(0), card_stranger, 700);
    g_autofree Frame *good = frame_new(card_mac(0), card_stranger, 300);
    Guest *a = vif_at(c, 0, 0);

    g_assert_true(fake_port_receive_bad(c->ix, 0, bad->data, bad->length));
    card_port_receive(c, 0, good);
    card_receives(a, good);
    card_receives_nothing(a);
    g_assert_cmpuint(card_port_count(c, 0, "in-errors"), ==, 1);
    g_assert_cmpuint(card_port_count(c, 0, "in-frames"), ==, 1);
    g_assert_cmpuint(card_drops(c, FW_DROP_PORT_ERROR), ==, 1);
    g_assert_cmpuint(free_elements(c), ==, USABLE);
}

/* Has rx.c find these status words. */
static void find(Card *c, const uint32_t *rsw, unsigned n)
{
    FwPort *p = &c->fw->port[0];
    g_autofree Frame *f = frame_new(card_mac(0), card_stranger, 64);

    g_assert_cmpuint(p->rx_at, ==, p->rx_count);
    g_assert_cmpuint(n, <=, FW_RX_ELEMENTS);
    memcpy(p->rsw, rsw, n * sizeof(*rsw));
    p->rx_at = 0;
    p->rx_released = 0;
    p->rx_count = n;
    /* Anything that wakes it. */
    card_port_receive(c, 0, f);
    card_receives(&c->guest[0], f);
}

#define FULL    (1u << IXP_RSW_ELEMENT_SHIFT | 64u << IXP_RSW_COUNT_SHIFT)
#define EMPTY   (1u << IXP_RSW_ELEMENT_SHIFT | IXP_RSW_NULL)

static void lost_pieces(void)
{
    static const struct {
        uint32_t rsw[4];
        unsigned errors;
    } cases[] = {
        { { FULL, FULL | IXP_RSW_EOP }, 1 },
        { { FULL | IXP_RSW_SOP, FULL }, 1 },
        { { FULL | IXP_RSW_EOP, FULL, FULL | IXP_RSW_EOP }, 2 },
        { { FULL | IXP_RSW_SOP, FULL | IXP_RSW_SOP, FULL }, 2 },
        { { FULL | IXP_RSW_SOP | IXP_RSW_SOP_ERROR, FULL | IXP_RSW_EOP }, 1 },
        { { FULL | IXP_RSW_SOP, FULL | IXP_RSW_PARITY, FULL | IXP_RSW_EOP },
          1 },
        { { EMPTY | IXP_RSW_SOP | IXP_RSW_EOP }, 1 },
        { { EMPTY | IXP_RSW_EOP }, 1 },
    };
    g_autoptr(Card) c = make(0);
    uint64_t errors = 0;

    vif_at(c, 0, 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        unsigned n = 0;

        while (n < G_N_ELEMENTS(cases[i].rsw) && cases[i].rsw[n]) {
            n++;
        }
        find(c, cases[i].rsw, n);
        errors += cases[i].errors;
        g_assert_cmpuint(card_port_count(c, 0, "in-errors"), ==, errors);
        card_receives_nothing(&c->guest[0]);
    }
}

/* A frame without end does not grow behind its buffer. */
static void endless(void)
{
    g_autoptr(Card) c = make(0);
    FwPort *p = &c->fw->port[0];
    g_autofree Frame *f = frame_new(card_mac(0), card_stranger, 64);
    uint32_t rsw[FW_RX_ELEMENTS];
    uint8_t *next;

    vif_at(c, 0, 0);
    next = c->fw->sdram + FW_PORT_BUFFERS + FW_PORT_BUFFER_SIZE;
    memset(next, 0x3c, IXP_MSF_ELEMENT_MIN);
    for (unsigned i = 0; i < G_N_ELEMENTS(rsw); i++) {
        rsw[i] = FULL;
    }
    rsw[0] |= IXP_RSW_SOP;
    for (unsigned i = 0; i < 40; i++) {
        memcpy(p->rsw, rsw, sizeof(rsw));
        p->rx_at = 0;
        p->rx_released = 0;
        p->rx_count = G_N_ELEMENTS(rsw);
        rsw[0] &= ~IXP_RSW_SOP;
        ixp_thread_signal(c->fw->units, 7, 7, IXP_SIGNAL_PORT_IN);
        card_run(c);
        g_assert_cmpuint(p->rx_length, <=, SVNIC_MAX_FRAME);
    }
    g_assert_cmpuint(card_port_count(c, 0, "in-errors"), ==, 1);
    g_assert_cmphex(next[0], ==, 0x3c);
    card_port_receive(c, 0, f);
    card_receives(&c->guest[0], f);
}

static uint32_t signals_of(Card *c, unsigned me, unsigned context)
{
    IxpUnits *u = c->fw->units;

    return u->ops->signals(u->opaque, me, context);
}

/* The contexts on a list are told in the order in which they were posted. */
static void freelist(void)
{
    static const unsigned order[] = { 3, 1, 4, 0 };
    g_autoptr(Card) c = make(0);
    IxpUnits *u = c->fw->units;
    uint8_t bytes[64] = { 0 };
    uint32_t rsw[4];

    card_run(c);
    ixp_csr_write(u, IXP_CSR_MSF_RX_CONTROL, IXP_MSF_CONTROL_ENABLE);
    for (unsigned i = 1; i < 9; i++) {
        ixp_csr_write(u, IXP_CSR_MSF_ELEMENT_DONE, i << IXP_MSF_DONE_SHIFT);
    }
    /* Port 0 to list 1, where port 1's context is already. */
    ixp_csr_write(u, IXP_CSR_MSF_RX_PORT_MAP, IXP_MSF_PORT_MAP(0, 1));
    for (unsigned i = 0; i < G_N_ELEMENTS(order); i++) {
        for (unsigned twice = 0; twice < 2; twice++) {
            ixp_csr_write(u, IXP_CSR_MSF_RX_FREELIST(1),
                          IXP_MSF_FREELIST_THREAD(2, order[i]));
        }
    }
    g_assert_true(fake_port_receive(c->ix, 0, bytes, sizeof(bytes)));
    g_assert_cmphex(signals_of(c, 6, 7), ==, IXP_SIGNAL_PORT_IN);
    for (unsigned i = 0; i < G_N_ELEMENTS(order); i++) {
        g_assert_cmphex(signals_of(c, 2, order[i]), ==, 0);
        g_assert_true(fake_port_receive(c->ix, 0, bytes, sizeof(bytes)));
        g_assert_cmphex(signals_of(c, 2, order[i]), ==, IXP_SIGNAL_PORT_IN);
    }
    /* Five elements, in order; then none, and the asker is posted. */
    g_assert_cmpuint(ixp_msf_receive(u, 1, 2, 3, rsw, 4), ==, 4);
    g_assert_cmpuint(ixp_msf_receive(u, 1, 2, 3, rsw, 4), ==, 1);
    g_assert_cmpuint(IXP_RSW_ELEMENT(rsw[0]), ==, 5);
    g_assert_cmpuint(ixp_msf_receive(u, 1, 2, 5, rsw, 4), ==, 0);
    g_assert_true(fake_port_receive(c->ix, 0, bytes, sizeof(bytes)));
    g_assert_cmphex(signals_of(c, 2, 5), ==, IXP_SIGNAL_PORT_IN);
    /* A port that is mapped to no list uses list 0. */
    ixp_csr_write(u, IXP_CSR_MSF_RX_PORT_MAP, IXP_MSF_PORT_MAP(0, 3));
    g_assert_true(fake_port_receive(c->ix, 0, bytes, sizeof(bytes)));
    g_assert_cmpuint(ixp_msf_receive(u, 0, 2, 5, rsw, 4), ==, 1);
    /* A context that there is not is not posted. */
    fake_chip_units_reset(c->ix);
    u->config.contexts = 4;
    ixp_csr_write(u, IXP_CSR_MSF_RX_FREELIST(0),
                  IXP_MSF_FREELIST_THREAD(0, 4));
    g_assert_cmpuint(u->msf.list[0].threads, ==, 0);
    u->config.contexts = IXP_MAX_CONTEXTS;
}

static void send_one(IxpUnits *u, unsigned element, uint32_t control)
{
    ixp_msf_send(u, element, &control, 1);
}

static void tbuf_order(void)
{
    g_autoptr(Card) c = make(0);
    IxpUnits *u = c->fw->units;
    g_autofree Frame *f = frame_new(card_stranger, card_stranger, 100);
    uint32_t word = IXP_CSR_MSF_TX_SEQUENCE(0);

    memcpy(u->msf.tbuf, f->data, 64);
    memcpy(u->msf.tbuf + 64, f->data + 64, 36);
    ixp_csr_write(u, IXP_CSR_MSF_TBUF_CONTROL(1),
                  36u << IXP_TBUF_LENGTH_SHIFT | IXP_TBUF_EOP | 1);
    g_assert_cmphex(ixp_csr_read(u, word), ==, 0);
    card_port_sends_nothing(c, 1);
    ixp_csr_write(u, IXP_CSR_MSF_TBUF_CONTROL(0),
                  64u << IXP_TBUF_LENGTH_SHIFT | IXP_TBUF_SOP | 1);
    card_port_sends(c, 1, f, NULL);
    g_assert_cmphex(ixp_csr_read(u, word), ==, IXP_MSF_SEQUENCE_IDLE | 2);
    /* Longer than the element, with what is in front or without; no port. */
    send_one(u, 2, 65u << IXP_TBUF_LENGTH_SHIFT | IXP_TBUF_SOP);
    send_one(u, 3, 60u << IXP_TBUF_LENGTH_SHIFT | IXP_TBUF_SOP |
                 8 << IXP_TBUF_PREPEND_SHIFT | IXP_TBUF_EOP);
    send_one(u, 4, IXP_TBUF_SOP | IXP_TBUF_EOP);
    send_one(u, 5, 64u << IXP_TBUF_LENGTH_SHIFT | IXP_TBUF_SOP |
                 IXP_TBUF_EOP | PORTS);
    g_assert_cmpuint(u->msf.tx_bad, ==, 4);
    g_assert_cmphex(ixp_csr_read(u, word), ==, IXP_MSF_SEQUENCE_IDLE | 6);
    send_one(u, IXP_MSF_ELEMENTS, 64u << IXP_TBUF_LENGTH_SHIFT);
    g_assert_cmphex(ixp_csr_read(u, word), ==, IXP_MSF_SEQUENCE_IDLE | 6);
    for (unsigned i = 0; i < PORTS; i++) {
        card_port_sends_nothing(c, i);
    }
}

/* A context that finds TBUF locked tries again, and loses no frame. */
static void tbuf_in_use(void)
{
    g_autoptr(Card) c = make(0);
    g_autofree Frame *f = frame_new(card_stranger, card_mac(0), 200);
    Guest *a = vif_at(c, 0, 0);

    card_run(c);
    c->fw->tx_lock.taken = 1;
    g_assert_true(guest_put(a, f->data, f->length, NULL));
    guest_publish(a);
    for (unsigned i = 0; i < 10; i++) {
        fake_chip_step_me(c->ix, 0);
    }
    g_assert_cmpuint(card_port_count(c, 0, "out-busy"), >, 0);
    card_port_sends_nothing(c, 0);
    c->fw->tx_lock.taken = 0;
    card_run(c);
    card_port_sends(c, 0, f, NULL);
    card_port_sends_nothing(c, 0);
}

static void stamped(gconstpointer data)
{
    FakeChipConfig config = card_default;
    g_autoptr(Card) c = NULL;
    g_autofree Frame *f = frame_new(card_mac(0), card_stranger, 500);

    config.stamps = GPOINTER_TO_UINT(data);
    c = card_new(&config);
    vif_at(c, 0, 0);
    for (unsigned i = 0; i < 5; i++) {
        card_port_receive(c, 0, f);
    }
    g_assert_cmpuint(fake_port_done(c->ix, 0), ==, config.stamps ? 5 : 0);
}

/* ---- all ports at once, on real threads ---- */

typedef struct Wire {
    Card *card;
    unsigned port;
    gint64 end;
    bool late;
} Wire;

static uint32_t length_of(unsigned port, uint32_t number)
{
    return 60 + (number * 2654435761u >> 7) % (number % 20 ? 300 : 3000) +
           port;
}

static void *wire_run(void *opaque)
{
    Wire *w = opaque;
    uint8_t data[4096] = { 0 };

    memcpy(data, card_mac(w->port), MAC_BYTES);
    memcpy(data + MAC_BYTES, card_stranger, MAC_BYTES);
    for (uint32_t i = 0; i < FRAMES && !w->late; i++) {
        memcpy(data + 2 * MAC_BYTES, &i, sizeof(i));
        memset(data + 20, i, length_of(w->port, i) - 20);
        while (!w->late && !fake_port_receive(w->card->ix, w->port, data,
                                              length_of(w->port, i))) {
            w->late = g_get_monotonic_time() > w->end;
            sched_yield();
        }
    }
    return NULL;
}

static void in_order_on_threads(void)
{
    FakeChipConfig config = card_default;
    g_autoptr(Card) c = NULL;
    gint64 end = g_get_monotonic_time() + DEADLINE;
    struct svnic_vif_attr attr = {
        .mask = SVNIC_ATTR_PORT | SVNIC_ATTR_RECV_SLOTS,
        .recv_slots = 1024,
    };
    uint32_t got[PORTS] = { 0 };
    unsigned left = PORTS;
    pthread_t thread[PORTS];
    Wire wire[PORTS];

    config.ports = PORTS;
    c = card_new(&config);
    for (unsigned i = 0; i < PORTS; i++) {
        attr.port = i;
        attr.mtu = 4000;
        attr.mask |= SVNIC_ATTR_MTU;
        card_vif(c, i, &attr);
        wire[i] = (Wire) { .card = c, .port = i, .end = end };
    }
    fake_chip_start(c->ix, PORTS);
    for (unsigned i = 0; i < PORTS; i++) {
        g_assert_cmpint(pthread_create(&thread[i], NULL, wire_run, &wire[i]),
                        ==, 0);
    }
    while (left && g_get_monotonic_time() < end) {
        left = PORTS;
        for (unsigned i = 0; i < PORTS; i++) {
            struct svnic_frame head;
            uint8_t data[4096];
            uint32_t length;
            uint32_t number;

            while ((length = guest_get(&c->guest[i], data, &head))) {
                memcpy(&number, data + 2 * MAC_BYTES, sizeof(number));
                /* A full queue drops; what comes is in order, and whole. */
                g_assert_cmpuint(number, >=, got[i]);
                g_assert_cmpuint(length, ==, length_of(i, number));
                g_assert_cmphex(data[20], ==, (uint8_t)number);
                g_assert_cmphex(data[length - 1], ==, (uint8_t)number);
                got[i] = number + 1;
            }
            guest_release(&c->guest[i]);
            left -= card_port_count(c, i, "in-frames") == FRAMES &&
                    !guest_has_frame(&c->guest[i]);
        }
        sched_yield();
    }
    for (unsigned i = 0; i < PORTS; i++) {
        g_assert_cmpint(pthread_join(thread[i], NULL), ==, 0);
        g_assert_false(wire[i].late);
    }
    fake_chip_stop(c->ix);
    g_assert_cmpuint(left, ==, 0);
    for (unsigned i = 0; i < PORTS; i++) {
        g_assert_cmpuint(card_count(c, i, "recv-frames") +
                         card_count(c, i, "recv-full"), ==, FRAMES);
        g_assert_cmpuint(card_port_count(c, i, "in-errors"), ==, 0);
    }
    g_assert_cmpuint(free_elements(c), ==, USABLE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/msf/elements of any size carry frames of any length",
                    all_sizes);
    g_test_add_func("/msf/consecutive frames leave whole and in order", batch);
    g_test_add_func("/msf/a segment longer than TBUF leaves whole", longest);
    g_test_add_func("/msf/what is no frame takes no element", no_frames);
    g_test_add_func("/msf/without elements frames wait, and none is lost",
                    shortage);
    g_test_add_func("/msf/a damaged frame is dropped and counted", damaged);
    g_test_add_func("/msf/pieces of no frame are passed over and counted",
                    lost_pieces);
    g_test_add_func("/msf/a frame without end stays in its buffer", endless);
    g_test_add_func("/msf/contexts on a freelist are told in turn", freelist);
    g_test_add_func("/msf/elements go out in order, and only what they hold",
                    tbuf_order);
    g_test_add_func("/msf/a context that finds TBUF in use tries again",
                    tbuf_in_use);
    g_test_add_data_func("/msf/frames in are timed with stamps",
                         GUINT_TO_POINTER(true), stamped);
    g_test_add_data_func("/msf/no frame is timed without stamps",
                         GUINT_TO_POINTER(false), stamped);
    g_test_add_func("/msf/all ports at once receive in order",
                    in_order_on_threads);
    return g_test_run();
}
