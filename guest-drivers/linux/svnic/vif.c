// SPDX-License-Identifier: GPL-2.0-only
/*
 * VIFs as the manager handles them: created and destroyed on the card, and
 * exposed as auxiliary devices with a transport (svnic_transport.h) while they
 * are active.
 *
 * devlink calls create, destroy, activate and deactivate with the instance lock
 * held.  The owner of a VIF calls the transport, often under rtnl, which
 * therefore never takes that lock: it uses the id, which remains valid because
 * deactivation waits until the owner has unbound.
 */
#include <linux/idr.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/slab.h>

#include "svnic.h"

/* Ids of the auxiliary devices of all cards. */
static DEFINE_IDA(svnic_aux_ids);

static const struct {
	const char *text;
} svnic_vif_errors[] = {
#define SVNIC_ERROR_TEXT(name, number, label, text)	{ text },
	SVNIC_VIF_ERRORS(SVNIC_ERROR_TEXT)
#undef SVNIC_ERROR_TEXT
};
static_assert(ARRAY_SIZE(svnic_vif_errors) == SVNIC_ERR_HOST_PAGE + 1);

/**
 * svnic_vif_error_text() - describe the error that stopped a VIF
 * @error: enum svnic_vif_error, or any other value
 *
 * Return: a constant string.
 */
const char *svnic_vif_error_text(u32 error)
{
	return error < ARRAY_SIZE(svnic_vif_errors) ?
		svnic_vif_errors[error].text : "unknown";
}

static struct svnic_vif *tp_to_vif(struct svnic_transport *tp)
{
	return tp->priv;
}

/**
 * svnic_vif_command() - execute a command with a VIF's id as only argument
 * @card: the card
 * @id: the VIF
 * @opcode: enum svnic_opcode
 * @info: the answer of commands that have one; may be NULL
 *
 * Return: as svnic_command().
 */
int svnic_vif_command(struct svnic_card *card, u32 id, u16 opcode,
		      struct svnic_vif_info *info)
{
	struct svnic_cmd cmd = {
		.opcode = cpu_to_le16(opcode),
		.vif = cpu_to_le32(id),
	};
	int err;

	err = svnic_command(card, &cmd);
	if (!err && info)
		*info = cmd.u.vif_info;
	return err;
}

/**
 * svnic_vif_query() - read state and attributes of a VIF
 * @card: the card
 * @id: the VIF
 * @info: the answer
 *
 * Return: as svnic_command().
 */
int svnic_vif_query(struct svnic_card *card, u32 id,
		    struct svnic_vif_info *info)
{
	return svnic_vif_command(card, id, SVNIC_CMD_VIF_QUERY, info);
}

/**
 * svnic_vif_change() - change attributes of a VIF
 * @vif: the VIF
 * @attr: the attributes, with those to change in attr->mask
 * @flags: SVNIC_CMD_F_WHILE_ACTIVE, or 0 for an inactive VIF
 *
 * Return: as svnic_command().
 */
int svnic_vif_change(struct svnic_vif *vif, const struct svnic_vif_attr *attr,
		     u32 flags)
{
	struct svnic_cmd cmd = {
		.opcode = cpu_to_le16(SVNIC_CMD_VIF_CHANGE),
		.vif = cpu_to_le32(vif->id),
		.flags = cpu_to_le32(flags),
		.u.attr = *attr,
	};

	return svnic_command(vif->card, &cmd);
}

static int svnic_vif_change_active(struct svnic_vif *vif,
				   const struct svnic_vif_attr *attr)
{
	return svnic_vif_change(vif, attr, SVNIC_CMD_F_WHILE_ACTIVE);
}

static void svnic_vif_store_mac(struct svnic_vif *vif, const u8 *mac)
{
	spin_lock(&vif->lock);
	ether_addr_copy(vif->mac, mac);
	spin_unlock(&vif->lock);
}

/**
 * svnic_vif_locate() - check and return where a VIF is in the BARs
 * @card: the card
 * @id: the VIF
 * @info: answer of the card to VIF_QUERY
 * @offset: offset of its region in BAR 4
 * @page: number of its doorbell page in BAR 2
 *
 * Return: 0, or -EPROTO; the error has been logged.
 */
int svnic_vif_locate(struct svnic_card *card, u32 id,
		     const struct svnic_vif_info *info, u64 *offset, u64 *page)
{
	u64 size = le32_to_cpu(info->sdram_size);

	*offset = le32_to_cpu(info->sdram_offset);
	*page = le32_to_cpu(info->doorbell_page);
	if (size && PAGE_ALIGNED(*offset | size) &&
	    *offset + size <= card->sdram_size &&
	    (*page + 1) * SVNIC_DOORBELL_PAGE_SIZE <=
	    pci_resource_len(card->pdev, SVNIC_BAR_DOORBELL))
		return 0;
	dev_err(&card->pdev->dev, "VIF %u: region 0x%llx+0x%llx or doorbell page %llu is outside of BAR 4 (0x%llx bytes) or BAR 2\n",
		id, *offset, size, *page, card->sdram_size);
	return -EPROTO;
}

/*
 * The transport of a VIF on the auxiliary bus.
 */

static int svnic_tp_map(struct svnic_transport *tp)
{
	struct svnic_vif *vif = tp_to_vif(tp);
	struct svnic_card *card = vif->card;
	struct svnic_vif_info info;
	u64 offset, page;
	u32 size;
	int err;

	err = svnic_vif_query(card, vif->id, &info);
	if (err)
		return err;
	err = svnic_vif_locate(card, vif->id, &info, &offset, &page);
	if (err)
		return err;
	size = le32_to_cpu(info.sdram_size);

	if (info.attr.placement == cpu_to_le32(SVNIC_PLACEMENT_HOST)) {
		if (!vif->region || size != vif->region->size)
			return -EPROTO;
		tp->mem = vif->region->mem;
	} else {
		tp->mem = memremap(card->sdram + offset, size, MEMREMAP_WC);
		if (!tp->mem)
			return -ENOMEM;
	}
	tp->mem_size = size;
	tp->doorbell = card->doorbells + page * SVNIC_DOORBELL_PAGE_SIZE;

	spin_lock(&vif->lock);
	vif->attached = true;
	spin_unlock(&vif->lock);
	return 0;
}

static void svnic_tp_unmap(struct svnic_transport *tp)
{
	struct svnic_vif *vif = tp_to_vif(tp);

	spin_lock(&vif->lock);
	vif->attached = false;
	spin_unlock(&vif->lock);

	if (!vif->region)
		memunmap(tp->mem);
	tp->mem = NULL;
	tp->mem_size = 0;
	tp->doorbell = NULL;
}

static int svnic_tp_attach(struct svnic_transport *tp,
			   struct svnic_client *client)
{
	struct svnic_vif *vif = tp_to_vif(tp);
	int err;

	mutex_lock(&vif->client_lock);
	err = svnic_irq_attach(vif, client);
	mutex_unlock(&vif->client_lock);
	return err;
}

static void svnic_tp_detach(struct svnic_transport *tp)
{
	struct svnic_vif *vif = tp_to_vif(tp);

	mutex_lock(&vif->client_lock);
	svnic_irq_detach(vif);
	mutex_unlock(&vif->client_lock);
}

static int svnic_tp_reset(struct svnic_transport *tp)
{
	struct svnic_vif *vif = tp_to_vif(tp);

	return svnic_vif_command(vif->card, vif->id, SVNIC_CMD_VIF_RESET,
				 NULL);
}

static int svnic_tp_resize(struct svnic_transport *tp, u32 send_slots,
			   u32 recv_slots)
{
	struct svnic_vif *vif = tp_to_vif(tp);
	struct svnic_card *card = vif->card;
	struct svnic_vif_attr attr = {};
	int err, back;

	if (send_slots) {
		attr.mask |= cpu_to_le32(SVNIC_ATTR_SEND_SLOTS);
		attr.send_slots = cpu_to_le32(send_slots);
	}
	if (recv_slots) {
		attr.mask |= cpu_to_le32(SVNIC_ATTR_RECV_SLOTS);
		attr.recv_slots = cpu_to_le32(recv_slots);
	}

	err = svnic_vif_command(card, vif->id, SVNIC_CMD_VIF_DEACTIVATE, NULL);
	if (err)
		return err;
	if (vif->region)
		err = svnic_host_resize(vif, &attr);
	else
		err = svnic_vif_change(vif, &attr, 0);
	/* Also after an error: the VIF remains in use. */
	back = svnic_vif_command(card, vif->id, SVNIC_CMD_VIF_ACTIVATE, NULL);
	return err ?: back;
}

static int svnic_tp_set_mac(struct svnic_transport *tp, const u8 *mac)
{
	struct svnic_vif *vif = tp_to_vif(tp);
	struct svnic_vif_attr attr = { .mask = cpu_to_le32(SVNIC_ATTR_MAC) };
	int err;

	ether_addr_copy(attr.mac, mac);
	err = svnic_vif_change_active(vif, &attr);
	if (!err)
		svnic_vif_store_mac(vif, mac);
	return err;
}

static int svnic_tp_set_mtu(struct svnic_transport *tp, u32 mtu)
{
	struct svnic_vif_attr attr = {
		.mask = cpu_to_le32(SVNIC_ATTR_MTU),
		.mtu = cpu_to_le32(mtu),
	};

	return svnic_vif_change_active(tp_to_vif(tp), &attr);
}

static int svnic_tp_set_promisc(struct svnic_transport *tp, bool on)
{
	return svnic_vif_set_flag(tp_to_vif(tp), SVNIC_VIF_F_PROMISC, on);
}

static int svnic_tp_stats(struct svnic_transport *tp,
			  struct svnic_vif_stats *stats)
{
	struct svnic_vif *vif = tp_to_vif(tp);
	struct svnic_cmd cmd = {
		.opcode = cpu_to_le16(SVNIC_CMD_VIF_STATS),
		.vif = cpu_to_le32(vif->id),
	};
	int err;

	err = svnic_command(vif->card, &cmd);
	if (!err)
		*stats = cmd.u.stats;
	return err;
}

const struct svnic_transport_ops svnic_vif_transport = {
	.map		= svnic_tp_map,
	.unmap		= svnic_tp_unmap,
	.attach		= svnic_tp_attach,
	.detach		= svnic_tp_detach,
	.reset		= svnic_tp_reset,
	.resize		= svnic_tp_resize,
	.set_mac	= svnic_tp_set_mac,
	.set_mtu	= svnic_tp_set_mtu,
	.set_promisc	= svnic_tp_set_promisc,
	.stats		= svnic_tp_stats,
};

/*
 * Creation, activation and their opposites.
 */

static void svnic_aux_release(struct device *dev)
{
	struct auxiliary_device *adev = to_auxiliary_dev(dev);

	ida_free(&svnic_aux_ids, adev->id);
	kfree(to_svnic_auxdev(adev));
}

/* Add the auxiliary device of an active VIF.  A driver may bind at once. */
static int svnic_aux_add(struct svnic_vif *vif)
{
	struct pci_dev *pdev = vif->card->pdev;
	struct svnic_auxdev *aux;
	int id, err;

	aux = kzalloc(sizeof(*aux), GFP_KERNEL);
	if (!aux)
		return -ENOMEM;
	id = ida_alloc(&svnic_aux_ids, GFP_KERNEL);
	if (id < 0) {
		kfree(aux);
		return id;
	}

	aux->adev.id = id;
	aux->adev.name = SVNIC_AUXDEV_NAME;
	aux->adev.dev.parent = &pdev->dev;
	aux->adev.dev.release = svnic_aux_release;
	aux->adev.dev.groups = svnic_aux_groups;
	aux->tp.ops = &svnic_vif_transport;
	aux->tp.priv = vif;
	aux->tp.dev = &aux->adev.dev;
	aux->tp.port = &vif->port;
	strscpy(aux->tp.bus_info, pci_name(pdev), sizeof(aux->tp.bus_info));
	strscpy(aux->tp.firmware, vif->card->firmware,
		sizeof(aux->tp.firmware));

	err = auxiliary_device_init(&aux->adev);
	if (err) {
		ida_free(&svnic_aux_ids, id);
		kfree(aux);
		return err;
	}
	err = auxiliary_device_add(&aux->adev);
	if (err) {
		auxiliary_device_uninit(&aux->adev);
		return err;
	}
	vif->aux = aux;
	return 0;
}

static void svnic_aux_del(struct svnic_vif *vif)
{
	auxiliary_device_delete(&vif->aux->adev);
	auxiliary_device_uninit(&vif->aux->adev);
	vif->aux = NULL;
}

/* Set @extack to the meaning of @err, which a command returned. */
static void svnic_vif_set_extack(struct netlink_ext_ack *extack, int err)
{
	switch (err) {
	case -EEXIST:
		NL_SET_ERR_MSG_MOD(extack, "the VIF's id is in use");
		break;
	case -ENOSPC:
		NL_SET_ERR_MSG_MOD(extack, "all VIFs of the card are in use");
		break;
	case -ENOMEM:
		NL_SET_ERR_MSG_MOD(extack, "not enough memory for the VIF's queues");
		break;
	case -ENODEV:
		NL_SET_ERR_MSG_MOD(extack, "the VIF's id is beyond the card's VIFs");
		break;
	case -EADDRINUSE:
		NL_SET_ERR_MSG_MOD(extack, "MAC address is in use by another VIF or a port");
		break;
	case -EADDRNOTAVAIL:
		NL_SET_ERR_MSG_MOD(extack, "MAC address must be unicast and not zero");
		break;
	case -ETIMEDOUT:
	case -EIO:
		NL_SET_ERR_MSG_MOD(extack, "command timed out: run devlink health recover");
		break;
	default:
		NL_SET_ERR_MSG_MOD(extack, "the card refused the command: enable dev_dbg for its status");
		break;
	}
}

/* Memory that the card accesses may only be freed if the command succeeds. */
static void svnic_vif_remove(struct svnic_vif *vif)
{
	struct svnic_card *card = vif->card;
	int err;

	err = svnic_vif_command(card, vif->id, SVNIC_CMD_VIF_DESTROY, NULL);
	if (err)
		dev_err(&card->pdev->dev, "VIF %u: DESTROY failed with %pe: the VIF and its memory are lost until the card is reset\n",
			vif->id, ERR_PTR(err));
	else
		svnic_host_detach(vif);
}

/**
 * svnic_vif_create() - create an inactive VIF
 * @card: the card
 * @id: id, or SVNIC_VIF_ANY
 * @port: port of the card that it belongs to
 * @placement: memory of its region, enum svnic_vif_placement
 * @result: the VIF, to be freed with svnic_vif_destroy()
 * @extack: for the reason of an error
 *
 * The VIF has a random MAC address until svnic_vif_set_mac().
 *
 * Return: 0 or a negative errno.
 */
int svnic_vif_create(struct svnic_card *card, u32 id, u32 port, u32 placement,
		     struct svnic_vif **result, struct netlink_ext_ack *extack)
{
	struct svnic_cmd cmd = {
		.opcode = cpu_to_le16(SVNIC_CMD_VIF_CREATE),
		.vif = cpu_to_le32(id),
		.u.attr = {
			.mask = cpu_to_le32(SVNIC_ATTR_MAC | SVNIC_ATTR_PORT),
			.port = cpu_to_le32(port),
		},
	};
	struct svnic_vif *vif;
	int err;

	vif = kzalloc(sizeof(*vif), GFP_KERNEL);
	if (!vif)
		return -ENOMEM;
	vif->card = card;
	mutex_init(&vif->client_lock);
	spin_lock_init(&vif->lock);
	mutex_init(&vif->flags_lock);
	vif->flags = SVNIC_VIF_F_SPOOF_CHECK;
	eth_random_addr(vif->mac);
	ether_addr_copy(cmd.u.attr.mac, vif->mac);
	/* ABI 1.0 does not have this attribute. */
	if (placement != SVNIC_PLACEMENT_CARD) {
		cmd.u.attr.mask |= cpu_to_le32(SVNIC_ATTR_PLACEMENT);
		cmd.u.attr.placement = cpu_to_le32(placement);
	}

	err = svnic_command(card, &cmd);
	if (err) {
		svnic_vif_set_extack(extack, err);
		goto free;
	}
	vif->id = le32_to_cpu(cmd.vif);
	vif->irq_bit = le32_to_cpu(cmd.u.vif_info.irq_bit);
	vif->vector = le32_to_cpu(cmd.u.vif_info.vector);
	if (vif->id >= card->vif_limit || card->vifs[vif->id] ||
	    vif->irq_bit >= card->irq.manager_irq_bit) {
		NL_SET_ERR_MSG_MOD(extack, "CREATE returned an id or irq bit that is out of range or in use");
		err = -EPROTO;
		goto free;
	}
	if (placement == SVNIC_PLACEMENT_HOST) {
		err = svnic_host_attach(vif,
					le32_to_cpu(cmd.u.vif_info.sdram_size));
		if (err) {
			svnic_vif_set_extack(extack, err);
			goto destroy;
		}
	}
	WRITE_ONCE(card->vifs[vif->id], vif);
	*result = vif;
	return 0;

destroy:
	svnic_vif_remove(vif);
free:
	mutex_destroy(&vif->flags_lock);
	mutex_destroy(&vif->client_lock);
	kfree(vif);
	return err;
}

/**
 * svnic_vif_destroy() - destroy a VIF on the card and free it
 * @vif: inactive, without a devlink port
 */
void svnic_vif_destroy(struct svnic_vif *vif)
{
	struct svnic_card *card = vif->card;

	svnic_vif_remove(vif);
	WRITE_ONCE(card->vifs[vif->id], NULL);
	/* svnic_intx() walks all VIFs. */
	if (!card->irq.msix)
		synchronize_irq(card->pdev->irq);
	mutex_destroy(&vif->flags_lock);
	mutex_destroy(&vif->client_lock);
	kfree(vif);
}

/**
 * svnic_vif_activate() - activate a VIF and add its auxiliary device
 * @vif: inactive
 * @extack: for the reason of an error
 *
 * If svnic_vif is loaded, the netdev exists on return.
 *
 * Return: 0 or a negative errno; the VIF is inactive after an error.
 */
int svnic_vif_activate(struct svnic_vif *vif, struct netlink_ext_ack *extack)
{
	struct svnic_card *card = vif->card;
	int err;

	err = svnic_vif_command(card, vif->id, SVNIC_CMD_VIF_ACTIVATE, NULL);
	if (err) {
		svnic_vif_set_extack(extack, err);
		return err;
	}
	err = svnic_aux_add(vif);
	if (err) {
		NL_SET_ERR_MSG_MOD(extack, "cannot add the auxiliary device");
		svnic_vif_command(card, vif->id, SVNIC_CMD_VIF_DEACTIVATE,
				  NULL);
		return err;
	}
	vif->active = true;
	return 0;
}

/**
 * svnic_vif_deactivate() - remove the auxiliary device and deactivate the VIF
 * @vif: active
 *
 * Waits until the owner has unbound.
 */
void svnic_vif_deactivate(struct svnic_vif *vif)
{
	struct svnic_card *card = vif->card;
	int err;

	svnic_aux_del(vif);
	vif->active = false;
	err = svnic_vif_command(card, vif->id, SVNIC_CMD_VIF_DEACTIVATE, NULL);
	if (err)
		dev_err(&card->pdev->dev, "VIF %u: DEACTIVATE failed with %pe, it remains active on the card\n",
			vif->id, ERR_PTR(err));
}

/**
 * svnic_vif_set_mac() - set the MAC address of an inactive VIF
 * @vif: inactive
 * @mac: the address
 * @extack: for the reason of an error
 *
 * Return: 0 or a negative errno.
 */
int svnic_vif_set_mac(struct svnic_vif *vif, const u8 *mac,
		      struct netlink_ext_ack *extack)
{
	struct svnic_vif_attr attr = { .mask = cpu_to_le32(SVNIC_ATTR_MAC) };
	int err;

	ether_addr_copy(attr.mac, mac);
	err = svnic_vif_change(vif, &attr, 0);
	if (err)
		svnic_vif_set_extack(extack, err);
	else
		svnic_vif_store_mac(vif, mac);
	return err;
}
