// SPDX-License-Identifier: GPL-2.0-only
/*
 * devlink health: reporter "fw" for a broken command channel, reporter "vif"
 * for VIFs that the card stopped because their owner broke a rule.
 *
 * Two work items issue the reports: devlink_health_report() takes the instance
 * lock, but the causes are detected in an interrupt and by commands with any
 * locks held.  A dump may run with or without the instance lock and therefore
 * takes none: it reads registers and queries the firmware.
 *
 * A stopped VIF that has an owner is restarted by the owner, which gets a
 * signal of its own and limits the number of restarts.  Only the
 * administrator's "recover" asks the owner to try again.  A stopped VIF without
 * an owner is reset here.
 */
#include "svnic.h"

/* A message under construction. */
struct svnic_msg {
	struct devlink_fmsg *fmsg;
	int err;		/* the first one; 6.7 and later store it in fmsg */
};

#ifdef SVNIC_HAVE_devlink_fmsg_void
#define svnic_fmsg_err(msg, call) (call)
#else
static void svnic_fmsg_err(struct svnic_msg *msg, int err)
{
	if (!msg->err)
		msg->err = err;
}
#endif

static void svnic_put_u32(struct svnic_msg *msg, const char *name, u32 value)
{
	svnic_fmsg_err(msg, devlink_fmsg_u32_pair_put(msg->fmsg, name, value));
}

static void svnic_put_u64(struct svnic_msg *msg, const char *name, u64 value)
{
	svnic_fmsg_err(msg, devlink_fmsg_u64_pair_put(msg->fmsg, name, value));
}

static void svnic_put_bool(struct svnic_msg *msg, const char *name, bool value)
{
	svnic_fmsg_err(msg, devlink_fmsg_bool_pair_put(msg->fmsg, name, value));
}

static void svnic_put_string(struct svnic_msg *msg, const char *name,
			     const char *value)
{
	svnic_fmsg_err(msg, devlink_fmsg_string_pair_put(msg->fmsg, name, value));
}

static int svnic_fw_dump(struct devlink_health_reporter *reporter,
			 struct devlink_fmsg *fmsg, void *priv_ctx,
			 struct netlink_ext_ack *extack)
{
	struct svnic_card *card = devlink_health_reporter_priv(reporter);
	struct svnic_msg msg = { .fmsg = fmsg };
	void __iomem *csr = card->pci_csr;
	u32 n;

	svnic_fmsg_err(&msg, devlink_fmsg_arr_pair_nest_start(fmsg, "mailboxes"));
	for (n = 0; n < SVNIC_PCI_CSR_MAILBOXES; n++) {
		u32 value = ioread32(csr + SVNIC_PCI_CSR_MAILBOX(n));

		svnic_fmsg_err(&msg, devlink_fmsg_u32_put(fmsg, value));
	}
	svnic_fmsg_err(&msg, devlink_fmsg_arr_pair_nest_end(fmsg));
	svnic_put_u32(&msg, "xscale_doorbell",
		      ioread32(csr + SVNIC_PCI_CSR_XSCALE_DOORBELL));
	svnic_put_u32(&msg, "pci_doorbell",
		      ioread32(csr + SVNIC_PCI_CSR_PCI_DOORBELL));
	svnic_put_u32(&msg, "primary_irq",
		      ioread16(card->csr + SVNIC_CSR_PRIMARY_CLEAR_IRQ));
	svnic_put_u32(&msg, "primary_mask",
		      ioread16(card->csr + SVNIC_CSR_PRIMARY_CLEAR_MASK));
	svnic_put_u32(&msg, "last_opcode", card->channel.last_opcode);
	svnic_put_u32(&msg, "last_status", card->channel.last_status);
	return msg.err;
}

static int svnic_fw_diagnose(struct devlink_health_reporter *reporter,
			     struct devlink_fmsg *fmsg,
			     struct netlink_ext_ack *extack)
{
	struct svnic_card *card = devlink_health_reporter_priv(reporter);
	struct svnic_channel *ch = &card->channel;
	struct svnic_msg msg = { .fmsg = fmsg };

	svnic_put_bool(&msg, "broken", ch->broken);
	svnic_put_u64(&msg, "commands", ch->commands);
	svnic_put_u64(&msg, "refused", ch->refused);
	svnic_put_u64(&msg, "polled", ch->polled);
	svnic_put_u64(&msg, "timeouts", ch->timeouts);
	svnic_put_bool(&msg, "msix", card->irq.msix);
	svnic_put_u64(&msg, "manager_interrupts", card->irq.manager);
	return msg.err;
}

static int svnic_fw_recover(struct devlink_health_reporter *reporter,
			    void *priv_ctx, struct netlink_ext_ack *extack)
{
	int err;

	err = svnic_channel_recover(devlink_health_reporter_priv(reporter));
	if (err && extack)
		NL_SET_ERR_MSG_MOD(extack, "QUERY is not answered: the firmware does not run");
	return err;
}

static const struct devlink_health_reporter_ops svnic_fw_reporter_ops = {
	.name = "fw",
	.dump = svnic_fw_dump,
	.diagnose = svnic_fw_diagnose,
	.recover = svnic_fw_recover,
};

static void svnic_vif_put(struct svnic_msg *msg, u32 id,
			  const struct svnic_vif_info *info)
{
	u32 error = le32_to_cpu(info->error);

	svnic_fmsg_err(msg, devlink_fmsg_obj_nest_start(msg->fmsg));
	svnic_put_u32(msg, "vif", id);
	svnic_put_u32(msg, "error", error);
	svnic_put_string(msg, "reason", svnic_vif_error_text(error));
	svnic_put_u32(msg, "sdram_offset", le32_to_cpu(info->sdram_offset));
	svnic_put_u32(msg, "sdram_size", le32_to_cpu(info->sdram_size));
	svnic_fmsg_err(msg, devlink_fmsg_obj_nest_end(msg->fmsg));
}

static int svnic_vif_dump(struct devlink_health_reporter *reporter,
			  struct devlink_fmsg *fmsg, void *priv_ctx,
			  struct netlink_ext_ack *extack)
{
	struct svnic_card *card = devlink_health_reporter_priv(reporter);
	struct svnic_msg msg = { .fmsg = fmsg };
	struct svnic_vif_info info;
	u32 id;

	svnic_fmsg_err(&msg, devlink_fmsg_arr_pair_nest_start(fmsg, "stopped"));
	for (id = 0; id < card->vif_limit; id++)
		if (READ_ONCE(card->vifs[id]) &&
		    !svnic_vif_query(card, id, &info) &&
		    le32_to_cpu(info.state) == SVNIC_VIF_STOPPED)
			svnic_vif_put(&msg, id, &info);
	svnic_fmsg_err(&msg, devlink_fmsg_arr_pair_nest_end(fmsg));
	return msg.err;
}

static int svnic_vif_diagnose(struct devlink_health_reporter *reporter,
			      struct devlink_fmsg *fmsg,
			      struct netlink_ext_ack *extack)
{
	struct svnic_card *card = devlink_health_reporter_priv(reporter);
	struct svnic_msg msg = { .fmsg = fmsg };
	u32 id;

	/* The instance lock is held: no VIF is destroyed. */
	svnic_fmsg_err(&msg, devlink_fmsg_arr_pair_nest_start(fmsg, "vifs"));
	for (id = 0; id < card->vif_limit; id++) {
		const struct svnic_vif *vif = card->vifs[id];

		if (!vif)
			continue;
		svnic_fmsg_err(&msg, devlink_fmsg_obj_nest_start(fmsg));
		svnic_put_u32(&msg, "vif", id);
		svnic_put_u32(&msg, card->irq.msix ? "vector" : "irq_bit",
			      card->irq.msix ? vif->vector : vif->irq_bit);
		svnic_put_u64(&msg, "interrupts", vif->irqs);
		svnic_put_u64(&msg, "useful", vif->irqs - vif->redundant);
		svnic_put_u64(&msg, "redundant", vif->redundant);
		svnic_fmsg_err(&msg, devlink_fmsg_obj_nest_end(fmsg));
	}
	svnic_fmsg_err(&msg, devlink_fmsg_arr_pair_nest_end(fmsg));
	return msg.err;
}

static int svnic_vif_recover_one(struct svnic_vif *vif, bool by_admin)
{
	struct svnic_vif_info info;
	int err;

	err = svnic_vif_query(vif->card, vif->id, &info);
	if (err || le32_to_cpu(info.state) != SVNIC_VIF_STOPPED)
		return err;

	mutex_lock(&vif->client_lock);
	if (!vif->client)
		err = svnic_vif_command(vif->card, vif->id,
					SVNIC_CMD_VIF_RESET, NULL);
	else if (by_admin)
		vif->client->recover(vif->client);
	mutex_unlock(&vif->client_lock);
	return err;
}

/* @priv_ctx is NULL for a request of the administrator. */
static int svnic_vif_recover(struct devlink_health_reporter *reporter,
			     void *priv_ctx, struct netlink_ext_ack *extack)
{
	struct svnic_card *card = devlink_health_reporter_priv(reporter);
	int err = 0;
	u32 id;

	for (id = 0; id < card->vif_limit && !err; id++)
		if (card->vifs[id] && card->vifs[id]->active)
			err = svnic_vif_recover_one(card->vifs[id], !priv_ctx);
	return err;
}

static const struct devlink_health_reporter_ops svnic_vif_reporter_ops = {
	.name = "vif",
	.dump = svnic_vif_dump,
	.diagnose = svnic_vif_diagnose,
	.recover = svnic_vif_recover,
};

static void svnic_fw_work(struct work_struct *work)
{
	struct svnic_card *card = container_of(work, struct svnic_card,
					       fw_work);

	devlink_health_report(card->fw_reporter,
			      "command timed out", card);
}

static void svnic_stopped_work(struct work_struct *work)
{
	struct svnic_card *card = container_of(work, struct svnic_card,
					       stopped_work);

	devlink_health_report(card->vif_reporter,
			      "VIF stopped after an error of its owner",
			      card);
}

/**
 * svnic_health_channel_broken() - report that a command timed out
 * @card: the card
 *
 * Any context.
 */
void svnic_health_channel_broken(struct svnic_card *card)
{
	if (!READ_ONCE(card->removing))
		schedule_work(&card->fw_work);
}

/**
 * svnic_health_vif_stopped() - report that the card stopped a VIF
 * @card: the card
 *
 * Any context.
 */
void svnic_health_vif_stopped(struct svnic_card *card)
{
	if (!READ_ONCE(card->removing))
		schedule_work(&card->stopped_work);
}

/**
 * svnic_health_init() - create the health reporters
 * @card: queried; card->removing is set, so that no work is queued before
 *
 * Return: 0 or a negative errno.
 */
int svnic_health_init(struct svnic_card *card)
{
	struct devlink_health_reporter *reporter;

	INIT_WORK(&card->fw_work, svnic_fw_work);
	INIT_WORK(&card->stopped_work, svnic_stopped_work);

	reporter = svnic_health_reporter_create(card->devlink,
						&svnic_fw_reporter_ops, card);
	if (IS_ERR(reporter))
		return PTR_ERR(reporter);
	card->fw_reporter = reporter;

	reporter = svnic_health_reporter_create(card->devlink,
						&svnic_vif_reporter_ops, card);
	if (IS_ERR(reporter)) {
		devlink_health_reporter_destroy(card->fw_reporter);
		return PTR_ERR(reporter);
	}
	card->vif_reporter = reporter;
	svnic_health_start(card);
	return 0;
}

/**
 * svnic_health_start() - report again after svnic_health_stop()
 * @card: with its health reporters
 */
void svnic_health_start(struct svnic_card *card)
{
	WRITE_ONCE(card->removing, false);
}

/**
 * svnic_health_stop() - stop reporting
 * @card: without the devlink instance lock, which the work may take
 */
void svnic_health_stop(struct svnic_card *card)
{
	WRITE_ONCE(card->removing, true);
	cancel_work_sync(&card->fw_work);
	cancel_work_sync(&card->stopped_work);
}

/**
 * svnic_health_exit() - undo svnic_health_init()
 * @card: after svnic_health_stop(), without further interrupts or commands
 */
void svnic_health_exit(struct svnic_card *card)
{
	/* Work may have been queued just before the flag was set. */
	svnic_health_stop(card);
	devlink_health_reporter_destroy(card->vif_reporter);
	devlink_health_reporter_destroy(card->fw_reporter);
}
