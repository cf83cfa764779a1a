// SPDX-License-Identifier: GPL-2.0-only
/*
 * svnic-attach: attaches a VIF of the card to a running guest.
 *
 *   svnic-attach DOMAIN [mac=AA:BB:CC:DD:EE:FF] [port=N] [mtu=N]
 *                       [send-slots=N] [recv-slots=N]
 *
 * Creates the device in XenStore; the back end (svnic_xenback) creates the VIF
 * and publishes its frames; then this program permits the guest to map exactly
 * those frames and lets the back end continue.  The guest's driver may be loaded
 * later.  See svnic_xen.h for the protocol.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>
#include <xen/io/xenbus.h>

#include "xentools.h"

static const char usage[] =
	"usage: svnic-attach DOMAIN [mac=AA:BB:CC:DD:EE:FF] [port=N] [mtu=N]\n"
	"                    [send-slots=N] [recv-slots=N]\n";

/* Settings: keys in the directory of the back end. */
static const char * const settings[] = {
	SVNIC_XEN_MAC, SVNIC_XEN_PORT, SVNIC_XEN_MTU, SVNIC_XEN_SEND_SLOTS,
	SVNIC_XEN_RECV_SLOTS,
};

#define SETTINGS ARRAY_SIZE(settings)

static void parse_setting(const char *arg, const char *values[SETTINGS])
{
	size_t n;

	for (n = 0; n < SETTINGS; n++) {
		size_t len = strlen(settings[n]);

		if (!strncmp(arg, settings[n], len) && arg[len] == '=') {
			values[n] = arg + len + 1;
			return;
		}
	}
	fprintf(stderr, "svnic-attach: unknown setting '%s'\n%s", arg, usage);
	exit(2);
}

static bool is_mac(const char *text)
{
	size_t n;

	for (n = 0; n < 17; n++)
		if (n % 3 == 2 ? text[n] != ':' :
				 !isxdigit((unsigned char)text[n]))
			return false;
	return !text[n];
}

static bool is_number(const char *text)
{
	return *text && strlen(text) < 10 && !text[strspn(text, "0123456789")];
}

/* Check the syntax only; the card checks the ranges. */
static void check_settings(const char *values[SETTINGS])
{
	size_t n;

	if (values[0] && !is_mac(values[0]))
		errx(2, "mac=%s: must be like 00:16:3e:00:00:01", values[0]);
	for (n = 1; n < SETTINGS; n++)
		if (values[n] && !is_number(values[n]))
			errx(2, "%s=%s: must be a number", settings[n],
			     values[n]);
}

/* An address of the range that Xen uses for guests. */
static const char *random_mac(void)
{
	static char mac[18];
	unsigned char random[3];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		errx(1, "getrandom failed: %s", strerror(errno));
	snprintf(mac, sizeof(mac), "00:16:3e:%02x:%02x:%02x",
		 random[0] & 0x7f, random[1], random[2]);
	return mac;
}

static bool create_dir(xs_transaction_t t, const char *dir,
		       unsigned int owner, unsigned int reader)
{
	struct xs_permissions perms[] = {
		{ .id = owner, .perms = XS_PERM_NONE },
		{ .id = reader, .perms = XS_PERM_READ },
	};

	return xs_mkdir(xs, t, dir) &&
	       xs_set_permissions(xs, t, dir, perms, 2);
}

/* Whether a device of this number exists; read in the transaction. */
static bool device_exists(xs_transaction_t t, const struct device *dev)
{
	char path[80];
	char *state;

	snprintf(path, sizeof(path), "%s/state", dev->back);
	state = xs_read(xs, t, path, NULL);
	free(state);
	return state;
}

/*
 * Create both directories in one transaction, so that neither driver sees an
 * incomplete device.  Returns false with errno EEXIST if the number is in use.
 */
static bool create_device(const struct device *dev,
			  const char *values[SETTINGS])
{
	xs_transaction_t t;
	bool good;
	size_t n;

	do {
		t = xs_transaction_start(xs);
		if (t == XBT_NULL)
			return false;
		if (device_exists(t, dev)) {
			xs_transaction_end(xs, t, true);
			errno = EEXIST;
			return false;
		}
		good = create_dir(t, dev->back, 0, dev->domain) &&
		       create_dir(t, dev->front, dev->domain, 0) &&
		       write_text(t, dev->back, "frontend", dev->front) &&
		       write_number(t, dev->back, "frontend-id", dev->domain) &&
		       write_number(t, dev->back, "online", 1) &&
		       write_text(t, dev->front, "backend", dev->back) &&
		       write_number(t, dev->front, "backend-id", 0);
		for (n = 0; n < SETTINGS && good; n++)
			if (values[n])
				good = write_text(t, dev->back, settings[n],
						  values[n]);
		good = good &&
		       write_number(t, dev->back, "state", XenbusStateInitialising) &&
		       write_number(t, dev->front, "state", XenbusStateInitialising);
		if (!good) {
			xs_transaction_end(xs, t, true);
			return false;
		}
		good = xs_transaction_end(xs, t, false);
	} while (!good && errno == EAGAIN);
	return good;
}

static bool failed(const struct device *dev)
{
	unsigned int state = back_state(dev);

	return state == XenbusStateClosing || state == XenbusStateClosed;
}

static bool published(const struct device *dev)
{
	uint64_t frames;

	return failed(dev) ||
	       read_number(dev->back, SVNIC_XEN_MEM_FRAMES, &frames);
}

static bool ready(const struct device *dev)
{
	return failed(dev) || back_state(dev) >= XenbusStateInitWait;
}

/* Describe an errno of the back end; NULL for any other. */
static const char *describe(long err)
{
	switch (err) {
	case EADDRINUSE:
		return "the MAC address is in use by another VIF or a port";
	case EADDRNOTAVAIL:
		return "the MAC address is zero or multicast";
	case EINVAL:
		return "port, MTU or number of slots is out of the card's range";
	case ENODEV:
		return "no card: check that svnic is loaded, and dmesg";
	case ENOMEM:
		return "the card has not enough memory for these numbers of slots";
	case ENOSPC:
		return "all VIFs of the card are in use";
	default:
		return NULL;
	}
}

/* Remove the device and exit, with the back end's error if there is one. */
static void fail(const struct device *dev, const char *what)
{
	char dir[128];
	const char *reason = NULL;
	char *error;

	snprintf(dir, sizeof(dir),
		 "/local/domain/0/error/backend/" SVNIC_XEN_TYPE "/%u/%u",
		 dev->domain, dev->number);
	/* "ERRNO TEXT", written by the kernel. */
	error = read_key(dir, "error");
	if (error)
		reason = describe(strtol(error, NULL, 10)) ?: error;
	permit(dev, false);
	remove_dirs(dev);
	*strrchr(dir, '/') = '\0';
	xs_rm(xs, XBT_NULL, dir);
	errx(1, "%s: %s", what, reason ?: "no error in XenStore, see dmesg");
}

int main(int argc, char **argv)
{
	const char *values[SETTINGS] = {};
	struct device dev;
	unsigned int domain, number;
	uint64_t vif = 0;
	bool created = false;
	int n, err;

	if (argc < 2 || argv[1][0] == '-') {
		fputs(usage, stderr);
		return 2;
	}
	for (n = 2; n < argc; n++)
		parse_setting(argv[n], values);
	check_settings(values);
	if (!values[0])
		values[0] = random_mac();

	open_xenstore();
	domain = find_domain(argv[1]);
	if (access(SVNIC_XEN_DRIVER, F_OK))
		errx(1, "the back end is not loaded: run 'modprobe svnic_xenback'");
	for (number = 0; number < MAX_DEVICES; number++) {
		device_init(&dev, domain, number);
		created = create_device(&dev, values);
		if (created)
			break;
		if (errno != EEXIST)
			errx(1, "cannot write to XenStore: %s", strerror(errno));
	}
	if (!created)
		errx(1, "domain %u has %d VIFs: svnic-detach one first", domain,
		     MAX_DEVICES);
	if (!wait_for(&dev, published) || failed(&dev))
		fail(&dev, "the back end cannot create a VIF");
	err = permit(&dev, true);
	if (err)
		fail(&dev, strerror(-err));
	if (!write_number(XBT_NULL, dev.back, SVNIC_XEN_GRANTED, 1) ||
	    !wait_for(&dev, ready) || failed(&dev))
		fail(&dev, "the back end cannot activate the VIF");

	read_number(dev.back, SVNIC_XEN_VIF, &vif);
	printf("domain %u: device %u, VIF %llu, mac %s\n", domain, number,
	       (unsigned long long)vif, values[0]);
	xs_close(xs);
	return 0;
}
