/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: what a guest can choose has bounds: accesses that arrive when the
 * card is gone, DMA of any length and alignment at any target, and how long
 * the main loop is held.
 *
 * Sections "Bridge CSRs", "DMA channels" and "Upstream" of
 * docs/specs/sv-nic.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "hw/pci/pci_regs.h"
#include "qemu/module.h"

/*
 * Accesses behind the card's end
 */

/* Freed memory is neither zeros nor ones. */
static void *perturbed(GString *cmd_line, void *arg)
{
    g_setenv("MALLOC_PERTURB_", "90", true);
    return arg;
}

/*
 * A vCPU that waited for the big lock reaches a region after the card has been
 * unplugged: each register that was mapped reads ones, and what is written is
 * dropped, of any width.
 */
static void test_late_accesses(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QTestState *qts = sv_nic_qts(nic);
    uint64_t report = guest_alloc(alloc, 16);
    g_autofree char *address = g_strdup_printf("0x%" PRIx64, report);
    uint64_t reads;

    /* registers that hold something, and a window to where nobody is */
    qpci_io_writel(&nic->pci_dev, nic->csr, SVNIC_CSR_DOWN_MEM2_BASE,
                   SVNIC_LOCAL_PCI_CSR - SVNIC_PCI_CSR_SIZE);
    qtest_memset(qts, report, 0, 16);
    qtest_qmp_assert_success(
        qts, "{ 'execute': 'qom-set', 'arguments': { 'path': "
        "'/machine/peripheral/" SV_NIC_ID "', 'property': 'late-accesses', "
        "'value': %s } }", address);
    qpci_unplug_acpi_device_test(qts, SV_NIC_ID, nic->pci_dev.devfn >> 3);
    reads = qtest_readq(qts, report);
    /* at the least the CSRs, in memory and I/O, and a doorbell page */
    g_assert_cmpuint(reads, >, 2 * 3 * (SVNIC_CSR_SIZE / 4 +
                                        SVNIC_CSR_IO_SIZE / 4 +
                                        SVNIC_DOORBELL_PAGE_SIZE / 4));
    g_assert_cmpuint(qtest_readq(qts, report + 8), ==, 0);
    qos_invalidate_command_line();
}

static void register_sv_nic_bounds_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
        const char *variants;
        const char *opts;
        QOSBeforeTest before;
    } tests[] = {
        { "accesses-behind-unplug-read-ones", test_late_accesses, "02",
          NULL, perturbed },
        { "accesses-behind-unplug-read-ones-with-msix", test_late_accesses,
          "02", "msix=on", perturbed },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("bounds", tests[i].name, tests[i].fn,
                        tests[i].variants, tests[i].opts, tests[i].before,
                        NULL);
    }
}

libqos_init(register_sv_nic_bounds_tests);
