/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC, the board: properties of the device, with their ranges, descriptions
 * and defaults, and the programs that the chip can run.
 *
 * All functions run with the BQL, before the card is made.
 *
 * Spec of the properties: docs/system/devices/sv-nic.rst.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/host-utils.h"
#include "qemu/units.h"
#include "hw/qdev-properties.h"
#include "hw/qdev-properties-system.h"
#include "net/eth.h"
#include "bridge/i21555-regs.h"
#include "firmware-stub/svnic_fw.h"
#include "firmware-tutorial/hash.h"
#include "sv-nic.h"

#define SVNIC_MIN_SDRAM         (16 * MiB)
#define SVNIC_MAX_SDRAM         (1 * GiB)
#define SVNIC_MAX_POLL_NS       1000000
#define SVNIC_MAX_ASSIST        64

static bool sv_nic_check_range(const char *name, uint32_t value, uint32_t min,
                               uint32_t max, Error **errp)
{
    if (value < min || value > max) {
        error_setg(errp, "%s=%u is out of range: give %u to %u", name, value,
                   min, max);
        return false;
    }
    return true;
}

/*
 * The setter of the property refuses a netdev that another device uses.  It
 * cannot detect a netdev that is given to two ports of this card, because the
 * ports are connected at realize.
 */
static bool sv_nic_netdev_in_use(const SvNicState *s, unsigned n)
{
    const NetClientState *peer = s->conf[n].peers.ncs[0];

    for (unsigned i = 0; peer && i < n; i++) {
        if (s->conf[i].peers.ncs[0] == peer) {
            return true;
        }
    }
    return peer && peer->peer;
}

static bool sv_nic_check_port(SvNicState *s, unsigned n, Error **errp)
{
    g_autofree char *suffix = n ? g_strdup_printf("%u", n) : g_strdup("");

    if (is_multicast_ether_addr(s->conf[n].macaddr.a)) {
        error_setg(errp, "mac%s is a multicast address: the first byte must "
                   "be even", suffix);
        return false;
    }
    if (s->conf[n].peers.queues > 1) {
        error_setg(errp, "netdev%s has %d queues: a port takes one, give "
                   "queues=1 to the netdev", suffix, s->conf[n].peers.queues);
        return false;
    }
    if (sv_nic_netdev_in_use(s, n)) {
        error_setg(errp, "netdev%s: %s is in use", suffix,
                   s->conf[n].peers.ncs[0]->name);
        return false;
    }
    return true;
}

static bool sv_nic_check_size(const char *name, uint32_t size, uint32_t min,
                              uint32_t max, Error **errp)
{
    if (!is_power_of_2(size) || size < min || size > max) {
        error_setg(errp, "%s=%u is not possible: give a power of two from "
                   "%uK to %uK", name, size, min / (uint32_t)KiB,
                   max / (uint32_t)KiB);
        return false;
    }
    return true;
}

static bool sv_nic_check_element(SvNicState *s, Error **errp)
{
    uint32_t size = s->units.msf_element;

    if (!is_power_of_2(size) || size < IXP_MSF_ELEMENT_MIN ||
        size > IXP_MSF_ELEMENT_MAX) {
        error_setg(errp, "msf-element=%u is not possible: give a power of two "
                   "from %u to %u", size, IXP_MSF_ELEMENT_MIN,
                   IXP_MSF_ELEMENT_MAX);
        return false;
    }
    return true;
}

static bool sv_nic_check_latencies(SvNicState *s, Error **errp)
{
    static const char *const names[IXP_MEMORIES] = {
        [IXP_MEMORY_SCRATCH] = "latency-scratch",
        [IXP_MEMORY_HASH] = "latency-hash",
        [IXP_MEMORY_SRAM] = "latency-sram",
        [IXP_MEMORY_DRAM] = "latency-dram",
    };

    for (unsigned i = 0; i < IXP_MEMORIES; i++) {
        if (!sv_nic_check_range(names[i], s->units.latency[i], 0,
                                IXP_LATENCY_MAX, errp)) {
            return false;
        }
    }
    return true;
}

static bool sv_nic_check_rings(SvNicState *s, Error **errp)
{
    if (!sv_nic_check_range("scratch-rings", s->units.scratch_rings, 1,
                            IXP_RINGS, errp)) {
        return false;
    }
    if (s->units.scratch_rings < s->microengines) {
        error_setg(errp, "scratch-rings=%u is too few for microengines=%u, "
                   "which have one each: give at least %u, or fewer "
                   "microengines", s->units.scratch_rings, s->microengines,
                   s->microengines);
        return false;
    }
    return true;
}

/* Numbers of the chip and the bridge that only appear in registers. */
static bool sv_nic_check_numbers(SvNicState *s, Error **errp)
{
    return sv_nic_check_range("sram-channels", s->units.sram_channels, 1,
                              IXP_SRAM_CHANNELS, errp) &&
           sv_nic_check_range("sram-queues", s->units.sram_queues, 1,
                              IXP_QUEUES_MAX, errp) &&
           sv_nic_check_range("timestamp-cycles", s->units.timestamp_cycles,
                              1, IXP_TIMESTAMP_CYCLES_MAX, errp) &&
           sv_nic_check_range("chip-revision", s->units.product_revision, 0,
                              IXP_PRODUCT_REVISION_MAX, errp) &&
           sv_nic_check_range("bridge-revision", s->bridge_revision, 0,
                              UINT8_MAX, errp);
}

static bool sv_nic_check_units(SvNicState *s, Error **errp)
{
    return sv_nic_check_size("scratch-size", s->units.scratch_size,
                             IXP_SCRATCH_MIN, IXP_SCRATCH_MAX, errp) &&
           sv_nic_check_size("sram-size", s->units.sram_size, IXP_SRAM_MIN,
                             IXP_SRAM_MAX, errp) &&
           sv_nic_check_size("pci-csr-size", s->pci_csr_size,
                             SVNIC_PCI_CSR_SIZE_MIN, SVNIC_PCI_CSR_SIZE,
                             errp) &&
           sv_nic_check_rings(s, errp) &&
           sv_nic_check_numbers(s, errp) &&
           sv_nic_check_element(s, errp) &&
           sv_nic_check_latencies(s, errp) &&
           sv_nic_check_size("port-fifo-size", s->fifo_size, IXP_FIFO_MIN,
                             IXP_FIFO_MAX, errp) &&
           sv_nic_check_range("port-watchdog", s->watchdog, 0,
                              IXP_WATCHDOG_MAX, errp) &&
           sv_nic_check_range("ring-full-room", s->units.ring_full_room, 1,
                              IXP_RING_FULL_ROOM_MAX, errp) &&
           sv_nic_check_range("dma-chain-max", s->dma_chain_max, 1,
                              IXP_DMA_CHAIN_LIMIT, errp) &&
           sv_nic_check_range("me-mhz", s->units.me_mhz, IXP_ME_MHZ_MIN,
                              IXP_ME_MHZ_MAX, errp);
}

/* Programs that the chip can run. */
static const IxpProgram *const sv_nic_programs[] = {
    &svnic_program,
    &hash_program,
};

static bool sv_nic_load_program(SvNicState *s, Error **errp)
{
    const char *name = s->firmware ? s->firmware : svnic_program.name;
    g_autoptr(GString) known = g_string_new(NULL);

    for (unsigned i = 0; i < ARRAY_SIZE(sv_nic_programs); i++) {
        const IxpProgram *program = sv_nic_programs[i];

        if (!strcmp(name, program->name)) {
            s->chip.program = program;
            return true;
        }
        g_string_append_printf(known, "%s%s", i ? ", " : "", program->name);
    }
    error_setg(errp, "firmware=%s is not known: give one of %s", name,
               known->str);
    return false;
}

bool sv_nic_check_properties(SvNicState *s, Error **errp)
{
    uint64_t needed;

    if (!sv_nic_load_program(s, errp) ||
        !sv_nic_check_range("vifs", s->vifs, 1, SVNIC_MAX_VIFS, errp) ||
        !sv_nic_check_range("microengines", s->microengines, 1,
                            IXP_MAX_MICROENGINES, errp) ||
        !sv_nic_check_range("contexts", s->contexts, 1, IXP_MAX_CONTEXTS,
                            errp) ||
        !sv_nic_check_range("workers", s->workers, 0, IXP_MAX_WORKERS,
                            errp) ||
        !sv_nic_check_range("assist", s->assist, 0, SVNIC_MAX_ASSIST, errp) ||
        !sv_nic_check_range("poll-max-ns", s->poll_max_ns, 0,
                            SVNIC_MAX_POLL_NS, errp)) {
        return false;
    }
    if (!sv_nic_check_units(s, errp)) {
        return false;
    }
    if (!is_power_of_2(s->sdram_size) || s->sdram_size < SVNIC_MIN_SDRAM ||
        s->sdram_size > SVNIC_MAX_SDRAM) {
        error_setg(errp, "sdram-size=%" PRIu64 " is not possible: give a power "
                   "of two from 16M to 1G", s->sdram_size);
        return false;
    }
    if (s->irq_bits != SVNIC_IRQ_BITS &&
        s->irq_bits != SVNIC_IRQ_BITS_FEW) {
        error_setg(errp, "irq-bits=%u is not possible: give %u or %u",
                   s->irq_bits, SVNIC_IRQ_BITS_FEW, SVNIC_IRQ_BITS);
        return false;
    }
    needed = s->chip.program->sdram_min(s->vifs);
    if (s->sdram_size < needed) {
        error_setg(errp, "sdram-size=%" PRIu64 "M is too small for vifs=%u: "
                   "give at least %" PRIu64 "M, or fewer VIFs",
                   s->sdram_size / MiB, s->vifs, pow2ceil(needed) / MiB);
        return false;
    }
    for (unsigned i = 0; i < IXP_MAX_PORTS; i++) {
        if (!sv_nic_check_port(s, i, errp)) {
            return false;
        }
    }
    return true;
}

static const Property sv_nic_properties[] = {
    DEFINE_NIC_PROPERTIES(SvNicState, conf[0]),
    DEFINE_PROP_MACADDR("mac1", SvNicState, conf[1].macaddr),
    DEFINE_PROP_NETDEV("netdev1", SvNicState, conf[1].peers),
    DEFINE_PROP_MACADDR("mac2", SvNicState, conf[2].macaddr),
    DEFINE_PROP_NETDEV("netdev2", SvNicState, conf[2].peers),
    DEFINE_PROP_UINT32("vifs", SvNicState, vifs, 64),
    DEFINE_PROP_SIZE("sdram-size", SvNicState, sdram_size, 256 * MiB),
    DEFINE_PROP_UINT32("microengines", SvNicState, microengines,
                       IXP_MAX_MICROENGINES),
    DEFINE_PROP_UINT32("contexts", SvNicState, contexts, IXP_MAX_CONTEXTS),
    DEFINE_PROP_UINT32("workers", SvNicState, workers, 1),
    DEFINE_PROP_UINT32("assist", SvNicState, assist, 2),
    DEFINE_PROP_UINT32("poll-max-ns", SvNicState, poll_max_ns, 0),
    DEFINE_PROP_SIZE32("scratch-size", SvNicState, units.scratch_size,
                       IXP_SCRATCH_SIZE),
    DEFINE_PROP_UINT32("scratch-rings", SvNicState, units.scratch_rings,
                       IXP_RINGS),
    DEFINE_PROP_UINT32("ring-full-room", SvNicState, units.ring_full_room,
                       IXP_RING_FULL_ROOM),
    DEFINE_PROP_SIZE32("sram-size", SvNicState, units.sram_size,
                       IXP_SRAM_SIZE),
    DEFINE_PROP_UINT32("sram-channels", SvNicState, units.sram_channels,
                       IXP_SRAM_CHANNELS),
    DEFINE_PROP_UINT32("sram-queues", SvNicState, units.sram_queues,
                       IXP_QUEUES),
    DEFINE_PROP_SIZE32("pci-csr-size", SvNicState, pci_csr_size,
                       SVNIC_PCI_CSR_SIZE),
    DEFINE_PROP_UINT32("latency-scratch", SvNicState,
                       units.latency[IXP_MEMORY_SCRATCH],
                       IXP_LATENCY_SCRATCH),
    DEFINE_PROP_UINT32("latency-hash", SvNicState,
                       units.latency[IXP_MEMORY_HASH], IXP_LATENCY_HASH),
    DEFINE_PROP_UINT32("latency-sram", SvNicState,
                       units.latency[IXP_MEMORY_SRAM], IXP_LATENCY_SRAM),
    DEFINE_PROP_UINT32("latency-dram", SvNicState,
                       units.latency[IXP_MEMORY_DRAM], IXP_LATENCY_DRAM),
    DEFINE_PROP_UINT32("msf-element", SvNicState, units.msf_element,
                       IXP_MSF_ELEMENT_MIN),
    DEFINE_PROP_UINT32("me-mhz", SvNicState, units.me_mhz, IXP_ME_MHZ),
    DEFINE_PROP_UINT32("timestamp-cycles", SvNicState,
                       units.timestamp_cycles, IXP_TIMESTAMP_CYCLES),
    DEFINE_PROP_UINT32("chip-revision", SvNicState, units.product_revision,
                       IXP_PRODUCT_REVISION),
    DEFINE_PROP_UINT32("bridge-revision", SvNicState, bridge_revision,
                       I21555_REVISION),
    DEFINE_PROP_UINT32("dma-chain-max", SvNicState, dma_chain_max,
                       IXP_DMA_CHAIN_MAX),
    DEFINE_PROP_SIZE32("port-fifo-size", SvNicState, fifo_size,
                       IXP_FIFO_MIN),
    DEFINE_PROP_BOOL("port-pause", SvNicState, pause, true),
    DEFINE_PROP_UINT32("port-watchdog", SvNicState, watchdog, IXP_WATCHDOG),
    DEFINE_PROP_BOOL("stamps", SvNicState, stamps, false),
    DEFINE_PROP_BOOL("msix", SvNicState, msix, false),
    DEFINE_PROP_UINT32("irq-bits", SvNicState, irq_bits,
                       SVNIC_IRQ_BITS),
    DEFINE_PROP_STRING("srom", SvNicState, srom),
    DEFINE_PROP_STRING("firmware", SvNicState, firmware),
};

static const struct {
    const char *name;
    const char *text;
} sv_nic_descriptions[] = {
    { "mac", "MAC address of port 0" },
    { "netdev", "Network back end of port 0" },
    { "mac1", "MAC address of port 1" },
    { "netdev1", "Network back end of port 1" },
    { "mac2", "MAC address of port 2" },
    { "netdev2", "Network back end of port 2" },
    { "vifs", "Maximum number of virtual interfaces, 1 to 256" },
    { "sdram-size", "Card memory, a power of two from 16M to 1G" },
    { "microengines", "Microengines of the chip, 1 to 8" },
    { "contexts", "Contexts of each microengine, 1 to 8" },
    { "workers", "Host threads that run the microengines, 0 to 8; 0: run "
                 "them inline, deterministically (always 0 with icount, "
                 "record/replay or an IOMMU)" },
    { "assist", "Steps that a vCPU runs after it has rung a doorbell while the "
                "worker sleeps, 0 (none) to 64" },
    { "poll-max-ns", "Nanoseconds that an idle worker polls before it sleeps, "
                     "0 (no polling) to 1000000" },
    { "scratch-size", "Size of the scratchpad, a power of two from 4K to 64K" },
    { "scratch-rings", "Number of scratch rings, at least one for each "
                       "microengine, at most 16" },
    { "ring-full-room", "A scratch ring reports full if fewer words than this "
                        "are free, 1 to 127" },
    { "sram-size", "Size of the SRAM, a power of two from 1M to 64M" },
    { "sram-channels", "Number of SRAM channels, 1 or 2" },
    { "sram-queues", "Entries of the queue array of an SRAM channel, 1 to "
                     "256" },
    { "pci-csr-size", "Size of the chip's BAR 0 with the PCI CSRs, a power of "
                      "two from 4K to 1M" },
    { "dma-chain-max", "Maximum number of descriptors of a DMA chain; a longer "
                       "chain ends with an error, 1 to 65536" },
    { "latency-scratch", "Cycles of an access to the scratchpad on the real "
                         "chip, 0 to 10000; counted, not waited for" },
    { "latency-hash", "Cycles of an access to the hash unit on the real chip, "
                      "0 to 10000; counted, not waited for" },
    { "latency-sram", "Cycles of an access to SRAM on the real chip, 0 to "
                      "10000; counted, not waited for" },
    { "latency-dram", "Cycles of an access to SDRAM on the real chip, 0 to "
                      "10000; counted, not waited for" },
    { "msf-element", "Size of an element of RBUF and TBUF in bytes, 64, 128 or "
                     "256" },
    { "me-mhz", "Clock of the microengines in MHz, for the time stamp, 100 to "
                "1400" },
    { "timestamp-cycles", "Microengine cycles for each count of the time "
                          "stamp, 1 to 1024" },
    { "chip-revision", "Revision in the chip's PRODUCT_ID, 0 to 255" },
    { "bridge-revision", "Revision ID of the PCI function, 0 to 255" },
    { "port-fifo-size", "Size of each FIFO of a port, a power of two from 512K "
                        "to 8M" },
    { "port-pause", "Flow control: a full receive FIFO makes the network back "
                    "end wait; off: frames are dropped" },
    { "port-watchdog", "Milliseconds after which a port drops frames that the "
                       "network back end does not accept, to 60000; 0: never" },
    { "stamps", "Measure the time of each stage of the data path" },
    { "irq-bits", "Bits of the bridge's IRQ register that VIFs and the manager "
                  "share, 8 or 16" },
    { "msix", "One MSI-X vector for each VIF and the manager; off: INTA, as "
              "on the real card" },
    { "srom", "File with the image of the bridge's serial ROM, 512 bytes; "
              "default: built-in image" },
    { "firmware", "Program that the chip runs: sv-nic, the default, provides "
                  "virtual interfaces; hash is that of the tutorial" },
};

void sv_nic_add_properties(ObjectClass *klass)
{
    device_class_set_props(DEVICE_CLASS(klass), sv_nic_properties);
    for (unsigned i = 0; i < ARRAY_SIZE(sv_nic_descriptions); i++) {
        object_class_property_set_description(klass,
                                              sv_nic_descriptions[i].name,
                                              sv_nic_descriptions[i].text);
    }
}
