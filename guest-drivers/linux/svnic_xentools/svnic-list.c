// SPDX-License-Identifier: GPL-2.0-only
/*
 * svnic-list: lists the VIFs of guests and their counters.
 *
 *   svnic-list [DOMAIN]
 *
 * One line per VIF.  The counters are those of the back end (forwarded events,
 * redundant ones among them) and of the card.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xentools.h"

static const char * const state_names[] = {
	"gone", "starting", "waiting", "starting", "connected", "closing",
	"closed",
};

#define STATES ARRAY_SIZE(state_names)

/* Columns with counters. */
static const char * const columns[] = {
	"events", "redundant", "send_frames", "recv_frames", "recv_full",
	"send_spoofed", "stops",
};

#define COLUMNS ARRAY_SIZE(columns)

static void read_counters(const struct device *dev,
			  unsigned long long values[COLUMNS])
{
	unsigned long long value;
	char path[96], name[32];
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path),
		 "/sys/bus/xen-backend/devices/" SVNIC_XEN_TYPE "-%u-%u/counters",
		 dev->domain, dev->number);
	file = fopen(path, "re");
	if (!file)
		return;
	while (fscanf(file, "%31s %llu", name, &value) == 2)
		for (n = 0; n < COLUMNS; n++)
			if (!strcmp(name, columns[n]))
				values[n] = value;
	fclose(file);
}

static void show(const struct device *dev)
{
	unsigned long long values[COLUMNS] = {};
	unsigned int state = back_state(dev);
	char *mac = read_key(dev->back, SVNIC_XEN_MAC);
	char *vif = read_key(dev->back, SVNIC_XEN_VIF);
	char *signal = read_key(dev->back, SVNIC_XEN_SIGNAL);
	size_t n;

	read_counters(dev, values);
	printf("%-12s %4u %3u %4s %-17s %-9s %-13s", domain_name(dev->domain),
	       dev->domain, dev->number, vif ? vif : "-", mac ? mac : "-",
	       state < STATES ? state_names[state] : "?",
	       signal ? signal : "-");
	for (n = 0; n < COLUMNS; n++)
		printf(" %12llu", values[n]);
	putchar('\n');
	free(mac);
	free(vif);
	free(signal);
}

static void show_domain(unsigned int domain)
{
	struct device dev;
	unsigned int number;

	for (number = 0; number < MAX_DEVICES; number++) {
		device_init(&dev, domain, number);
		if (back_state(&dev))
			show(&dev);
	}
}

int main(int argc, char **argv)
{
	unsigned int count, n;
	char **ids;
	size_t c;

	if (argc > 2 || (argc == 2 && argv[1][0] == '-')) {
		fputs("usage: svnic-list [DOMAIN]\n", stderr);
		return 2;
	}
	open_xenstore();
	printf("%-12s %4s %3s %4s %-17s %-9s %-13s", "guest", "id", "dev",
	       "VIF", "mac", "state", "signal");
	for (c = 0; c < COLUMNS; c++)
		printf(" %12s", columns[c]);
	putchar('\n');
	if (argc == 2) {
		show_domain(find_domain(argv[1]));
	} else {
		ids = xs_directory(xs, XBT_NULL, "/local/domain/0/backend/"
				   SVNIC_XEN_TYPE, &count);
		for (n = 0; ids && n < count; n++)
			show_domain(strtoul(ids[n], NULL, 10));
		free(ids);
	}
	xs_close(xs);
	return 0;
}
