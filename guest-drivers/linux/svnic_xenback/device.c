// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's device on the xenbus: made when the tools attach a VIF, open
 * while the guest may use it.
 *
 * Probe, remove and watches run in process context, mostly in the thread
 * that all of xenbus shares, so nothing here waits for a guest.  back->lock
 * guards a device; the forwarding of a signal (hard interrupt) takes none.
 */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "xenback.h"

/*
 * Hard interrupt: the card has signalled this VIF, or one that shares its
 * identifier.  The guest's event is all there is to it; whether anything had
 * moved is only for the counters, as the guest can write these words too.
 */
static bool svnic_back_interrupt(struct svnic_client *client)
{
	struct svnic_back *back = container_of(client, struct svnic_back,
					       client);
	const struct svnic_vif_page *page = back->lease->tp.mem;
	const u32 now[ARRAY_SIZE(back->seen)] = {
		le32_to_cpu(READ_ONCE(page->recv_prod.index)),
		le32_to_cpu(READ_ONCE(page->send_cons.index)),
		le32_to_cpu(READ_ONCE(page->state)),
		le32_to_cpu(READ_ONCE(page->link)),
	};
	bool moved = memcmp(now, back->seen, sizeof(now));

	memcpy(back->seen, now, sizeof(now));
	back->events++;
	if (!moved)
		back->redundant++;
	notify_remote_via_evtchn(back->evtchn);
	return moved;
}

static void svnic_back_ask_recovery(struct svnic_client *client)
{
	struct svnic_back *back = container_of(client, struct svnic_back,
					       client);

	schedule_work(&back->recover_work);
}

/**
 * svnic_back_open() - let the guest use its VIF
 * @back: permitted by the tools; its lock held
 *
 * Return: 0 or a negative errno.
 */
int svnic_back_open(struct svnic_back *back)
{
	struct svnic_lease *lease = back->lease;
	struct svnic_transport *tp;
	struct svnic_manager *manager;
	int err;

	if (back->open)
		return 0;
	if (!lease)
		return -ENODEV;
	tp = &lease->tp;
	manager = to_svnic_manager(to_auxiliary_dev(tp->dev));
	err = manager->ops->activate(lease);
	if (err)
		return err;
	err = tp->ops->map(tp);
	if (err)
		goto deactivate;
	memset(back->seen, 0, sizeof(back->seen));
	err = tp->ops->attach(tp, &back->client);
	if (err)
		goto unmap;
	back->open = true;
	return 0;

unmap:
	tp->ops->unmap(tp);
deactivate:
	manager->ops->deactivate(lease);
	return err;
}

/**
 * svnic_back_shut() - no longer let the guest use its VIF
 * @back: open or not; its lock held
 *
 * The card takes nothing from the VIF any more, and puts nothing into it.
 */
void svnic_back_shut(struct svnic_back *back)
{
	struct svnic_lease *lease = back->lease;
	int err;

	if (!back->open)
		return;
	back->open = false;
	lease->tp.ops->detach(&lease->tp);
	lease->tp.ops->unmap(&lease->tp);
	err = to_svnic_manager(to_auxiliary_dev(lease->tp.dev))
		->ops->deactivate(lease);
	if (err)
		dev_err(&back->dev->dev, "VIF %u stays active: %d\n",
			lease->id, err);
}

/**
 * svnic_back_card_gone() - the card has left the machine
 * @back: a device; svnic_backs_lock held
 */
void svnic_back_card_gone(struct svnic_back *back)
{
	mutex_lock(&back->lock);
	svnic_back_go(back, XenbusStateClosed);
	if (back->lease) {
		svnic_lease_return(back->dev->otherend_id, back->lease,
				   &back->where);
		back->lease = NULL;
	}
	mutex_unlock(&back->lock);
}

/* What the tools have asked for. */
static int svnic_back_wishes(struct xenbus_device *dev,
			     struct svnic_vif_attr *attr)
{
	static const struct {
		const char *key;
		u32 mask;
		size_t offset;
	} numbers[] = {
		{ SVNIC_XEN_PORT, SVNIC_ATTR_PORT,
		  offsetof(struct svnic_vif_attr, port) },
		{ SVNIC_XEN_MTU, SVNIC_ATTR_MTU,
		  offsetof(struct svnic_vif_attr, mtu) },
		{ SVNIC_XEN_SEND_SLOTS, SVNIC_ATTR_SEND_SLOTS,
		  offsetof(struct svnic_vif_attr, send_slots) },
		{ SVNIC_XEN_RECV_SLOTS, SVNIC_ATTR_RECV_SLOTS,
		  offsetof(struct svnic_vif_attr, recv_slots) },
	};
	u32 mask = SVNIC_ATTR_MAC | SVNIC_ATTR_PORT | SVNIC_ATTR_MTU;
	unsigned int value, n;
	int found;
	char *mac;
	bool good;

	mac = xenbus_read(XBT_NIL, dev->nodename, SVNIC_XEN_MAC, NULL);
	if (IS_ERR(mac))
		return PTR_ERR(mac);
	good = mac_pton(mac, attr->mac);
	kfree(mac);
	if (!good)
		return -EINVAL;
	/* A VIF that it had before may have had others. */
	attr->port = 0;
	attr->mtu = cpu_to_le32(SVNIC_DEFAULT_MTU);
	for (n = 0; n < ARRAY_SIZE(numbers); n++) {
		found = xenbus_scanf(XBT_NIL, dev->nodename, numbers[n].key,
				     "%u", &value);
		if (found == -ENOENT)
			continue;
		if (found != 1)
			return found < 0 ? found : -EINVAL;
		mask |= numbers[n].mask;
		*(svnic_le32 *)((void *)attr + numbers[n].offset) =
			cpu_to_le32(value);
	}
	attr->mask = cpu_to_le32(mask);
	return 0;
}

/* All that the tools and the guest need to know, in one transaction. */
static int svnic_back_publish(struct svnic_back *back)
{
	struct xenbus_device *dev = back->dev;
	struct svnic_lease *lease = back->lease;
	struct xenbus_transaction xbt;
	struct svnic_placement *where = &back->where;
	char signal[24];
	int err;

	err = to_svnic_manager(to_auxiliary_dev(lease->tp.dev))
		->ops->where(lease, where);
	if (err)
		return err;
	snprintf(signal, sizeof(signal), "%s %u",
		 lease->own_signal ? "vector" : "identifier", lease->signal);
	{
		const struct {
			const char *key;
			u64 value;
		} numbers[] = {
			{ SVNIC_XEN_VIF, lease->id },
			{ SVNIC_XEN_DB_FRAME, PHYS_PFN(where->doorbell) },
			{ SVNIC_XEN_MEM_FRAME, PHYS_PFN(where->mem) },
			{ SVNIC_XEN_MEM_FRAMES, PHYS_PFN(where->mem_size) },
			{ SVNIC_XEN_SEND_SLOTS,
			  le32_to_cpu(where->info.attr.send_slots) },
			{ SVNIC_XEN_RECV_SLOTS,
			  le32_to_cpu(where->info.attr.recv_slots) },
			{ SVNIC_XEN_MTU, le32_to_cpu(where->info.attr.mtu) },
			{ SVNIC_XEN_EVENT, back->evtchn },
			{ SVNIC_XEN_ABI, SVNIC_IDENTITY },
			{ SVNIC_XEN_FEATURES, where->capabilities },
		};
		unsigned int n;

again:
		err = xenbus_transaction_start(&xbt);
		if (err)
			return err;
		for (n = 0; n < ARRAY_SIZE(numbers) && !err; n++)
			err = xenbus_printf(xbt, dev->nodename, numbers[n].key,
					    "%llu", numbers[n].value);
		if (!err)
			err = xenbus_write(xbt, dev->nodename,
					   SVNIC_XEN_SIGNAL, signal);
		if (!err)
			err = xenbus_write(xbt, dev->nodename,
					   SVNIC_XEN_FIRMWARE,
					   lease->tp.firmware);
		if (err) {
			xenbus_transaction_end(xbt, 1);
			return err;
		}
		err = xenbus_transaction_end(xbt, 0);
		if (err == -EAGAIN)
			goto again;
	}
	return err;
}

/* The tools have let the guest map the frames. */
static void svnic_back_granted(struct xenbus_watch *watch, const char *path,
			       const char *token)
{
	struct svnic_back *back = container_of(watch, struct svnic_back,
					       granted_watch);

	mutex_lock(&back->lock);
	if (back->state == XenbusStateInitialising)
		svnic_back_go(back, XenbusStateInitWait);
	mutex_unlock(&back->lock);
}

static void svnic_back_requested(struct xenbus_watch *watch, const char *path,
				 const char *token)
{
	struct svnic_back *back = container_of(watch, struct svnic_back,
					       request_watch);

	schedule_work(&back->request_work);
}

/* A guest that writes without end finds one event in the queue, not many. */
static bool svnic_back_will_handle(struct xenbus_watch *watch,
				   const char *path, const char *token)
{
	return !watch->nr_pending;
}

static int svnic_back_watch(struct svnic_back *back)
{
	struct xenbus_device *dev = back->dev;
	int err;

	err = xenbus_watch_pathfmt(dev, &back->granted_watch, NULL,
				   svnic_back_granted, "%s/" SVNIC_XEN_GRANTED,
				   dev->nodename);
	if (err)
		return err;
	return xenbus_watch_pathfmt(dev, &back->request_watch,
				    svnic_back_will_handle,
				    svnic_back_requested,
				    "%s/" SVNIC_XEN_REQUEST, dev->otherend);
}

static void svnic_back_unwatch(struct xenbus_watch *watch)
{
	if (!watch->node)
		return;
	unregister_xenbus_watch(watch);
	kfree(watch->node);
	watch->node = NULL;
}

static void svnic_back_remove(struct xenbus_device *dev)
{
	struct svnic_back *back = dev_get_drvdata(&dev->dev);

	svnic_back_unwatch(&back->granted_watch);
	svnic_back_unwatch(&back->request_watch);
	cancel_work_sync(&back->request_work);

	mutex_lock(&svnic_backs_lock);
	mutex_lock(&back->lock);
	list_del(&back->node);
	svnic_back_shut(back);
	if (back->lease)
		svnic_lease_return(dev->otherend_id, back->lease,
				   &back->where);
	mutex_unlock(&back->lock);
	mutex_unlock(&svnic_backs_lock);

	/* By now nobody asks for it any more. */
	cancel_work_sync(&back->recover_work);
	if (back->evtchn)
		xenbus_free_evtchn(dev, back->evtchn);
	dev_set_drvdata(&dev->dev, NULL);
	mutex_destroy(&back->lock);
	kfree(back);
}

static int svnic_back_probe(struct xenbus_device *dev,
			    const struct xenbus_device_id *id)
{
	struct svnic_vif_attr attr = {};
	struct svnic_lease *lease;
	struct svnic_back *back;
	int err;

	back = kzalloc(sizeof(*back), GFP_KERNEL);
	if (!back)
		return -ENOMEM;
	back->dev = dev;
	back->state = XenbusStateInitialising;
	back->client.interrupt = svnic_back_interrupt;
	back->client.recover = svnic_back_ask_recovery;
	mutex_init(&back->lock);
	INIT_WORK(&back->request_work, svnic_back_request);
	INIT_WORK(&back->recover_work, svnic_back_recover);
	dev_set_drvdata(&dev->dev, back);

	mutex_lock(&svnic_backs_lock);
	list_add_tail(&back->node, &svnic_backs);
	err = svnic_back_wishes(dev, &attr);
	if (!err) {
		lease = svnic_lease_take(dev->otherend_id, &attr);
		if (IS_ERR(lease))
			err = PTR_ERR(lease);
		else
			back->lease = lease;
	}
	mutex_unlock(&svnic_backs_lock);
	if (err) {
		xenbus_dev_fatal(dev, err, "no VIF for the guest");
		goto remove;
	}

	err = xenbus_alloc_evtchn(dev, &back->evtchn);
	if (err)
		goto remove;
	err = svnic_back_publish(back);
	if (!err)
		err = svnic_back_watch(back);
	if (err) {
		xenbus_dev_fatal(dev, err, "cannot tell the guest of its VIF");
		goto remove;
	}
	return 0;

remove:
	svnic_back_remove(dev);
	return err;
}

static const struct xenbus_device_id svnic_back_ids[] = {
	{ SVNIC_XEN_TYPE },
	{ "" }
};

struct xenbus_driver svnic_back_driver = {
	.ids = svnic_back_ids,
	.probe = svnic_back_probe,
	.remove = svnic_back_remove,
	.otherend_changed = svnic_back_frontend,
	.driver.dev_groups = svnic_back_groups,
};
