/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the card driver offers to somebody who hands VIFs to others: the
 * auxiliary device "svnic.manager.N", one a card.
 *
 * A VIF made here is lent: it has no devlink port and is on no auxiliary bus;
 * whoever lent it maps it, or lets others map it, and gets its signals.  All
 * calls are for process context and may sleep; calls for one lease must not
 * overlap.  The auxiliary device goes when the card goes, and whoever is
 * bound to it gives all leases back before its remove function returns.
 */
#ifndef SVNIC_MANAGER_H
#define SVNIC_MANAGER_H

#include <linux/auxiliary_bus.h>

#include "svnic_transport.h"

#define SVNIC_MANAGER_NAME "manager"

struct svnic_manager;

/**
 * struct svnic_lease - a lent VIF
 * @tp: its transport; map and attach only while it is active.  The port is
 *	NULL and the device that of the manager
 * @id: the VIF's id
 * @own_signal: its signals come on a vector of its own; otherwise on an
 *	identifier, which other VIFs may share
 * @signal: number of the vector or of the identifier
 */
struct svnic_lease {
	struct svnic_transport tp;
	u32 id;
	bool own_signal;
	u32 signal;
};

/**
 * struct svnic_placement - where a lent VIF lies
 * @doorbell: bus address of its doorbell page
 * @mem: bus address of its memory, page-aligned
 * @mem_size: bytes, whole pages
 * @capabilities: of the card, SVNIC_CAP_*
 * @info: the card's own words
 */
struct svnic_placement {
	phys_addr_t doorbell;
	phys_addr_t mem;
	u32 mem_size;
	u32 capabilities;
	struct svnic_vif_info info;
};

/**
 * struct svnic_manager_ops - what can be done with lent VIFs
 * @create: make an inactive VIF with the attributes that are masked; of
 *	the others those of the spec.  ERR_PTR() if the card refuses
 * @destroy: give an inactive VIF back; the card scrubs its memory.  If the
 *	card does not do it, the VIF is lost until the next reset
 * @change: other attributes for an inactive VIF.  The memory may move
 * @activate: start it, at index 0
 * @deactivate: stop it.  Not while attached
 * @where: where it lies
 */
struct svnic_manager_ops {
	struct svnic_lease *(*create)(struct svnic_manager *manager,
				      const struct svnic_vif_attr *attr);
	void (*destroy)(struct svnic_lease *lease);
	int (*change)(struct svnic_lease *lease,
		      const struct svnic_vif_attr *attr);
	int (*activate)(struct svnic_lease *lease);
	int (*deactivate)(struct svnic_lease *lease);
	int (*where)(struct svnic_lease *lease, struct svnic_placement *where);
};

/**
 * struct svnic_manager - a card, for whoever lends VIFs
 * @adev: the auxiliary device
 * @ops: see there
 * @owner: the card driver, to be held while there are leases
 */
struct svnic_manager {
	struct auxiliary_device adev;
	const struct svnic_manager_ops *ops;
	struct module *owner;
};

#define to_svnic_manager(a) container_of(a, struct svnic_manager, adev)

#endif /* SVNIC_MANAGER_H */
