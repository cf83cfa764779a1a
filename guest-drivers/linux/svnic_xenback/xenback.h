/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * State of the Xen back end and functions shared between its files.
 *
 * Locks, outermost first:
 *   svnic_backs_lock   the list of devices, the manager, the parked VIFs
 *   svnic_back.lock    state and lease of one device
 */
#ifndef SVNIC_XENBACK_H
#define SVNIC_XENBACK_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <xen/events.h>
#include <xen/xenbus.h>

#include "svnic_compat.h"
#include "svnic_manager.h"
#include "svnic_xen.h"

/*
 * Minimum time between two requests of a guest.  Each takes up to two commands
 * of the card's channel, which all guests and dom0 share.
 */
#define SVNIC_REQUEST_INTERVAL	msecs_to_jiffies(20)

/* A guest's VIF, from attach to detach. */
struct svnic_back {
	struct list_head node;		/* svnic_backs */
	struct xenbus_device *dev;
	struct mutex lock;
	struct svnic_lease *lease;	/* NULL: the card was removed */
	struct svnic_location location;	/* of the lease, as published */
	enum xenbus_state state;	/* as written to XenStore */
	bool open;			/* active, mapped, attached */
	evtchn_port_t evtchn;
	struct svnic_client client;

	struct xenbus_watch granted_watch;
	struct xenbus_watch request_watch;
	struct delayed_work request_work;
	unsigned long request_next;	/* jiffies: earliest next request */
	struct work_struct recover_work;
	u32 answered;			/* sequence number; request_work */

	/* written by the interrupt handler */
	u64 events;			/* forwarded to the guest */
	u64 redundant;			/* of those, without any change */
	u32 last_words[4];		/* indices and state at the last one */
	u64 requests;			/* request_work */
	u64 requests_delayed;		/* thread of xenbus watches */
};

extern struct list_head svnic_backs;
extern struct mutex svnic_backs_lock;

/* main.c; svnic_backs_lock held */
struct svnic_manager *svnic_back_manager(void);

/* state.c; back->lock held */
void svnic_back_set_state(struct svnic_back *back, enum xenbus_state state);
void svnic_back_frontend(struct xenbus_device *dev, enum xenbus_state state);

/* device.c */
extern struct xenbus_driver svnic_back_driver;
int svnic_back_open(struct svnic_back *back);
void svnic_back_close(struct svnic_back *back);
void svnic_back_card_gone(struct svnic_back *back);

/* request.c */
void svnic_back_request(struct work_struct *work);
void svnic_back_recover(struct work_struct *work);

/* lease.c; svnic_backs_lock held, except for the last two */
struct svnic_lease *svnic_lease_take(unsigned int domain,
				     const struct svnic_vif_attr *attr);
void svnic_lease_return(unsigned int domain, struct svnic_lease *lease,
			const struct svnic_location *location);
void svnic_leases_drop(struct svnic_manager *manager);
void svnic_leases_check(void);
bool svnic_domain_gone(unsigned int domain);

/* counters.c */
extern const struct attribute_group *svnic_back_groups[];

#endif /* SVNIC_XENBACK_H */
