/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A queue of a VIF: two index lines and an array of slots (spec: "Memory of a
 * VIF").  Used for both directions: producing or consuming, and locking, are up
 * to the caller.
 *
 * Card memory is mapped write-combining, so that ordering needs the barriers
 * for devices (wmb, rmb, mb) instead of those between processors.  The same
 * holds for a queue in this machine's memory: the other side is a device too.
 */
#ifndef SVNIC_RING_H
#define SVNIC_RING_H

#include <linux/io.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/barrier.h>

#include "hw/net/sv-nic/sv_nic_abi.h"

/**
 * struct svnic_ring - addresses and size of a queue
 * @local: the index line that this driver writes
 * @remote: the index line that the card writes
 * @base: slot 0
 * @slots: number of slots, a power of two
 * @bytes: size of all slots
 */
struct svnic_ring {
	struct svnic_index *local;
	struct svnic_index *remote;
	u8 *base;
	u32 slots;
	u32 bytes;
};

/**
 * svnic_copy() - copy to or from card memory
 * @dst: destination, in card memory or not
 * @src: source, in card memory or not
 * @len: bytes; source and destination do not overlap
 *
 * Copies all frame data, so it must be fast on any processor.  memcpy() moves
 * single bytes with "rep movsb" if the processor announces that this is fast,
 * which is not true of an emulated one; "rep movsq" is fast on both.
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

/* The slot number of @index. */
static inline u32 svnic_slot(const struct svnic_ring *ring, u32 index)
{
	return index & (ring->slots - 1);
}

/* Byte offset in the queue of the frame that starts at @index. */
static inline u32 svnic_offset(const struct svnic_ring *ring, u32 index)
{
	return svnic_slot(ring, index) * SVNIC_SLOT_SIZE;
}

/**
 * svnic_ring_write() - copy into a queue, wrapping at its end
 * @ring: the queue
 * @offset: byte offset in the queue, below ring->bytes
 * @src: the data
 * @len: bytes, at most ring->bytes
 *
 * Return: the offset of the byte after the data.
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

/* Like svnic_ring_write(), from the queue to @dst. */
static inline u32 svnic_ring_read(const struct svnic_ring *ring, u32 offset,
				  void *dst, u32 len)
{
	u32 first = min(len, ring->bytes - offset);

	svnic_copy(dst, ring->base + offset, first);
	if (unlikely(first < len))
		svnic_copy(dst + first, ring->base, len - first);
	return (offset + len) & (ring->bytes - 1);
}

/* The current index of the card. */
static inline u32 svnic_ring_remote_index(const struct svnic_ring *ring)
{
	return le32_to_cpu(READ_ONCE(ring->remote->index));
}

/**
 * svnic_ring_publish() - publish the index of this side
 * @ring: the queue
 * @old: index as published last
 * @new: index to publish
 *
 * Orders accesses to the slots before the index, and the index before the read
 * of the card's event index.
 *
 * Return: whether the card must be notified by a doorbell.
 */
static inline bool svnic_ring_publish(struct svnic_ring *ring, u32 old,
				      u32 new)
{
	u32 event;

	/* Loads and stores of the slots before the index. */
	mb();
	WRITE_ONCE(ring->local->index, cpu_to_le32(new));
	/* The index before the event; the card stores and loads in reverse. */
	mb();
	event = le32_to_cpu(READ_ONCE(ring->remote->event));
	return new - event - 1 < new - old;
}

/**
 * svnic_ring_wait() - request a signal
 * @ring: the queue
 * @event: signal when the card's index passes this value
 *
 * The caller must check the card's index again afterwards: the card may have
 * passed @event before it read it.
 */
static inline void svnic_ring_wait(struct svnic_ring *ring, u32 event)
{
	WRITE_ONCE(ring->local->event, cpu_to_le32(event));
	/* The event before the caller's check of the index. */
	mb();
}

#endif /* SVNIC_RING_H */
