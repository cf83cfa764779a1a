// SPDX-License-Identifier: GPL-2.0-only
/*
 * sysfs attributes of a VIF's auxiliary device, and flags of a VIF (spec:
 * "Attributes").
 *
 *   placement     RO: memory of the VIF's region, "card" or "host"
 *   spoof_check   RW: drop frames with a foreign source address; 0 is needed
 *                 for a VIF that forwards frames, such as a port of a bridge
 *
 * The owner sets the other flag, promiscuous mode, through the transport.  A
 * lent VIF has no auxiliary device and thus none of these files.
 *
 * Process context; flags_lock guards vif->flags.
 */
#include <linux/device.h>
#include <linux/kstrtox.h>

#include "svnic.h"

/**
 * svnic_vif_set_flag() - set or clear a flag of an active VIF
 * @vif: the VIF
 * @flag: SVNIC_VIF_F_*
 * @on: set, not clear
 *
 * Return: as svnic_command().
 */
int svnic_vif_set_flag(struct svnic_vif *vif, u32 flag, bool on)
{
	struct svnic_vif_attr attr = { .mask = cpu_to_le32(SVNIC_ATTR_FLAGS) };
	u32 flags;
	int err;

	mutex_lock(&vif->flags_lock);
	flags = on ? vif->flags | flag : vif->flags & ~flag;
	attr.flags = cpu_to_le32(flags);
	err = svnic_vif_change(vif, &attr, SVNIC_CMD_F_WHILE_ACTIVE);
	if (!err)
		vif->flags = flags;
	mutex_unlock(&vif->flags_lock);
	return err;
}

static struct svnic_vif *dev_to_vif(struct device *dev)
{
	return to_svnic_auxdev(to_auxiliary_dev(dev))->tp.priv;
}

static ssize_t spoof_check_show(struct device *dev,
				struct device_attribute *attr, char *buf)
{
	struct svnic_vif *vif = dev_to_vif(dev);

	return sysfs_emit(buf, "%d\n",
			  !!(READ_ONCE(vif->flags) & SVNIC_VIF_F_SPOOF_CHECK));
}

static ssize_t spoof_check_store(struct device *dev,
				 struct device_attribute *attr,
				 const char *buf, size_t count)
{
	bool on;
	int err;

	err = kstrtobool(buf, &on);
	if (!err)
		err = svnic_vif_set_flag(dev_to_vif(dev),
					 SVNIC_VIF_F_SPOOF_CHECK, on);
	return err ?: count;
}
static DEVICE_ATTR_ADMIN_RW(spoof_check);

static ssize_t placement_show(struct device *dev,
			      struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", dev_to_vif(dev)->region ? "host" : "card");
}
static DEVICE_ATTR_RO(placement);

static struct attribute *svnic_aux_attrs[] = {
	&dev_attr_placement.attr,
	&dev_attr_spoof_check.attr,
	NULL
};

static const struct attribute_group svnic_aux_group = {
	.attrs = svnic_aux_attrs,
};

const struct attribute_group *svnic_aux_groups[] = {
	&svnic_aux_group,
	NULL
};
