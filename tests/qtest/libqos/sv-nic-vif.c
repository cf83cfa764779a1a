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
    memset(vif, 0, sizeof(*vif));
    vif->nic = nic;
    vif->id = id;
    vif->base = le32_to_cpu(info->sdram_offset);
    vif->size = le32_to_cpu(info->sdram_size);
    vif->identifier = le32_to_cpu(info->identifier);
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
    uint32_t base = vif->base + (send ? vif->send_offset : vif->recv_offset);
    uint32_t bytes = (send ? vif->send_slots : vif->recv_slots) *
                     SVNIC_SLOT_SIZE;
    uint32_t at = ((uint64_t)index * SVNIC_SLOT_SIZE + offset) % bytes;

    while (size) {
        size_t part = MIN(size, bytes - at);

        if (send) {
            sv_nic_sdram_write(vif->nic, base + at, buf, part);
        } else {
            sv_nic_sdram_read(vif->nic, base + at, buf, part);
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
