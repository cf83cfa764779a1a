/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See sv-nic-fault.h.
 */
#include "qemu/osdep.h"
#include "libqtest.h"
#include "sv-nic-fault.h"
#include "sv-nic-frame.h"
#include "sv-nic-traffic.h"
#include "qobject/qdict.h"

#define CARD "/machine/peripheral/" SV_NIC_ID

void sv_nic_fault_set(QSvNic *nic, const char *fault, const char *value)
{
    qtest_qmp_assert_success(sv_nic_qts(nic), "{ 'execute': 'qom-set', "
                             "'arguments': { 'path': '" CARD "', "
                             "'property': %s, 'value': %s } }", fault, value);
}

static char *sv_nic_fault_get(QSvNic *nic, const char *fault)
{
    QDict *answer = qtest_qmp(sv_nic_qts(nic), "{ 'execute': 'qom-get', "
                              "'arguments': { 'path': '" CARD "', "
                              "'property': %s } }", fault);
    char *value = g_strdup(qdict_get_str(answer, "return"));

    qobject_unref(answer);
    return value;
}

void sv_nic_fault_expect(QSvNic *nic, const char *fault, const char *value)
{
    g_autofree char *is = sv_nic_fault_get(nic, fault);

    g_assert_cmpstr(is, ==, value);
}

uint64_t sv_nic_fault_struck(QSvNic *nic, const char *kind)
{
    return sv_nic_counter(nic, "faults", kind);
}

void sv_nic_fault_time(QSvNic *nic, int64_t us)
{
    qtest_clock_step(sv_nic_qts(nic), us * 1000);
    sv_nic_wait_idle(nic);
}

void sv_nic_fault_open(QSvNic *nic, QSvNicVif vif[3])
{
    for (uint32_t i = 0; i < 3; i++) {
        sv_nic_vif_open(&vif[i], nic, i, NULL);
    }
    sv_nic_traffic_pass(&vif[0], &vif[1], 1);
    sv_nic_traffic_pass(&vif[1], &vif[2], 2);
    sv_nic_wait_idle(nic);
}

void sv_nic_fault_frame(QSvNicVif *from, QSvNicVif *to, uint32_t seed)
{
    uint8_t bytes[SV_NIC_TRAFFIC_LENGTH];

    sv_nic_frame_fill(bytes, sizeof(bytes), to->mac, from->mac, seed);
    sv_nic_traffic_expect(to, bytes);
}

uint32_t sv_nic_fault_query(QSvNic *nic)
{
    uint32_t block = nic->area + SVNIC_CMD_BLOCK_SIZE * nic->block;
    struct svnic_cmd cmd;

    nic->block = (nic->block + 1) % SVNIC_CMD_BLOCKS;
    sv_nic_cmd_init(&cmd, SVNIC_CMD_QUERY, 0);
    sv_nic_sdram_write(nic, block, &cmd, sizeof(cmd));
    sv_nic_cmd_ring(nic, block);
    sv_nic_wait_idle(nic);
    return block + offsetof(struct svnic_cmd, status);
}
