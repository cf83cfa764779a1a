/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * State of the VIF driver and functions shared between its files.
 *
 * Locking:
 *   svnic_tx           transmit lock of the only queue
 *   svnic_rx           NAPI context
 *   up and down        rtnl
 *   everything else    see the field
 */
#ifndef SVNIC_VIF_H
#define SVNIC_VIF_H

#include <linux/bits.h>
#include <linux/dim.h>
#include <linux/ethtool.h>
#include <linux/hrtimer.h>
#include <linux/netdevice.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>

#include "ring.h"
#include "svnic_compat.h"
#include "svnic_transport.h"

/* Frames up to this length are copied to the linear part of the skb. */
#define SVNIC_RX_LINEAR		1600
/* Size of the linear part for longer frames, which holds headers only. */
#define SVNIC_RX_HEAD		256

/* Limit of frames before a poll, with adaptive moderation. */
#define SVNIC_ADAPTIVE_FRAMES	256
/* Interval of samples for net_dim(). */
#define SVNIC_RX_SAMPLE		msecs_to_jiffies(20)

/* Speed as reported until another is set: that of the card's ports, Mbit/s. */
#define SVNIC_SPEED		SPEED_1000

/* Automatic resets within the window before the interface is halted. */
#define SVNIC_RESET_LIMIT	5
/* Interval of looks for lost interrupts and doorbells. */
#define SVNIC_WATCH		HZ
#define SVNIC_RESET_WINDOW	(60 * HZ)

struct svnic_tx_stats {
	u64_stats_t packets;
	u64_stats_t bytes;
	u64_stats_t doorbells;
	u64_stats_t doorbells_skipped;	/* the card was busy: none needed */
	u64_stats_t stops;		/* queue stopped: no free slots */
	u64_stats_t dropped;		/* invalid, or interface halted */
};

struct svnic_rx_stats {
	u64_stats_t packets;
	u64_stats_t bytes;
	u64_stats_t multicast;
	u64_stats_t polls;
	u64_stats_t no_memory;
	u64_stats_t bad_offload;	/* header inconsistent with frame */
	u64_stats_t doorbells;
};

struct svnic_tx {
	struct svnic_ring ring;
	u32 prod;			/* next slot to fill */
	u32 published;			/* prod as published last */
	u32 clean;			/* next slot to reclaim */
	u32 *length;			/* [slots]: of the frame starting there */
	struct u64_stats_sync sync;
	struct svnic_tx_stats stats;
};

struct svnic_rx {
	struct svnic_ring ring;
	u32 cons;			/* next slot to read */
	u32 published;			/* cons as published last */
	u32 last_slots;			/* of the last frame received */
	u16 bursts;			/* polls that found frames */
	unsigned long sampled;		/* jiffies, see svnic_rx_sample() */
	struct page_frag frag;		/* page for payload of long frames */
	struct u64_stats_sync sync;
	struct svnic_rx_stats stats;
};

enum svnic_flag {
	SVNIC_UP,			/* rings in use; written with rtnl */
	SVNIC_BROKEN,			/* invalid data from the card; until up */
	SVNIC_STOPPED,			/* reset work is scheduled */
};

struct svnic_nic {
	struct net_device *netdev;
	struct svnic_transport *tp;
	struct svnic_client client;
	struct napi_struct napi;
	unsigned long flags;		/* enum svnic_flag */
	struct svnic_vif_page *page;
	u32 generation;			/* of the VIF page when brought up */
	bool link;			/* NAPI, or while not up */
	u32 speed;			/* as reported, Mbit/s; rtnl */
	u8 duplex;

	struct svnic_tx tx ____cacheline_aligned_in_smp;
	struct svnic_rx rx ____cacheline_aligned_in_smp;

	/* interrupt moderation as configured; rtnl */
	u32 rx_set_usecs;
	u32 rx_set_frames;
	bool rx_adaptive;		/* overrides these; read by NAPI */
	/* moderation in use; NAPI, its work, or while NAPI is disabled */
	u32 rx_usecs;
	u32 rx_frames;
	struct dim rx_dim;
	struct hrtimer rx_timer;

	u64 irqs;			/* interrupt handler */
	u64 resets;			/* rtnl, as the next two */
	unsigned long reset_since;
	unsigned int reset_count;
	bool promisc;			/* as set on the card; rtnl */
	struct work_struct reset_work;
	struct work_struct mode_work;

	/* look for lost signals; its work, or while not up */
	struct delayed_work watch_work;
	bool watch_pending;		/* work for a poll at the last look */
	bool watch_behind;		/* frames for the card then */
	u32 watch_taken;		/* the card's send index then */
	u64 watch_polls;		/* polls until then */
	u64 irqs_missed;
	u64 doorbells_repeated;
};

/* Neither send nor receive until the next up or reset. */
static inline bool svnic_halted(const struct svnic_nic *nic)
{
	return READ_ONCE(nic->flags) & (BIT(SVNIC_BROKEN) | BIT(SVNIC_STOPPED));
}

/* netdev.c */
struct net_device *svnic_netdev_create(struct svnic_transport *tp);
void svnic_netdev_destroy(struct net_device *netdev);
int svnic_up(struct svnic_nic *nic);
void svnic_down(struct svnic_nic *nic);
int svnic_resize(struct svnic_nic *nic, u32 send_slots, u32 recv_slots);
void svnic_broken(struct svnic_nic *nic, const char *what, u32 value);
void svnic_check_state(struct svnic_nic *nic);

/* power.c */
void svnic_netdev_suspend(struct net_device *netdev);
int svnic_netdev_resume(struct net_device *netdev);
void svnic_netdev_shutdown(struct net_device *netdev);

/* xen.c */
#ifdef CONFIG_XEN_XENBUS_FRONTEND
int svnic_xen_register(void);
void svnic_xen_unregister(void);
#else
static inline int svnic_xen_register(void)
{
	return 0;
}

static inline void svnic_xen_unregister(void)
{
}
#endif

/* tx.c */
netdev_tx_t svnic_xmit(struct sk_buff *skb, struct net_device *netdev);
void svnic_tx_poll(struct svnic_nic *nic);
int svnic_tx_test_frame(struct svnic_nic *nic, u32 *index);
bool svnic_tx_has_work(struct svnic_nic *nic);

/* rx.c */
int svnic_poll(struct napi_struct *napi, int budget);
bool svnic_has_work(struct svnic_nic *nic);
void svnic_watch_start(struct svnic_nic *nic);
void svnic_watch_work(struct work_struct *work);
enum hrtimer_restart svnic_rx_timer(struct hrtimer *timer);
void svnic_rx_moderate(struct svnic_nic *nic);

/* ethtool.c, selftest.c */
extern const struct ethtool_ops svnic_ethtool_ops;
enum svnic_test {
	SVNIC_TEST_PAGE,
	SVNIC_TEST_MASK,
	SVNIC_TEST_SEND,
	SVNIC_TEST_SIGNAL,
	SVNIC_TEST_LINK,
	SVNIC_TESTS
};

extern const char svnic_test_names[SVNIC_TESTS][ETH_GSTRING_LEN];
void svnic_self_test(struct net_device *netdev, struct ethtool_test *test,
		     u64 *result);

#endif /* SVNIC_VIF_H */
