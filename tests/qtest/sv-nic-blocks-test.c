/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC: host memory that the guest plugs and unplugs in blocks (virtio-mem):
 * the card can access only plugged blocks.
 *
 * Sections "Upstream" and "Host placement" of docs/specs/sv-nic*.rst.
 */
#include "qemu/osdep.h"
#include "libqtest-single.h"
#include "libqos/malloc-pc.h"
#include "libqos/pci-pc.h"
#include "libqos/sv-nic.h"
#include "libqos/sv-nic-frame.h"
#include "libqos/virtio-pci.h"
#include "qemu/bswap.h"
#include "qemu/module.h"
#include "qemu/units.h"
#include "standard-headers/linux/virtio_config.h"
#include "standard-headers/linux/virtio_mem.h"
#include "standard-headers/linux/virtio_ring.h"

#define BLOCK           (2 * MiB)
#define BLOCKS          4
#define TIMEOUT_US      (10 * 1000 * 1000)

typedef struct Machine {
    QTestState *qts;
    QPCIBus *bus;
    QGuestAllocator alloc;
    QSvNic nic;
    QVirtioPCIDevice *mem;
    QVirtQueue *vq;
    uint64_t base;              /* guest address of the memory */
} Machine;

static void machine_start(Machine *m, const char *workers, const char *mem)
{
    QPCIAddress addr = { .devfn = QPCI_DEVFN(5, 0) };
    QVirtioDevice *vdev;

    m->qts = qtest_initf("-machine pc -nodefaults -m 64M,maxmem=1G "
                         "-object memory-backend-ram,id=mem,size=64M "
                         "-device virtio-mem-pci,addr=5,memdev=mem,"
                         "block-size=2M,requested-size=8M,%s "
                         "-device sv-nic,addr=10,id=" SV_NIC_ID
                         ",workers=%s,sdram-size=16M,vifs=4", mem, workers);
    m->bus = qpci_new_pc(m->qts, &m->alloc);
    pc_alloc_init(&m->alloc, m->qts, ALLOC_NO_FLAGS);
    sv_nic_init(&m->nic, m->bus, &m->alloc, QPCI_DEVFN(0x10, 0));
    sv_nic_start(&m->nic);
    m->mem = virtio_pci_new(m->bus, &addr);
    g_assert_nonnull(m->mem);
    vdev = &m->mem->vdev;
    qvirtio_pci_device_enable(m->mem);
    qvirtio_start_device(vdev);
    qvirtio_set_features(vdev, qvirtio_get_features(vdev) &
                         (1ull << VIRTIO_F_VERSION_1 |
                          1ull << VIRTIO_MEM_F_UNPLUGGED_INACCESSIBLE));
    m->vq = qvirtqueue_setup(vdev, &m->alloc, 0);
    qvirtio_set_driver_ok(vdev);
    m->base = qvirtio_config_readq(vdev, offsetof(struct virtio_mem_config,
                                                  addr));
    g_assert_cmphex(m->base, >=, 4 * GiB);
}

static void machine_end(Machine *m)
{
    qvirtqueue_cleanup(m->mem->vdev.bus, m->vq, &m->alloc);
    qvirtio_pci_device_disable(m->mem);
    g_free(m->mem->pdev);
    g_free(m->mem);
    alloc_destroy(&m->alloc);
    qpci_free_pc(m->bus);
    qtest_quit(m->qts);
}

/* Plugs or unplugs blocks @first to @first + @n - 1. */
static void blocks(Machine *m, uint16_t type, unsigned first, unsigned n)
{
    struct virtio_mem_req req = {
        .type = cpu_to_le16(type),
        .u.plug.addr = cpu_to_le64(m->base + first * BLOCK),
        .u.plug.nb_blocks = cpu_to_le16(n),
    };
    uint64_t at = guest_alloc(&m->alloc, sizeof(req) +
                              sizeof(struct virtio_mem_resp));
    uint32_t head;

    qtest_memwrite(m->qts, at, &req, sizeof(req));
    qtest_memset(m->qts, at + sizeof(req), 0xff,
                 sizeof(struct virtio_mem_resp));
    head = qvirtqueue_add(m->qts, m->vq, at, sizeof(req), false, true);
    qvirtqueue_add(m->qts, m->vq, at + sizeof(req),
                   sizeof(struct virtio_mem_resp), true, false);
    qvirtqueue_kick(m->qts, &m->mem->vdev, m->vq, head);
    qvirtio_wait_used_elem(m->qts, &m->mem->vdev, m->vq, head, NULL,
                           TIMEOUT_US);
    g_assert_cmphex(qtest_readw(m->qts, at + sizeof(req)), ==,
                    VIRTIO_MEM_RESP_ACK);
    guest_free(&m->alloc, at);
}

/* The card reads and writes at @offset of the memory. */
static void reaches(Machine *m, uint64_t offset, bool there)
{
    uint64_t addr = m->base + offset;
    uint32_t result;
    uint64_t aborts = sv_nic_counter(&m->nic, "card", "upstream-aborts");
    uint64_t value;

    if (there) {
        qtest_writeq(m->qts, addr, 0x1122334455667788);
    }
    value = sv_nic_secondary_read(&m->nic, "memory", addr, 8, &result);
    g_assert_true((result == 0) == there);
    g_assert_cmphex(value, ==, there ? 0x1122334455667788 : UINT64_MAX);
    result = sv_nic_secondary_write(&m->nic, "memory", addr, 8, offset);
    g_assert_true((result == 0) == there);
    if (there) {
        g_assert_cmphex(qtest_readq(m->qts, addr), ==, offset);
    }
    g_assert_cmpuint(sv_nic_counter(&m->nic, "card", "upstream-aborts"), ==,
                     aborts + (there ? 0 : 2));
}

static void pass(QSvNicVif *from, QSvNicVif *to, uint32_t seed)
{
    uint8_t bytes[1514];

    sv_nic_frame_fill(bytes, sizeof(bytes), to->mac, from->mac, seed);
    sv_nic_send(from, NULL, bytes, sizeof(bytes));
    sv_nic_expect(to, NULL, bytes, sizeof(bytes));
}

static void try_memory(const char *workers, const char *mem)
{
    struct svnic_vif_info info;
    QSvNicVif a, b;
    Machine m;

    machine_start(&m, workers, mem);
    sv_nic_vif_open_host(&b, &m.nic, 1, &m.alloc);
    for (uint32_t i = 0; i < 3; i++) {
        sv_nic_vif_create_host(&a, &m.nic, 0);
        reaches(&m, 0, false);
        g_assert_cmphex(sv_nic_vif_map(&m.nic, 0, m.base, 0, 1), ==,
                        SVNIC_ST_BAD_ADDRESS);

        blocks(&m, VIRTIO_MEM_REQ_PLUG, 0, BLOCKS);
        reaches(&m, 0, true);
        reaches(&m, BLOCK - 4, true);
        reaches(&m, BLOCKS * BLOCK - 8, true);
        reaches(&m, BLOCKS * BLOCK, false);
        g_assert_cmphex(sv_nic_vif_map(&m.nic, 0, m.base + BLOCKS * BLOCK, 0,
                                       1), ==, SVNIC_ST_BAD_ADDRESS);
        sv_nic_vif_pages(&a, m.base + MiB);
        sv_nic_vif_start_host(&a, 0);
        pass(&a, &b, i);
        pass(&b, &a, i + 1);

        /* an unused block, then all blocks, under traffic */
        blocks(&m, VIRTIO_MEM_REQ_UNPLUG, BLOCKS - 1, 1);
        reaches(&m, (BLOCKS - 1) * BLOCK, false);
        reaches(&m, 0, true);
        pass(&a, &b, i + 2);
        pass(&b, &a, i + 3);
        blocks(&m, VIRTIO_MEM_REQ_UNPLUG, 0, BLOCKS - 1);
        sv_nic_db_write(&a, SVNIC_DB_SEND, 1);
        sv_nic_signal_wait(&a, SVNIC_SIGNAL_STATE);
        g_assert_cmphex(sv_nic_vif_cmd(&m.nic, SVNIC_CMD_VIF_QUERY, 0, 0,
                                       NULL, &info), ==, SVNIC_ST_OK);
        g_assert_cmpuint(le32_to_cpu(info.state), ==, SVNIC_VIF_STOPPED);
        g_assert_cmpuint(le32_to_cpu(info.error), ==, SVNIC_ERR_HOST_PAGE);
        g_assert_cmphex(sv_nic_vif_cmd(&m.nic, SVNIC_CMD_VIF_DEACTIVATE, 0, 0,
                                       NULL, NULL), ==, SVNIC_ST_OK);
        g_assert_cmphex(sv_nic_vif_cmd(&m.nic, SVNIC_CMD_VIF_DESTROY, 0, 0,
                                       NULL, NULL), ==, SVNIC_ST_OK);
        /* the count of aborts is exact: the VIF causes none any more */
        reaches(&m, 0, false);
        reaches(&m, BLOCK, false);
    }
    machine_end(&m);
}

static void test_blocks(void *obj, void *data, QGuestAllocator *alloc)
{
    static const char *const workers[] = { "0", "2" };
    static const char *const mems[] = {
        "dynamic-memslots=off", "dynamic-memslots=on",
    };

    if (!qtest_has_device("virtio-mem-pci")) {
        g_test_skip("no virtio-mem in this build");
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(workers); i++) {
        for (size_t n = 0; n < ARRAY_SIZE(mems); n++) {
            g_test_message("workers=%s %s", workers[i], mems[n]);
            try_memory(workers[i], mems[n]);
        }
    }
}

static void register_sv_nic_blocks_tests(void)
{
    sv_nic_add_test("blocks", "only-blocks-that-are-plugged-in-are-reached",
                    test_blocks, "0", NULL, NULL, NULL);
}

libqos_init(register_sv_nic_blocks_tests);
