/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: registers of the bridge with side effects: semaphores, indirect
 * configuration and I/O cycles, I2O queues, interrupts.
 *
 * Sections "Indirect cycles", "I2O queues" and "Interrupts" of
 * docs/specs/sv-nic*.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-face.h"
#include "hw/pci/pci_regs.h"
#include "qemu/module.h"

/*
 * "Indirect cycles"
 */

#define IDSEL(slot) (1u << (SVNIC_LOCAL_IDSEL_SHIFT + (slot)))

static uint32_t cycle(QSvNic *nic, unsigned slot, unsigned reg)
{
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_DOWN_CONFIG_ADDR, 4,
               IDSEL(slot) | reg);
    return face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_DOWN_CONFIG_DATA, 4);
}

static void test_semaphores(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    const struct {
        unsigned own, csr;
    } pairs[] = {
        { SVNIC_CSR_CONFIG_OWN, SVNIC_CSR_CONFIG_CSR },
        { SVNIC_CSR_IO_OWN, SVNIC_CSR_IO_CSR },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(pairs); i++) {
        unsigned own = pairs[i].own, csr = pairs[i].csr;
        int n;

        /* free: a read of the status does not take it, from either side */
        for (n = 0; n < 2; n++) {
            g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, csr, 2), ==, 0);
            g_assert_cmphex(face_read(nic, SECONDARY_MEMORY, csr, 2), ==, 0);
        }
        /* a read that returns 0 has taken it, others return 1 */
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, own, 2), ==, 0);
        g_assert_cmphex(face_read(nic, PRIMARY_IO, own, 2), ==, 1);
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, own, 1), ==, 1);
        g_assert_cmphex(face_read(nic, SECONDARY_MEMORY, own, 2), ==, 1);
        g_assert_cmphex(face_read(nic, SECONDARY_MEMORY, own, 2), ==, 0x101);
        g_assert_cmphex(face_read(nic, SECONDARY_MEMORY, own + 1, 1), ==, 1);
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, csr, 2), ==, 0x101);
        /* neither side can release the semaphore of the other */
        face_write(nic, PRIMARY_MEMORY, own, 2, 0x100);
        face_write(nic, SECONDARY_MEMORY, own, 2, 0x001);
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, csr, 2), ==, 0x101);
        face_write(nic, PRIMARY_MEMORY, own, 2, 0);
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, csr, 2), ==, 0x101);
        face_write(nic, PRIMARY_MEMORY, own, 1, 1);
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, csr, 2), ==, 0x100);
        face_write(nic, SECONDARY_MEMORY, own + 1, 1, 1);
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, csr, 2), ==, 0);
        /* a read of the byte without the bit does not take it */
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, own + 1, 1), ==, 0);
        g_assert_cmphex(face_read(nic, SECONDARY_MEMORY, own, 1), ==, 0);
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, csr, 2), ==, 0);
        /* it is free after a reset */
        face_read(nic, PRIMARY_MEMORY, own, 2);
        face_read(nic, SECONDARY_MEMORY, own, 2);
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, csr, 2), ==, 0x101);
        qtest_system_reset(sv_nic_qts(nic));
        g_assert_cmphex(face_read(nic, SECONDARY_MEMORY, csr, 2), ==, 0);
        sv_nic_restart(nic);
    }
}

/*
 * Both sides compete for a semaphore by all access paths, in random order: it
 * has at most one holder, and can be taken again only after its release.
 */
static void test_sem_races(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    int holder[2] = { -1, -1 };
    int i;

    for (i = 0; i < 600; i++) {
        Face face = g_rand_int_range(rand, 0, FACES);
        bool side = is_secondary(face);
        unsigned own = is_config(face) ? SVNIC_CFG_CONFIG_OWN
                                       : SVNIC_CSR_CONFIG_OWN;
        uint32_t bit = side ? SVNIC_OWN_UP : SVNIC_OWN_DOWN;

        if (holder[side] == (int)face) {
            face_write(nic, face, own, 2, bit);
            holder[side] = -1;
        } else {
            uint32_t got = face_read(nic, face, own, 2);

            g_assert_cmpint(!(got & bit), ==, holder[side] < 0);
            if (holder[side] < 0) {
                holder[side] = face;
            }
        }
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_CONFIG_CSR,
                                  2), ==,
                        (holder[0] >= 0 ? SVNIC_OWN_DOWN : 0) |
                        (holder[1] >= 0 ? SVNIC_OWN_UP : 0));
    }
}

/*
 * Either side can take each generic semaphore by any access path.  It has one
 * holder at a time, and a write from either side releases it.
 */
static void test_generic_sem(void *obj, void *data, QGuestAllocator *alloc)
{
    static const Face faces[] = {
        PRIMARY_MEMORY, PRIMARY_IO, SECONDARY_MEMORY,
    };
    const unsigned own = SVNIC_CSR_GENERIC_OWN;
    QSvNic *nic = obj;
    g_autoptr(GRand) rand = g_rand_new_with_seed(2);
    bool taken[2] = { false, false };
    unsigned owners[ARRAY_SIZE(faces)] = { 0 };
    size_t f;
    int i;

    for (i = 0; i < 600; i++) {
        unsigned n = g_rand_int_range(rand, 0, 2);
        unsigned at = own + n;      /* one byte: does not affect the other */

        f = g_rand_int_range(rand, 0, ARRAY_SIZE(faces));
        if (taken[n] && g_rand_int_range(rand, 0, 3) == 0) {
            face_write(nic, faces[f], at, 1, 0);
            face_write(nic, faces[f], at, 1, 1);
            taken[n] = false;
        } else {
            uint32_t got = face_read(nic, faces[f], at, 1);

            g_assert_cmphex(got, ==, taken[n]);
            owners[f] += !got;
            taken[n] = true;
        }
    }
    for (f = 0; f < ARRAY_SIZE(faces); f++) {
        g_assert_cmpuint(owners[f], >, 10);
    }
    /* both at once; a reset releases them */
    face_write(nic, SECONDARY_MEMORY, own, 2, 0xffff);
    g_assert_cmphex(face_read(nic, PRIMARY_IO, own, 4), ==, 0);
    g_assert_cmphex(face_read(nic, SECONDARY_MEMORY, own, 2), ==, 0x101);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_CONFIG_CSR, 2),
                    ==, 0);
    qtest_system_reset(sv_nic_qts(nic));
    g_assert_cmphex(face_read(nic, SECONDARY_MEMORY, own, 2), ==, 0);
}

static void test_config_cycles(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    const uint32_t id = SVNIC_IXP_DEVICE_ID << 16 | SVNIC_IXP_VENDOR_ID;
    uint32_t bar;

    /* no cycle unless enabled and the semaphore is taken */
    g_assert_cmphex(cycle(nic, SVNIC_LOCAL_SLOT_IXP, 0), ==, 0);
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_CONFIG_CSR, 2,
               SVNIC_OWN_CSR_DOWN_ENABLE);
    g_assert_cmphex(cycle(nic, SVNIC_LOCAL_SLOT_IXP, 0), ==, 0);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_CONFIG_OWN, 2),
                    ==, 0);
    g_assert_cmphex(cycle(nic, SVNIC_LOCAL_SLOT_IXP, 0), ==, id);
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_CONFIG_CSR, 2,
               SVNIC_OWN_CSR_UP_ENABLE);
    g_assert_cmphex(cycle(nic, SVNIC_LOCAL_SLOT_IXP, 0), ==, 0);
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_CONFIG_CSR, 2,
               SVNIC_OWN_CSR_DOWN_ENABLE);
    /* parts of the register, and through configuration space */
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY,
                              SVNIC_CSR_DOWN_CONFIG_DATA + 2, 2), ==,
                    SVNIC_IXP_DEVICE_ID);
    g_assert_cmphex(face_read(nic, PRIMARY_CONFIG,
                              SVNIC_CFG_DOWN_CONFIG_DATA, 4), ==, id);
    g_assert_cmphex(face_read(nic, PRIMARY_IO,
                              SVNIC_CSR_DOWN_CONFIG_DATA + 1, 1), ==, 0x80);
    /* the chip's BAR shows its size, and moves the registers */
    g_assert_cmphex(cycle(nic, SVNIC_LOCAL_SLOT_IXP, PCI_BASE_ADDRESS_0), ==,
                    SVNIC_LOCAL_PCI_CSR);
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_DOWN_CONFIG_DATA, 4,
               0xffffffff);
    bar = face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_DOWN_CONFIG_DATA, 4);
    g_assert_cmphex(bar, ==, -(uint32_t)SVNIC_PCI_CSR_SIZE);
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_MAILBOX(
                                       SVNIC_MAILBOX_IDENTITY)), ==,
                    0xffffffff);
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_DOWN_CONFIG_DATA, 4,
               SVNIC_LOCAL_PCI_CSR);
    g_assert_cmphex(sv_nic_pci_csr(nic, SVNIC_PCI_CSR_MAILBOX(
                                       SVNIC_MAILBOX_IDENTITY)), ==,
                    SVNIC_IDENTITY);
    /* no target: other slots, type 1, two slots at once */
    face_write(nic, PRIMARY_CONFIG, SVNIC_CFG_SECONDARY_STATUS, 2, 0xffff);
    g_assert_cmphex(cycle(nic, SVNIC_LOCAL_SLOT_BRIDGE, 0), ==, 0xffffffff);
    g_assert_cmphex(face_read(nic, PRIMARY_CONFIG, SVNIC_CFG_SECONDARY_STATUS,
                              2) & PCI_STATUS_REC_MASTER_ABORT, !=, 0);
    g_assert_cmphex(cycle(nic, 15, 0), ==, 0xffffffff);
    g_assert_cmphex(cycle(nic, SVNIC_LOCAL_SLOT_IXP, 1), ==, 0xffffffff);
    g_assert_cmphex(cycle(nic, SVNIC_LOCAL_SLOT_IXP, IDSEL(3)), ==,
                    0xffffffff);
    g_assert_cmphex(cycle(nic, SVNIC_LOCAL_SLOT_IXP, 0x700), ==, 0xffffffff);
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_DOWN_CONFIG_ADDR, 4, 0);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_DOWN_CONFIG_DATA,
                              4), ==, 0xffffffff);
    g_assert_cmpuint(sv_nic_counter(nic, "card", "downstream-aborts"), >=, 6);
}

static void test_other_cycles(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    const struct {
        Face face;
        unsigned own, csr, data, status;
    } ways[] = {
        { PRIMARY_MEMORY, SVNIC_CSR_IO_OWN, SVNIC_CSR_IO_CSR,
          SVNIC_CSR_DOWN_IO_DATA, SVNIC_CFG_SECONDARY_STATUS },
        { SECONDARY_MEMORY, SVNIC_CSR_IO_OWN, SVNIC_CSR_IO_CSR,
          SVNIC_CSR_UP_IO_DATA, PCI_STATUS },
        { SECONDARY_MEMORY, SVNIC_CSR_CONFIG_OWN, SVNIC_CSR_CONFIG_CSR,
          SVNIC_CSR_UP_CONFIG_DATA, PCI_STATUS },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(ways); i++) {
        Face face = ways[i].face;

        face_write(nic, PRIMARY_CONFIG, ways[i].status, 2, 0xffff);
        face_write(nic, face, ways[i].csr, 2, 0);
        g_assert_cmphex(face_read(nic, face, ways[i].data, 4), ==, 0);
        face_write(nic, face, ways[i].csr, 2, SVNIC_OWN_CSR_DOWN_ENABLE |
                                              SVNIC_OWN_CSR_UP_ENABLE);
        g_assert_cmphex(face_read(nic, face, ways[i].data, 4), ==, 0);
        face_read(nic, face, ways[i].own, 2);
        /* taken, but only the other direction is enabled */
        face_write(nic, face, ways[i].csr, 2,
                   is_secondary(face) ? SVNIC_OWN_CSR_DOWN_ENABLE
                                      : SVNIC_OWN_CSR_UP_ENABLE);
        g_assert_cmphex(face_read(nic, face, ways[i].data, 4), ==, 0);
        face_write(nic, face, ways[i].csr, 2, SVNIC_OWN_CSR_DOWN_ENABLE |
                                              SVNIC_OWN_CSR_UP_ENABLE);
        g_assert_cmphex(face_read(nic, PRIMARY_CONFIG, ways[i].status, 2) &
                        PCI_STATUS_REC_MASTER_ABORT, ==, 0);
        g_assert_cmphex(face_read(nic, face, ways[i].data, 4), ==,
                        0xffffffff);
        g_assert_cmphex(face_read(nic, PRIMARY_CONFIG, ways[i].status, 2) &
                        PCI_STATUS_REC_MASTER_ABORT, !=, 0);
    }
}

/*
 * "I2O queues"
 */

#define LIST(n)     (0x100000 + 0x1000 * (n))   /* in SDRAM */

static void i2o_count(QSvNic *nic, unsigned reg, uint32_t count)
{
    face_write(nic, SECONDARY_MEMORY, reg, 4, SVNIC_I2O_COUNT_SET | count);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, reg, 4), ==, count);
}

static void i2o_on(QSvNic *nic)
{
    uint16_t control = face_read(nic, PRIMARY_CONFIG,
                                 SVNIC_CFG_CHIP_CONTROL1, 2);

    face_write(nic, PRIMARY_CONFIG, SVNIC_CFG_CHIP_CONTROL1, 2,
               control | SVNIC_CC1_I2O_ENABLE);
    face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_I2O_IN_FREE_HEAD, 4, LIST(0));
    face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_I2O_IN_POST_TAIL, 4, LIST(1));
    face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_I2O_OUT_FREE_TAIL, 4,
               LIST(2));
    face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_I2O_OUT_POST_HEAD, 4,
               LIST(3) + 4 * 255);
}

static void test_i2o(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    unsigned i;

    /* disabled: reads are empty, the pointer does not move */
    i2o_count(nic, SVNIC_CSR_I2O_IN_FREE_COUNT, 2);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_INBOUND_QUEUE,
                              4), ==, SVNIC_I2O_EMPTY);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_IN_FREE_COUNT,
                              4), ==, 2);
    i2o_on(nic);

    /* the host pops free frames from the chip, in order */
    sv_nic_sdram32_write(nic, LIST(0), 0x1000);
    sv_nic_sdram32_write(nic, LIST(0) + 4, 0x2000);
    for (i = 1; i <= 2; i++) {
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY,
                                  SVNIC_CSR_I2O_INBOUND_QUEUE, 4), ==,
                        0x1000 * i);
    }
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_INBOUND_QUEUE,
                              4), ==, SVNIC_I2O_EMPTY);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_IN_FREE_HEAD,
                              4), ==, LIST(0) + 8);

    /* the host posts: s_inta_l is asserted if not masked */
    g_assert_false(sv_nic_s_inta(nic));
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_INBOUND_QUEUE, 4, 0xbeef);
    g_assert_cmphex(sv_nic_sdram32(nic, LIST(1)), ==, 0xbeef);
    g_assert_cmphex(face_read(nic, SECONDARY_MEMORY,
                              SVNIC_CSR_I2O_IN_POST_STATUS, 4), ==,
                    SVNIC_I2O_POST);
    g_assert_false(sv_nic_s_inta(nic));
    face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_I2O_IN_POST_MASK, 4, 0);
    g_assert_true(sv_nic_s_inta(nic));
    face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_I2O_IN_POST_COUNT, 4, 0);
    g_assert_cmphex(face_read(nic, SECONDARY_MEMORY,
                              SVNIC_CSR_I2O_IN_POST_STATUS, 4), ==, 0);
    g_assert_false(sv_nic_s_inta(nic));

    /* outbound: the chip posts across the ring's end, INTA is asserted */
    sv_nic_sdram32_write(nic, LIST(3) + 4 * 255, 0x3000);
    sv_nic_sdram32_write(nic, LIST(3), 0x4000);
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_OUT_POST_MASK, 4, 0);
    g_assert_false(sv_nic_inta(nic));
    face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_I2O_OUT_POST_COUNT, 4, 0);
    face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_I2O_OUT_POST_COUNT, 4, 0);
    g_assert_true(sv_nic_inta(nic));
    for (i = 3; i <= 4; i++) {
        g_assert_cmphex(face_read(nic, PRIMARY_IO,
                                  SVNIC_CSR_I2O_OUTBOUND_QUEUE, 4), ==,
                        0x1000 * i);
    }
    g_assert_false(sv_nic_inta(nic));
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_OUT_POST_HEAD,
                              4), ==, LIST(3) + 4);
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_OUTBOUND_QUEUE, 4, 0x3000);
    g_assert_cmphex(sv_nic_sdram32(nic, LIST(2)), ==, 0x3000);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_OUT_FREE_COUNT,
                              4), ==, 1);

    /* the chip cannot pop there; a queue in registers reads empty */
    g_assert_cmphex(face_read(nic, SECONDARY_MEMORY,
                              SVNIC_CSR_I2O_INBOUND_QUEUE, 4), ==, 0);
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_IN_FREE_HEAD, 4,
               SVNIC_LOCAL_PCI_CSR);
    i2o_count(nic, SVNIC_CSR_I2O_IN_FREE_COUNT, 1);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_INBOUND_QUEUE,
                              4), ==, SVNIC_I2O_EMPTY);
}

/* A write counts in the direction of the counter, or with bit 31 loads it. */
static void test_i2o_counters(void *obj, void *data, QGuestAllocator *alloc)
{
    static const struct {
        unsigned reg;
        int by;
    } counters[] = {
        { SVNIC_CSR_I2O_IN_POST_COUNT, -1 },
        { SVNIC_CSR_I2O_IN_FREE_COUNT, 1 },
        { SVNIC_CSR_I2O_OUT_POST_COUNT, 1 },
        { SVNIC_CSR_I2O_OUT_FREE_COUNT, -1 },
    };
    QSvNic *nic = obj;
    size_t i, n;

    for (i = 0; i < ARRAY_SIZE(counters); i++) {
        unsigned reg = counters[i].reg;

        i2o_count(nic, reg, 0x1234);
        face_write(nic, SECONDARY_MEMORY, reg, 4, 0x7fff4321);
        g_assert_cmphex(face_read(nic, SECONDARY_MEMORY, reg, 4), ==,
                        0x1234 + counters[i].by);
        face_write(nic, PRIMARY_IO, reg, 4, 0);
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, reg, 4), ==,
                        0x1234 + 2 * counters[i].by);
        /* without the byte of bit 31 no effect; that byte alone only loads */
        face_write(nic, SECONDARY_MEMORY, reg, 2, 0x5555);
        face_write(nic, SECONDARY_MEMORY, reg + 2, 1, 0xff);
        face_write(nic, SECONDARY_MEMORY, reg + 3, 1, 0x80);
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, reg, 4), ==,
                        0x1234 + 2 * counters[i].by);
        face_write(nic, SECONDARY_MEMORY, reg + 3, 1, 0);
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, reg, 4), ==,
                        0x1234 + 3 * counters[i].by);
        /* wraps at 16 bits */
        i2o_count(nic, reg, counters[i].by < 0 ? 0 : 0xffff);
        face_write(nic, SECONDARY_MEMORY, reg, 4, 0);
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, reg, 4), ==,
                        counters[i].by < 0 ? 0xffff : 0);
        for (n = 0; n < ARRAY_SIZE(counters); n++) {
            g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, counters[n].reg, 4),
                            ==, n <= i && counters[n].by < 0 ? 0xffff : 0);
        }
    }
}

/* A queue wraps at the end given by its size, for every size. */
static void test_i2o_sizes(void *obj, void *data, QGuestAllocator *alloc)
{
    QSvNic *nic = obj;
    unsigned code;

    for (code = 0; code < 1u << SVNIC_CC1_I2O_SIZE_BITS; code++) {
        uint32_t bytes = (256u << code) * 4;

        face_write(nic, PRIMARY_CONFIG, SVNIC_CFG_CHIP_CONTROL1, 2,
                   SVNIC_CC1_I2O_ENABLE | code << SVNIC_CC1_I2O_SIZE_SHIFT);
        face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_I2O_IN_POST_TAIL, 4,
                   0x200000 + bytes - 4);
        face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_INBOUND_QUEUE, 4,
                   0x1000 + code);
        face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_INBOUND_QUEUE, 4,
                   0x2000 + code);
        g_assert_cmphex(sv_nic_sdram32(nic, 0x200000 + bytes - 4), ==,
                        0x1000 + code);
        g_assert_cmphex(sv_nic_sdram32(nic, 0x200000), ==, 0x2000 + code);
        g_assert_cmphex(face_read(nic, PRIMARY_MEMORY,
                                  SVNIC_CSR_I2O_IN_POST_TAIL, 4), ==,
                        0x200004);
    }
    /* no access to the queues while the chip is held in reset */
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_IN_POST_COUNT,
                              4), ==, 2 << SVNIC_CC1_I2O_SIZE_BITS);
    i2o_count(nic, SVNIC_CSR_I2O_OUT_POST_COUNT, 1);
    face_write(nic, PRIMARY_CONFIG, SVNIC_CFG_RESET_CONTROL, 1,
               SVNIC_RESET_SECONDARY);
    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_INBOUND_QUEUE, 4, 1);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY,
                              SVNIC_CSR_I2O_OUTBOUND_QUEUE, 4), ==,
                    SVNIC_I2O_EMPTY);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY, SVNIC_CSR_I2O_IN_POST_COUNT,
                              4), ==, 2 << SVNIC_CC1_I2O_SIZE_BITS);
    g_assert_cmphex(face_read(nic, PRIMARY_MEMORY,
                              SVNIC_CSR_I2O_OUT_POST_COUNT, 4), ==, 1);
    face_write(nic, PRIMARY_CONFIG, SVNIC_CFG_RESET_CONTROL, 1, 0);
    sv_nic_wait_firmware(nic);
}

/*
 * "Interrupts", of the secondary side
 */

static void test_secondary_interrupt(void *obj, void *data,
                                     QGuestAllocator *alloc)
{
    QSvNic *nic = obj;

    face_write(nic, PRIMARY_MEMORY, SVNIC_CSR_SECONDARY_SET_IRQ, 2, 0x10);
    g_assert_false(sv_nic_s_inta(nic));
    face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_SECONDARY_CLEAR_MASK, 2, 0x10);
    g_assert_true(sv_nic_s_inta(nic));
    face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_SECONDARY_CLEAR_IRQ, 2, 0x10);
    g_assert_false(sv_nic_s_inta(nic));

    /* the chip raises INTA by itself */
    face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_PRIMARY_CLEAR_MASK, 2, 0x1);
    face_write(nic, SECONDARY_MEMORY, SVNIC_CSR_PRIMARY_SET_IRQ, 2, 0x1);
    g_assert_true(sv_nic_inta(nic));
    face_write(nic, PRIMARY_IO, SVNIC_CSR_PRIMARY_CLEAR_IRQ, 2, 0x1);
    g_assert_false(sv_nic_inta(nic));
}

static void register_sv_nic_cycle_tests(void)
{
    const struct {
        const char *name;
        QOSTestFunc fn;
    } tests[] = {
        { "a-read-of-0-takes-the-semaphore", test_semaphores },
        { "a-semaphore-has-one-holder-in-any-order", test_sem_races },
        { "either-side-takes-a-generic-semaphore", test_generic_sem },
        { "the-chip-answers-configuration-cycles", test_config_cycles },
        { "all-other-cycles-end-with-a-master-abort", test_other_cycles },
        { "i2o-queues-pop-push-and-count", test_i2o },
        { "i2o-counters-count-in-their-direction", test_i2o_counters },
        { "i2o-queues-have-eight-sizes", test_i2o_sizes },
        { "either-side-interrupts-the-other", test_secondary_interrupt },
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tests); i++) {
        sv_nic_add_test("cycle", tests[i].name, tests[i].fn, "0", NULL, NULL,
                        NULL);
    }
}

libqos_init(register_sv_nic_cycle_tests);
