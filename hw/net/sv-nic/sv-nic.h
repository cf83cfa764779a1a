/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC, the board: an IXP2400 behind a 21555, as one PCI function.
 *
 * Included only by the files of the board; the bridge and the chip do not
 * depend on it.
 */
#ifndef HW_NET_SV_NIC_SV_NIC_H
#define HW_NET_SV_NIC_SV_NIC_H

#include "hw/pci/pci_device.h"
#include "bridge/i21555.h"
#include "chip/ixp2400.h"

#define TYPE_SV_NIC "sv-nic"
OBJECT_DECLARE_SIMPLE_TYPE(SvNicState, SV_NIC)

#define SVNIC_VECTORS       (SVNIC_MAX_VIFS + 1)
#define SVNIC_VECTOR_WORDS  DIV_ROUND_UP(SVNIC_VECTORS, 32)

/* Cycles that a worker makes for a test.  Counters and running: atomic. */
typedef struct SvNicLoop {
    uint64_t addr;
    bool raise;                 /* raise IRQ bits instead of cycles */
    uint32_t random;
    uint32_t running;           /* 1: run, 2: stop requested, 0: stopped */
    uint64_t done;              /* cycles that read back what was written */
    uint64_t failed;            /* transfers that ended with an error */
    uint64_t wrong;             /* cycles that read back another value */
} SvNicLoop;

struct SvNicState {
    PCIDevice parent_obj;

    I21555 bridge;
    Ixp chip;

    /* sv-nic-local.c */
    uint8_t ixp_config[PCI_CONFIG_HEADER_SIZE]; /* of the chip */
    uint32_t s_inta;            /* level of s_inta; atomic */
    uint32_t chip_master;       /* Bus Master Enable of the chip; atomic */

    /* sv-nic-irq.c */
    uint32_t msix_on;           /* mirror of the enable bit; atomic */
    uint32_t vectors[SVNIC_VECTOR_WORDS]; /* to be sent; atomic */
    uint32_t deliver_due;       /* pins or vectors; atomic */
    bool delivering;            /* sv_nic_deliver is on the stack; BQL */
    QEMUBH *deliver_bh;
    Stat64 vectors_raised;
    Stat64 vectors_redundant;   /* of these, raised while still pending */
    Stat64 interrupts_lost;     /* IRQ bits or vectors: bridge not reachable */

    /* sv-nic-qtest.c */
    uint32_t cycle_result;
    uint64_t cycle_value;
    SvNicLoop loop;

    MemoryRegion removed[2];    /* sv-nic-removed.c */

    Error *migration_blocker;
    VMChangeStateEntry *vm_state;
    bool running;               /* the chip is running; BQL */

    /* properties */
    NICConf conf[IXP_MAX_PORTS];
    uint32_t vifs;
    uint64_t sdram_size;
    uint32_t microengines;
    uint32_t contexts;
    uint32_t workers;
    uint32_t assist;
    uint32_t poll_max_ns;
    IxpUnitsConfig units;       /* all but microengines and contexts */
    uint32_t dma_chain_max;
    uint32_t pci_csr_size;
    uint32_t bridge_revision;
    uint32_t fifo_size;
    bool pause;
    uint32_t watchdog;
    bool stamps;
    uint32_t irq_bits;
    bool msix;
    char *srom;
    char *firmware;
};

/* ---- sv-nic-props.c: BQL ---- */

/* Adds the device's properties to its class. */
void sv_nic_add_properties(ObjectClass *klass);
/* Whether all are in range; chooses the program.  False: *@errp says which. */
bool sv_nic_check_properties(SvNicState *s, Error **errp);

/* ---- sv-nic-irq.c ---- */

/* BQL. */
bool sv_nic_irq_init(SvNicState *s, Error **errp);
void sv_nic_irq_uninit(SvNicState *s);
void sv_nic_irq_reset(SvNicState *s);
/* Updates the mirror of the MSI-X enable bit.  BQL. */
void sv_nic_irq_config(SvNicState *s);
/* The opaque is the SvNicState. */
extern const IxpInterrupts sv_nic_interrupts;
/* Schedules delivery of pins and vectors, see IxpInterrupts.  Any thread. */
void sv_nic_deliver_soon(SvNicState *s);

/* ---- sv-nic-local.c ---- */

extern const I21555Board sv_nic_board;
extern const IxpUpstream sv_nic_upstream;
/* Maps the chip on the secondary bus.  BQL; after init of bridge and chip. */
void sv_nic_local_init(SvNicState *s);
void sv_nic_local_reset(SvNicState *s);
/* Returns true if the bridge claims writes of the chip.  Any thread. */
bool sv_nic_local_reachable(SvNicState *s);

/* ---- sv-nic-srom.c ---- */

/* Gets a checked image of the serial ROM, SVNIC_SROM_SIZE bytes.  BQL. */
bool sv_nic_srom(SvNicState *s, uint8_t *image, Error **errp);

/* ---- sv-nic-qtest.c: cycles of the secondary bus, for tests.  BQL. ---- */

void sv_nic_qtest_init(SvNicState *s);

/* ---- sv-nic-counters.c ---- */

/*
 * Children of the device with read-only properties: vif[n], port[n], me[n],
 * ring[n] (of the scratchpad), worker[n], card, faults.  BQL; after the
 * firmware has booted.
 */
void sv_nic_counters_init(SvNicState *s);
void sv_nic_counters_uninit(SvNicState *s);

/* ---- sv-nic-faults.c: BQL ---- */

/* Adds the properties fault-* to the device's class. */
void sv_nic_add_faults(ObjectClass *klass);
/* Whether the faults fit the other properties.  False: *@errp says which. */
bool sv_nic_check_faults(SvNicState *s, Error **errp);
/* How fault @id is set, as its property has it; the caller frees. */
char *sv_nic_fault_text(SvNicState *s, unsigned id);

/* ---- sv-nic-removed.c: BQL ---- */

/* Once the bridge has its BARs. */
void sv_nic_removed_init(SvNicState *s);
/* The fault memory-ones was set. */
void sv_nic_removed_update(SvNicState *s);
/* An access of the host: true if the card does not react.  An occasion. */
bool sv_nic_removed(SvNicState *s);

/* ---- sv-nic-info.c ---- */

/*
 * The device's property "state"; "info sv-nic" is there without.  BQL, once
 * the firmware has booted.
 */
void sv_nic_info_init(SvNicState *s);
void sv_nic_info_uninit(SvNicState *s);

#endif /* HW_NET_SV_NIC_SV_NIC_H */
