/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One name for each kernel interface that differs between the supported kernels;
 * its form is the newest kernel's.  SVNIC_HAVE_* are the results of the files in
 * probes/, which Kbuild writes to compat.h.
 *
 * Interfaces that differ in the members of a structure (devlink's ports, a netdev's
 * devlink port) are selected where the structure is: svnic/devlink.c,
 * svnic_vif/netdev.c.
 */
#ifndef SVNIC_COMPAT_H
#define SVNIC_COMPAT_H

#include <linux/dim.h>
#include <linux/hrtimer.h>
#include <linux/kernel.h>
#include <net/devlink.h>

#include "compat.h"

#ifdef SVNIC_HAVE_hex_header
#include <linux/hex.h>
#endif

static inline void svnic_net_dim(struct dim *dim,
				 const struct dim_sample *sample)
{
#ifdef SVNIC_HAVE_net_dim_pointer
	net_dim(dim, sample);
#else
	net_dim(dim, *sample);
#endif
}

static inline void
svnic_hrtimer_setup(struct hrtimer *timer,
		    enum hrtimer_restart (*function)(struct hrtimer *),
		    clockid_t clock, enum hrtimer_mode mode)
{
#ifdef SVNIC_HAVE_hrtimer_setup
	hrtimer_setup(timer, function, clock, mode);
#else
	hrtimer_init(timer, clock, mode);
	timer->function = function;
#endif
}

/* Without a grace period, which is a member of @ops in newer kernels. */
static inline struct devlink_health_reporter *
svnic_health_reporter_create(struct devlink *devlink,
			     const struct devlink_health_reporter_ops *ops,
			     void *priv)
{
#ifdef SVNIC_HAVE_devlink_reporter_period_op
	return devlink_health_reporter_create(devlink, ops, priv);
#else
	return devlink_health_reporter_create(devlink, ops, 0, priv);
#endif
}

/* The driver's name in devlink's information; newer kernels add it. */
static inline int svnic_info_driver_name(struct devlink_info_req *req)
{
#ifdef SVNIC_HAVE_devlink_driver_name
	return devlink_info_driver_name_put(req, KBUILD_MODNAME);
#else
	return 0;
#endif
}

/*
 * SVNIC_PARAM(name): the callbacks name_param_get(), name_param_set() and
 * name_param_validate() of a devlink parameter in this kernel's form, which call
 * name_get(devlink, value), name_set(devlink, value) and
 * name_validate(devlink, value, extack).
 */
#ifdef SVNIC_HAVE_devlink_param_get_extack
#define SVNIC_PARAM_GET_LAST	struct devlink_param_gset_ctx *ctx, \
				struct netlink_ext_ack *extack
#else
#define SVNIC_PARAM_GET_LAST	struct devlink_param_gset_ctx *ctx
#endif

#ifdef SVNIC_HAVE_devlink_param_set_extack
#define SVNIC_PARAM_SET_LAST	struct devlink_param_gset_ctx *ctx, \
				struct netlink_ext_ack *extack
#else
#define SVNIC_PARAM_SET_LAST	struct devlink_param_gset_ctx *ctx
#endif

#ifdef SVNIC_HAVE_devlink_param_validate_pointer
#define SVNIC_PARAM_VALIDATED(value)	union devlink_param_value *value
#define SVNIC_PARAM_VALUE(value)	(value)
#else
#define SVNIC_PARAM_VALIDATED(value)	union devlink_param_value value
#define SVNIC_PARAM_VALUE(value)	(&(value))
#endif

#define SVNIC_PARAM(name)						\
static int name##_param_get(struct devlink *devlink, u32 id,		\
			    SVNIC_PARAM_GET_LAST)			\
{									\
	return name##_get(devlink, &ctx->val);				\
}									\
									\
static int name##_param_set(struct devlink *devlink, u32 id,		\
			    SVNIC_PARAM_SET_LAST)			\
{									\
	return name##_set(devlink, &ctx->val);				\
}									\
									\
static int name##_param_validate(struct devlink *devlink, u32 id,	\
				 SVNIC_PARAM_VALIDATED(val),		\
				 struct netlink_ext_ack *extack)	\
{									\
	return name##_validate(devlink, SVNIC_PARAM_VALUE(val), extack);	\
}

#endif /* SVNIC_COMPAT_H */
