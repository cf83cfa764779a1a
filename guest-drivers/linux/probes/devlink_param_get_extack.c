// SPDX-License-Identifier: GPL-2.0-only
/* The get callback of a parameter has an extack (7.x). */
#include <net/devlink.h>

int probe(struct devlink *devlink, u32 id, struct devlink_param_gset_ctx *ctx,
	  struct netlink_ext_ack *extack);
struct devlink_param param = { .get = probe };
