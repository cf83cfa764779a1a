/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: the chip runs another program, that of docs/tutorial/firmware.rst.
 *
 * The property firmware= of docs/system/devices/sv-nic.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/pci-pc.h"
#include "libqos/malloc-pc.h"
#include "libqos/sv-nic.h"
#include "hw/net/sv-nic/firmware-tutorial/hash.h"
#include "hw/pci/pci_regs.h"
#include "qobject/qdict.h"
#include "qemu/module.h"

#define SLOT    5

typedef struct Machine {
    QTestState *qts;
    QGuestAllocator alloc;
    QPCIBus *bus;
    QSvNic nic;
} Machine;

static uint32_t mailbox(Machine *m, unsigned n)
{
    return sv_nic_pci_csr(&m->nic, SVNIC_PCI_CSR_MAILBOX(n));
}

static void booted(Machine *m)
{
    sv_nic_wait(m->qts, mailbox(m, HASH_MAILBOX_IDENTITY) == HASH_IDENTITY);
}

static void machine_start(Machine *m)
{
    const char *line = qos_get_current_command_line();
    int workers = strstr(line, "workers=0") ? 0 :
                  strstr(line, "workers=2") ? 2 : 1;

    m->qts = qtest_initf("-M pc -nodefaults -device sv-nic,firmware=hash,"
                         "addr=5,id=" SV_NIC_ID ",sdram-size=16M,vifs=16,"
                         "workers=%d,assist=%d", workers,
                         strstr(line, "assist=0") ? 0 : 2);
    m->bus = qpci_new_pc(m->qts, &m->alloc);
    pc_alloc_init(&m->alloc, m->qts, ALLOC_NO_FLAGS);
    sv_nic_init(&m->nic, m->bus, &m->alloc, QPCI_DEVFN(SLOT, 0));
    m->nic.csr = qpci_iomap(&m->nic.pci_dev, SVNIC_BAR_CSR, NULL);
    m->nic.pci_csr = qpci_iomap(&m->nic.pci_dev, SVNIC_BAR_PCI_CSR, NULL);
    qpci_device_enable(&m->nic.pci_dev);
    booted(m);
}

static void machine_end(Machine *m)
{
    alloc_destroy(&m->alloc);
    qpci_free_pc(m->bus);
    qtest_quit(m->qts);
}

/* The hash of @number, which is the @nth since boot. */
static uint32_t hash(Machine *m, uint32_t number, uint32_t nth)
{
    sv_nic_pci_csr_write(&m->nic, SVNIC_PCI_CSR_MAILBOX(HASH_MAILBOX_NUMBER),
                         number);
    sv_nic_pci_csr_write(&m->nic, SVNIC_PCI_CSR_XSCALE_DOORBELL,
                         HASH_DOORBELL);
    sv_nic_wait(m->qts, sv_nic_pci_csr(&m->nic, SVNIC_PCI_CSR_PCI_DOORBELL) &
                        HASH_DOORBELL);
    sv_nic_pci_csr_write(&m->nic, SVNIC_PCI_CSR_PCI_DOORBELL, HASH_DOORBELL);
    g_assert_cmpuint(mailbox(m, HASH_MAILBOX_COUNT), ==, nth);
    return mailbox(m, HASH_MAILBOX_RESULT);
}

/* Equal numbers have equal hashes, others have others; a reset starts anew. */
static void test_hash(void *obj, void *data, QGuestAllocator *alloc)
{
    uint32_t one, two;
    Machine m;

    machine_start(&m);
    one = hash(&m, 1, 1);
    two = hash(&m, 2, 2);
    g_assert_cmphex(one, !=, two);
    g_assert_cmphex(hash(&m, 1, 3), ==, one);
    /* the interrupt of the last bit */
    sv_nic_wait(m.qts, sv_nic_csr16(&m.nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ) ==
                       1 << (SVNIC_IRQ_BITS - 1));
    qpci_config_writel(&m.nic.pci_dev, SVNIC_CFG_RESET_CONTROL,
                       SVNIC_RESET_CHIP);
    qpci_config_writel(&m.nic.pci_dev, PCI_BASE_ADDRESS_0, m.nic.csr.addr);
    qpci_config_writel(&m.nic.pci_dev, PCI_BASE_ADDRESS_3,
                       m.nic.pci_csr.addr);
    qpci_device_enable(&m.nic.pci_dev);
    booted(&m);
    g_assert_cmpuint(mailbox(&m, HASH_MAILBOX_COUNT), ==, 0);
    g_assert_cmphex(hash(&m, 2, 1), ==, two);
    machine_end(&m);
}

/* A program that the board does not know is refused in one line. */
static void test_unknown(void *obj, void *data, QGuestAllocator *alloc)
{
    QDict *answer = qtest_qmp(sv_nic_qts(obj), "{ 'execute': 'device_add', "
                              "'arguments': { 'driver': 'sv-nic', 'id': 'x', "
                              "'firmware': 'nonsense' } }");

    g_assert_cmpstr(qdict_get_str(qdict_get_qdict(answer, "error"), "desc"),
                    ==, "firmware=nonsense is not known: give one of sv-nic, "
                    "hash");
    qobject_unref(answer);
}

static void register_sv_nic_program_tests(void)
{
    sv_nic_add_test("program", "another-program-runs", test_hash, "012", NULL,
                    NULL, NULL);
    sv_nic_add_test("program", "unknown-program-is-refused", test_unknown, "0",
                    NULL, NULL, NULL);
}

libqos_init(register_sv_nic_program_tests);
