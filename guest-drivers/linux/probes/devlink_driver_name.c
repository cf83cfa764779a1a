// SPDX-License-Identifier: GPL-2.0-only
/* The driver has to report its name; since 6.2 the core does. */
#include <net/devlink.h>

int probe(struct devlink_info_req *req);
int probe(struct devlink_info_req *req)
{
	return devlink_info_driver_name_put(req, "svnic");
}
