// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs of VIFs in this machine's memory (spec: "Host placement"): allocated
 * here, told to the card page by page, and seen in one piece by their owner.
 *
 * Process context, with the devlink instance lock held or by the owner of an
 * inactive VIF: never twice at once for one VIF.  The card and the owner both
 * write the run while the VIF is active, without anybody saying when, so the
 * machine has to keep caches and DMA coherent by itself.
 */
#include <linux/dma-mapping.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "svnic.h"

/* Pages that are asked for in one piece at first. */
#define SVNIC_CHUNK_PAGES	64

/* Whether this machine can have VIFs with their runs in its memory. */
static bool svnic_host_coherent(void)
{
	return IS_ALIGNED(SVNIC_PAGE_SIZE, PAGE_SIZE) &&
	       !IS_ENABLED(CONFIG_ARCH_HAS_SYNC_DMA_FOR_DEVICE) &&
	       !IS_ENABLED(CONFIG_ARCH_HAS_SYNC_DMA_FOR_CPU);
}

/**
 * svnic_host_possible() - whether VIFs can have host placement
 * @card: the card, queried
 */
bool svnic_host_possible(const struct svnic_card *card)
{
	return card->capabilities & SVNIC_CAP_HOST_PLACEMENT &&
	       svnic_host_coherent();
}

static void svnic_run_free(struct svnic_card *card, struct svnic_run *run)
{
	u32 n;

	vunmap(run->mem);
	for (n = 0; n < run->chunks; n++) {
		struct svnic_chunk *c = &run->chunk[n];

		dma_free_pages(&card->pdev->dev, c->pages * PAGE_SIZE, c->page,
			       c->dma, DMA_BIDIRECTIONAL);
	}
	kvfree(run->chunk);
	kfree(run);
}

/* @pages of memory, in as few pieces as there are, in one piece for us. */
static struct svnic_run *svnic_run_alloc(struct svnic_card *card, u32 pages)
{
	u32 size = SVNIC_CHUNK_PAGES, done = 0, n;
	struct page **list;
	struct svnic_run *run;

	list = kvmalloc_array(pages, sizeof(*list), GFP_KERNEL);
	run = kzalloc(sizeof(*run), GFP_KERNEL);
	if (!list || !run)
		goto free;
	run->chunk = kvcalloc(pages, sizeof(*run->chunk), GFP_KERNEL);
	if (!run->chunk)
		goto free;

	while (done < pages) {
		struct svnic_chunk *c = &run->chunk[run->chunks];

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
		run->chunks++;
		for (n = 0; n < c->pages; n++)
			list[done++] = c->page + n;
	}
	run->mem = vmap(list, pages, VM_MAP, PAGE_KERNEL);
	if (!run->mem)
		goto free;
	kvfree(list);
	return run;

free:
	kvfree(list);
	if (run)
		svnic_run_free(card, run);
	return NULL;
}

/* Tells the card where all pages of the run are. */
static int svnic_run_map(struct svnic_vif *vif, const struct svnic_run *run)
{
	struct svnic_cmd cmd = {};
	struct svnic_vif_map *map = &cmd.u.map;
	u32 page = 0, extents = 0, n;
	int err;

	for (n = 0; n < run->chunks; n++) {
		const struct svnic_chunk *c = &run->chunk[n];

		map->extent[extents++] = (struct svnic_map_extent) {
			.address = cpu_to_le64(c->dma),
			.page = cpu_to_le32(page),
			.pages = cpu_to_le32(c->pages),
		};
		page += c->pages;
		if (extents < SVNIC_MAP_EXTENTS && n + 1 < run->chunks)
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
 * svnic_host_attach() - give a VIF with host placement its memory
 * @vif: inactive, its table empty
 * @size: bytes that the card wants for it
 *
 * Return: 0 or a negative errno.  In either case svnic_host_detach() is due
 * once the card has nothing in the VIF's table any more.
 */
int svnic_host_attach(struct svnic_vif *vif, u32 size)
{
	if (!size || !PAGE_ALIGNED(size))
		return -EPROTO;
	vif->run = svnic_run_alloc(vif->card, size / PAGE_SIZE);
	if (!vif->run)
		return -ENOMEM;
	vif->run->size = size;
	return svnic_run_map(vif, vif->run);
}

/**
 * svnic_host_detach() - free what svnic_host_attach() has taken
 * @vif: the card has destroyed it, or has emptied its table
 */
void svnic_host_detach(struct svnic_vif *vif)
{
	if (vif->run)
		svnic_run_free(vif->card, vif->run);
	vif->run = NULL;
}

/**
 * svnic_host_resize() - other numbers of slots for a VIF with host placement
 * @vif: inactive
 * @attr: the numbers of slots
 *
 * Return: 0, or a negative errno, and then the VIF is as before, or, when that
 * fails too, without memory: it cannot be activated.
 */
int svnic_host_resize(struct svnic_vif *vif, const struct svnic_vif_attr *attr)
{
	struct svnic_card *card = vif->card;
	struct svnic_vif_info before, after;
	struct svnic_run *old = vif->run;
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

	/* The table is empty: the card has let go of the old memory. */
	vif->run = NULL;
	if (!err)
		err = svnic_host_attach(vif, le32_to_cpu(after.sdram_size));
	if (!err) {
		svnic_run_free(card, old);
		return 0;
	}

	before.attr.mask = cpu_to_le32(SVNIC_ATTR_SEND_SLOTS |
				       SVNIC_ATTR_RECV_SLOTS);
	if (svnic_vif_change(vif, &before.attr, 0))
		dev_err(&card->pdev->dev, "VIF %u is left without memory\n",
			vif->id);
	svnic_host_detach(vif);
	vif->run = old;
	svnic_run_map(vif, old);
	return err;
}
