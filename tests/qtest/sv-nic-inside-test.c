/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: trace, monitor and counters, and the CPU time that an idle card costs
 * the host.
 *
 * Sections "Looking inside" and "Threads" of docs/system/devices/sv-nic.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/pci-pc.h"
#include "libqos/malloc-pc.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-frame.h"
#include "libqos/sv-nic-port.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "qobject/qstring.h"
#include "qemu/bswap.h"
#include "qemu/module.h"

#define LENGTH 200

static const uint8_t outside[6] = { 0x02, 0xee, 0, 0, 0, 1 };

/*
 * A separate machine with only the card, port 0 connected to a wire: a display
 * would cause work.
 */
typedef struct Own {
    QTestState *qts;
    QGuestAllocator alloc;
    QPCIBus *bus;
    QSvNicWire wire;
    QSvNic nic;
} Own;

static void own_start(Own *own, const char *opts, const char *card)
{
    int pair[2];

    memset(own, 0, sizeof(*own));
    g_assert_cmpint(socketpair(PF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
    g_assert_true(g_unix_set_fd_nonblocking(pair[0], true, NULL));
    qemu_set_cloexec(pair[0]);
    own->wire.fd = pair[0];
    own->wire.qemu_fd = pair[1];
    own->qts = qtest_initf("-machine pc -nodefaults %s -netdev socket,fd=%d,"
                           "id=wire -device sv-nic,id=" SV_NIC_ID ",addr=4,"
                           "netdev=wire,%s", opts, pair[1], card);
    own->bus = qpci_new_pc(own->qts, &own->alloc);
    pc_alloc_init(&own->alloc, own->qts, ALLOC_NO_FLAGS);
    sv_nic_init(&own->nic, own->bus, &own->alloc, QPCI_DEVFN(4, 0));
    sv_nic_start(&own->nic);
}

static void own_end(Own *own)
{
    alloc_destroy(&own->alloc);
    qpci_free_pc(own->bus);
    qtest_quit(own->qts);
    close(own->wire.fd);
    close(own->wire.qemu_fd);
}

/*
 * Traces
 */

/* The trace of a machine, in a file; read incrementally. */
typedef struct Trace {
    char *file;
    size_t seen;                /* offset of the newline before unread lines */
} Trace;

/* Checks for a line of trace point @event that starts with @format. */
static void G_GNUC_PRINTF(3, 4)
traced(Trace *trace, const char *event, const char *format, ...)
{
    g_autofree char *log = NULL;
    g_autofree char *words = NULL;
    g_autofree char *line = NULL;
    g_autoptr(GError) error = NULL;
    va_list ap;

    va_start(ap, format);
    words = g_strdup_vprintf(format, ap);
    va_end(ap);
    line = g_strdup_printf("\n%s %s", event, words);
    g_assert_true(g_file_get_contents(trace->file, &log, NULL, &error));
    if (!strstr(log + trace->seen, line)) {
        g_error("no line '%s %s' in: %s", event, words, log + trace->seen);
    }
}

/* Skips all lines that were traced up to now. */
static void trace_skip(Trace *trace)
{
    struct stat st;

    g_assert_cmpint(stat(trace->file, &st), ==, 0);
    g_assert_cmpint(st.st_size, >, 0);
    trace->seen = st.st_size - 1;
}

static void registers_are_traced(QSvNic *nic, Trace *trace)
{
    QPCIDevice *dev = &nic->pci_dev;
    const uint32_t pad = SVNIC_CSR_SCRATCHPAD(3);
    const uint32_t box = SVNIC_PCI_CSR_MAILBOX(SVNIC_MAILBOX_COMMAND);

    qpci_io_writel(dev, nic->csr, pad, 0x12345678);
    qpci_io_readl(dev, nic->csr, pad);
    qpci_io_readw(dev, nic->csr_io, pad + 2);
    qpci_io_writeb(dev, nic->csr_io, pad + 1, 0x9a);
    traced(trace, "i21555_write", "side 0 SCRATCHPAD 0x%03x 4 bytes: 0x%x",
           pad, 0x12345678);
    traced(trace, "i21555_read", "side 0 SCRATCHPAD 0x%03x 4 bytes: 0x%x",
           pad, 0x12345678);
    traced(trace, "i21555_read", "side 0 SCRATCHPAD 0x%03x 2 bytes: 0x%x",
           pad + 2, 0x1234);
    traced(trace, "i21555_write", "side 0 SCRATCHPAD 0x%03x 1 bytes: 0x%x",
           pad + 1, 0x9a);

    trace_skip(trace);
    qpci_config_readw(dev, SVNIC_CFG_CHIP_CONTROL0);
    sv_nic_secondary_write(nic, "csr", pad, 4, 7);
    traced(trace, "i21555_read", "side 0 CHIP_CONTROL0 0x%03x 2 bytes: 0x%x",
           SVNIC_CFG_CHIP_CONTROL0,
           qpci_config_readw(dev, SVNIC_CFG_CHIP_CONTROL0));
    traced(trace, "i21555_write", "side 1 SCRATCHPAD 0x%03x 4 bytes: 0x7",
           pad);

    trace_skip(trace);
    qpci_io_readb(dev, nic->csr, SVNIC_CSR_SIZE - 1);
    qpci_io_writeb(dev, nic->csr, SVNIC_CSR_SIZE - 1, 5);
    traced(trace, "i21555_reserved_read", "side 0 csr 1 0x%03x",
           SVNIC_CSR_SIZE - 1);
    traced(trace, "i21555_reserved_write", "side 0 csr 1 0x%03x: 0x05",
           SVNIC_CSR_SIZE - 1);

    trace_skip(trace);
    sv_nic_pci_csr_write(nic, box, 0xabcd);
    sv_nic_pci_csr(nic, box);
    qpci_io_readl(dev, nic->pci_csr, SVNIC_PCI_CSR_SIZE - 4);
    traced(trace, "ixp_pci_csr_write", "0x%03x: 0xabcd", box);
    traced(trace, "ixp_pci_csr_read", "0x%03x: 0xabcd", box);
    traced(trace, "ixp_pci_csr_reserved_read", "0x%05x 4 bytes",
           SVNIC_PCI_CSR_SIZE - 4);
}

/* Events of the program. */
#define PROGRAM             "ixp_program_event"
#define DROP(from, reason)  "sv-nic drop: vif or port " from " reason " \
                            reason " length %u"

static void commands_are_traced(QSvNic *nic, Trace *trace)
{
    struct svnic_cmd cmd;

    trace_skip(trace);
    sv_nic_cmd_init(&cmd, SVNIC_CMD_QUERY, 0);
    g_assert_cmphex(sv_nic_cmd(nic, &cmd), ==, SVNIC_ST_OK);
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_ACTIVATE, 9, 0, NULL,
                                   NULL), ==, SVNIC_ST_NO_SUCH_VIF);
    traced(trace, PROGRAM, "sv-nic command: opcode %u vif 0 status %u",
           SVNIC_CMD_QUERY, SVNIC_ST_OK);
    traced(trace, PROGRAM, "sv-nic command: opcode %u vif 9 status %u",
           SVNIC_CMD_VIF_ACTIVATE, SVNIC_ST_NO_SUCH_VIF);
}

static void send_bytes(QSvNicVif *from, const uint8_t dst[6],
                       const uint8_t src[6], uint32_t length)
{
    g_autofree uint8_t *bytes = g_malloc(length);

    sv_nic_frame_fill(bytes, length, dst, src, 1);
    sv_nic_send(from, NULL, bytes, length);
}

static void doorbells_and_signals_are_traced(QSvNicVif *a, QSvNicVif *b,
                                             Trace *trace)
{
    QSvNic *nic = a->nic;
    g_autofree QSvNicFrame *frame = g_new(QSvNicFrame, 1);

    trace_skip(trace);
    sv_nic_db_write(b, SVNIC_DB_SIGNAL_MASK_CLEAR, SVNIC_SIGNAL_ALL);
    sv_nic_db(b, SVNIC_DB_SIGNAL_MASK_SET);
    qpci_io_writel(&nic->pci_dev, nic->doorbell,
                   7 * SVNIC_DOORBELL_PAGE_SIZE + SVNIC_DB_SEND, 1);
    traced(trace, "ixp_doorbell_write", "page %u 0x%03x: 0x%x", b->id,
           SVNIC_DB_SIGNAL_MASK_CLEAR, SVNIC_SIGNAL_ALL);
    traced(trace, "ixp_doorbell_read", "page %u 0x%03x: 0x%x", b->id,
           SVNIC_DB_SIGNAL_MASK_SET, ~SVNIC_SIGNAL_ALL);
    traced(trace, "ixp_doorbell_closed", "page 7 is closed");

    trace_skip(trace);
    sv_nic_page_write(b, recv_cons.event, b->ring.recv_cons);
    send_bytes(a, b->mac, a->mac, LENGTH);
    sv_nic_recv(b, frame);
    traced(trace, "ixp_doorbell", "page %u doorbell 0x%x", a->id, 1);
    traced(trace, "ixp_page_signal", "page %u bits 0x%x mask 0x%x", b->id,
           SVNIC_SIGNAL_RECV_WORK, ~SVNIC_SIGNAL_ALL);
    traced(trace, "i21555_raise", "irq bit %u, ", b->irq_bit);
}

/* One drop of each kind, traced by the name of its counter. */
static void drops_are_traced(QSvNicVif *a, QSvNicVif *b, QSvNicWire *wire,
                             Trace *trace)
{
    QTestState *qts = sv_nic_qts(a->nic);
    const uint32_t large = SVNIC_DEFAULT_MTU + SVNIC_ETH_MAX_HEADER + 1;
    struct svnic_vif_attr attr = {
        .mask = cpu_to_le32(SVNIC_ATTR_LINK | SVNIC_ATTR_MTU),
        .link = cpu_to_le32(SVNIC_LINK_DOWN),
        .mtu = cpu_to_le32(SVNIC_MAX_MTU),
    };
    uint8_t bytes[LENGTH];
    uint64_t before;
    uint32_t i;

    trace_skip(trace);
    send_bytes(a, a->mac, a->mac, LENGTH);
    send_bytes(a, b->mac, b->mac, LENGTH + 1);
    send_bytes(a, b->mac, a->mac, large);
    for (i = 0; i <= b->ring.recv_slots; i++) {
        send_bytes(a, b->mac, a->mac, LENGTH + 2);
    }
    sv_nic_send_drain(a);
    sv_nic_vif_change(b, &attr);
    send_bytes(b, a->mac, b->mac, LENGTH + 3);
    send_bytes(a, b->mac, a->mac, LENGTH + 4);
    sv_nic_send_drain(b);
    sv_nic_send_drain(a);
    attr.link = cpu_to_le32(SVNIC_LINK_UP);
    sv_nic_vif_change(b, &attr);
    send_bytes(b, a->mac, b->mac, large);
    sv_nic_send_drain(b);
    before = sv_nic_counter(a->nic, "port[0]", "in-no-vif");
    sv_nic_frame_fill(bytes, sizeof(bytes), outside, outside, 1);
    sv_nic_wire_send(qts, wire, bytes, sizeof(bytes), true);
    sv_nic_wait(qts, sv_nic_counter(a->nic, "port[0]", "in-no-vif") > before);

    traced(trace, PROGRAM, DROP("%u", "send-to-self"),
           a->id, LENGTH);
    traced(trace, PROGRAM, DROP("%u", "send-spoofed"),
           a->id, LENGTH + 1);
    traced(trace, PROGRAM, DROP("%u", "send-oversize"),
           a->id, large);
    traced(trace, PROGRAM, DROP("%u", "recv-full"),
           b->id, LENGTH + 2);
    traced(trace, PROGRAM, DROP("%u", "send-no-link"),
           b->id, LENGTH + 3);
    traced(trace, PROGRAM, DROP("%u", "recv-no-link"),
           b->id, LENGTH + 4);
    traced(trace, PROGRAM, DROP("%u", "recv-oversize"),
           a->id, large);
    traced(trace, PROGRAM, DROP("0", "in-no-vif"),
           LENGTH);
}

/* A VIF with a protocol error is stopped; the trace has the reason. */
static void stops_are_traced(QSvNicVif *vif, Trace *trace)
{
    uint32_t far = vif->ring.send_prod + vif->ring.send_slots + 1;

    trace_skip(trace);
    sv_nic_page_write(vif, send_prod.index, far);
    sv_nic_db_write(vif, SVNIC_DB_SEND, 1);
    sv_nic_wait(sv_nic_qts(vif->nic), sv_nic_page(vif, error));
    traced(trace, PROGRAM, "sv-nic stop: vif %u error %u index %u", vif->id,
           SVNIC_ERR_SEND_INDEX, far);
    traced(trace, PROGRAM, "sv-nic state: vif %u state %u", vif->id,
           SVNIC_VIF_STOPPED);
}

static void test_traces(void *obj, void *data, QGuestAllocator *alloc)
{
    g_autoptr(GError) error = NULL;
    Trace trace = { };
    int fd = g_file_open_tmp("sv-nic-trace-XXXXXX", &trace.file, &error);
    g_autofree char *opts = NULL;
    QSvNicVif a, b;
    Own own;

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    opts = g_strdup_printf("-D %s -trace 'i21555_*' -trace 'ixp_*'",
                           trace.file);
    own_start(&own, opts, "workers=0");
    registers_are_traced(&own.nic, &trace);
    commands_are_traced(&own.nic, &trace);
    sv_nic_vif_open(&a, &own.nic, 0, NULL);
    sv_nic_vif_open(&b, &own.nic, 1, NULL);
    doorbells_and_signals_are_traced(&a, &b, &trace);
    drops_are_traced(&a, &b, &own.wire, &trace);
    stops_are_traced(&a, &trace);
    own_end(&own);
    unlink(trace.file);
    g_free(trace.file);
}

/*
 * The monitor
 */

/* Reads every counter of every child of the card; returns their number. */
static unsigned read_counters(QSvNic *nic)
{
    QDict *children = qtest_qmp(sv_nic_qts(nic), "{ 'execute': 'qom-list', "
                                "'arguments': { 'path': "
                                "'/machine/peripheral/" SV_NIC_ID "' } }");
    QListEntry *entry;
    unsigned n = 0;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(children, "return"), entry) {
        QDict *child = qobject_to(QDict, qlist_entry_obj(entry));

        if (g_str_equal(qdict_get_str(child, "type"),
                        "child<sv-nic-counters>")) {
            sv_nic_counters(nic, qdict_get_str(child, "name"), "", &n);
        }
    }
    qobject_unref(children);
    return n;
}

/* All monitor commands and counters, under traffic. */
static void test_monitor(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QTestState *qts = sv_nic_qts(nic);
    QSvNicVif a, b;
    uint8_t bytes[LENGTH];
    uint32_t sent = 0, i, round;

    sv_nic_vif_open(&a, nic, 0, NULL);
    sv_nic_vif_open(&b, nic, 1, NULL);
    for (round = 0; round < 4; round++) {
        g_autofree char *qtree = NULL, *pci = NULL, *network = NULL;

        for (i = 0; i < 100; i++) {
            sv_nic_frame_fill(bytes, sizeof(bytes), b.mac, a.mac, sent + i);
            sv_nic_queue(&a, NULL, bytes, sizeof(bytes));
        }
        sv_nic_publish(&a);
        qtree = qtest_hmp(qts, "info qtree");
        g_assert_nonnull(strstr(qtree, "dev: sv-nic, id \"" SV_NIC_ID "\""));
        g_assert_cmpuint(read_counters(nic), >, 1000);
        pci = qtest_hmp(qts, "info pci");
        g_assert_nonnull(strstr(pci, "8086:b555"));
        network = qtest_hmp(qts, "info network");
        g_assert_nonnull(strstr(network, "model=sv-nic"));
        for (i = 0; i < 100; i++) {
            sv_nic_frame_fill(bytes, sizeof(bytes), b.mac, a.mac, sent + i);
            sv_nic_expect(&b, NULL, bytes, sizeof(bytes));
        }
        sent += 100;
        g_assert_cmpuint(sv_nic_vif_counter(nic, 1, "recv-frames"), ==, sent);
    }
}

/*
 * Idle
 */

/* Scheduler statistics of a process. */
typedef struct Cost {
    uint64_t ns;                /* of CPU time, all threads */
    uint64_t main;              /* number of times the main thread was run */
    uint64_t others;            /* and all other threads */
} Cost;

static Cost cost_of(pid_t pid)
{
    g_autofree char *tasks = g_strdup_printf("/proc/%d/task", (int)pid);
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) dir = g_dir_open(tasks, 0, &error);
    const char *task;
    Cost cost = { };

    g_assert_no_error(error);
    while ((task = g_dir_read_name(dir))) {
        g_autofree char *sched = g_strdup_printf("%s/%s/schedstat", tasks,
                                                 task);
        g_autofree char *text = NULL;
        g_auto(GStrv) words = NULL;

        if (!g_file_get_contents(sched, &text, NULL, NULL)) {
            continue;           /* thread has ended, or no such file */
        }
        words = g_strsplit(text, " ", 0);
        g_assert_cmpuint(g_strv_length(words), ==, 3);
        cost.ns += g_ascii_strtoull(words[0], NULL, 10);
        *(g_ascii_strtoull(task, NULL, 10) == pid ? &cost.main
                                                  : &cost.others) +=
            g_ascii_strtoull(words[2], NULL, 10);
    }
    return cost;
}

/*
 * Stops the timers of the PC.  The clock of qtest does not advance by itself,
 * so a pending timer of the machine limits each sleep of the main loop to the
 * same time, which depends on the last clock step: 20 ms before the next edge
 * of the 8254 are 50 wake-ups per second.
 */
static void stop_clocks(QTestState *qts)
{
    qtest_outb(qts, 0x43, 0x30);        /* 8254, counter 0: mode 0, one shot */
    qtest_outb(qts, 0x40, 1);
    qtest_outb(qts, 0x40, 0);
    qtest_outb(qts, 0x70, 0x0a);        /* MC146818: divider in reset */
    qtest_outb(qts, 0x71, 0x60);
    qtest_clock_step(qts, 1000 * 1000);
}

static Cost cost_of_second(QTestState *qts)
{
    Cost from = cost_of(qtest_pid(qts));
    Cost cost;

    g_usleep(G_USEC_PER_SEC);
    cost = cost_of(qtest_pid(qts));
    cost.ns -= from.ns;
    cost.main -= from.main;
    cost.others -= from.others;
    g_test_message("an idle second: %" PRIu64 " ns of CPU time, main thread "
                   "%" PRIu64 " times, others %" PRIu64, cost.ns, cost.main,
                   cost.others);
    return cost;
}

/*
 * An idle card, after traffic: for a whole second no thread runs.  A timer or a
 * poll of the card would be visible in every second; work left from the traffic
 * only in the first.
 */
static void idle_second(Own *own)
{
    enum { SECONDS = 5 };
    QSvNicVif vif[4];
    uint8_t bytes[LENGTH];
    Cost cost;
    uint32_t i;

    for (i = 0; i < ARRAY_SIZE(vif); i++) {
        sv_nic_vif_open(&vif[i], &own->nic, i, NULL);
    }
    for (i = 0; i < ARRAY_SIZE(vif) - 1; i++) {
        sv_nic_frame_fill(bytes, sizeof(bytes), vif[i + 1].mac, vif[i].mac, i);
        sv_nic_send(&vif[i], NULL, bytes, sizeof(bytes));
        sv_nic_expect(&vif[i + 1], NULL, bytes, sizeof(bytes));
    }
    stop_clocks(own->qts);
    for (i = 0; i < SECONDS; i++) {
        cost = cost_of_second(own->qts);
        if (!cost.others && !cost.main) {
            break;
        }
    }
    g_assert_cmpuint(cost.others, ==, 0);
    g_assert_cmpuint(cost.main, ==, 0);
    g_assert_cmpuint(cost.ns, ==, 0);
}

static void test_idle(void *obj, void *data, QGuestAllocator *alloc)
{
    static const char *const cards[] = {
        "workers=0", "workers=1,msix=on", "workers=8,assist=0,vifs=256",
    };
    Own own;
    size_t i;

    if (!cost_of(getpid()).ns) {
        g_test_skip("this kernel does not tell what a thread costs");
        return;
    }
    for (i = 0; i < ARRAY_SIZE(cards); i++) {
        own_start(&own, "", cards[i]);
        idle_second(&own);
        own_end(&own);
    }
}

static void register_sv_nic_inside_tests(void)
{
    sv_nic_add_test("inside", "every-access-and-drop-is-traced", test_traces,
                    "0", NULL, NULL, NULL);
    sv_nic_add_test("inside", "monitor-shows-all-under-traffic", test_monitor,
                    "02", NULL, NULL, NULL);
    sv_nic_add_test("inside", "idle-card-costs-no-host-cpu", test_idle,
                    "0", NULL, NULL, NULL);
}

libqos_init(register_sv_nic_inside_tests);
