/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interface of the card driver for drivers that pass VIFs on to guests: the
 * auxiliary device "svnic.manager.N", one per card.
 *
 * A VIF created here is lent: it has no devlink port and no auxiliary device.
 * The driver that holds the lease maps the VIF, or lets a guest map it, and
 * receives its signals.  All calls need process context and may sleep; calls
 * for one lease must not overlap.  The auxiliary device is removed together
 * with the card; the driver bound to it must have returned all leases when its
 * remove function returns.
 */
#ifndef SVNIC_MANAGER_H
#define SVNIC_MANAGER_H

#include <linux/auxiliary_bus.h>

#include "svnic_transport.h"

#define SVNIC_MANAGER_NAME "manager"

struct svnic_manager;

/**
 * struct svnic_lease - a lent VIF
 * @tp: transport of the VIF; map and attach only while the VIF is active.
 *	tp.port is NULL, tp.dev is the manager's auxiliary device
 * @id: id of the VIF
 * @has_vector: signals arrive on an MSI-X vector used by this VIF alone;
 *	otherwise on an irq bit, which other VIFs may share
 * @signal: number of the vector or of the irq bit
 */
struct svnic_lease {
	struct svnic_transport tp;
	u32 id;
	bool has_vector;
	u32 signal;
};

/**
 * struct svnic_location - addresses of a lent VIF
 * @doorbell: bus address of its doorbell page
 * @mem: bus address of its region, page-aligned
 * @mem_size: bytes, a multiple of the page size
 * @capabilities: of the card, SVNIC_CAP_*
 * @info: answer of the card to VIF_QUERY
 */
struct svnic_location {
	phys_addr_t doorbell;
	phys_addr_t mem;
	u32 mem_size;
	u32 capabilities;
	struct svnic_vif_info info;
};

/**
 * struct svnic_manager_ops - operations on lent VIFs
 * @create: create an inactive VIF with the attributes in attr->mask, and the
 *	defaults of the spec for the others.  ERR_PTR() if the card refuses
 * @destroy: return an inactive VIF; the card clears its memory.  If the
 *	command fails, the VIF is lost until the card is reset
 * @change: change attributes of an inactive VIF.  Its region may move
 * @activate: start the VIF, with both queues at index 0
 * @deactivate: stop the VIF.  Not while attached
 * @locate: fill in the addresses of the VIF
 */
struct svnic_manager_ops {
	struct svnic_lease *(*create)(struct svnic_manager *manager,
				      const struct svnic_vif_attr *attr);
	void (*destroy)(struct svnic_lease *lease);
	int (*change)(struct svnic_lease *lease,
		      const struct svnic_vif_attr *attr);
	int (*activate)(struct svnic_lease *lease);
	int (*deactivate)(struct svnic_lease *lease);
	int (*locate)(struct svnic_lease *lease,
		      struct svnic_location *location);
};

/**
 * struct svnic_manager - a card that can lend VIFs
 * @adev: the auxiliary device
 * @ops: see struct svnic_manager_ops
 * @owner: module of the card driver; hold a reference while there are leases
 */
struct svnic_manager {
	struct auxiliary_device adev;
	const struct svnic_manager_ops *ops;
	struct module *owner;
};

#define to_svnic_manager(a) container_of(a, struct svnic_manager, adev)

#endif /* SVNIC_MANAGER_H */
