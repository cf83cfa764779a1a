/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults that are injected on request: in what the card writes for an owner, in
 * its stages, in RBUF, and in the program as a whole.  Spec: docs/faults.rst.
 */
#include "card.h"

#define US                      UINT64_C(1000)

/* ---- what the card writes for the owner ---- */

static void send_index(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);
    uint32_t cons;

    card_passes(c, a, b);
    cons = a->page->send_cons.index;
    card_fault(c, FW_FAULT_SEND_INDEX, 1, 0, 1000);
    card_passes(c, b, a);
    card_passes(c, a, b);
    g_assert_cmpuint(a->page->send_cons.index, ==, cons + 1 + 1000);
    /* Only a reset helps an owner that takes it for what was sent. */
    a = card_start(c, SVNIC_CMD_VIF_RESET, 0);
    card_run(c);
    card_passes(c, a, b);
    g_assert_cmpuint(card_struck(c, FW_FAULT_SEND_INDEX), ==, 1);
}

static void recv_index(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);
    g_autofree Frame *f = NULL;
    uint32_t prod = b->page->recv_prod.index;

    card_fault(c, FW_FAULT_RECV_INDEX, 1, 1, 5000);
    f = card_send_new(c, a, b->page->mac, 100);
    g_assert_cmpuint(b->page->recv_prod.index, ==, prod + 1 + 5000);
    card_send(c, a, f);
    g_assert_cmpuint(b->page->recv_prod.index, ==, prod + 2);
    card_receives(b, f);
    card_receives(b, f);
}

static void recv_length(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);
    g_autofree Frame *first = NULL, *f = NULL;

    card_fault(c, FW_FAULT_RECV_LENGTH, 1, 1, 77777);
    first = card_send_new(c, a, b->page->mac, 1000);
    g_assert_cmpuint(guest_recv_slot(b, b->recv_cons)->length, ==, 77777);
    f = card_send_new(c, a, b->page->mac, 1000);
    g_assert_cmpuint(guest_recv_slot(b, b->recv_cons + 1)->length, ==, 1000);
    g_assert_cmpuint(card_struck(c, FW_FAULT_RECV_LENGTH), ==, 1);
}

/* The same seed makes the same header. */
static void recv_header(void)
{
    struct svnic_frame head[2];

    for (unsigned i = 0; i < 2; i++) {
        g_autoptr(Card) c = card_new(&card_default);
        Guest *a = card_vif(c, 0, NULL);
        Guest *b = card_vif(c, 1, NULL);
        g_autofree Frame *f = NULL;

        ixp_fault_seed(&ixp_units(c->ix)->faults, 3);
        card_fault(c, FW_FAULT_RECV_HEADER, 1, 1, 0);
        f = card_send_new(c, a, b->page->mac, 100);
        head[i] = *guest_recv_slot(b, b->recv_cons);
        g_assert_cmpuint(head[i].length, ==, 100);
        g_assert_true(head[i].flags || head[i].gso_size);
    }
    g_assert_cmpmem(&head[0], sizeof(head[0]), &head[1], sizeof(head[1]));
}

/* An owner that writes the slots meanwhile: bounded all the same. */
static void recv_hostile(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);
    FwVif *v = &c->fw->vif[1];
    FwBurst burst = { .fw = c->fw };

    card_fault(c, FW_FAULT_RECV_LENGTH, 0, 1, 1);
    card_passes(c, b, a);
    v->recv_prod = 10;
    burst.open_from = 0;
    for (unsigned slots = 0; slots < 4; slots++) {
        static const uint16_t bad[] = { 0, 11, UINT16_MAX, 3 };

        guest_recv_slot(b, 0)->slots = bad[slots];
        guest_recv_slot(b, 3)->slots = 8;
        g_assert_cmpuint(fw_fault_received_wrong(&burst, v), ==, 0);
    }
    g_assert_cmpuint(card_struck(c, FW_FAULT_RECV_LENGTH), ==, 1);
}

static void vif_stop(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);
    g_autofree Frame *f = NULL;

    for (unsigned e = SVNIC_ERR_SEND_INDEX; e <= SVNIC_ERR_HOST_PAGE; e++) {
        card_fault(c, FW_FAULT_VIF_STOP, 1, 0, e);
        card_passes(c, b, a);
        f = card_send_new(c, a, b->page->mac, 100);
        card_receives_nothing(b);
        card_assert_error(c, 0, e);
        a = card_start(c, SVNIC_CMD_VIF_RESET, 0);
        card_run(c);
        card_passes(c, a, b);
        g_free(g_steal_pointer(&f));
    }
}

/* ---- slow stages ---- */

static void slow(FwFaultId stage)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);
    g_autofree Frame *f = NULL;

    card_fault(c, stage, 0, IXP_FAULT_ANY, 800);
    if (stage == FW_FAULT_RECEIVE_SLOW) {
        f = frame_new(b->page->mac, card_stranger, 100);
        card_port_receive(c, 0, f);
    } else {
        f = card_send_new(c, a, b->page->mac, 100);
    }
    card_receives_nothing(b);
    fake_chip_wait(c->ix, 700 * US);
    card_run(c);
    card_receives_nothing(b);
    fake_chip_wait(c->ix, 200 * US);
    card_run(c);
    card_receives(b, f);
    g_assert_cmpuint(card_struck(c, stage), >=, 1);
    /* Without the fault it is as fast as before. */
    card_fault_off(c, stage);
    card_passes(c, a, b);
    card_passes(c, b, a);
}

static void slow_fetch(void)
{
    slow(FW_FAULT_FETCH_SLOW);
}

static void slow_deliver(void)
{
    slow(FW_FAULT_DELIVER_SLOW);
}

static void slow_receive(void)
{
    slow(FW_FAULT_RECEIVE_SLOW);
}

/* ---- RBUF, and the program as a whole ---- */

static void rbuf_out(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    g_autofree Frame *f = frame_new(a->page->mac, card_stranger, 300);
    g_autofree Frame *other = frame_new(a->page->mac, card_stranger, 300);

    card_fault(c, IXP_FAULT_RBUF_OUT, 1, 0, 600);
    card_port_receive(c, 0, f);
    card_receives_nothing(a);
    g_assert_cmpuint(fake_port_rbuf_exhausted(c->ix, 0), ==, 1);
    card_port_receive(c, 0, other);
    fake_chip_wait(c->ix, 601 * US);
    card_run(c);
    card_receives(a, f);
    card_receives(a, other);
    card_port_receive(c, 0, f);
    card_receives(a, f);
}

static void boot_fail(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    struct svnic_cmd *block;

    card_fault(c, FW_FAULT_BOOT_FAIL, 1, IXP_FAULT_ANY, 0);
    card_answers(c);
    fake_chip_reset(c->ix);
    g_assert_cmphex(fake_mailbox(c->ix, SVNIC_MAILBOX_IDENTITY), ==, 0);
    block = card_issue(c, SVNIC_CMD_QUERY);
    g_assert_cmphex(block->status, ==, SVNIC_ST_PENDING);
    /* The next reset helps. */
    fake_chip_reset(c->ix);
    g_assert_cmphex(fake_mailbox(c->ix, SVNIC_MAILBOX_IDENTITY), ==,
                    SVNIC_IDENTITY);
    card_answers(c);
}

static void die(void)
{
    g_autoptr(Card) c = card_new(&card_default);
    Guest *a = card_vif(c, 0, NULL);
    Guest *b = card_vif(c, 1, NULL);
    g_autofree Frame *f = NULL;
    struct svnic_cmd *block;

    card_passes(c, a, b);
    card_fault(c, FW_FAULT_DIE, 1, IXP_FAULT_ANY, 0);
    block = card_issue(c, SVNIC_CMD_QUERY);
    g_assert_cmphex(block->status, ==, SVNIC_ST_PENDING);
    f = frame_new(b->page->mac, a->page->mac, 100);
    g_assert_true(guest_put(a, f->data, f->length, &f->head));
    guest_publish(a);
    fake_chip_run(c->ix, 1000);
    card_receives_nothing(b);
    fake_chip_reset(c->ix);
    card_answers(c);
    a = card_vif(c, 0, NULL);
    b = card_vif(c, 1, NULL);
    card_run(c);
    card_passes(c, a, b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fault-data/index/send", send_index);
    g_test_add_func("/fault-data/index/recv", recv_index);
    g_test_add_func("/fault-data/header/length", recv_length);
    g_test_add_func("/fault-data/header/offload", recv_header);
    g_test_add_func("/fault-data/header/hostile", recv_hostile);
    g_test_add_func("/fault-data/vif/stop", vif_stop);
    g_test_add_func("/fault-data/slow/fetch", slow_fetch);
    g_test_add_func("/fault-data/slow/deliver", slow_deliver);
    g_test_add_func("/fault-data/slow/receive", slow_receive);
    g_test_add_func("/fault-data/rbuf/out", rbuf_out);
    g_test_add_func("/fault-data/boot/fail", boot_fail);
    g_test_add_func("/fault-data/boot/die", die);
    return g_test_run();
}
