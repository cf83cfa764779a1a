// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device of a guest on the xenbus: created when the tools attach a VIF, open
 * while the guest may use the VIF.
 *
 * Probe, remove and watches run in process context, mostly in the thread that
 * all xenbus drivers share, so nothing here waits for a guest.  back->lock
 * guards a device; the hard interrupt that forwards signals takes no lock.
 */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "xenback.h"

/*
 * Hard interrupt: the card has signalled this VIF, or another one that shares
 * its irq bit.  Forwards an event in either case.  The comparison only feeds
 * the counters, because the guest can write these words too.
 */
static bool svnic_back_interrupt(struct svnic_client *client)
{
	struct svnic_back *back = container_of(client, struct svnic_back,
					       client);
	const struct svnic_vif_page *page = back->lease->tp.mem;
	const u32 words[ARRAY_SIZE(back->last_words)] = {
		le32_to_cpu(READ_ONCE(page->recv_prod.index)),
		le32_to_cpu(READ_ONCE(page->send_cons.index)),
		le32_to_cpu(READ_ONCE(page->state)),
		le32_to_cpu(READ_ONCE(page->link)),
	};
	bool changed = memcmp(words, back->last_words, sizeof(words));

	memcpy(back->last_words, words, sizeof(words));
	back->events++;
	if (!changed)
		back->redundant++;
	notify_remote_via_evtchn(back->evtchn);
	return changed;
}

static void svnic_back_schedule_recovery(struct svnic_client *client)
{
	struct svnic_back *back = container_of(client, struct svnic_back,
					       client);

	schedule_work(&back->recover_work);
}

/**
 * svnic_back_open() - activate the VIF and forward its signals
 * @back: the device, with its lock held; the tools have granted access
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
	memset(back->last_words, 0, sizeof(back->last_words));
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
 * svnic_back_close() - deactivate the VIF
 * @back: the device, open or not, with its lock held
 *
 * The card does not access the VIF's queues after the return.
 */
void svnic_back_close(struct svnic_back *back)
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
		dev_err(&back->dev->dev, "VIF %u: DEACTIVATE failed with %pe, it remains active on the card\n",
			lease->id, ERR_PTR(err));
}

/**
 * svnic_back_card_gone() - close a device because the card is removed
 * @back: the device, with svnic_backs_lock held
 */
void svnic_back_card_gone(struct svnic_back *back)
{
	mutex_lock(&back->lock);
	svnic_back_set_state(back, XenbusStateClosed);
	if (back->lease) {
		svnic_lease_return(back->dev->otherend_id, back->lease,
				   &back->location);
		back->lease = NULL;
	}
	mutex_unlock(&back->lock);
}

/* Read the attributes that the tools have configured. */
static int svnic_back_read_config(struct xenbus_device *dev,
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
	/* Defaults, in case a parked VIF has other values. */
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

/* Write all keys for the tools and the guest in one transaction. */
static int svnic_back_publish(struct svnic_back *back)
{
	struct xenbus_device *dev = back->dev;
	struct svnic_lease *lease = back->lease;
	struct xenbus_transaction xbt;
	struct svnic_location *location = &back->location;
	char signal[24];
	int err;

	err = to_svnic_manager(to_auxiliary_dev(lease->tp.dev))
		->ops->locate(lease, location);
	if (err)
		return err;
	snprintf(signal, sizeof(signal), "%s %u",
		 lease->has_vector ? "vector" : "irq-bit", lease->signal);
	{
		const struct {
			const char *key;
			u64 value;
		} numbers[] = {
			{ SVNIC_XEN_VIF, lease->id },
			{ SVNIC_XEN_DB_FRAME, PHYS_PFN(location->doorbell) },
			{ SVNIC_XEN_MEM_FRAME, PHYS_PFN(location->mem) },
			{ SVNIC_XEN_MEM_FRAMES, PHYS_PFN(location->mem_size) },
			{ SVNIC_XEN_SEND_SLOTS,
			  le32_to_cpu(location->info.attr.send_slots) },
			{ SVNIC_XEN_RECV_SLOTS,
			  le32_to_cpu(location->info.attr.recv_slots) },
			{ SVNIC_XEN_MTU, le32_to_cpu(location->info.attr.mtu) },
			{ SVNIC_XEN_EVENT, back->evtchn },
			{ SVNIC_XEN_ABI, SVNIC_IDENTITY },
			{ SVNIC_XEN_FEATURES, location->capabilities },
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

/* The tools have permitted the guest to map the frames. */
static void svnic_back_granted(struct xenbus_watch *watch, const char *path,
			       const char *token)
{
	struct svnic_back *back = container_of(watch, struct svnic_back,
					       granted_watch);

	mutex_lock(&back->lock);
	if (back->state == XenbusStateInitialising)
		svnic_back_set_state(back, XenbusStateInitWait);
	mutex_unlock(&back->lock);
}

static void svnic_back_requested(struct xenbus_watch *watch, const char *path,
				 const char *token)
{
	struct svnic_back *back = container_of(watch, struct svnic_back,
					       request_watch);
	unsigned long next = READ_ONCE(back->request_next);
	unsigned long now = jiffies;

	if (time_before(now, next))
		back->requests_delayed++;
	else
		next = now;
	schedule_delayed_work(&back->request_work, next - now);
}

/* Queue at most one event, however often the guest writes the key. */
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
	cancel_delayed_work_sync(&back->request_work);

	mutex_lock(&svnic_backs_lock);
	mutex_lock(&back->lock);
	list_del(&back->node);
	svnic_back_close(back);
	if (back->lease)
		svnic_lease_return(dev->otherend_id, back->lease,
				   &back->location);
	mutex_unlock(&back->lock);
	mutex_unlock(&svnic_backs_lock);

	/* The client is detached: no more recovery is scheduled. */
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
	back->request_next = jiffies;
	back->client.interrupt = svnic_back_interrupt;
	back->client.recover = svnic_back_schedule_recovery;
	mutex_init(&back->lock);
	INIT_DELAYED_WORK(&back->request_work, svnic_back_request);
	INIT_WORK(&back->recover_work, svnic_back_recover);
	dev_set_drvdata(&dev->dev, back);

	mutex_lock(&svnic_backs_lock);
	list_add_tail(&back->node, &svnic_backs);
	err = svnic_back_read_config(dev, &attr);
	if (!err) {
		lease = svnic_lease_take(dev->otherend_id, &attr);
		if (IS_ERR(lease))
			err = PTR_ERR(lease);
		else
			back->lease = lease;
	}
	mutex_unlock(&svnic_backs_lock);
	if (err) {
		xenbus_dev_fatal(dev, err, "cannot create a VIF with these attributes");
		goto remove;
	}

	err = xenbus_alloc_evtchn(dev, &back->evtchn);
	if (err)
		goto remove;
	err = svnic_back_publish(back);
	if (!err)
		err = svnic_back_watch(back);
	if (err) {
		xenbus_dev_fatal(dev, err, "cannot publish the VIF in XenStore");
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
