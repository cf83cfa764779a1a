/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: properties and their errors, counters, monitor commands, the
 * migration blocker, and the steps of an idle card.
 *
 * docs/system/devices/sv-nic.rst has the properties.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/pci-pc.h"
#include "libqos/malloc-pc.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-frame.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "qemu/bswap.h"
#include "qemu/module.h"

/* Invalid values, and words that the error message must contain. */
static const struct {
    const char *property;
    const char *value;
    const char *words;          /* separated by "|" */
} bad_values[] = {
    { "vifs", "0", "vifs|1|256" },
    { "vifs", "257", "vifs=257|1|256" },
    { "vifs", "4294967295", "vifs|1|256" },
    { "vifs", "many", "vifs" },
    { "sdram-size", "0", "sdram-size|16M|1G" },
    { "sdram-size", "8M", "sdram-size|16M|1G" },
    { "sdram-size", "48M", "sdram-size|power of two" },
    { "sdram-size", "16777217", "sdram-size|power of two" },
    { "sdram-size", "2G", "sdram-size|16M|1G" },
    { "sdram-size", "16E", "sdram-size" },
    { "microengines", "0", "microengines=0|1|8" },
    { "microengines", "9", "microengines=9|1|8" },
    { "contexts", "0", "contexts=0|1|8" },
    { "contexts", "9", "contexts=9|1|8" },
    { "workers", "9", "workers=9|0|8" },
    { "assist", "65", "assist=65|0|64" },
    { "poll-max-ns", "1000001", "poll-max-ns=1000001|0|1000000" },
    { "irq-bits", "7", "irq-bits=7|8|16" },
    { "irq-bits", "17", "irq-bits=17|8|16" },
    { "irq-bits", "0", "irq-bits=0|8|16" },
    { "scratch-size", "2K", "scratch-size=2K|4K|64K" },
    { "scratch-size", "20K", "scratch-size|power of two" },
    { "scratch-size", "128K", "scratch-size|64K" },
    { "sram-size", "512K", "sram-size|1M|64M" },
    { "sram-size", "128M", "sram-size|1M|64M" },
    { "ring-full-room", "0", "ring-full-room=0|1|127" },
    { "ring-full-room", "128", "ring-full-room=128|1|127" },
    { "scratch-rings", "0", "scratch-rings=0|1|16" },
    { "scratch-rings", "17", "scratch-rings=17|1|16" },
    { "scratch-rings", "7", "scratch-rings=7|microengines=8|at least 8" },
    { "sram-channels", "0", "sram-channels=0|1|2" },
    { "sram-channels", "3", "sram-channels=3|1|2" },
    { "sram-queues", "0", "sram-queues=0|1|256" },
    { "sram-queues", "257", "sram-queues=257|1|256" },
    { "pci-csr-size", "2K", "pci-csr-size=2K|4K|1M" },
    { "pci-csr-size", "2M", "pci-csr-size|4K|1M" },
    { "pci-csr-size", "96K", "pci-csr-size|power of two" },
    { "timestamp-cycles", "0", "timestamp-cycles=0|1|1024" },
    { "timestamp-cycles", "1025", "timestamp-cycles=1025|1|1024" },
    { "chip-revision", "256", "chip-revision=256|0|255" },
    { "bridge-revision", "256", "bridge-revision=256|0|255" },
    { "dma-chain-max", "0", "dma-chain-max=0|1|65536" },
    { "dma-chain-max", "65537", "dma-chain-max=65537|1|65536" },
    { "msf-element", "32", "msf-element=32|64|256" },
    { "msf-element", "96", "msf-element=96|power of two" },
    { "msf-element", "512", "msf-element=512|64|256" },
    { "port-fifo-size", "256K", "port-fifo-size=256K|512K|8M" },
    { "port-fifo-size", "3M", "port-fifo-size|power of two" },
    { "port-fifo-size", "16M", "port-fifo-size|8M" },
    { "port-watchdog", "60001", "port-watchdog=60001|0|60000" },
    { "latency-sram", "10001", "latency-sram=10001|0|10000" },
    { "latency-dram", "-1", "latency-dram" },
    { "me-mhz", "99", "me-mhz=99|100|1400" },
    { "me-mhz", "1401", "me-mhz=1401|100|1400" },
    { "msix", "perhaps", "msix" },
    { "mac", "01:00:5e:00:00:01", "mac|multicast" },
    { "mac1", "ff:ff:ff:ff:ff:ff", "mac1|multicast" },
    { "mac2", "here", "mac2" },
    { "netdev", "nowhere", "netdev|nowhere" },
    { "netdev2", "nowhere", "netdev2|nowhere" },
    { "no-such-thing", "1", "no-such-thing" },
};

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

static void test_bad_values(void *obj, void *data, QGuestAllocator *alloc)
{
    QTestState *qts = sv_nic_qts(obj);
    size_t i;

    for (i = 0; i < ARRAY_SIZE(bad_values); i++) {
        g_autofree char *line =
            g_strdup_printf("device_add sv-nic,id=new,addr=10,%s=%s",
                            bad_values[i].property, bad_values[i].value);
        g_autofree char *answer = qtest_hmp(qts, "%s", line);

        g_assert_true(g_str_has_prefix(answer, "Error: "));
        assert_words(answer, bad_values[i].words);
    }
    /* no failed device is left: the slot and the id are free */
    qtest_qmp_device_add(qts, "sv-nic", "new", "{ 'addr': '10' }");
    qos_invalidate_command_line();
}

/* Too little memory for the VIFs: the error has the required size. */
static void test_too_many_vifs(void *obj, void *data, QGuestAllocator *alloc)
{
    g_autofree char *answer =
        qtest_hmp(sv_nic_qts(obj), "device_add "
                  "sv-nic,id=new,addr=10,vifs=256,sdram-size=32M");

    g_assert_true(g_str_has_prefix(answer, "Error: "));
    assert_words(answer, "sdram-size|vifs=256|128M");
}

/* On the command line: QEMU exits with an error message. */
static void test_does_not_start(void *obj, void *data, QGuestAllocator *alloc)
{
    size_t i;

    for (i = 0; i < ARRAY_SIZE(bad_values); i += 5) {
        g_autofree char *device = g_strdup_printf("sv-nic,%s=%s",
                                                  bad_values[i].property,
                                                  bad_values[i].value);
        const char *argv[] = {
            getenv("QTEST_QEMU_BINARY"), "-machine", "pc", "-accel", "qtest",
            "-nodefaults", "-display", "none", "-device", device, NULL,
        };
        g_autofree char *message = NULL;
        g_autoptr(GError) error = NULL;
        int status;

        g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL,
                                   G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
                                   NULL, &message, &status, &error));
        g_assert_true(WIFEXITED(status));
        g_assert_cmpint(WEXITSTATUS(status), ==, 1);
        assert_words(message, bad_values[i].words);
    }
}

/* Netdevs (n0 to n2) that are given twice, and the error message. */
static const struct {
    const char *options;
    const char *message;
} used_netdevs[] = {
    { "netdev=n0,netdev1=n0", "netdev1: n0 is in use" },
    { "netdev=n0,netdev2=n0", "netdev2: n0 is in use" },
    { "netdev1=n1,netdev2=n1", "netdev2: n1 is in use" },
    { "netdev=n0,netdev1=n1,netdev2=n0", "netdev2: n0 is in use" },
    { "netdev=n2,netdev1=n2,netdev2=n2", "netdev1: n2 is in use" },
};

/* One line of error message, and QEMU has not started. */
static void expect_no_start(const char *options, const char *message)
{
    g_autofree char *device = g_strdup_printf("sv-nic,%s", options);
    g_autofree char *error = NULL;
    g_autofree char *expected = NULL;
    const char *argv[] = {
        getenv("QTEST_QEMU_BINARY"), "-machine", "pc", "-accel", "qtest",
        "-nodefaults", "-display", "none", "-netdev", "hubport,id=n0,hubid=0",
        "-netdev", "hubport,id=n1,hubid=1", "-netdev",
        "hubport,id=n2,hubid=2", "-device", device, NULL,
    };
    int status;

    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL,
                               G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
                               &error, &status, NULL));
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 1);
    expected = g_strdup_printf(": -device %s: %s\n", device, message);
    g_assert_true(g_str_has_suffix(error, expected));
    g_assert_true(strchr(error, '\n') == error + strlen(error) - 1);
}

/* A netdev can have only one port of one card; errors have no side effects. */
static void test_netdev_in_use(void *obj, void *data, QGuestAllocator *alloc)
{
    QTestState *qts = sv_nic_qts(obj);
    g_autofree char *answer = NULL;
    size_t i;

    for (i = 0; i < 3; i++) {
        g_autofree char *id = g_strdup_printf("n%zu", i);

        qtest_qmp_assert_success(qts, "{ 'execute': 'netdev_add', "
                                 "'arguments': { 'type': 'hubport', 'id': %s, "
                                 "'hubid': %d } }", id, (int)i);
    }
    for (i = 0; i < ARRAY_SIZE(used_netdevs); i++) {
        g_autofree char *line =
            g_strdup_printf("device_add sv-nic,id=new,addr=10,%s",
                            used_netdevs[i].options);
        g_autofree char *expected = g_strdup_printf("Error: %s\r\n",
                                                    used_netdevs[i].message);
        g_autofree char *said = qtest_hmp(qts, "%s", line);

        g_assert_cmpstr(said, ==, expected);
        expect_no_start(used_netdevs[i].options, used_netdevs[i].message);
    }
    /* slot, id and netdevs are free: works with one netdev for each port */
    qtest_qmp_device_add(qts, "sv-nic", "new", "{ 'addr': '10', "
                         "'netdev': 'n0', 'netdev1': 'n1' }");
    answer = qtest_hmp(qts, "device_add sv-nic,id=other,addr=11,netdev=n2,"
                       "netdev2=n1");
    assert_words(answer, "Error: |netdev2|n1|in use");
    g_free(answer);
    answer = qtest_hmp(qts, "device_add sv-nic,id=other,addr=11,netdev=n2");
    g_assert_cmpstr(answer, ==, "");
    qos_invalidate_command_line();
}

/* The extremes of each range work. */
static void test_extremes(void *obj, void *data, QGuestAllocator *alloc)
{
    static const char *const opts[] = {
        "vifs=1,sdram-size=16M,microengines=1,contexts=1,workers=1",
        "vifs=256,sdram-size=128M,microengines=8,contexts=8,workers=8",
        "vifs=256,microengines=1,contexts=1,workers=8,msix=on,assist=64",
        "vifs=2,microengines=1,contexts=8,workers=3,poll-max-ns=1000000",
        "vifs=2,microengines=8,contexts=1,workers=0,assist=0",
        "vifs=2,microengines=1,scratch-rings=1,sram-queues=256,"
        "pci-csr-size=4K,timestamp-cycles=1024,chip-revision=255",
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(opts); i++) {
        QTestState *qts = qtest_initf("-machine pc -nodefaults -device "
                                      "sv-nic,id=" SV_NIC_ID ",addr=4,%s",
                                      opts[i]);
        QGuestAllocator pc_alloc;
        QPCIBus *bus = qpci_new_pc(qts, &pc_alloc);
        QSvNicVif first, last;
        uint8_t bytes[100];
        struct svnic_cmd cmd;
        uint32_t id;
        QSvNic nic;

        pc_alloc_init(&pc_alloc, qts, ALLOC_NO_FLAGS);
        sv_nic_init(&nic, bus, &pc_alloc, QPCI_DEVFN(4, 0));
        sv_nic_start(&nic);
        sv_nic_cmd_init(&cmd, SVNIC_CMD_QUERY, 0);
        g_assert_cmphex(sv_nic_cmd(&nic, &cmd), ==, SVNIC_ST_OK);
        id = le32_to_cpu(cmd.u.card.vifs) - 1;
        sv_nic_vif_open(&last, &nic, id, NULL);
        if (id) {
            sv_nic_vif_open(&first, &nic, 0, NULL);
            sv_nic_frame_fill(bytes, sizeof(bytes), last.mac, first.mac, i);
            sv_nic_send(&first, NULL, bytes, sizeof(bytes));
            sv_nic_expect(&last, NULL, bytes, sizeof(bytes));
        }
        alloc_destroy(&pc_alloc);
        qpci_free_pc(bus);
        qtest_quit(qts);
    }
}

static bool has_property(QDict *answer, const char *name)
{
    QListEntry *entry;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(answer, "return"), entry) {
        QDict *p = qobject_to(QDict, qlist_entry_obj(entry));

        if (g_str_equal(qdict_get_str(p, "name"), name)) {
            return true;
        }
    }
    return false;
}

/* Every property of the device has a description that help shows. */
static void test_described(void *obj, void *data, QGuestAllocator *alloc)
{
    static const char *const for_tests[] = {
        "secondary-cycle", "worker-cycles", "s-inta", "idle",
        "late-accesses", NULL,
    };
    QTestState *qts = sv_nic_qts(obj);
    QDict *any = qtest_qmp(qts, "{ 'execute': 'qom-list-properties', "
                           "'arguments': { 'typename': 'pci-device' } }");
    QDict *ours = qtest_qmp(qts, "{ 'execute': 'device-list-properties', "
                            "'arguments': { 'typename': 'sv-nic' } }");
    QListEntry *entry;
    unsigned n = 0;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(ours, "return"), entry) {
        QDict *p = qobject_to(QDict, qlist_entry_obj(entry));
        const char *name = qdict_get_str(p, "name");
        const char *text = qdict_get_try_str(p, "description");

        if (has_property(any, name) || g_strv_contains(for_tests, name)) {
            continue;
        }
        if (!text || strlen(text) <= 10) {
            g_error("property %s is not described", name);
        }
        n++;
    }
    g_assert_cmpuint(n, >=, 12);
    qobject_unref(any);
    qobject_unref(ours);
}

static void test_qtree(void *obj, void *data, QGuestAllocator *alloc)
{
    g_autofree char *qtree = qtest_hmp(sv_nic_qts(obj), "info qtree");
    g_autofree char *pci = qtest_hmp(sv_nic_qts(obj), "info pci");
    g_autofree char *network = qtest_hmp(sv_nic_qts(obj), "info network");

    assert_words(qtree, "dev: sv-nic, id \"card\"|vifs = 64|workers = 0|"
                 "sdram-size = 268435456|pci id 8086:b555 (sub 1331:0030)");
    assert_words(pci, "8086:b555");
    assert_words(network, "model=sv-nic");
}

/* Each counter of each object can be read. */
static void test_counters(void *obj, void *data, QGuestAllocator *alloc)
{
    static const struct {
        const char *of;
        unsigned n;
    } things[] = {
        { "vif", 5 }, { "port", 3 }, { "me", 2 }, { "worker", 2 },
    };
    QTestState *qts = sv_nic_qts(obj);
    size_t i;
    unsigned n;

    for (i = 0; i < ARRAY_SIZE(things); i++) {
        for (n = 0; n < things[i].n; n++) {
            g_autofree char *path =
                g_strdup_printf("/machine/peripheral/" SV_NIC_ID "/%s[%u]",
                                things[i].of, n);
            QDict *answer = qtest_qmp(qts, "{ 'execute': 'qom-list', "
                                      "'arguments': { 'path': %s } }", path);
            QListEntry *entry;
            unsigned counters = 0;

            g_assert_true(qdict_haskey(answer, "return"));
            QLIST_FOREACH_ENTRY(qdict_get_qlist(answer, "return"), entry) {
                QDict *p = qobject_to(QDict, qlist_entry_obj(entry));

                if (g_str_equal(qdict_get_str(p, "type"), "uint64")) {
                    qtest_qmp_assert_success(qts, "{ 'execute': 'qom-get', "
                        "'arguments': { 'path': %s, 'property': %s } }",
                        path, qdict_get_str(p, "name"));
                    counters++;
                }
            }
            g_assert_cmpuint(counters, >, 1);
            qobject_unref(answer);
        }
    }
}

/*
 * Migration
 */

static char *migrate_error(QTestState *qts)
{
    QDict *answer = qtest_qmp(qts, "{ 'execute': 'migrate', 'arguments': "
                              "{ 'uri': 'exec:cat >/dev/null' } }");
    char *text = NULL;

    if (qdict_haskey(answer, "error")) {
        text = g_strdup(qdict_get_str(qdict_get_qdict(answer, "error"),
                                      "desc"));
    }
    qobject_unref(answer);
    return text;
}

static bool migrated(QTestState *qts)
{
    QDict *answer = qtest_qmp(qts, "{ 'execute': 'query-migrate' }");
    const char *status = qdict_get_str(qdict_get_qdict(answer, "return"),
                                       "status");
    bool done = g_str_equal(status, "completed");

    g_assert_false(g_str_equal(status, "failed"));
    qobject_unref(answer);
    return done;
}

static void test_migration(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QTestState *qts = sv_nic_qts(nic);
    g_autofree char *text = migrate_error(qts);
    g_autofree char *savevm = qtest_hmp(qts, "savevm now");
    char *later;

    g_assert_nonnull(text);
    assert_words(text, "sv-nic|card|migrated|device_del");
    assert_words(savevm, "Error|sv-nic|snapshot");
    /* migration was refused, the machine is still running */
    qtest_qmp_assert_success(qts, "{ 'execute': 'query-status' }");
    sv_nic_wait_firmware(nic);

    /* and the message has the remedy */
    qpci_unplug_acpi_device_test(qts, SV_NIC_ID, nic->pci_dev.devfn >> 3);
    later = migrate_error(qts);
    g_assert_null(later);
    sv_nic_wait(qts, migrated(qts));
    qos_invalidate_command_line();
}

/*
 * Idle
 */

/* Sum of the counters with @suffix of all objects with name @things. */
static uint64_t sum(QSvNic *nic, const char *of, unsigned things,
                    const char *suffix)
{
    uint64_t total = 0;
    unsigned counters = 0;
    unsigned n;

    for (n = 0; n < things; n++) {
        g_autofree char *thing = g_strdup_printf("%s[%u]", of, n);

        total += sv_nic_counters(nic, thing, suffix, &counters);
    }
    g_assert_cmpuint(counters, >, 0);
    return total;
}

/* An idle card runs no step. */
static void test_idle(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QTestState *qts = sv_nic_qts(nic);
    uint64_t steps, settled;
    uint8_t bytes[100];
    QSvNicVif a, b;
    int i;

    sv_nic_vif_open(&a, nic, 0, NULL);
    sv_nic_vif_open(&b, nic, 1, NULL);
    sv_nic_frame_fill(bytes, sizeof(bytes), b.mac, a.mac, 1);
    sv_nic_send(&a, NULL, bytes, sizeof(bytes));
    sv_nic_expect(&b, NULL, bytes, sizeof(bytes));
    g_assert_cmpuint(sum(nic, "me", 8, "-steps"), >, 0);
    sv_nic_wait(qts, (settled = sum(nic, "me", 8, "-steps"),
                      settled == sum(nic, "me", 8, "-steps")));
    settled = sum(nic, "me", 8, "-steps");
    for (i = 0; i < 20; i++) {
        qtest_clock_step(qts, 1000 * 1000 * 1000);
        steps = sum(nic, "me", 8, "-steps");
        g_assert_cmpuint(steps, ==, settled);
    }
}

static void register_sv_nic_props_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
        const char *variants;
    } tests[] = {
        { "bad-values-are-refused-with-their-range", test_bad_values, "0" },
        { "too-many-vifs-for-the-memory", test_too_many_vifs, "0" },
        { "qemu-does-not-start-with-bad-values", test_does_not_start, "0" },
        { "netdev-can-have-one-port", test_netdev_in_use, "0" },
        { "extremes-of-each-range-work", test_extremes, "0" },
        { "properties-are-described", test_described, "0" },
        { "monitor-shows-the-card", test_qtree, "0" },
        { "counters-are-properties", test_counters, "2" },
        { "migration-is-refused-with-the-remedy", test_migration, "2" },
        { "idle-card-runs-no-step", test_idle, "012" },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("props", tests[i].name, tests[i].fn,
                        tests[i].variants, NULL, NULL, NULL);
    }
}

libqos_init(register_sv_nic_props_tests);
