// SPDX-License-Identifier: GPL-2.0-only
/*
 * svnic-detach: takes a VIF away from a running guest.
 *
 *   svnic-detach DOMAIN [device=N | mac=AA:BB:CC:DD:EE:FF | all]
 *
 * Asks the guest's driver to let go; if it does not, the VIF is stopped all
 * the same.  Then the right to map its frames is revoked.  As that takes no
 * mapping away that a guest holds on to, the back end gives the VIF to nobody
 * else while this guest lives.
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

static void take_away(const struct device *dev)
{
	int err;

	/* One that is closed by itself, as without a driver, has said so. */
	if (!write_number(XBT_NULL, dev->back, "online", 0) ||
	    (!closed(dev) &&
	     !write_number(XBT_NULL, dev->back, "state", XenbusStateClosing)))
		errx(1, "cannot write to XenStore: %s", strerror(errno));
	if (!wait_for(dev, closed))
		warnx("domain %u does not let go of device %u: taken away",
		      dev->domain, dev->number);
	err = permit(dev, false);
	if (err && err != -ESRCH)
		warnx("cannot revoke the right to map: %s",
		      strerror(-err));
	remove_folders(dev);
	printf("domain %u: device %u is gone\n", dev->domain, dev->number);
}

static bool wanted(const struct device *dev, const char *which)
{
	char number[24];
	char *mac;
	bool same;

	if (!which || !strcmp(which, "all"))
		return true;
	snprintf(number, sizeof(number), "device=%u", dev->number);
	if (!strcmp(which, number))
		return true;
	mac = read_key(dev->back, SVNIC_XEN_MAC);
	same = mac && !strncmp(which, "mac=", 4) && !strcasecmp(which + 4, mac);
	free(mac);
	return same;
}

int main(int argc, char **argv)
{
	const char *which = argc > 2 ? argv[2] : NULL;
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
		    wanted(&found[count], which))
			count++;
	}
	if (!count)
		errx(1, "domain %u has no such VIF: svnic-list shows them", domain);
	if (count > 1 && !which)
		errx(1, "domain %u has %u VIFs: say which, or 'all'", domain,
		    count);
	for (number = 0; number < count; number++)
		take_away(&found[number]);
	xs_close(xs);
	return 0;
}
