// SPDX-License-Identifier: GPL-2.0-only
/*
 * SV-NIC VIF driver: a netdev for each VIF.  This file binds to VIFs on the
 * auxiliary bus, which the card driver (svnic) adds; xen.c binds to VIFs of a
 * Xen guest.
 *
 * Process context, serialized by the device lock.
 */
#include <linux/auxiliary_bus.h>
#include <linux/err.h>
#include <linux/module.h>

#include "hw/net/sv-nic/sv_nic_version.h"
#include "svnic_vif.h"

static int svnic_aux_probe(struct auxiliary_device *adev,
			   const struct auxiliary_device_id *id)
{
	struct svnic_auxdev *aux = to_svnic_auxdev(adev);
	struct net_device *netdev;

	netdev = svnic_netdev_create(&aux->tp);
	if (IS_ERR(netdev))
		return PTR_ERR(netdev);
	auxiliary_set_drvdata(adev, netdev);
	return 0;
}

static void svnic_aux_remove(struct auxiliary_device *adev)
{
	svnic_netdev_destroy(auxiliary_get_drvdata(adev));
}

static void svnic_aux_shutdown(struct auxiliary_device *adev)
{
	svnic_netdev_shutdown(auxiliary_get_drvdata(adev));
}

/* Called by the card driver: the auxiliary bus does not. */
static int svnic_aux_suspend(struct auxiliary_device *adev, pm_message_t state)
{
	svnic_netdev_suspend(auxiliary_get_drvdata(adev));
	return 0;
}

static int svnic_aux_resume(struct auxiliary_device *adev)
{
	return svnic_netdev_resume(auxiliary_get_drvdata(adev));
}

static const struct auxiliary_device_id svnic_aux_ids[] = {
	{ .name = "svnic." SVNIC_AUXDEV_NAME },
	{ }
};
MODULE_DEVICE_TABLE(auxiliary, svnic_aux_ids);

static struct auxiliary_driver svnic_aux_driver = {
	.name = SVNIC_AUXDEV_NAME,
	.id_table = svnic_aux_ids,
	.probe = svnic_aux_probe,
	.remove = svnic_aux_remove,
	.shutdown = svnic_aux_shutdown,
	.suspend = svnic_aux_suspend,
	.resume = svnic_aux_resume,
};

static int __init svnic_vif_init(void)
{
	int err;

	err = auxiliary_driver_register(&svnic_aux_driver);
	if (err)
		return err;
	err = svnic_xen_register();
	if (err)
		auxiliary_driver_unregister(&svnic_aux_driver);
	return err;
}
module_init(svnic_vif_init);

static void __exit svnic_vif_exit(void)
{
	svnic_xen_unregister();
	auxiliary_driver_unregister(&svnic_aux_driver);
}
module_exit(svnic_vif_exit);

MODULE_DESCRIPTION("SV-NIC virtual interface");
MODULE_LICENSE("GPL");
MODULE_VERSION(SVNIC_VERSION);
