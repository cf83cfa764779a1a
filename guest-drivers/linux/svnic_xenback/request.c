// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests of a guest to the manager (svnic_xen.h).  Each device has a work
 * item for them, so that a guest with many requests delays only its own
 * answers; the card's command channel is shared in order of arrival.  Between
 * two requests of a guest there are at least SVNIC_REQUEST_INTERVAL.
 *
 * Guests cannot change MAC address, promiscuous mode or queue sizes: these are
 * set by the administrator.
 */
#include <linux/slab.h>

#include "xenback.h"

#define SVNIC_STATS_WORDS (sizeof(struct svnic_vif_stats) / sizeof(u64))

static int svnic_request_stats(struct svnic_transport *tp, char *text,
			       size_t size)
{
	union {
		struct svnic_vif_stats stats;
		svnic_le64 words[SVNIC_STATS_WORDS];
	} card;
	size_t len = 0;
	unsigned int n;
	int err;

	err = tp->ops->stats(tp, &card.stats);
	if (err)
		return err;
	for (n = 0; n < SVNIC_STATS_WORDS; n++)
		len += scnprintf(text + len, size - len, " %llu",
				 le64_to_cpu(card.words[n]));
	return 0;
}

/* Execute @request; further words of the answer are written to @text. */
static int svnic_request_execute(struct svnic_back *back, const char *request,
			    char *text, size_t size)
{
	struct svnic_transport *tp;
	unsigned int value;

	text[0] = '\0';
	if (!back->open)
		return -ENODEV;
	tp = &back->lease->tp;
	if (!strcmp(request, SVNIC_XEN_REQ_RESET))
		return tp->ops->reset(tp);
	if (!strcmp(request, SVNIC_XEN_REQ_STATS))
		return svnic_request_stats(tp, text, size);
	if (sscanf(request, SVNIC_XEN_REQ_MTU " %u", &value) == 1)
		return tp->ops->set_mtu(tp, value);
	return -EOPNOTSUPP;
}

/**
 * svnic_back_request() - answer the request in XenStore
 * @work: request_work of a device
 */
void svnic_back_request(struct work_struct *work)
{
	struct svnic_back *back = container_of(to_delayed_work(work),
					       struct svnic_back,
					       request_work);
	struct xenbus_device *dev = back->dev;
	/* A space and up to 20 digits for each counter. */
	char text[SVNIC_STATS_WORDS * 21 + 1];
	unsigned int sequence;
	int start = 0, err;
	char *request;

	request = xenbus_read(XBT_NIL, dev->otherend, SVNIC_XEN_REQUEST, NULL);
	if (IS_ERR(request))
		return;
	if (strlen(request) < SVNIC_XEN_REQ_SIZE &&
	    sscanf(request, "%u %n", &sequence, &start) == 1 && start &&
	    sequence && sequence != back->answered) {
		mutex_lock(&back->lock);
		back->requests++;
		err = svnic_request_execute(back, request + start, text,
					    sizeof(text));
		mutex_unlock(&back->lock);
		back->answered = sequence;
		WRITE_ONCE(back->request_next,
			   jiffies + SVNIC_REQUEST_INTERVAL);
		xenbus_printf(XBT_NIL, dev->nodename, SVNIC_XEN_RESPONSE,
			      "%u %d%s", sequence, err, text);
	}
	kfree(request);
}

/**
 * svnic_back_recover() - reset a stopped VIF, for the administrator
 * @work: recover_work of a device
 *
 * The front end detects the new generation and resets its side too.
 */
void svnic_back_recover(struct work_struct *work)
{
	struct svnic_back *back = container_of(work, struct svnic_back,
					       recover_work);

	mutex_lock(&back->lock);
	if (back->open && !back->lease->tp.ops->reset(&back->lease->tp))
		notify_remote_via_evtchn(back->evtchn);
	mutex_unlock(&back->lock);
}
