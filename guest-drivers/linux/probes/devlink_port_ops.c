// SPDX-License-Identifier: GPL-2.0-only
/* Port functions have struct devlink_port_ops instead of devlink_ops (6.5). */
#include <net/devlink.h>

int probe(struct devlink *devlink, struct devlink_port *port,
	  const struct devlink_port_ops *ops);
int probe(struct devlink *devlink, struct devlink_port *port,
	  const struct devlink_port_ops *ops)
{
	return devl_port_register_with_ops(devlink, port, 0, ops);
}
