// SPDX-License-Identifier: GPL-2.0-only
/*
 * XenStore and permissions for the tools, see xentools.h.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xen/io/xenbus.h>

#include "xentools.h"

struct xs_handle *xs;

void open_xenstore(void)
{
	xs = xs_open(0);
	if (!xs)
		errx(1, "cannot open XenStore (%s): run this as root in dom0",
		    strerror(errno));
}

unsigned int find_domain(const char *name)
{
	unsigned int count, n, domain = 0;
	bool found = false;
	char **ids;
	char *end;

	ids = xs_directory(xs, XBT_NULL, "/local/domain", &count);
	if (!ids)
		errx(1, "cannot read XenStore: %s", strerror(errno));
	for (n = 0; n < count && !found; n++) {
		domain = strtoul(ids[n], &end, 10);
		found = !strcmp(ids[n], name) ||
			!strcmp(domain_name(domain), name);
	}
	free(ids);
	if (!found)
		errx(1, "no domain '%s': see 'xl list'",
		    name);
	if (!domain)
		errx(1, "VIFs of dom0 are created with devlink, see README");
	return domain;
}

const char *domain_name(unsigned int domain)
{
	static char name[64];
	char dir[32];
	char *text;

	snprintf(dir, sizeof(dir), "/local/domain/%u", domain);
	text = read_key(dir, "name");
	snprintf(name, sizeof(name), "%s", text ? text : "?");
	free(text);
	return name;
}

void device_init(struct device *dev, unsigned int domain, unsigned int number)
{
	dev->domain = domain;
	dev->number = number;
	snprintf(dev->back, sizeof(dev->back),
		 "/local/domain/0/backend/" SVNIC_XEN_TYPE "/%u/%u", domain,
		 number);
	snprintf(dev->front, sizeof(dev->front),
		 "/local/domain/%u/device/" SVNIC_XEN_TYPE "/%u", domain,
		 number);
}

char *read_key(const char *dir, const char *key)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, key);
	return xs_read(xs, XBT_NULL, path, NULL);
}

bool read_number(const char *dir, const char *key, uint64_t *value)
{
	char *text = read_key(dir, key);
	char *end;
	bool good;

	if (!text)
		return false;
	*value = strtoull(text, &end, 10);
	good = end != text && !*end;
	free(text);
	return good;
}

bool write_text(xs_transaction_t t, const char *dir, const char *key,
		const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, key);
	return xs_write(xs, t, path, text, strlen(text));
}

bool write_number(xs_transaction_t t, const char *dir, const char *key,
		  unsigned int number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	return write_text(t, dir, key, text);
}

unsigned int back_state(const struct device *dev)
{
	uint64_t state;

	return read_number(dev->back, "state", &state) ? state :
	       XenbusStateUnknown;
}

bool wait_for(const struct device *dev,
	      bool (*done)(const struct device *dev))
{
	struct pollfd fd = { .fd = xs_fileno(xs), .events = POLLIN };
	time_t end = time(NULL) + STEP_TIMEOUT;
	unsigned int count;
	bool good;

	if (!xs_watch(xs, dev->back, "wait"))
		errx(1, "cannot watch %s: %s", dev->back, strerror(errno));
	while (!(good = done(dev)) && time(NULL) < end) {
		if (poll(&fd, 1, 1000) > 0)
			free(xs_read_watch(xs, &count));
	}
	xs_unwatch(xs, dev->back, "wait");
	return good;
}

int permit(const struct device *dev, bool allow)
{
	uint64_t doorbell, mem, frames;
	xc_interface *xc;
	int err = 0;

	if (!read_number(dev->back, SVNIC_XEN_DB_FRAME, &doorbell) ||
	    !read_number(dev->back, SVNIC_XEN_MEM_FRAME, &mem) ||
	    !read_number(dev->back, SVNIC_XEN_MEM_FRAMES, &frames))
		return -ENOENT;
	xc = xc_interface_open(NULL, NULL, 0);
	if (!xc)
		return -errno;
	/* Revoke continues after an error: the guest may just have ended. */
	if (xc_domain_iomem_permission(xc, dev->domain, doorbell, 1, allow))
		err = -errno;
	if ((!err || !allow) &&
	    xc_domain_iomem_permission(xc, dev->domain, mem, frames, allow))
		err = -errno;
	xc_interface_close(xc);
	return err;
}

/*
 * Remove the parent directory after the last device: xl does not know this
 * device type and would leave it.
 */
static void remove_empty_parent(const char *dir)
{
	char *slash, parent[64];
	unsigned int count;
	xs_transaction_t t;
	char **names;

	snprintf(parent, sizeof(parent), "%s", dir);
	slash = strrchr(parent, '/');
	if (!slash)
		return;
	*slash = '\0';
	do {
		t = xs_transaction_start(xs);
		if (t == XBT_NULL)
			return;
		names = xs_directory(xs, t, parent, &count);
		if (names && !count)
			xs_rm(xs, t, parent);
		free(names);
	} while (!xs_transaction_end(xs, t, false) && errno == EAGAIN);
}

void remove_dirs(const struct device *dev)
{
	xs_rm(xs, XBT_NULL, dev->front);
	xs_rm(xs, XBT_NULL, dev->back);
	remove_empty_parent(dev->front);
	remove_empty_parent(dev->back);
}
