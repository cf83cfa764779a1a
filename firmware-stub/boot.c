/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The XScale without its commands: boot, and the step that handles its doorbell
 * and the ports' links.
 *
 * Called by the chip on the XScale thread.
 */
#include "fw.h"
#include "svnic_fw.h"

_Static_assert(sizeof(struct svnic_frame) == SVNIC_FRAME_HEADER,
               "the frame header has the size that the ABI defines");
_Static_assert(sizeof(struct svnic_cmd) == SVNIC_CMD_BLOCK_SIZE,
               "a command fills its block");
_Static_assert(sizeof(struct svnic_vif_page) <= SVNIC_PAGE_SIZE,
               "a VIF page is one page");
_Static_assert(sizeof(FwLine) == SVNIC_FRAME_HEADER + FW_LINE_DATA,
               "a line is header and data without padding");
_Static_assert(sizeof(FwFrame) % 64 == 0,
               "descriptors do not share cache lines");
_Static_assert(FW_DESCRIPTORS * sizeof(FwFrame) * IXP_MAX_MICROENGINES <=
               IXP_SRAM_MIN,
               "the smallest SRAM holds all descriptors");
_Static_assert(FW_RING_WORDS * 4 * IXP_MAX_MICROENGINES <= IXP_SCRATCH_MIN,
               "the smallest scratchpad holds all rings");
_Static_assert(SVNIC_MAX_FRAME <= FW_PORT_BUFFER_SIZE,
               "a frame can be reassembled in a port's buffer");
_Static_assert(SVNIC_MAX_PORTS <= IXP_MSF_LISTS,
               "each port has a freelist");
_Static_assert(FW_RING_WORDS < FW_DESCRIPTORS,
               "a ring is full before the descriptors are used up");
_Static_assert(SVNIC_MAX_VIFS <= 256,
               "the MAC table has one byte for a VIF");
_Static_assert(SVNIC_PAGE_SIZE % sizeof(FwLine) == 0,
               "a line lies within a page");
_Static_assert((unsigned)FW_FAULT_END <= IXP_FAULTS_MAX,
               "the chip keeps a setting for each kind of fault");
_Static_assert(FW_LINE_DATA >= SVNIC_ETH_MAX_HEADER,
               "the switch decides on the copied line alone");
_Static_assert(SVNIC_FRAME_SLOTS(SVNIC_MAX_FRAME) <= SVNIC_MIN_SLOTS,
               "a largest frame fits into the smallest queue");

/* The contexts sleep until they are signalled. */
static void start_contexts(SvnicFw *fw)
{
    uint32_t all = (1u << fw->contexts) - 1;

    ixp_csr_write(fw->units, IXP_CSR_MISC_CONTROL,
                  IXP_MISC_CONTROL_TIMESTAMP);
    for (unsigned i = 0; i < fw->microengines; i++) {
        ixp_csr_write(fw->units, IXP_CSR_ME(i, IXP_ME_CTX_ENABLES),
                      all << IXP_CTX_ENABLES_SHIFT);
    }
}

static void boot(void *state, Ixp *ix)
{
    SvnicFw *fw = state;
    const IxpConfig *config = ixp_config(ix);
    unsigned contexts = config->microengines * config->contexts;

    memset(fw, 0, sizeof(*fw));
    fw->ix = ix;
    fw->units = ixp_units(ix);
    fw->sdram = config->sdram;
    fw->host = config->host;
    fw->sdram_size = config->sdram_size;
    fw->microengines = config->microengines;
    fw->contexts = config->contexts;
    fw->vifs = config->pages;
    fw->ports = config->ports;
    fw->vectors = config->vectors;
    fw->stamps = config->stamps;
    fw->irq_bits = config->irq_bits;

    memset(fw->sdram, 0, SVNIC_CMD_AREA_SIZE);
    for (unsigned i = 0; i < SVNIC_MAX_VIFS; i++) {
        fw->vif[i].id = i;
    }
    fw_vif_defaults(fw);

    fw_rx_boot(fw);
    fw_tx_boot(fw);
    /* Ports are assigned from the last context down, VIFs from the first up. */
    for (unsigned i = 0; i < fw->ports; i++) {
        unsigned server = contexts - 1 - i % contexts;

        ixp_port_mac(ix, i, fw->port[i].mac);
        fw_mac_boot(fw, i);
        fw->port[i].link = fw_mac_link(fw, i);
        fw->context[server].ports |= 1u << i;
        ixp_csr_write(fw->units, IXP_CSR_MSF_RX_FREELIST(i),
                      IXP_MSF_FREELIST_THREAD(server % fw->microengines,
                                              server / fw->microengines));
    }
    fw_queue_boot(fw);
    fw_switch_boot(fw);
    fw_switch_rebuild(fw);
    if (fw_fault_no_boot(fw)) {
        return;
    }
    start_contexts(fw);

    ixp_mailbox_write(ix, SVNIC_MAILBOX_COMMAND, 0);
    ixp_mailbox_write(ix, SVNIC_MAILBOX_STATUS, SVNIC_ST_OK);
    ixp_mailbox_write(ix, SVNIC_MAILBOX_AREA, 0);
    ixp_mailbox_write(ix, SVNIC_MAILBOX_IDENTITY, SVNIC_IDENTITY);
}

static void check_links(SvnicFw *fw)
{
    uint32_t links[SVNIC_MAX_PORTS];
    bool changed = false;

    for (unsigned i = 0; i < fw->ports; i++) {
        links[i] = fw_mac_link(fw, i);
        changed |= links[i] != fw->port[i].link;
    }
    if (!changed) {
        return;
    }
    ixp_me_pause(fw->ix);
    for (unsigned i = 0; i < fw->ports; i++) {
        fw->port[i].link = links[i];
    }
    fw_vif_update_links(fw);
    ixp_me_resume(fw->ix);
    ixp_pci_doorbell_set(fw->ix, SVNIC_PCI_DB_LINK);
    ixp_host_interrupt(fw->ix, SVNIC_MANAGER_IRQ_BIT(fw->irq_bits),
                       SVNIC_VECTOR_MANAGER);
}

static bool xscale_step(void *state, uint32_t events)
{
    SvnicFw *fw = state;
    bool rung = events & IXP_XSCALE_DOORBELL;

    if (fw_fault_dies(fw)) {
        return false;
    }
    if (events & IXP_XSCALE_PORT) {
        check_links(fw);
    }
    if (events & FW_FAULT_EVENTS) {
        fw_fault_events(fw, events);
    }
    if (fw->scrubs) {
        fw_control_continue(fw);
        /* It may have been rung meanwhile. */
        rung = true;
    }
    if (rung && !fw->scrubs &&
        ixp_xscale_doorbell_take(fw->ix) & SVNIC_XSCALE_DB_COMMAND) {
        fw_control_command(fw);
    }
    return fw->scrubs;
}

static const char *const drops[FW_DROPS] = {
    [FW_DROP_RECV_FULL] = "recv-full",
    [FW_DROP_RECV_OVERSIZE] = "recv-oversize",
    [FW_DROP_RECV_NO_LINK] = "recv-no-link",
    [FW_DROP_SEND_OVERSIZE] = "send-oversize",
    [FW_DROP_SEND_SPOOFED] = "send-spoofed",
    [FW_DROP_SEND_NO_LINK] = "send-no-link",
    [FW_DROP_PORT_NO_VIF] = "in-no-vif",
    [FW_DROP_SEND_TO_SELF] = "send-to-self",
    [FW_DROP_SEND_GSO_SMALL] = "send-gso-small",
    [FW_DROP_SEND_RESERVED] = "send-reserved",
    [FW_DROP_PORT_RESERVED] = "in-reserved",
    [FW_DROP_PORT_ERROR] = "in-errors",
};

static const IxpEvent events[] = {
    [FW_EVENT_COMMAND] = { "command", { "opcode", "vif", "status" } },
    [FW_EVENT_STATE] = { "state", { "vif", "state" } },
    [FW_EVENT_STOP] = { "stop", { "vif", "error", "index" } },
    [FW_EVENT_DROP] = {
        "drop", { "vif or port", "reason", "length" }, drops, FW_DROPS,
    },
};

_Static_assert(sizeof(events) / sizeof(events[0]) == FW_EVENTS,
               "every event is described");

const IxpProgram svnic_program = {
    .name = "sv-nic",
    .state_size = sizeof(SvnicFw),
    .event = events,
    .events = FW_EVENTS,
    .fault = fw_fault_kinds,
    .faults = FW_FAULT_KINDS,
    .sdram_min = fw_sdram_min,
    .boot = boot,
    .xscale_step = xscale_step,
    .context_step = fw_context_step,
    .counter = fw_counter,
    .accesses = fw_accesses,
    .describe = fw_describe,
};
