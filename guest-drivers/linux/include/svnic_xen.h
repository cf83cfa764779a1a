/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * XenStore protocol for the VIF of a Xen guest, between back end
 * (svnic_xenback, dom0), front end (svnic_vif, guest) and tools (svnic-attach,
 * svnic-detach, svnic-list, dom0).  Included by kernel code and by the tools.
 *
 * The device type is SVNIC_XEN_TYPE; its two directories are at the usual
 * places of Xen devices.  B is the state of the back end, F that of the front
 * end.  Attaching:
 *
 *   tool   creates both directories: B and F Initialising, SVNIC_XEN_MAC and
 *          other settings, online = 1
 *   back   creates the VIF; writes its addresses, attributes and event channel
 *          in one transaction
 *   tool   permits the guest to map those frames, then SVNIC_XEN_GRANTED = 1
 *   back   activates the VIF, B InitWait
 *   front  maps the frames, registers the interface, F Connected
 *   back   B Connected
 *
 * Detaching:
 *
 *   tool   online = 0, B Closing
 *   front  unregisters, unmaps, F Closed
 *   back   deactivates the VIF, B Closed
 *   tool   revokes the permission, removes both directories
 *
 * A front end may also close and connect again: online stays 1, B becomes
 * Closed and then InitWait again.
 */
#ifndef SVNIC_XEN_H
#define SVNIC_XEN_H

#define SVNIC_XEN_TYPE		"svnic"

/* Directory of the back end, written by the tool when it creates the device. */
#define SVNIC_XEN_MAC		"mac"		/* aa:bb:cc:dd:ee:ff */
#define SVNIC_XEN_PORT		"port"		/* card's port, default 0 */
#define SVNIC_XEN_MTU		"mtu"
#define SVNIC_XEN_SEND_SLOTS	"send-slots"
#define SVNIC_XEN_RECV_SLOTS	"recv-slots"
#define SVNIC_XEN_GRANTED	"granted"	/* 1: the guest may map */

/*
 * Directory of the back end, written by the back end.  Frames are machine
 * frame numbers (4 KiB), decimal.
 */
#define SVNIC_XEN_VIF		"vif"		/* id on the card */
#define SVNIC_XEN_DB_FRAME	"doorbell-frame"
#define SVNIC_XEN_MEM_FRAME	"memory-frame"	/* first of the region */
#define SVNIC_XEN_MEM_FRAMES	"memory-frames"
#define SVNIC_XEN_EVENT		"event-channel"	/* to be bound by the guest */
#define SVNIC_XEN_ABI		"abi"		/* as MAILBOX_IDENTITY */
#define SVNIC_XEN_FEATURES	"features"	/* SVNIC_CAP_* */
#define SVNIC_XEN_FIRMWARE	"firmware"
#define SVNIC_XEN_SIGNAL	"signal"	/* "vector N", "irq-bit N" */
#define SVNIC_XEN_RESPONSE	"response"

/*
 * Requests to the manager; the data path needs none.  The front end writes
 * "SEQUENCE REQUEST [ARGUMENT]" to SVNIC_XEN_REQUEST in its directory and waits
 * until SVNIC_XEN_RESPONSE of the back end is "SEQUENCE ERRNO [...]", with ERRNO
 * 0 or negative.  One request at a time: a request that is overwritten before
 * it was read gets no answer.  Sequence numbers are not 0.  The back end reads
 * the next request of a guest at the earliest 20 ms after its last answer.
 */
#define SVNIC_XEN_REQUEST	"request"
#define SVNIC_XEN_REQ_RESET	"reset"		/* queues at 0, as VIF_RESET */
#define SVNIC_XEN_REQ_MTU	"mtu"		/* argument: bytes */
#define SVNIC_XEN_REQ_STATS	"stats"		/* answer: the words of struct
						 * svnic_vif_stats in order
						 */
#define SVNIC_XEN_REQ_SIZE	48		/* longest request, with NUL */

#endif /* SVNIC_XEN_H */
