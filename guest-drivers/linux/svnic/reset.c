// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reset of the PCI function and sleep of the machine.  Either takes all state
 * from the card: its firmware boots again, without VIFs.  Before it, the owners
 * stop using their VIFs and their attributes are read; after it, the VIFs are
 * created again with the same ids, attributes and, in host placement, memory.
 *
 * Lent VIFs are not restored: the driver that lent them has returned them
 * before, and gets the manager again afterwards.
 *
 * Process context, device lock held.  Takes the devlink instance lock.
 */
#include "svnic.h"

/*
 * The auxiliary bus does not call the power management callbacks of drivers;
 * as in other drivers the parent does.
 */
static void svnic_aux_suspend(struct svnic_vif *vif)
{
	struct device *dev = &vif->aux->adev.dev;
	const struct auxiliary_driver *drv;

	device_lock(dev);
	drv = dev->driver ? to_auxiliary_drv(dev->driver) : NULL;
	if (drv && drv->suspend)
		drv->suspend(&vif->aux->adev, PMSG_SUSPEND);
	device_unlock(dev);
}

static int svnic_aux_resume(struct svnic_vif *vif)
{
	struct device *dev = &vif->aux->adev.dev;
	const struct auxiliary_driver *drv;
	int err = 0;

	device_lock(dev);
	drv = dev->driver ? to_auxiliary_drv(dev->driver) : NULL;
	if (drv && drv->resume)
		err = drv->resume(&vif->aux->adev);
	device_unlock(dev);
	return err;
}

/* Attributes that VIF_CREATE of this card knows. */
static u32 svnic_restored_attrs(const struct svnic_card *card)
{
	u32 mask = SVNIC_ATTR_ALL;

	if (!(card->capabilities & SVNIC_CAP_HOST_PLACEMENT))
		mask &= ~SVNIC_ATTR_PLACEMENT;
	if (!(card->capabilities & SVNIC_CAP_VECTOR))
		mask &= ~SVNIC_ATTR_VECTOR;
	return mask;
}

static void svnic_vif_save(struct svnic_vif *vif)
{
	struct svnic_card *card = vif->card;
	struct svnic_vif_info info;
	int err;

	err = svnic_vif_query(card, vif->id, &info);
	if (!err) {
		vif->saved = info.attr;
		vif->saved.mask = cpu_to_le32(svnic_restored_attrs(card));
		return;
	}
	dev_warn(&card->pdev->dev, "VIF %u: cannot read its attributes before the reset (%pe): it gets the default MTU, queues and flags\n",
		 vif->id, ERR_PTR(err));
	vif->saved = (struct svnic_vif_attr) {
		.mask = cpu_to_le32(SVNIC_ATTR_MAC | SVNIC_ATTR_PORT),
		.port = cpu_to_le32(vif->pfnum),
	};
	if (vif->region) {
		vif->saved.mask |= cpu_to_le32(SVNIC_ATTR_PLACEMENT);
		vif->saved.placement = cpu_to_le32(SVNIC_PLACEMENT_HOST);
	}
	spin_lock(&vif->lock);
	ether_addr_copy(vif->saved.mac, vif->mac);
	spin_unlock(&vif->lock);
}

static int svnic_vif_restore(struct svnic_vif *vif)
{
	struct svnic_card *card = vif->card;
	struct svnic_cmd cmd = {
		.opcode = cpu_to_le16(SVNIC_CMD_VIF_CREATE),
		.vif = cpu_to_le32(vif->id),
		.u.attr = vif->saved,
	};
	int err;

	err = svnic_command(card, &cmd);
	if (err)
		return err;
	if (le32_to_cpu(cmd.vif) != vif->id ||
	    le32_to_cpu(cmd.u.vif_info.irq_bit) != vif->irq_bit ||
	    le32_to_cpu(cmd.u.vif_info.vector) != vif->vector)
		return -EPROTO;
	if (vif->saved.mask & cpu_to_le32(SVNIC_ATTR_FLAGS)) {
		mutex_lock(&vif->flags_lock);
		vif->flags = le32_to_cpu(vif->saved.flags);
		mutex_unlock(&vif->flags_lock);
	}
	if (vif->region) {
		err = svnic_host_restore(vif,
					 le32_to_cpu(cmd.u.vif_info.sdram_size));
		if (err)
			return err;
	}
	if (!vif->active)
		return 0;
	err = svnic_vif_command(card, vif->id, SVNIC_CMD_VIF_ACTIVATE, NULL);
	return err ?: svnic_aux_resume(vif);
}

/**
 * svnic_card_stop() - stop using the card, which is about to lose its state
 * @card: in use, or stopped
 */
void svnic_card_stop(struct svnic_card *card)
{
	u32 id;

	if (card->down)
		return;
	svnic_manager_exit(card);
	svnic_health_stop(card);

	devl_lock(card->devlink);
	for (id = 0; id < card->vif_limit; id++) {
		struct svnic_vif *vif = card->vifs[id];

		if (!vif)
			continue;
		svnic_vif_save(vif);
		if (vif->aux)
			svnic_aux_suspend(vif);
	}
	svnic_irq_stop(card);
	svnic_channel_stop(card);
	WRITE_ONCE(card->down, true);
	devl_unlock(card->devlink);
}

/* Whether the card is the one that was stopped. */
static int svnic_card_check(struct svnic_card *card)
{
	struct svnic_card_info info;
	int err;

	err = svnic_query(card, &info);
	if (err)
		return err;
	if (le32_to_cpu(info.vifs) != card->vif_limit ||
	    le32_to_cpu(info.ports) != card->ports)
		return -ENODEV;
	svnic_clear_leftovers(card, le32_to_cpu(info.vifs_used));
	return 0;
}

/**
 * svnic_card_start() - use the card again after a reset
 * @card: stopped; unchanged if it is not
 *
 * Return: 0, or a negative errno if the card does not work or a VIF could not
 * be restored; the error has been logged.
 */
int svnic_card_start(struct svnic_card *card)
{
	struct device *dev = &card->pdev->dev;
	int err, failed = 0;
	u32 id;

	if (!card->down)
		return 0;
	devl_lock(card->devlink);
	err = svnic_channel_start(card);
	if (!err)
		err = svnic_card_check(card);
	if (err) {
		dev_err(dev, "the card does not work after the reset (%pe): all VIFs are detached; unbind and bind the driver\n",
			ERR_PTR(err));
		svnic_channel_stop(card);
		goto unlock;
	}
	pci_set_master(card->pdev);
	svnic_irq_start(card);
	WRITE_ONCE(card->down, false);
	for (id = 0; id < card->vif_limit; id++) {
		if (!card->vifs[id])
			continue;
		err = svnic_vif_restore(card->vifs[id]);
		if (!err)
			continue;
		failed = err;
		dev_err(dev, "VIF %u: not restored after the reset (%pe): delete it and create it again\n",
			id, ERR_PTR(err));
	}
	err = failed;
unlock:
	devl_unlock(card->devlink);
	if (card->down)
		return err;

	svnic_health_start(card);
	if (svnic_manager_init(card))
		dev_err(dev, "no more VIFs for guests: cannot add the auxiliary device after the reset\n");
	return err;
}
