/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: faults that are injected on request, by the properties fault-*.
 *
 * docs/faults.rst has the properties and what a driver should do.  Each test
 * ends with traffic, and with the neighbours of what was disturbed.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-fault.h"
#include "libqos/sv-nic-frame.h"
#include "libqos/sv-nic-traffic.h"
#include "qemu/bswap.h"
#include "qemu/module.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"

#define CARD "/machine/peripheral/" SV_NIC_ID

/* ---- properties ---- */

static void assert_words(const char *text, const char *words)
{
    g_auto(GStrv) word = g_strsplit(words, "|", 0);
    size_t i;

    for (i = 0; word[i]; i++) {
        if (!strstr(text, word[i])) {
            g_error("\"%s\" is not in: %s", word[i], text);
        }
    }
}

static const struct {
    const char *fault, *value, *words;
} bad_values[] = {
    { "fault-doorbell-lose", "", "fault-doorbell-lose|off|one-in|vif" },
    { "fault-doorbell-lose", "maybe",
      "'maybe' is not known|off|on|one-in|next|vif" },
    { "fault-doorbell-lose", "one-in=0", "one-in=0 is not possible|1 to" },
    { "fault-doorbell-lose", "one-in=-1", "one-in=-1 is not possible" },
    { "fault-doorbell-lose", "one-in=4294967296", "is not possible" },
    { "fault-doorbell-lose", "one-in=", "one-in= is not possible" },
    { "fault-doorbell-lose", "one-in=2x", "one-in=2x is not possible" },
    { "fault-doorbell-lose", "one-in=2:", "'' is not known" },
    { "fault-doorbell-lose", "next=0", "next=0 is not possible" },
    { "fault-doorbell-lose", "vif=256", "vif=256 is not possible|0 to 255" },
    { "fault-doorbell-lose", "vif=64", "vif=64|vifs=64|0 to 63" },
    { "fault-doorbell-lose", "port=0", "'port=0' is not known|vif" },
    { "fault-doorbell-lose", "us=1", "'us=1' is not known" },
    { "fault-doorbell-delay", "us=0", "us=0 is not possible|1 to 10000000" },
    { "fault-doorbell-delay", "us=10000001", "us=10000001|1 to 10000000" },
    { "fault-interrupt-lose", "vector=65", "vector=65|vifs=64|0 to 64" },
    { "fault-command-fail", "status=0", "status=0 is not possible|1 to 255" },
    { "fault-command-fail", "status=256", "status=256|1 to 255" },
    { "fault-command-fail", "opcode=65536", "opcode=65536|0 to 65535" },
    { "fault-command-silent", "status=1", "'status=1' is not known|opcode" },
    { "fault-memory-ones", "one-in=2", "'one-in=2' is not known|next" },
    { "fault-memory-ones", "vif=2", "'vif=2' is not known|next" },
    { "fault-link-flap", "port=3", "port=3 is not possible|0 to 2" },
    { "fault-link-flap", "ms=0", "ms=0 is not possible|1 to 60000" },
    { "fault-vif-stop", "error=8", "error=8 is not possible|1 to 7" },
    { "fault-answer-delay", "us=60000001", "us=60000001|1 to 60000000" },
};

static void test_bad_values(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    size_t i;

    sv_nic_fault_set(nic, "fault-doorbell-lose", "one-in=7:vif=3");
    for (i = 0; i < ARRAY_SIZE(bad_values); i++) {
        QDict *answer = qtest_qmp(sv_nic_qts(nic), "{ 'execute': 'qom-set', "
                                  "'arguments': { 'path': '" CARD "', "
                                  "'property': %s, 'value': %s } }",
                                  bad_values[i].fault, bad_values[i].value);

        g_assert_true(qdict_haskey(answer, "error"));
        assert_words(qdict_get_str(qdict_get_qdict(answer, "error"), "desc"),
                     bad_values[i].words);
        qobject_unref(answer);
    }
    /* nothing has changed */
    sv_nic_fault_expect(nic, "fault-doorbell-lose", "one-in=7:vif=3");
    sv_nic_fault_expect(nic, "fault-command-fail", "off");
    qos_invalidate_command_line();
}

/* At the start of a card, too, where the other properties decide. */
static void test_at_start(void *obj, void *data, QGuestAllocator *alloc)
{
    QTestState *qts = sv_nic_qts(obj);
    static const char *const bad[][2] = {
        { "vifs=8,fault-doorbell-lose=vif=8",
          "fault-doorbell-lose: vif=8 is not possible with vifs=8|0 to 7" },
        { "fault-doorbell-lose=vif=8,vifs=8", "vif=8|vifs=8" },
        { "fault-doorbell-delay=us=0", "fault-doorbell-delay|us=0" },
        { "firmware=hash,fault-command-fail=next=1",
          "fault-command-fail|firmware=sv-nic" },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(bad); i++) {
        g_autofree char *answer =
            qtest_hmp(qts, "device_add sv-nic,id=new,addr=10,%s", bad[i][0]);

        g_assert_true(g_str_has_prefix(answer, "Error: "));
        assert_words(answer, bad[i][1]);
    }
    qtest_qmp_device_add(qts, "sv-nic", "new", "{ 'addr': '10', 'vifs': 8, "
                         "'fault-doorbell-lose': 'vif=7', "
                         "'fault-seed': 7 }");
    qos_invalidate_command_line();
}

static void test_get(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    g_autofree char *info = NULL;
    QSvNicVif a, b;

    sv_nic_vif_open(&a, nic, 0, NULL);
    sv_nic_vif_open(&b, nic, 1, NULL);
    sv_nic_fault_expect(nic, "fault-doorbell-delay", "off");
    sv_nic_fault_set(nic, "fault-doorbell-delay", "vif=0");
    sv_nic_fault_expect(nic, "fault-doorbell-delay", "vif=0:us=1000");
    sv_nic_fault_set(nic, "fault-doorbell-delay", "us=5:next=3");
    sv_nic_fault_expect(nic, "fault-doorbell-delay", "next=3:us=5");
    sv_nic_db_write(&a, SVNIC_DB_SEND, 1);
    sv_nic_fault_expect(nic, "fault-doorbell-delay", "next=2:us=5");
    info = qtest_hmp(sv_nic_qts(nic), "info sv-nic");
    assert_words(info, "faults:|fault doorbell-delay, "
                 "set next=2:us=5, struck 1");
    sv_nic_db_write(&b, SVNIC_DB_SEND, 1);
    sv_nic_db_write(&b, SVNIC_DB_SEND, 1);
    sv_nic_fault_expect(nic, "fault-doorbell-delay", "off");
    g_assert_cmpuint(sv_nic_fault_struck(nic, "doorbell-delay"), ==, 3);
    sv_nic_fault_set(nic, "fault-doorbell-delay", "one-in=2");
    sv_nic_fault_set(nic, "fault-doorbell-delay", "off");
    sv_nic_fault_expect(nic, "fault-doorbell-delay", "off");
}

/* How many of 200 doorbells are lost, one in 4, with the same seed. */
static void test_seed(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicVif a;
    uint64_t lost[3], before;
    uint32_t i, n;

    sv_nic_vif_open(&a, nic, 0, NULL);
    for (i = 0; i < 3; i++) {
        qtest_qmp_assert_success(sv_nic_qts(nic), "{ 'execute': 'qom-set', "
                                 "'arguments': { 'path': '" CARD "', "
                                 "'property': 'fault-seed', 'value': %d } }",
                                 i == 2 ? 99 : 5);
        sv_nic_fault_set(nic, "fault-doorbell-lose", "one-in=4");
        before = sv_nic_fault_struck(nic, "doorbell-lose");
        for (n = 0; n < 200; n++) {
            sv_nic_db_write(&a, SVNIC_DB_SEND, 1);
        }
        lost[i] = sv_nic_fault_struck(nic, "doorbell-lose") - before;
        g_assert_cmpuint(lost[i], >, 25);
        g_assert_cmpuint(lost[i], <, 75);
    }
    g_assert_cmpuint(lost[0], ==, lost[1]);
}

/* A reset ends neither the setting, nor the count, nor "next". */
static void test_reset(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicVif a, b;

    sv_nic_vif_open(&a, nic, 0, NULL);
    sv_nic_fault_set(nic, "fault-doorbell-lose", "next=2:vif=0");
    sv_nic_db_write(&a, SVNIC_DB_SEND, 1);
    qtest_system_reset(sv_nic_qts(nic));
    sv_nic_restart(nic);
    sv_nic_fault_expect(nic, "fault-doorbell-lose", "next=1:vif=0");
    g_assert_cmpuint(sv_nic_fault_struck(nic, "doorbell-lose"), ==, 1);
    sv_nic_vif_open(&a, nic, 0, NULL);
    sv_nic_vif_open(&b, nic, 1, NULL);
    sv_nic_db_write(&a, SVNIC_DB_SEND, 1);
    g_assert_cmpuint(sv_nic_fault_struck(nic, "doorbell-lose"), ==, 2);
    sv_nic_traffic_pass(&a, &b, 1);
}

/* ---- doorbells, interrupts ---- */

/* Queues a frame from @from to @to and rings; it has not arrived. */
static void ring_without_effect(QSvNicVif *from, QSvNicVif *to, uint32_t seed)
{
    sv_nic_traffic_queue(from, to->mac, seed, 1);
    g_assert_true(sv_nic_publish(from));
    sv_nic_wait_idle(from->nic);
    g_assert_cmpuint(sv_nic_page(to, recv_prod.index), ==,
                     to->ring.recv_cons);
}

static void test_doorbell(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicVif vif[3];

    sv_nic_fault_open(nic, vif);
    sv_nic_fault_set(nic, "fault-doorbell-lose", "vif=0:next=1");
    sv_nic_traffic_pass(&vif[2], &vif[1], 3);
    ring_without_effect(&vif[0], &vif[1], 4);
    sv_nic_db_write(&vif[0], SVNIC_DB_SEND, 1);
    sv_nic_fault_frame(&vif[0], &vif[1], 4);
    sv_nic_wait_idle(nic);

    sv_nic_fault_set(nic, "fault-doorbell-delay", "vif=0:next=1:us=5000000");
    ring_without_effect(&vif[0], &vif[1], 5);
    sv_nic_traffic_pass(&vif[2], &vif[1], 6);
    sv_nic_fault_time(nic, 5000000);
    sv_nic_fault_frame(&vif[0], &vif[1], 5);
    sv_nic_wait_idle(nic);

    sv_nic_fault_set(nic, "fault-doorbell-duplicate",
                     "vif=0:next=1:us=5000000");
    sv_nic_traffic_pass(&vif[0], &vif[1], 7);
    sv_nic_fault_time(nic, 5000000);
    sv_nic_traffic_pass(&vif[0], &vif[2], 8);
    g_assert_cmpuint(sv_nic_fault_struck(nic, "doorbell-lose"), ==, 1);
    g_assert_cmpuint(sv_nic_fault_struck(nic, "doorbell-delay"), ==, 1);
    g_assert_cmpuint(sv_nic_fault_struck(nic, "doorbell-duplicate"), ==, 1);
}

/* A frame for @to, which asks for a signal. */
static void arm_and_receive(QSvNicVif *from, QSvNicVif *to, uint32_t seed)
{
    svnic_signals_clear(&to->ring, SVNIC_SIGNAL_ALL);
    svnic_recv_arm(&to->ring);
    sv_nic_traffic_pass(from, to, seed);
    sv_nic_wait_idle(from->nic);
}

static void test_interrupt(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicVif vif[3];
    g_autofree char *lose = NULL;

    sv_nic_msix_enable(nic);
    sv_nic_fault_open(nic, vif);
    sv_nic_db_write(&vif[1], SVNIC_DB_SIGNAL_MASK_CLEAR,
                    SVNIC_SIGNAL_RECV_WORK);
    sv_nic_db_write(&vif[2], SVNIC_DB_SIGNAL_MASK_CLEAR,
                    SVNIC_SIGNAL_RECV_WORK);
    sv_nic_wait_idle(nic);
    sv_nic_vector_take(nic, vif[1].vector);
    sv_nic_vector_take(nic, vif[2].vector);

    lose = g_strdup_printf("vector=%u:next=1", vif[1].vector);
    sv_nic_fault_set(nic, "fault-interrupt-lose", lose);
    arm_and_receive(&vif[0], &vif[2], 3);
    g_assert_true(sv_nic_vector_take(nic, vif[2].vector));
    arm_and_receive(&vif[0], &vif[1], 4);
    g_assert_false(sv_nic_vector_take(nic, vif[1].vector));
    g_assert_cmphex(svnic_signals(&vif[1].ring) & SVNIC_SIGNAL_RECV_WORK, !=,
                    0);
    arm_and_receive(&vif[0], &vif[1], 5);
    g_assert_true(sv_nic_vector_take(nic, vif[1].vector));

    sv_nic_fault_set(nic, "fault-interrupt-delay", "next=1:us=5000000");
    arm_and_receive(&vif[0], &vif[1], 6);
    g_assert_false(sv_nic_vector_take(nic, vif[1].vector));
    sv_nic_fault_time(nic, 5000000);
    g_assert_true(sv_nic_vector_take(nic, vif[1].vector));

    sv_nic_fault_set(nic, "fault-interrupt-duplicate", "next=1:us=5000000");
    arm_and_receive(&vif[0], &vif[1], 7);
    g_assert_true(sv_nic_vector_take(nic, vif[1].vector));
    sv_nic_fault_time(nic, 5000000);
    g_assert_true(sv_nic_vector_take(nic, vif[1].vector));
    arm_and_receive(&vif[0], &vif[1], 8);
    g_assert_true(sv_nic_vector_take(nic, vif[1].vector));
    sv_nic_fault_time(nic, 5000000);
    g_assert_false(sv_nic_vector_take(nic, vif[1].vector));
    g_assert_cmpuint(sv_nic_fault_struck(nic, "interrupt-lose"), ==, 1);
    g_assert_cmpuint(sv_nic_fault_struck(nic, "interrupt-delay"), ==, 1);
    g_assert_cmpuint(sv_nic_fault_struck(nic, "interrupt-duplicate"), ==, 1);
}

/* ---- commands, completions ---- */

static void test_command(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicVif vif[3];
    struct svnic_cmd cmd;
    uint32_t status;

    sv_nic_fault_open(nic, vif);
    sv_nic_fault_set(nic, "fault-command-fail", "opcode=1:next=1:status=77");
    sv_nic_cmd_init(&cmd, SVNIC_CMD_VIF_QUERY, 0);
    g_assert_cmpuint(sv_nic_cmd(nic, &cmd), ==, SVNIC_ST_OK);
    sv_nic_cmd_init(&cmd, 1, 0);
    g_assert_cmpuint(sv_nic_cmd(nic, &cmd), ==, 77);
    sv_nic_cmd_init(&cmd, 1, 0);
    g_assert_cmpuint(sv_nic_cmd(nic, &cmd), ==, SVNIC_ST_OK);

    sv_nic_fault_set(nic, "fault-command-silent", "next=1");
    status = sv_nic_fault_query(nic);
    g_assert_cmphex(sv_nic_sdram32(nic, status), ==, SVNIC_ST_PENDING);
    sv_nic_traffic_pass(&vif[0], &vif[1], 3);
    sv_nic_fault_set(nic, "fault-answer-lose", "next=1");
    status = sv_nic_fault_query(nic);
    g_assert_cmphex(sv_nic_sdram32(nic, status), ==, SVNIC_ST_PENDING);
    sv_nic_traffic_pass(&vif[0], &vif[1], 4);

    sv_nic_fault_set(nic, "fault-answer-delay", "next=1:us=5000000");
    status = sv_nic_fault_query(nic);
    g_assert_cmphex(sv_nic_sdram32(nic, status), ==, SVNIC_ST_PENDING);
    sv_nic_fault_time(nic, 5000000);
    g_assert_cmphex(sv_nic_sdram32(nic, status), ==, SVNIC_ST_OK);
    sv_nic_pci_csr_write(nic, SVNIC_PCI_CSR_PCI_DOORBELL,
                         SVNIC_PCI_DB_COMMAND_DONE);

    sv_nic_fault_set(nic, "fault-answer-duplicate", "next=1:us=5000000");
    sv_nic_cmd_init(&cmd, SVNIC_CMD_QUERY, 0);
    g_assert_cmpuint(sv_nic_cmd(nic, &cmd), ==, SVNIC_ST_OK);
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL), ==, 0);
    sv_nic_fault_time(nic, 5000000);
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_PCI_DOORBELL), ==,
                    SVNIC_PCI_DB_COMMAND_DONE);
    g_assert_cmpuint(sv_nic_fault_struck(nic, "command-fail"), ==, 1);
    g_assert_cmpuint(sv_nic_fault_struck(nic, "command-silent"), ==, 1);
    g_assert_cmpuint(sv_nic_fault_struck(nic, "answer-lose"), ==, 1);
    g_assert_cmpuint(sv_nic_fault_struck(nic, "answer-delay"), ==, 1);
    g_assert_cmpuint(sv_nic_fault_struck(nic, "answer-duplicate"), ==, 1);
}

static void test_completion(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicVif vif[3];
    uint32_t cons;

    sv_nic_fault_open(nic, vif);
    cons = sv_nic_page(&vif[0], send_cons.index);
    sv_nic_fault_set(nic, "fault-completion-lose", "vif=0:next=1");
    sv_nic_traffic_pass(&vif[0], &vif[1], 3);
    sv_nic_wait_idle(nic);
    g_assert_cmpuint(sv_nic_page(&vif[0], send_cons.index), ==, cons);
    sv_nic_traffic_pass(&vif[0], &vif[1], 4);
    sv_nic_send_drain(&vif[0]);
    g_assert_cmpuint(sv_nic_page(&vif[0], send_cons.index), ==, cons + 2);
    sv_nic_wait_idle(nic);

    sv_nic_fault_set(nic, "fault-completion-delay", "vif=0:next=1:us=5000000");
    sv_nic_traffic_pass(&vif[0], &vif[1], 5);
    sv_nic_wait_idle(nic);
    g_assert_cmpuint(sv_nic_page(&vif[0], send_cons.index), ==, cons + 2);
    sv_nic_traffic_pass(&vif[1], &vif[0], 6);
    sv_nic_send_drain(&vif[1]);
    svnic_signals_clear(&vif[0].ring, SVNIC_SIGNAL_ALL);
    sv_nic_fault_time(nic, 5000000);
    g_assert_cmpuint(sv_nic_page(&vif[0], send_cons.index), ==, cons + 3);
    sv_nic_signal_wait(&vif[0], SVNIC_SIGNAL_SEND_DONE);

    sv_nic_fault_set(nic, "fault-completion-duplicate", "vif=0:next=1");
    sv_nic_traffic_pass(&vif[0], &vif[1], 7);
    sv_nic_signal_wait(&vif[0], SVNIC_SIGNAL_SEND_DONE);
    g_assert_cmpuint(sv_nic_fault_struck(nic, "completion-lose"), ==, 1);
    g_assert_cmpuint(sv_nic_fault_struck(nic, "completion-delay"), ==, 1);
    g_assert_cmpuint(sv_nic_fault_struck(nic, "completion-duplicate"), ==, 1);
}

static void register_sv_nic_fault_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
        const char *variants;
        const char *opts;
    } tests[] = {
        { "bad-values-are-refused", test_bad_values, "0" },
        { "set-at-start", test_at_start, "0" },
        { "reads-back-and-counts", test_get, "01" },
        { "same-seed-same-sequence", test_seed, "0" },
        { "survives-reset", test_reset, "01" },
        { "doorbells", test_doorbell, "012" },
        { "interrupts", test_interrupt, "012", "msix=on" },
        { "commands-and-answers", test_command, "01" },
        { "completions", test_completion, "012" },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("fault", tests[i].name, tests[i].fn,
                        tests[i].variants, tests[i].opts, NULL, NULL);
    }
}

libqos_init(register_sv_nic_fault_tests);
