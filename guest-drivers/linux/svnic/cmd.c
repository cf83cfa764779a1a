// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command channel: command blocks in the card's command area, a mailbox
 * that points at one of them, and the XScale's doorbell (spec: "Boot and
 * command mailboxes").
 *
 * Process context only; channel->lock serializes commands.  The card announces
 * the answer with the manager's interrupt, but the status in the block is
 * authoritative: it is polled as well, so that a lost interrupt only costs
 * time.  After a command without an answer the card may still write the block,
 * and its state is unknown: the channel is marked broken and all commands fail
 * until svnic_channel_recover() has received an answer again.
 */
#include <linux/delay.h>
#include <linux/io.h>

#include "svnic.h"

#define SVNIC_BOOT_TIMEOUT	msecs_to_jiffies(10000)
#define SVNIC_CMD_TIMEOUT	msecs_to_jiffies(10000)
/* polling interval: starts at the minimum, doubles up to the maximum */
#define SVNIC_CMD_POLL_MIN	msecs_to_jiffies(20)
#define SVNIC_CMD_POLL_MAX	msecs_to_jiffies(500)

static const int svnic_status_errors[] = {
	[SVNIC_ST_OK]		= 0,
	[SVNIC_ST_UNSUPPORTED]	= -EOPNOTSUPP,
	[SVNIC_ST_BAD_VERSION]	= -EPROTO,
	[SVNIC_ST_BAD_POINTER]	= -EFAULT,
	[SVNIC_ST_BAD_FLAGS]	= -EINVAL,
	[SVNIC_ST_BAD_ATTR]	= -EINVAL,
	[SVNIC_ST_NO_SUCH_VIF]	= -ENODEV,
	[SVNIC_ST_VIF_IN_USE]	= -EEXIST,
	[SVNIC_ST_NO_FREE_VIF]	= -ENOSPC,
	[SVNIC_ST_NO_MEMORY]	= -ENOMEM,
	[SVNIC_ST_BAD_MAC]	= -EADDRNOTAVAIL,
	[SVNIC_ST_MAC_IN_USE]	= -EADDRINUSE,
	[SVNIC_ST_BAD_PORT]	= -EINVAL,
	[SVNIC_ST_BAD_QUEUE_SIZE]	= -EINVAL,
	[SVNIC_ST_BAD_MTU]	= -EINVAL,
	[SVNIC_ST_BAD_LINK]	= -EINVAL,
	[SVNIC_ST_VIF_ACTIVE]	= -EBUSY,
	[SVNIC_ST_NOT_ACTIVE]	= -ENETDOWN,
	[SVNIC_ST_NO_MAC]	= -EADDRNOTAVAIL,
	[SVNIC_ST_VIF_STOPPED]	= -EIO,
	[SVNIC_ST_NOT_CHANGEABLE]	= -EBUSY,
	[SVNIC_ST_BAD_PLACEMENT]	= -EOPNOTSUPP,
	[SVNIC_ST_NOT_ON_HOST]	= -EINVAL,
	[SVNIC_ST_BAD_MAP]	= -EINVAL,
	[SVNIC_ST_BAD_ADDRESS]	= -EFAULT,
	[SVNIC_ST_PAGE_IN_USE]	= -EEXIST,
	[SVNIC_ST_NOT_MAPPED]	= -ENXIO,
	[SVNIC_ST_BAD_VECTOR]	= -EINVAL,
};

static const struct {
	const char *text;
} svnic_status_texts[] = {
#define SVNIC_STATUS_TEXT(name, number, text)	{ text },
	SVNIC_STATUSES(SVNIC_STATUS_TEXT)
#undef SVNIC_STATUS_TEXT
};
static_assert(ARRAY_SIZE(svnic_status_errors) == ARRAY_SIZE(svnic_status_texts));

/**
 * svnic_status_text() - describe a status code of the firmware
 * @status: enum svnic_status, or any other value
 *
 * Return: a constant string.
 */
const char *svnic_status_text(u32 status)
{
	return status < ARRAY_SIZE(svnic_status_texts) ?
		svnic_status_texts[status].text : "unknown status";
}

static int svnic_status_error(u32 status)
{
	return status < ARRAY_SIZE(svnic_status_errors) ?
		svnic_status_errors[status] : -EPROTO;
}

static u32 svnic_mailbox(struct svnic_card *card, unsigned int n)
{
	return ioread32(card->pci_csr + SVNIC_PCI_CSR_MAILBOX(n));
}

/*
 * Wait until @block is no longer pending, until the timeout, or until the card
 * is gone (its registers read all ones).  Returns the status.
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

/* Like svnic_command(), with the lock held and without a look at ch->broken. */
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
 * svnic_command() - execute a command and wait for the answer
 * @card: the card
 * @cmd: opcode, flags, vif, index and attributes filled in, the rest zero;
 *	holds the answer on return
 *
 * May sleep, up to SVNIC_CMD_TIMEOUT.  Spec: "Commands".
 *
 * Return: 0, or the errno of the status code (cmd->status has the code itself),
 * -ETIMEDOUT if there was no answer, -EIO if an earlier command had none,
 * -ESHUTDOWN during a reset of the card.
 */
int svnic_command(struct svnic_card *card, struct svnic_cmd *cmd)
{
	struct svnic_channel *ch = &card->channel;
	int err;

	BUILD_BUG_ON(sizeof(*cmd) != SVNIC_CMD_BLOCK_SIZE);

	mutex_lock(&ch->lock);
	if (ch->broken || ch->stopped) {
		err = ch->stopped ? -ESHUTDOWN : -EIO;
		goto unlock;
	}
	err = __svnic_command(card, cmd);
	if (err == -ETIMEDOUT) {
		ch->broken = true;
		dev_err(&card->pdev->dev,
			"command %u timed out (mailbox STATUS reads 0x%x): all commands fail until 'devlink health recover' (reporter fw)\n",
			ch->last_opcode,
			svnic_mailbox(card, SVNIC_MAILBOX_STATUS));
		svnic_health_channel_broken(card);
	}
unlock:
	mutex_unlock(&ch->lock);
	return err;
}

static bool svnic_identity_valid(u32 identity)
{
	return identity >> 16 == SVNIC_IDENTITY_MAGIC &&
	       (identity >> 8 & 0xff) == SVNIC_ABI_MAJOR;
}

/**
 * svnic_channel_recover() - test a broken command channel and reopen it
 * @card: the card
 *
 * Return: 0 if the firmware answers or the channel was not broken, or a
 * negative errno.
 */
int svnic_channel_recover(struct svnic_card *card)
{
	struct svnic_channel *ch = &card->channel;
	struct svnic_cmd cmd = { .opcode = cpu_to_le16(SVNIC_CMD_QUERY) };
	int err = 0;

	mutex_lock(&ch->lock);
	if (ch->stopped)
		err = -ESHUTDOWN;
	if (!ch->broken || err)
		goto unlock;
	if (!svnic_identity_valid(svnic_mailbox(card,
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
 * svnic_query() - read the properties of the card
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
 * svnic_port_query() - read link state and counters of a port of the card
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

/* Wait for the firmware and map the command area. */
static int svnic_channel_map(struct svnic_card *card)
{
	struct svnic_channel *ch = &card->channel;
	unsigned long deadline = jiffies + SVNIC_BOOT_TIMEOUT;
	struct device *dev = &card->pdev->dev;
	u32 identity;

	while (!(identity = svnic_mailbox(card, SVNIC_MAILBOX_IDENTITY))) {
		if (time_after(jiffies, deadline)) {
			dev_err(dev, "mailbox IDENTITY still reads 0 after %u s: the firmware has not booted\n",
				jiffies_to_msecs(SVNIC_BOOT_TIMEOUT) / 1000);
			return -ETIMEDOUT;
		}
		msleep(20);
	}
	if (!svnic_identity_valid(identity)) {
		dev_err(dev, "mailbox IDENTITY reads 0x%08x: this driver needs magic 0x%04x and ABI %u.x\n",
			identity, SVNIC_IDENTITY_MAGIC, SVNIC_ABI_MAJOR);
		return -ENODEV;
	}
	card->abi = identity;

	ch->area_offset = svnic_mailbox(card, SVNIC_MAILBOX_AREA);
	if (!IS_ALIGNED(ch->area_offset, SVNIC_PAGE_SIZE) ||
	    card->sdram_size < SVNIC_CMD_AREA_SIZE ||
	    ch->area_offset > card->sdram_size - SVNIC_CMD_AREA_SIZE) {
		dev_err(dev, "mailbox AREA reads 0x%08x: not a page within the card's memory of 0x%llx bytes\n",
			ch->area_offset, card->sdram_size);
		return -ENODEV;
	}
	ch->area = memremap(card->sdram + ch->area_offset,
			    SVNIC_CMD_AREA_SIZE, MEMREMAP_WC);
	return ch->area ? 0 : -ENOMEM;
}

/**
 * svnic_channel_init() - wait for the firmware and open the command channel
 * @card: with its BARs mapped
 *
 * Return: 0, or a negative errno; the error has been logged.
 */
int svnic_channel_init(struct svnic_card *card)
{
	mutex_init(&card->channel.lock);
	init_completion(&card->channel.done);
	return svnic_channel_map(card);
}

/**
 * svnic_channel_stop() - send no more commands, before a reset of the card
 * @card: the card
 *
 * Waits for a command in flight.
 */
void svnic_channel_stop(struct svnic_card *card)
{
	mutex_lock(&card->channel.lock);
	card->channel.stopped = true;
	mutex_unlock(&card->channel.lock);
}

/**
 * svnic_channel_start() - wait for the firmware after a reset of the card
 * @card: after svnic_channel_stop()
 *
 * A command that an earlier firmware did not answer does not matter any more.
 *
 * Return: 0, or a negative errno; the error has been logged.
 */
int svnic_channel_start(struct svnic_card *card)
{
	struct svnic_channel *ch = &card->channel;
	int err;

	mutex_lock(&ch->lock);
	if (ch->area)
		memunmap(ch->area);
	ch->area = NULL;
	err = svnic_channel_map(card);
	if (!err) {
		ch->broken = false;
		ch->stopped = false;
	}
	mutex_unlock(&ch->lock);
	return err;
}

/**
 * svnic_channel_exit() - undo svnic_channel_init()
 * @card: without commands in flight or to come
 */
void svnic_channel_exit(struct svnic_card *card)
{
	if (card->channel.area)
		memunmap(card->channel.area);
	mutex_destroy(&card->channel.lock);
}
