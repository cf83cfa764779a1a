// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest may ask of the manager (svnic_xen.h), in a work item a device:
 * however often a guest asks, it waits for its own answers only, and for the
 * card's commands in turn with everybody else.
 *
 * Not to be had: another MAC address, promiscuous mode, other queue sizes.
 * Those are the administrator's.
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

/* Does what @request says; extra words of the answer go to @text. */
static int svnic_request_do(struct svnic_back *back, const char *request,
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
 * svnic_back_request() - answer the request that stands in XenStore
 * @work: request_work of a device
 */
void svnic_back_request(struct work_struct *work)
{
	struct svnic_back *back = container_of(work, struct svnic_back,
					       request_work);
	struct xenbus_device *dev = back->dev;
	/* A sequence number, an errno, and each counter's digits. */
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
		err = svnic_request_do(back, request + start, text,
				       sizeof(text));
		mutex_unlock(&back->lock);
		back->answered = sequence;
		xenbus_printf(XBT_NIL, dev->nodename, SVNIC_XEN_RESPONSE,
			      "%u %d%s", sequence, err, text);
	}
	kfree(request);
}

/**
 * svnic_back_recover() - start a stopped VIF again, for the administrator
 * @work: recover_work of a device
 *
 * The front end sees that the queues have begun anew, and follows.
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
