/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A queue of a VIF: two index lines and a run of slots in card memory (spec:
 * "Memory of a VIF").  The same for both directions; who produces and who
 * consumes is the caller's affair, and so is locking.
 *
 * Card memory is mapped write-combining, so ordering takes the barriers for
 * devices (wmb, rmb, mb), not those between processors.  So it does where the
 * queue is in this machine's memory: the other side is a device in either case.
 */
#ifndef SVNIC_RING_H
#define SVNIC_RING_H

#include <linux/io.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/barrier.h>

#include "hw/net/sv-nic/sv_nic_abi.h"

/**
 * struct svnic_ring - where a queue is
 * @ours: the line that this side writes
 * @theirs: the line that the card writes
 * @base: slot 0
 * @slots: number of slots, a power of two
 * @bytes: of all slots
 */
struct svnic_ring {
	struct svnic_index *ours;
	struct svnic_index *theirs;
	u8 *base;
	u32 slots;
	u32 bytes;
};

/**
 * svnic_copy() - copy to or from card memory
 * @dst: where to, card memory or not
 * @src: where from, card memory or not
 * @len: bytes; the two do not overlap
 *
 * The frame data's way in and out, so it must be good on any processor: a
 * string move of eight bytes a step is.  The kernel's memcpy() moves single
 * bytes where the processor claims to be fast at that, and an emulated one
 * is not.
 */
static inline void svnic_copy(void *dst, const void *src, size_t len)
{
#ifdef CONFIG_X86_64
	unsigned long words = len / 8;
	unsigned long rest = len % 8;

	asm volatile("rep movsq"
		     : "+D" (dst), "+S" (src), "+c" (words) : : "memory");
	if (rest & 4) {
		*(u32 *)dst = *(const u32 *)src;
		dst += 4;
		src += 4;
	}
	if (rest & 2) {
		*(u16 *)dst = *(const u16 *)src;
		dst += 2;
		src += 2;
	}
	if (rest & 1)
		*(u8 *)dst = *(const u8 *)src;
#else
	memcpy(dst, src, len);
#endif
}

/* The slot that @index means. */
static inline u32 svnic_slot(const struct svnic_ring *ring, u32 index)
{
	return index & (ring->slots - 1);
}

/* Byte offset in the queue of the frame whose first slot is @index. */
static inline u32 svnic_offset(const struct svnic_ring *ring, u32 index)
{
	return svnic_slot(ring, index) * SVNIC_SLOT_SIZE;
}

/**
 * svnic_ring_write() - copy into a queue, over its end if need be
 * @ring: the queue
 * @offset: byte in the queue, below ring->bytes
 * @src: what
 * @len: how much, at most ring->bytes
 *
 * Return: the offset behind it.
 */
static inline u32 svnic_ring_write(const struct svnic_ring *ring, u32 offset,
				   const void *src, u32 len)
{
	u32 first = min(len, ring->bytes - offset);

	svnic_copy(ring->base + offset, src, first);
	if (unlikely(first < len))
		svnic_copy(ring->base, src + first, len - first);
	return (offset + len) & (ring->bytes - 1);
}

/* As svnic_ring_write(), out of the queue into @dst. */
static inline u32 svnic_ring_read(const struct svnic_ring *ring, u32 offset,
				  void *dst, u32 len)
{
	u32 first = min(len, ring->bytes - offset);

	svnic_copy(dst, ring->base + offset, first);
	if (unlikely(first < len))
		svnic_copy(dst + first, ring->base, len - first);
	return (offset + len) & (ring->bytes - 1);
}

/* The card's index, as it is now. */
static inline u32 svnic_ring_theirs(const struct svnic_ring *ring)
{
	return le32_to_cpu(READ_ONCE(ring->theirs->index));
}

/**
 * svnic_ring_publish() - let the card see how far this side has come
 * @ring: the queue
 * @old: our index as published last
 * @new: our index
 *
 * What was written to or read from the slots comes before the index, and the
 * index before the look at what the card waits for.
 *
 * Return: whether the card wants to be told by a doorbell.
 */
static inline bool svnic_ring_publish(struct svnic_ring *ring, u32 old,
				      u32 new)
{
	u32 event;

	/* The slots before the index: both our loads and our stores. */
	mb();
	WRITE_ONCE(ring->ours->index, cpu_to_le32(new));
	/* The index before the event: the card does it the other way round. */
	mb();
	event = le32_to_cpu(READ_ONCE(ring->theirs->event));
	return new - event - 1 < new - old;
}

/**
 * svnic_ring_wait() - ask for a signal
 * @ring: the queue
 * @event: the card's index from which on one is wanted, less one
 *
 * The caller looks at the card's index once more afterwards: it may have got
 * there before it saw the event.
 */
static inline void svnic_ring_wait(struct svnic_ring *ring, u32 event)
{
	WRITE_ONCE(ring->ours->event, cpu_to_le32(event));
	/* The event before the caller's look at the index. */
	mb();
}

#endif /* SVNIC_RING_H */
