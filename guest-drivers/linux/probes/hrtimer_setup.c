// SPDX-License-Identifier: GPL-2.0-only
/* The function of a timer is set by hrtimer_setup() (6.13), the only way since 6.15. */
#include <linux/hrtimer.h>

void (*probe)(struct hrtimer *timer,
	      enum hrtimer_restart (*function)(struct hrtimer *),
	      clockid_t clock, enum hrtimer_mode mode) = hrtimer_setup;
