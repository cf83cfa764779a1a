// SPDX-License-Identifier: GPL-2.0-only
/* A formatted message stores its first error (6.7). */
#include <net/devlink.h>

void (*probe)(struct devlink_fmsg *fmsg, const char *name, u32 value) =
	devlink_fmsg_u32_pair_put;
