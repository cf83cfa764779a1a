/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VIF in the hands of a Xen guest: what back end (svnic_xenback, dom0),
 * front end (svnic_vif, guest) and tools (svnic-attach and its kin, dom0) say
 * to each other through XenStore.  Included by kernel code and by the tools.
 *
 * The device's type is SVNIC_XEN_TYPE; its two folders are where those of
 * every Xen device are.  The states, B of the back end, F of the front end:
 *
 *   tool   makes both folders: B and F Initialising, SVNIC_XEN_MAC and other
 *          wishes, online = 1
 *   back   makes the VIF, and says in one transaction where it lies, what it
 *          is like and which event channel carries its signals
 *   tool   permits the guest to map those frames, then SVNIC_XEN_GRANTED = 1
 *   back   activates the VIF, B InitWait
 *   front  maps the frames, registers the interface, F Connected
 *   back   B Connected
 *
 * and, to part:
 *
 *   tool   online = 0, B Closing
 *   front  unregisters, unmaps, F Closed
 *   back   deactivates the VIF, B Closed
 *   tool   revokes the permission, removes both folders
 *
 * A front end may also close and come back by itself: online stays 1, B goes
 * Closed and InitWait again.
 */
#ifndef SVNIC_XEN_H
#define SVNIC_XEN_H

#define SVNIC_XEN_TYPE		"svnic"

/* Back end's folder, written by the tool before the device is there. */
#define SVNIC_XEN_MAC		"mac"		/* aa:bb:cc:dd:ee:ff */
#define SVNIC_XEN_PORT		"port"		/* card's port, default 0 */
#define SVNIC_XEN_MTU		"mtu"
#define SVNIC_XEN_SEND_SLOTS	"send-slots"
#define SVNIC_XEN_RECV_SLOTS	"recv-slots"
#define SVNIC_XEN_GRANTED	"granted"	/* 1: the guest may map */

/*
 * Back end's folder, written by the back end.  Frames are machine frames of
 * 4 KiB, decimal.
 */
#define SVNIC_XEN_VIF		"vif"		/* id on the card */
#define SVNIC_XEN_DB_FRAME	"doorbell-frame"
#define SVNIC_XEN_MEM_FRAME	"memory-frame"	/* first of the run */
#define SVNIC_XEN_MEM_FRAMES	"memory-frames"
#define SVNIC_XEN_EVENT		"event-channel"	/* to be bound by the guest */
#define SVNIC_XEN_ABI		"abi"		/* as MAILBOX_IDENTITY */
#define SVNIC_XEN_FEATURES	"features"	/* SVNIC_CAP_* */
#define SVNIC_XEN_FIRMWARE	"firmware"
#define SVNIC_XEN_SIGNAL	"signal"	/* "vector N", "identifier N" */
#define SVNIC_XEN_RESPONSE	"response"

/*
 * Requests to the manager, which the data path never makes.  The front end
 * writes "SEQUENCE WHAT [ARGUMENT]" into SVNIC_XEN_REQUEST of its folder and
 * waits until the back end's SVNIC_XEN_RESPONSE is "SEQUENCE ERRNO [...]",
 * ERRNO 0 or negative.  One at a time; a request that is replaced before it
 * was read is never answered.  Sequence numbers are not 0.
 */
#define SVNIC_XEN_REQUEST	"request"
#define SVNIC_XEN_REQ_RESET	"reset"		/* queues at 0, as VIF_RESET */
#define SVNIC_XEN_REQ_MTU	"mtu"		/* argument: bytes */
#define SVNIC_XEN_REQ_STATS	"stats"		/* answer: struct svnic_vif_stats,
						 * its words in order
						 */
#define SVNIC_XEN_REQ_SIZE	48		/* longest request, with NUL */

#endif /* SVNIC_XEN_H */
