// SPDX-License-Identifier: GPL-2.0-only
/*
 * devlink interface: creation and deletion of VIFs by the administrator.
 *
 * A port of the card is a devlink port of flavour physical, index 0 up.  A
 * VIF is a devlink port of flavour pcisf with index SVNIC_PORT_INDEX_VIF + id.
 * Its pfnum is the card's port that it belongs to; its sfnum is any number that
 * the administrator chooses, unique among the VIFs of that port.  Activating
 * the port function adds the VIF's auxiliary device.
 *
 * The core calls these functions with the instance lock held, except for the
 * getters, which notifications call without it; those access nothing that the
 * lock guards.  SVNIC_HAVE_* select the form of the kernel interface.
 */
#include "svnic.h"

static struct svnic_vif *port_to_vif(struct devlink_port *port)
{
	return port->index >= SVNIC_PORT_INDEX_VIF ?
		container_of(port, struct svnic_vif, port) : NULL;
}

/*
 * The core logs a warning if a port has no netdev for an hour.  That is normal
 * here: a port of the card never has one, and a VIF may be inactive or in use
 * by another driver.
 */
static void svnic_port_needs_no_netdev(struct devlink_port *port)
{
	cancel_delayed_work_sync(&port->type_warn_dw);
}

/*
 * Parameter "placement": memory of the queues of VIFs that are created from now
 * on, "card" or "host" (spec: "Host placement").  A port function has no
 * attribute for it.
 */
enum svnic_param_id {
	SVNIC_PARAM_PLACEMENT = DEVLINK_PARAM_GENERIC_ID_MAX + 1,
};

static const char * const svnic_placements[] = {
	[SVNIC_PLACEMENT_CARD] = "card",
	[SVNIC_PLACEMENT_HOST] = "host",
};

static int svnic_placement_get(struct devlink *devlink,
			       union devlink_param_value *value)
{
	struct svnic_card *card = devlink_priv(devlink);

	strscpy(value->vstr, svnic_placements[READ_ONCE(card->placement)],
		sizeof(value->vstr));
	return 0;
}

static int svnic_placement_set(struct devlink *devlink,
			       const union devlink_param_value *value)
{
	struct svnic_card *card = devlink_priv(devlink);
	int n;

	n = match_string(svnic_placements, ARRAY_SIZE(svnic_placements),
			 value->vstr);
	if (n < 0)
		return n;
	WRITE_ONCE(card->placement, n);
	return 0;
}

static int svnic_placement_validate(struct devlink *devlink,
				    const union devlink_param_value *value,
				    struct netlink_ext_ack *extack)
{
	struct svnic_card *card = devlink_priv(devlink);
	int n;

	n = match_string(svnic_placements, ARRAY_SIZE(svnic_placements),
			 value->vstr);
	if (n < 0) {
		NL_SET_ERR_MSG_MOD(extack, "placement must be card or host");
		return -EINVAL;
	}
	if (n == SVNIC_PLACEMENT_HOST && !svnic_host_possible(card)) {
		NL_SET_ERR_MSG_MOD(extack, "host placement needs a card with this capability and coherent DMA");
		return -EOPNOTSUPP;
	}
	return 0;
}

SVNIC_PARAM(svnic_placement)

static const struct devlink_param svnic_params[] = {
	DEVLINK_PARAM_DRIVER(SVNIC_PARAM_PLACEMENT, "placement",
			     DEVLINK_PARAM_TYPE_STRING,
			     BIT(DEVLINK_PARAM_CMODE_RUNTIME),
			     svnic_placement_param_get,
			     svnic_placement_param_set,
			     svnic_placement_param_validate),
};

/**
 * svnic_params_init() - register the card's devlink parameters
 * @card: queried
 *
 * Return: 0 or a negative errno.
 */
int svnic_params_init(struct svnic_card *card)
{
	return devlink_params_register(card->devlink, svnic_params,
				       ARRAY_SIZE(svnic_params));
}

/**
 * svnic_params_exit() - undo svnic_params_init()
 * @card: no longer registered with devlink
 */
void svnic_params_exit(struct svnic_card *card)
{
	devlink_params_unregister(card->devlink, svnic_params,
				  ARRAY_SIZE(svnic_params));
}

static int svnic_info_get(struct devlink *devlink,
			  struct devlink_info_req *req,
			  struct netlink_ext_ack *extack)
{
	struct svnic_card *card = devlink_priv(devlink);
	char abi[16];
	int err;

	err = svnic_info_driver_name(req);
	if (err)
		return err;
	err = devlink_info_version_running_put(req,
					       DEVLINK_INFO_VERSION_GENERIC_FW,
					       card->firmware);
	if (err)
		return err;
	snprintf(abi, sizeof(abi), "%u.%u", card->abi >> 8 & 0xff,
		 card->abi & 0xff);
	return devlink_info_version_running_put(req, "fw.abi", abi);
}

static int svnic_fn_hw_addr_get(struct devlink_port *port, u8 *hw_addr,
				int *hw_addr_len,
				struct netlink_ext_ack *extack)
{
	struct svnic_vif *vif = port_to_vif(port);

	if (!vif)
		return -EOPNOTSUPP;
	spin_lock(&vif->lock);
	ether_addr_copy(hw_addr, vif->mac);
	spin_unlock(&vif->lock);
	*hw_addr_len = ETH_ALEN;
	return 0;
}

static int svnic_fn_hw_addr_set(struct devlink_port *port, const u8 *hw_addr,
				int hw_addr_len,
				struct netlink_ext_ack *extack)
{
	struct svnic_vif *vif = port_to_vif(port);

	if (!vif)
		return -EOPNOTSUPP;
	if (hw_addr_len != ETH_ALEN) {
		NL_SET_ERR_MSG_MOD(extack, "hw_addr must have six bytes");
		return -EINVAL;
	}
	if (vif->active) {
		NL_SET_ERR_MSG_MOD(extack, "the VIF is active: set the address of its netdev instead");
		return -EBUSY;
	}
	return svnic_vif_set_mac(vif, hw_addr, extack);
}

static int svnic_fn_state_get(struct devlink_port *port,
			      enum devlink_port_fn_state *state,
			      enum devlink_port_fn_opstate *opstate,
			      struct netlink_ext_ack *extack)
{
	struct svnic_vif *vif = port_to_vif(port);

	if (!vif)
		return -EOPNOTSUPP;
	*state = READ_ONCE(vif->active) ? DEVLINK_PORT_FN_STATE_ACTIVE :
		 DEVLINK_PORT_FN_STATE_INACTIVE;
	spin_lock(&vif->lock);
	*opstate = vif->attached ? DEVLINK_PORT_FN_OPSTATE_ATTACHED :
		   DEVLINK_PORT_FN_OPSTATE_DETACHED;
	spin_unlock(&vif->lock);
	return 0;
}

static int svnic_fn_state_set(struct devlink_port *port,
			      enum devlink_port_fn_state state,
			      struct netlink_ext_ack *extack)
{
	struct svnic_vif *vif = port_to_vif(port);
	int err = 0;

	if (!vif)
		return -EOPNOTSUPP;
	if (state == DEVLINK_PORT_FN_STATE_ACTIVE) {
		if (!vif->active)
			err = svnic_vif_activate(vif, extack);
	} else if (vif->active) {
		svnic_vif_deactivate(vif);
		svnic_port_needs_no_netdev(port);
	}
	return err;
}

static void svnic_port_remove(struct svnic_vif *vif)
{
	if (vif->active)
		svnic_vif_deactivate(vif);
	svnic_vif_port_unregister(vif);
	svnic_vif_destroy(vif);
}

static int svnic_port_del(struct svnic_vif *vif,
			  struct netlink_ext_ack *extack)
{
	if (!vif) {
		NL_SET_ERR_MSG_MOD(extack, "only ports of flavour pcisf can be deleted");
		return -EOPNOTSUPP;
	}
	svnic_port_remove(vif);
	return 0;
}

static bool svnic_sfnum_in_use(const struct svnic_card *card, u32 pfnum,
			       u32 sfnum)
{
	u32 id;

	for (id = 0; id < card->vif_limit; id++) {
		const struct svnic_vif *vif = card->vifs[id];

		if (vif && !vif->lent && vif->pfnum == pfnum &&
		    vif->sfnum == sfnum)
			return true;
	}
	return false;
}

/* The default of a new VIF: its id, or the lowest number that is free. */
static u32 svnic_sfnum_default(const struct svnic_card *card, u32 pfnum, u32 id)
{
	u32 sfnum = id;

	if (!svnic_sfnum_in_use(card, pfnum, id))
		return id;
	for (sfnum = 0; svnic_sfnum_in_use(card, pfnum, sfnum); sfnum++)
		;
	return sfnum;
}

static int svnic_port_check_attrs(const struct svnic_card *card,
				  const struct devlink_port_new_attrs *attrs,
				  struct netlink_ext_ack *extack)
{
	if (attrs->flavour != DEVLINK_PORT_FLAVOUR_PCI_SF) {
		NL_SET_ERR_MSG_MOD(extack, "flavour must be pcisf");
		return -EOPNOTSUPP;
	}
	if (attrs->pfnum >= card->ports) {
		NL_SET_ERR_MSG_MOD(extack, "pfnum is beyond the card's ports");
		return -EINVAL;
	}
	if (attrs->controller_valid && attrs->controller) {
		NL_SET_ERR_MSG_MOD(extack, "controller must be 0");
		return -EOPNOTSUPP;
	}
	if (attrs->sfnum_valid &&
	    svnic_sfnum_in_use(card, attrs->pfnum, attrs->sfnum)) {
		NL_SET_ERR_MSG_MOD(extack, "sfnum is in use on this port");
		return -EEXIST;
	}
	if (attrs->port_index_valid &&
	    (attrs->port_index < SVNIC_PORT_INDEX_VIF ||
	     attrs->port_index - SVNIC_PORT_INDEX_VIF >= card->vif_limit)) {
		NL_SET_ERR_MSG_MOD(extack, "port index must be 16 plus the id of a VIF, which is below the card's number of VIFs");
		return -EINVAL;
	}
	return 0;
}

static struct svnic_vif *svnic_port_add(struct svnic_card *card,
					const struct devlink_port_new_attrs *attrs,
					struct netlink_ext_ack *extack)
{
	u32 id = SVNIC_VIF_ANY;
	struct svnic_vif *vif;
	u32 sfnum;
	int err;

	err = svnic_port_check_attrs(card, attrs, extack);
	if (err)
		return ERR_PTR(err);
	if (attrs->port_index_valid)
		id = attrs->port_index - SVNIC_PORT_INDEX_VIF;
	else if (attrs->sfnum_valid && attrs->sfnum < card->vif_limit)
		id = attrs->sfnum;

	err = svnic_vif_create(card, id, attrs->pfnum, card->placement, &vif,
			       extack);
	/* That the id equals sfnum is convenient, but not required. */
	if (err == -EEXIST && !attrs->port_index_valid)
		err = svnic_vif_create(card, SVNIC_VIF_ANY, attrs->pfnum,
				       card->placement, &vif, extack);
	if (err)
		return ERR_PTR(err);
	if (attrs->sfnum_valid)
		sfnum = attrs->sfnum;
	else
		sfnum = svnic_sfnum_default(card, attrs->pfnum, vif->id);
	err = svnic_vif_port_register(vif, attrs->pfnum, sfnum);
	if (err) {
		svnic_vif_destroy(vif);
		return ERR_PTR(err);
	}
	return vif;
}

#ifdef SVNIC_HAVE_devlink_port_ops
static int svnic_devlink_port_del(struct devlink *devlink,
				  struct devlink_port *port,
				  struct netlink_ext_ack *extack)
{
	return svnic_port_del(port_to_vif(port), extack);
}

static const struct devlink_port_ops svnic_vif_port_ops = {
	.port_del = svnic_devlink_port_del,
	.port_fn_hw_addr_get = svnic_fn_hw_addr_get,
	.port_fn_hw_addr_set = svnic_fn_hw_addr_set,
	.port_fn_state_get = svnic_fn_state_get,
	.port_fn_state_set = svnic_fn_state_set,
};

static int svnic_devl_register(struct svnic_vif *vif, u32 index)
{
	return devl_port_register_with_ops(vif->card->devlink, &vif->port,
					   index, &svnic_vif_port_ops);
}
#else
static int svnic_devlink_port_del(struct devlink *devlink,
				  unsigned int port_index,
				  struct netlink_ext_ack *extack)
{
	struct svnic_card *card = devlink_priv(devlink);
	u32 id = port_index - SVNIC_PORT_INDEX_VIF;
	struct svnic_vif *vif = NULL;

	if (port_index >= card->ports &&
	    (id >= card->vif_limit || !card->vifs[id] ||
	     card->vifs[id]->lent)) {
		NL_SET_ERR_MSG_MOD(extack, "there is no such port");
		return -ENODEV;
	}
	if (port_index >= SVNIC_PORT_INDEX_VIF)
		vif = card->vifs[id];
	return svnic_port_del(vif, extack);
}

static int svnic_devl_register(struct svnic_vif *vif, u32 index)
{
	return devl_port_register(vif->card->devlink, &vif->port, index);
}
#endif

#ifdef SVNIC_HAVE_devlink_new_port
static int svnic_devlink_port_new(struct devlink *devlink,
				  const struct devlink_port_new_attrs *attrs,
				  struct netlink_ext_ack *extack,
				  struct devlink_port **port)
{
	struct svnic_vif *vif;

	vif = svnic_port_add(devlink_priv(devlink), attrs, extack);
	if (IS_ERR(vif))
		return PTR_ERR(vif);
	*port = &vif->port;
	return 0;
}
#else
static int svnic_devlink_port_new(struct devlink *devlink,
				  const struct devlink_port_new_attrs *attrs,
				  struct netlink_ext_ack *extack,
				  unsigned int *index)
{
	struct svnic_vif *vif;

	vif = svnic_port_add(devlink_priv(devlink), attrs, extack);
	if (IS_ERR(vif))
		return PTR_ERR(vif);
	*index = vif->port.index;
	return 0;
}
#endif

const struct devlink_ops svnic_devlink_ops = {
	.info_get = svnic_info_get,
	.port_new = svnic_devlink_port_new,
#ifndef SVNIC_HAVE_devlink_port_ops
	.port_del = svnic_devlink_port_del,
	.port_function_hw_addr_get = svnic_fn_hw_addr_get,
	.port_function_hw_addr_set = svnic_fn_hw_addr_set,
	.port_fn_state_get = svnic_fn_state_get,
	.port_fn_state_set = svnic_fn_state_set,
#endif
};

/**
 * svnic_vif_port_register() - register the devlink port of a VIF
 * @vif: the VIF
 * @pfnum: the card's port that it belongs to
 * @sfnum: number of the VIF, unique among the VIFs of this port
 *
 * Return: 0 or a negative errno.
 */
int svnic_vif_port_register(struct svnic_vif *vif, u32 pfnum, u32 sfnum)
{
	int err;

	vif->pfnum = pfnum;
	vif->sfnum = sfnum;
	devlink_port_attrs_pci_sf_set(&vif->port, 0, pfnum, sfnum, false);
	err = svnic_devl_register(vif, SVNIC_PORT_INDEX_VIF + vif->id);
	if (err)
		return err;
	svnic_port_needs_no_netdev(&vif->port);
	return 0;
}

/**
 * svnic_vif_port_unregister() - undo svnic_vif_port_register()
 * @vif: the VIF, inactive
 */
void svnic_vif_port_unregister(struct svnic_vif *vif)
{
	devl_port_unregister(&vif->port);
}

/**
 * svnic_ports_init() - register the card's ports
 * @card: queried
 *
 * Return: 0 or a negative errno.
 */
int svnic_ports_init(struct svnic_card *card)
{
	unsigned int n;
	int err = 0;

	devl_lock(card->devlink);
	for (n = 0; n < card->ports && !err; n++) {
		struct devlink_port *port = &card->card_ports[n];
		struct devlink_port_attrs attrs = {
			.flavour = DEVLINK_PORT_FLAVOUR_PHYSICAL,
			.phys.port_number = n,
		};

		devlink_port_attrs_set(port, &attrs);
		err = devl_port_register(card->devlink, port, n);
		if (!err) {
			card->card_ports_registered++;
			svnic_port_needs_no_netdev(port);
		}
	}
	devl_unlock(card->devlink);
	return err;
}

/**
 * svnic_ports_exit() - remove all VIFs and ports
 * @card: no longer registered with devlink
 */
void svnic_ports_exit(struct svnic_card *card)
{
	unsigned int n;

	devl_lock(card->devlink);
	for (n = 0; n < card->vif_limit; n++)
		if (card->vifs[n])
			svnic_port_remove(card->vifs[n]);
	for (n = 0; n < card->card_ports_registered; n++)
		devl_port_unregister(&card->card_ports[n]);
	devl_unlock(card->devlink);
}
