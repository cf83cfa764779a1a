/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See sv-nic-traffic.h.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "sv-nic-frame.h"
#include "sv-nic-traffic.h"
#include "qemu/bswap.h"

#define LENGTH  SV_NIC_TRAFFIC_LENGTH

const uint8_t sv_nic_outside[6] = { 0x02, 0xee, 0, 0, 0, 1 };

void sv_nic_traffic_queue(QSvNicVif *from, const uint8_t dst[6], uint32_t seed,
                          uint32_t n)
{
    uint8_t bytes[LENGTH];

    while (n--) {
        sv_nic_frame_fill(bytes, sizeof(bytes), dst, from->mac, seed++);
        sv_nic_queue(from, NULL, bytes, sizeof(bytes));
    }
}

void sv_nic_traffic_expect(QSvNicVif *to, const uint8_t *bytes)
{
    g_autofree QSvNicFrame *frame = g_new(QSvNicFrame, 1);

    for (;;) {
        sv_nic_recv(to, frame);
        g_assert_cmpuint(frame->length, ==, LENGTH);
        if (!memcmp(frame->data, bytes, LENGTH)) {
            return;
        }
        g_assert_cmpmem(frame->data + 6, 6, sv_nic_outside, 6);
    }
}

void sv_nic_traffic_pass(QSvNicVif *from, QSvNicVif *to, uint32_t seed)
{
    uint8_t bytes[LENGTH];

    sv_nic_frame_fill(bytes, sizeof(bytes), to->mac, from->mac, seed);
    sv_nic_send(from, NULL, bytes, sizeof(bytes));
    sv_nic_traffic_expect(to, bytes);
}

void sv_nic_traffic_start(QSvNic *nic, QSvNicVif *a, QSvNicVif *b,
                          QSvNicWire *wire)
{
    uint8_t bytes[LENGTH];
    uint32_t i;

    sv_nic_vif_open(a, nic, 0, NULL);
    sv_nic_vif_open(b, nic, 1, NULL);
    sv_nic_db_write(a, SVNIC_DB_SIGNAL_MASK_CLEAR, SVNIC_SIGNAL_ALL);
    sv_nic_db_write(b, SVNIC_DB_SIGNAL_MASK_CLEAR, SVNIC_SIGNAL_ALL);
    sv_nic_traffic_queue(a, b->mac, 0, a->ring.send_slots / 2);
    sv_nic_traffic_queue(a, sv_nic_outside, 1000, a->ring.send_slots / 2);
    sv_nic_traffic_queue(b, sv_nic_broadcast, 2000, b->ring.send_slots);
    sv_nic_page_write(a, send_prod.index, a->ring.send_prod);
    sv_nic_page_write(b, send_prod.index, b->ring.send_prod);
    a->ring.send_published = a->ring.send_prod;
    b->ring.send_published = b->ring.send_prod;
    for (i = 0; wire && i < 40; i++) {
        sv_nic_frame_fill(bytes, sizeof(bytes), i & 1 ? a->mac :
                          sv_nic_broadcast, sv_nic_outside, i);
        sv_nic_wire_send(sv_nic_qts(nic), wire, bytes, sizeof(bytes), false);
    }
    sv_nic_db_write(a, SVNIC_DB_SEND, 1);
    sv_nic_db_write(b, SVNIC_DB_SEND, 1);
}

void sv_nic_traffic_as_new(QSvNic *nic, QSvNicWire *wire)
{
    uint8_t bytes[LENGTH];
    struct svnic_cmd cmd;
    QSvNicVif a, b;

    sv_nic_cmd_init(&cmd, SVNIC_CMD_QUERY, 0);
    g_assert_cmphex(sv_nic_cmd(nic, &cmd), ==, SVNIC_ST_OK);
    g_assert_cmpuint(le32_to_cpu(cmd.u.card.vifs_used), ==, 0);
    g_assert_cmpuint(le64_to_cpu(cmd.u.card.events), ==, 0);
    g_assert_cmphex(sv_nic_csr16(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ), ==,
                    1 << SVNIC_IRQ_BIT_MANAGER); /* by that command */
    sv_nic_vif_open(&a, nic, 10, NULL);
    sv_nic_vif_open(&b, nic, 11, NULL);
    sv_nic_traffic_pass(&a, &b, 1);
    sv_nic_traffic_pass(&b, &a, 2);
    if (!wire) {
        return;
    }
    sv_nic_frame_fill(bytes, sizeof(bytes), sv_nic_outside, a.mac, 4711);
    sv_nic_send(&a, NULL, bytes, sizeof(bytes));
    for (;;) {
        g_autofree uint8_t *out = g_malloc(SV_NIC_WIRE_MAX);

        sv_nic_wait(sv_nic_qts(nic), sv_nic_wire_take(wire, out));
        if (!memcmp(out, bytes, sizeof(bytes))) {
            break;
        }
    }
    sv_nic_frame_fill(bytes, sizeof(bytes), b.mac, sv_nic_outside, 4712);
    sv_nic_wire_send(sv_nic_qts(nic), wire, bytes, sizeof(bytes), true);
    sv_nic_traffic_expect(&b, bytes);
}

unsigned sv_nic_rounds(unsigned few)
{
    const char *rounds = getenv("SVNIC_ROUNDS");

    return rounds ? MAX(few, g_ascii_strtoull(rounds, NULL, 10)) : few;
}

/* Number of entries of a directory of QEMU's in /proc. */
static unsigned proc_entries(QTestState *qts, const char *name)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/%s",
                                            (int)qtest_pid(qts), name);
    GDir *dir = g_dir_open(path, 0, NULL);
    unsigned n = 0;

    g_assert_nonnull(dir);
    while (g_dir_read_name(dir)) {
        n++;
    }
    g_dir_close(dir);
    return n;
}

QSvNicUse sv_nic_use(QTestState *qts)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/statm",
                                            (int)qtest_pid(qts));
    g_autofree char *text = NULL;
    unsigned long pages, resident;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpint(sscanf(text, "%lu %lu", &pages, &resident), ==, 2);
    return (QSvNicUse) {
        .resident = (uint64_t)resident * qemu_real_host_page_size(),
        .descriptors = proc_entries(qts, "fd"),
        .threads = proc_entries(qts, "task"),
    };
}

void sv_nic_use_check(QTestState *qts, const QSvNicUse *before,
                      const char *what, unsigned times)
{
    QSvNicUse now = sv_nic_use(qts);

    g_test_message("%s, %u times: resident %" PRIu64 " to %" PRIu64 " KiB, "
                   "descriptors %u to %u, threads %u to %u", what, times,
                   before->resident / 1024, now.resident / 1024,
                   before->descriptors, now.descriptors, before->threads,
                   now.threads);
    g_assert_cmpuint(now.descriptors, ==, before->descriptors);
    g_assert_cmpuint(now.threads, <=, before->threads);
    g_assert_cmpuint(now.resident, <=,
                     before->resident + SV_NIC_USE_SLACK);
}
