/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults that are injected on request: when they strike, and what they do to
 * doorbells, interrupts, commands and completions.  Spec: docs/faults.rst.
 */
#include "card.h"

#define US                      UINT64_C(1000)

/* ---- the engine ---- */

/* Which of 1000 occasions of a kind strike, with one in 10. */
static void sample(uint32_t seed, unsigned id, bool *strikes)
{
    g_autoptr(Card) c = card_new(&card_default);
    IxpUnits *u = ixp_units(c->ix);
    IxpFaultSetting set = { .one_in = 10, .at = IXP_FAULT_ANY };

    ixp_fault_seed(&u->faults, seed);
    ixp_fault_set(&u->faults, id, &set);
    for (unsigned i = 0; i < 1000; i++) {
        strikes[i] = ixp_fault(u, id, 0);
    }
}

static void engine_seed(void)
{
    bool a[1000], b[1000];
    unsigned n = 0;

    sample(1, IXP_FAULT_DOORBELL_LOSE, a);
    sample(1, IXP_FAULT_DOORBELL_LOSE, b);
    g_assert_cmpmem(a, sizeof(a), b, sizeof(b));
    for (unsigned i = 0; i < G_N_ELEMENTS(a); i++) {
        n += a[i];
    }
    g_assert_cmpuint(n, >, 60);
    g_assert_cmpuint(n, <, 140);
    sample(2, IXP_FAULT_DOORBELL_LOSE, b);
    g_assert_cmpint(memcmp(a, b, sizeof(a)), !=, 0);
    sample(1, IXP_FAULT_DOORBELL_DELAY, b);
    g_assert_cmpint(memcmp(a, b, sizeof(a)), !=, 0);
}

/* Setting a kind, or the seed, begins its sequence again. */
static void engine_again(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    IxpUnits *u = ixp_units(c->ix);
    IxpFaultSetting set = { .one_in = 3, .at = IXP_FAULT_ANY };
    uint32_t first[3] = { 0 };

    for (unsigned round = 0; round < 3; round++) {
        if (round < 2) {
            ixp_fault_set(&u->faults, IXP_FAULT_INTERRUPT_LOSE, &set);
        } else {
            ixp_fault_seed(&u->faults, 0);
        }
        for (unsigned i = 0; i < 32; i++) {
            first[round] |= ixp_fault(u, IXP_FAULT_INTERRUPT_LOSE, 0) << i;
        }
    }
    g_assert_cmphex(first[0], ==, first[1]);
    g_assert_cmphex(first[0], ==, first[2]);
    g_assert_cmphex(first[0], !=, 0);
    g_assert_cmpuint(card_struck(c, IXP_FAULT_INTERRUPT_LOSE), ==,
                     3 * __builtin_popcount(first[0]));
}

static void engine_next_and_where(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    IxpUnits *u = ixp_units(c->ix);

    card_fault(c, IXP_FAULT_DOORBELL_LOSE, 2, 5, 0);
    g_assert_false(ixp_fault(u, IXP_FAULT_DOORBELL_LOSE, 4));
    g_assert_true(ixp_fault(u, IXP_FAULT_DOORBELL_LOSE, 5));
    g_assert_cmpuint(ixp_fault_get(&u->faults,
                                   IXP_FAULT_DOORBELL_LOSE).next, ==, 1);
    /* A reset changes neither the setting nor the counter. */
    fake_chip_reset(c->ix);
    g_assert_true(ixp_fault(u, IXP_FAULT_DOORBELL_LOSE, 5));
    g_assert_false(ixp_fault(u, IXP_FAULT_DOORBELL_LOSE, 5));
    g_assert_cmpuint(ixp_fault_get(&u->faults,
                                   IXP_FAULT_DOORBELL_LOSE).one_in, ==, 0);
    g_assert_false(ixp_faults_armed(u));
    g_assert_cmpuint(card_struck(c, IXP_FAULT_DOORBELL_LOSE), ==, 2);
}

/* Each name is a property: in lower case, with hyphens, and different. */
static void engine_kinds(void)
{
    for (unsigned i = 0; i < IXP_FAULT_PROGRAM + FW_FAULT_KINDS; i++) {
        const IxpFaultKind *k = i < IXP_FAULT_PROGRAM
            ? &ixp_fault_kinds[i] : &fw_fault_kinds[i - IXP_FAULT_PROGRAM];

        g_assert_cmpuint(strspn(k->name, "abcdefghijklmnopqrstuvwxyz-"), ==,
                         strlen(k->name));
        g_assert_nonnull(k->text);
        if (k->value) {
            g_assert_cmpuint(k->normal, >=, k->min);
            g_assert_cmpuint(k->normal, <=, k->max);
        }
        for (unsigned j = 0; j < i && j < IXP_FAULT_PROGRAM; j++) {
            g_assert_cmpstr(k->name, !=, ixp_fault_kinds[j].name);
        }
    }
}

/* The list of late events is bounded: what does not fit is not delayed. */
static void engine_full(void)
{
    g_autoptr(Card) c = card_new(&card_default);

    card_vif(c, 0, NULL);
    card_fault(c, IXP_FAULT_DOORBELL_DELAY, 0, IXP_FAULT_ANY, 1000);
    for (unsigned i = 0; i < IXP_LATE_MAX; i++) {
        fake_page_ring(c->ix, 0, IXP_PAGE_SEND);
    }
    g_assert_cmpuint(fake_page_rings(c->ix, 0), ==, 0);
    fake_page_ring(c->ix, 0, IXP_PAGE_SEND);
    g_assert_cmpuint(fake_page_rings(c->ix, 0), ==, 1);
    g_assert_cmpuint(card_struck(c, IXP_FAULT_DOORBELL_DELAY), ==,
                     IXP_LATE_MAX);
    fake_chip_wait(c->ix, 1000 * US);
    g_assert_cmpuint(fake_page_rings(c->ix, 0), ==, IXP_LATE_MAX + 1);
    /* A reset forgets what waits. */
    card_fault(c, IXP_FAULT_DOORBELL_DELAY, 0, IXP_FAULT_ANY, 1000);
    fake_page_ring(c->ix, 0, IXP_PAGE_SEND);
    fake_chip_reset(c->ix);
    card_vif(c, 0, NULL);
    fake_chip_wait(c->ix, 2000 * US);
    g_assert_cmpuint(fake_page_rings(c->ix, 0), ==, 0);
}

/* Late events happen in the order of their time, then of their making. */
static void engine_order(void)
{
    static const uint32_t ns[] = { 30000, 10000, 20000, 10000 };
    static const uint32_t order[] = { 1, 3, 2, 0 };
    g_autoptr(Card) c = card_new(&card_default);
    IxpUnits *u = ixp_units(c->ix);
    IxpLate late = { 0 };
    uint64_t next, then = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(ns); i++) {
        g_assert_true(ixp_late_add(u, ns[i], IXP_LATE_SIGNAL, i, 0));
    }
    g_assert_true(ixp_faults_armed(u));
    g_assert_false(ixp_late_take(u, 1, &late, &next));
    for (unsigned i = 0; i < G_N_ELEMENTS(order); i++) {
        g_assert_cmpuint(next, >=, then);
        then = next;
        g_assert_true(ixp_late_take(u, UINT64_MAX, &late, &next));
        g_assert_cmpuint(late.a, ==, order[i]);
        g_assert_cmpuint(late.at, ==, then);
    }
    g_assert_cmpuint(next, ==, 0);
    g_assert_false(ixp_faults_armed(u));
}

/* ---- doorbells ---- */

static void doorbell_lose(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);
    g_autofree Frame *f = NULL;

    card_run(c);
    card_fault(c, IXP_FAULT_DOORBELL_LOSE, 1, 0, 0);
    /* A neighbour is not disturbed. */
    card_passes(c, b, a);
    f = card_send_new(c, a, b->page->mac, 200);
    card_receives_nothing(b);
    g_assert_cmpuint(card_struck(c, IXP_FAULT_DOORBELL_LOSE), ==, 1);
    /* The owner rings again: nothing is lost. */
    fake_page_ring(c->ix, 0, IXP_PAGE_SEND);
    card_run(c);
    card_receives(b, f);
    card_passes(c, a, b);
}

static void doorbell_delay(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);
    g_autofree Frame *f = NULL;

    card_run(c);
    card_fault(c, IXP_FAULT_DOORBELL_DELAY, 1, 0, 500);
    f = card_send_new(c, a, b->page->mac, 200);
    fake_chip_wait(c->ix, 400 * US);
    card_run(c);
    card_receives_nothing(b);
    fake_chip_wait(c->ix, 101 * US);
    card_run(c);
    card_receives(b, f);
    card_passes(c, a, b);
    g_assert_cmpuint(card_struck(c, IXP_FAULT_DOORBELL_DELAY), ==, 1);
}

static void doorbell_duplicate(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);
    unsigned rings;

    card_run(c);
    card_fault(c, IXP_FAULT_DOORBELL_DUPLICATE, 1, 0, 500);
    card_passes(c, a, b);
    rings = fake_page_rings(c->ix, 0);
    fake_chip_wait(c->ix, 501 * US);
    card_run(c);
    g_assert_cmpuint(fake_page_rings(c->ix, 0), ==, rings + 1);
    card_receives_nothing(b);
    card_passes(c, a, b);
    /* A page that was closed meanwhile is not rung. */
    card_fault(c, IXP_FAULT_DOORBELL_DUPLICATE, 1, 0, 500);
    card_passes(c, a, b);
    g_assert_cmpuint(card_vif_command(c, SVNIC_CMD_VIF_DEACTIVATE, 0, NULL),
                     ==, SVNIC_ST_OK);
    fake_chip_wait(c->ix, 501 * US);
    g_assert_cmpuint(fake_page_rings(c->ix, 0), ==, 0);
}

/* ---- interrupts ---- */

static const FakeChipConfig with_vectors = {
    .microengines = 2, .contexts = 2, .pages = 2, .ports = 1,
    .sdram_size = 32 << 20, .sdram_fill = 0xa5, .port_room = 8,
    .vectors = true,
};

/* How often VIF 1 was interrupted by a frame from VIF 0. */
static unsigned interrupts(Card *c)
{
    unsigned before = fake_vector_raised(c->ix, SVNIC_VECTOR(1));

    fake_page_status_clear(c->ix, 1, SVNIC_SIGNAL_RECV_WORK);
    fake_page_mask_clear(c->ix, 1, SVNIC_SIGNAL_RECV_WORK);
    guest_wants_recv_signal(&c->guest[1]);
    card_passes(c, &c->guest[0], &c->guest[1]);
    return fake_vector_raised(c->ix, SVNIC_VECTOR(1)) - before;
}

static void interrupt_lose(void)
{
    g_autoptr(Card) c = card_new(&with_vectors);

    card_vif(c, 0, NULL);
    card_vif(c, 1, NULL);
    card_run(c);
    g_assert_cmpuint(interrupts(c), ==, 1);
    card_fault(c, IXP_FAULT_INTERRUPT_LOSE, 1, SVNIC_VECTOR(0), 0);
    g_assert_cmpuint(interrupts(c), ==, 1);
    card_fault(c, IXP_FAULT_INTERRUPT_LOSE, 1, SVNIC_VECTOR(1), 0);
    g_assert_cmpuint(interrupts(c), ==, 0);
    /* The status bit is there all the same. */
    g_assert_cmphex(fake_page_status(c->ix, 1) & SVNIC_SIGNAL_RECV_WORK, !=,
                    0);
    g_assert_cmpuint(interrupts(c), ==, 1);
    g_assert_cmpuint(card_struck(c, IXP_FAULT_INTERRUPT_LOSE), ==, 1);
}

static void interrupt_delay_duplicate(void)
{
    g_autoptr(Card) c = card_new(&with_vectors);
    unsigned before;

    card_vif(c, 0, NULL);
    card_vif(c, 1, NULL);
    card_run(c);
    before = fake_vector_raised(c->ix, SVNIC_VECTOR(1));
    card_fault(c, IXP_FAULT_INTERRUPT_DELAY, 1, SVNIC_VECTOR(1), 700);
    g_assert_cmpuint(interrupts(c), ==, 0);
    fake_chip_wait(c->ix, 701 * US);
    g_assert_cmpuint(fake_vector_raised(c->ix, SVNIC_VECTOR(1)), ==,
                     before + 1);
    card_fault(c, IXP_FAULT_INTERRUPT_DUPLICATE, 1, SVNIC_VECTOR(1), 700);
    g_assert_cmpuint(interrupts(c), ==, 1);
    fake_chip_wait(c->ix, 701 * US);
    g_assert_cmpuint(fake_vector_raised(c->ix, SVNIC_VECTOR(1)), ==,
                     before + 3);
    g_assert_cmpuint(card_struck(c, IXP_FAULT_INTERRUPT_DELAY), ==, 1);
    g_assert_cmpuint(card_struck(c, IXP_FAULT_INTERRUPT_DUPLICATE), ==, 1);
}

/* ---- commands ---- */

static void command_fail(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_cmd cmd = {
        .version = SVNIC_CMD_VERSION, .opcode = SVNIC_CMD_VIF_CREATE,
    };

    card_fault(c, FW_FAULT_COMMAND_FAIL, 1, SVNIC_CMD_VIF_CREATE, 200);
    card_answers(c);
    card_refuses(c, 200, &cmd);
    g_assert_cmpuint(card_command(c, &cmd), ==, SVNIC_ST_OK);
    g_assert_cmpuint(card_struck(c, FW_FAULT_COMMAND_FAIL), ==, 1);
}

static void command_silent(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_cmd *block;

    card_fault(c, FW_FAULT_COMMAND_SILENT, 1, SVNIC_CMD_VIF_CREATE, 0);
    card_answers(c);
    block = card_issue(c, SVNIC_CMD_VIF_CREATE);
    g_assert_cmphex(block->status, ==, SVNIC_ST_PENDING);
    g_assert_cmphex(fake_pci_doorbell_take(c->ix), ==, 0);
    g_assert_cmpuint(c->fw->vifs_used, ==, 0);
    card_answers(c);
    block = card_issue(c, SVNIC_CMD_VIF_CREATE);
    g_assert_cmphex(block->status, ==, SVNIC_ST_OK);
}

static void answer_lose(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_cmd *block;

    card_fault(c, FW_FAULT_ANSWER_LOSE, 1, IXP_FAULT_ANY, 0);
    block = card_issue(c, SVNIC_CMD_VIF_CREATE);
    g_assert_cmphex(block->status, ==, SVNIC_ST_PENDING);
    g_assert_cmphex(fake_pci_doorbell_take(c->ix), ==, 0);
    g_assert_cmpuint(c->fw->vifs_used, ==, 1);
    card_answers(c);
}

static void answer_delay(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_cmd *block;

    card_fault(c, FW_FAULT_ANSWER_DELAY, 1, IXP_FAULT_ANY, 3000);
    block = card_issue(c, SVNIC_CMD_VIF_CREATE);
    g_assert_cmphex(block->status, ==, SVNIC_ST_PENDING);
    /* Another command is answered meanwhile. */
    card_answers(c);
    fake_chip_wait(c->ix, 2900 * US);
    g_assert_cmphex(block->status, ==, SVNIC_ST_PENDING);
    fake_chip_wait(c->ix, 101 * US);
    g_assert_cmphex(block->status, ==, SVNIC_ST_OK);
    g_assert_cmphex(fake_pci_doorbell_take(c->ix), ==,
                    SVNIC_PCI_DB_COMMAND_DONE);
}

static void answer_duplicate(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_cmd *block;

    card_fault(c, FW_FAULT_ANSWER_DUPLICATE, 1, IXP_FAULT_ANY, 3000);
    block = card_issue(c, SVNIC_CMD_QUERY);
    g_assert_cmphex(block->status, ==, SVNIC_ST_OK);
    g_assert_cmphex(fake_pci_doorbell_take(c->ix), ==,
                    SVNIC_PCI_DB_COMMAND_DONE);
    block->status = SVNIC_ST_PENDING;
    fake_chip_wait(c->ix, 3001 * US);
    g_assert_cmphex(fake_pci_doorbell_take(c->ix), ==,
                    SVNIC_PCI_DB_COMMAND_DONE);
    /* The block belongs to the host again, which may use it. */
    g_assert_cmphex(block->status, ==, SVNIC_ST_PENDING);
}

/* ---- completions ---- */

static void completion_lose(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);
    uint32_t cons;

    card_passes(c, a, b);
    cons = a->page->send_cons.index;
    card_fault(c, FW_FAULT_COMPLETION_LOSE, 1, 0, 0);
    guest_wants_send_signal(a);
    fake_page_status_clear(c->ix, 0, UINT32_MAX);
    card_passes(c, a, b);
    g_assert_cmpuint(a->page->send_cons.index, ==, cons);
    g_assert_cmphex(fake_page_status(c->ix, 0) & SVNIC_SIGNAL_SEND_DONE, ==,
                    0);
    /* The next completion has both. */
    card_passes(c, a, b);
    g_assert_cmpuint(a->page->send_cons.index, ==, cons + 2);
    g_assert_cmpuint(card_struck(c, FW_FAULT_COMPLETION_LOSE), ==, 1);
}

static void completion_delay(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);
    uint32_t cons;

    card_passes(c, a, b);
    cons = a->page->send_cons.index;
    card_fault(c, FW_FAULT_COMPLETION_DELAY, 1, 0, 5000);
    card_passes(c, a, b);
    card_passes(c, a, b);
    g_assert_cmpuint(a->page->send_cons.index, ==, cons);
    fake_page_status_clear(c->ix, 0, UINT32_MAX);
    fake_chip_wait(c->ix, 5001 * US);
    g_assert_cmpuint(a->page->send_cons.index, ==, cons + 2);
    g_assert_cmphex(fake_page_status(c->ix, 0), ==, SVNIC_SIGNAL_SEND_DONE);
    card_run(c);
    card_passes(c, a, b);
    g_assert_cmpuint(a->page->send_cons.index, ==, cons + 3);
}

static void completion_duplicate(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);
    unsigned signals;

    card_passes(c, a, b);
    signals = fake_page_signals(c->ix, 0, SVNIC_SIGNAL_SEND_DONE);
    card_fault(c, FW_FAULT_COMPLETION_DUPLICATE, 0, 0, 0);
    card_passes(c, a, b);
    g_assert_cmpuint(fake_page_signals(c->ix, 0, SVNIC_SIGNAL_SEND_DONE), ==,
                     signals + 1);
    card_fault_off(c, FW_FAULT_COMPLETION_DUPLICATE);
    card_passes(c, a, b);
    g_assert_cmpuint(fake_page_signals(c->ix, 0, SVNIC_SIGNAL_SEND_DONE), ==,
                     signals + 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fault/engine/seed", engine_seed);
    g_test_add_func("/fault/engine/again", engine_again);
    g_test_add_func("/fault/engine/next-and-where", engine_next_and_where);
    g_test_add_func("/fault/engine/kinds", engine_kinds);
    g_test_add_func("/fault/engine/full", engine_full);
    g_test_add_func("/fault/engine/order", engine_order);
    g_test_add_func("/fault/doorbell/lose", doorbell_lose);
    g_test_add_func("/fault/doorbell/delay", doorbell_delay);
    g_test_add_func("/fault/doorbell/duplicate", doorbell_duplicate);
    g_test_add_func("/fault/interrupt/lose", interrupt_lose);
    g_test_add_func("/fault/interrupt/delay-duplicate",
                    interrupt_delay_duplicate);
    g_test_add_func("/fault/command/fail", command_fail);
    g_test_add_func("/fault/command/silent", command_silent);
    g_test_add_func("/fault/answer/lose", answer_lose);
    g_test_add_func("/fault/answer/delay", answer_delay);
    g_test_add_func("/fault/answer/duplicate", answer_duplicate);
    g_test_add_func("/fault/completion/lose", completion_lose);
    g_test_add_func("/fault/completion/delay", completion_delay);
    g_test_add_func("/fault/completion/duplicate", completion_duplicate);
    return g_test_run();
}
