// SPDX-License-Identifier: GPL-2.0-only
/*
 * svnic-detach: detaches a VIF from a running guest.
 *
 *   svnic-detach DOMAIN [device=N | mac=AA:BB:CC:DD:EE:FF | all]
 *
 * Asks the guest's driver to close the device; after a timeout the VIF is
 * deactivated anyway.  Then the permission to map its frames is revoked.  That
 * does not remove existing mappings, so the back end does not give the VIF to
 * another guest before this guest is gone.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xen/io/xenbus.h>

#include "xentools.h"

static const char usage[] =
	"usage: svnic-detach DOMAIN [device=N | mac=AA:BB:CC:DD:EE:FF | all]\n";

static bool closed(const struct device *dev)
{
	unsigned int state = back_state(dev);

	return state == XenbusStateClosed || state == XenbusStateUnknown;
}

static void detach(const struct device *dev)
{
	int err;

	/* A device without a driver may be closed already. */
	if (!write_number(XBT_NULL, dev->back, "online", 0) ||
	    (!closed(dev) &&
	     !write_number(XBT_NULL, dev->back, "state", XenbusStateClosing)))
		errx(1, "cannot write to XenStore: %s", strerror(errno));
	if (!wait_for(dev, closed))
		warnx("domain %u does not close device %u: detached anyway",
		      dev->domain, dev->number);
	err = permit(dev, false);
	if (err && err != -ESRCH)
		warnx("cannot revoke the permission to map: %s",
		      strerror(-err));
	remove_dirs(dev);
	printf("domain %u: device %u detached\n", dev->domain, dev->number);
}

static bool matches(const struct device *dev, const char *selector)
{
	char number[24];
	char *mac;
	bool same;

	if (!selector || !strcmp(selector, "all"))
		return true;
	snprintf(number, sizeof(number), "device=%u", dev->number);
	if (!strcmp(selector, number))
		return true;
	mac = read_key(dev->back, SVNIC_XEN_MAC);
	same = mac && !strncmp(selector, "mac=", 4) &&
	       !strcasecmp(selector + 4, mac);
	free(mac);
	return same;
}

int main(int argc, char **argv)
{
	const char *selector = argc > 2 ? argv[2] : NULL;
	struct device found[MAX_DEVICES];
	unsigned int domain, number, count = 0;

	if (argc < 2 || argc > 3 || argv[1][0] == '-') {
		fputs(usage, stderr);
		return 2;
	}
	open_xenstore();
	domain = find_domain(argv[1]);
	for (number = 0; number < MAX_DEVICES; number++) {
		device_init(&found[count], domain, number);
		if (back_state(&found[count]) != XenbusStateUnknown &&
		    matches(&found[count], selector))
			count++;
	}
	if (!count)
		errx(1, "domain %u has no such VIF: see svnic-list", domain);
	if (count > 1 && !selector)
		errx(1, "domain %u has %u VIFs: add device=N, mac=... or all",
		     domain, count);
	for (number = 0; number < count; number++)
		detach(&found[number]);
	xs_close(xs);
	return 0;
}
