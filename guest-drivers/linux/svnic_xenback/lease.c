// SPDX-License-Identifier: GPL-2.0-only
/*
 * VIFs and the guests that have, or had, them mapped.
 *
 * Revoking a guest's I/O memory permission keeps it from mapping a frame, but
 * takes no mapping away that it has.  So a VIF that was detached from a
 * living guest is not given to anybody else: it is parked, inactive, until
 * that guest is gone, or is attached again to that very guest.  Only then
 * does the card get it back, which scrubs its memory.  When the card goes
 * first, the frames stay parked without a VIF: what a card that comes in its
 * place has there goes to no other guest either.
 *
 * A guest is gone when the toolstack has removed its folder in XenStore,
 * which the guest itself cannot; by then it runs no more.
 *
 * This module stays while something is parked: nobody else would remember.
 */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "xenback.h"

struct svnic_parked {
	struct list_head node;
	unsigned int domain;
	struct svnic_lease *lease;	/* NULL: the card has gone */
	struct svnic_placement where;
};

static LIST_HEAD(svnic_parked);		/* svnic_backs_lock */

/**
 * svnic_domain_exists() - does the toolstack know this guest?
 * @domain: its id
 */
bool svnic_domain_exists(unsigned int domain)
{
	char path[32];

	snprintf(path, sizeof(path), "/local/domain/%u", domain);
	return xenbus_exists(XBT_NIL, path, "");
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
 * An inactive VIF that  may have mapped is kept for it.  The address is
 * free for others, who may get it by the administrator's wish.
 */
static void svnic_lease_park(unsigned int domain, struct svnic_lease *lease,
			     const struct svnic_placement *where)
{
	struct svnic_vif_attr attr = { .mask = cpu_to_le32(SVNIC_ATTR_MAC) };
	struct svnic_parked *parked;

	eth_random_addr(attr.mac);
	/* In vain if the card is going: then no address matters any more. */
	svnic_back_manager()->ops->change(lease, &attr);
	parked = kzalloc(sizeof(*parked), GFP_KERNEL);
	if (!parked)
		return;
	__module_get(THIS_MODULE);
	parked->domain = domain;
	parked->lease = lease;
	parked->where = *where;
	list_add_tail(&parked->node, &svnic_parked);
}

/**
 * svnic_leases_check() - give back the VIFs of guests that are gone
 *
 * Takes svnic_backs_lock.
 */
void svnic_leases_check(void)
{
	struct svnic_parked *parked, *next;

	mutex_lock(&svnic_backs_lock);
	list_for_each_entry_safe(parked, next, &svnic_parked, node) {
		struct svnic_lease *lease = parked->lease;

		if (svnic_domain_exists(parked->domain))
			continue;
		svnic_parked_free(parked);
		if (lease)
			svnic_lease_free(svnic_back_manager(), lease);
	}
	mutex_unlock(&svnic_backs_lock);
}

/* The memory of a VIF must not move while it may be mapped somewhere. */
static bool svnic_lease_fits(struct svnic_lease *lease,
			     const struct svnic_vif_attr *attr)
{
	struct svnic_placement where;
	u32 mask = le32_to_cpu(attr->mask);

	if (svnic_back_manager()->ops->where(lease, &where))
		return false;
	return !(mask & SVNIC_ATTR_SEND_SLOTS &&
		 attr->send_slots != where.info.attr.send_slots) &&
	       !(mask & SVNIC_ATTR_RECV_SLOTS &&
		 attr->recv_slots != where.info.attr.recv_slots);
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

/* Whether @where lies on frames that were another living guest's. */
static struct svnic_parked *
svnic_parked_at(unsigned int domain, const struct svnic_placement *where)
{
	struct svnic_parked *parked;

	list_for_each_entry(parked, &svnic_parked, node) {
		const struct svnic_placement *old = &parked->where;

		if (parked->domain == domain || parked->lease)
			continue;
		if (old->doorbell == where->doorbell ||
		    (old->mem < where->mem + where->mem_size &&
		     where->mem < old->mem + old->mem_size))
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
 * svnic_lease_take() - an inactive VIF for a guest
 * @domain: the guest
 * @attr: what it is to be like
 *
 * svnic_backs_lock held.
 *
 * Return: one of the guest's own from before, or a new one; ERR_PTR() if the
 * card has none to give.
 */
struct svnic_lease *svnic_lease_take(unsigned int domain,
				     const struct svnic_vif_attr *attr)
{
	struct svnic_manager *manager = svnic_back_manager();
	struct svnic_placement where;
	struct svnic_parked *parked;
	struct svnic_lease *lease;
	int err;

	if (!manager)
		return ERR_PTR(-ENODEV);
	lease = svnic_lease_unpark(domain, attr);
	if (lease)
		return lease;
	/* Each turn but the last keeps one of the card's VIFs for another. */
	for (;;) {
		lease = svnic_lease_new(manager, attr);
		if (IS_ERR(lease))
			return lease;
		err = manager->ops->where(lease, &where);
		if (err) {
			svnic_lease_free(manager, lease);
			return ERR_PTR(err);
		}
		parked = svnic_parked_at(domain, &where);
		if (!parked)
			return lease;
		svnic_lease_park(parked->domain, lease, &where);
	}
}

/**
 * svnic_lease_return() - take an inactive VIF back from a guest
 * @domain: the guest, dead or alive
 * @lease: the VIF
 * @where: where the guest may have it mapped
 *
 * svnic_backs_lock held.  If there is no memory to remember a living guest,
 * the VIF stays lent for ever rather than go to somebody else.
 */
void svnic_lease_return(unsigned int domain, struct svnic_lease *lease,
			const struct svnic_placement *where)
{
	if (svnic_domain_exists(domain))
		svnic_lease_park(domain, lease, where);
	else
		svnic_lease_free(svnic_back_manager(), lease);
}

/**
 * svnic_leases_drop() - the card goes, and with it all parked VIFs
 * @manager: its manager
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
