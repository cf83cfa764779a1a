/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC, the board: the bridge's serial ROM, built in or from srom=FILE.
 *
 * Runs with the BQL, when the device is realized.
 *
 * Spec: "Serial ROM".
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/pci/pci.h"
#include "bridge/i21555-image.h"
#include "sv-nic.h"

static bool sv_nic_srom_file(SvNicState *s, uint8_t *image, Error **errp)
{
    g_autofree char *bytes = NULL;
    g_autoptr(GError) err = NULL;
    char reason[128];
    gsize size;

    if (!g_file_get_contents(s->srom, &bytes, &size, &err)) {
        error_setg(errp, "srom=%s: %s", s->srom, err->message);
        return false;
    }
    if (size != SVNIC_SROM_SIZE) {
        error_setg(errp, "srom=%s has %zu bytes: a serial ROM has %u",
                   s->srom, size, SVNIC_SROM_SIZE);
        return false;
    }
    memcpy(image, bytes, size);
    if (!i21555_image_check(image, reason, sizeof(reason))) {
        error_setg(errp, "srom=%s: %s", s->srom, reason);
        return false;
    }
    return true;
}

/* With msix=on, BAR 0 must have the size that table and PBA need. */
static bool sv_nic_srom_msix(SvNicState *s, const uint8_t *image, Error **errp)
{
    uint32_t setup = ldl_le_p(image + SVNIC_SROM_DOWN_MEM0_SETUP);

    if (s->msix && (setup & SVNIC_SETUP_SIZE_MASK) !=
                   -(uint32_t)SVNIC_MSIX_BAR_SIZE) {
        error_setg(errp, "srom=%s: byte 0x%03x: with msix=on the Downstream "
                   "Memory 0 Setup register is 0x%08x, for a BAR of %u KiB",
                   s->srom, SVNIC_SROM_DOWN_MEM0_SETUP,
                   -(uint32_t)SVNIC_MSIX_BAR_SIZE, SVNIC_MSIX_BAR_SIZE / 1024);
        return false;
    }
    return true;
}

bool sv_nic_srom(SvNicState *s, uint8_t *image, Error **errp)
{
    if (s->srom && *s->srom) {
        return sv_nic_srom_file(s, image, errp) &&
               sv_nic_srom_msix(s, image, errp);
    }
    i21555_image_default(image, s->msix ? SVNIC_MSIX_BAR_SIZE : SVNIC_CSR_SIZE,
                         pow2ceil((uint64_t)s->vifs <<
                                  SVNIC_DOORBELL_PAGE_SHIFT),
                         s->pci_csr_size, s->sdram_size);
    return true;
}
