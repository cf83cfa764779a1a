// SPDX-License-Identifier: GPL-2.0-only
/* The validate callback of a parameter gets the value by pointer (7.x). */
#include <net/devlink.h>

int probe(struct devlink *devlink, u32 id, union devlink_param_value *val,
	  struct netlink_ext_ack *extack);
struct devlink_param param = { .validate = probe };
