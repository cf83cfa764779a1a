// SPDX-License-Identifier: GPL-2.0-only
/* Must compile with any headers: separates broken headers from features. */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <net/devlink.h>
#include <linux/auxiliary_bus.h>

MODULE_LICENSE("GPL");
