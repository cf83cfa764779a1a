// SPDX-License-Identifier: GPL-2.0-only
/*
 * Xen front end: binds to VIFs on the xenbus, maps the machine frames that the
 * back end has published and the tools have permitted, and receives signals by
 * an event channel (svnic_xen.h).  The rest of the driver is the same: packets
 * of the guest go to the card and not through dom0.
 *
 * Probe, remove and state changes of the back end run in the thread of xenbus
 * watches and take rtnl.  Requests to the manager run with rtnl held, so they
 * must not wait for a watch in that thread: they poll XenStore instead.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <xen/events.h>
#include <xen/xen.h>
#include <xen/xenbus.h>

#include "svnic_vif.h"
#include "svnic_xen.h"

#define SVNIC_REQUEST_POLL_US	1000
#define SVNIC_REQUEST_TIMEOUT	(5 * HZ)
#define SVNIC_STATS_WORDS	(sizeof(struct svnic_vif_stats) / sizeof(u64))

struct svnic_front {
	struct svnic_transport tp;
	struct xenbus_device *dev;
	struct net_device *netdev;	/* while connected to the back end */
	struct svnic_client *client;
	phys_addr_t doorbell;
	phys_addr_t mem;
	u32 mem_size;
	evtchn_port_t event;
	int irq;
	struct mutex request_lock;
	u32 sequence;			/* of the last request */
};

static struct svnic_front *tp_to_front(struct svnic_transport *tp)
{
	return tp->priv;
}

/*
 * Check for the answer to the last request.  @err is set to the errno of the
 * answer or of reading it; @text, if not NULL, to the text after the errno,
 * which the caller frees.
 */
static bool svnic_front_answer(struct svnic_front *front, int *err,
			       char **text)
{
	unsigned int sequence;
	int rest, answer;
	char *response;
	bool done;

	response = xenbus_read(XBT_NIL, front->dev->otherend,
			       SVNIC_XEN_RESPONSE, NULL);
	if (IS_ERR(response)) {
		if (PTR_ERR(response) == -ENOENT)
			return false;
		*err = PTR_ERR(response);
		return true;
	}
	done = sscanf(response, "%u %d%n", &sequence, &answer, &rest) == 2 &&
	       sequence == front->sequence;
	if (done) {
		*err = answer;
		if (!answer && text) {
			*text = kstrdup(response + rest, GFP_KERNEL);
			if (!*text)
				*err = -ENOMEM;
		}
	}
	kfree(response);
	return done;
}

/*
 * Send a request and wait for the answer.  Returns the errno of the answer or
 * -ETIMEDOUT.  On success @text, if not NULL, is set to the text after the errno,
 * which the caller frees.
 */
static int svnic_front_request(struct svnic_front *front, const char *request,
			       char **text)
{
	struct xenbus_device *dev = front->dev;
	unsigned long end = jiffies + SVNIC_REQUEST_TIMEOUT;
	int err;

	mutex_lock(&front->request_lock);
	front->sequence = front->sequence + 1 ?: 1;
	err = xenbus_printf(XBT_NIL, dev->nodename, SVNIC_XEN_REQUEST, "%u %s",
			    front->sequence, request);
	while (!err && !svnic_front_answer(front, &err, text)) {
		if (time_after(jiffies, end))
			err = -ETIMEDOUT;
		else
			usleep_range(SVNIC_REQUEST_POLL_US,
				     2 * SVNIC_REQUEST_POLL_US);
	}
	mutex_unlock(&front->request_lock);
	return err;
}

static int svnic_front_map(struct svnic_transport *tp)
{
	struct svnic_front *front = tp_to_front(tp);

	tp->mem = memremap(front->mem, front->mem_size, MEMREMAP_WC);
	if (!tp->mem)
		return -ENOMEM;
	tp->doorbell = ioremap(front->doorbell, SVNIC_DOORBELL_PAGE_SIZE);
	if (!tp->doorbell) {
		memunmap(tp->mem);
		tp->mem = NULL;
		return -ENOMEM;
	}
	tp->mem_size = front->mem_size;
	return 0;
}

static void svnic_front_unmap(struct svnic_transport *tp)
{
	iounmap(tp->doorbell);
	memunmap(tp->mem);
	tp->doorbell = NULL;
	tp->mem = NULL;
	tp->mem_size = 0;
}

static irqreturn_t svnic_front_interrupt(int irq, void *data)
{
	struct svnic_front *front = data;

	front->client->interrupt(front->client);
	/*
	 * Not XEN_EOI_FLAG_SPURIOUS, which would delay further events: a VIF
	 * that shares the irq bit causes redundant ones legitimately.
	 */
	xen_irq_lateeoi(irq, 0);
	return IRQ_HANDLED;
}

static int svnic_front_attach(struct svnic_transport *tp,
			      struct svnic_client *client)
{
	struct svnic_front *front = tp_to_front(tp);
	int irq;

	front->client = client;
	irq = bind_interdomain_evtchn_to_irqhandler_lateeoi(front->dev,
			front->event, svnic_front_interrupt, 0,
			front->netdev ? front->netdev->name : "svnic_vif",
			front);
	if (irq < 0)
		return irq;
	front->irq = irq;
	return 0;
}

static void svnic_front_detach(struct svnic_transport *tp)
{
	struct svnic_front *front = tp_to_front(tp);

	unbind_from_irqhandler(front->irq, front);
	front->irq = 0;
}

static int svnic_front_reset(struct svnic_transport *tp)
{
	return svnic_front_request(tp_to_front(tp), SVNIC_XEN_REQ_RESET, NULL);
}

static int svnic_front_set_mtu(struct svnic_transport *tp, u32 mtu)
{
	char request[SVNIC_XEN_REQ_SIZE];

	snprintf(request, sizeof(request), SVNIC_XEN_REQ_MTU " %u", mtu);
	return svnic_front_request(tp_to_front(tp), request, NULL);
}

static int svnic_front_stats(struct svnic_transport *tp,
			     struct svnic_vif_stats *stats)
{
	union {
		struct svnic_vif_stats stats;
		svnic_le64 words[SVNIC_STATS_WORDS];
	} card = {};
	char *text, *next, *word;
	unsigned int n;
	int err;

	err = svnic_front_request(tp_to_front(tp), SVNIC_XEN_REQ_STATS, &text);
	if (err)
		return err;
	next = text;
	for (n = 0; n < SVNIC_STATS_WORDS && !err; n++) {
		u64 value = 0;

		do {
			word = strsep(&next, " ");
		} while (word && !*word);
		/* An older back end has fewer: those at the end stay 0. */
		if (!word && n)
			break;
		err = word ? kstrtou64(word, 10, &value) : -EPROTO;
		card.words[n] = cpu_to_le64(value);
	}
	kfree(text);
	if (!err)
		*stats = card.stats;
	return err;
}

/* MAC address, promiscuous mode and queue sizes are set in dom0. */
static const struct svnic_transport_ops svnic_front_ops = {
	.map		= svnic_front_map,
	.unmap		= svnic_front_unmap,
	.attach		= svnic_front_attach,
	.detach		= svnic_front_detach,
	.reset		= svnic_front_reset,
	.set_mtu	= svnic_front_set_mtu,
	.stats		= svnic_front_stats,
};

/* Read and check what the back end has published. */
static int svnic_front_read(struct svnic_front *front)
{
	struct xenbus_device *dev = front->dev;
	u64 db_frame, mem_frame;
	u32 frames, abi;
	char *firmware;
	int err;

	err = xenbus_gather(XBT_NIL, dev->otherend,
			    SVNIC_XEN_DB_FRAME, "%llu", &db_frame,
			    SVNIC_XEN_MEM_FRAME, "%llu", &mem_frame,
			    SVNIC_XEN_MEM_FRAMES, "%u", &frames,
			    SVNIC_XEN_EVENT, "%u", &front->event,
			    SVNIC_XEN_ABI, "%u", &abi, NULL);
	if (err) {
		xenbus_dev_fatal(dev, err, "cannot read the VIF's keys in %s", dev->otherend);
		return err;
	}
	if (abi >> 8 != SVNIC_IDENTITY >> 8 || !frames ||
	    frames > U32_MAX >> PAGE_SHIFT) {
		err = -EPROTO;
		xenbus_dev_fatal(dev, err, "ABI 0x%08x or %u frames not supported, need ABI %u.x",
				 abi, frames, SVNIC_ABI_MAJOR);
		return err;
	}
	front->doorbell = PFN_PHYS(db_frame);
	front->mem = PFN_PHYS(mem_frame);
	front->mem_size = frames << PAGE_SHIFT;

	firmware = xenbus_read(XBT_NIL, dev->otherend, SVNIC_XEN_FIRMWARE,
			       NULL);
	if (!IS_ERR(firmware)) {
		strscpy(front->tp.firmware, firmware,
			sizeof(front->tp.firmware));
		kfree(firmware);
	}
	return 0;
}

static void svnic_front_connect(struct svnic_front *front)
{
	struct xenbus_device *dev = front->dev;
	struct net_device *netdev;

	if (front->netdev || svnic_front_read(front))
		return;
	netdev = svnic_netdev_create(&front->tp);
	if (IS_ERR(netdev)) {
		xenbus_dev_fatal(dev, PTR_ERR(netdev), "cannot create the interface");
		return;
	}
	front->netdev = netdev;
	xenbus_switch_state(dev, XenbusStateConnected);
}

static void svnic_front_disconnect(struct svnic_front *front)
{
	if (front->netdev)
		svnic_netdev_destroy(front->netdev);
	front->netdev = NULL;
}

static void svnic_front_backend(struct xenbus_device *dev,
				enum xenbus_state state)
{
	struct svnic_front *front = dev_get_drvdata(&dev->dev);

	switch (state) {
	case XenbusStateInitWait:
		if (dev->state == XenbusStateInitialising)
			svnic_front_connect(front);
		break;
	case XenbusStateClosed:
	case XenbusStateClosing:
		/*
		 * Closed is final.  A driver that was loaded again may see the
		 * state that the back end set for the previous one: it waits
		 * for InitWait.
		 */
		if (dev->state == XenbusStateClosed ||
		    (dev->state == XenbusStateInitialising &&
		     xenbus_read_unsigned(dev->otherend, "online", 0)))
			break;
		svnic_front_disconnect(front);
		xenbus_frontend_closed(dev);
		break;
	default:
		break;
	}
}

static int svnic_front_probe(struct xenbus_device *dev,
			     const struct xenbus_device_id *id)
{
	struct svnic_front *front;

	front = kzalloc(sizeof(*front), GFP_KERNEL);
	if (!front)
		return -ENOMEM;
	front->dev = dev;
	front->tp.ops = &svnic_front_ops;
	front->tp.priv = front;
	front->tp.dev = &dev->dev;
	strscpy(front->tp.bus_info, dev->nodename, sizeof(front->tp.bus_info));
	mutex_init(&front->request_lock);
	/* Continue the numbers of an earlier driver's requests. */
	front->sequence = xenbus_read_unsigned(dev->otherend,
					       SVNIC_XEN_RESPONSE, 0);
	dev_set_drvdata(&dev->dev, front);
	xenbus_switch_state(dev, XenbusStateInitialising);
	return 0;
}

static void svnic_front_remove(struct xenbus_device *dev)
{
	struct svnic_front *front = dev_get_drvdata(&dev->dev);

	svnic_front_disconnect(front);
	mutex_destroy(&front->request_lock);
	kfree(front);
}

static const struct xenbus_device_id svnic_front_ids[] = {
	{ SVNIC_XEN_TYPE },
	{ "" }
};

static struct xenbus_driver svnic_front_driver = {
	.ids = svnic_front_ids,
	.not_essential = true,
	.probe = svnic_front_probe,
	.remove = svnic_front_remove,
	.otherend_changed = svnic_front_backend,
};
MODULE_ALIAS("xen:" SVNIC_XEN_TYPE);

/**
 * svnic_xen_register() - register the front end, in a Xen guest
 *
 * Return: 0 or a negative errno.
 */
int svnic_xen_register(void)
{
	return xen_domain() ? xenbus_register_frontend(&svnic_front_driver) : 0;
}

/**
 * svnic_xen_unregister() - undo svnic_xen_register()
 */
void svnic_xen_unregister(void)
{
	if (xen_domain())
		xenbus_unregister_driver(&svnic_front_driver);
}
