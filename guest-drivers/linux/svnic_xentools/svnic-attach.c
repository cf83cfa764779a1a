// SPDX-License-Identifier: GPL-2.0-only
/*
 * svnic-attach: gives a running guest a VIF of the card.
 *
 *   svnic-attach DOMAIN [mac=AA:BB:CC:DD:EE:FF] [port=N] [mtu=N]
 *                       [send-slots=N] [recv-slots=N]
 *
 * Makes the device in XenStore; the back end (svnic_xenback) makes the VIF and
 * says where it lies; then this grants the guest the right to map exactly
 * those frames and tells the back end to go on.  The guest's driver may come
 * later.  See svnic_xen.h for the steps.
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

/* What may be asked for, as keys of the back end's folder. */
static const char * const wishes[] = {
	SVNIC_XEN_MAC, SVNIC_XEN_PORT, SVNIC_XEN_MTU, SVNIC_XEN_SEND_SLOTS,
	SVNIC_XEN_RECV_SLOTS,
};

#define WISHES ARRAY_SIZE(wishes)

static void parse_wish(const char *arg, const char *values[WISHES])
{
	size_t n;

	for (n = 0; n < WISHES; n++) {
		size_t len = strlen(wishes[n]);

		if (!strncmp(arg, wishes[n], len) && arg[len] == '=') {
			values[n] = arg + len + 1;
			return;
		}
	}
	fprintf(stderr, "svnic-attach: '%s' is not known\n%s", arg, usage);
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

/* Only what the words look like: what it cannot do, the card says itself. */
static void check_wishes(const char *values[WISHES])
{
	size_t n;

	if (values[0] && !is_mac(values[0]))
		errx(2, "mac=%s: must be like 00:16:3e:00:00:01", values[0]);
	for (n = 1; n < WISHES; n++)
		if (values[n] && !is_number(values[n]))
			errx(2, "%s=%s: must be a number", wishes[n], values[n]);
}

/* An address of Xen's own range for guests. */
static const char *random_mac(void)
{
	static char mac[18];
	unsigned char random[3];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		errx(1, "no random numbers: %s", strerror(errno));
	snprintf(mac, sizeof(mac), "00:16:3e:%02x:%02x:%02x",
		 random[0] & 0x7f, random[1], random[2]);
	return mac;
}

static bool make_folder(xs_transaction_t t, const char *folder,
			unsigned int owner, unsigned int reader)
{
	struct xs_permissions perms[] = {
		{ .id = owner, .perms = XS_PERM_NONE },
		{ .id = reader, .perms = XS_PERM_READ },
	};

	return xs_mkdir(xs, t, folder) &&
	       xs_set_permissions(xs, t, folder, perms, 2);
}

/* Whether there is a device of this number, for a transaction to rely on. */
static bool taken(xs_transaction_t t, const struct device *dev)
{
	char path[80];
	char *state;

	snprintf(path, sizeof(path), "%s/state", dev->back);
	state = xs_read(xs, t, path, NULL);
	free(state);
	return state;
}

/*
 * Both folders at once, so that neither driver sees half a device.  False with
 * errno EEXIST if there is one of that number.
 */
static bool make_device(const struct device *dev, const char *values[WISHES])
{
	xs_transaction_t t;
	bool good;
	size_t n;

	do {
		t = xs_transaction_start(xs);
		if (t == XBT_NULL)
			return false;
		if (taken(t, dev)) {
			xs_transaction_end(xs, t, true);
			errno = EEXIST;
			return false;
		}
		good = make_folder(t, dev->back, 0, dev->domain) &&
		       make_folder(t, dev->front, dev->domain, 0) &&
		       write_text(t, dev->back, "frontend", dev->front) &&
		       write_number(t, dev->back, "frontend-id", dev->domain) &&
		       write_number(t, dev->back, "online", 1) &&
		       write_text(t, dev->front, "backend", dev->back) &&
		       write_number(t, dev->front, "backend-id", 0);
		for (n = 0; n < WISHES && good; n++)
			if (values[n])
				good = write_text(t, dev->back, wishes[n], values[n]);
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

/* What an errno of the back end means to whoever runs this, or NULL. */
static const char *meaning(long err)
{
	switch (err) {
	case EADDRINUSE:
		return "another VIF, or a port, has this MAC address";
	case EADDRNOTAVAIL:
		return "this MAC address is zero or multicast";
	case EINVAL:
		return "the card does not take this port, MTU or number of slots";
	case ENODEV:
		return "there is no card: is svnic loaded, and what does dmesg say?";
	case ENOMEM:
		return "the card has not enough memory for such queues";
	case ENOSPC:
		return "all of the card's VIFs are in use";
	default:
		return NULL;
	}
}

/* Undoes what there is, and gives the reason, the back end's own if it can. */
static void give_up(const struct device *dev, const char *why)
{
	char folder[128];
	const char *reason = NULL;
	char *error;

	snprintf(folder, sizeof(folder),
		 "/local/domain/0/error/backend/" SVNIC_XEN_TYPE "/%u/%u",
		 dev->domain, dev->number);
	/* "ERRNO TEXT", by the kernel. */
	error = read_key(folder, "error");
	if (error)
		reason = meaning(strtol(error, NULL, 10)) ?: error;
	permit(dev, false);
	remove_folders(dev);
	*strrchr(folder, '/') = '\0';
	xs_rm(xs, XBT_NULL, folder);
	errx(1, "%s: %s", why, reason ?: "no reason given; what does dmesg say?");
}

int main(int argc, char **argv)
{
	const char *values[WISHES] = {};
	struct device dev;
	unsigned int domain, number;
	uint64_t vif = 0;
	bool made = false;
	int n, err;

	if (argc < 2 || argv[1][0] == '-') {
		fputs(usage, stderr);
		return 2;
	}
	for (n = 2; n < argc; n++)
		parse_wish(argv[n], values);
	check_wishes(values);
	if (!values[0])
		values[0] = random_mac();

	open_xenstore();
	domain = find_domain(argv[1]);
	if (access(SVNIC_XEN_DRIVER, F_OK))
		errx(1, "there is no back end: 'modprobe svnic_xenback' loads it");
	for (number = 0; number < MAX_DEVICES; number++) {
		device_init(&dev, domain, number);
		made = make_device(&dev, values);
		if (made)
			break;
		if (errno != EEXIST)
			errx(1, "cannot write to XenStore: %s", strerror(errno));
	}
	if (!made)
		errx(1, "domain %u has %d VIFs: svnic-detach one first", domain,
		     MAX_DEVICES);
	if (!wait_for(&dev, published) || failed(&dev))
		give_up(&dev, "the back end has not made a VIF");
	err = permit(&dev, true);
	if (err)
		give_up(&dev, strerror(-err));
	if (!write_number(XBT_NULL, dev.back, SVNIC_XEN_GRANTED, 1) ||
	    !wait_for(&dev, ready) || failed(&dev))
		give_up(&dev, "the back end has not started the VIF");

	read_number(dev.back, SVNIC_XEN_VIF, &vif);
	printf("domain %u: device %u, VIF %llu, mac %s\n", domain, number,
	       (unsigned long long)vif, values[0]);
	xs_close(xs);
	return 0;
}
