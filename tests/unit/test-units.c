/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The chip's units (scratch rings, hash unit, SRAM queues, CAP, contexts),
 * and what the firmware does when a ring is full or a signal lost.
 */
#include "card.h"

#define RING                    15      /* not one of the firmware's */

static uint32_t size_code(uint32_t words)
{
    return (uint32_t)__builtin_ctz(words / IXP_RING_MIN_WORDS)
           << IXP_RING_BASE_SIZE;
}

static void ring_sizes(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    IxpUnits *u = c->fw->units;
    uint32_t word;

    for (uint32_t words = IXP_RING_MIN_WORDS; words <= IXP_RING_MAX_WORDS;
         words *= 2) {
        uint32_t base = IXP_SCRATCH_SIZE - words * 4;
        uint64_t lost = u->ring[RING].overflows;
        uint64_t none = u->ring[RING].empties;

        ixp_csr_write(u, IXP_CSR_RING_BASE(RING), size_code(words) | base);
        g_assert_true(ixp_ring_empty(u, RING));
        g_assert_cmphex(ixp_csr_read(u, IXP_CSR_RING_HEAD(RING)), ==, base);
        for (uint32_t i = 0; i < words; i++) {
            g_assert_true(ixp_ring_full(u, RING) ==
                          (words - i < IXP_RING_FULL_ROOM));
            g_assert_cmpuint(ixp_ring_put(u, RING, &i, 1), ==, 1);
        }
        word = 1234;
        g_assert_cmpuint(ixp_ring_put(u, RING, &word, 1), ==, 0);
        g_assert_cmpuint(u->ring[RING].overflows, ==, lost + 1);
        for (uint32_t i = 0; i < words; i++) {
            g_assert_cmpuint(ixp_ring_get(u, RING, &word, 1), ==, 1);
            g_assert_cmpuint(word, ==, i);
        }
        g_assert_cmpuint(u->ring[RING].empties, ==, none);
        g_assert_cmpuint(ixp_ring_get(u, RING, &word, 1), ==, 0);
        g_assert_cmpuint(u->ring[RING].empties, ==, none + 1);
        g_assert_true(ixp_ring_empty(u, RING));
    }
}

static void ring_bursts(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    g_autoptr(GRand) rand = g_rand_new_with_seed(4);
    IxpUnits *u = c->fw->units;
    uint32_t pushed = 0;
    uint32_t got = 0;

    ixp_csr_write(u, IXP_CSR_RING_BASE(RING),
                  IXP_SCRATCH_SIZE - IXP_RING_MIN_WORDS * 4);
    for (unsigned i = 0; i < 20000; i++) {
        uint32_t words[IXP_RING_BURST];
        unsigned n = g_rand_int_range(rand, 1, IXP_RING_BURST + 1);

        if (g_rand_boolean(rand)) {
            uint32_t room = IXP_RING_MIN_WORDS - (pushed - got);

            for (unsigned k = 0; k < n; k++) {
                words[k] = pushed + k;
            }
            g_assert_cmpuint(ixp_ring_put(u, RING, words, n), ==,
                             MIN(n, room));
            pushed += MIN(n, room);
        } else {
            unsigned taken = ixp_ring_get(u, RING, words, n);

            g_assert_cmpuint(taken, ==, MIN(n, pushed - got));
            for (unsigned k = 0; k < taken; k++) {
                g_assert_cmpuint(words[k], ==, got++);
            }
        }
    }
    g_assert_cmpuint(u->ring[RING].puts, ==, pushed);
    g_assert_cmpuint(u->ring[RING].gets, ==, got);
    g_assert_cmpuint(u->ring[RING].overflows, >, 0);
}

static void ring_registers(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    IxpUnits *u = c->fw->units;
    uint32_t base = IXP_SCRATCH_SIZE - IXP_RING_MIN_WORDS * 4;

    ixp_csr_write(u, IXP_CSR_RING_BASE(RING), base);
    ixp_csr_write(u, IXP_CSR_RING_PORT(RING), 11);
    ixp_csr_write(u, IXP_CSR_RING_PORT(RING), 22);
    g_assert_cmphex(ixp_csr_read(u, IXP_CSR_RING_TAIL(RING)), ==, base + 8);
    g_assert_cmpuint(ixp_csr_read(u, IXP_CSR_RING_PORT(RING)), ==, 11);
    g_assert_cmphex(ixp_csr_read(u, IXP_CSR_RING_HEAD(RING)), ==, base + 4);
    /* Moved by hand: the first word once more, then nothing. */
    ixp_csr_write(u, IXP_CSR_RING_HEAD(RING), base);
    g_assert_cmpuint(ixp_csr_read(u, IXP_CSR_RING_PORT(RING)), ==, 11);
    g_assert_cmpuint(ixp_csr_read(u, IXP_CSR_RING_PORT(RING)), ==, 22);
    g_assert_cmpuint(ixp_csr_read(u, IXP_CSR_RING_PORT(RING)), ==, 0);
    /* The other end by hand: what lies before it is there, once around. */
    ixp_csr_write(u, IXP_CSR_RING_TAIL(RING), base + 4);
    for (unsigned i = 0; i < IXP_RING_MIN_WORDS - 1; i++) {
        g_assert_false(ixp_ring_empty(u, RING));
        ixp_csr_read(u, IXP_CSR_RING_PORT(RING));
    }
    g_assert_true(ixp_ring_empty(u, RING));
    g_assert_cmphex(ixp_csr_read(u, IXP_CSR_RING_HEAD(RING)), ==, base + 4);
    /* Ends that have run on are set as those that have not. */
    for (unsigned i = 0; i < 3 * IXP_RING_MIN_WORDS; i++) {
        ixp_csr_write(u, IXP_CSR_RING_PORT(RING), i);
        g_assert_cmpuint(ixp_csr_read(u, IXP_CSR_RING_PORT(RING)), ==, i);
    }
    ixp_csr_write(u, IXP_CSR_RING_TAIL(RING), base + 12);
    g_assert_cmphex(ixp_csr_read(u, IXP_CSR_RING_HEAD(RING)), ==, base + 4);
    g_assert_cmphex(ixp_csr_read(u, IXP_CSR_RING_TAIL(RING)), ==, base + 12);
    ixp_csr_read(u, IXP_CSR_RING_PORT(RING));
    g_assert_false(ixp_ring_empty(u, RING));
    ixp_csr_read(u, IXP_CSR_RING_PORT(RING));
    g_assert_true(ixp_ring_empty(u, RING));
    ixp_csr_write(u, IXP_CSR_RING_HEAD(RING), base + 8);
    g_assert_cmphex(ixp_csr_read(u, IXP_CSR_RING_TAIL(RING)), ==, base + 12);
    ixp_csr_read(u, IXP_CSR_RING_PORT(RING));
    g_assert_true(ixp_ring_empty(u, RING));
    /* A base that is no multiple of its size is the one below. */
    ixp_csr_write(u, IXP_CSR_RING_BASE(RING), size_code(256) | (base - 4));
    g_assert_cmphex(ixp_csr_read(u, IXP_CSR_RING_HEAD(RING)), ==,
                    (base - 4) & -1024);
    /* Behind the end of the scratchpad there is no ring. */
    ixp_csr_write(u, IXP_CSR_RING_BASE(RING), size_code(256) |
                  IXP_SCRATCH_SIZE);
    g_assert_true(ixp_ring_full(u, RING));
    ixp_csr_write(u, IXP_CSR_RING_PORT(RING), 33);
    g_assert_cmpuint(ixp_csr_read(u, IXP_CSR_RING_PORT(RING)), ==, 0);
}

/* The same division, a bit at a time. */
static void slow_hash(unsigned bits, const unsigned *poly, unsigned terms,
                      const uint64_t value[2], const uint64_t factor[2],
                      uint8_t result[128])
{
    uint8_t product[256] = { 0 };

    for (unsigned i = 0; i < bits; i++) {
        for (unsigned k = 0; k < bits; k++) {
            product[i + k] ^= (value[i / 64] >> (i % 64)) &
                              (factor[k / 64] >> (k % 64)) & 1;
        }
    }
    for (unsigned i = 2 * bits; i-- > bits;) {
        if (product[i]) {
            product[i] = 0;
            for (unsigned t = 0; t < terms; t++) {
                product[i - bits + poly[t]] ^= 1;
            }
        }
    }
    memcpy(result, product, bits);
}

static uint64_t bits_to_64(const uint8_t *bits, unsigned n)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < n; i++) {
        value |= (uint64_t)bits[i] << i;
    }
    return value;
}

static void hashes(void)
{
    static const unsigned poly48[] = { 0, 10, 25, 36 };
    static const unsigned poly64[] = { 0, 17, 35, 54 };
    static const unsigned poly128[] = { 0, 33, 69, 98 };
    g_autoptr(Card) c = card_new(&card_default);
    g_autoptr(GRand) rand = g_rand_new_with_seed(48);
    IxpUnits *u = c->fw->units;
    uint32_t m[8];

    for (unsigned i = 0; i < 8; i++) {
        m[i] = g_rand_int(rand);
        ixp_csr_write(u, IXP_CSR_HASH_MULTIPLIER(i), m[i]);
        g_assert_cmphex(ixp_csr_read(u, IXP_CSR_HASH_MULTIPLIER(i)), ==,
                        m[i]);
    }
    for (unsigned i = 0; i < 200; i++) {
        uint64_t v[2] = {
            g_rand_int(rand) | (uint64_t)g_rand_int(rand) << 32,
            g_rand_int(rand) | (uint64_t)g_rand_int(rand) << 32,
        };
        uint64_t factor[2] = { m[0] | (uint64_t)m[1] << 32, 0 };
        uint64_t result[2];
        uint8_t bits[128];

        slow_hash(48, poly48, 4, v, factor, bits);
        g_assert_cmphex(ixp_hash48(u, v[0]), ==, bits_to_64(bits, 48));
        factor[0] = m[2] | (uint64_t)m[3] << 32;
        slow_hash(64, poly64, 4, v, factor, bits);
        g_assert_cmphex(ixp_hash64(u, v[0]), ==, bits_to_64(bits, 64));
        factor[0] = m[4] | (uint64_t)m[5] << 32;
        factor[1] = m[6] | (uint64_t)m[7] << 32;
        slow_hash(128, poly128, 4, v, factor, bits);
        ixp_hash128(u, v, result);
        g_assert_cmphex(result[0], ==, bits_to_64(bits, 64));
        g_assert_cmphex(result[1], ==, bits_to_64(bits + 64, 64));
    }
}

static void sram_queues(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    IxpUnits *u = c->fw->units;
    uint32_t top = u->config.sram_size;
    uint32_t offset;

    g_assert_false(ixp_queue_dequeue(u, 1, 63, &offset));
    for (unsigned i = 1; i <= 10; i++) {
        g_assert_true(ixp_queue_enqueue(u, 1, 63, top - i * 64));
        g_assert_true(ixp_queue_enqueue(u, 0, 63, top - i * 64 + 32));
    }
    g_assert_false(ixp_queue_enqueue(u, 1, 63, top));
    g_assert_false(ixp_queue_enqueue(u, 1, 63, top - 2));
    g_assert_cmpuint(ixp_queue_count(u, 1, 63), ==, 10);
    for (unsigned i = 1; i <= 10; i++) {
        g_assert_true(ixp_queue_dequeue(u, 1, 63, &offset));
        g_assert_cmphex(offset, ==, top - i * 64);
    }
    g_assert_false(ixp_queue_dequeue(u, 1, 63, &offset));
    ixp_queue_clear(u, 0, 63);
    g_assert_false(ixp_queue_dequeue(u, 0, 63, &offset));
    /* A link that was overwritten leads nowhere outside of SRAM. */
    ixp_queue_enqueue(u, 0, 0, top - 64);
    ixp_queue_enqueue(u, 0, 0, top - 128);
    *(uint32_t *)(u->sram + top - 64) = 0xfffffff0;
    g_assert_true(ixp_queue_dequeue(u, 0, 0, &offset));
    g_assert_true(ixp_queue_dequeue(u, 0, 0, &offset));
    g_assert_cmphex(offset, <, top);
}

static void every_register(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    IxpUnits *u = c->fw->units;
    const IxpRegister *r;
    size_t n;

    fake_chip_units_reset(c->ix);
    r = ixp_registers(&n);
    for (size_t i = 0; i < n; i++) {
        for (unsigned k = 0; k < r[i].count; k++) {
            uint32_t at = r[i].stride == 0x400
                ? r[i].address + IXP_ME_NUMBER(k) * 0x400
                : r[i].address + k * r[i].stride;
            uint64_t reserved = u->reserved;
            uint32_t value = ixp_csr_read(u, at);

            g_test_message("%s %u at %08x", r[i].name, k, at);
            if (strchr(r[i].access, 'R')) {
                g_assert_cmpuint(u->reserved, ==, reserved);
                if (!g_str_has_prefix(r[i].name, "TIMESTAMP") &&
                    !g_str_has_prefix(r[i].name, "ACTIVE_CTX_STS")) {
                    g_assert_cmphex(value, ==, r[i].reset);
                }
            } else {
                g_assert_cmpuint(u->reserved, ==, reserved + 1);
                g_assert_cmphex(value, ==, 0);
            }
            reserved = u->reserved;
            ixp_csr_write(u, at, 0);
            g_assert_cmpuint(u->reserved - reserved, ==,
                             !strchr(r[i].access, 'W'));
        }
    }
    /* What is in no row reads 0, ignores writes and is counted. */
    for (uint32_t at = 0xc0004a20; at < 0xc0004b00; at += 4) {
        uint64_t reserved = u->reserved;

        ixp_csr_write(u, at, 0xffffffff);
        g_assert_cmphex(ixp_csr_read(u, at), ==, 0);
        g_assert_cmpuint(u->reserved, ==, reserved + 2);
    }
}

static void time_stamp(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    IxpUnits *u = c->fw->units;
    uint64_t last = ixp_timestamp(u);

    for (unsigned i = 0; i < 100; i++) {
        uint64_t now = ixp_timestamp(u);

        g_assert_cmpuint(now, >, last);
        /* 100 ns from look to look, 16 cycles of 600 MHz a count */
        g_assert_cmpuint(now - last, >=, 3);
        g_assert_cmpuint(now - last, <=, 4);
        last = now;
    }
    ixp_csr_write(u, IXP_CSR_MISC_CONTROL, 0);
    g_assert_cmpuint(ixp_timestamp(u), ==, 0);
}

static void signals(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    IxpUnits *u = c->fw->units;
    uint32_t at = IXP_CSR_ME(5, IXP_ME_INDIRECT_CTX_SIG_EVENTS);

    card_run(c);
    ixp_csr_write(u, IXP_CSR_ME(5, IXP_ME_CSR_CTX_POINTER), 3);
    g_assert_cmphex(ixp_csr_read(u, at), ==, 0);
    /* microengine 5 has number 0x11 */
    ixp_csr_write(u, IXP_CSR_INTERTHREAD_SIGNAL, 0x11 << 7 | 3 << 4 | 6);
    g_assert_cmphex(ixp_csr_read(u, at), ==, 1u << 6);
    g_assert_cmpuint(u->signals_lost, ==, 0);
    /* The bit is all there is: the second one is lost. */
    ixp_csr_write(u, IXP_CSR_ME(4, IXP_ME_NEXT_NEIGHBOR_SIGNAL), 6 << 3 | 3);
    g_assert_cmpuint(u->signals_lost, ==, 1);
    ixp_csr_write(u, IXP_CSR_ME(6, IXP_ME_PREV_NEIGHBOR_SIGNAL), 2 << 3 | 3);
    g_assert_cmphex(ixp_csr_read(u, at), ==, 1u << 6 | 1u << 2);
    ixp_csr_write(u, IXP_CSR_ME(5, IXP_ME_SAME_ME_SIGNAL), 4 << 3 | 3);
    g_assert_cmphex(ixp_csr_read(u, at), ==, 1u << 6 | 1u << 2 | 1u << 4);
    /* There is no context before the first and after the last. */
    g_assert_cmpuint(u->signals_sent, ==, 4);
    ixp_csr_write(u, IXP_CSR_ME(0, IXP_ME_PREV_NEIGHBOR_SIGNAL), 6 << 3);
    ixp_csr_write(u, IXP_CSR_ME(7, IXP_ME_NEXT_NEIGHBOR_SIGNAL), 6 << 3);
    g_assert_cmpuint(u->signals_sent, ==, 4);
}

/* A context waits for as long as it takes, whatever the timeouts are. */
static void no_null_element(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    IxpUnits *u = c->fw->units;
    uint8_t bytes[200] = { 0 };
    uint32_t rsw[IXP_MSF_ELEMENTS];
    unsigned n;

    card_run(c);
    for (unsigned i = 0; i < IXP_MSF_LISTS; i++) {
        ixp_csr_write(u, IXP_CSR_MSF_FREELIST_TIMEOUT(i), i + 1);
    }
    g_assert_cmpuint(ixp_msf_receive(u, 0, 2, 3, rsw, 1), ==, 0);
    for (unsigned i = 0; i < 10000; i++) {
        ixp_timestamp(u);       /* a read of the clock advances it */
        g_assert_cmphex(u->ops->signals(u->opaque, 2, 3), ==, 0);
    }
    g_assert_cmpuint(ixp_msf_receive(u, 0, 2, 3, rsw, 1), ==, 0);
    while (fake_port_receive(c->ix, 0, bytes, sizeof(bytes)) &&
           !u->msf.port[0].rx_exhausted) {
        continue;
    }
    n = ixp_msf_receive(u, 0, 2, 3, rsw, IXP_MSF_ELEMENTS);
    g_assert_cmpuint(n, >, sizeof(bytes) / IXP_MSF_ELEMENT_MIN);
    for (unsigned i = 0; i < n; i++) {
        g_assert_cmphex(rsw[i] & IXP_RSW_NULL, ==, 0);
        g_assert_cmpuint(ixp_rsw_count(rsw[i]), >, 0);
    }
    for (unsigned i = 0; i < IXP_MSF_LISTS; i++) {
        g_assert_cmphex(ixp_csr_read(u, IXP_CSR_MSF_FREELIST_TIMEOUT(i)), ==,
                        i + 1);
    }
}

static void context_enables(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    IxpUnits *u = c->fw->units;
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);
    g_autofree Frame *f = frame_new(card_mac(1), card_mac(0), 64);
    uint32_t enables = ixp_csr_read(u, IXP_CSR_ME(0, IXP_ME_CTX_ENABLES));

    card_run(c);
    ixp_csr_write(u, IXP_CSR_ME(0, IXP_ME_CTX_ENABLES),
                  enables & ~(1u << IXP_CTX_ENABLES_SHIFT));
    guest_put(a, f->data, f->length, NULL);
    guest_publish(a);
    card_run(c);
    card_receives_nothing(b);
    ixp_csr_write(u, IXP_CSR_ME(0, IXP_ME_CTX_ENABLES), enables);
    card_run(c);
    card_receives(b, f);
    /* A microengine in reset runs nothing, either. */
    ixp_csr_write(u, IXP_CSR_RESET1, 1);
    g_assert_cmphex(ixp_csr_read(u, IXP_CSR_ME(0, IXP_ME_CTX_ENABLES)), ==,
                    0);
}

/* VIF @i of one microengine sends @n frames to VIF 7; nothing runs yet. */
static void fill(Card *c, unsigned i, unsigned n, GPtrArray *sent)
{
    for (unsigned k = 0; k < n; k++) {
        Frame *f = frame_new(card_mac(7), card_mac(i), 64);

        g_assert_true(guest_put(&c->guest[i], f->data, f->length, NULL));
        g_ptr_array_add(sent, f);
    }
    guest_publish(&c->guest[i]);
}

static uint64_t me_count(Card *c, const char *name)
{
    unsigned group = card_default.pages + card_default.ports;
    const char *found;
    uint64_t value;

    for (unsigned i = 0;
         (found = fw_counter(c->fw, group, i, &value)); i++) {
        if (!strcmp(found, name)) {
            return value;
        }
    }
    g_assert_not_reached();
}

/*
 * @room 1: the ring says that it is full when there is no word left, so that
 * a burst finds room for a part of it alone, and the rest is lost.
 */
static void full_ring(gconstpointer room)
{
    static const unsigned frames[] = { 20, 60, 60, 60, 60 };
    FakeChipConfig config = card_default;
    GPtrArray *sent[5];
    g_autofree Frame *got = g_new0(Frame, 1);

    config.microengines = 1;
    config.ring_full_room = GPOINTER_TO_UINT(room);
    g_autoptr(Card) c = card_new(&config);

    for (unsigned i = 0; i < 8; i++) {
        card_vif(c, i, NULL);
    }
    card_run(c);
    for (unsigned i = 0; i < G_N_ELEMENTS(frames); i++) {
        sent[i] = g_ptr_array_new_with_free_func(g_free);
        fill(c, i, frames[i], sent[i]);
    }
    card_run(c);
    g_assert_cmpuint(me_count(c, "ring-full"), >, 0);
    g_assert_cmpuint(me_count(c, "handles-lost"), ==,
                     c->fw->units->ring[0].overflows);
    g_assert_true((me_count(c, "handles-lost") > 0) ==
                  (GPOINTER_TO_UINT(room) == 1));
    /* Five sent before the queue context had seen a signal. */
    g_assert_cmpuint(me_count(c, "signals-lost"), >=, 3);
    /* All arrive, once and in the order of each sender. */
    for (unsigned n = 0; n < 260; n++) {
        unsigned from;
        Frame *f;

        g_assert_cmpuint(guest_get(&c->guest[7], got->data, &got->head), ==,
                         64);
        from = got->data[11];
        g_assert_cmpuint(from, <, G_N_ELEMENTS(frames));
        g_assert_cmpuint(sent[from]->len, >, 0);
        f = g_ptr_array_index(sent[from], 0);
        g_assert_cmpmem(got->data, 64, f->data, 64);
        g_ptr_array_remove_index(sent[from], 0);
    }
    card_receives_nothing(&c->guest[7]);
    for (unsigned i = 0; i < G_N_ELEMENTS(frames); i++) {
        g_assert_cmpuint(card_count(c, i, "send-frames"), ==, frames[i]);
        g_ptr_array_free(sent[i], true);
    }
}

/* What is on the ring when the XScale changes something is fetched again. */
static void change_in_flight(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    g_autoptr(GPtrArray) sent = g_ptr_array_new_with_free_func(g_free);
    struct svnic_vif_attr attr = { .mask = SVNIC_ATTR_MTU, .mtu = 1000 };

    card_vif(c, 0, NULL);
    card_vif(c, 7, NULL);
    card_run(c);
    fill(c, 0, 40, sent);
    g_assert_true(fake_chip_step(c->ix, 0, 0));
    g_assert_false(ixp_ring_empty(c->fw->units, 0));
    g_assert_cmpuint(card_change_active(c, 0, &attr), ==, SVNIC_ST_OK);
    card_run(c);
    g_assert_cmpuint(me_count(c, "handles-stale"), ==, 40);
    for (unsigned i = 0; i < sent->len; i++) {
        card_receives(&c->guest[7], g_ptr_array_index(sent, i));
    }
    card_receives_nothing(&c->guest[7]);
    /* A VIF that is gone takes what is on the ring with it. */
    fill(c, 0, 5, sent);
    g_assert_true(fake_chip_step(c->ix, 0, 0));
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_DEACTIVATE, 0, NULL),
                     ==, SVNIC_ST_OK);
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_DESTROY, 0, NULL), ==,
                     SVNIC_ST_OK);
    card_run(c);
    card_receives_nothing(&c->guest[7]);
    g_assert_true(ixp_ring_empty(c->fw->units, 0));
}

/* Each stage counts what it did; the chip has no clock without stamps. */
static void stages(gconstpointer on)
{
    FakeChipConfig config = card_default;
    static const char *const name[] = {
        "doorbell", "fetch", "classify", "ring", "copy", "signal",
    };

    config.stamps = GPOINTER_TO_UINT(on);
    g_autoptr(Card) c = card_new(&config);

    card_vif(c, 0, NULL);
    card_vif(c, 1, NULL);
    card_run(c);
    for (unsigned i = 0; i < 20; i++) {
        g_free(card_send_new(c, &c->guest[0], card_mac(1), 64));
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(name); i++) {
        g_autofree char *count = g_strdup_printf("stage-%s-count", name[i]);
        g_autofree char *ns = g_strdup_printf("stage-%s-ns", name[i]);
        g_autofree char *most = g_strdup_printf("stage-%s-max", name[i]);

        g_assert_cmpuint(me_count(c, count), ==, config.stamps ? 20 : 0);
        g_assert_cmpuint(me_count(c, most), <=, me_count(c, ns));
        g_assert_cmpuint(me_count(c, ns), <=, 20 * me_count(c, most));
        g_assert_true(!!me_count(c, ns) == config.stamps);
    }
}

/* The accesses of a frame of 100 bytes from VIF to VIF, of the sender's. */
static void accesses(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    const uint64_t *n = c->fw->me[0].accesses;

    card_vif(c, 0, NULL);
    card_vif(c, 1, NULL);
    card_run(c);
    /* The queue context has read its empty ring. */
    memset(c->fw->me[0].accesses, 0, sizeof(c->fw->me[0].accesses));
    g_free(card_send_new(c, &c->guest[0], card_mac(1), 100));
    /* A put, a get of one, which ends the step's second look, empty. */
    g_assert_cmpuint(n[IXP_MEMORY_SCRATCH], ==, 3);
    g_assert_cmpuint(n[IXP_MEMORY_HASH], ==, 1);
    g_assert_cmpuint(n[IXP_MEMORY_SRAM], ==, 2 * FW_DESCRIPTOR_ACCESSES);
    g_assert_cmpuint(n[IXP_MEMORY_DRAM], ==, 1 + 2 * 2);
    for (unsigned i = 0; i < IXP_MEMORIES; i++) {
        g_assert_cmpuint(fw_accesses(c->fw, 0, i), ==, n[i]);
        g_assert_cmpuint(fw_accesses(c->fw, 2, i), <=, 3);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/units/a ring of any size holds its words, no more",
                    ring_sizes);
    g_test_add_func("/units/bursts of any length keep their order",
                    ring_bursts);
    g_test_add_func("/units/ring registers show and move its ends",
                    ring_registers);
    g_test_add_func("/units/hashes are products modulo the polynomials",
                    hashes);
    g_test_add_func("/units/SRAM queues give back what was put in, in order",
                    sram_queues);
    g_test_add_func("/units/every register reads its reset value, all else 0",
                    every_register);
    g_test_add_func("/units/the time stamp counts once in 16 cycles",
                    time_stamp);
    g_test_add_func("/units/a signal that is still there is lost and counted",
                    signals);
    g_test_add_func("/units/no null element comes, whatever the timeouts are",
                    no_null_element);
    g_test_add_func("/units/a context that is not enabled does not run",
                    context_enables);
    g_test_add_func("/units/the accesses of a frame are counted", accesses);
    g_test_add_data_func("/units/a full ring makes senders wait",
                         GUINT_TO_POINTER(IXP_RING_FULL_ROOM), full_ring);
    g_test_add_data_func("/units/handles that the ring loses are fetched "
                         "again", GUINT_TO_POINTER(1), full_ring);
    g_test_add_func("/units/a change finds frames on the ring and loses none",
                    change_in_flight);
    g_test_add_data_func("/units/every stage of every burst is timed",
                         GUINT_TO_POINTER(true), stages);
    g_test_add_data_func("/units/no stage is timed without stamps",
                         GUINT_TO_POINTER(false), stages);
    return g_test_run();
}
