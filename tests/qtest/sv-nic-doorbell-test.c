/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: the doorbell aperture and the interrupts of VIFs and manager.
 *
 * Sections "Doorbell aperture" and "Interrupts" of docs/specs/sv-nic-card.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-frame.h"
#include "hw/pci/pci_regs.h"
#include "qemu/bswap.h"
#include "qemu/module.h"

#define ALL SVNIC_SIGNAL_ALL

/* Has the firmware signal LINK to the owner of @vif. */
static void signal_link(QSvNicVif *vif)
{
    uint32_t up = sv_nic_page(vif, link);

    sv_nic_vif_change(vif, &(struct svnic_vif_attr) {
        .mask = cpu_to_le32(SVNIC_ATTR_LINK),
        .link = cpu_to_le32(up ? SVNIC_LINK_DOWN : SVNIC_LINK_UP),
    });
    sv_nic_wait(sv_nic_qts(vif->nic), sv_nic_page(vif, link) == !up);
    sv_nic_wait(sv_nic_qts(vif->nic), sv_nic_db(vif, SVNIC_DB_SIGNAL_STATUS) &
                SVNIC_SIGNAL_LINK);
}

/* Unmasks all IRQ bits except the manager's, which every command sets. */
static void inta_open(QSvNic *nic)
{
    sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_MASK,
                       0xffff & ~(1 << SVNIC_IRQ_BIT_MANAGER));
}

/* Bits of the primary IRQ register that belong to VIFs. */
static uint16_t vif_irqs(QSvNic *nic)
{
    return sv_nic_csr16(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ) &
           ~(1 << SVNIC_IRQ_BIT_MANAGER);
}

static void irqs_clear(QSvNic *nic)
{
    sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ, 0xffff);
}

/* A closed page: no register of it works. */
static void assert_closed(QSvNic *nic, uint32_t page)
{
    QSvNicVif vif = { .nic = nic, .id = page };

    g_assert_cmphex(sv_nic_db(&vif, SVNIC_DB_SIGNAL_STATUS), ==, 0);
    g_assert_cmphex(sv_nic_db(&vif, SVNIC_DB_SIGNAL_MASK_SET), ==,
                    0xffffffff);
    sv_nic_db_write(&vif, SVNIC_DB_SIGNAL_MASK_CLEAR, 0xffffffff);
    g_assert_cmphex(sv_nic_db(&vif, SVNIC_DB_SIGNAL_MASK_SET), ==,
                    0xffffffff);
    g_assert_cmphex(sv_nic_db(&vif, SVNIC_DB_SIGNAL_MASK_CLEAR), ==,
                    0xffffffff);
    sv_nic_db_write(&vif, SVNIC_DB_SEND, 1);
    sv_nic_db_write(&vif, SVNIC_DB_RECV, 1);
    g_assert_cmphex(sv_nic_db(&vif, SVNIC_DB_SEND), ==, 0);
    g_assert_cmphex(sv_nic_db(&vif, SVNIC_DB_RECV), ==, 0);
    g_assert_cmphex(sv_nic_db(&vif, SVNIC_DB_SIGNAL_STATUS), ==, 0);
}

static void test_closed(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_vif_attr attr = { .mask = cpu_to_le32(SVNIC_ATTR_MAC) };
    QSvNicVif vif;
    uint32_t page;

    for (page = 0; page < 64; page++) {
        assert_closed(nic, page);
    }
    sv_nic_mac(attr.mac, 7);
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_CREATE, 7, 0, &attr,
                                   NULL), ==, SVNIC_ST_OK);
    assert_closed(nic, 7);
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_DESTROY, 7, 0, NULL,
                                   NULL), ==, SVNIC_ST_OK);

    sv_nic_vif_open(&vif, nic, 7, &attr);
    assert_closed(nic, 6);
    assert_closed(nic, 8);
    signal_link(&vif);
    sv_nic_db_write(&vif, SVNIC_DB_SIGNAL_MASK_CLEAR, SVNIC_SIGNAL_STATE);
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_DEACTIVATE, 7, 0, NULL,
                                   NULL), ==, SVNIC_ST_OK);
    assert_closed(nic, 7);
}

static void test_opened_masked(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicVif vif;

    sv_nic_vif_open(&vif, nic, 3, NULL);
    g_assert_cmphex(sv_nic_db(&vif, SVNIC_DB_SIGNAL_STATUS), ==, 0);
    g_assert_cmphex(sv_nic_db(&vif, SVNIC_DB_SIGNAL_MASK_SET) & ALL, ==, ALL);

    sv_nic_db_write(&vif, SVNIC_DB_SIGNAL_MASK_CLEAR, ALL);
    signal_link(&vif);
    sv_nic_vif_reset(&vif);
    g_assert_cmphex(sv_nic_db(&vif, SVNIC_DB_SIGNAL_STATUS), ==, 0);
    g_assert_cmphex(sv_nic_db(&vif, SVNIC_DB_SIGNAL_MASK_SET) & ALL, ==, ALL);
}

static void test_mask_views(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicVif vif;
    uint32_t clear, set;

    sv_nic_vif_open(&vif, nic, 0, NULL);
    for (clear = 0; clear <= ALL; clear++) {
        for (set = 0; set <= ALL; set++) {
            uint32_t mask = (ALL & ~clear) | set;

            sv_nic_db_write(&vif, SVNIC_DB_SIGNAL_MASK_SET, ALL);
            sv_nic_db_write(&vif, SVNIC_DB_SIGNAL_MASK_CLEAR, clear);
            sv_nic_db_write(&vif, SVNIC_DB_SIGNAL_MASK_SET, set);
            g_assert_cmphex(sv_nic_db(&vif, SVNIC_DB_SIGNAL_MASK_SET) & ALL,
                            ==, mask);
            g_assert_cmphex(sv_nic_db(&vif, SVNIC_DB_SIGNAL_MASK_CLEAR) & ALL,
                            ==, mask);
        }
    }
}

static void test_isolated(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicVif vif[8];
    uint32_t i, j;

    for (i = 0; i < ARRAY_SIZE(vif); i++) {
        sv_nic_vif_open(&vif[i], nic, 7 * i, NULL);
        sv_nic_db_write(&vif[i], SVNIC_DB_SIGNAL_MASK_CLEAR, i);
    }
    for (i = 0; i < ARRAY_SIZE(vif); i++) {
        g_assert_cmphex(sv_nic_db(&vif[i], SVNIC_DB_SIGNAL_MASK_SET) & ALL,
                        ==, ALL & ~i);
    }
    for (i = 0; i < ARRAY_SIZE(vif); i++) {
        signal_link(&vif[i]);
        for (j = 0; j < ARRAY_SIZE(vif); j++) {
            g_assert_cmphex(sv_nic_db(&vif[j], SVNIC_DB_SIGNAL_STATUS), ==,
                            j == i ? SVNIC_SIGNAL_LINK : 0);
        }
        sv_nic_db_write(&vif[i], SVNIC_DB_SIGNAL_STATUS, SVNIC_SIGNAL_LINK);
    }
}

static void test_status_w1c(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicVif vif;
    uint8_t frame[64];

    sv_nic_vif_open(&vif, nic, 0, NULL);
    signal_link(&vif);
    signal_link(&vif); /* link up again */
    sv_nic_frame_fill(frame, sizeof(frame), vif.mac, vif.mac, 1);
    sv_nic_send(&vif, NULL, frame, sizeof(frame));
    sv_nic_wait(sv_nic_qts(nic),
                sv_nic_db(&vif, SVNIC_DB_SIGNAL_STATUS) ==
                (SVNIC_SIGNAL_LINK | SVNIC_SIGNAL_SEND_DONE));
    sv_nic_db_write(&vif, SVNIC_DB_SIGNAL_STATUS, 0);
    sv_nic_db_write(&vif, SVNIC_DB_SIGNAL_STATUS,
                    ~(SVNIC_SIGNAL_LINK | SVNIC_SIGNAL_SEND_DONE));
    g_assert_cmphex(sv_nic_db(&vif, SVNIC_DB_SIGNAL_STATUS), ==,
                    SVNIC_SIGNAL_LINK | SVNIC_SIGNAL_SEND_DONE);
    sv_nic_db_write(&vif, SVNIC_DB_SIGNAL_STATUS, SVNIC_SIGNAL_LINK);
    g_assert_cmphex(sv_nic_db(&vif, SVNIC_DB_SIGNAL_STATUS), ==,
                    SVNIC_SIGNAL_SEND_DONE);
    sv_nic_db_write(&vif, SVNIC_DB_SIGNAL_STATUS, SVNIC_SIGNAL_SEND_DONE);
    g_assert_cmphex(sv_nic_db(&vif, SVNIC_DB_SIGNAL_STATUS), ==, 0);
}

/* Anything but an aligned dword reads 0 and changes nothing. */
static void test_only_dwords(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QPCIDevice *dev = &nic->pci_dev;
    uint8_t zero[SVNIC_DOORBELL_PAGE_SIZE] = { };
    uint8_t page[SVNIC_DOORBELL_PAGE_SIZE];
    uint8_t frame[64];
    QSvNicVif vif;
    uint32_t offset;

    sv_nic_vif_open(&vif, nic, 0, NULL);
    sv_nic_db_write(&vif, SVNIC_DB_SIGNAL_MASK_CLEAR, SVNIC_SIGNAL_STATE);
    signal_link(&vif);
    signal_link(&vif);
    /* the contexts have looked at the queue, which is empty */
    sv_nic_wait_idle(nic);
    sv_nic_frame_fill(frame, sizeof(frame), vif.mac, vif.mac, 1);
    sv_nic_queue(&vif, NULL, frame, sizeof(frame));
    sv_nic_page_write(&vif, send_prod.index, vif.ring.send_prod);

    for (offset = 0; offset < SVNIC_DB_SIGNAL_MASK_CLEAR + 4; offset++) {
        qpci_io_writeb(dev, nic->doorbell, offset, 0xff);
        qpci_io_writew(dev, nic->doorbell, offset, 0xffff);
        g_assert_cmphex(qpci_io_readb(dev, nic->doorbell, offset), ==, 0);
        g_assert_cmphex(qpci_io_readw(dev, nic->doorbell, offset), ==, 0);
        qpci_io_writeq(dev, nic->doorbell, offset, UINT64_MAX);
        g_assert_cmphex(qpci_io_readq(dev, nic->doorbell, offset), ==, 0);
        if (offset % 4) {
            qpci_io_writel(dev, nic->doorbell, offset, 0xffffffff);
            g_assert_cmphex(qpci_io_readl(dev, nic->doorbell, offset), ==, 0);
        }
    }
    qtest_memset(sv_nic_qts(nic),
                 nic->doorbell.addr + SVNIC_DB_SIGNAL_MASK_CLEAR + 4, 0xff,
                 SVNIC_DOORBELL_PAGE_SIZE - SVNIC_DB_SIGNAL_MASK_CLEAR - 4);
    qpci_memread(dev, nic->doorbell, 0, page, sizeof(page));
    g_assert_cmpmem(page + SVNIC_DB_SIGNAL_MASK_CLEAR + 4,
                    sizeof(page) - SVNIC_DB_SIGNAL_MASK_CLEAR - 4, zero,
                    sizeof(page) - SVNIC_DB_SIGNAL_MASK_CLEAR - 4);

    g_assert_cmphex(sv_nic_db(&vif, SVNIC_DB_SIGNAL_STATUS), ==,
                    SVNIC_SIGNAL_LINK);
    g_assert_cmphex(sv_nic_db(&vif, SVNIC_DB_SIGNAL_MASK_SET) & ALL, ==,
                    ALL & ~SVNIC_SIGNAL_STATE);
    g_assert_cmphex(sv_nic_page(&vif, send_cons.index), ==, 0);
    /* until now the frame has waited for a doorbell */
    sv_nic_db_write(&vif, SVNIC_DB_SEND, 0);
    sv_nic_wait(sv_nic_qts(nic), sv_nic_page(&vif, send_cons.index) == 1);
}

static void test_masked_then_unmasked(void *obj, void *data,
                                      QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicVif vif, other;

    inta_open(nic);
    sv_nic_vif_open(&vif, nic, 2, NULL);
    sv_nic_vif_open(&other, nic, 5, NULL);
    g_assert_cmpuint(vif.irq_bit, ==, SVNIC_IRQ_BIT(2));
    g_assert_cmpuint(other.irq_bit, ==, SVNIC_IRQ_BIT(5));

    /* All masked but STATE: a masked signal only sets its status bit. */
    sv_nic_db_write(&vif, SVNIC_DB_SIGNAL_MASK_CLEAR, SVNIC_SIGNAL_STATE);
    sv_nic_db_write(&other, SVNIC_DB_SIGNAL_MASK_CLEAR, ALL);
    signal_link(&vif);
    signal_link(&other);
    sv_nic_wait(sv_nic_qts(nic), sv_nic_inta(nic));
    g_assert_cmphex(vif_irqs(nic), ==, 1 << other.irq_bit);
    irqs_clear(nic);
    g_assert_false(sv_nic_inta(nic));

    /* Unmasking another bit, or a clear one, raises nothing. */
    sv_nic_db_write(&vif, SVNIC_DB_SIGNAL_MASK_CLEAR, SVNIC_SIGNAL_RECV_WORK);
    signal_link(&other);
    sv_nic_wait(sv_nic_qts(nic), sv_nic_inta(nic));
    g_assert_cmphex(vif_irqs(nic), ==, 1 << other.irq_bit);
    irqs_clear(nic);

    sv_nic_db_write(&vif, SVNIC_DB_SIGNAL_MASK_CLEAR, SVNIC_SIGNAL_LINK);
    sv_nic_wait(sv_nic_qts(nic), sv_nic_inta(nic));
    g_assert_cmphex(vif_irqs(nic), ==, 1 << vif.irq_bit);
    irqs_clear(nic);

    /* Masking neither clears nor raises an interrupt. */
    sv_nic_db_write(&vif, SVNIC_DB_SIGNAL_MASK_SET, SVNIC_SIGNAL_LINK);
    g_assert_cmphex(sv_nic_db(&vif, SVNIC_DB_SIGNAL_STATUS), ==,
                    SVNIC_SIGNAL_LINK);
    g_assert_cmphex(vif_irqs(nic), ==, 0);
}

/* A signal interrupts each time, also while its status bit is still set. */
static void test_interrupts_every_time(void *obj, void *data,
                                       QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicVif vif;
    int i;

    inta_open(nic);
    sv_nic_vif_open(&vif, nic, 1, NULL);
    sv_nic_db_write(&vif, SVNIC_DB_SIGNAL_MASK_CLEAR, SVNIC_SIGNAL_LINK);
    for (i = 0; i < 5; i++) {
        signal_link(&vif);
        sv_nic_wait(sv_nic_qts(nic), sv_nic_inta(nic));
        g_assert_cmphex(vif_irqs(nic), ==, 1 << vif.irq_bit);
        irqs_clear(nic);
        g_assert_false(sv_nic_inta(nic));
        g_assert_cmphex(sv_nic_db(&vif, SVNIC_DB_SIGNAL_STATUS), ==,
                        SVNIC_SIGNAL_LINK);
    }
}

static void test_irq_bits_are_shared(void *obj, void *data,
                                        QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    uint32_t id;

    inta_open(nic);
    for (id = 0; id < 64; id++) {
        QSvNicVif vif;

        sv_nic_vif_open(&vif, nic, id, NULL);
        g_assert_cmpuint(vif.irq_bit, ==, SVNIC_IRQ_BIT(id));
        g_assert_cmpuint(vif.irq_bit, !=, SVNIC_IRQ_BIT_MANAGER);
        sv_nic_db_write(&vif, SVNIC_DB_SIGNAL_MASK_CLEAR, ALL);
        signal_link(&vif);
        sv_nic_wait(sv_nic_qts(nic), sv_nic_inta(nic));
        g_assert_cmphex(vif_irqs(nic), ==, 1 << SVNIC_IRQ_BIT(id));
        irqs_clear(nic);
    }
}

/* With irq-bits=8: seven bits for VIFs, one for the manager. */
static void test_few_irq_bits(void *obj, void *data,
                                 QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_cmd cmd;
    uint64_t raised, redundant;
    QSvNicVif vif;
    uint32_t id;

    sv_nic_cmd_init(&cmd, SVNIC_CMD_QUERY, 0);
    g_assert_cmphex(sv_nic_cmd(nic, &cmd), ==, SVNIC_ST_OK);
    g_assert_cmpuint(le32_to_cpu(cmd.u.card.irq_bits), ==, 8);
    g_assert_cmphex(sv_nic_csr16(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ), ==,
                    1 << 7);
    sv_nic_csr16_write(nic, SVNIC_CSR_PRIMARY_CLEAR_MASK, 0xff7f);
    for (id = 0; id < 16; id++) {
        sv_nic_vif_open(&vif, nic, id, NULL);
        g_assert_cmpuint(vif.irq_bit, ==, id % 7);
        sv_nic_db_write(&vif, SVNIC_DB_SIGNAL_MASK_CLEAR, ALL);
        irqs_clear(nic);
        signal_link(&vif);
        sv_nic_wait(sv_nic_qts(nic), sv_nic_inta(nic));
        g_assert_cmphex(sv_nic_csr16(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ) &
                        ~(1 << 7), ==, 1 << id % 7);
    }
    /* Raising a bit that is already set is redundant. */
    raised = sv_nic_counter(nic, "card", "irq-bits-raised");
    redundant = sv_nic_counter(nic, "card", "irq-bits-redundant");
    irqs_clear(nic);
    signal_link(&vif);
    signal_link(&vif);
    signal_link(&vif);
    g_assert_cmpuint(sv_nic_counter(nic, "card", "irq-bits-redundant"), >=,
                     redundant + 2);
    g_assert_cmpuint(sv_nic_counter(nic, "card", "irq-bits-raised"), >=,
                     raised + 3);
}

static void test_msix(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicVif vif;
    uint32_t id, v;

    sv_nic_msix_enable(nic);
    inta_open(nic);
    for (id = 0; id < 64; id += 21) {
        sv_nic_vif_open(&vif, nic, id, NULL);
        g_assert_cmpuint(vif.vector, ==, SVNIC_VECTOR(id));
        sv_nic_db_write(&vif, SVNIC_DB_SIGNAL_MASK_CLEAR, ALL);
        signal_link(&vif);
        sv_nic_wait(sv_nic_qts(nic), sv_nic_vector_take(nic, vif.vector));
        /* only the manager got vectors, for the commands */
        sv_nic_wait(sv_nic_qts(nic),
                    sv_nic_vector_take(nic, SVNIC_VECTOR_MANAGER));
        for (v = 1; v <= 64; v++) {
            g_assert_false(sv_nic_vector_take(nic, v));
        }
        g_assert_cmphex(sv_nic_csr16(nic, SVNIC_CSR_PRIMARY_CLEAR_IRQ), ==,
                        0);
        g_assert_false(sv_nic_inta(nic));
    }
}

/* Two VIFs with one vector: a signal of either raises it, and no other. */
static void test_shared_vector(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    struct svnic_vif_attr attr = {
        .mask = cpu_to_le32(SVNIC_ATTR_MAC | SVNIC_ATTR_VECTOR),
        .vector = cpu_to_le32(5),
    };
    struct svnic_vif_info info;
    QSvNicVif vif[2];

    sv_nic_msix_enable(nic);
    for (uint32_t i = 0; i < 2; i++) {
        sv_nic_mac(attr.mac, 20 * (i + 1));
        sv_nic_vif_open(&vif[i], nic, 20 * (i + 1), &attr);
        g_assert_cmpuint(vif[i].vector, ==, 5);
        sv_nic_db_write(&vif[i], SVNIC_DB_SIGNAL_MASK_CLEAR, ALL);
    }
    for (uint32_t i = 0; i < 2; i++) {
        signal_link(&vif[i]);
        sv_nic_wait(sv_nic_qts(nic), sv_nic_vector_take(nic, 5));
        for (uint32_t v = 1; v <= 64; v++) {
            g_assert_false(sv_nic_vector_take(nic, v));
        }
    }
    /* 0 is the vector of its own again */
    attr.mask = cpu_to_le32(SVNIC_ATTR_VECTOR);
    attr.vector = 0;
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_CHANGE, 20,
                                   SVNIC_CMD_F_WHILE_ACTIVE, &attr, &info),
                    ==, SVNIC_ST_OK);
    g_assert_cmpuint(le32_to_cpu(info.vector), ==, SVNIC_VECTOR(20));
    signal_link(&vif[0]);
    sv_nic_wait(sv_nic_qts(nic),
                sv_nic_vector_take(nic, SVNIC_VECTOR(20)));
    g_assert_false(sv_nic_vector_take(nic, 5));
    signal_link(&vif[1]);
    sv_nic_wait(sv_nic_qts(nic), sv_nic_vector_take(nic, 5));
    g_assert_false(sv_nic_vector_take(nic, SVNIC_VECTOR(20)));
}

/* A masked vector stays pending until it is unmasked. */
static void test_msix_pending(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QPCIDevice *dev = &nic->pci_dev;
    uint64_t raised, redundant, control;
    QSvNicVif vif;

    sv_nic_msix_enable(nic);
    sv_nic_vif_open(&vif, nic, 4, NULL);
    control = dev->msix_table_off + vif.vector * PCI_MSIX_ENTRY_SIZE +
              PCI_MSIX_ENTRY_VECTOR_CTRL;
    qpci_io_writel(dev, nic->csr, control, PCI_MSIX_ENTRY_CTRL_MASKBIT);
    sv_nic_db_write(&vif, SVNIC_DB_SIGNAL_MASK_CLEAR, ALL);
    signal_link(&vif);
    sv_nic_wait(sv_nic_qts(nic), qpci_msix_pending(dev, vif.vector));
    g_assert_false(sv_nic_vector_take(nic, vif.vector));
    /* signals of a pending vector are redundant: one interrupt for all */
    raised = sv_nic_counter(nic, "card", "vectors-raised");
    redundant = sv_nic_counter(nic, "card", "vectors-redundant");
    signal_link(&vif);
    signal_link(&vif);
    sv_nic_wait(sv_nic_qts(nic), sv_nic_counter(nic, "card",
                                 "vectors-redundant") == redundant + 2);
    g_assert_cmpuint(sv_nic_counter(nic, "card", "vectors-raised"), >=,
                     raised + 2);
    qpci_io_writel(dev, nic->csr, control, 0);
    sv_nic_wait(sv_nic_qts(nic), sv_nic_vector_take(nic, vif.vector));
    g_assert_false(qpci_msix_pending(dev, vif.vector));
    g_assert_false(sv_nic_vector_take(nic, vif.vector));
    redundant = sv_nic_counter(nic, "card", "vectors-redundant");
    signal_link(&vif);
    sv_nic_wait(sv_nic_qts(nic), sv_nic_vector_take(nic, vif.vector));
    g_assert_cmpuint(sv_nic_counter(nic, "card", "vectors-redundant"), ==,
                     redundant);
}

/* With the enable bit off, a card with msix=on uses the IRQ bits. */
static void test_msix_fallback(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    QSvNicVif vif;

    inta_open(nic);
    sv_nic_vif_open(&vif, nic, 4, NULL);
    sv_nic_db_write(&vif, SVNIC_DB_SIGNAL_MASK_CLEAR, ALL);
    signal_link(&vif);
    sv_nic_wait(sv_nic_qts(nic), sv_nic_inta(nic));
    g_assert_cmphex(vif_irqs(nic), ==, 1 << vif.irq_bit);
    irqs_clear(nic);

    sv_nic_msix_enable(nic);
    signal_link(&vif);
    sv_nic_wait(sv_nic_qts(nic), sv_nic_vector_take(nic, vif.vector));
    g_assert_cmphex(vif_irqs(nic), ==, 0);

    qpci_msix_disable(&nic->pci_dev);
    signal_link(&vif);
    sv_nic_wait(sv_nic_qts(nic), sv_nic_inta(nic));
    g_assert_cmphex(vif_irqs(nic), ==, 1 << vif.irq_bit);
    g_assert_false(sv_nic_vector_take(nic, vif.vector));
}

static void register_sv_nic_doorbell_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
        const char *variants;
        const char *opts;
    } tests[] = {
        { "closed-page-has-no-effect", test_closed, "02" },
        { "page-opens-with-all-masked", test_opened_masked, "0" },
        { "mask-views-are-one-register", test_mask_views, "0" },
        { "pages-are-isolated", test_isolated, "02" },
        { "status-is-w1c", test_status_w1c, "02" },
        { "only-aligned-dwords-have-effect", test_only_dwords, "02" },
        { "masked-signal-is-raised-at-unmask", test_masked_then_unmasked,
          "02" },
        { "unmasked-signal-interrupts-every-time",
          test_interrupts_every_time, "02" },
        { "vifs-share-irq-bits-round-robin", test_irq_bits_are_shared,
          "0" },
        { "irq-register-of-8-bits-has-7-for-vifs", test_few_irq_bits, "02",
          "irq-bits=8" },
        { "msix-vector-of-each-vif", test_msix, "02", "msix=on" },
        { "vifs-share-an-msix-vector", test_shared_vector, "02", "msix=on" },
        { "masked-msix-vector-stays-pending", test_msix_pending, "02",
          "msix=on" },
        { "msix-off-falls-back-to-inta", test_msix_fallback, "02",
          "msix=on" },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("doorbell", tests[i].name, tests[i].fn,
                        tests[i].variants, tests[i].opts, NULL, NULL);
    }
}

libqos_init(register_sv_nic_doorbell_tests);
