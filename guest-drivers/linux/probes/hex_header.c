// SPDX-License-Identifier: GPL-2.0-only
/* mac_pton() has left linux/kernel.h for a header of its own (7.0 or earlier). */
#include <linux/hex.h>

bool (*probe)(const char *text, u8 *mac) = mac_pton;
