// SPDX-License-Identifier: GPL-2.0-only
/* The grace period of a health reporter is a member of its operations (7.x). */
#include <net/devlink.h>

struct devlink_health_reporter *
(*probe)(struct devlink *devlink, const struct devlink_health_reporter_ops *ops,
	 void *priv) = devlink_health_reporter_create;
