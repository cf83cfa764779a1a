/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The firmware as the chip sees it: what the board loads and runs.
 *
 * Called by hw/net/sv-nic/ in QEMU and by tests/unit/ and bench/ on the
 * host.  The state is one flat block without pointers into itself, so that
 * the chip can own, clear and one day migrate it.
 */
#ifndef FIRMWARE_STUB_SVNIC_FW_H
#define FIRMWARE_STUB_SVNIC_FW_H

#include "ixp.h"

typedef struct SvnicFw SvnicFw;

/*
 * Bytes of SDRAM without which not all of @vifs VIFs can exist at once, each
 * with the smallest queues.
 */
uint64_t svnic_fw_sdram_min(uint32_t vifs);

/* Bytes of state, the same for every chip; align to 64. */
size_t svnic_fw_state_size(void);

/*
 * Boot, at power-on and reset.  @fw: svnic_fw_state_size() bytes, whatever
 * they hold; the chip owns them.  SDRAM may hold anything.  No context runs.
 * Announces itself in the mailboxes last.  XScale thread.
 */
void svnic_fw_boot(SvnicFw *fw, Ixp *ix);

/*
 * One step of the XScale: @events are IXP_XSCALE_*.  Does a bounded amount
 * of work.  True: call again.  XScale thread, contexts may be running.
 */
bool svnic_fw_xscale_step(SvnicFw *fw, uint32_t events);

/*
 * One step of a context: runs to completion over a bounded burst.
 * @signals are IXP_SIGNAL_* since its last step.  True: there is more to do,
 * call again with IXP_SIGNAL_AGAIN; false: sleep until signalled.
 */
bool svnic_fw_context_step(SvnicFw *fw, unsigned me, unsigned context,
                           uint32_t signals);

/*
 * Counters to look at while the firmware runs, from any thread: group
 * @group (first the pages' VIFs, then the ports, then the microengines),
 * counter @n.  Returns the name, or NULL past the last; *@value is the value
 * now.
 */
const char *svnic_fw_counter(const SvnicFw *fw, unsigned group, unsigned n,
                             uint64_t *value);

/* How often the contexts of @me have accessed a memory.  Any thread. */
uint64_t svnic_fw_accesses(const SvnicFw *fw, unsigned me, IxpMemory memory);

#endif /* FIRMWARE_STUB_SVNIC_FW_H */
