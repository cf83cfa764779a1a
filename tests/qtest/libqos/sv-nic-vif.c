/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libqos driver for the SV-NIC card: what the owner of a VIF does with the
 * VIF's memory and its doorbell page ("Memory of a VIF").
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
    /* but for where the pages of a run on the host are */
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

    vif->send_slots = sv_nic_page(vif, send_slots);
    vif->recv_slots = sv_nic_page(vif, recv_slots);
    vif->send_offset = sv_nic_page(vif, send_offset);
    vif->recv_offset = sv_nic_page(vif, recv_offset);
    g_assert_cmphex(sv_nic_page(vif, slot_size), ==, SVNIC_SLOT_SIZE);
    g_assert_cmphex(vif->send_slots, ==, le32_to_cpu(info->attr.send_slots));
    g_assert_cmphex(vif->recv_slots, ==, le32_to_cpu(info->attr.recv_slots));
    g_assert_cmphex(vif->send_offset, >=, sizeof(struct svnic_vif_page));
    g_assert_cmphex(vif->send_offset + vif->send_slots * SVNIC_SLOT_SIZE, <=,
                    vif->size);
    g_assert_cmphex(vif->recv_offset, >=, sizeof(struct svnic_vif_page));
    g_assert_cmphex(vif->recv_offset + vif->recv_slots * SVNIC_SLOT_SIZE, <=,
                    vif->size);
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
 * The run
 */

/* Where a byte of a run on the host is, and how far its page goes. */
static uint64_t host_address(QSvNicVif *vif, uint32_t offset, size_t *size)
{
    uint32_t page = offset / SVNIC_PAGE_SIZE;

    g_assert_cmpuint(page, <, SV_NIC_HOST_PAGES);
    *size = MIN(*size, SVNIC_PAGE_SIZE - offset % SVNIC_PAGE_SIZE);
    return vif->page[page] + offset % SVNIC_PAGE_SIZE;
}

void sv_nic_run_read(QSvNicVif *vif, uint32_t offset, void *buf, size_t size)
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

void sv_nic_run_write(QSvNicVif *vif, uint32_t offset, const void *buf,
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

uint32_t sv_nic_run32(QSvNicVif *vif, uint32_t offset)
{
    size_t size = sizeof(uint32_t);

    return vif->base ? sv_nic_sdram32(vif->nic, vif->base + offset)
                     : qtest_readl(sv_nic_qts(vif->nic),
                                   host_address(vif, offset, &size));
}

void sv_nic_run32_write(QSvNicVif *vif, uint32_t offset, uint32_t value)
{
    size_t size = sizeof(value);

    if (vif->base) {
        sv_nic_sdram32_write(vif->nic, vif->base + offset, value);
    } else {
        qtest_writel(sv_nic_qts(vif->nic), host_address(vif, offset, &size),
                     value);
    }
}

/*
 * A run on the host
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

void sv_nic_signal_wait(QSvNicVif *vif, uint32_t bits)
{
    sv_nic_wait(sv_nic_qts(vif->nic),
                (sv_nic_db(vif, SVNIC_DB_SIGNAL_STATUS) & bits) == bits);
    sv_nic_db_write(vif, SVNIC_DB_SIGNAL_STATUS, bits);
}

/*
 * Rings.  Bytes [@offset, @offset + @size) from the start of slot @index on,
 * going on at slot 0 behind the last slot.
 */

static void ring_copy(QSvNicVif *vif, bool send, uint32_t index,
                      uint32_t offset, void *buf, size_t size)
{
    uint32_t base = send ? vif->send_offset : vif->recv_offset;
    uint32_t bytes = (send ? vif->send_slots : vif->recv_slots) *
                     SVNIC_SLOT_SIZE;
    uint32_t at = ((uint64_t)index * SVNIC_SLOT_SIZE + offset) % bytes;

    while (size) {
        size_t part = MIN(size, bytes - at);

        if (send) {
            sv_nic_run_write(vif, base + at, buf, part);
        } else {
            sv_nic_run_read(vif, base + at, buf, part);
        }
        buf = (uint8_t *)buf + part;
        size -= part;
        at = 0;
    }
}

void sv_nic_slot_write(QSvNicVif *vif, uint32_t index, uint32_t offset,
                       const void *buf, size_t size)
{
    ring_copy(vif, true, index, offset, (void *)buf, size);
}

uint32_t sv_nic_send_room(QSvNicVif *vif)
{
    uint32_t used = vif->send_prod - sv_nic_page(vif, send_cons.index);

    g_assert_cmpuint(used, <=, vif->send_slots);
    return vif->send_slots - used;
}

void sv_nic_queue(QSvNicVif *vif, const struct svnic_frame *header,
                  const void *data, uint32_t length)
{
    g_autofree uint8_t *run = g_malloc(SVNIC_FRAME_HEADER + length);
    struct svnic_frame own = { };

    if (header) {
        own = *header;
    }
    own.length = cpu_to_le32(length);
    own.slots = cpu_to_le16(SVNIC_FRAME_SLOTS(length));
    memcpy(run, &own, SVNIC_FRAME_HEADER);
    memcpy(run + SVNIC_FRAME_HEADER, data, length);
    g_assert_cmpuint(sv_nic_send_room(vif), >=, SVNIC_FRAME_SLOTS(length));
    sv_nic_slot_write(vif, vif->send_prod, 0, run,
                      SVNIC_FRAME_HEADER + length);
    vif->send_prod += SVNIC_FRAME_SLOTS(length);
}

bool sv_nic_publish(QSvNicVif *vif)
{
    uint32_t old = vif->published;
    uint32_t event;

    sv_nic_page_write(vif, send_prod.index, vif->send_prod);
    vif->published = vif->send_prod;
    event = sv_nic_page(vif, send_cons.event);
    if (vif->published - event - 1 < vif->published - old) {
        sv_nic_db_write(vif, SVNIC_DB_SEND, 1);
        return true;
    }
    return false;
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
                sv_nic_page(vif, send_cons.index) == vif->published);
}

bool sv_nic_take(QSvNicVif *vif, QSvNicFrame *frame)
{
    uint32_t ready = sv_nic_page(vif, recv_prod.index) - vif->recv_cons;
    uint32_t slots;

    g_assert_cmpuint(ready, <=, vif->recv_slots);
    if (!ready) {
        return false;
    }
    ring_copy(vif, false, vif->recv_cons, 0, &frame->header,
              SVNIC_FRAME_HEADER);
    frame->length = le32_to_cpu(frame->header.length);
    slots = le16_to_cpu(frame->header.slots);
    g_assert_cmpuint(frame->length, >=, SVNIC_MIN_FRAME);
    g_assert_cmpuint(frame->length, <=, SVNIC_MAX_FRAME);
    g_assert_cmpuint(slots, ==, SVNIC_FRAME_SLOTS(frame->length));
    g_assert_cmpuint(slots, <=, ready);
    ring_copy(vif, false, vif->recv_cons, SVNIC_FRAME_HEADER, frame->data,
              frame->length);
    vif->recv_cons += slots;
    sv_nic_page_write(vif, recv_cons.index, vif->recv_cons);
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
