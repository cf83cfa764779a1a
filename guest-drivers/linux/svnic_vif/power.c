// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sleep of the machine and reset of the card: the VIF vanishes and comes back,
 * with the same attributes and empty queues, maybe at another address.  Shutdown
 * of the machine.
 *
 * Process context, device lock held, without rtnl.
 */
#include <linux/rtnetlink.h>

#include "svnic_vif.h"

/**
 * svnic_netdev_suspend() - stop using the VIF, which is about to vanish
 * @netdev: remains registered, but detached
 */
void svnic_netdev_suspend(struct net_device *netdev)
{
	struct svnic_nic *nic = netdev_priv(netdev);

	rtnl_lock();
	netif_device_detach(netdev);
	if (test_bit(SVNIC_UP, &nic->flags))
		svnic_down(nic);
	nic->page = NULL;
	nic->tp->ops->unmap(nic->tp);
	rtnl_unlock();
}

/**
 * svnic_netdev_resume() - use the VIF again
 * @netdev: suspended
 *
 * Return: 0, or a negative errno; the error has been logged, and the interface
 * is detached if the VIF cannot be mapped, otherwise not up.
 */
int svnic_netdev_resume(struct net_device *netdev)
{
	struct svnic_nic *nic = netdev_priv(netdev);
	struct svnic_transport *tp = nic->tp;
	int err;

	rtnl_lock();
	err = tp->ops->map(tp);
	if (err) {
		netdev_err(netdev, "cannot map the VIF after a reset of the card (%pe): interface detached, delete the VIF and create it again\n",
			   ERR_PTR(err));
		goto unlock;
	}
	nic->page = tp->mem;
	if (netif_running(netdev)) {
		nic->reset_count = 0;
		err = svnic_up(nic);
		if (err) {
			/* Without queues: drop each frame until the next up. */
			set_bit(SVNIC_BROKEN, &nic->flags);
			netdev_err(netdev, "cannot restart the VIF after a reset of the card (%pe): set the link down and up to try again\n",
				   ERR_PTR(err));
		}
	}
	netif_device_attach(netdev);
	if (err)
		netif_tx_disable(netdev);
	/* It may have been changed meanwhile. */
	schedule_work(&nic->mode_work);
unlock:
	rtnl_unlock();
	return err;
}

/**
 * svnic_netdev_shutdown() - stop the interface before the machine shuts down
 * @netdev: remains registered, but detached and down
 */
void svnic_netdev_shutdown(struct net_device *netdev)
{
	rtnl_lock();
	netif_device_detach(netdev);
	if (netif_running(netdev))
		dev_close(netdev);
	rtnl_unlock();
}
