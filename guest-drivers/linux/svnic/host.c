// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regions of VIFs in this machine's memory (spec: "Host placement"): allocated
 * here, mapped for the card extent by extent, and mapped contiguously for the
 * owner.
 *
 * Process context, with the devlink instance lock held or called by the owner
 * of an inactive VIF: serialized for each VIF.  Card and owner both write the
 * region while the VIF is active, without calls of the DMA sync functions, so
 * DMA must be cache-coherent.
 */
#include <linux/dma-mapping.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "svnic.h"

/* Initial size of an allocation; halved while it fails. */
#define SVNIC_CHUNK_PAGES	64

/* Whether DMA of this machine is coherent and pages are 4 KiB. */
static bool svnic_host_coherent(void)
{
	return IS_ALIGNED(SVNIC_PAGE_SIZE, PAGE_SIZE) &&
	       !IS_ENABLED(CONFIG_ARCH_HAS_SYNC_DMA_FOR_DEVICE) &&
	       !IS_ENABLED(CONFIG_ARCH_HAS_SYNC_DMA_FOR_CPU);
}

/**
 * svnic_host_possible() - test for host placement
 * @card: the card, queried
 *
 * Return: whether card and machine support it.
 */
bool svnic_host_possible(const struct svnic_card *card)
{
	return card->capabilities & SVNIC_CAP_HOST_PLACEMENT &&
	       svnic_host_coherent();
}

static void svnic_region_free(struct svnic_card *card, struct svnic_region *region)
{
	u32 n;

	vunmap(region->mem);
	for (n = 0; n < region->chunks; n++) {
		struct svnic_chunk *c = &region->chunk[n];

		dma_free_pages(&card->pdev->dev, c->pages * PAGE_SIZE, c->page,
			       c->dma, DMA_BIDIRECTIONAL);
	}
	kvfree(region->chunk);
	kfree(region);
}

/* Allocate @pages in few chunks and map them contiguously. */
static struct svnic_region *svnic_region_alloc(struct svnic_card *card, u32 pages)
{
	u32 size = SVNIC_CHUNK_PAGES, done = 0, n;
	struct page **list;
	struct svnic_region *region;

	list = kvmalloc_array(pages, sizeof(*list), GFP_KERNEL);
	region = kzalloc(sizeof(*region), GFP_KERNEL);
	if (!list || !region)
		goto free;
	region->chunk = kvcalloc(pages, sizeof(*region->chunk), GFP_KERNEL);
	if (!region->chunk)
		goto free;

	while (done < pages) {
		struct svnic_chunk *c = &region->chunk[region->chunks];

		c->pages = min(size, pages - done);
		c->page = dma_alloc_pages(&card->pdev->dev,
					  c->pages * PAGE_SIZE, &c->dma,
					  DMA_BIDIRECTIONAL,
					  GFP_KERNEL | __GFP_ZERO |
					  __GFP_NOWARN);
		if (!c->page) {
			if (size == 1)
				goto free;
			size /= 2;
			continue;
		}
		region->chunks++;
		for (n = 0; n < c->pages; n++)
			list[done++] = c->page + n;
	}
	region->mem = vmap(list, pages, VM_MAP, PAGE_KERNEL);
	if (!region->mem)
		goto free;
	kvfree(list);
	return region;

free:
	kvfree(list);
	if (region)
		svnic_region_free(card, region);
	return NULL;
}

/* Send the addresses of all pages of the region to the card. */
static int svnic_region_map(struct svnic_vif *vif, const struct svnic_region *region)
{
	struct svnic_cmd cmd = {};
	struct svnic_vif_map *map = &cmd.u.map;
	u32 page = 0, extents = 0, n;
	int err;

	for (n = 0; n < region->chunks; n++) {
		const struct svnic_chunk *c = &region->chunk[n];

		map->extent[extents++] = (struct svnic_map_extent) {
			.address = cpu_to_le64(c->dma),
			.page = cpu_to_le32(page),
			.pages = cpu_to_le32(c->pages),
		};
		page += c->pages;
		if (extents < SVNIC_MAP_EXTENTS && n + 1 < region->chunks)
			continue;
		map->extents = cpu_to_le32(extents);
		cmd.opcode = cpu_to_le16(SVNIC_CMD_VIF_MAP);
		cmd.vif = cpu_to_le32(vif->id);
		err = svnic_command(vif->card, &cmd);
		if (err)
			return err;
		memset(&cmd, 0, sizeof(cmd));
		extents = 0;
	}
	return 0;
}

/**
 * svnic_host_attach() - allocate and map the region of a VIF
 * @vif: with host placement, inactive, without mapped pages
 * @size: size of the region that the card requires, bytes
 *
 * Return: 0 or a negative errno.  In either case call svnic_host_detach() after
 * the card has dropped all pages of the VIF.
 */
int svnic_host_attach(struct svnic_vif *vif, u32 size)
{
	if (!size || !PAGE_ALIGNED(size))
		return -EPROTO;
	vif->region = svnic_region_alloc(vif->card, size / PAGE_SIZE);
	if (!vif->region)
		return -ENOMEM;
	vif->region->size = size;
	return svnic_region_map(vif, vif->region);
}

/**
 * svnic_host_detach() - free the region of a VIF
 * @vif: destroyed on the card, or without mapped pages there
 */
void svnic_host_detach(struct svnic_vif *vif)
{
	if (vif->region)
		svnic_region_free(vif->card, vif->region);
	vif->region = NULL;
}

/**
 * svnic_host_restore() - map the region of a VIF that was created again
 * @vif: with host placement and a region, inactive, without mapped pages
 * @size: size of the region that the card requires, bytes
 *
 * Return: 0 or a negative errno.
 */
int svnic_host_restore(struct svnic_vif *vif, u32 size)
{
	if (vif->region->size == size)
		return svnic_region_map(vif, vif->region);
	svnic_host_detach(vif);
	return svnic_host_attach(vif, size);
}

/**
 * svnic_host_resize() - change the numbers of slots
 * @vif: with host placement, inactive
 * @attr: the numbers of slots
 *
 * Return: 0 or a negative errno.  After an error the VIF has its old region; if
 * that could not be restored either, it has none and cannot be activated.
 */
int svnic_host_resize(struct svnic_vif *vif, const struct svnic_vif_attr *attr)
{
	struct svnic_card *card = vif->card;
	struct svnic_vif_info before, after;
	struct svnic_region *old = vif->region;
	int err;

	err = svnic_vif_query(card, vif->id, &before);
	if (err)
		return err;
	err = svnic_vif_change(vif, attr, 0);
	if (err)
		return err;
	err = svnic_vif_query(card, vif->id, &after);
	if (!err && after.sdram_size == before.sdram_size &&
	    after.attr.send_slots == before.attr.send_slots)
		return 0;

	/* The change has dropped all pages of the old region on the card. */
	vif->region = NULL;
	if (!err)
		err = svnic_host_attach(vif, le32_to_cpu(after.sdram_size));
	if (!err) {
		svnic_region_free(card, old);
		return 0;
	}

	before.attr.mask = cpu_to_le32(SVNIC_ATTR_SEND_SLOTS |
				       SVNIC_ATTR_RECV_SLOTS);
	if (svnic_vif_change(vif, &before.attr, 0))
		dev_err(&card->pdev->dev, "VIF %u: cannot restore the old numbers of slots: it has no memory until it is deleted\n",
			vif->id);
	svnic_host_detach(vif);
	vif->region = old;
	svnic_region_map(vif, old);
	return err;
}
