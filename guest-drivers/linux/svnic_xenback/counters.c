// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters of a device, in the sysfs file
 * /sys/bus/xen-backend/devices/svnic-DOMAIN-N/counters.  Read by svnic-list.
 */
#include <linux/device.h>

#include "xenback.h"

/* Names of the fields of struct svnic_vif_stats, in its order. */
static const struct {
	const char *name;
} svnic_stats[] = {
#define SVNIC_STAT_NAME(name, label, meaning)	{ #name },
	SVNIC_VIF_COUNTERS(SVNIC_STAT_NAME)
#undef SVNIC_STAT_NAME
};

static ssize_t counters_show(struct device *dev,
			     struct device_attribute *attr, char *buf)
{
	struct svnic_back *back = dev_get_drvdata(dev);
	union {
		struct svnic_vif_stats stats;
		svnic_le64 words[ARRAY_SIZE(svnic_stats)];
	} card = {};
	unsigned int n;
	int len;

	BUILD_BUG_ON(sizeof(card.stats) != sizeof(card.words));
	if (!back)
		return -ENODEV;
	mutex_lock(&back->lock);
	len = sysfs_emit(buf, "events %llu\nredundant %llu\nrequests %llu\nrequests_delayed %llu\n",
			 back->events, back->redundant, back->requests,
			 back->requests_delayed);
	if (back->lease &&
	    !back->lease->tp.ops->stats(&back->lease->tp, &card.stats))
		for (n = 0; n < ARRAY_SIZE(svnic_stats); n++)
			len += sysfs_emit_at(buf, len, "%s %llu\n",
					     svnic_stats[n].name,
					     le64_to_cpu(card.words[n]));
	mutex_unlock(&back->lock);
	return len;
}
static DEVICE_ATTR_RO(counters);

static struct attribute *svnic_back_attrs[] = {
	&dev_attr_counters.attr,
	NULL
};

static const struct attribute_group svnic_back_group = {
	.attrs = svnic_back_attrs,
};

const struct attribute_group *svnic_back_groups[] = {
	&svnic_back_group,
	NULL
};
