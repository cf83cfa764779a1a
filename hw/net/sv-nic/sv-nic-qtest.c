/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC, the board: cycles on the secondary bus, made by a test.
 *
 * The bridge's other face belongs to the chip, which a qtest can't make do
 * just anything.  Under qtest, and only there, the device has the property
 * "secondary-cycle".  Set to
 *
 *   config|csr|memory read|write ADDRESS SIZE [VALUE]
 *
 * it makes that access as the chip would: to the bridge's configuration space
 * or CSRs as seen from its side, or to an address of the secondary bus, from
 * where it may go upstream.  It then reads as the MemTxResult and the value.
 *
 * With the BQL.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/cutils.h"
#include "system/qtest.h"
#include "sv-nic.h"

static MemTxResult sv_nic_cycle(SvNicState *s, const char *space, bool write,
                                uint64_t addr, unsigned size, uint64_t *value)
{
    I21555 *b = &s->bridge;
    MemTxResult result = MEMTX_OK;
    uint64_t le = cpu_to_le64(*value);

    if (!strcmp(space, "config")) {
        if (write) {
            i21555_config_write(b, I21555_SECONDARY, addr, *value, size);
        } else {
            *value = i21555_config_read(b, I21555_SECONDARY, addr, size);
        }
    } else if (!strcmp(space, "csr")) {
        if (write) {
            i21555_csr_write(b, I21555_SECONDARY, addr, *value, size);
        } else {
            *value = i21555_csr_read(b, I21555_SECONDARY, addr, size);
        }
    } else {
        result = i21555_upstream_rw(b, addr, &le, size, write);
        *value = le64_to_cpu(le);
    }
    return result;
}

static bool sv_nic_cycle_valid(char **words, unsigned n, uint64_t addr,
                               uint64_t size)
{
    uint64_t end = !strcmp(words[0], "config") ? PCI_CONFIG_SPACE_SIZE
                                               : SVNIC_CSR_SIZE;

    if (!strcmp(words[0], "memory")) {
        return size >= 1 && size <= 8;
    }
    return (size == 1 || size == 2 || size == 4) && addr < end &&
           size <= end - addr &&
           (!strcmp(words[0], "csr") || addr % size == 0);
}

static void sv_nic_cycle_set(Object *obj, const char *text, Error **errp)
{
    SvNicState *s = SV_NIC(obj);
    g_auto(GStrv) words = g_strsplit(text, " ", 0);
    unsigned n = g_strv_length(words);
    uint64_t addr, size, value = 0;

    if (n < 4 || qemu_strtou64(words[2], NULL, 0, &addr) ||
        qemu_strtou64(words[3], NULL, 0, &size) ||
        (n > 4 && qemu_strtou64(words[4], NULL, 0, &value)) ||
        !sv_nic_cycle_valid(words, n, addr, size)) {
        error_setg(errp, "secondary-cycle: no such cycle: '%s'", text);
        return;
    }
    s->cycle_result = sv_nic_cycle(s, words[0], !strcmp(words[1], "write"),
                                   addr, size, &value);
    s->cycle_value = value;
}

static char *sv_nic_cycle_get(Object *obj, Error **errp)
{
    SvNicState *s = SV_NIC(obj);

    return g_strdup_printf("%u 0x%" PRIx64, s->cycle_result, s->cycle_value);
}

static bool sv_nic_s_inta_get(Object *obj, Error **errp)
{
    return qatomic_read(&SV_NIC(obj)->s_inta);
}

void sv_nic_qtest_init(SvNicState *s)
{
    if (qtest_enabled()) {
        object_property_add_str(OBJECT(s), "secondary-cycle",
                                sv_nic_cycle_get, sv_nic_cycle_set);
        object_property_add_bool(OBJECT(s), "s-inta", sv_nic_s_inta_get,
                                 NULL);
    }
}
