// SPDX-License-Identifier: GPL-2.0-only
/*
 * State machine of a device (svnic_xen.h): a table with the next step from each
 * state towards each other state.  The device takes no other steps, whatever
 * states the front end writes and in whatever order.
 *
 * Process context, back->lock held.
 */
#include "xenback.h"

#define STATES	(XenbusStateClosed + 1)

/*
 * [current][requested].  No entry: there is no path, and the state does not
 * change.
 */
static const u8 svnic_back_steps[STATES][STATES] = {
	[XenbusStateInitialising] = {
		[XenbusStateInitWait]	= XenbusStateInitWait,
		[XenbusStateConnected]	= XenbusStateInitWait,
		[XenbusStateClosing]	= XenbusStateClosed,
		[XenbusStateClosed]	= XenbusStateClosed,
	},
	[XenbusStateInitWait] = {
		[XenbusStateConnected]	= XenbusStateConnected,
		[XenbusStateClosing]	= XenbusStateClosing,
		[XenbusStateClosed]	= XenbusStateClosing,
	},
	[XenbusStateConnected] = {
		[XenbusStateInitWait]	= XenbusStateClosing,
		[XenbusStateClosing]	= XenbusStateClosing,
		[XenbusStateClosed]	= XenbusStateClosing,
	},
	[XenbusStateClosing] = {
		[XenbusStateInitWait]	= XenbusStateClosed,
		[XenbusStateConnected]	= XenbusStateClosed,
		[XenbusStateClosed]	= XenbusStateClosed,
	},
	[XenbusStateClosed] = {
		[XenbusStateInitWait]	= XenbusStateInitWait,
		[XenbusStateConnected]	= XenbusStateInitWait,
	},
};

/* Actions on entry to @state.  Returns false if it cannot be entered. */
static bool svnic_back_enter(struct svnic_back *back, enum xenbus_state state)
{
	int err;

	switch (state) {
	case XenbusStateInitWait:
		/* A mapping without permission fails and can crash the guest. */
		if (!xenbus_read_unsigned(back->dev->nodename,
					  SVNIC_XEN_GRANTED, 0))
			return false;
		err = svnic_back_open(back);
		if (err) {
			xenbus_dev_error(back->dev, err,
					 "cannot activate the VIF");
			return false;
		}
		return true;
	case XenbusStateClosed:
		svnic_back_close(back);
		return true;
	default:
		return true;
	}
}

/**
 * svnic_back_set_state() - change to a state, step by step
 * @back: the device, with its lock held
 * @state: the requested state
 *
 * Stops at an earlier state if there is no path or a step fails.
 */
void svnic_back_set_state(struct svnic_back *back, enum xenbus_state state)
{
	while (back->state != state) {
		enum xenbus_state next = svnic_back_steps[back->state][state];

		if (next == XenbusStateUnknown ||
		    !svnic_back_enter(back, next))
			return;
		back->state = next;
		xenbus_switch_state(back->dev, next);
	}
}

/* xl does not know this device type and leaves its directories: remove them. */
static void svnic_back_remove_dirs(struct xenbus_device *dev)
{
	char *slash;
	char *path;

	if (!svnic_domain_gone(dev->otherend_id))
		return;
	path = kstrdup(dev->nodename, GFP_KERNEL);
	if (!path)
		return;
	/* .../backend/svnic/DOMAIN/0: remove the directory of the domain. */
	slash = strrchr(path, '/');
	if (slash) {
		*slash = '\0';
		xenbus_rm(XBT_NIL, path, "");
	}
	kfree(path);
}

/**
 * svnic_back_frontend() - the front end has changed its state
 * @dev: the device
 * @state: its new state, or XenbusStateUnknown if its directory is gone
 *
 * The thread of xenbus watches.
 */
void svnic_back_frontend(struct xenbus_device *dev, enum xenbus_state state)
{
	struct svnic_back *back = dev_get_drvdata(&dev->dev);
	bool done = false;

	if (!back)
		return;
	mutex_lock(&back->lock);
	switch (state) {
	case XenbusStateInitialising:
		/* The driver was loaded again, maybe without closing before. */
		if (back->state != XenbusStateInitialising &&
		    xenbus_dev_is_online(dev))
			svnic_back_set_state(back, XenbusStateInitWait);
		break;
	case XenbusStateConnected:
		svnic_back_set_state(back, XenbusStateConnected);
		break;
	case XenbusStateClosing:
		svnic_back_set_state(back, XenbusStateClosing);
		break;
	case XenbusStateClosed:
		svnic_back_set_state(back, XenbusStateClosed);
		done = !xenbus_dev_is_online(dev);
		break;
	case XenbusStateUnknown:
		svnic_back_set_state(back, XenbusStateClosed);
		done = true;
		break;
	default:
		break;
	}
	mutex_unlock(&back->lock);
	if (done) {
		svnic_back_remove_dirs(dev);
		device_unregister(&dev->dev);
	}
}
