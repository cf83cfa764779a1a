/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: what "info sv-nic" and the property "state" say of a card is what was
 * done to it.
 *
 * Section "Looking inside" of docs/system/devices/sv-nic.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-frame.h"
#include "libqos/sv-nic-port.h"
#include "qemu/bswap.h"
#include "qemu/module.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "qobject/qnum.h"

#define LENGTH          3000    /* two slots */
#define FRAMES          5
#define TAKEN           3       /* of these, by the receiver */

static QDict *state_of(QSvNic *nic)
{
    QDict *answer = qtest_qmp(sv_nic_qts(nic), "{ 'execute': 'qom-get', "
                              "'arguments': { 'path': '/machine/peripheral/"
                              SV_NIC_ID "', 'property': 'state' } }");
    QDict *state = qdict_get_qdict(answer, "return");

    g_assert_nonnull(state);
    qobject_ref(state);
    qobject_unref(answer);
    return state;
}

static uint64_t number(const QDict *group, const char *name)
{
    return qnum_get_uint(qobject_to(QNum, qdict_get(group, name)));
}

/* The group of @list of which @name is @value. */
static QDict *find(QDict *of, const char *list, const char *name,
                   uint64_t value)
{
    QListEntry *entry;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(of, list), entry) {
        QDict *group = qobject_to(QDict, qlist_entry_obj(entry));

        if (number(group, name) == value) {
            return group;
        }
    }
    return NULL;
}

static void check_vif(QDict *program, QSvNicVif *vif, const char *state,
                      const char *error)
{
    QDict *v = find(program, "vifs", "id", vif->id);
    QDict *place = find(program, "forwarding", "vif", vif->id);
    g_autofree char *mac =
        g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", vif->mac[0],
                        vif->mac[1], vif->mac[2], vif->mac[3], vif->mac[4],
                        vif->mac[5]);

    g_assert_nonnull(v);
    g_assert_cmpstr(qdict_get_str(v, "state"), ==, state);
    g_assert_cmpstr(qdict_get_str(v, "error"), ==, error);
    g_assert_cmpstr(qdict_get_str(v, "mac"), ==, mac);
    g_assert_cmpstr(qdict_get_str(v, "placement"), ==, "card");
    g_assert_cmpuint(number(v, "send-slots"), ==, vif->ring.send_slots);
    g_assert_cmpuint(number(v, "recv-slots"), ==, vif->ring.recv_slots);
    g_assert_cmpuint(number(v, "send-cons"), ==,
                     sv_nic_page(vif, send_cons.index));
    g_assert_cmpuint(number(v, "recv-prod"), ==,
                     sv_nic_page(vif, recv_prod.index));
    g_assert_nonnull(place);
    g_assert_cmpstr(qdict_get_str(place, "mac"), ==, mac);
    g_assert_cmpuint(number(place, "port"), ==, 0);
}

static void check_text(QSvNic *nic, QSvNicVif *a, QSvNicVif *bad,
                       uint32_t slots)
{
    g_autofree char *text = qtest_hmp(sv_nic_qts(nic), "info sv-nic");
    g_autofree char *named = qtest_hmp(sv_nic_qts(nic),
                                       "info sv-nic " SV_NIC_ID);
    g_autofree char *none = qtest_hmp(sv_nic_qts(nic), "info sv-nic other");
    g_autofree char *active =
        g_strdup_printf("id %u, state active, error none, link up", a->id);
    g_autofree char *stopped =
        g_strdup_printf("id %u, state stopped, error send-index", bad->id);
    g_autofree char *index =
        g_strdup_printf("send-prod %u, send-fetched %u, send-cons %u", slots,
                        slots, slots);
    g_autofree char *place =
        g_strdup_printf("mac %02x:%02x:%02x:%02x:%02x:%02x, port 0, vif %u",
                        a->mac[0], a->mac[1], a->mac[2], a->mac[3], a->mac[4],
                        a->mac[5], a->id);

    g_assert_cmpstr(text, ==, named);
    g_assert_nonnull(strstr(text, "/machine/peripheral/" SV_NIC_ID ":"));
    g_assert_nonnull(strstr(text, "firmware sv-nic"));
    g_assert_nonnull(strstr(text, active));
    g_assert_nonnull(strstr(text, stopped));
    g_assert_nonnull(strstr(text, index));
    g_assert_nonnull(strstr(text, place));
    g_assert_nonnull(strstr(text, "port 0, link up, plugged 1"));
    g_assert_nonnull(strstr(text, "ring 0, words 128, used 0"));
    g_assert_nonnull(strstr(none, "no sv-nic has the id 'other'"));
}

static void test_vifs(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicVif a, b, bad;
    uint8_t bytes[LENGTH];
    struct svnic_vif_attr mtu = {
        .mask = cpu_to_le32(SVNIC_ATTR_MTU),
        .mtu = cpu_to_le32(SVNIC_MAX_MTU),
    };
    const uint32_t slots = SVNIC_FRAME_SLOTS(LENGTH);
    QDict *state, *program, *v;
    uint32_t i;

    state = state_of(nic);
    program = qdict_get_qdict(state, "program");
    g_assert_true(qlist_empty(qdict_get_qlist(program, "vifs")));
    g_assert_true(qlist_empty(qdict_get_qlist(program, "forwarding")));
    qobject_unref(state);

    sv_nic_vif_open(&a, nic, 3, NULL);
    sv_nic_vif_open(&b, nic, 5, NULL);
    sv_nic_vif_open(&bad, nic, 6, NULL);
    sv_nic_vif_change(&a, &mtu);
    sv_nic_vif_change(&b, &mtu);
    for (i = 0; i < FRAMES; i++) {
        sv_nic_frame_fill(bytes, LENGTH, b.mac, a.mac, i);
        sv_nic_send(&a, NULL, bytes, LENGTH);
    }
    for (i = 0; i < TAKEN; i++) {
        sv_nic_frame_fill(bytes, LENGTH, b.mac, a.mac, i);
        sv_nic_expect(&b, NULL, bytes, LENGTH);
    }
    sv_nic_send_drain(&a);
    sv_nic_page_write(&bad, send_prod.index, bad.ring.send_slots + 1);
    sv_nic_db_write(&bad, SVNIC_DB_SEND, 1);
    sv_nic_wait(sv_nic_qts(nic),
                sv_nic_page(&bad, state) == SVNIC_VIF_STOPPED);
    sv_nic_wait_idle(nic);

    state = state_of(nic);
    program = qdict_get_qdict(state, "program");
    g_assert_cmpuint(number(program, "vifs-used"), ==, 3);
    check_vif(program, &a, "active", "none");
    check_vif(program, &b, "active", "none");
    check_vif(program, &bad, "stopped", "send-index");
    v = find(program, "vifs", "id", a.id);
    g_assert_cmpuint(number(v, "send-cons"), ==, FRAMES * slots);
    v = find(program, "vifs", "id", b.id);
    g_assert_cmpuint(number(v, "recv-prod"), ==, FRAMES * slots);
    g_assert_cmpuint(number(v, "recv-cons"), <=, FRAMES * slots);
    check_text(nic, &a, &bad, FRAMES * slots);
    qobject_unref(state);

    /* what is gone is not shown any more */
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_DEACTIVATE, b.id, 0,
                                   NULL, NULL), ==, SVNIC_ST_OK);
    state = state_of(nic);
    program = qdict_get_qdict(state, "program");
    g_assert_null(find(program, "forwarding", "vif", b.id));
    v = find(program, "vifs", "id", b.id);
    g_assert_cmpstr(qdict_get_str(v, "state"), ==, "inactive");
    qobject_unref(state);
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_DESTROY, b.id, 0, NULL,
                                   NULL), ==, SVNIC_ST_OK);
    state = state_of(nic);
    program = qdict_get_qdict(state, "program");
    g_assert_null(find(program, "vifs", "id", b.id));
    qobject_unref(state);
}

/* The board's own: workers, windows where the guest has put them, a port. */
static void test_board(void *obj, void *data, QGuestAllocator *alloc)
{
    static const uint8_t outside[6] = { 0x02, 0xee, 0, 0, 0, 1 };
    QSvNic *nic = obj;
    const struct {
        uint64_t address;
        uint32_t base;
    } windows[] = {
        { nic->csr.addr, 0 },
        { nic->doorbell.addr, SVNIC_LOCAL_DOORBELL },
        { nic->pci_csr.addr, SVNIC_LOCAL_PCI_CSR },
        { nic->sdram.addr, SVNIC_LOCAL_SDRAM },
    };
    QDict *state = state_of(nic);
    uint8_t bytes[1400];
    QSvNicVif a;
    QDict *g;
    size_t i;

    g_assert_cmpuint(number(state, "running"), ==, 1);
    for (i = 0; i < ARRAY_SIZE(windows); i++) {
        g = find(state, "windows", "downstream", i);
        g_assert_cmphex(number(g, "address"), ==, windows[i].address);
        if (i) {
            g_assert_cmphex(number(g, "base"), ==, windows[i].base);
        }
    }
    g = find(state, "ports", "port", 0);
    g_assert_cmpuint(number(g, "blocked"), ==, 0);
    g_assert_cmpuint(number(g, "out-bytes"), ==, 0);
    g_assert_cmpuint(number(find(state, "ports", "port", 1), "plugged"), ==,
                     0);
    qobject_unref(state);

    /* a wire that is not read: frames stay in the FIFO */
    sv_nic_vif_open(&a, nic, 0, NULL);
    sv_nic_frame_fill(bytes, sizeof(bytes), outside, a.mac, 1);
    while (!sv_nic_counter(nic, "port[0]", "chip-out-waits")) {
        sv_nic_send(&a, NULL, bytes, sizeof(bytes));
        sv_nic_wait_idle(nic);
    }
    for (i = 0; i < 10; i++) {
        sv_nic_send(&a, NULL, bytes, sizeof(bytes));
    }
    sv_nic_wait_idle(nic);
    state = state_of(nic);
    g = find(state, "ports", "port", 0);
    g_assert_cmpuint(number(g, "blocked"), ==, 1);
    g_assert_cmpuint(number(g, "out-bytes"), >=, 10 * sizeof(bytes));
    qobject_unref(state);
}

/* A card that was unplugged is not shown. */
static void test_unplug(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QTestState *qts = sv_nic_qts(nic);
    g_autofree char *text = NULL;

    qobject_unref(state_of(nic));
    qpci_unplug_acpi_device_test(qts, SV_NIC_ID, nic->pci_dev.devfn >> 3);
    text = qtest_hmp(qts, "info sv-nic");
    g_assert_nonnull(strstr(text, "No sv-nic"));
    qos_invalidate_command_line();
}

static void register_sv_nic_info_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
        const char *opts;
        QOSBeforeTest before;
    } tests[] = {
        { "vifs-queues-and-forwarding-are-shown", test_vifs, "netdev=wire0",
          sv_nic_wires_before },
        { "windows-workers-and-ports-are-shown", test_board, "netdev=wire0",
          sv_nic_wires_before },
        { "nothing-is-shown-behind-unplug", test_unplug },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("info", tests[i].name, tests[i].fn, "02",
                        tests[i].opts, tests[i].before, NULL);
    }
}

libqos_init(register_sv_nic_info_tests);
