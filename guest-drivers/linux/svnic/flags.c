// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a VIF's auxiliary device shows: where its run lies (placement), and
 * flags of a VIF (spec: "Attributes"), of which its owner has one to set and
 * the administrator another: promiscuous mode comes through the transport,
 * the check of source addresses is the file spoof_check of the auxiliary
 * device, for a VIF that forwards others' frames, such as the port of a
 * bridge.  A VIF that was lent to a guest has no such file.
 *
 * Process context; flags_lock guards vif->flags.
 */
#include <linux/device.h>
#include <linux/kstrtox.h>

#include "svnic.h"

/**
 * svnic_vif_set_flag() - turn a flag of an active VIF on or off
 * @vif: the VIF
 * @flag: SVNIC_VIF_F_*
 * @on: which
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
	return sysfs_emit(buf, "%s\n", dev_to_vif(dev)->run ? "host" : "card");
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
