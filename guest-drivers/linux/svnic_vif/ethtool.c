// SPDX-License-Identifier: GPL-2.0-only
/*
 * ethtool operations.  Process context with rtnl held.
 */
#include <linux/ethtool.h>
#include <linux/log2.h>
#include <linux/netdevice.h>

#include "svnic_vif.h"

#define SVNIC_MAX_RX_USECS	10000
#define SVNIC_MAX_RX_FRAMES	1024

struct svnic_stat {
	char name[ETH_GSTRING_LEN];
	size_t offset;
};

#define TX_STAT(name, field) { name, offsetof(struct svnic_tx_stats, field) }
#define RX_STAT(name, field) { name, offsetof(struct svnic_rx_stats, field) }
#define CARD_STAT(field) { "card_" #field, \
			   offsetof(struct svnic_vif_stats, field) }

static const struct svnic_stat svnic_tx_stats[] = {
	TX_STAT("tx_packets", packets),
	TX_STAT("tx_bytes", bytes),
	TX_STAT("tx_doorbells", doorbells),
	TX_STAT("tx_doorbells_skipped", doorbells_skipped),
	TX_STAT("tx_stops", stops),
	TX_STAT("tx_dropped", dropped),
};

static const struct svnic_stat svnic_rx_stats[] = {
	RX_STAT("rx_packets", packets),
	RX_STAT("rx_bytes", bytes),
	RX_STAT("rx_multicast", multicast),
	RX_STAT("rx_polls", polls),
	RX_STAT("rx_no_memory", no_memory),
	RX_STAT("rx_bad_offload", bad_offload),
	RX_STAT("rx_doorbells", doorbells),
};

static const char svnic_nic_stats[][ETH_GSTRING_LEN] = {
	"interrupts",
	"interrupts_missed",
	"doorbells_repeated",
	"resets",
	"rx_wait_usecs",
};

static const struct svnic_stat svnic_card_stats[] = {
#define SVNIC_CARD_STAT(name, label, meaning)	CARD_STAT(name),
	SVNIC_VIF_COUNTERS(SVNIC_CARD_STAT)
#undef SVNIC_CARD_STAT
};

static void svnic_get_drvinfo(struct net_device *netdev,
			      struct ethtool_drvinfo *info)
{
	struct svnic_nic *nic = netdev_priv(netdev);

	strscpy(info->driver, KBUILD_MODNAME, sizeof(info->driver));
	strscpy(info->bus_info, nic->tp->bus_info, sizeof(info->bus_info));
	strscpy(info->fw_version, nic->tp->firmware,
		sizeof(info->fw_version));
}

static int svnic_get_sset_count(struct net_device *netdev, int sset)
{
	switch (sset) {
	case ETH_SS_STATS:
		return ARRAY_SIZE(svnic_tx_stats) +
		       ARRAY_SIZE(svnic_rx_stats) +
		       ARRAY_SIZE(svnic_nic_stats) +
		       ARRAY_SIZE(svnic_card_stats);
	case ETH_SS_TEST:
		return SVNIC_TESTS;
	default:
		return -EOPNOTSUPP;
	}
}

static u8 *svnic_stat_names(u8 *p, const struct svnic_stat *stat, size_t n)
{
	for (; n; n--, stat++, p += ETH_GSTRING_LEN)
		memcpy(p, stat->name, ETH_GSTRING_LEN);
	return p;
}

static void svnic_get_strings(struct net_device *netdev, u32 sset, u8 *p)
{
	switch (sset) {
	case ETH_SS_STATS:
		p = svnic_stat_names(p, svnic_tx_stats,
				     ARRAY_SIZE(svnic_tx_stats));
		p = svnic_stat_names(p, svnic_rx_stats,
				     ARRAY_SIZE(svnic_rx_stats));
		memcpy(p, svnic_nic_stats, sizeof(svnic_nic_stats));
		p += sizeof(svnic_nic_stats);
		svnic_stat_names(p, svnic_card_stats,
				 ARRAY_SIZE(svnic_card_stats));
		break;
	case ETH_SS_TEST:
		memcpy(p, svnic_test_names, sizeof(svnic_test_names));
		break;
	}
}

static u64 *svnic_read_stats(u64 *data, const void *from,
			     const struct u64_stats_sync *sync,
			     const struct svnic_stat *stat, size_t n)
{
	unsigned int start;
	size_t i;

	do {
		start = u64_stats_fetch_begin(sync);
		for (i = 0; i < n; i++)
			data[i] = u64_stats_read(from + stat[i].offset);
	} while (u64_stats_fetch_retry(sync, start));
	return data + n;
}

static void svnic_get_ethtool_stats(struct net_device *netdev,
				    struct ethtool_stats *stats, u64 *data)
{
	struct svnic_nic *nic = netdev_priv(netdev);
	struct svnic_transport *tp = nic->tp;
	struct svnic_vif_stats card = {};
	size_t i;

	data = svnic_read_stats(data, &nic->tx.stats, &nic->tx.sync,
				svnic_tx_stats, ARRAY_SIZE(svnic_tx_stats));
	data = svnic_read_stats(data, &nic->rx.stats, &nic->rx.sync,
				svnic_rx_stats, ARRAY_SIZE(svnic_rx_stats));
	*data++ = READ_ONCE(nic->irqs);
	*data++ = READ_ONCE(nic->irqs_missed);
	*data++ = READ_ONCE(nic->doorbells_repeated);
	*data++ = nic->resets;
	*data++ = READ_ONCE(nic->rx_usecs);

	/* All 0 if the command fails: this operation cannot return an error. */
	if (!tp->ops->stats || tp->ops->stats(tp, &card))
		memset(&card, 0, sizeof(card));
	for (i = 0; i < ARRAY_SIZE(svnic_card_stats); i++) {
		const __le64 *value = (const void *)&card +
				      svnic_card_stats[i].offset;

		*data++ = le64_to_cpu(*value);
	}
}

static void svnic_get_ringparam(struct net_device *netdev,
				struct ethtool_ringparam *ring,
				struct kernel_ethtool_ringparam *kernel_ring,
				struct netlink_ext_ack *extack)
{
	struct svnic_nic *nic = netdev_priv(netdev);

	ring->rx_max_pending = SVNIC_MAX_SLOTS;
	ring->tx_max_pending = SVNIC_MAX_SLOTS;
	if (!nic->page)
		return;
	ring->rx_pending = le32_to_cpu(READ_ONCE(nic->page->recv_slots));
	ring->tx_pending = le32_to_cpu(READ_ONCE(nic->page->send_slots));
}

static int svnic_set_ringparam(struct net_device *netdev,
			       struct ethtool_ringparam *ring,
			       struct kernel_ethtool_ringparam *kernel_ring,
			       struct netlink_ext_ack *extack)
{
	struct svnic_nic *nic = netdev_priv(netdev);

	if (!is_power_of_2(ring->rx_pending) ||
	    !is_power_of_2(ring->tx_pending) ||
	    ring->rx_pending < SVNIC_MIN_SLOTS ||
	    ring->tx_pending < SVNIC_MIN_SLOTS) {
		NL_SET_ERR_MSG_MOD(extack, "number of slots must be a power of two from 64 to 4096");
		return -EINVAL;
	}
	return svnic_resize(nic, ring->tx_pending, ring->rx_pending);
}

static int svnic_get_coalesce(struct net_device *netdev,
			      struct ethtool_coalesce *coalesce,
			      struct kernel_ethtool_coalesce *kernel_coalesce,
			      struct netlink_ext_ack *extack)
{
	struct svnic_nic *nic = netdev_priv(netdev);

	coalesce->use_adaptive_rx_coalesce = nic->rx_adaptive;
	coalesce->rx_coalesce_usecs = nic->rx_set_usecs;
	coalesce->rx_max_coalesced_frames = nic->rx_set_frames;
	return 0;
}

static int svnic_set_coalesce(struct net_device *netdev,
			      struct ethtool_coalesce *coalesce,
			      struct kernel_ethtool_coalesce *kernel_coalesce,
			      struct netlink_ext_ack *extack)
{
	struct svnic_nic *nic = netdev_priv(netdev);
	bool up = test_bit(SVNIC_UP, &nic->flags);
	u32 usecs = coalesce->rx_coalesce_usecs;
	u32 frames = coalesce->rx_max_coalesced_frames;

	if (usecs > SVNIC_MAX_RX_USECS) {
		NL_SET_ERR_MSG_MOD(extack, "rx-usecs must be 0 to 10000");
		return -EINVAL;
	}
	if (!frames || frames > SVNIC_MAX_RX_FRAMES) {
		NL_SET_ERR_MSG_MOD(extack, "rx-frames must be 1 to 1024");
		return -EINVAL;
	}
	if (frames > 1 && !usecs) {
		NL_SET_ERR_MSG_MOD(extack, "rx-frames above 1 needs rx-usecs above 0");
		return -EINVAL;
	}
	if (coalesce->use_adaptive_rx_coalesce &&
	    (usecs != nic->rx_set_usecs || frames != nic->rx_set_frames)) {
		NL_SET_ERR_MSG_MOD(extack, "rx-usecs and rx-frames cannot change with adaptive-rx on");
		return -EINVAL;
	}
	if (up)
		napi_disable(&nic->napi);
	nic->rx_adaptive = coalesce->use_adaptive_rx_coalesce;
	nic->rx_set_usecs = usecs;
	nic->rx_set_frames = frames;
	svnic_rx_moderate(nic);
	if (up) {
		napi_enable(&nic->napi);
		/* Poll for frames that arrived meanwhile. */
		local_bh_disable();
		napi_schedule(&nic->napi);
		local_bh_enable();
	}
	return 0;
}

static void svnic_get_channels(struct net_device *netdev,
			       struct ethtool_channels *channels)
{
	channels->max_combined = 1;
	channels->combined_count = 1;
}

/*
 * A VIF has no physical link.  The values inform users such as 802.3ad bonds and
 * the bridge, and limit nothing.
 */
static int svnic_get_link_ksettings(struct net_device *netdev,
				    struct ethtool_link_ksettings *cmd)
{
	struct svnic_nic *nic = netdev_priv(netdev);

	cmd->base.speed = nic->speed;
	cmd->base.duplex = nic->duplex;
	cmd->base.port = PORT_OTHER;
	cmd->base.autoneg = AUTONEG_DISABLE;
	return 0;
}

static int svnic_set_link_ksettings(struct net_device *netdev,
				    const struct ethtool_link_ksettings *cmd)
{
	struct svnic_nic *nic = netdev_priv(netdev);

	return ethtool_virtdev_set_link_ksettings(netdev, cmd, &nic->speed,
						  &nic->duplex);
}

const struct ethtool_ops svnic_ethtool_ops = {
	.supported_coalesce_params = ETHTOOL_COALESCE_RX_USECS |
				     ETHTOOL_COALESCE_RX_MAX_FRAMES |
				     ETHTOOL_COALESCE_USE_ADAPTIVE_RX,
	.get_drvinfo = svnic_get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_link_ksettings = svnic_get_link_ksettings,
	.set_link_ksettings = svnic_set_link_ksettings,
	.get_sset_count = svnic_get_sset_count,
	.get_strings = svnic_get_strings,
	.get_ethtool_stats = svnic_get_ethtool_stats,
	.get_ringparam = svnic_get_ringparam,
	.set_ringparam = svnic_set_ringparam,
	.get_coalesce = svnic_get_coalesce,
	.set_coalesce = svnic_set_coalesce,
	.get_channels = svnic_get_channels,
	.get_ts_info = ethtool_op_get_ts_info,
	.self_test = svnic_self_test,
};
