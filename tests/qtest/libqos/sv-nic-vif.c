/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libqos driver for the SV-NIC card: accesses of the owner of a VIF to the
 * VIF's region and its doorbell page ("Memory of a VIF").
 *
 * Called by tests/qtest/sv-nic-*-test.c, single-threaded.
 */
#include "qemu/osdep.h"
#include "../libqtest.h"
#include "qemu/bswap.h"
#include "sv-nic.h"

void sv_nic_mac(uint8_t mac[6], uint32_t n)
{
    mac[0] = 0x02; /* locally administered */
    mac[1] = 0x56;
    mac[2] = n >> 24;
    mac[3] = n >> 16;
    mac[4] = n >> 8;
    mac[5] = n;
}

void sv_nic_vif_attach(QSvNicVif *vif, QSvNic *nic, uint32_t id,
                       const struct svnic_vif_info *info)
{
    /* all fields except the pages of a region on the host */
    memset(vif, 0, offsetof(QSvNicVif, page));
    vif->nic = nic;
    vif->id = id;
    vif->base = le32_to_cpu(info->sdram_offset);
    vif->size = le32_to_cpu(info->sdram_size);
    vif->irq_bit = le32_to_cpu(info->irq_bit);
    vif->vector = le32_to_cpu(info->vector);
    memcpy(vif->mac, info->attr.mac, sizeof(vif->mac));
    g_assert_cmphex(le32_to_cpu(info->state), ==, SVNIC_VIF_ACTIVE);
    g_assert_cmphex(le32_to_cpu(info->doorbell_page), ==, id);

    g_assert_true(svnic_owner_attach(&vif->ring, vif->size));
    g_assert_cmphex(vif->ring.id, ==, id);
    g_assert_cmphex(vif->ring.send_slots, ==,
                    le32_to_cpu(info->attr.send_slots));
    g_assert_cmphex(vif->ring.recv_slots, ==,
                    le32_to_cpu(info->attr.recv_slots));
}

void sv_nic_vif_open(QSvNicVif *vif, QSvNic *nic, uint32_t id,
                     const struct svnic_vif_attr *attr)
{
    struct svnic_vif_attr with_mac = { };
    struct svnic_vif_info info;

    if (!attr) {
        with_mac.mask = cpu_to_le32(SVNIC_ATTR_MAC);
        sv_nic_mac(with_mac.mac, id);
        attr = &with_mac;
    }
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_CREATE, id, 0, attr,
                                   NULL), ==, SVNIC_ST_OK);
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_ACTIVATE, id, 0, NULL,
                                   &info), ==, SVNIC_ST_OK);
    sv_nic_vif_attach(vif, nic, id, &info);
}

void sv_nic_vif_reset(QSvNicVif *vif)
{
    struct svnic_vif_info info;

    g_assert_cmphex(sv_nic_vif_cmd(vif->nic, SVNIC_CMD_VIF_RESET, vif->id, 0,
                                   NULL, &info), ==, SVNIC_ST_OK);
    sv_nic_vif_attach(vif, vif->nic, vif->id, &info);
}

void sv_nic_vif_change(QSvNicVif *vif, const struct svnic_vif_attr *attr)
{
    g_assert_cmphex(sv_nic_vif_cmd(vif->nic, SVNIC_CMD_VIF_CHANGE, vif->id,
                                   SVNIC_CMD_F_WHILE_ACTIVE, attr, NULL),
                    ==, SVNIC_ST_OK);
}

/*
 * The region
 */

/* Guest address of a byte of a region on the host; bytes left in the page. */
static uint64_t host_address(QSvNicVif *vif, uint32_t offset, size_t *size)
{
    uint32_t page = offset / SVNIC_PAGE_SIZE;

    g_assert_cmpuint(page, <, SV_NIC_HOST_PAGES);
    *size = MIN(*size, SVNIC_PAGE_SIZE - offset % SVNIC_PAGE_SIZE);
    return vif->page[page] + offset % SVNIC_PAGE_SIZE;
}

void sv_nic_region_read(QSvNicVif *vif, uint32_t offset, void *buf, size_t size)
{
    uint8_t *p = buf;

    if (vif->base) {
        sv_nic_sdram_read(vif->nic, vif->base + offset, buf, size);
        return;
    }
    while (size) {
        size_t n = size;
        uint64_t address = host_address(vif, offset, &n);

        qtest_bufread(sv_nic_qts(vif->nic), address, p, n);
        p += n;
        offset += n;
        size -= n;
    }
}

void sv_nic_region_write(QSvNicVif *vif, uint32_t offset, const void *buf,
                         size_t size)
{
    const uint8_t *p = buf;

    if (vif->base) {
        sv_nic_sdram_write(vif->nic, vif->base + offset, buf, size);
        return;
    }
    while (size) {
        size_t n = size;
        uint64_t address = host_address(vif, offset, &n);

        qtest_bufwrite(sv_nic_qts(vif->nic), address, p, n);
        p += n;
        offset += n;
        size -= n;
    }
}

uint32_t sv_nic_region32(QSvNicVif *vif, uint32_t offset)
{
    size_t size = sizeof(uint32_t);

    return vif->base ? sv_nic_sdram32(vif->nic, vif->base + offset)
                     : qtest_readl(sv_nic_qts(vif->nic),
                                   host_address(vif, offset, &size));
}

void sv_nic_region32_write(QSvNicVif *vif, uint32_t offset, uint32_t value)
{
    size_t size = sizeof(value);

    if (vif->base) {
        sv_nic_sdram32_write(vif->nic, vif->base + offset, value);
    } else {
        qtest_writel(sv_nic_qts(vif->nic), host_address(vif, offset, &size),
                     value);
    }
}

/* How sv_nic_ring.h accesses the region; accesses by qtest are ordered. */

static QSvNicVif *vif_of(const struct svnic_owner *o)
{
    return container_of(o, QSvNicVif, ring);
}

uint32_t svnic_mem_load(const struct svnic_owner *o, uint32_t offset)
{
    return sv_nic_region32(vif_of(o), offset);
}

void svnic_mem_store(const struct svnic_owner *o, uint32_t offset,
                     uint32_t value)
{
    sv_nic_region32_write(vif_of(o), offset, value);
}

void svnic_mem_read(const struct svnic_owner *o, uint32_t offset, void *to,
                    uint32_t size)
{
    sv_nic_region_read(vif_of(o), offset, to, size);
}

void svnic_mem_write(const struct svnic_owner *o, uint32_t offset,
                     const void *from, uint32_t size)
{
    sv_nic_region_write(vif_of(o), offset, from, size);
}

void svnic_mem_barrier(const struct svnic_owner *o)
{
}

/*
 * A region on the host
 */

void sv_nic_vif_pages(QSvNicVif *vif, uint64_t base)
{
    for (uint32_t i = 0; i < SV_NIC_HOST_PAGES; i++) {
        vif->page[i] = base + (SV_NIC_HOST_PAGES - 1 - i) * SVNIC_PAGE_SIZE;
    }
}

void sv_nic_vif_create_host(QSvNicVif *vif, QSvNic *nic, uint32_t id)
{
    struct svnic_vif_attr attr = {
        .mask = cpu_to_le32(SVNIC_ATTR_MAC | SVNIC_ATTR_PLACEMENT |
                            SVNIC_ATTR_SEND_SLOTS | SVNIC_ATTR_RECV_SLOTS),
        .placement = cpu_to_le32(SVNIC_PLACEMENT_HOST),
        .send_slots = cpu_to_le32(SVNIC_MIN_SLOTS),
        .recv_slots = cpu_to_le32(SVNIC_MIN_SLOTS),
    };
    struct svnic_vif_info info;

    vif->nic = nic;
    vif->id = id;
    sv_nic_mac(attr.mac, id);
    g_assert_cmphex(sv_nic_vif_cmd(nic, SVNIC_CMD_VIF_CREATE, id, 0, &attr,
                                   &info), ==, SVNIC_ST_OK);
    g_assert_cmpuint(le32_to_cpu(info.sdram_offset), ==, 0);
    g_assert_cmpuint(le32_to_cpu(info.sdram_size), ==,
                     SV_NIC_HOST_PAGES * SVNIC_PAGE_SIZE);
    g_assert_cmpuint(le32_to_cpu(info.attr.placement), ==,
                     SVNIC_PLACEMENT_HOST);
}

uint32_t sv_nic_vif_map(QSvNic *nic, uint32_t id, uint64_t address,
                        uint32_t page, uint32_t pages)
{
    struct svnic_cmd cmd;

    sv_nic_cmd_init(&cmd, SVNIC_CMD_VIF_MAP, id);
    cmd.u.map.extents = cpu_to_le32(1);
    cmd.u.map.extent[0] = (struct svnic_map_extent) {
        .address = cpu_to_le64(address),
        .page = cpu_to_le32(page),
        .pages = cpu_to_le32(pages),
    };
    return sv_nic_cmd(nic, &cmd);
}

void sv_nic_vif_start_host(QSvNicVif *vif, uint64_t offset)
{
    struct svnic_vif_info info;

    for (uint32_t i = 0; i < SV_NIC_HOST_PAGES; i++) {
        g_assert_cmphex(sv_nic_vif_map(vif->nic, vif->id,
                                       vif->page[i] + offset, i, 1), ==,
                        SVNIC_ST_OK);
    }
    g_assert_cmphex(sv_nic_vif_cmd(vif->nic, SVNIC_CMD_VIF_ACTIVATE, vif->id,
                                   0, NULL, &info), ==, SVNIC_ST_OK);
    sv_nic_vif_attach(vif, vif->nic, vif->id, &info);
}

void sv_nic_vif_open_host(QSvNicVif *vif, QSvNic *nic, uint32_t id,
                          QGuestAllocator *alloc)
{
    sv_nic_vif_create_host(vif, nic, id);
    sv_nic_vif_pages(vif, guest_alloc(alloc, SV_NIC_HOST_PAGES *
                                      SVNIC_PAGE_SIZE));
    sv_nic_vif_start_host(vif, 0);
}

/*
 * The doorbell page
 */

uint32_t sv_nic_db(QSvNicVif *vif, uint32_t offset)
{
    return qpci_io_readl(&vif->nic->pci_dev, vif->nic->doorbell,
                         ((uint64_t)vif->id << SVNIC_DOORBELL_PAGE_SHIFT) +
                         offset);
}

void sv_nic_db_write(QSvNicVif *vif, uint32_t offset, uint32_t value)
{
    qpci_io_writel(&vif->nic->pci_dev, vif->nic->doorbell,
                   ((uint64_t)vif->id << SVNIC_DOORBELL_PAGE_SHIFT) + offset,
                   value);
}

uint32_t svnic_db_read(const struct svnic_owner *o, uint32_t reg)
{
    return sv_nic_db(vif_of(o), reg);
}

void svnic_db_write(const struct svnic_owner *o, uint32_t reg,
                    uint32_t value)
{
    sv_nic_db_write(vif_of(o), reg, value);
}

void sv_nic_signal_wait(QSvNicVif *vif, uint32_t bits)
{
    sv_nic_wait(sv_nic_qts(vif->nic),
                (svnic_signals(&vif->ring) & bits) == bits);
    svnic_signals_clear(&vif->ring, bits);
}

/*
 * Queues
 */

uint32_t sv_nic_send_room(QSvNicVif *vif)
{
    g_assert_cmpuint(svnic_send_used(&vif->ring), <=, vif->ring.send_slots);
    return svnic_send_room(&vif->ring);
}

void sv_nic_queue(QSvNicVif *vif, const struct svnic_frame *header,
                  const void *data, uint32_t length)
{
    g_assert_true(svnic_send_put(&vif->ring, data, length, header));
}

bool sv_nic_publish(QSvNicVif *vif)
{
    return svnic_send_publish(&vif->ring);
}

void sv_nic_send(QSvNicVif *vif, const struct svnic_frame *header,
                 const void *data, uint32_t length)
{
    sv_nic_wait(sv_nic_qts(vif->nic),
                sv_nic_send_room(vif) >= SVNIC_FRAME_SLOTS(length));
    sv_nic_queue(vif, header, data, length);
    sv_nic_publish(vif);
}

void sv_nic_send_drain(QSvNicVif *vif)
{
    sv_nic_wait(sv_nic_qts(vif->nic),
                sv_nic_page(vif, send_cons.index) ==
                vif->ring.send_published);
}

bool sv_nic_take(QSvNicVif *vif, QSvNicFrame *frame)
{
    int32_t length = svnic_recv_take(&vif->ring, frame->data,
                                     sizeof(frame->data), &frame->header);

    g_assert_cmpint(length, >=, 0);
    if (!length) {
        return false;
    }
    frame->length = length;
    svnic_recv_release(&vif->ring);
    return true;
}

void sv_nic_recv(QSvNicVif *vif, QSvNicFrame *frame)
{
    sv_nic_wait(sv_nic_qts(vif->nic), sv_nic_take(vif, frame));
}

void sv_nic_expect(QSvNicVif *vif, const struct svnic_frame *header,
                   const void *data, uint32_t length)
{
    g_autofree QSvNicFrame *frame = g_new(QSvNicFrame, 1);
    struct svnic_frame expected = { };

    if (header) {
        expected = *header;
    }
    sv_nic_recv(vif, frame);
    g_assert_cmpmem(frame->data, frame->length, data, length);
    g_assert_cmphex(le16_to_cpu(frame->header.flags), ==,
                    le16_to_cpu(expected.flags));
    g_assert_cmpuint(frame->header.gso_type, ==, expected.gso_type);
    g_assert_cmpuint(le16_to_cpu(frame->header.hdr_len), ==,
                     le16_to_cpu(expected.hdr_len));
    g_assert_cmpuint(le16_to_cpu(frame->header.gso_size), ==,
                     le16_to_cpu(expected.gso_size));
    g_assert_cmpuint(le16_to_cpu(frame->header.csum_start), ==,
                     le16_to_cpu(expected.csum_start));
    g_assert_cmpuint(le16_to_cpu(frame->header.csum_offset), ==,
                     le16_to_cpu(expected.csum_offset));
}
