// SPDX-License-Identifier: GPL-2.0-only
/*
 * The netdev of a VIF: creation, up and down, reset, and netdev operations
 * other than transmit.
 *
 * Process context with rtnl held, unless noted otherwise.  A reset is a down
 * followed by an up: up first resets the VIF on the card, so that both sides
 * start at index 0.
 */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>

#include "svnic_vif.h"

#define SVNIC_WATCHDOG	(5 * HZ)
/* alignment of slot 0 in the region, bytes (spec: "Memory of a VIF") */
#define SVNIC_SLOT_ALIGN	64

/**
 * svnic_broken() - halt the interface after invalid data from the card
 * @nic: the interface; halted until it is set down and up
 * @what: name of the invalid value
 * @value: the value
 *
 * Any context.
 */
void svnic_broken(struct svnic_nic *nic, const char *what, u32 value)
{
	/* If the VIF was stopped or reset, the indices are not valid: reset. */
	if (le32_to_cpu(READ_ONCE(nic->page->generation)) != nic->generation ||
	    le32_to_cpu(READ_ONCE(nic->page->state)) != SVNIC_VIF_ACTIVE) {
		svnic_check_state(nic);
		return;
	}
	if (test_and_set_bit(SVNIC_BROKEN, &nic->flags))
		return;
	netdev_err(nic->netdev, "%s %u from the card is out of range: interface halted, set the link down and up to restart\n",
		   what, value);
	netif_carrier_off(nic->netdev);
}

/**
 * svnic_check_state() - check state and link of the VIF
 * @nic: the interface, up
 *
 * Softirq.  Schedules a reset of the interface if the VIF was stopped, or if it
 * was restarted by the manager.
 */
void svnic_check_state(struct svnic_nic *nic)
{
	bool link;

	if (unlikely(le32_to_cpu(READ_ONCE(nic->page->state)) !=
		     SVNIC_VIF_ACTIVE ||
		     le32_to_cpu(READ_ONCE(nic->page->generation)) !=
		     nic->generation)) {
		if (!test_and_set_bit(SVNIC_STOPPED, &nic->flags))
			schedule_work(&nic->reset_work);
		return;
	}
	link = le32_to_cpu(READ_ONCE(nic->page->link));
	if (unlikely(link != nic->link)) {
		nic->link = link;
		if (link)
			netif_carrier_on(nic->netdev);
		else
			netif_carrier_off(nic->netdev);
	}
}

/* Hard interrupt, for any signal: the poll handles all of them. */
static bool svnic_interrupt(struct svnic_client *client)
{
	struct svnic_nic *nic = container_of(client, struct svnic_nic, client);
	bool work = svnic_has_work(nic);

	nic->irqs++;
	napi_schedule_irqoff(&nic->napi);
	return work;
}

/* Set up a queue; it must lie within the region of the VIF. */
static int svnic_ring_init(struct svnic_nic *nic, struct svnic_ring *ring,
			   struct svnic_index *local,
			   struct svnic_index *remote, u32 slots, u32 offset)
{
	u64 bytes = (u64)slots * SVNIC_SLOT_SIZE;

	if (!is_power_of_2(slots) || slots < SVNIC_MIN_SLOTS ||
	    slots > SVNIC_MAX_SLOTS || !IS_ALIGNED(offset, SVNIC_SLOT_ALIGN) ||
	    offset < sizeof(struct svnic_vif_page) ||
	    offset + bytes > nic->tp->mem_size) {
		netdev_err(nic->netdev, "VIF page describes a queue of %u slots at offset 0x%x: not %u to %u slots within a region of 0x%x bytes\n",
			   slots, offset, SVNIC_MIN_SLOTS, SVNIC_MAX_SLOTS,
			   nic->tp->mem_size);
		return -EPROTO;
	}
	ring->local = local;
	ring->remote = remote;
	ring->base = nic->tp->mem + offset;
	ring->slots = slots;
	ring->bytes = bytes;
	return 0;
}

/* Set up both queues from the VIF page after a reset. */
static int svnic_rings_init(struct svnic_nic *nic)
{
	struct svnic_vif_page *page = nic->tp->mem;
	struct svnic_tx *tx = &nic->tx;
	struct svnic_rx *rx = &nic->rx;
	u32 abi, slot_size, send_slots;
	u32 *length;
	int err;

	nic->page = page;
	abi = le32_to_cpu(READ_ONCE(page->abi));
	slot_size = le32_to_cpu(READ_ONCE(page->slot_size));
	if (abi >> 8 != SVNIC_IDENTITY >> 8 || slot_size != SVNIC_SLOT_SIZE) {
		netdev_err(nic->netdev, "VIF page has ABI 0x%08x and slots of %u bytes: this driver needs ABI %u.x and %u bytes\n",
			   abi, slot_size, SVNIC_ABI_MAJOR, SVNIC_SLOT_SIZE);
		return -EPROTO;
	}
	send_slots = le32_to_cpu(READ_ONCE(page->send_slots));
	err = svnic_ring_init(nic, &tx->ring, &page->send_prod,
			      &page->send_cons, send_slots,
			      le32_to_cpu(READ_ONCE(page->send_offset)));
	if (err)
		return err;
	err = svnic_ring_init(nic, &rx->ring, &page->recv_cons,
			      &page->recv_prod,
			      le32_to_cpu(READ_ONCE(page->recv_slots)),
			      le32_to_cpu(READ_ONCE(page->recv_offset)));
	if (err)
		return err;

	length = kvcalloc(send_slots, sizeof(*length), GFP_KERNEL);
	if (!length)
		return -ENOMEM;
	kvfree(tx->length);
	tx->length = length;
	tx->prod = 0;
	tx->published = 0;
	tx->clean = 0;
	rx->cons = 0;
	rx->published = 0;
	nic->generation = le32_to_cpu(READ_ONCE(page->generation));
	return 0;
}

/**
 * svnic_up() - reset the VIF and start sending and receiving
 * @nic: mapped, not up
 *
 * Return: 0 or a negative errno; the interface is not up after an error.
 */
int svnic_up(struct svnic_nic *nic)
{
	struct svnic_transport *tp = nic->tp;
	int err;

	err = tp->ops->reset(tp);
	if (err)
		return err;
	err = svnic_rings_init(nic);
	if (err)
		return err;

	clear_bit(SVNIC_BROKEN, &nic->flags);
	clear_bit(SVNIC_STOPPED, &nic->flags);
	nic->link = le32_to_cpu(READ_ONCE(nic->page->link));
	netdev_reset_queue(nic->netdev);
	/* No signal for sent frames, one for the first received frame. */
	WRITE_ONCE(nic->tx.ring.local->event, cpu_to_le32(-1));
	svnic_ring_wait(&nic->rx.ring, 0);

	err = tp->ops->attach(tp, &nic->client);
	if (err)
		return err;
	napi_enable(&nic->napi);
	set_bit(SVNIC_UP, &nic->flags);
	writel(SVNIC_SIGNAL_ALL, tp->doorbell + SVNIC_DB_SIGNAL_MASK_CLEAR);

	if (nic->link)
		netif_carrier_on(nic->netdev);
	else
		netif_carrier_off(nic->netdev);
	netif_tx_start_all_queues(nic->netdev);
	svnic_watch_start(nic);
	/* Poll for frames that arrived before the signals were unmasked. */
	local_bh_disable();
	napi_schedule(&nic->napi);
	local_bh_enable();
	return 0;
}

/**
 * svnic_down() - stop sending and receiving
 * @nic: up
 *
 * No transmit, interrupt or poll runs after the return.
 */
void svnic_down(struct svnic_nic *nic)
{
	struct svnic_transport *tp = nic->tp;

	clear_bit(SVNIC_UP, &nic->flags);
	netif_tx_disable(nic->netdev);
	netif_carrier_off(nic->netdev);
	writel(SVNIC_SIGNAL_ALL, tp->doorbell + SVNIC_DB_SIGNAL_MASK_SET);
	tp->ops->detach(tp);
	cancel_delayed_work_sync(&nic->watch_work);
	napi_disable(&nic->napi);
	hrtimer_cancel(&nic->rx_timer);
	svnic_rx_moderate(nic);
}

/**
 * svnic_resize() - change the numbers of slots
 * @nic: up or not
 * @send_slots: power of two, or 0 to keep the number
 * @recv_slots: power of two, or 0 to keep the number
 *
 * Return: 0 or a negative errno.  After an error an interface that was up is up
 * with the old numbers; if that fails too, its carrier is off.
 */
int svnic_resize(struct svnic_nic *nic, u32 send_slots, u32 recv_slots)
{
	struct svnic_transport *tp = nic->tp;
	bool up = test_bit(SVNIC_UP, &nic->flags);
	int err, back;

	if (!tp->ops->resize)
		return -EOPNOTSUPP;
	if (up)
		svnic_down(nic);
	nic->page = NULL;
	tp->ops->unmap(tp);
	err = tp->ops->resize(tp, send_slots, recv_slots);
	back = tp->ops->map(tp);
	if (back) {
		netdev_err(nic->netdev, "cannot map the VIF again after a resize (%pe): interface detached, reload the driver\n",
			   ERR_PTR(back));
		netif_device_detach(nic->netdev);
		return err ?: back;
	}
	nic->page = tp->mem;
	if (up) {
		back = svnic_up(nic);
		if (back)
			netdev_err(nic->netdev, "cannot restart the VIF after a resize (%pe): set the link down and up to try again\n",
				   ERR_PTR(back));
	}
	return err ?: back;
}

/* Limit the rate of automatic resets. */
static bool svnic_reset_allowed(struct svnic_nic *nic)
{
	if (!nic->reset_count ||
	    time_after(jiffies, nic->reset_since + SVNIC_RESET_WINDOW)) {
		nic->reset_since = jiffies;
		nic->reset_count = 0;
	}
	return nic->reset_count++ < SVNIC_RESET_LIMIT;
}

static void svnic_reset_work(struct work_struct *work)
{
	struct svnic_nic *nic = container_of(work, struct svnic_nic,
					     reset_work);
	struct net_device *netdev = nic->netdev;
	int err;

	rtnl_lock();
	if (!netif_running(netdev) || !netif_device_present(netdev))
		goto unlock;
	if (le32_to_cpu(READ_ONCE(nic->page->state)) == SVNIC_VIF_STOPPED)
		netdev_warn(netdev, "the card stopped this VIF with error %u (enum svnic_vif_error): resetting it\n",
			    le32_to_cpu(READ_ONCE(nic->page->error)));
	if (!svnic_reset_allowed(nic)) {
		if (!test_and_set_bit(SVNIC_BROKEN, &nic->flags))
			netdev_err(netdev, "more than %u resets within %u s: interface halted, set the link down and up to restart\n",
				   SVNIC_RESET_LIMIT, SVNIC_RESET_WINDOW / HZ);
		netif_carrier_off(netdev);
		goto unlock;
	}
	nic->resets++;
	/* Not up if an earlier reset has failed. */
	if (test_bit(SVNIC_UP, &nic->flags))
		svnic_down(nic);
	err = svnic_up(nic);
	if (err)
		netdev_err(netdev, "cannot reset the VIF (%pe): set the link down and up to try again\n",
			   ERR_PTR(err));
unlock:
	rtnl_unlock();
}

/* Request of the administrator, through the manager: clears the limit. */
static void svnic_recover(struct svnic_client *client)
{
	struct svnic_nic *nic = container_of(client, struct svnic_nic, client);

	WRITE_ONCE(nic->reset_count, 0);
	set_bit(SVNIC_STOPPED, &nic->flags);
	schedule_work(&nic->reset_work);
}

static int svnic_open(struct net_device *netdev)
{
	struct svnic_nic *nic = netdev_priv(netdev);
	int err;

	nic->reset_count = 0;
	err = svnic_up(nic);
	if (err)
		netdev_err(netdev, "cannot start the VIF: %pe\n", ERR_PTR(err));
	return err;
}

static int svnic_stop(struct net_device *netdev)
{
	struct svnic_nic *nic = netdev_priv(netdev);

	/* Not up if a reset has failed. */
	if (test_bit(SVNIC_UP, &nic->flags))
		svnic_down(nic);
	return 0;
}

static void svnic_tx_timeout(struct net_device *netdev, unsigned int queue)
{
	struct svnic_nic *nic = netdev_priv(netdev);

	netdev_warn(netdev, "transmit timeout: send index %u, the card is at %u: resetting the VIF\n",
		    nic->tx.published, svnic_ring_remote_index(&nic->tx.ring));
	if (!test_and_set_bit(SVNIC_STOPPED, &nic->flags))
		schedule_work(&nic->reset_work);
}

static void svnic_get_stats64(struct net_device *netdev,
			      struct rtnl_link_stats64 *stats)
{
	struct svnic_nic *nic = netdev_priv(netdev);
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&nic->tx.sync);
		stats->tx_packets = u64_stats_read(&nic->tx.stats.packets);
		stats->tx_bytes = u64_stats_read(&nic->tx.stats.bytes);
		stats->tx_dropped = u64_stats_read(&nic->tx.stats.dropped);
	} while (u64_stats_fetch_retry(&nic->tx.sync, start));
	do {
		start = u64_stats_fetch_begin(&nic->rx.sync);
		stats->rx_packets = u64_stats_read(&nic->rx.stats.packets);
		stats->rx_bytes = u64_stats_read(&nic->rx.stats.bytes);
		stats->multicast = u64_stats_read(&nic->rx.stats.multicast);
		stats->rx_dropped = u64_stats_read(&nic->rx.stats.no_memory);
		stats->rx_errors = u64_stats_read(&nic->rx.stats.bad_offload);
	} while (u64_stats_fetch_retry(&nic->rx.sync, start));
}

static int svnic_set_mac_address(struct net_device *netdev, void *p)
{
	struct svnic_nic *nic = netdev_priv(netdev);
	struct svnic_transport *tp = nic->tp;
	const struct sockaddr *addr = p;
	int err;

	if (!is_valid_ether_addr(addr->sa_data))
		return -EADDRNOTAVAIL;
	if (ether_addr_equal(addr->sa_data, netdev->dev_addr))
		return 0;
	if (!tp->ops->set_mac)
		return -EOPNOTSUPP;
	err = tp->ops->set_mac(tp, addr->sa_data);
	if (!err)
		eth_hw_addr_set(netdev, addr->sa_data);
	return err;
}

static int svnic_change_mtu(struct net_device *netdev, int mtu)
{
	struct svnic_nic *nic = netdev_priv(netdev);
	struct svnic_transport *tp = nic->tp;
	int err;

	if (!tp->ops->set_mtu)
		return -EOPNOTSUPP;
	err = tp->ops->set_mtu(tp, mtu);
	if (!err)
		WRITE_ONCE(netdev->mtu, mtu);
	return err;
}

/* Address list lock held, may not sleep: the work sends the command. */
static void svnic_set_rx_mode(struct net_device *netdev)
{
	struct svnic_nic *nic = netdev_priv(netdev);

	if (!!(netdev->flags & IFF_PROMISC) != READ_ONCE(nic->promisc))
		schedule_work(&nic->mode_work);
}

static void svnic_mode_work(struct work_struct *work)
{
	struct svnic_nic *nic = container_of(work, struct svnic_nic, mode_work);
	struct svnic_transport *tp = nic->tp;
	bool promisc;
	int err;

	rtnl_lock();
	/* While detached there is no VIF; the resume sets the mode. */
	if (!netif_device_present(nic->netdev))
		goto unlock;
	promisc = nic->netdev->flags & IFF_PROMISC;
	if (promisc != nic->promisc && tp->ops->set_promisc) {
		err = tp->ops->set_promisc(tp, promisc);
		if (err)
			netdev_warn(nic->netdev, "cannot turn promiscuous mode %s: %pe\n",
				    promisc ? "on" : "off", ERR_PTR(err));
		else
			WRITE_ONCE(nic->promisc, promisc);
	}
unlock:
	rtnl_unlock();
}

#ifndef SVNIC_HAVE_netdev_devlink_port
static struct devlink_port *svnic_get_devlink_port(struct net_device *netdev)
{
	struct svnic_nic *nic = netdev_priv(netdev);

	return nic->tp->port;
}
#endif

static const struct net_device_ops svnic_netdev_ops = {
	.ndo_open = svnic_open,
	.ndo_stop = svnic_stop,
	.ndo_start_xmit = svnic_xmit,
	.ndo_tx_timeout = svnic_tx_timeout,
	.ndo_get_stats64 = svnic_get_stats64,
	.ndo_set_mac_address = svnic_set_mac_address,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_change_mtu = svnic_change_mtu,
	.ndo_set_rx_mode = svnic_set_rx_mode,
#ifndef SVNIC_HAVE_netdev_devlink_port
	.ndo_get_devlink_port = svnic_get_devlink_port,
#endif
};

/* Offloads by the card's capabilities. */
static void svnic_set_features(struct net_device *netdev, u32 capabilities)
{
	netdev->hw_features = NETIF_F_SG | NETIF_F_RXCSUM;
	if (capabilities & SVNIC_CAP_CHECKSUM)
		netdev->hw_features |= NETIF_F_HW_CSUM;
	if (capabilities & SVNIC_CAP_CHECKSUM &&
	    capabilities & SVNIC_CAP_SEGMENTATION)
		netdev->hw_features |= NETIF_F_TSO | NETIF_F_TSO6;
	netdev->features = netdev->hw_features | NETIF_F_HIGHDMA;
	netdev->vlan_features = netdev->features;
}

/* Associate the netdev with the devlink port of its VIF, if any. */
static void svnic_port_bind(struct svnic_nic *nic)
{
#ifndef SVNIC_HAVE_netdev_devlink_port
	if (nic->tp->port)
		devlink_port_type_eth_set(nic->tp->port, nic->netdev);
#endif
}

static void svnic_port_unbind(struct svnic_nic *nic)
{
#ifndef SVNIC_HAVE_netdev_devlink_port
	if (nic->tp->port)
		devlink_port_type_clear(nic->tp->port);
#endif
}

/**
 * svnic_netdev_create() - create and register the netdev of a VIF
 * @tp: the VIF, active and not mapped
 *
 * Process context, without rtnl.
 *
 * Return: the netdev, to be freed with svnic_netdev_destroy(), or ERR_PTR().
 */
struct net_device *svnic_netdev_create(struct svnic_transport *tp)
{
	const struct svnic_vif_page *page;
	struct net_device *netdev;
	struct svnic_nic *nic;
	u32 mtu;
	int err;

	err = tp->ops->map(tp);
	if (err)
		return ERR_PTR(err);
	page = tp->mem;

	netdev = alloc_etherdev(sizeof(*nic));
	if (!netdev) {
		err = -ENOMEM;
		goto unmap;
	}
	nic = netdev_priv(netdev);
	nic->netdev = netdev;
	nic->tp = tp;
	nic->page = tp->mem;
	nic->client.interrupt = svnic_interrupt;
	nic->client.recover = svnic_recover;
	nic->speed = SVNIC_SPEED;
	nic->duplex = DUPLEX_FULL;
	nic->rx_adaptive = true;
	nic->rx_set_frames = 1;
	svnic_rx_moderate(nic);
	u64_stats_init(&nic->tx.sync);
	u64_stats_init(&nic->rx.sync);
	svnic_hrtimer_setup(&nic->rx_timer, svnic_rx_timer, CLOCK_MONOTONIC,
			    HRTIMER_MODE_REL_SOFT);
	INIT_WORK(&nic->reset_work, svnic_reset_work);
	INIT_WORK(&nic->mode_work, svnic_mode_work);
	INIT_DELAYED_WORK(&nic->watch_work, svnic_watch_work);

	SET_NETDEV_DEV(netdev, tp->dev);
#ifdef SVNIC_HAVE_netdev_devlink_port
	if (tp->port)
		SET_NETDEV_DEVLINK_PORT(netdev, tp->port);
#endif
	netdev->netdev_ops = &svnic_netdev_ops;
	netdev->ethtool_ops = &svnic_ethtool_ops;
	netdev->watchdog_timeo = SVNIC_WATCHDOG;
	netdev->priv_flags |= IFF_LIVE_ADDR_CHANGE;
	netdev->min_mtu = SVNIC_MIN_MTU;
	netdev->max_mtu = SVNIC_MAX_MTU;
	mtu = le32_to_cpu(READ_ONCE(page->mtu));
	netdev->mtu = clamp_t(u32, mtu, SVNIC_MIN_MTU, SVNIC_MAX_MTU);
	svnic_set_features(netdev, le32_to_cpu(READ_ONCE(page->capabilities)));
	if (is_valid_ether_addr(page->mac))
		eth_hw_addr_set(netdev, page->mac);
	else
		eth_hw_addr_random(netdev);
	netif_napi_add(netdev, &nic->napi, svnic_poll);
	netif_carrier_off(netdev);

	err = register_netdev(netdev);
	if (err)
		goto free;
	svnic_port_bind(nic);
	return netdev;

free:
	netif_napi_del(&nic->napi);
	free_netdev(netdev);
unmap:
	tp->ops->unmap(tp);
	return ERR_PTR(err);
}

/**
 * svnic_netdev_destroy() - undo svnic_netdev_create()
 * @netdev: the netdev
 *
 * Process context, without rtnl.  The VIF is not in use after the return.
 */
void svnic_netdev_destroy(struct net_device *netdev)
{
	struct svnic_nic *nic = netdev_priv(netdev);
	struct svnic_transport *tp = nic->tp;

	svnic_port_unbind(nic);
	unregister_netdev(netdev);
	/* Work that still runs finds the interface down. */
	cancel_work_sync(&nic->reset_work);
	cancel_work_sync(&nic->mode_work);
	if (nic->promisc)
		tp->ops->set_promisc(tp, false);
	netif_napi_del(&nic->napi);
	if (nic->rx.frag.page)
		put_page(nic->rx.frag.page);
	kvfree(nic->tx.length);
	tp->ops->unmap(tp);
	free_netdev(netdev);
}
