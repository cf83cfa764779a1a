// SPDX-License-Identifier: GPL-2.0-only
/*
 * ethtool -t: tests of the VIF page, the doorbell page, the send queue and
 * signals.  Process context with rtnl held.  The tests do not disturb traffic:
 * online and offline tests are the same, except that an offline test resets the
 * VIF first.
 */
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/jiffies.h>

#include "svnic_vif.h"

#define SVNIC_TEST_DEADLINE	msecs_to_jiffies(2000)

const char svnic_test_names[SVNIC_TESTS][ETH_GSTRING_LEN] = {
	[SVNIC_TEST_PAGE]   = "VIF page",
	[SVNIC_TEST_MASK]   = "Signal mask register",
	[SVNIC_TEST_SEND]   = "Send to own address",
	[SVNIC_TEST_SIGNAL] = "Send done signal",
	[SVNIC_TEST_LINK]   = "Link",
};

/* The VIF page agrees with the state of the netdev. */
static bool svnic_test_page(struct svnic_nic *nic)
{
	const struct svnic_vif_page *page = nic->page;

	return le32_to_cpu(READ_ONCE(page->abi)) >> 8 == SVNIC_IDENTITY >> 8 &&
	       le32_to_cpu(READ_ONCE(page->state)) == SVNIC_VIF_ACTIVE &&
	       le32_to_cpu(READ_ONCE(page->mtu)) == nic->netdev->mtu &&
	       ether_addr_equal(page->mac, nic->netdev->dev_addr);
}

/* Set and clear the mask bit of LINK, which each poll checks anyway. */
static bool svnic_test_mask(struct svnic_nic *nic)
{
	void __iomem *db = nic->tp->doorbell;
	bool set, cleared;

	writel(SVNIC_SIGNAL_LINK, db + SVNIC_DB_SIGNAL_MASK_SET);
	set = readl(db + SVNIC_DB_SIGNAL_MASK_SET) & SVNIC_SIGNAL_LINK &&
	      readl(db + SVNIC_DB_SIGNAL_MASK_CLEAR) & SVNIC_SIGNAL_LINK;
	writel(SVNIC_SIGNAL_LINK, db + SVNIC_DB_SIGNAL_MASK_CLEAR);
	cleared = !(readl(db + SVNIC_DB_SIGNAL_MASK_SET) & SVNIC_SIGNAL_LINK);
	return set && cleared;
}

/* Send a frame; wait until the card has consumed it and has signalled. */
static void svnic_test_send(struct svnic_nic *nic, bool *sent, bool *signalled)
{
	u64 irqs = READ_ONCE(nic->irqs);
	unsigned long deadline = jiffies + SVNIC_TEST_DEADLINE;
	u32 index;

	while (svnic_tx_test_frame(nic, &index)) {
		if (time_after(jiffies, deadline))
			return;
		usleep_range(100, 1000);
	}
	deadline = jiffies + SVNIC_TEST_DEADLINE;
	do {
		usleep_range(100, 1000);
		*sent = (s32)(svnic_ring_remote_index(&nic->tx.ring) - index) >= 0;
		*signalled = READ_ONCE(nic->irqs) != irqs;
	} while (!(*sent && *signalled) && time_before(jiffies, deadline));
}

/* ethtool_ops.self_test: @result is 0 for each test that passed. */
void svnic_self_test(struct net_device *netdev, struct ethtool_test *test,
		     u64 *result)
{
	struct svnic_nic *nic = netdev_priv(netdev);
	bool was_up = test_bit(SVNIC_UP, &nic->flags);
	bool offline = test->flags & ETH_TEST_FL_OFFLINE;
	bool sent = false, signalled = false;
	int i, err = 0;

	for (i = 0; i < SVNIC_TESTS; i++)
		result[i] = 1;
	if (was_up && offline)
		svnic_down(nic);
	if (!was_up || offline)
		err = svnic_up(nic);
	if (err) {
		test->flags |= ETH_TEST_FL_FAILED;
		return;
	}

	result[SVNIC_TEST_PAGE] = !svnic_test_page(nic);
	result[SVNIC_TEST_MASK] = !svnic_test_mask(nic);
	svnic_test_send(nic, &sent, &signalled);
	result[SVNIC_TEST_SEND] = !sent;
	result[SVNIC_TEST_SIGNAL] = !signalled;
	result[SVNIC_TEST_LINK] = !nic->link;

	if (!was_up)
		svnic_down(nic);
	for (i = 0; i < SVNIC_TESTS; i++)
		if (result[i])
			test->flags |= ETH_TEST_FL_FAILED;
}
