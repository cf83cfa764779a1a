// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transmit: frames are copied to the slots of the send queue, and the skb is
 * freed at once.
 *
 * Called with the transmit lock of the only queue held, which guards struct
 * svnic_tx.  The next transmit reclaims slots, so SEND_DONE is normally not
 * requested.  Only while the queue is stopped, for lack of slots or by byte
 * queue limits, SEND_DONE is requested and NAPI reclaims.
 */
#include <linux/etherdevice.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>

#include "svnic_vif.h"

/* Slots of the largest frame: the queue is stopped with fewer free slots. */
#define SVNIC_TX_ROOM	SVNIC_FRAME_SLOTS(SVNIC_MAX_FRAME)

/* IEEE 802 local experimental EtherType 1, for the self-test. */
#define SVNIC_TEST_ETHERTYPE	0x88b5

static u32 svnic_tx_room(const struct svnic_tx *tx)
{
	return tx->ring.slots - (tx->prod - tx->clean);
}

static struct netdev_queue *svnic_txq(struct svnic_nic *nic)
{
	return netdev_get_tx_queue(nic->netdev, 0);
}

/*
 * Reclaim slots that the card has consumed, report them to byte queue limits,
 * and wake the queue if there is room.  Returns whether any were reclaimed.
 */
static bool svnic_tx_reclaim(struct svnic_nic *nic)
{
	struct netdev_queue *txq = svnic_txq(nic);
	struct svnic_tx *tx = &nic->tx;
	u32 done = svnic_ring_remote_index(&tx->ring) - tx->clean;
	unsigned int packets = 0, bytes = 0;

	if (!done)
		return false;
	if (unlikely(done > tx->published - tx->clean)) {
		svnic_broken(nic, "send index", tx->clean + done);
		return false;
	}
	while (done) {
		u32 length = tx->length[svnic_slot(&tx->ring, tx->clean)];
		u32 slots = SVNIC_FRAME_SLOTS(length);

		if (slots > done)
			break;
		done -= slots;
		tx->clean += slots;
		packets++;
		bytes += length;
	}
	if (!packets)
		return false;
	netdev_tx_completed_queue(txq, packets, bytes);
	if (netif_tx_queue_stopped(txq) && test_bit(SVNIC_UP, &nic->flags) &&
	    !test_bit(SVNIC_BROKEN, &nic->flags) &&
	    svnic_tx_room(tx) >= SVNIC_TX_ROOM)
		netif_tx_wake_queue(txq);
	return true;
}

/*
 * The queue is stopped: request a signal for when the card has consumed half of
 * the pending slots.  Repeat until the queue is awake, or until the card has not
 * consumed anything since the request.  Each iteration reclaims at least one
 * frame.
 */
static void svnic_tx_wait(struct svnic_nic *nic)
{
	struct netdev_queue *txq = svnic_txq(nic);
	struct svnic_tx *tx = &nic->tx;

	do {
		u32 pending = tx->published - tx->clean;

		svnic_ring_wait(&tx->ring, tx->clean + pending / 2);
	} while (svnic_tx_reclaim(nic) && netif_xmit_stopped(txq));
}

static void svnic_tx_publish(struct svnic_nic *nic)
{
	struct svnic_tx *tx = &nic->tx;
	bool ring;

	ring = svnic_ring_publish(&tx->ring, tx->published, tx->prod);
	tx->published = tx->prod;
	if (ring)
		writel(1, nic->tp->doorbell + SVNIC_DB_SEND);

	u64_stats_update_begin(&tx->sync);
	if (ring)
		u64_stats_inc(&tx->stats.doorbells);
	else
		u64_stats_inc(&tx->stats.doorbells_skipped);
	u64_stats_update_end(&tx->sync);
}

/*
 * Fill in the header.  Returns false for a frame that would make the card stop
 * the VIF, which a packet socket can create.
 */
static bool svnic_tx_header(const struct sk_buff *skb, struct svnic_frame *hdr)
{
	unsigned int start, offset, hdr_len;

	memset(hdr, 0, sizeof(*hdr));
	if (skb->len < SVNIC_MIN_FRAME || skb->len > SVNIC_MAX_FRAME)
		return false;
	hdr->length = cpu_to_le32(skb->len);
	hdr->slots = cpu_to_le16(SVNIC_FRAME_SLOTS(skb->len));
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return !skb_is_gso(skb);

	start = skb_checksum_start_offset(skb);
	offset = skb->csum_offset;
	if (start < SVNIC_ETH_HEADER || start + offset + 2 > skb->len)
		return false;
	hdr->flags = cpu_to_le16(SVNIC_FRAME_F_NEEDS_CSUM);
	hdr->csum_start = cpu_to_le16(start);
	hdr->csum_offset = cpu_to_le16(offset);
	if (!skb_is_gso(skb))
		return true;

	hdr_len = skb_tcp_all_headers(skb);
	if (hdr_len <= start || hdr_len >= skb->len)
		return false;
	if (skb_shinfo(skb)->gso_type & SKB_GSO_TCPV4)
		hdr->gso_type = SVNIC_GSO_TCPV4;
	else if (skb_shinfo(skb)->gso_type & SKB_GSO_TCPV6)
		hdr->gso_type = SVNIC_GSO_TCPV6;
	else
		return false;
	hdr->hdr_len = cpu_to_le16(hdr_len);
	hdr->gso_size = cpu_to_le16(skb_shinfo(skb)->gso_size);
	return true;
}

/* Copy header and frame to the queue.  The caller has checked for room. */
static void svnic_tx_copy(struct svnic_tx *tx, const struct sk_buff *skb,
			  const struct svnic_frame *hdr)
{
	u32 offset = svnic_offset(&tx->ring, tx->prod);
	int i;

	BUILD_BUG_ON(sizeof(*hdr) != SVNIC_FRAME_HEADER);

	offset = svnic_ring_write(&tx->ring, offset, hdr, sizeof(*hdr));
	offset = svnic_ring_write(&tx->ring, offset, skb->data,
				  skb_headlen(skb));
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];
		u32 p_off, p_len, copied;
		struct page *p;

		skb_frag_foreach_page(frag, skb_frag_off(frag),
				      skb_frag_size(frag),
				      p, p_off, p_len, copied) {
			void *from = kmap_local_page(p);

			offset = svnic_ring_write(&tx->ring, offset,
						  from + p_off, p_len);
			kunmap_local(from);
		}
	}
	tx->length[svnic_slot(&tx->ring, tx->prod)] = skb->len;
	tx->prod += SVNIC_FRAME_SLOTS(skb->len);
}

/* ndo_start_xmit: softirq or process context, transmit lock held. */
netdev_tx_t svnic_xmit(struct sk_buff *skb, struct net_device *netdev)
{
	struct svnic_nic *nic = netdev_priv(netdev);
	struct netdev_queue *txq = svnic_txq(nic);
	bool more = netdev_xmit_more();
	struct svnic_tx *tx = &nic->tx;
	struct svnic_frame hdr;
	unsigned int len = skb->len;
	bool drop;

	drop = !svnic_tx_header(skb, &hdr) ||
	       test_bit(SVNIC_BROKEN, &nic->flags);
	if (unlikely(drop)) {
		/* Publish earlier frames that were sent with xmit_more. */
		if (!more && tx->prod != tx->published)
			svnic_tx_publish(nic);
		u64_stats_update_begin(&tx->sync);
		u64_stats_inc(&tx->stats.dropped);
		u64_stats_update_end(&tx->sync);
		dev_kfree_skb_any(skb);
		return NETDEV_TX_OK;
	}

	svnic_tx_reclaim(nic);
	svnic_tx_copy(tx, skb, &hdr);
	skb_tx_timestamp(skb);
	dev_consume_skb_any(skb);

	u64_stats_update_begin(&tx->sync);
	u64_stats_inc(&tx->stats.packets);
	u64_stats_add(&tx->stats.bytes, len);
	u64_stats_update_end(&tx->sync);

	if (svnic_tx_room(tx) < SVNIC_TX_ROOM) {
		netif_tx_stop_queue(txq);
		u64_stats_update_begin(&tx->sync);
		u64_stats_inc(&tx->stats.stops);
		u64_stats_update_end(&tx->sync);
	}
	if (__netdev_tx_sent_queue(txq, len, more))
		svnic_tx_publish(nic);
	if (netif_xmit_stopped(txq))
		svnic_tx_wait(nic);
	return NETDEV_TX_OK;
}

/* Called by the NAPI poll, which SEND_DONE may have scheduled. */
void svnic_tx_poll(struct svnic_nic *nic)
{
	struct netdev_queue *txq = svnic_txq(nic);

	/*
	 * The signal is requested after the queue was stopped, so that the poll
	 * that it schedules sees the queue stopped.
	 */
	if (!netif_xmit_stopped(txq))
		return;
	__netif_tx_lock(txq, smp_processor_id());
	if (test_bit(SVNIC_UP, &nic->flags) && svnic_tx_reclaim(nic) &&
	    netif_xmit_stopped(txq))
		svnic_tx_wait(nic);
	__netif_tx_unlock(txq);
}

/* Test for reclaimable slots that are waited for.  Any context; a hint only. */
bool svnic_tx_has_work(struct svnic_nic *nic)
{
	return netif_xmit_stopped(svnic_txq(nic)) &&
	       svnic_ring_remote_index(&nic->tx.ring) != READ_ONCE(nic->tx.clean);
}

/**
 * svnic_tx_test_frame() - send a frame to the VIF's own address
 * @nic: up
 * @index: index of the card after it has consumed the frame
 *
 * For the self-test: the card consumes the frame without delivering it, and
 * signals SEND_DONE.  Process context.
 *
 * Return: 0, -ENOMEM, or -EBUSY if the queue has no room.
 */
int svnic_tx_test_frame(struct svnic_nic *nic, u32 *index)
{
	struct netdev_queue *txq = svnic_txq(nic);
	const u8 *mac = nic->netdev->dev_addr;
	struct svnic_tx *tx = &nic->tx;
	struct svnic_frame hdr;
	struct ethhdr *eth;
	struct sk_buff *skb;
	int err = -EBUSY;

	skb = alloc_skb(ETH_ZLEN, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	eth = skb_put_zero(skb, ETH_ZLEN);
	ether_addr_copy(eth->h_dest, mac);
	ether_addr_copy(eth->h_source, mac);
	eth->h_proto = htons(SVNIC_TEST_ETHERTYPE);

	local_bh_disable();
	__netif_tx_lock(txq, smp_processor_id());
	svnic_tx_reclaim(nic);
	if (svnic_tx_room(tx) > SVNIC_TX_ROOM &&
	    !netif_xmit_stopped(txq) && svnic_tx_header(skb, &hdr)) {
		/* Requested before sending, so that the signal is certain. */
		svnic_ring_wait(&tx->ring, tx->prod);
		svnic_tx_copy(tx, skb, &hdr);
		netdev_tx_sent_queue(txq, skb->len);
		svnic_tx_publish(nic);
		*index = tx->prod;
		if (netif_xmit_stopped(txq))
			svnic_tx_wait(nic);
		err = 0;
	}
	__netif_tx_unlock(txq);
	local_bh_enable();
	consume_skb(skb);
	return err;
}
