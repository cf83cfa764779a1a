/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions shared by svnic-attach, svnic-detach and svnic-list: XenStore, the
 * directories of a device, permissions.  Single-threaded programs, run by root
 * in dom0; after an error they print a message and exit with status 1.
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

/* Exists while svnic_xenback is loaded. */
#define SVNIC_XEN_DRIVER \
	"/sys/bus/xen-backend/drivers/" SVNIC_XEN_TYPE

/* Limit of devices per guest. */
#define MAX_DEVICES	16
/* Timeout of a step of the back end, seconds. */
#define STEP_TIMEOUT	15

struct device {
	unsigned int domain;
	unsigned int number;
	char back[64];		/* directory of the back end */
	char front[64];		/* directory of the front end */
};

extern struct xs_handle *xs;

/* Opens XenStore, which the functions below use; exits on error. */
void open_xenstore(void);

/* Returns the domain of this name or number; exits if there is none. */
unsigned int find_domain(const char *name);

/* Returns the name of a domain or "?", valid until the next call. */
const char *domain_name(unsigned int domain);

/* Fills in domain, number and directories. */
void device_init(struct device *dev, unsigned int domain, unsigned int number);

/* Returns the text of a key, to be freed, or NULL. */
char *read_key(const char *dir, const char *key);

/* Reads a number; returns false if the key is missing or not a number. */
bool read_number(const char *dir, const char *key, uint64_t *value);

/* Write a key, in a transaction or with XBT_NULL; return false with errno. */
bool write_text(xs_transaction_t t, const char *dir, const char *key,
		const char *text);
bool write_number(xs_transaction_t t, const char *dir, const char *key,
		  unsigned int number);

/* Returns the state of the back end, 0 if there is none. */
unsigned int back_state(const struct device *dev);

/*
 * Waits until @done returns true; returns false after STEP_TIMEOUT seconds.
 * Checks whenever the back end has changed a key.
 */
bool wait_for(const struct device *dev,
	      bool (*done)(const struct device *dev));

/* Permits the guest to map its VIF, or revokes that; returns 0 or -errno. */
int permit(const struct device *dev, bool allow);

/* Removes both directories of a device. */
void remove_dirs(const struct device *dev);

#endif /* SVNIC_XENTOOLS_H */
