// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts of the card (spec: "Interrupts").
 *
 * With MSI-X each VIF has a vector, which is requested while an owner is
 * attached; its handler accesses no register.  If the machine has none left, as
 * with many VIFs on one CPU, the VIF shares the vector of other VIFs.  Without MSI-X, as on the real
 * card, all VIFs share INTA: the handler reads the bridge's 16-bit Primary IRQ
 * register, clears the bits that were set, and calls the client of each
 * attached VIF that uses one of these irq bits.  A client without work counts
 * a redundant signal.
 *
 * Handlers run in hard interrupt context.  A VIF's client pointer is written
 * with WRITE_ONCE and cleared before synchronize_irq(), so that no handler uses
 * a client after svnic_irq_detach().  irq->lock guards the bridge's mask.
 */
#include <linux/interrupt.h>
#include <linux/io.h>

#include "svnic.h"

static void svnic_manager_interrupt(struct svnic_card *card)
{
	u32 events = ioread32(card->pci_csr + SVNIC_PCI_CSR_PCI_DOORBELL);

	iowrite32(events, card->pci_csr + SVNIC_PCI_CSR_PCI_DOORBELL);
	card->irq.manager++;
	if (events & SVNIC_PCI_DB_COMMAND_DONE)
		complete(&card->channel.done);
	if (events & SVNIC_PCI_DB_VIF_STOPPED)
		svnic_health_vif_stopped(card);
}

static void svnic_vif_interrupt(struct svnic_vif *vif)
{
	struct svnic_client *client = READ_ONCE(vif->client);

	if (!client)
		return;
	vif->irqs++;
	if (!client->interrupt(client))
		vif->redundant++;
}

static irqreturn_t svnic_msix_manager(int irq, void *data)
{
	svnic_manager_interrupt(data);
	return IRQ_HANDLED;
}

static irqreturn_t svnic_msix_vif(int irq, void *data)
{
	svnic_vif_interrupt(data);
	return IRQ_HANDLED;
}

static irqreturn_t svnic_intx(int irq, void *data)
{
	struct svnic_card *card = data;
	/* Pairs with svnic_query_card(); vif_limit is 0 before. */
	u32 limit = smp_load_acquire(&card->vif_limit);
	u32 n;
	u16 bits;

	bits = ioread16(card->csr + SVNIC_CSR_PRIMARY_CLEAR_IRQ);
	bits &= READ_ONCE(card->irq.enabled);
	if (!bits)
		return IRQ_NONE;
	/* Clear first: a bit that is set from here on interrupts again. */
	iowrite16(bits, card->csr + SVNIC_CSR_PRIMARY_CLEAR_IRQ);

	if (bits & BIT(card->irq.manager_irq_bit))
		svnic_manager_interrupt(card);
	for (n = 0; n < limit; n++) {
		struct svnic_vif *vif = READ_ONCE(card->vifs[n]);

		if (vif && bits & BIT(vif->irq_bit))
			svnic_vif_interrupt(vif);
	}
	return IRQ_HANDLED;
}

/* Add @delta users of @irq_bit; unmask it while there are any. */
static void svnic_intx_use(struct svnic_card *card, u32 irq_bit, int delta)
{
	struct svnic_irq *irq = &card->irq;
	u16 bit = BIT(irq_bit);
	unsigned long flags;

	spin_lock_irqsave(&irq->lock, flags);
	irq->users[irq_bit] += delta;
	if (irq->users[irq_bit]) {
		WRITE_ONCE(irq->enabled, irq->enabled | bit);
		iowrite16(bit, card->csr + SVNIC_CSR_PRIMARY_CLEAR_MASK);
	} else {
		iowrite16(bit, card->csr + SVNIC_CSR_PRIMARY_SET_MASK);
		WRITE_ONCE(irq->enabled, irq->enabled & ~bit);
	}
	spin_unlock_irqrestore(&irq->lock, flags);
}

static int svnic_vector_request(struct svnic_vif *vif)
{
	struct svnic_card *card = vif->card;
	int err;

	if (vif->vector >= card->irq.vectors)
		return -ENOSPC;
	err = request_irq(pci_irq_vector(card->pdev, vif->vector),
			  svnic_msix_vif, IRQF_SHARED, vif->irq_name, vif);
	if (!err) {
		spin_lock_irq(&card->irq.lock);
		card->irq.vector_users[vif->vector]++;
		spin_unlock_irq(&card->irq.lock);
	}
	return err;
}

/* The vector with the fewest VIFs of those in use, or 0. */
static u32 svnic_vector_least_used(struct svnic_irq *irq)
{
	u32 n, least = 0;

	spin_lock_irq(&irq->lock);
	for (n = SVNIC_VECTOR(0); n < irq->vectors; n++)
		if (irq->vector_users[n] &&
		    (!least || irq->vector_users[n] < irq->vector_users[least]))
			least = n;
	spin_unlock_irq(&irq->lock);
	return least;
}

/* Without a free interrupt vector of this machine: share that of other VIFs. */
static int svnic_vector_share(struct svnic_vif *vif)
{
	struct svnic_card *card = vif->card;
	struct svnic_vif_attr attr = { .mask = cpu_to_le32(SVNIC_ATTR_VECTOR) };
	u32 vector;
	int err;

	vector = svnic_vector_least_used(&card->irq);
	if (!vector || !(card->capabilities & SVNIC_CAP_VECTOR))
		return -ENOSPC;
	attr.vector = cpu_to_le32(vector);
	err = svnic_vif_change(vif, &attr, SVNIC_CMD_F_WHILE_ACTIVE);
	if (err)
		return err;
	dev_info_once(&card->pdev->dev, "no free interrupt vector for VIF %u: it and others share vectors\n",
		      vif->id);
	vif->vector = vector;
	return svnic_vector_request(vif);
}

/**
 * svnic_irq_attach() - deliver the signals of a VIF to its owner
 * @vif: an active VIF without a client
 * @client: callbacks of the owner
 *
 * Process context, vif->client_lock held.
 *
 * Return: 0 or a negative errno.
 */
int svnic_irq_attach(struct svnic_vif *vif, struct svnic_client *client)
{
	struct svnic_card *card = vif->card;
	int err;

	WRITE_ONCE(vif->client, client);
	if (!card->irq.msix) {
		svnic_intx_use(card, vif->irq_bit, 1);
		return 0;
	}
	snprintf(vif->irq_name, sizeof(vif->irq_name), "svnic-vif%u@pci:%s",
		 vif->id, pci_name(card->pdev));
	err = svnic_vector_request(vif);
	if (err == -ENOSPC)
		err = svnic_vector_share(vif);
	if (err)
		WRITE_ONCE(vif->client, NULL);
	return err;
}

/**
 * svnic_irq_detach() - undo svnic_irq_attach()
 * @vif: with a client, which is not called after the return
 *
 * Process context, vif->client_lock held.
 */
void svnic_irq_detach(struct svnic_vif *vif)
{
	struct svnic_card *card = vif->card;

	WRITE_ONCE(vif->client, NULL);
	if (card->irq.msix) {
		free_irq(pci_irq_vector(card->pdev, vif->vector), vif);
		spin_lock_irq(&card->irq.lock);
		card->irq.vector_users[vif->vector]--;
		spin_unlock_irq(&card->irq.lock);
	} else {
		svnic_intx_use(card, vif->irq_bit, -1);
		synchronize_irq(card->pdev->irq);
	}
}

/* Mask all irq bits and forget what is pending in bridge and chip. */
static void svnic_irq_clear(struct svnic_card *card)
{
	iowrite16(0xffff, card->csr + SVNIC_CSR_PRIMARY_SET_MASK);
	iowrite16(0xffff, card->csr + SVNIC_CSR_PRIMARY_CLEAR_IRQ);
	iowrite32(~0u, card->pci_csr + SVNIC_PCI_CSR_PCI_DOORBELL);
}

/**
 * svnic_irq_stop() - mask the manager's interrupt before a reset of the card
 * @card: no VIF is attached
 *
 * Handlers that other devices on the same line call find nothing to do.
 */
void svnic_irq_stop(struct svnic_card *card)
{
	card->irq.up = false;
	if (card->irq.msix) {
		synchronize_irq(pci_irq_vector(card->pdev,
					       SVNIC_VECTOR_MANAGER));
	} else {
		svnic_intx_use(card, card->irq.manager_irq_bit, -1);
		synchronize_irq(card->pdev->irq);
	}
}

/**
 * svnic_irq_start() - undo svnic_irq_stop()
 * @card: reset; the PCI core has restored its configuration
 */
void svnic_irq_start(struct svnic_card *card)
{
	svnic_irq_clear(card);
	if (!card->irq.msix)
		svnic_intx_use(card, card->irq.manager_irq_bit, 1);
	card->irq.up = true;
}

/**
 * svnic_irq_init() - request the manager's vector, or INTA
 * @card: queried
 *
 * Return: 0, or a negative errno; the error has been logged.
 */
int svnic_irq_init(struct svnic_card *card)
{
	struct svnic_irq *irq = &card->irq;
	struct pci_dev *pdev = card->pdev;
	int n, err;

	spin_lock_init(&irq->lock);
	snprintf(irq->name, sizeof(irq->name), "svnic@pci:%s", pci_name(pdev));

	svnic_irq_clear(card);

	n = pci_msix_vec_count(pdev);
	if (n > 0) {
		/* Fewer than the manager's and one VIF's vector: use INTA. */
		n = pci_alloc_irq_vectors(pdev, SVNIC_VECTOR(0) + 1, n,
					  PCI_IRQ_MSIX);
	}
	if (n > 0) {
		irq->msix = true;
		irq->vectors = n;
		err = request_irq(pci_irq_vector(pdev, SVNIC_VECTOR_MANAGER),
				  svnic_msix_manager, 0, irq->name, card);
		if (err)
			pci_free_irq_vectors(pdev);
	} else {
		err = request_irq(pdev->irq, svnic_intx, IRQF_SHARED,
				  irq->name, card);
		if (!err)
			svnic_intx_use(card, irq->manager_irq_bit, 1);
	}
	irq->up = !err;
	if (err)
		dev_err(&pdev->dev, "cannot request %s: %pe\n",
			irq->msix ? "the manager's MSI-X vector" : "INTA",
			ERR_PTR(err));
	return err;
}

/**
 * svnic_irq_exit() - undo svnic_irq_init()
 * @card: no VIF is attached
 */
void svnic_irq_exit(struct svnic_card *card)
{
	struct svnic_irq *irq = &card->irq;
	struct pci_dev *pdev = card->pdev;

	if (irq->msix) {
		free_irq(pci_irq_vector(pdev, SVNIC_VECTOR_MANAGER), card);
		pci_free_irq_vectors(pdev);
	} else {
		if (irq->up)
			svnic_intx_use(card, irq->manager_irq_bit, -1);
		free_irq(pdev->irq, card);
	}
}
