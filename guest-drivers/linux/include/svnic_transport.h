/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Transport: connects a VIF with the driver that owns it.
 *
 * The owner (svnic_vif) needs the VIF's region, its doorbell page, an
 * interrupt, and the manager for operations that are not the owner's.  The
 * transport provides all four: the card driver (svnic) with an auxiliary
 * device for each VIF, or the Xen front end.  The data path depends on this
 * file and on the ABI header only.
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
 * struct svnic_client - callbacks that the owner gives to its transport
 * @interrupt: a signal of the VIF was raised.  Hard interrupt context, not
 *	reentered for one client.  Returns whether there was work to do; false
 *	counts as a redundant signal of an irq bit that VIFs share.
 * @recover: request of the manager to restart a stopped VIF.  Process
 *	context; must not take locks that the caller may hold (the devlink
 *	instance lock).
 */
struct svnic_client {
	bool (*interrupt)(struct svnic_client *client);
	void (*recover)(struct svnic_client *client);
};

/**
 * struct svnic_transport_ops - operations that the owner may request
 *
 * All may sleep and may be called with rtnl held.  The owner serializes them
 * for one VIF, except for @stats.  They return 0 or a negative errno: -ENODEV
 * if the card is gone, -ETIMEDOUT if it does not answer, -EOPNOTSUPP if this
 * transport does not support the operation.
 *
 * @map: fill in mem, mem_size and doorbell of an active VIF
 * @unmap: undo @map
 * @attach: deliver signals to @client from now on; they are still masked
 * @detach: undo @attach; no callback of the client runs after the return
 * @reset: restart both queues at index 0, with all signals masked.  Not
 *	while attached
 * @resize: like @reset, with other numbers of slots (powers of two; 0 keeps
 *	the number).  The region may move: not while mapped
 * @set_mac: set the MAC address, also while the VIF is in use
 * @set_mtu: set the MTU, in bytes without the Ethernet header
 * @set_promisc: receive all frames of the port's segment
 * @stats: read the card's counters of this VIF, which count since its creation
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
 * struct svnic_transport - a VIF as its owner uses it
 * @ops: see struct svnic_transport_ops
 * @priv: private data of @ops
 * @dev: the bus device: parent of the netdev, used in messages
 * @port: devlink port of the VIF, or NULL
 * @bus_info: for ``ethtool -i``
 * @firmware: version text, for ``ethtool -i``
 * @mem: the VIF's region, VIF page first, for plain loads and stores.  Card
 *	memory, mapped write-combining, or memory of this machine that the card
 *	reads and writes
 * @mem_size: size of @mem in bytes
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
 * Auxiliary device "svnic.vif.N" of a VIF.  Created and freed by svnic;
 * svnic_vif binds to it.
 */
struct svnic_auxdev {
	struct auxiliary_device adev;
	struct svnic_transport tp;
};

#define SVNIC_AUXDEV_NAME "vif"

#define to_svnic_auxdev(a) container_of(a, struct svnic_auxdev, adev)

#endif /* SVNIC_TRANSPORT_H */
