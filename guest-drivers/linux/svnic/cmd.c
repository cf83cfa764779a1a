// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command channel: blocks in the card's command area, a mailbox that
 * points at one, the XScale's doorbell, and an answer (spec: "Boot and
 * command mailboxes").
 *
 * Process context only; channel->lock lets one command through at a time.
 * The answer is announced by the manager's interrupt, but the block's status
 * is what counts: it is looked at now and then as well, so that a lost
 * interrupt costs time and nothing else.  After a command that was never
 * answered the card may still write its block, and nothing is known of its
 * state: the channel is broken, all further commands fail at once, until
 * svnic_channel_recover() has proved that the firmware answers again.
 */
#include <linux/delay.h>
#include <linux/io.h>

#include "svnic.h"

#define SVNIC_BOOT_TIMEOUT	msecs_to_jiffies(10000)
#define SVNIC_CMD_TIMEOUT	msecs_to_jiffies(10000)
/* first look without an interrupt; doubles up to the second */
#define SVNIC_CMD_POLL_MIN	msecs_to_jiffies(20)
#define SVNIC_CMD_POLL_MAX	msecs_to_jiffies(500)

static const struct {
	int error;
	const char *text;
} svnic_refusals[] = {
	[SVNIC_ST_OK]		  = { 0, "ok" },
	[SVNIC_ST_UNSUPPORTED]	  = { -EOPNOTSUPP, "command not supported" },
	[SVNIC_ST_BAD_VERSION]	  = { -EPROTO, "command version not known" },
	[SVNIC_ST_BAD_POINTER]	  = { -EFAULT, "command block misplaced" },
	[SVNIC_ST_BAD_FLAGS]	  = { -EINVAL, "unknown flag" },
	[SVNIC_ST_BAD_ATTR]	  = { -EINVAL, "unknown attribute, or none" },
	[SVNIC_ST_NO_SUCH_VIF]	  = { -ENODEV, "no such VIF" },
	[SVNIC_ST_VIF_IN_USE]	  = { -EEXIST, "this VIF exists already" },
	[SVNIC_ST_NO_FREE_VIF]	  = { -ENOSPC, "all VIFs are in use" },
	[SVNIC_ST_NO_MEMORY]	  = { -ENOMEM, "not enough card memory" },
	[SVNIC_ST_BAD_MAC]	  = { -EADDRNOTAVAIL,
				      "MAC address is multicast or zero" },
	[SVNIC_ST_MAC_IN_USE]	  = { -EADDRINUSE, "MAC address is in use" },
	[SVNIC_ST_BAD_PORT]	  = { -EINVAL, "no such port" },
	[SVNIC_ST_BAD_QUEUE_SIZE] = { -EINVAL, "queue size out of range" },
	[SVNIC_ST_BAD_MTU]	  = { -EINVAL, "MTU out of range" },
	[SVNIC_ST_BAD_LINK]	  = { -EINVAL, "unknown link policy" },
	[SVNIC_ST_VIF_ACTIVE]	  = { -EBUSY, "the VIF is active" },
	[SVNIC_ST_NOT_ACTIVE]	  = { -ENETDOWN, "the VIF is not active" },
	[SVNIC_ST_NO_MAC]	  = { -EADDRNOTAVAIL, "no MAC address set" },
	[SVNIC_ST_VIF_STOPPED]	  = { -EIO, "the VIF is stopped" },
	[SVNIC_ST_NOT_CHANGEABLE] = { -EBUSY, "not while the VIF is active" },
	[SVNIC_ST_BAD_PLACEMENT]  = { -EOPNOTSUPP, "no such placement here" },
	[SVNIC_ST_NOT_ON_HOST]	  = { -EINVAL, "the VIF is in card memory" },
	[SVNIC_ST_BAD_MAP]	  = { -EINVAL, "not pages of the VIF" },
	[SVNIC_ST_BAD_ADDRESS]	  = { -EFAULT,
				      "the card reaches no memory there" },
	[SVNIC_ST_PAGE_IN_USE]	  = { -EEXIST, "the page is in use" },
	[SVNIC_ST_NOT_MAPPED]	  = { -ENXIO,
				      "the VIF has not all of its memory" },
};

/**
 * svnic_status_text() - what a status code of the firmware means
 * @status: enum svnic_status, or anything
 *
 * Return: a text that lives for ever.
 */
const char *svnic_status_text(u32 status)
{
	if (status >= ARRAY_SIZE(svnic_refusals))
		return "unknown status";
	return svnic_refusals[status].text;
}

static int svnic_status_error(u32 status)
{
	if (status >= ARRAY_SIZE(svnic_refusals))
		return -EPROTO;
	return svnic_refusals[status].error;
}

static u32 svnic_mailbox(struct svnic_card *card, unsigned int n)
{
	return ioread32(card->pci_csr + SVNIC_PCI_CSR_MAILBOX(n));
}

/*
 * Waits until @block is no longer pending, the time is over, or the card has
 * gone (its registers read all ones).  Returns the status.
 */
static u32 svnic_wait(struct svnic_card *card, const struct svnic_cmd *block)
{
	struct svnic_channel *ch = &card->channel;
	unsigned long deadline = jiffies + SVNIC_CMD_TIMEOUT;
	unsigned long wait = SVNIC_CMD_POLL_MIN;
	u32 status;

	while ((status = le32_to_cpu(READ_ONCE(block->status))) ==
	       SVNIC_ST_PENDING) {
		if (time_after(jiffies, deadline) ||
		    svnic_mailbox(card, SVNIC_MAILBOX_IDENTITY) == U32_MAX)
			return SVNIC_ST_PENDING;
		if (!wait_for_completion_timeout(&ch->done, wait) &&
		    le32_to_cpu(READ_ONCE(block->status)) != SVNIC_ST_PENDING &&
		    card->irq.up)
			ch->polled++;
		wait = min(2 * wait, SVNIC_CMD_POLL_MAX);
	}
	return status;
}

/* As svnic_command(), with the lock held and whatever ch->broken says. */
static int __svnic_command(struct svnic_card *card, struct svnic_cmd *cmd)
{
	struct svnic_channel *ch = &card->channel;
	unsigned int n = ch->next++ % SVNIC_CMD_BLOCKS;
	u32 offset = n * SVNIC_CMD_BLOCK_SIZE;
	struct svnic_cmd *block = ch->area + offset;
	u32 status;

	cmd->version = cpu_to_le16(SVNIC_CMD_VERSION);
	cmd->status = cpu_to_le32(SVNIC_ST_PENDING);
	reinit_completion(&ch->done);
	memcpy(block, cmd, sizeof(*cmd));
	/* The block before the mailbox; the mapping is write-combining. */
	wmb();
	iowrite32(ch->area_offset + offset, card->pci_csr +
		  SVNIC_PCI_CSR_MAILBOX(SVNIC_MAILBOX_COMMAND));
	iowrite32(SVNIC_XSCALE_DB_COMMAND,
		  card->pci_csr + SVNIC_PCI_CSR_XSCALE_DOORBELL);

	ch->commands++;
	ch->last_opcode = le16_to_cpu(cmd->opcode);
	status = svnic_wait(card, block);
	ch->last_status = status;
	if (status == SVNIC_ST_PENDING) {
		ch->timeouts++;
		return -ETIMEDOUT;
	}
	/* The status before the rest of the answer. */
	rmb();
	memcpy(cmd, block, sizeof(*cmd));
	if (status != SVNIC_ST_OK) {
		ch->refused++;
		dev_dbg(&card->pdev->dev, "command %u, VIF %d: %s (%u)\n",
			ch->last_opcode, (int)le32_to_cpu(cmd->vif),
			svnic_status_text(status), status);
	}
	cmd->status = cpu_to_le32(status);
	return svnic_status_error(status);
}

/**
 * svnic_command() - have the firmware do a command, and wait for it
 * @card: the card
 * @cmd: opcode, flags, vif, index and attributes filled in, the rest zero;
 *	holds the answer afterwards
 *
 * May sleep, up to SVNIC_CMD_TIMEOUT.  Spec: "Commands".
 *
 * Return: 0, or what the status code means (cmd->status has the code
 * itself), -ETIMEDOUT if there was no answer, -EIO if an earlier command had
 * none.
 */
int svnic_command(struct svnic_card *card, struct svnic_cmd *cmd)
{
	struct svnic_channel *ch = &card->channel;
	int err;

	BUILD_BUG_ON(sizeof(*cmd) != SVNIC_CMD_BLOCK_SIZE);

	mutex_lock(&ch->lock);
	if (ch->broken) {
		err = -EIO;
		goto unlock;
	}
	err = __svnic_command(card, cmd);
	if (err == -ETIMEDOUT) {
		ch->broken = true;
		dev_err(&card->pdev->dev,
			"the firmware does not answer command %u (mailbox status %u): try 'devlink health recover'\n",
			ch->last_opcode,
			svnic_mailbox(card, SVNIC_MAILBOX_STATUS));
		svnic_health_channel_broken(card);
	}
unlock:
	mutex_unlock(&ch->lock);
	return err;
}

static bool svnic_identity_known(u32 identity)
{
	return identity >> 16 == SVNIC_IDENTITY_MAGIC &&
	       (identity >> 8 & 0xff) == SVNIC_ABI_MAJOR;
}

/**
 * svnic_channel_recover() - make a broken command channel usable again
 * @card: the card
 *
 * Return: 0 if the firmware answers (or the channel was not broken).
 */
int svnic_channel_recover(struct svnic_card *card)
{
	struct svnic_channel *ch = &card->channel;
	struct svnic_cmd cmd = { .opcode = cpu_to_le16(SVNIC_CMD_QUERY) };
	int err = 0;

	mutex_lock(&ch->lock);
	if (!ch->broken)
		goto unlock;
	if (!svnic_identity_known(svnic_mailbox(card,
						SVNIC_MAILBOX_IDENTITY)) ||
	    svnic_mailbox(card, SVNIC_MAILBOX_AREA) != ch->area_offset) {
		err = -ENODEV;
		goto unlock;
	}
	err = __svnic_command(card, &cmd);
	if (!err)
		ch->broken = false;
unlock:
	mutex_unlock(&ch->lock);
	return err;
}

/**
 * svnic_query() - ask for the properties of the card
 * @card: the card
 * @info: the answer
 *
 * Return: as svnic_command().
 */
int svnic_query(struct svnic_card *card, struct svnic_card_info *info)
{
	struct svnic_cmd cmd = { .opcode = cpu_to_le16(SVNIC_CMD_QUERY) };
	int err;

	err = svnic_command(card, &cmd);
	if (!err)
		*info = cmd.u.card;
	return err;
}

/**
 * svnic_port_query() - ask for link and counters of one of the card's ports
 * @card: the card
 * @port: 0 to card->ports - 1
 * @info: the answer
 *
 * Return: as svnic_command().
 */
int svnic_port_query(struct svnic_card *card, u32 port,
		     struct svnic_port_info *info)
{
	struct svnic_cmd cmd = {
		.opcode = cpu_to_le16(SVNIC_CMD_PORT_QUERY),
		.index = cpu_to_le32(port),
	};
	int err;

	err = svnic_command(card, &cmd);
	if (!err)
		*info = cmd.u.port;
	return err;
}

/**
 * svnic_channel_init() - wait for the firmware, find the command area
 * @card: with its BARs mapped
 *
 * Return: 0, or a negative errno after a message.
 */
int svnic_channel_init(struct svnic_card *card)
{
	struct svnic_channel *ch = &card->channel;
	unsigned long deadline = jiffies + SVNIC_BOOT_TIMEOUT;
	struct device *dev = &card->pdev->dev;
	u32 identity;

	mutex_init(&ch->lock);
	init_completion(&ch->done);

	while (!(identity = svnic_mailbox(card, SVNIC_MAILBOX_IDENTITY))) {
		if (time_after(jiffies, deadline)) {
			dev_err(dev, "the card's firmware has not come up\n");
			return -ETIMEDOUT;
		}
		msleep(20);
	}
	if (!svnic_identity_known(identity)) {
		dev_err(dev, "firmware identity %08x: this driver knows %08x and later minors\n",
			identity, SVNIC_IDENTITY);
		return -ENODEV;
	}
	card->abi = identity;

	ch->area_offset = svnic_mailbox(card, SVNIC_MAILBOX_AREA);
	if (!IS_ALIGNED(ch->area_offset, SVNIC_PAGE_SIZE) ||
	    card->sdram_size < SVNIC_CMD_AREA_SIZE ||
	    ch->area_offset > card->sdram_size - SVNIC_CMD_AREA_SIZE) {
		dev_err(dev, "command area %08x lies outside of the card's memory\n",
			ch->area_offset);
		return -ENODEV;
	}
	ch->area = memremap(card->sdram + ch->area_offset,
			    SVNIC_CMD_AREA_SIZE, MEMREMAP_WC);
	return ch->area ? 0 : -ENOMEM;
}

/**
 * svnic_channel_exit() - undo svnic_channel_init()
 * @card: no command is in flight, and none comes
 */
void svnic_channel_exit(struct svnic_card *card)
{
	memunmap(card->channel.area);
	mutex_destroy(&card->channel.lock);
}
