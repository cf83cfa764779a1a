/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What svnic-attach, svnic-detach and svnic-list share: XenStore, the folders
 * of a guest's devices, and errors.  Programs of one thread, run by root in
 * dom0; whoever cannot go on says so and exits with status 1.
 */
#ifndef SVNIC_XENTOOLS_H
#define SVNIC_XENTOOLS_H

#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <xenctrl.h>
#include <xenstore.h>

#include "svnic_xen.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* There once svnic_xenback is loaded. */
#define SVNIC_XEN_DRIVER \
	"/sys/bus/xen-backend/drivers/" SVNIC_XEN_TYPE

/* Devices of one guest: more would be a mistake. */
#define MAX_DEVICES	16
/* How long the kernel's part of a step may take, seconds. */
#define STEP_TIMEOUT	15

struct device {
	unsigned int domain;
	unsigned int number;
	char back[64];		/* folder of the back end */
	char front[64];		/* folder of the front end */
};

extern struct xs_handle *xs;

/* Opens XenStore; for all else of this file. */
void open_xenstore(void);

/* The domain of that name or number; exits if there is none. */
unsigned int find_domain(const char *name);

/* A domain's name, or "?"; good until the next call. */
const char *domain_name(unsigned int domain);

/* Fills in a device's folders. */
void device_init(struct device *dev, unsigned int domain, unsigned int number);

/* A key's text, to be freed, or NULL. */
char *read_key(const char *folder, const char *key);

/* A key's number; false if it is not there or no number. */
bool read_number(const char *folder, const char *key, uint64_t *value);

/* Write a key, in a transaction or with XBT_NULL; false with errno. */
bool write_text(xs_transaction_t t, const char *folder, const char *key,
		const char *text);
bool write_number(xs_transaction_t t, const char *folder, const char *key,
		  unsigned int number);

/* The state of a device's back end, 0 if there is none. */
unsigned int back_state(const struct device *dev);

/*
 * Waits until @done or, after STEP_TIMEOUT seconds, returns false.  Looks
 * again whenever the device's back end has changed something.
 */
bool wait_for(const struct device *dev,
	      bool (*done)(const struct device *dev));

/* Grants or revokes the guest's right to map its VIF; 0 or -errno. */
int permit(const struct device *dev, bool allow);

/* Removes both folders of a device. */
void remove_folders(const struct device *dev);

#endif /* SVNIC_XENTOOLS_H */
