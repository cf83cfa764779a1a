/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program for the chip that hashes numbers: the code of
 * docs/tutorial/firmware.rst.
 *
 * The host writes a number to mailbox NUMBER and rings the XScale.  The XScale
 * puts the number on a scratchpad ring and signals a context of a microengine.
 * The context takes it from the ring, hashes it with the chip's hash unit,
 * keeps the result in the scratchpad, and tells the host by mailboxes, the PCI
 * doorbell and an interrupt.
 */
#include "hw/net/sv-nic/chip/ixp.h"
#include "hash.h"

#define ME              0
#define CONTEXT         0
#define RING            0
/* Words of the scratchpad behind the ring, which has 128. */
#define SCRATCH_COUNT   128
#define SCRATCH_RESULT  129

typedef struct HashState {
    Ixp *ix;                    /* set again at each boot */
    IxpUnits *units;
    uint32_t irq_bit;
} HashState;

enum {
    EVENT_HASHED,               /* number, result, how many so far */
    EVENTS,
};

static const IxpEvent events[EVENTS] = {
    [EVENT_HASHED] = { "hashed", { "number", "result", "count" } },
};

/* SDRAM is not used. */
static uint64_t sdram_min(uint32_t pages)
{
    return 0;
}

static void boot(void *state, Ixp *ix)
{
    HashState *s = state;

    *s = (HashState) {
        .ix = ix,
        .units = ixp_units(ix),
        /* the last bit of the interrupt register that is in use */
        .irq_bit = ixp_config(ix)->irq_bits - 1,
    };
    s->units->scratch[SCRATCH_COUNT] = 0;
    /* The ring of 128 words begins at byte 0 of the scratchpad. */
    ixp_csr_write(s->units, IXP_CSR_RING_BASE(RING), 0);
    /* The multiplier of 64-bit hashes; 0, its reset value, hashes to 0. */
    ixp_csr_write(s->units, IXP_CSR_HASH_MULTIPLIER(2), 0x9e3779b9);
    ixp_csr_write(s->units, IXP_CSR_HASH_MULTIPLIER(3), 0x7f4a7c15);
    ixp_csr_write(s->units, IXP_CSR_ME(ME, IXP_ME_CTX_ENABLES),
                  1u << CONTEXT << IXP_CTX_ENABLES_SHIFT);
    ixp_mailbox_write(ix, HASH_MAILBOX_RESULT, 0);
    ixp_mailbox_write(ix, HASH_MAILBOX_COUNT, 0);
    /* Last: from here on the host may ring. */
    ixp_mailbox_write(ix, HASH_MAILBOX_IDENTITY, HASH_IDENTITY);
}

static bool xscale_step(void *state, uint32_t pending)
{
    HashState *s = state;
    uint32_t number;

    if (!(pending & IXP_XSCALE_DOORBELL) ||
        !(ixp_xscale_doorbell_take(s->ix) & HASH_DOORBELL)) {
        return false;
    }
    number = ixp_mailbox_read(s->ix, HASH_MAILBOX_NUMBER);
    /* A full ring loses the number: the host rings again after a while. */
    if (!ixp_ring_full(s->units, RING)) {
        ixp_ring_put(s->units, RING, &number, 1);
        ixp_thread_signal(s->units, ME, CONTEXT, IXP_SIGNAL_THREAD);
    }
    return false;
}

static bool context_step(void *state, unsigned me, unsigned context,
                         uint32_t signals)
{
    HashState *s = state;
    uint32_t *scratch = s->units->scratch;
    uint32_t number;

    if (!ixp_ring_get(s->units, RING, &number, 1)) {
        return false;
    }
    scratch[SCRATCH_RESULT] = ixp_hash64(s->units, number);
    scratch[SCRATCH_COUNT]++;
    ixp_mailbox_write(s->ix, HASH_MAILBOX_RESULT, scratch[SCRATCH_RESULT]);
    ixp_mailbox_write(s->ix, HASH_MAILBOX_COUNT, scratch[SCRATCH_COUNT]);
    ixp_trace(s->ix, EVENT_HASHED, number, scratch[SCRATCH_RESULT],
              scratch[SCRATCH_COUNT]);
    ixp_pci_doorbell_set(s->ix, HASH_DOORBELL);
    ixp_host_interrupt(s->ix, s->irq_bit, 0);
    /* Call again: there may be another number. */
    return true;
}

const IxpProgram hash_program = {
    .name = "hash",
    .state_size = sizeof(HashState),
    .event = events,
    .events = EVENTS,
    .sdram_min = sdram_min,
    .boot = boot,
    .xscale_step = xscale_step,
    .context_step = context_step,
};
/* end of the program */
