// SPDX-License-Identifier: GPL-2.0-only
/* The devlink port of a netdev is set before registration (6.2). */
#include <linux/netdevice.h>

void probe(struct net_device *netdev, struct devlink_port *port);
void probe(struct net_device *netdev, struct devlink_port *port)
{
	SET_NETDEV_DEVLINK_PORT(netdev, port);
}
