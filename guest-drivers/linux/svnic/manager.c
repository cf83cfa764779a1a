// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lent VIFs (svnic_manager.h), for drivers that pass VIFs on, such as the Xen
 * back end.
 *
 * Process context.  The devlink instance lock guards the card's VIFs, including
 * those created by devlink; the holder of a lease serializes calls for it.
 */
#include <linux/idr.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "svnic.h"
#include "svnic_manager.h"

/* Ids of the auxiliary devices of all cards. */
static DEFINE_IDA(svnic_manager_ids);

struct svnic_card_manager {
	struct svnic_manager manager;
	struct svnic_card *card;
};

static struct svnic_card *manager_to_card(struct svnic_manager *manager)
{
	return container_of(manager, struct svnic_card_manager,
			    manager)->card;
}

static struct svnic_vif *lease_to_vif(struct svnic_lease *lease)
{
	return lease->tp.priv;
}

static void svnic_lease_destroy(struct svnic_lease *lease)
{
	struct svnic_vif *vif = lease_to_vif(lease);
	struct devlink *devlink = vif->card->devlink;

	devl_lock(devlink);
	svnic_vif_destroy(vif);
	devl_unlock(devlink);
	kfree(lease);
}

static int svnic_lease_change(struct svnic_lease *lease,
			      const struct svnic_vif_attr *attr)
{
	return svnic_vif_change(lease_to_vif(lease), attr, 0);
}

static struct svnic_lease *
svnic_lease_create(struct svnic_manager *manager,
		   const struct svnic_vif_attr *attr)
{
	struct svnic_card *card = manager_to_card(manager);
	u32 mask = le32_to_cpu(attr->mask);
	struct svnic_vif_attr rest = *attr;
	struct svnic_lease *lease;
	struct svnic_vif *vif;
	int err;

	lease = kzalloc(sizeof(*lease), GFP_KERNEL);
	if (!lease)
		return ERR_PTR(-ENOMEM);

	devl_lock(card->devlink);
	err = svnic_vif_create(card, SVNIC_VIF_ANY,
			       mask & SVNIC_ATTR_PORT ?
			       le32_to_cpu(attr->port) : 0,
			       SVNIC_PLACEMENT_CARD, &vif, NULL);
	if (!err)
		vif->lent = true;
	devl_unlock(card->devlink);
	if (err)
		goto free;

	lease->tp.ops = &svnic_vif_transport;
	lease->tp.priv = vif;
	lease->tp.dev = &manager->adev.dev;
	strscpy(lease->tp.bus_info, pci_name(card->pdev),
		sizeof(lease->tp.bus_info));
	strscpy(lease->tp.firmware, card->firmware,
		sizeof(lease->tp.firmware));
	lease->id = vif->id;
	lease->has_vector = card->irq.msix;
	lease->signal = card->irq.msix ? vif->vector : vif->irq_bit;

	rest.mask = cpu_to_le32(mask & ~SVNIC_ATTR_PORT);
	if (rest.mask) {
		err = svnic_lease_change(lease, &rest);
		if (err) {
			svnic_lease_destroy(lease);
			return ERR_PTR(err);
		}
	}
	return lease;

free:
	kfree(lease);
	return ERR_PTR(err);
}

static int svnic_lease_activate(struct svnic_lease *lease)
{
	struct svnic_vif *vif = lease_to_vif(lease);
	int err;

	err = svnic_vif_command(vif->card, vif->id, SVNIC_CMD_VIF_ACTIVATE,
				NULL);
	if (!err)
		WRITE_ONCE(vif->active, true);
	return err;
}

static int svnic_lease_deactivate(struct svnic_lease *lease)
{
	struct svnic_vif *vif = lease_to_vif(lease);

	WRITE_ONCE(vif->active, false);
	return svnic_vif_command(vif->card, vif->id, SVNIC_CMD_VIF_DEACTIVATE,
				 NULL);
}

static int svnic_lease_locate(struct svnic_lease *lease,
			      struct svnic_location *location)
{
	struct svnic_vif *vif = lease_to_vif(lease);
	struct svnic_card *card = vif->card;
	u64 offset, page;
	int err;

	err = svnic_vif_query(card, vif->id, &location->info);
	if (err)
		return err;
	err = svnic_vif_locate(card, vif->id, &location->info, &offset, &page);
	if (err)
		return err;
	location->mem = card->sdram + offset;
	location->mem_size = le32_to_cpu(location->info.sdram_size);
	location->capabilities = card->capabilities;
	location->doorbell = pci_resource_start(card->pdev, SVNIC_BAR_DOORBELL) +
			     page * SVNIC_DOORBELL_PAGE_SIZE;
	return 0;
}

static const struct svnic_manager_ops svnic_manager_ops = {
	.create		= svnic_lease_create,
	.destroy	= svnic_lease_destroy,
	.change		= svnic_lease_change,
	.activate	= svnic_lease_activate,
	.deactivate	= svnic_lease_deactivate,
	.locate		= svnic_lease_locate,
};

static void svnic_manager_release(struct device *dev)
{
	struct auxiliary_device *adev = to_auxiliary_dev(dev);

	ida_free(&svnic_manager_ids, adev->id);
	kfree(container_of(to_svnic_manager(adev), struct svnic_card_manager,
			   manager));
}

/**
 * svnic_manager_init() - add the manager's auxiliary device
 * @card: ready to create VIFs
 *
 * Return: 0 or a negative errno.
 */
int svnic_manager_init(struct svnic_card *card)
{
	struct svnic_card_manager *cm;
	struct auxiliary_device *adev;
	int id, err;

	cm = kzalloc(sizeof(*cm), GFP_KERNEL);
	if (!cm)
		return -ENOMEM;
	id = ida_alloc(&svnic_manager_ids, GFP_KERNEL);
	if (id < 0) {
		kfree(cm);
		return id;
	}
	cm->card = card;
	cm->manager.ops = &svnic_manager_ops;
	cm->manager.owner = THIS_MODULE;
	adev = &cm->manager.adev;
	adev->id = id;
	adev->name = SVNIC_MANAGER_NAME;
	adev->dev.parent = &card->pdev->dev;
	adev->dev.release = svnic_manager_release;

	err = auxiliary_device_init(adev);
	if (err) {
		ida_free(&svnic_manager_ids, id);
		kfree(cm);
		return err;
	}
	err = auxiliary_device_add(adev);
	if (err) {
		auxiliary_device_uninit(adev);
		return err;
	}
	card->manager = adev;
	return 0;
}

/**
 * svnic_manager_exit() - undo svnic_manager_init()
 * @card: without the devlink instance lock
 *
 * No VIF of the card is lent after the return.  Does nothing without an
 * auxiliary device, as after a failed reset.
 */
void svnic_manager_exit(struct svnic_card *card)
{
	if (!card->manager)
		return;
	auxiliary_device_delete(card->manager);
	auxiliary_device_uninit(card->manager);
	card->manager = NULL;
}
