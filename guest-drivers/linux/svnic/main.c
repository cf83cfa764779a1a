// SPDX-License-Identifier: GPL-2.0-only
/*
 * SV-NIC card driver: PCI function of the self-virtualizing network card.
 *
 * Probe maps the BARs, waits for the firmware, queries the card and registers
 * with devlink, which is used to create VIFs.  This driver handles no packets:
 * svnic_vif binds to the VIFs and does.
 *
 * Probe, remove and shutdown run in process context, serialized by the
 * device lock.
 */
#include <linux/io.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "hw/net/sv-nic/sv_nic_version.h"
#include "svnic.h"

static int svnic_map_bars(struct svnic_card *card)
{
	struct pci_dev *pdev = card->pdev;
	static const struct {
		int bar;
		resource_size_t size;
	} need[] = {
		{ SVNIC_BAR_CSR, SVNIC_CSR_SIZE },
		{ SVNIC_BAR_DOORBELL, SVNIC_DOORBELL_PAGE_SIZE },
		{ SVNIC_BAR_PCI_CSR, SVNIC_PCI_CSR_SIZE_MIN },
		{ SVNIC_BAR_SDRAM, SVNIC_CMD_AREA_SIZE },
	};
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(need); n++) {
		if (!(pci_resource_flags(pdev, need[n].bar) & IORESOURCE_MEM) ||
		    pci_resource_len(pdev, need[n].bar) < need[n].size) {
			dev_err(&pdev->dev, "BAR %d has %llu bytes, needs %llu of memory space\n",
				need[n].bar,
				(u64)pci_resource_len(pdev, need[n].bar),
				(u64)need[n].size);
			return -ENODEV;
		}
	}

	card->csr = pci_iomap(pdev, SVNIC_BAR_CSR, SVNIC_CSR_SIZE);
	card->doorbells = pci_iomap(pdev, SVNIC_BAR_DOORBELL, 0);
	card->pci_csr = pci_iomap(pdev, SVNIC_BAR_PCI_CSR, 0);
	card->sdram = pci_resource_start(pdev, SVNIC_BAR_SDRAM);
	card->sdram_size = pci_resource_len(pdev, SVNIC_BAR_SDRAM);
	if (!card->csr || !card->doorbells || !card->pci_csr)
		return -ENOMEM;
	return 0;
}

static void svnic_unmap_bars(struct svnic_card *card)
{
	struct pci_dev *pdev = card->pdev;

	if (card->csr)
		pci_iounmap(pdev, card->csr);
	if (card->doorbells)
		pci_iounmap(pdev, card->doorbells);
	if (card->pci_csr)
		pci_iounmap(pdev, card->pci_csr);
}

/**
 * svnic_clear_leftovers() - destroy VIFs that are not of this driver
 * @card: without VIFs of this driver, bus master off, without an interrupt
 * @used: the number of VIFs on the card
 *
 * VIFs that an earlier driver left on the card (kexec, a failed command in its
 * remove) would occupy ids and memory until the card is reset.
 */
void svnic_clear_leftovers(struct svnic_card *card, u32 used)
{
	u32 id;

	if (!used)
		return;
	dev_info(&card->pdev->dev, "destroying %u VIFs of an earlier driver\n",
		 used);
	for (id = 0; id < card->vif_limit; id++) {
		struct svnic_vif_info info;

		if (svnic_vif_query(card, id, &info))
			continue;
		if (le32_to_cpu(info.state) != SVNIC_VIF_INACTIVE)
			svnic_vif_command(card, id, SVNIC_CMD_VIF_DEACTIVATE,
					  NULL);
		svnic_vif_command(card, id, SVNIC_CMD_VIF_DESTROY, NULL);
	}
}

/*
 * Query and check the properties of the card; @used is the number of VIFs that
 * exist already.  This is the first command and runs without an interrupt: the
 * manager's irq bit is part of the answer.
 */
static int svnic_query_card(struct svnic_card *card, u32 *used)
{
	struct svnic_card_info info;
	u32 vifs, ports, bits;
	int err;

	err = svnic_query(card, &info);
	if (err) {
		dev_err(&card->pdev->dev, "cannot read the card's properties: QUERY failed with %pe\n",
			ERR_PTR(err));
		return err;
	}
	vifs = le32_to_cpu(info.vifs);
	ports = le32_to_cpu(info.ports);
	bits = le32_to_cpu(info.irq_bits) ?: SVNIC_IRQ_BITS;
	if (bits < 2 || bits > SVNIC_IRQ_BITS ||
	    !vifs || vifs > SVNIC_MAX_VIFS || !ports ||
	    ports > SVNIC_MAX_PORTS ||
	    le32_to_cpu(info.slot_size) != SVNIC_SLOT_SIZE ||
	    le32_to_cpu(info.max_frame) < SVNIC_MAX_FRAME) {
		dev_err(&card->pdev->dev, "unsupported card: %u VIFs (1 to %u), %u ports (1 to %u), %u irq bits (2 to %u), slots of %u bytes (%u), frames up to %u (%u)\n",
			vifs, SVNIC_MAX_VIFS, ports, SVNIC_MAX_PORTS, bits,
			SVNIC_IRQ_BITS, le32_to_cpu(info.slot_size),
			SVNIC_SLOT_SIZE, le32_to_cpu(info.max_frame),
			SVNIC_MAX_FRAME);
		return -ENODEV;
	}
	memcpy(card->firmware, info.firmware, sizeof(card->firmware));
	card->firmware[sizeof(card->firmware) - 1] = '\0';
	card->capabilities = le32_to_cpu(info.capabilities);
	card->ports = ports;
	card->irq.manager_irq_bit = SVNIC_MANAGER_IRQ_BIT(bits);

	card->vifs = kcalloc(vifs, sizeof(*card->vifs), GFP_KERNEL);
	card->card_ports = kcalloc(ports, sizeof(*card->card_ports),
				   GFP_KERNEL);
	if (!card->vifs || !card->card_ports)
		return -ENOMEM;
	/* Pairs with svnic_intx(), which reads vifs[] up to vif_limit. */
	smp_store_release(&card->vif_limit, vifs);
	*used = le32_to_cpu(info.vifs_used);
	return 0;
}

/* Open the command channel, query the card, destroy VIFs that are left on it. */
static int svnic_open_card(struct svnic_card *card)
{
	u32 used;
	int err;

	/*
	 * VIFs that an earlier kernel left may have their queues in memory that
	 * this kernel uses for something else: no DMA before they are destroyed.
	 */
	pci_clear_master(card->pdev);
	err = svnic_channel_init(card);
	if (err)
		return err;
	err = svnic_query_card(card, &used);
	if (err)
		return err;
	svnic_clear_leftovers(card, used);
	/* MSI-X messages are writes by the card. */
	pci_set_master(card->pdev);
	return 0;
}

static void svnic_free_tables(struct svnic_card *card)
{
	kfree(card->card_ports);
	kfree(card->vifs);
}

static int svnic_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct svnic_card *card;
	struct devlink *devlink;
	int err;

	devlink = devlink_alloc(&svnic_devlink_ops, sizeof(*card), &pdev->dev);
	if (!devlink)
		return -ENOMEM;
	card = devlink_priv(devlink);
	card->devlink = devlink;
	card->pdev = pdev;
	card->removing = true;
	pci_set_drvdata(pdev, card);

	err = pci_enable_device(pdev);
	if (err)
		goto free;
	err = pci_request_regions(pdev, KBUILD_MODNAME);
	if (err)
		goto disable;
	err = svnic_map_bars(card);
	if (err)
		goto unmap;
	/* The bridge's upstream windows cover the lower 2 GiB. */
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(31));
	if (err)
		goto unmap;
	err = svnic_open_card(card);
	if (err)
		goto tables;
	err = svnic_irq_init(card);
	if (err)
		goto tables;
	err = svnic_health_init(card);
	if (err)
		goto irq;
	err = svnic_params_init(card);
	if (err)
		goto health;
	err = svnic_ports_init(card);
	if (err)
		goto ports;
	err = svnic_manager_init(card);
	if (err)
		goto ports;
	devlink_register(devlink);

	dev_info(&pdev->dev, "SV-NIC, firmware %s, %u VIFs, %u ports, %s\n",
		 card->firmware, card->vif_limit, card->ports,
		 card->irq.msix ? "MSI-X" : "INTA");
	return 0;

ports:
	svnic_health_stop(card);
	svnic_ports_exit(card);
	svnic_params_exit(card);
health:
	svnic_health_stop(card);
	svnic_health_exit(card);
irq:
	svnic_irq_exit(card);
tables:
	svnic_free_tables(card);
	svnic_channel_exit(card);
unmap:
	pci_clear_master(pdev);
	svnic_unmap_bars(card);
	pci_release_regions(pdev);
disable:
	pci_disable_device(pdev);
free:
	devlink_free(devlink);
	return err;
}

static void svnic_reset_prepare(struct pci_dev *pdev)
{
	svnic_card_stop(pci_get_drvdata(pdev));
}

/* An error has been logged; there is no way to return it. */
static void svnic_reset_done(struct pci_dev *pdev)
{
	svnic_card_start(pci_get_drvdata(pdev));
}

static const struct pci_error_handlers svnic_err_handlers = {
	.reset_prepare = svnic_reset_prepare,
	.reset_done = svnic_reset_done,
};

static int svnic_suspend(struct device *dev)
{
	svnic_card_stop(dev_get_drvdata(dev));
	return 0;
}

static int svnic_resume(struct device *dev)
{
	return svnic_card_start(dev_get_drvdata(dev));
}

static DEFINE_SIMPLE_DEV_PM_OPS(svnic_pm_ops, svnic_suspend, svnic_resume);

static void svnic_remove(struct pci_dev *pdev)
{
	struct svnic_card *card = pci_get_drvdata(pdev);

	/* No VIF is created through devlink after this. */
	devlink_unregister(card->devlink);
	svnic_manager_exit(card);
	svnic_health_stop(card);
	svnic_ports_exit(card);
	svnic_params_exit(card);
	svnic_irq_exit(card);
	svnic_health_exit(card);
	svnic_channel_exit(card);
	svnic_free_tables(card);
	pci_clear_master(pdev);
	svnic_unmap_bars(card);
	pci_release_regions(pdev);
	pci_disable_device(pdev);
	devlink_free(card->devlink);
}

/*
 * The owners of the VIFs have been shut down before.  Mask interrupts and stop
 * DMA for a kernel that may be started by kexec; its driver destroys the VIFs
 * (svnic_clear_leftovers()).
 */
static void svnic_shutdown(struct pci_dev *pdev)
{
	struct svnic_card *card = pci_get_drvdata(pdev);

	svnic_health_stop(card);
	iowrite16(0xffff, card->csr + SVNIC_CSR_PRIMARY_SET_MASK);
	pci_clear_master(pdev);
}

static const struct pci_device_id svnic_ids[] = {
	{ PCI_DEVICE_SUB(SVNIC_PCI_VENDOR_ID, SVNIC_PCI_DEVICE_ID,
			 SVNIC_PCI_SUBVENDOR_ID, SVNIC_PCI_SUBDEVICE_ID) },
	{ }
};
MODULE_DEVICE_TABLE(pci, svnic_ids);

static struct pci_driver svnic_driver = {
	.name = KBUILD_MODNAME,
	.id_table = svnic_ids,
	.probe = svnic_probe,
	.remove = svnic_remove,
	.shutdown = svnic_shutdown,
	.err_handler = &svnic_err_handlers,
	.driver.pm = pm_sleep_ptr(&svnic_pm_ops),
};
module_pci_driver(svnic_driver);

MODULE_DESCRIPTION("SV-NIC self-virtualizing network card");
MODULE_LICENSE("GPL");
MODULE_VERSION(SVNIC_VERSION);
