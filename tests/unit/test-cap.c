/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CAP and the microengines' local CSRs, without firmware: the units of the chip
 * alone, with a clock, contexts and signals of the test.
 *
 * Spec: "CAP and microengines".
 */
#include <glib.h>
#include <string.h>

#include "hw/net/sv-nic/chip/ixp.h"

#define ME(me, csr)             IXP_CSR_ME(me, csr)
#define SIGNAL(n)               (1u << (n))

typedef struct Unit {
    IxpUnits u;
    uint64_t ns;                    /* what the clock says */
    int active[IXP_MAX_MICROENGINES];
    uint32_t signals[IXP_MAX_MICROENGINES][IXP_MAX_CONTEXTS];
} Unit;

static uint64_t unit_clock(void *opaque)
{
    return ((Unit *)opaque)->ns;
}

static uint32_t unit_set_signals(void *opaque, unsigned me, unsigned context,
                                 uint32_t signals)
{
    Unit *t = opaque;
    uint32_t old = t->signals[me][context];

    t->signals[me][context] |= signals;
    return old;
}

static uint32_t unit_signals(void *opaque, unsigned me, unsigned context)
{
    return ((Unit *)opaque)->signals[me][context];
}

static int unit_active(void *opaque, unsigned me)
{
    return ((Unit *)opaque)->active[me];
}

static void unit_enabled(void *opaque, unsigned me)
{
}

static const IxpUnitsOps unit_ops = {
    .clock = unit_clock,
    .set_signals = unit_set_signals,
    .signals = unit_signals,
    .active = unit_active,
    .enabled = unit_enabled,
};

static Unit *unit_new(uint32_t microengines, uint32_t contexts,
                      uint32_t me_mhz, uint32_t timestamp_cycles)
{
    const IxpUnitsConfig config = {
        .microengines = microengines,
        .contexts = contexts,
        .scratch_size = IXP_SCRATCH_SIZE,
        .scratch_rings = IXP_RINGS,
        .ring_full_room = IXP_RING_FULL_ROOM,
        .sram_size = IXP_SRAM_MIN,
        .sram_channels = 1,
        .sram_queues = 1,
        .me_mhz = me_mhz,
        .timestamp_cycles = timestamp_cycles,
        .msf_element = IXP_MSF_ELEMENT_MIN,
    };
    Unit *t = g_new0(Unit, 1);

    memset(t->active, -1, sizeof(t->active));
    g_assert_true(ixp_units_init(&t->u, &config, &unit_ops, t));
    ixp_csr_write(&t->u, IXP_CSR_MISC_CONTROL, IXP_MISC_CONTROL_TIMESTAMP);
    return t;
}

static void unit_free(Unit *t)
{
    ixp_units_free(&t->u);
    g_free(t);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Unit, unit_free)

/* What context @context of @me has, as its registers show it. */
static void assert_signals(Unit *t, unsigned me, unsigned context,
                           uint32_t signals)
{
    ixp_csr_write(&t->u, ME(me, IXP_ME_CSR_CTX_POINTER), context);
    g_assert_cmphex(ixp_csr_read(&t->u,
                                 ME(me, IXP_ME_INDIRECT_CTX_SIG_EVENTS)), ==,
                    signals);
    g_assert_cmphex(t->signals[me][context], ==, signals);
}

/* ---- time ---- */

static void clocks(void)
{
    static const struct {
        uint32_t mhz, cycles;
        uint64_t ns, count;
    } times[] = {
        { 600, 16, 0, 0 },
        { 600, 16, 26, 0 },
        { 600, 16, 27, 1 },
        { 600, 16, 1000, 37 },
        { 600, 16, 16000, 600 },
        { 600, 1, 1005, 603 },
        { 400, 16, 16000, 400 },
        { 1400, 1024, 1024000, 1400 },
        { 100, 1, 1999, 199 },
        /* a year */
        { 600, 16, UINT64_C(31536000000000000), UINT64_C(1182600000000000) },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(times); i++) {
        g_autoptr(Unit) t = unit_new(1, 1, times[i].mhz, times[i].cycles);

        t->ns = times[i].ns;
        g_assert_cmpuint(ixp_timestamp(&t->u), ==, times[i].count);
        ixp_csr_write(&t->u, IXP_CSR_MISC_CONTROL, ~IXP_MISC_CONTROL_TIMESTAMP);
        g_assert_cmpuint(ixp_timestamp(&t->u), ==, 0);
    }
}

/* The low half latches the high one, of each microengine by itself. */
static void halves(void)
{
    g_autoptr(Unit) t = unit_new(2, 1, 1000, 1);

    t->ns = 0x1ffffffff;
    g_assert_cmphex(ixp_csr_read(&t->u, ME(0, IXP_ME_TIMESTAMP_HIGH)), ==, 0);
    g_assert_cmphex(ixp_csr_read(&t->u, ME(0, IXP_ME_TIMESTAMP_LOW)), ==,
                    0xffffffff);
    t->ns += 1;
    g_assert_cmphex(ixp_csr_read(&t->u, ME(1, IXP_ME_TIMESTAMP_LOW)), ==, 0);
    g_assert_cmphex(ixp_csr_read(&t->u, ME(0, IXP_ME_TIMESTAMP_HIGH)), ==, 1);
    g_assert_cmphex(ixp_csr_read(&t->u, ME(1, IXP_ME_TIMESTAMP_HIGH)), ==, 2);
    ixp_units_reset(&t->u);
    g_assert_cmphex(ixp_csr_read(&t->u, ME(1, IXP_ME_TIMESTAMP_HIGH)), ==, 0);
}

/* ---- signals ---- */

/* Any bit that the context still has is lost; a new one beside it is not. */
static void losses(void)
{
    g_autoptr(Unit) t = unit_new(8, 8, 600, 16);

    ixp_csr_write(&t->u, ME(2, IXP_ME_SAME_ME_SIGNAL), 3 << 3 | 5);
    ixp_csr_write(&t->u, ME(2, IXP_ME_SAME_ME_SIGNAL), 4 << 3 | 5);
    g_assert_cmpuint(t->u.signals_sent, ==, 2);
    g_assert_cmpuint(t->u.signals_lost, ==, 0);
    assert_signals(t, 2, 5, SIGNAL(3) | SIGNAL(4));
    ixp_csr_write(&t->u, ME(2, IXP_ME_SAME_ME_SIGNAL), 3 << 3 | 5);
    g_assert_cmpuint(t->u.signals_sent, ==, 3);
    g_assert_cmpuint(t->u.signals_lost, ==, 1);
    t->signals[2][5] = 0;
    ixp_csr_write(&t->u, ME(2, IXP_ME_SAME_ME_SIGNAL), 3 << 3 | 5);
    g_assert_cmpuint(t->u.signals_lost, ==, 1);
}

/* Number 0 is no signal; a context or microengine that is not there. */
static void no_context(void)
{
    g_autoptr(Unit) t = unit_new(6, 4, 600, 16);

    ixp_csr_write(&t->u, ME(0, IXP_ME_SAME_ME_SIGNAL), 0 << 3 | 1);
    ixp_csr_write(&t->u, ME(0, IXP_ME_SAME_ME_SIGNAL), 2 << 3 | 4);
    ixp_csr_write(&t->u, ME(0, IXP_ME_PREV_NEIGHBOR_SIGNAL), 2 << 3);
    ixp_csr_write(&t->u, ME(5, IXP_ME_NEXT_NEIGHBOR_SIGNAL), 2 << 3);
    for (unsigned number = 0; number < 32; number++) {
        ixp_csr_write(&t->u, IXP_CSR_INTERTHREAD_SIGNAL, number << 7 | 2 << 4);
        /* the last two of eight, numbers 0x12 and 0x13, are not there */
        if (number >= 4 && (number < 0x10 || number > 0x11)) {
            ixp_csr_write(&t->u, IXP_CSR_INTERTHREAD_SIGNAL,
                          number << 7 | 2 << 4 | 1);
        }
    }
    ixp_csr_write(&t->u, IXP_CSR_INTERTHREAD_SIGNAL, 4 << 4 | 1);
    g_assert_cmpuint(t->u.signals_sent, ==, 0);
    for (unsigned me = 0; me < IXP_MAX_MICROENGINES; me++) {
        for (unsigned context = 0; context < IXP_MAX_CONTEXTS; context++) {
            g_assert_cmphex(t->signals[me][context], ==, 0);
        }
    }
    /* Nor are their registers. */
    g_assert_cmpuint(t->u.reserved, ==, 0);
    g_assert_cmphex(ixp_csr_read(&t->u, ME(6, IXP_ME_ACTIVE_CTX_WAKEUP)), ==,
                    0);
    ixp_csr_write(&t->u, ME(7, IXP_ME_CTX_ENABLES), 0xff00);
    g_assert_cmpuint(t->u.reserved, ==, 2);
}

/* Each context of each microengine, by its number from anywhere. */
static void anywhere(void)
{
    g_autoptr(Unit) t = unit_new(8, 8, 600, 16);

    for (unsigned me = 0; me < 8; me++) {
        for (unsigned context = 0; context < 8; context++) {
            unsigned signal = 1 + (me + context) % 15;

            ixp_csr_write(&t->u, IXP_CSR_INTERTHREAD_SIGNAL,
                          IXP_ME_NUMBER(me) << 7 | context << 4 | signal);
        }
    }
    for (unsigned me = 0; me < 8; me++) {
        for (unsigned context = 0; context < 8; context++) {
            assert_signals(t, me, context,
                           SIGNAL(1 + (me + context) % 15));
        }
    }
    g_assert_cmpuint(t->u.signals_sent, ==, 64);
}

/* Bit 7: the context after the active one, and after the last the first. */
static void next(void)
{
    g_autoptr(Unit) t = unit_new(2, 4, 600, 16);

    t->active[1] = 2;
    ixp_csr_write(&t->u, ME(1, IXP_ME_SAME_ME_SIGNAL), 0x80 | 6 << 3 | 1);
    assert_signals(t, 1, 3, SIGNAL(6));
    t->active[1] = 3;
    ixp_csr_write(&t->u, ME(1, IXP_ME_SAME_ME_SIGNAL), 0x80 | 6 << 3 | 1);
    assert_signals(t, 1, 0, SIGNAL(6));
    assert_signals(t, 1, 1, 0);
    t->active[1] = 0;
    ixp_csr_write(&t->u, ME(0, IXP_ME_NEXT_NEIGHBOR_SIGNAL), 0x80 | 7 << 3);
    assert_signals(t, 1, 1, SIGNAL(7));
    g_assert_cmpuint(t->u.signals_sent, ==, 3);
}

/* ---- status ---- */

static void status(void)
{
    g_autoptr(Unit) t = unit_new(8, 8, 600, 16);

    for (unsigned me = 0; me < 8; me++) {
        uint32_t number = (me < 4 ? me : 0x10 + me - 4) << 3;

        g_assert_cmphex(ixp_csr_read(&t->u, ME(me, IXP_ME_ACTIVE_CTX_STS)),
                        ==, number);
        t->active[me] = 7 - me;
        g_assert_cmphex(ixp_csr_read(&t->u, ME(me, IXP_ME_ACTIVE_CTX_STS)),
                        ==, IXP_CTX_STS_RUNNING | number | (7 - me));
        t->signals[me][7 - me] = SIGNAL(me + 1);
        g_assert_cmphex(ixp_csr_read(&t->u,
                                     ME(me, IXP_ME_ACTIVE_CTX_SIG_EVENTS)),
                        ==, SIGNAL(me + 1));
        t->active[me] = -1;
        t->signals[me][0] = SIGNAL(9);
        g_assert_cmphex(ixp_csr_read(&t->u,
                                     ME(me, IXP_ME_ACTIVE_CTX_SIG_EVENTS)),
                        ==, SIGNAL(9));
    }
    /* three bits of pointer */
    ixp_csr_write(&t->u, ME(3, IXP_ME_CSR_CTX_POINTER), ~0u);
    g_assert_cmphex(ixp_csr_read(&t->u, ME(3, IXP_ME_CSR_CTX_POINTER)), ==, 7);
}

/* A bit of RESET1 is a microengine's number, 16 to 19 for the last four. */
static void held(void)
{
    g_autoptr(Unit) t = unit_new(8, 8, 600, 16);

    for (unsigned me = 0; me < 8; me++) {
        ixp_csr_write(&t->u, ME(me, IXP_ME_CTX_ENABLES), 0xff00);
    }
    ixp_csr_write(&t->u, IXP_CSR_RESET1, 1u << 0x12 | 1u << 5);
    for (unsigned me = 0; me < 8; me++) {
        g_assert_cmphex(ixp_csr_read(&t->u, ME(me, IXP_ME_CTX_ENABLES)), ==,
                        me == 6 ? 0 : 0xff00);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cap/the time stamp is that of any clock", clocks);
    g_test_add_func("/cap/the low half latches the high one", halves);
    g_test_add_func("/cap/a signal is lost if it is still pending", losses);
    g_test_add_func("/cap/a context that does not exist gets no signal",
                    no_context);
    g_test_add_func("/cap/a signal finds any context of any microengine",
                    anywhere);
    g_test_add_func("/cap/the next context is that after the active one",
                    next);
    g_test_add_func("/cap/status is that of the active context", status);
    g_test_add_func("/cap/a microengine in reset has no context enabled",
                    held);
    return g_test_run();
}
