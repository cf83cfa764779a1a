// SPDX-License-Identifier: GPL-2.0-only
/*
 * Receive: copies frames from the slots of the receive queue and returns the
 * slots.  The poll function also handles the other signals of the card: sent
 * frames, link and state.
 *
 * NAPI context, which serializes access to struct svnic_rx.  Data of the card
 * is read once, checked, then used: an invalid index or length halts the
 * interface with one message.  A frame with an inconsistent offload header,
 * which another guest may have sent, is dropped and counted.
 */
#include <linux/etherdevice.h>
#include <linux/skbuff.h>
#include <linux/virtio_net.h>

#include "svnic_vif.h"

/*
 * Levels of adaptive moderation in microseconds, one for each of the five
 * profiles of net_dim() (lib/dim; 6.1 does not export their number).  A delay
 * must collect several frames to pay for its timer: with one processor that
 * sends and receives, 125 had no effect and 250 doubled the rate of datagrams.
 * The maximum limits the added latency to a millisecond.
 */
static const u16 svnic_rx_levels[] = { 0, 500, 700, 850, 1000 };

/* Return slots when a quarter of the queue is free, or when the poll ends. */
static bool svnic_rx_publish_due(const struct svnic_rx *rx)
{
	return rx->cons - rx->published >= rx->ring.slots / 4;
}

static void svnic_rx_publish(struct svnic_nic *nic)
{
	struct svnic_rx *rx = &nic->rx;

	if (svnic_ring_publish(&rx->ring, rx->published, rx->cons)) {
		writel(1, nic->tp->doorbell + SVNIC_DB_RECV);
		u64_stats_update_begin(&rx->sync);
		u64_stats_inc(&rx->stats.doorbells);
		u64_stats_update_end(&rx->sync);
	}
	rx->published = rx->cons;
}

/* Read and check the frame header at rx->cons; @avail slots are filled. */
static bool svnic_rx_header(struct svnic_nic *nic, u32 avail,
			    struct svnic_frame *hdr, u32 *length, u32 *slots)
{
	struct svnic_rx *rx = &nic->rx;

	svnic_ring_read(&rx->ring, svnic_offset(&rx->ring, rx->cons), hdr,
			sizeof(*hdr));
	*length = le32_to_cpu(hdr->length);
	*slots = le16_to_cpu(hdr->slots);
	if (unlikely(*length < SVNIC_MIN_FRAME || *length > SVNIC_MAX_FRAME)) {
		svnic_broken(nic, "frame length", *length);
		return false;
	}
	if (unlikely(*slots != SVNIC_FRAME_SLOTS(*length) || *slots > avail)) {
		svnic_broken(nic, "frame slots", *slots);
		return false;
	}
	return true;
}

/*
 * Copy @len bytes at @offset of the queue to page fragments of @skb.  Returns
 * false without memory; the caller frees the skb with the fragments added.
 */
static bool svnic_rx_frags(struct svnic_rx *rx, struct sk_buff *skb,
			   u32 offset, u32 len)
{
	struct page_frag *frag = &rx->frag;
	int n;

	for (n = 0; len && n < MAX_SKB_FRAGS; n++) {
		u32 size, room;

		if (!skb_page_frag_refill(min_t(u32, len, PAGE_SIZE), frag,
					  GFP_ATOMIC | __GFP_NOWARN))
			return false;
		size = min(len, frag->size - frag->offset);
		offset = svnic_ring_read(&rx->ring, offset,
					 page_address(frag->page) +
					 frag->offset, size);
		/* Round up, so that the next copy is cache-aligned. */
		room = min_t(u32, ALIGN(size, SMP_CACHE_BYTES),
			     frag->size - frag->offset);
		skb_add_rx_frag(skb, n, frag->page, frag->offset, size, room);
		get_page(frag->page);
		frag->offset += room;
		len -= size;
	}
	return !len;
}

/*
 * Copy a frame to a new skb.  Of frames longer than SVNIC_RX_LINEAR only the
 * headers go to the linear part: skbs with payload there cannot be coalesced in
 * a socket's queue.
 */
static struct sk_buff *svnic_rx_skb(struct svnic_nic *nic, u32 length,
				    const struct svnic_frame *hdr)
{
	struct svnic_rx *rx = &nic->rx;
	struct sk_buff *skb;
	u32 offset, head;

	offset = (svnic_offset(&rx->ring, rx->cons) + sizeof(*hdr)) &
		 (rx->ring.bytes - 1);
	if (length <= SVNIC_RX_LINEAR) {
		skb = napi_alloc_skb(&nic->napi, length);
		if (likely(skb))
			svnic_ring_read(&rx->ring, offset,
					__skb_put(skb, length), length);
		return skb;
	}

	skb = napi_alloc_skb(&nic->napi, SVNIC_RX_HEAD);
	if (unlikely(!skb))
		return NULL;
	head = SVNIC_RX_HEAD;
	if (hdr->gso_type != SVNIC_GSO_NONE)
		head = clamp_t(u32, le16_to_cpu(hdr->hdr_len), ETH_HLEN, head);
	svnic_ring_read(&rx->ring, offset, skb->data, head);
	if (hdr->gso_type == SVNIC_GSO_NONE)
		head = eth_get_headlen(nic->netdev, skb->data, head);
	__skb_put(skb, head);
	offset = (offset + head) & (rx->ring.bytes - 1);
	if (unlikely(!svnic_rx_frags(rx, skb, offset, length - head))) {
		kfree_skb(skb);
		return NULL;
	}
	return skb;
}

/*
 * Set checksum and segmentation state of the skb.  Returns false if the header
 * is inconsistent with the frame.
 */
static bool svnic_rx_offload(struct svnic_nic *nic, struct sk_buff *skb,
			     const struct svnic_frame *hdr)
{
	u16 flags = le16_to_cpu(hdr->flags);
	struct virtio_net_hdr vnet = {};

	if (flags & SVNIC_FRAME_F_NEEDS_CSUM) {
		vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		vnet.csum_start = (__force __virtio16)hdr->csum_start;
		vnet.csum_offset = (__force __virtio16)hdr->csum_offset;
	} else if (flags & SVNIC_FRAME_F_CSUM_VALID &&
		   nic->netdev->features & NETIF_F_RXCSUM) {
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	}

	switch (hdr->gso_type) {
	case SVNIC_GSO_NONE:
		if (!vnet.flags)
			return true;
		vnet.gso_type = VIRTIO_NET_HDR_GSO_NONE;
		break;
	case SVNIC_GSO_TCPV4:
		vnet.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
		break;
	case SVNIC_GSO_TCPV6:
		vnet.gso_type = VIRTIO_NET_HDR_GSO_TCPV6;
		break;
	default:
		return false;
	}
	vnet.hdr_len = (__force __virtio16)hdr->hdr_len;
	vnet.gso_size = (__force __virtio16)hdr->gso_size;
	return !virtio_net_hdr_to_skb(skb, &vnet, true);
}

static void svnic_rx_frame(struct svnic_nic *nic, u32 length,
			   const struct svnic_frame *hdr)
{
	struct svnic_rx *rx = &nic->rx;
	struct sk_buff *skb;
	bool ok;

	skb = svnic_rx_skb(nic, length, hdr);
	if (unlikely(!skb)) {
		u64_stats_update_begin(&rx->sync);
		u64_stats_inc(&rx->stats.no_memory);
		u64_stats_update_end(&rx->sync);
		return;
	}
	ok = svnic_rx_offload(nic, skb, hdr);

	u64_stats_update_begin(&rx->sync);
	if (likely(ok)) {
		u64_stats_inc(&rx->stats.packets);
		u64_stats_add(&rx->stats.bytes, length);
		if (is_multicast_ether_addr(skb->data))
			u64_stats_inc(&rx->stats.multicast);
	} else {
		u64_stats_inc(&rx->stats.bad_offload);
	}
	u64_stats_update_end(&rx->sync);

	if (unlikely(!ok)) {
		kfree_skb(skb);
		return;
	}
	skb->protocol = eth_type_trans(skb, nic->netdev);
	napi_gro_receive(&nic->napi, skb);
}

/* Receive up to @budget frames.  Returns their number. */
static int svnic_rx(struct svnic_nic *nic, int budget)
{
	struct svnic_rx *rx = &nic->rx;
	int work = 0;
	u32 avail;

	avail = svnic_ring_remote_index(&rx->ring) - rx->cons;
	if (unlikely(avail > rx->ring.slots)) {
		svnic_broken(nic, "receive index", rx->cons + avail);
		return 0;
	}
	/* Read the index before the frames. */
	rmb();
	while (avail && work < budget) {
		struct svnic_frame hdr;
		u32 length, slots;

		if (!svnic_rx_header(nic, avail, &hdr, &length, &slots))
			break;
		svnic_rx_frame(nic, length, &hdr);
		rx->cons += slots;
		rx->last_slots = slots;
		avail -= slots;
		work++;
		if (svnic_rx_publish_due(rx))
			svnic_rx_publish(nic);
	}
	if (rx->cons != rx->published)
		svnic_rx_publish(nic);
	return work;
}

/*
 * The queue is empty: request a signal for the next frame.  With moderation,
 * and if this poll found @work, request it for a later frame and start the
 * timer; the poll that the timer schedules, if it finds none, requests it for
 * the next frame.  Thus a single frame is never delayed.  The event index counts
 * slots, so the number of frames is converted with the length of the last one.
 * Returns true if frames arrived meanwhile.
 *
 * The caller still owns the NAPI context: the timer may expire on another
 * processor before the event is written, and the poll that it schedules must be
 * the last to write the event.
 */
static bool svnic_rx_wait(struct svnic_nic *nic, int work)
{
	struct svnic_rx *rx = &nic->rx;
	u32 usecs = READ_ONCE(nic->rx_usecs);
	u32 later = 0;

	if (usecs && work) {
		later = min((READ_ONCE(nic->rx_frames) - 1) * rx->last_slots,
			    rx->ring.slots / 2);
		hrtimer_start(&nic->rx_timer,
			      ns_to_ktime((u64)usecs * NSEC_PER_USEC),
			      HRTIMER_MODE_REL_SOFT);
	}
	svnic_ring_wait(&rx->ring, rx->cons + later);
	return svnic_ring_remote_index(&rx->ring) - rx->cons > later;
}

enum hrtimer_restart svnic_rx_timer(struct hrtimer *timer)
{
	struct svnic_nic *nic = container_of(timer, struct svnic_nic,
					     rx_timer);

	napi_schedule(&nic->napi);
	return HRTIMER_NORESTART;
}

/* Apply the decision of net_dim().  System workqueue. */
static void svnic_rx_dim_work(struct work_struct *work)
{
	struct dim *dim = container_of(work, struct dim, work);
	struct svnic_nic *nic = container_of(dim, struct svnic_nic, rx_dim);
	u32 usecs = svnic_rx_levels[min_t(size_t, dim->profile_ix,
					  ARRAY_SIZE(svnic_rx_levels) - 1)];

	WRITE_ONCE(nic->rx_frames, usecs ? SVNIC_ADAPTIVE_FRAMES : 1);
	WRITE_ONCE(nic->rx_usecs, usecs);
	dim->state = DIM_START_MEASURE;
}

/**
 * svnic_rx_moderate() - restart moderation with the configured settings
 * @nic: the interface, with NAPI disabled
 *
 * Process context with rtnl held, or before the interface is registered.
 */
void svnic_rx_moderate(struct svnic_nic *nic)
{
	if (nic->rx_dim.work.func)
		cancel_work_sync(&nic->rx_dim.work);
	nic->rx_dim = (struct dim) {};
	INIT_WORK(&nic->rx_dim.work, svnic_rx_dim_work);
	nic->rx_dim.mode = DIM_CQ_PERIOD_MODE_START_FROM_EQE;
	nic->rx_usecs = nic->rx_adaptive ? 0 : nic->rx_set_usecs;
	nic->rx_frames = nic->rx_adaptive ? 1 : nic->rx_set_frames;
}

/*
 * Called after a poll that found frames: give net_dim() a sample at intervals
 * long enough for a meaningful rate.
 */
static void svnic_rx_sample(struct svnic_nic *nic)
{
	struct svnic_rx *rx = &nic->rx;
	struct dim_sample sample = {};

	if (time_before(jiffies, rx->sampled + SVNIC_RX_SAMPLE)) {
		rx->bursts++;
		return;
	}
	rx->sampled = jiffies;
	dim_update_sample(++rx->bursts, u64_stats_read(&rx->stats.packets),
			  u64_stats_read(&rx->stats.bytes), &sample);
	svnic_net_dim(&nic->rx_dim, &sample);
}

/* Test for received frames.  Any context; a hint only. */
static bool svnic_rx_has_work(struct svnic_nic *nic)
{
	return svnic_ring_remote_index(&nic->rx.ring) != READ_ONCE(nic->rx.cons);
}

/**
 * svnic_has_work() - test for anything that a poll would handle
 * @nic: up
 *
 * Any context; a hint only.
 *
 * Return: whether there is any.
 */
bool svnic_has_work(struct svnic_nic *nic)
{
	return svnic_rx_has_work(nic) || svnic_tx_has_work(nic) ||
	       le32_to_cpu(READ_ONCE(nic->page->state)) != SVNIC_VIF_ACTIVE ||
	       !!READ_ONCE(nic->page->link) != nic->link;
}

/*
 * Work that was there at two looks, without a poll in between, has no
 * interrupt.
 */
static void svnic_watch_interrupt(struct svnic_nic *nic)
{
	u64 polls = u64_stats_read(&nic->rx.stats.polls);
	bool pending = svnic_has_work(nic) && !svnic_halted(nic);

	if (pending && nic->watch_pending && polls == nic->watch_polls) {
		WRITE_ONCE(nic->irqs_missed, nic->irqs_missed + 1);
		local_bh_disable();
		napi_schedule(&nic->napi);
		local_bh_enable();
	}
	nic->watch_pending = pending;
	nic->watch_polls = polls;
}

/*
 * Frames were there for the card at two looks, and it has taken none in
 * between: ring again, which does no harm if it only waits for a port.
 */
static void svnic_watch_doorbell(struct svnic_nic *nic)
{
	u32 taken = svnic_ring_remote_index(&nic->tx.ring);
	bool behind = taken != READ_ONCE(nic->tx.published) &&
		      !svnic_halted(nic);

	if (behind && nic->watch_behind && taken == nic->watch_taken) {
		WRITE_ONCE(nic->doorbells_repeated,
			   nic->doorbells_repeated + 1);
		writel(1, nic->tp->doorbell + SVNIC_DB_SEND);
	}
	nic->watch_behind = behind;
	nic->watch_taken = taken;
}

/**
 * svnic_watch_work() - go on after a lost interrupt or doorbell
 * @work: of the interface, up
 *
 * Both sides signal an event once.  If the signal was lost, no other one would
 * follow for the same event, and the queue would stand still.
 */
void svnic_watch_work(struct work_struct *work)
{
	struct svnic_nic *nic = container_of(to_delayed_work(work),
					     struct svnic_nic, watch_work);

	svnic_watch_interrupt(nic);
	svnic_watch_doorbell(nic);
	schedule_delayed_work(&nic->watch_work, SVNIC_WATCH);
}

/**
 * svnic_watch_start() - start to look for lost interrupts and doorbells
 * @nic: with its queues set up
 */
void svnic_watch_start(struct svnic_nic *nic)
{
	nic->watch_pending = false;
	nic->watch_behind = false;
	schedule_delayed_work(&nic->watch_work, SVNIC_WATCH);
}

/* NAPI poll, softirq.  @budget is 0 if netpoll only wants to transmit. */
int svnic_poll(struct napi_struct *napi, int budget)
{
	struct svnic_nic *nic = container_of(napi, struct svnic_nic, napi);
	int work = 0;
	bool more;

	svnic_check_state(nic);
	if (unlikely(svnic_halted(nic))) {
		/* svnic_up() schedules another poll. */
		if (budget)
			napi_complete_done(napi, 0);
		return 0;
	}
	svnic_tx_poll(nic);
	if (unlikely(!budget))
		return 0;
	work = svnic_rx(nic, budget);

	u64_stats_update_begin(&nic->rx.sync);
	u64_stats_inc(&nic->rx.stats.polls);
	u64_stats_update_end(&nic->rx.sync);

	if (work == budget)
		return work;
	if (work && nic->rx_adaptive)
		svnic_rx_sample(nic);
	more = svnic_rx_wait(nic, work);
	if (napi_complete_done(napi, work) && more && !svnic_halted(nic))
		napi_schedule(napi);
	return work;
}
