/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a VIF reaches the driver that owns it.
 *
 * The owner (svnic_vif) has a VIF's memory, its doorbell page and an
 * interrupt, and somebody to ask for what it may not do itself: the manager.
 * Where they come from is the transport's business: the card driver (svnic)
 * hands VIFs out as auxiliary devices; a Xen front end can do the same.  The
 * data path sees this file and the ABI, nothing else.
 */
#ifndef SVNIC_TRANSPORT_H
#define SVNIC_TRANSPORT_H

#include <linux/auxiliary_bus.h>
#include <linux/device.h>
#include <linux/types.h>
#include <net/devlink.h>

#include "hw/net/sv-nic/sv_nic_abi.h"

struct svnic_transport;

/**
 * struct svnic_client - what the owner gives to its transport
 * @interrupt: some signal of the VIF was raised.  Hard interrupt context,
 *	never twice at once for one client.  Returns whether the client had
 *	been waiting for work and found some; where VIFs share an interrupt
 *	the answer false counts as a redundant signal.
 * @recover: the manager asks the owner to start a stopped VIF again.
 *	Process context; must not wait for anything that the caller may hold
 *	(the devlink instance lock).
 */
struct svnic_client {
	bool (*interrupt)(struct svnic_client *client);
	void (*recover)(struct svnic_client *client);
};

/**
 * struct svnic_transport_ops - what the owner may ask for
 *
 * All may sleep and may be called with rtnl held; the owner never has two of
 * them in flight for one VIF, @stats apart.  They return 0 or a negative
 * errno: -ENODEV when the card is gone, -ETIMEDOUT when it does not answer,
 * -EOPNOTSUPP when this manager does not do it.
 *
 * @map: fills in mem, mem_size and doorbell of an active VIF
 * @unmap: undoes @map
 * @attach: calls @client from now on; the VIF's signals are still masked
 * @detach: undoes @attach; on return nothing of the client runs any more
 * @reset: both queues start again at index 0, all signals masked.  Not
 *	while attached
 * @resize: as @reset, with other numbers of slots (powers of two, 0: as it
 *	is).  The VIF's memory may move: not while mapped
 * @set_mac: another MAC address, also while the VIF is in use
 * @set_mtu: largest frame, in bytes above the Ethernet header
 * @set_promisc: receive all frames of the segment
 * @stats: the card's counters for this VIF, since it was created
 */
struct svnic_transport_ops {
	int (*map)(struct svnic_transport *tp);
	void (*unmap)(struct svnic_transport *tp);
	int (*attach)(struct svnic_transport *tp, struct svnic_client *client);
	void (*detach)(struct svnic_transport *tp);
	int (*reset)(struct svnic_transport *tp);
	int (*resize)(struct svnic_transport *tp, u32 send_slots,
		      u32 recv_slots);
	int (*set_mac)(struct svnic_transport *tp, const u8 *mac);
	int (*set_mtu)(struct svnic_transport *tp, u32 mtu);
	int (*set_promisc)(struct svnic_transport *tp, bool on);
	int (*stats)(struct svnic_transport *tp,
		     struct svnic_vif_stats *stats);
};

/**
 * struct svnic_transport - one VIF in the hands of its owner
 * @ops: see there
 * @priv: whatever @ops need
 * @dev: the bus device: parent of the netdev, subject of messages
 * @port: the devlink port that stands for the VIF, or NULL
 * @bus_info: for ``ethtool -i``
 * @firmware: version text, for ``ethtool -i``
 * @mem: the VIF's run, VIF page first; plain loads and stores.  Card memory,
 *	mapped write-combining, or memory of this machine that the card reads
 *	and writes
 * @mem_size: of @mem, bytes
 * @doorbell: the VIF's doorbell page
 */
struct svnic_transport {
	const struct svnic_transport_ops *ops;
	void *priv;
	struct device *dev;
	struct devlink_port *port;
	char bus_info[32];
	char firmware[32];
	void *mem;
	u32 mem_size;
	void __iomem *doorbell;
};

/*
 * A VIF on the auxiliary bus: device "svnic.vif.N".  Made and freed by
 * svnic; svnic_vif binds to it.
 */
struct svnic_auxdev {
	struct auxiliary_device adev;
	struct svnic_transport tp;
};

#define SVNIC_AUXDEV_NAME "vif"

#define to_svnic_auxdev(a) container_of(a, struct svnic_auxdev, adev)

#endif /* SVNIC_TRANSPORT_H */
