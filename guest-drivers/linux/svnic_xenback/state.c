// SPDX-License-Identifier: GPL-2.0-only
/*
 * The states of a guest's device (svnic_xen.h), one table: from each state
 * the next step towards each other.  Whatever a guest's front end says, in
 * whatever order, the device takes these steps and no others.
 *
 * Process context, back->lock held.
 */
#include "xenback.h"

#define STATES	(XenbusStateClosed + 1)

/*
 * [now][wanted]; where nothing stands there is no way, and the device stays
 * where it is.  Initialising and InitWait are reached from below only.
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

/* What it takes to be in @state.  False if it cannot be. */
static bool svnic_back_enter(struct svnic_back *back, enum xenbus_state state)
{
	int err;

	switch (state) {
	case XenbusStateInitWait:
		/* Before that a guest's mapping would fail, and take it down */
		if (!xenbus_read_unsigned(back->dev->nodename,
					  SVNIC_XEN_GRANTED, 0))
			return false;
		err = svnic_back_open(back);
		if (err) {
			xenbus_dev_error(back->dev, err,
					 "cannot start the VIF");
			return false;
		}
		return true;
	case XenbusStateClosed:
		svnic_back_shut(back);
		return true;
	default:
		return true;
	}
}

/**
 * svnic_back_go() - go to a state, over all that lie between
 * @back: the device, its lock held
 * @state: the state wanted
 *
 * It may end up short of that, if there is no way or a step fails.
 */
void svnic_back_go(struct svnic_back *back, enum xenbus_state state)
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

/* Nobody else clears away what is left of a device of a type of ours. */
static void svnic_back_tidy(struct xenbus_device *dev)
{
	char *slash;
	char *path;

	if (svnic_domain_exists(dev->otherend_id))
		return;
	path = kstrdup(dev->nodename, GFP_KERNEL);
	if (!path)
		return;
	/* .../backend/svnic/DOMAIN/0: all of that domain's go. */
	slash = strrchr(path, '/');
	if (slash) {
		*slash = '\0';
		xenbus_rm(XBT_NIL, path, "");
	}
	kfree(path);
}

/**
 * svnic_back_frontend() - the guest's side has changed its state
 * @dev: the device
 * @state: what it says, or XenbusStateUnknown if it is gone
 *
 * The thread of xenbus watches.
 */
void svnic_back_frontend(struct xenbus_device *dev, enum xenbus_state state)
{
	struct svnic_back *back = dev_get_drvdata(&dev->dev);
	bool over = false;

	if (!back)
		return;
	mutex_lock(&back->lock);
	switch (state) {
	case XenbusStateInitialising:
		/* One that comes back, even if its going was not seen. */
		if (back->state != XenbusStateInitialising &&
		    xenbus_dev_is_online(dev))
			svnic_back_go(back, XenbusStateInitWait);
		break;
	case XenbusStateConnected:
		svnic_back_go(back, XenbusStateConnected);
		break;
	case XenbusStateClosing:
		svnic_back_go(back, XenbusStateClosing);
		break;
	case XenbusStateClosed:
		svnic_back_go(back, XenbusStateClosed);
		over = !xenbus_dev_is_online(dev);
		break;
	case XenbusStateUnknown:
		svnic_back_go(back, XenbusStateClosed);
		over = true;
		break;
	default:
		break;
	}
	mutex_unlock(&back->lock);
	if (over) {
		svnic_back_tidy(dev);
		device_unregister(&dev->dev);
	}
}
