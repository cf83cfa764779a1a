/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IXP2400: the registers of the units, which only firmware can access, at the
 * XScale's addresses; init, reset and free of the units.
 *
 * The table below has all registers; the spec is compared with it
 * (tests/unit/test-registers.c).  An address that is not in it is reserved:
 * reads return 0, writes are ignored, and both are counted.
 *
 * Called by the chip (init, reset, free) and by firmware (registers).  Does not
 * use QEMU.
 *
 * Spec: "Units of the chip".
 */
#include <stdlib.h>
#include <string.h>

#include "ixp.h"

#define LINUX_REGS      "Linux ixp2000-regs.h"
#define LINUX_IXPDEV    "Linux ixpdev_priv.h"
#define LINUX_UENGINE   "Linux uengine.c"
#define QNX             "QNX ixp2400.h"
#define QAT             "Linux icp_qat_hal.h"
#define REMEMBERED      "remembered"
#define LINUX_MSF       "Linux ixp2400-msf.h"

#define ME_ROW(NAME, csr, access, reset, what, source) \
    { NAME, IXP_CSR_ME(0, csr), IXP_MAX_MICROENGINES, 0x400, access, "-", \
      reset, what, source }

static const IxpRegister registers[] = {
    { "SCRATCH_RING_BASE", IXP_CSR_RING_BASE(0), IXP_RINGS, 16, "RW", "-", 0,
      "sets the ring up, empty; bit 26 chooses the status flag",
      LINUX_IXPDEV },
    { "SCRATCH_RING_HEAD", IXP_CSR_RING_HEAD(0), IXP_RINGS, 16, "RW", "-", 0,
      "byte offset of the next word to get", LINUX_IXPDEV },
    { "SCRATCH_RING_TAIL", IXP_CSR_RING_TAIL(0), IXP_RINGS, 16, "RW", "-", 0,
      "byte offset of the next word to put", LINUX_IXPDEV },
    { "HASH_MULTIPLIER", IXP_CSR_HASH_MULTIPLIER(0), 8, 4, "RW", "-", 0,
      "48 bit (2 words), 64 bit (2), 128 bit (4)", REMEMBERED },
    { "PRODUCT_ID", IXP_CSR_PRODUCT_ID, 1, 0, "RO", "-",
      IXP_PRODUCT_ID | IXP_PRODUCT_REVISION,
      "IXP2400; 7:0 is chip-revision, B0 is remembered", LINUX_REGS },
    { "MISC_CONTROL", IXP_CSR_MISC_CONTROL, 1, 0, "RW", "-", 0,
      "bit 7: the time stamp counts", LINUX_REGS },
    { "MSF_CLK_CNTRL", IXP_CSR_MSF_CLK_CNTRL, 1, 0, "RW", "-", 0, "kept",
      LINUX_REGS },
    { "RESET0", IXP_CSR_RESET0, 1, 0, "RW", "-", 0, "kept", LINUX_REGS },
    { "RESET1", IXP_CSR_RESET1, 1, 0, "RW", "-", 0,
      "a bit a microengine: 1 disables its contexts", LINUX_UENGINE },
    { "CCR", IXP_CSR_CCR, 1, 0, "RW", "-", 0, "kept", QNX },
    { "STRAP", IXP_CSR_STRAP, 1, 0, "RO", "-", 0, "no PCI host, no boot PROM",
      LINUX_REGS },
    { "INTERTHREAD_SIGNAL", IXP_CSR_INTERTHREAD_SIGNAL, 1, 0, "WO", "-", 0,
      "3:0 signal, 6:4 context, 11:7 microengine", REMEMBERED },
    ME_ROW("CTX_ENABLES", IXP_ME_CTX_ENABLES, "RW", 0,
           "15:8: these contexts run", LINUX_UENGINE),
    ME_ROW("CSR_CTX_POINTER", IXP_ME_CSR_CTX_POINTER, "RW", 0,
           "2:0: context of the indirect registers", LINUX_UENGINE),
    ME_ROW("INDIRECT_CTX_STS", IXP_ME_INDIRECT_CTX_STS, "RO", 0,
           "reads 0: a step function has no program counter", LINUX_UENGINE),
    ME_ROW("ACTIVE_CTX_STS", IXP_ME_ACTIVE_CTX_STS, "RO", 0,
           "31 running, 7:3 microengine, 2:0 context", LINUX_UENGINE),
    ME_ROW("INDIRECT_CTX_SIG_EVENTS", IXP_ME_INDIRECT_CTX_SIG_EVENTS, "RO", 0,
           "signals that the context has", LINUX_UENGINE),
    ME_ROW("ACTIVE_CTX_SIG_EVENTS", IXP_ME_ACTIVE_CTX_SIG_EVENTS, "RO", 0,
           "the same of the active context", QAT),
    ME_ROW("INDIRECT_CTX_WAKEUP_EVENTS", IXP_ME_INDIRECT_CTX_WAKEUP, "RO",
           IXP_SIGNAL_ALL, "any signal wakes a context", LINUX_UENGINE),
    ME_ROW("ACTIVE_CTX_WAKEUP_EVENTS", IXP_ME_ACTIVE_CTX_WAKEUP, "RO",
           IXP_SIGNAL_ALL, "any signal wakes a context", QAT),
    ME_ROW("TIMESTAMP_LOW", IXP_ME_TIMESTAMP_LOW, "RO", 0,
           "a count in 16 cycles; latches the high half", QAT),
    ME_ROW("TIMESTAMP_HIGH", IXP_ME_TIMESTAMP_HIGH, "RO", 0, "as latched",
           QAT),
    ME_ROW("NEXT_NEIGHBOR_SIGNAL", IXP_ME_NEXT_NEIGHBOR_SIGNAL, "WO", 0,
           "as SAME_ME_SIGNAL, to the microengine after it", QAT),
    ME_ROW("PREV_NEIGHBOR_SIGNAL", IXP_ME_PREV_NEIGHBOR_SIGNAL, "WO", 0,
           "as SAME_ME_SIGNAL, to the one before it", QAT),
    ME_ROW("SAME_ME_SIGNAL", IXP_ME_SAME_ME_SIGNAL, "WO", 0,
           "2:0 context, 6:3 signal, 7: the next context", QAT),
    ME_ROW("LOCAL_CSR_STATUS", IXP_ME_LOCAL_CSR_STATUS, "RO", 0,
           "no access ever has to be tried again", LINUX_UENGINE),
    { "MSF_RX_CONTROL", IXP_CSR_MSF_RX_CONTROL, 1, 0, "RW", "-", 0,
      "31:28 enable, 3:2 element size; no element is free then", LINUX_MSF },
    { "MSF_TX_CONTROL", IXP_CSR_MSF_TX_CONTROL, 1, 0, "RW", "-", 0,
      "31:28 enable, 3:2 element size", LINUX_MSF },
    { "MSF_INT_STATUS", IXP_CSR_MSF_INT_STATUS, 1, 0, "RO", "-", 0,
      "no event is modelled", LINUX_MSF },
    { "MSF_INT_ENABLE", IXP_CSR_MSF_INT_ENABLE, 1, 0, "RW", "-", 0, "kept",
      LINUX_MSF },
    { "MSF_FC_STATUS", IXP_CSR_MSF_FC_STATUS(0), 2, 4, "RO", "-", 0,
      "reads 0", LINUX_MSF },
    { "MSF_HWM_CONTROL", IXP_CSR_MSF_HWM_CONTROL, 1, 0, "RW", "-", 0, "kept",
      LINUX_MSF },
    { "MSF_CLOCK_CONTROL", IXP_CSR_MSF_CLOCK_CONTROL, 1, 0, "RW", "-", 0,
      "kept", LINUX_MSF },
    { "MSF_RX_THREAD_FREELIST", IXP_CSR_MSF_RX_FREELIST(0), IXP_MSF_LISTS, 4,
      "WO", "-", 0, "posts context 22:20 of microengine 25:23 (inferred)",
      LINUX_MSF },
    { "MSF_RX_PORT_MAP", IXP_CSR_MSF_RX_PORT_MAP, 1, 0, "RW", "-", 0,
      "2n+1:2n: freelist of port n (inferred)", LINUX_MSF },
    { "MSF_RBUF_ELEMENT_DONE", IXP_CSR_MSF_ELEMENT_DONE, 1, 0, "WO", "-", 0,
      "22:16: this element is free", LINUX_MSF },
    { "MSF_RX_MPHY_POLL_LIMIT", IXP_CSR_MSF_RX_POLL_LIMIT, 1, 0, "RW", "-", 0,
      "kept", LINUX_MSF },
    { "MSF_RX_FREELIST_TIMEOUT", IXP_CSR_MSF_FREELIST_TIMEOUT(0),
      IXP_MSF_LISTS, 4, "RW", "-", 0, "kept: unit not known, nothing times out",
      LINUX_MSF },
    { "MSF_TX_SEQUENCE", IXP_CSR_MSF_TX_SEQUENCE(0), IXP_MSF_LISTS, 4, "RO",
      "-", IXP_MSF_SEQUENCE_IDLE, "the first: 7:0 elements sent, 31 idle",
      LINUX_MSF },
    { "MSF_TX_MPHY_POLL_LIMIT", IXP_CSR_MSF_TX_POLL_LIMIT, 1, 0, "RW", "-", 0,
      "kept", LINUX_MSF },
    { "MSF_RX_UP_CONTROL", IXP_CSR_MSF_RX_UP_CONTROL(0), 4, 4, "RW", "-", 0,
      "kept", LINUX_MSF },
    { "MSF_TX_UP_CONTROL", IXP_CSR_MSF_TX_UP_CONTROL(0), 4, 4, "RW", "-", 0,
      "kept", LINUX_MSF },
    { "MSF_TBUF_CONTROL", IXP_CSR_MSF_TBUF_CONTROL(0), IXP_MSF_ELEMENTS, 8,
      "RW", "-", 0, "word 0; a write makes the element valid", LINUX_MSF },
    { "SCRATCH_RING_PORT", IXP_CSR_RING_PORT(0), IXP_RINGS, 4, "RW", "-", 0,
      "a read gets a word, 0 if none; a write puts one", LINUX_IXPDEV },
    { "SRAM_CONTROL", IXP_CSR_SRAM_CONTROL(0), IXP_SRAM_CHANNELS, 0x400000,
      "RW", "-", 0, "kept; 9:7 is the size code", QNX },
};

#define REGISTERS   (sizeof(registers) / sizeof(registers[0]))

const IxpRegister *ixp_registers(size_t *n)
{
    *n = REGISTERS;
    return registers;
}

/* The row of @address, and the number of the register in the row. */
static const IxpRegister *find(uint32_t address, unsigned *n)
{
    for (size_t i = 0; i < REGISTERS; i++) {
        const IxpRegister *r = &registers[i];

        for (*n = 0; *n < r->count; ++*n) {
            uint32_t at = r->address + *n * r->stride;

            if (r->stride == 0x400) {
                at = r->address + IXP_ME_NUMBER(*n) * r->stride;
            }
            if (at == address) {
                return r;
            }
        }
    }
    return NULL;
}

/* Number of registers of a row that this chip has. */
static unsigned register_count(const IxpUnits *u, const IxpRegister *r)
{
    if (r->stride == 0x400) {
        return u->config.microengines;
    }
    switch (r->address) {
    case IXP_CSR_RING_BASE(0):
    case IXP_CSR_RING_HEAD(0):
    case IXP_CSR_RING_TAIL(0):
    case IXP_CSR_RING_PORT(0):
        return u->config.scratch_rings;
    case IXP_CSR_SRAM_CONTROL(0):
        return u->config.sram_channels;
    default:
        return r->count;
    }
}

static bool reserved(IxpUnits *u, const IxpRegister *r, unsigned n, char way)
{
    if (r && (r->access[0] == 'R' || r->access[0] == 'W') &&
        (r->access[0] == way || r->access[1] == 'W') &&
        n < register_count(u, r)) {
        return false;
    }
    ixp_unit_reserved(u);
    return true;
}

static bool is_msf(const IxpRegister *r)
{
    return r->address >> 24 == IXP_CSR_MSF >> 24;
}

/* Registers that only store what was written; atomic. */
static uint32_t *plain(IxpUnits *u, const IxpRegister *r, unsigned n)
{
    switch (r->address) {
    case IXP_CSR_HASH_MULTIPLIER(0):
        return &u->hash.multiplier[n];
    case IXP_CSR_MISC_CONTROL:
        return &u->misc_control;
    case IXP_CSR_MSF_CLK_CNTRL:
        return &u->clk_control;
    case IXP_CSR_RESET0:
        return &u->reset0;
    case IXP_CSR_RESET1:
        return &u->reset1;
    case IXP_CSR_CCR:
        return &u->ccr;
    case IXP_CSR_SRAM_CONTROL(0):
        return &u->sram_control[n];
    default:
        return NULL;
    }
}

/* The MACs are on the slowport, each with a separate table. */
static bool is_mac(uint32_t address)
{
    return address >= PM3386_WINDOW && !(address & 1) &&
           address - PM3386_WINDOW < PM3386_CHIPS * PM3386_WINDOW_SIZE;
}

static unsigned mac_chip(uint32_t address)
{
    return (address - PM3386_WINDOW) / PM3386_WINDOW_SIZE;
}

static unsigned mac_register(uint32_t address)
{
    return (address - PM3386_WINDOW) % PM3386_WINDOW_SIZE / 2;
}

uint32_t ixp_csr_read(IxpUnits *u, uint32_t address)
{
    unsigned n;
    const IxpRegister *r = find(address, &n);
    uint32_t word = 0;

    if (is_mac(address)) {
        return pm3386_read(u, mac_chip(address), mac_register(address));
    }
    if (reserved(u, r, n, 'R')) {
        return 0;
    }
    if (r->stride == 0x400) {
        return ixp_me_csr_read(u, n, r->address - IXP_CSR_ME(0, 0));
    }
    if (is_msf(r)) {
        return ixp_msf_csr_read(u, r->address + n * r->stride);
    }
    switch (r->address) {
    case IXP_CSR_RING_BASE(0):
        return __atomic_load_n(&u->ring[n].base, __ATOMIC_RELAXED);
    case IXP_CSR_RING_HEAD(0):
    case IXP_CSR_RING_TAIL(0):
        return ixp_ring_position(u, n, r->address == IXP_CSR_RING_TAIL(0));
    case IXP_CSR_RING_PORT(0):
        ixp_ring_get(u, n, &word, 1);
        return word;
    case IXP_CSR_PRODUCT_ID:
        return IXP_PRODUCT_ID | u->config.product_revision;
    default:
        return plain(u, r, n)
               ? __atomic_load_n(plain(u, r, n), __ATOMIC_RELAXED) : r->reset;
    }
}

void ixp_csr_write(IxpUnits *u, uint32_t address, uint32_t value)
{
    unsigned n;
    const IxpRegister *r = find(address, &n);

    if (is_mac(address)) {
        pm3386_write(u, mac_chip(address), mac_register(address), value);
        return;
    }
    if (reserved(u, r, n, 'W')) {
        return;
    }
    if (r->stride == 0x400) {
        ixp_me_csr_write(u, n, r->address - IXP_CSR_ME(0, 0), value);
        return;
    }
    if (is_msf(r)) {
        ixp_msf_csr_write(u, r->address + n * r->stride, value);
        return;
    }
    switch (r->address) {
    case IXP_CSR_RING_BASE(0):
        ixp_ring_set_base(u, n, value);
        break;
    case IXP_CSR_RING_HEAD(0):
    case IXP_CSR_RING_TAIL(0):
        ixp_ring_set_position(u, n, r->address == IXP_CSR_RING_TAIL(0),
                              value);
        break;
    case IXP_CSR_RING_PORT(0):
        ixp_ring_put(u, n, &value, 1);
        break;
    case IXP_CSR_INTERTHREAD_SIGNAL:
        ixp_interthread_signal(u, value);
        break;
    default:
        __atomic_store_n(plain(u, r, n), value, __ATOMIC_RELAXED);
        break;
    }
    if (r->address == IXP_CSR_HASH_MULTIPLIER(0)) {
        ixp_hash_rebuild(&u->hash);
    }
    for (unsigned m = 0; r->address == IXP_CSR_RESET1 &&
         m < u->config.microengines; m++) {
        if (value >> IXP_ME_NUMBER(m) & 1) {
            ixp_csr_write(u, IXP_CSR_ME(m, IXP_ME_CTX_ENABLES), 0);
        }
    }
}

void ixp_units_reset(IxpUnits *u)
{
    for (unsigned i = 0; i < u->config.scratch_rings; i++) {
        ixp_ring_set_base(u, i, 0);
        u->ring[i].words = 0;
    }
    for (unsigned c = 0; c < u->config.sram_channels; c++) {
        for (unsigned i = 0; i < u->config.sram_queues; i++) {
            ixp_queue_clear(u, c, i);
        }
        u->sram_control[c] = 0;
    }
    memset(u->hash.multiplier, 0, sizeof(u->hash.multiplier));
    ixp_hash_rebuild(&u->hash);
    ixp_msf_reset(u);
    pm3386_reset(u);
    ixp_late_reset(u);
    for (unsigned m = 0; m < IXP_MAX_MICROENGINES; m++) {
        __atomic_store_n(&u->me[m].ctx_enables, 0, __ATOMIC_RELAXED);
        u->me[m].ctx_pointer = 0;
        u->me[m].timestamp_high = 0;
    }
    u->misc_control = 0;
    u->clk_control = 0;
    u->reset0 = 0;
    u->reset1 = 0;
    u->ccr = 0;
}

bool ixp_units_init(IxpUnits *u, const IxpUnitsConfig *config,
                    const IxpUnitsOps *ops, void *opaque)
{
    void *sram;

    u->config = *config;
    u->ops = ops;
    u->opaque = opaque;
    u->scratch = calloc(1, config->scratch_size);
    /* Not cleared, like SRAM; only pages that firmware uses are allocated. */
    if (posix_memalign(&sram, IXP_SRAM_ALIGN, config->sram_size)) {
        sram = NULL;
    }
    u->sram = sram;
    if (!u->scratch || !u->sram) {
        ixp_units_free(u);
        return false;
    }
    ixp_units_reset(u);
    return true;
}

void ixp_units_free(IxpUnits *u)
{
    free(u->scratch);
    free(u->sram);
    u->scratch = NULL;
    u->sram = NULL;
}
