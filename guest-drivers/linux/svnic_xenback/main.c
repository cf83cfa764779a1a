// SPDX-License-Identifier: GPL-2.0-only
/*
 * SV-NIC back end for Xen: creates a VIF for each device that the tools attach
 * to a guest, and forwards its signals as events.  It handles no packets: a
 * guest maps the region and the doorbell page of its VIF and communicates with
 * the card directly.
 *
 * Two drivers in one module: one for the card's manager on the auxiliary bus,
 * which creates VIFs (this file), one for the devices of guests on the xenbus
 * (device.c, state.c).  Process context; svnic_backs_lock guards the list of
 * devices and the manager.
 */
#include <linux/module.h>
#include <xen/xen.h>

#include "hw/net/sv-nic/sv_nic_version.h"
#include "xenback.h"

LIST_HEAD(svnic_backs);
DEFINE_MUTEX(svnic_backs_lock);

/* The first card; all VIFs of guests are created on it. */
static struct svnic_manager *svnic_back_card;

/**
 * svnic_back_manager() - the card that VIFs are created on
 *
 * Return: its manager, valid while svnic_backs_lock is held, or NULL.
 */
struct svnic_manager *svnic_back_manager(void)
{
	return svnic_back_card;
}

static int svnic_back_card_probe(struct auxiliary_device *adev,
				 const struct auxiliary_device_id *id)
{
	int err = 0;

	mutex_lock(&svnic_backs_lock);
	if (svnic_back_card) {
		dev_info(&adev->dev, "not used for guests: their VIFs are created on the first card\n");
		err = -EBUSY;
	} else {
		svnic_back_card = to_svnic_manager(adev);
	}
	mutex_unlock(&svnic_backs_lock);
	return err;
}

/* The card is removed: close all devices and return their VIFs. */
static void svnic_back_card_remove(struct auxiliary_device *adev)
{
	struct svnic_back *back;

	mutex_lock(&svnic_backs_lock);
	list_for_each_entry(back, &svnic_backs, node)
		svnic_back_card_gone(back);
	svnic_leases_drop(svnic_back_card);
	svnic_back_card = NULL;
	mutex_unlock(&svnic_backs_lock);
}

static const struct auxiliary_device_id svnic_back_card_ids[] = {
	{ .name = "svnic." SVNIC_MANAGER_NAME },
	{ }
};
MODULE_DEVICE_TABLE(auxiliary, svnic_back_card_ids);

static struct auxiliary_driver svnic_back_card_driver = {
	.name = "xenback",
	.id_table = svnic_back_card_ids,
	.probe = svnic_back_card_probe,
	.remove = svnic_back_card_remove,
};

/* A domain was or is being destroyed; thread of xenbus watches. */
static void svnic_back_released(struct xenbus_watch *watch, const char *path,
				const char *token)
{
	svnic_leases_check();
}

static struct xenbus_watch svnic_back_release_watch = {
	.node = "@releaseDomain",
	.callback = svnic_back_released,
};

static int __init svnic_back_init(void)
{
	int err;

	if (!xen_initial_domain())
		return -ENODEV;
	err = auxiliary_driver_register(&svnic_back_card_driver);
	if (err)
		return err;
	err = register_xenbus_watch(&svnic_back_release_watch);
	if (err)
		goto card;
	err = xenbus_register_backend(&svnic_back_driver);
	if (!err)
		return 0;

	unregister_xenbus_watch(&svnic_back_release_watch);
card:
	auxiliary_driver_unregister(&svnic_back_card_driver);
	return err;
}
module_init(svnic_back_init);

/* Devices on the bus hold references on the module: there are none here. */
static void __exit svnic_back_exit(void)
{
	xenbus_unregister_driver(&svnic_back_driver);
	unregister_xenbus_watch(&svnic_back_release_watch);
	auxiliary_driver_unregister(&svnic_back_card_driver);
}
module_exit(svnic_back_exit);

MODULE_DESCRIPTION("SV-NIC back end for Xen guests");
MODULE_LICENSE("GPL");
MODULE_VERSION(SVNIC_VERSION);
MODULE_ALIAS("xen-backend:" SVNIC_XEN_TYPE);
