// SPDX-License-Identifier: GPL-2.0-only
/*
 * Leases of VIFs, and VIFs that guests may still have mapped.
 *
 * Revoking the I/O memory permission of a guest prevents new mappings, but does
 * not remove existing ones.  A VIF that was detached from a running guest is
 * therefore parked: it stays inactive until that guest is gone, or until it is
 * attached to the same guest again, and is not given to another guest before.
 * Then it is returned to the card, which clears its memory.  If the card is
 * removed first, the frames remain parked without a VIF: a VIF of a new card at
 * these frames is not given to another guest either.
 *
 * A guest is gone when the toolstack has removed its directory in XenStore,
 * which the guest cannot do; the guest does not run any more by then.
 *
 * A parked VIF holds a reference on this module, which has the only record.
 */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "xenback.h"

struct svnic_parked {
	struct list_head node;
	unsigned int domain;
	struct svnic_lease *lease;	/* NULL: the card was removed */
	struct svnic_location location;
};

static LIST_HEAD(svnic_parked);		/* svnic_backs_lock */

/**
 * svnic_domain_gone() - test whether a guest is gone
 * @domain: its id
 *
 * Any error but -ENOENT tells nothing about the guest, which may run and have
 * frames mapped.
 *
 * Return: whether XenStore answered that the guest has no directory.
 */
bool svnic_domain_gone(unsigned int domain)
{
	char path[32];
	char *value;

	snprintf(path, sizeof(path), "/local/domain/%u", domain);
	value = xenbus_read(XBT_NIL, path, "", NULL);
	if (!IS_ERR(value)) {
		kfree(value);
		return false;
	}
	if (value == ERR_PTR(-ENOENT))
		return true;
	pr_warn("svnic_xenback: cannot read %s in XenStore (%pe): domain %u is taken to be running\n",
		path, value, domain);
	return false;
}

static void svnic_lease_free(struct svnic_manager *manager,
			     struct svnic_lease *lease)
{
	manager->ops->destroy(lease);
	module_put(manager->owner);
}

static void svnic_parked_free(struct svnic_parked *parked)
{
	list_del(&parked->node);
	kfree(parked);
	module_put(THIS_MODULE);
}

/*
 * Park an inactive VIF that @domain may have mapped.  Its MAC address is
 * replaced, so that the administrator can give it to another VIF.
 */
static void svnic_lease_park(unsigned int domain, struct svnic_lease *lease,
			     const struct svnic_location *location)
{
	struct svnic_vif_attr attr = { .mask = cpu_to_le32(SVNIC_ATTR_MAC) };
	struct svnic_parked *parked;

	eth_random_addr(attr.mac);
	/* Fails if the card is being removed, when the address does not matter. */
	svnic_back_manager()->ops->change(lease, &attr);
	parked = kzalloc(sizeof(*parked), GFP_KERNEL);
	if (!parked)
		return;
	__module_get(THIS_MODULE);
	parked->domain = domain;
	parked->lease = lease;
	parked->location = *location;
	list_add_tail(&parked->node, &svnic_parked);
}

/**
 * svnic_leases_check() - return parked VIFs of guests that are gone
 *
 * Takes svnic_backs_lock.
 */
void svnic_leases_check(void)
{
	struct svnic_parked *parked, *next;

	mutex_lock(&svnic_backs_lock);
	list_for_each_entry_safe(parked, next, &svnic_parked, node) {
		struct svnic_lease *lease = parked->lease;

		if (!svnic_domain_gone(parked->domain))
			continue;
		svnic_parked_free(parked);
		if (lease)
			svnic_lease_free(svnic_back_manager(), lease);
	}
	mutex_unlock(&svnic_backs_lock);
}

/* Numbers of slots must match: a mapped region must not move. */
static bool svnic_lease_fits(struct svnic_lease *lease,
			     const struct svnic_vif_attr *attr)
{
	struct svnic_location location;
	u32 mask = le32_to_cpu(attr->mask);

	if (svnic_back_manager()->ops->locate(lease, &location))
		return false;
	return !(mask & SVNIC_ATTR_SEND_SLOTS &&
		 attr->send_slots != location.info.attr.send_slots) &&
	       !(mask & SVNIC_ATTR_RECV_SLOTS &&
		 attr->recv_slots != location.info.attr.recv_slots);
}

static struct svnic_lease *svnic_lease_unpark(unsigned int domain,
					      const struct svnic_vif_attr *attr)
{
	struct svnic_vif_attr change = *attr;
	struct svnic_parked *parked;
	struct svnic_lease *lease;

	change.mask &= cpu_to_le32(~(SVNIC_ATTR_SEND_SLOTS |
				     SVNIC_ATTR_RECV_SLOTS));
	list_for_each_entry(parked, &svnic_parked, node) {
		lease = parked->lease;
		if (parked->domain != domain || !lease ||
		    !svnic_lease_fits(lease, attr))
			continue;
		if (change.mask &&
		    svnic_back_manager()->ops->change(lease, &change))
			continue;
		svnic_parked_free(parked);
		return lease;
	}
	return NULL;
}

/* Find a parked entry of another guest with frames that overlap @location. */
static struct svnic_parked *
svnic_parked_at(unsigned int domain, const struct svnic_location *location)
{
	struct svnic_parked *parked;

	list_for_each_entry(parked, &svnic_parked, node) {
		const struct svnic_location *old = &parked->location;

		if (parked->domain == domain || parked->lease)
			continue;
		if (old->doorbell == location->doorbell ||
		    (old->mem < location->mem + location->mem_size &&
		     location->mem < old->mem + old->mem_size))
			return parked;
	}
	return NULL;
}

static struct svnic_lease *svnic_lease_new(struct svnic_manager *manager,
					   const struct svnic_vif_attr *attr)
{
	struct svnic_lease *lease;

	if (!try_module_get(manager->owner))
		return ERR_PTR(-ENODEV);
	lease = manager->ops->create(manager, attr);
	if (IS_ERR(lease))
		module_put(manager->owner);
	return lease;
}

/**
 * svnic_lease_take() - get an inactive VIF for a guest
 * @domain: the guest
 * @attr: its attributes
 *
 * svnic_backs_lock held.
 *
 * Return: a parked VIF of this guest with matching numbers of slots, or a new
 * one; ERR_PTR() if the card cannot create one.
 */
struct svnic_lease *svnic_lease_take(unsigned int domain,
				     const struct svnic_vif_attr *attr)
{
	struct svnic_manager *manager = svnic_back_manager();
	struct svnic_location location;
	struct svnic_parked *parked;
	struct svnic_lease *lease;
	int err;

	if (!manager)
		return ERR_PTR(-ENODEV);
	lease = svnic_lease_unpark(domain, attr);
	if (lease)
		return lease;
	/* Park new VIFs at frames that another guest may have mapped. */
	for (;;) {
		lease = svnic_lease_new(manager, attr);
		if (IS_ERR(lease))
			return lease;
		err = manager->ops->locate(lease, &location);
		if (err) {
			svnic_lease_free(manager, lease);
			return ERR_PTR(err);
		}
		parked = svnic_parked_at(domain, &location);
		if (!parked)
			return lease;
		svnic_lease_park(parked->domain, lease, &location);
	}
}

/**
 * svnic_lease_return() - return or park the VIF of a guest
 * @domain: the guest, which may be gone
 * @lease: the VIF, inactive
 * @location: where the guest may have it mapped
 *
 * svnic_backs_lock held.  Without memory for the record, a VIF of a running
 * guest remains lent until the card is removed, and is not given to another.
 */
void svnic_lease_return(unsigned int domain, struct svnic_lease *lease,
			const struct svnic_location *location)
{
	if (svnic_domain_gone(domain))
		svnic_lease_free(svnic_back_manager(), lease);
	else
		svnic_lease_park(domain, lease, location);
}

/**
 * svnic_leases_drop() - return all parked VIFs because the card is removed
 * @manager: manager of the card
 *
 * svnic_backs_lock held.
 */
void svnic_leases_drop(struct svnic_manager *manager)
{
	struct svnic_parked *parked;

	list_for_each_entry(parked, &svnic_parked, node) {
		if (parked->lease)
			svnic_lease_free(manager, parked->lease);
		parked->lease = NULL;
	}
}
