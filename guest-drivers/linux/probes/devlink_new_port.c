// SPDX-License-Identifier: GPL-2.0-only
/* port_new() returns the port instead of its index (6.5). */
#include <net/devlink.h>

int probe(struct devlink *devlink, const struct devlink_ops *ops,
	  struct devlink_port **port);
int probe(struct devlink *devlink, const struct devlink_ops *ops,
	  struct devlink_port **port)
{
	return ops->port_new(devlink, NULL, NULL, port);
}
