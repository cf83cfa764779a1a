/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * State of the card driver and functions shared between its files.
 *
 * Locks, outermost first:
 *   devlink instance lock   creation, activation and destruction of VIFs
 *   rtnl                    taken by svnic_vif in its probe and remove
 *   svnic_vif.client_lock   attach and detach of the owner against recovery
 *   svnic_channel.lock      the command area and mailboxes
 *   svnic_vif.lock, svnic_irq.lock   spinlocks, held for a few accesses
 */
#ifndef SVNIC_H
#define SVNIC_H

#include <linux/completion.h>
#include <linux/etherdevice.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <net/devlink.h>

#include "svnic_compat.h"
#include "svnic_transport.h"

/* devlink port indices: the card's ports, then the VIFs by id */
#define SVNIC_PORT_INDEX_VIF	16

struct svnic_card;

/* The command channel.  cmd.c */
struct svnic_channel {
	struct mutex lock;		/* one command at a time */
	void *area;			/* SVNIC_CMD_AREA_SIZE, card memory */
	u32 area_offset;		/* SDRAM offset of the area */
	unsigned int next;		/* next command block to use */
	bool broken;			/* a command timed out */
	bool stopped;			/* reset.c; no command is sent */
	struct completion done;		/* completed by the interrupt */
	/* for devlink health */
	u64 commands;
	u64 refused;
	u64 polled;			/* done without an interrupt */
	u64 timeouts;
	u32 last_opcode;
	u32 last_status;
};

/* Interrupts.  irq.c */
struct svnic_irq {
	bool msix;
	unsigned int vectors;		/* allocated MSI-X vectors */
	u16 vector_users[SVNIC_VECTOR(SVNIC_MAX_VIFS)]; /* attached VIFs */
	spinlock_t lock;		/* users, enabled, the bridge's mask,
					 * vector_users
					 */
	u16 users[SVNIC_IRQ_BITS]; /* attached VIFs per irq bit */
	u16 enabled;			/* irq bits with users */
	u32 manager_irq_bit;		/* constant once queried */
	bool up;			/* the manager's interrupt works */
	u64 manager;			/* count of manager interrupts */
	char name[32];
};

/* Region of a VIF in the memory of this machine.  host.c */
struct svnic_chunk {
	struct page *page;		/* the first */
	dma_addr_t dma;
	u32 pages;
};

struct svnic_region {
	void *mem;			/* contiguous kernel mapping */
	u32 size;			/* bytes */
	u32 chunks;
	struct svnic_chunk *chunk;	/* in the order of the region */
};

/* A VIF that this driver has created.  vif.c */
struct svnic_vif {
	struct svnic_card *card;
	u32 id;
	u32 irq_bit;
	u32 vector;
	struct devlink_port port;
	u32 pfnum;			/* as devlink knows the VIF, unless lent */
	u32 sfnum;
	bool lent;			/* by manager.c: no devlink port */
	bool active;			/* devlink instance lock; if lent, the
					 * holder of the lease
					 */
	struct svnic_region *region;	/* NULL: in card memory.  Guarded like
					 * active, or by the owner while the VIF
					 * is unmapped
					 */
	struct svnic_auxdev *aux;	/* devlink instance lock */
	struct mutex client_lock;	/* attach and detach against recover */
	struct svnic_client *client;	/* also read by the interrupt */
	spinlock_t lock;		/* mac, attached */
	u8 mac[ETH_ALEN];
	struct svnic_vif_attr saved;	/* while the card is down; reset.c */
	bool attached;			/* an owner has it mapped */
	struct mutex flags_lock;	/* flags */
	u32 flags;			/* SVNIC_VIF_F_*, as set on the card */
	u64 irqs;
	u64 redundant;			/* shared irq bit, nothing to do */
	char irq_name[48];
};

struct svnic_card {
	struct pci_dev *pdev;
	struct devlink *devlink;
	void __iomem *csr;		/* BAR 0 */
	void __iomem *doorbells;	/* BAR 2 */
	void __iomem *pci_csr;		/* BAR 3 */
	resource_size_t sdram;		/* BAR 4, mapped per VIF */
	u64 sdram_size;

	struct svnic_channel channel;
	struct svnic_irq irq;

	/* answer to QUERY, constant */
	u32 abi;
	u32 vif_limit;
	u32 ports;
	u32 capabilities;
	char firmware[32];

	u32 placement;			/* enum svnic_vif_placement, of VIFs
					 * created by devlink; instance lock
					 */
	struct svnic_vif **vifs;	/* [vif_limit]; written with the devlink
					 * instance lock, read by the interrupt
					 */
	struct devlink_port *card_ports; /* [ports] */
	unsigned int card_ports_registered;

	struct devlink_health_reporter *fw_reporter;
	struct devlink_health_reporter *vif_reporter;
	struct work_struct fw_work;	/* the command channel is broken */
	struct work_struct stopped_work; /* a VIF was stopped */
	bool removing;
	bool down;			/* stopped for a reset or sleep; written
					 * with the devlink instance lock
					 */

	struct auxiliary_device *manager; /* manager.c; NULL while down */
};

/* main.c */
void svnic_clear_leftovers(struct svnic_card *card, u32 used);

/* reset.c */
void svnic_card_stop(struct svnic_card *card);
int svnic_card_start(struct svnic_card *card);

/* cmd.c */
int svnic_channel_init(struct svnic_card *card);
void svnic_channel_exit(struct svnic_card *card);
int svnic_command(struct svnic_card *card, struct svnic_cmd *cmd);
int svnic_query(struct svnic_card *card, struct svnic_card_info *info);
int svnic_port_query(struct svnic_card *card, u32 port,
		     struct svnic_port_info *info);
int svnic_channel_recover(struct svnic_card *card);
void svnic_channel_stop(struct svnic_card *card);
int svnic_channel_start(struct svnic_card *card);
const char *svnic_status_text(u32 status);

/* irq.c */
int svnic_irq_init(struct svnic_card *card);
void svnic_irq_exit(struct svnic_card *card);
void svnic_irq_stop(struct svnic_card *card);
void svnic_irq_start(struct svnic_card *card);
int svnic_irq_attach(struct svnic_vif *vif, struct svnic_client *client);
void svnic_irq_detach(struct svnic_vif *vif);

/* vif.c; with the devlink instance lock held */
int svnic_vif_create(struct svnic_card *card, u32 id, u32 port, u32 placement,
		     struct svnic_vif **vif, struct netlink_ext_ack *extack);
void svnic_vif_destroy(struct svnic_vif *vif);
int svnic_vif_activate(struct svnic_vif *vif, struct netlink_ext_ack *extack);
void svnic_vif_deactivate(struct svnic_vif *vif);
int svnic_vif_set_mac(struct svnic_vif *vif, const u8 *mac,
		      struct netlink_ext_ack *extack);
/* vif.c; no lock */
int svnic_vif_query(struct svnic_card *card, u32 id,
		    struct svnic_vif_info *info);
int svnic_vif_command(struct svnic_card *card, u32 id, u16 opcode,
		      struct svnic_vif_info *info);
int svnic_vif_change(struct svnic_vif *vif, const struct svnic_vif_attr *attr,
		     u32 flags);
int svnic_vif_locate(struct svnic_card *card, u32 id,
		     const struct svnic_vif_info *info, u64 *offset,
		     u64 *page);
extern const struct svnic_transport_ops svnic_vif_transport;
const char *svnic_vif_error_text(u32 error);

/* flags.c */
extern const struct attribute_group *svnic_aux_groups[];
int svnic_vif_set_flag(struct svnic_vif *vif, u32 flag, bool on);

/* host.c */
bool svnic_host_possible(const struct svnic_card *card);
int svnic_host_attach(struct svnic_vif *vif, u32 size);
void svnic_host_detach(struct svnic_vif *vif);
int svnic_host_restore(struct svnic_vif *vif, u32 size);
int svnic_host_resize(struct svnic_vif *vif, const struct svnic_vif_attr *attr);

/* manager.c */
int svnic_manager_init(struct svnic_card *card);
void svnic_manager_exit(struct svnic_card *card);

/* devlink.c */
extern const struct devlink_ops svnic_devlink_ops;
int svnic_params_init(struct svnic_card *card);
void svnic_params_exit(struct svnic_card *card);
int svnic_ports_init(struct svnic_card *card);
void svnic_ports_exit(struct svnic_card *card);
int svnic_vif_port_register(struct svnic_vif *vif, u32 pfnum, u32 sfnum);
void svnic_vif_port_unregister(struct svnic_vif *vif);

/* health.c */
int svnic_health_init(struct svnic_card *card);
void svnic_health_start(struct svnic_card *card);
void svnic_health_stop(struct svnic_card *card);
void svnic_health_exit(struct svnic_card *card);
void svnic_health_channel_broken(struct svnic_card *card);
void svnic_health_vif_stopped(struct svnic_card *card);

#endif /* SVNIC_H */
