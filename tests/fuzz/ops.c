/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See ops.h.
 */
#include "ops.h"

#define MAX_ARGS                10
/* Frames of one operation, and operations of one input. */
#define MAX_FRAMES              40
#define MAX_OPS                 400


/* ---- the manager ---- */

static void op_attr(World *w, const uint32_t *arg)
{
    struct svnic_vif_attr *a = &w->attr;
    uint32_t value = arg[1];

    switch (arg[0] % 9) {
    case 0:
        a->mask = value;
        break;
    case 1:
        a->flags = value;
        break;
    case 2:
        a->port = value;
        break;
    case 3:
        a->send_slots = value;
        break;
    case 4:
        a->recv_slots = value;
        break;
    case 5:
        a->mtu = value;
        break;
    case 6:
        a->link = value;
        break;
    case 7:
        a->placement = value;
        break;
    case 8:
        /* The address of a destination, or any. */
        memcpy(a->mac, world_mac(value), MAC_BYTES);
        a->mac[3] ^= value >> 24;
        break;
    }
}

static void op_command(World *w, const uint32_t *arg)
{
    struct svnic_cmd cmd = {
        .version = SVNIC_CMD_VERSION,
        .opcode = arg[0],
        .flags = arg[2],
        .vif = arg[1] == UINT8_MAX ? SVNIC_VIF_ANY : arg[1],
        .index = arg[1],
        .u.attr = w->attr,
    };

    world_command(w, &cmd);
}

static void op_map(World *w, const uint32_t *arg)
{
    struct svnic_cmd cmd = {
        .version = SVNIC_CMD_VERSION,
        .opcode = SVNIC_CMD_VIF_MAP,
        .vif = arg[0],
        .u.map.extents = arg[4] % (SVNIC_MAP_EXTENTS + 2),
    };

    for (unsigned i = 0; i < SVNIC_MAP_EXTENTS; i++) {
        cmd.u.map.extent[i] = (struct svnic_map_extent) {
            .address = FAKE_HOST_BASE +
                       (uint64_t)(arg[3] + i * arg[2]) * SVNIC_PAGE_SIZE,
            .page = arg[1] + i * arg[2], .pages = arg[2],
        };
    }
    world_command(w, &cmd);
}

static void op_map_all(World *w, const uint32_t *arg)
{
    world_map_all(w, arg[0] % WORLD_VIFS, arg[1] & 1);
}

static void op_block(World *w, const uint32_t *arg)
{
    uint32_t *block = (uint32_t *)(ixp_config(w->card->ix)->sdram +
                                   arg[0] % SVNIC_CMD_BLOCKS *
                                   SVNIC_CMD_BLOCK_SIZE);

    block[arg[1] % (SVNIC_CMD_BLOCK_SIZE / 4)] = arg[2];
}

static void op_ring_command(World *w, const uint32_t *arg)
{
    world_command_at(w, arg[0]);
}

static void op_xscale(World *w, const uint32_t *arg)
{
    /* Commands are issued by those who follow them. */
    fake_xscale_doorbell(w->card->ix, arg[0] & ~SVNIC_XSCALE_DB_COMMAND);
}

/* A command by a register instead would not be followed. */
static bool rings_command(uint32_t offset)
{
    offset &= ~3u;
    return offset == SVNIC_PCI_CSR_XSCALE_DOORBELL ||
           offset == SVNIC_PCI_CSR_XSCALE_DOORBELL_SETUP;
}

static bool starts_dma(uint32_t offset)
{
    return offset >= SVNIC_PCI_CSR_DMA(0) &&
           offset < SVNIC_PCI_CSR_DMA(SVNIC_PCI_CSR_DMA_CHANNELS);
}

static void op_csr(World *w, const uint32_t *arg)
{
    uint32_t offset = arg[0] % 0x400;

    if (rings_command(offset)) {
        return;
    }
    if (starts_dma(offset)) {
        /* DMA races with the contexts, as the host's writes do. */
        if (w->threads) {
            return;
        }
        w->dma = true;
        w->bus_used = true;
    }
    fake_pci_write(w->card->ix, offset, arg[1]);
    fake_dma_run(w->card->ix);
}

static void op_csr_read(World *w, const uint32_t *arg)
{
    uint32_t value;

    fake_pci_read(w->card->ix, arg[0] % 0x400, &value);
}

/* A chain of one descriptor of four dwords on the bus. */
static void op_dma(World *w, const uint32_t *arg)
{
    Ixp *ix = w->card->ix;
    uint32_t base = SVNIC_PCI_CSR_DMA(arg[0] % SVNIC_PCI_CSR_DMA_CHANNELS);

    if (w->threads) {
        return;
    }
    w->dma = true;
    w->bus_used = true;
    for (unsigned i = 0; i < 4; i++) {
        fake_pci_write(ix, base + 4 * i, arg[1 + i]);
    }
    fake_pci_write(ix, base + 0x14, arg[0] >> 2);
    fake_dma_run(ix);
}

/* ---- owners that keep the rules ---- */

static uint32_t frame_length(uint32_t wanted)
{
    return SVNIC_MIN_FRAME +
           wanted % (SVNIC_MAX_FRAME - SVNIC_MIN_FRAME + 1);
}

static void op_send(World *w, const uint32_t *arg)
{
    for (unsigned n = arg[3] % MAX_FRAMES + 1; n; n--) {
        if (!world_send(w, arg[0] % WORLD_VIFS, arg[1],
                        frame_length(arg[2]), NULL)) {
            break;
        }
    }
}

static void op_offload(World *w, const uint32_t *arg)
{
    uint32_t length = frame_length(arg[2]);
    struct svnic_frame head = {
        .flags = arg[5] & SVNIC_FRAME_F_ALL,
    };

    if (length >= 60) {
        head.csum_start = 34;
        head.csum_offset = 16;
        if (head.flags & SVNIC_FRAME_F_NEEDS_CSUM && length > 54) {
            head.gso_type = arg[3] % (SVNIC_GSO_TCPV6 + 1);
            head.gso_size = arg[4] ? arg[4] : 1;
            head.hdr_len = 54;
        }
    } else {
        head.flags &= ~SVNIC_FRAME_F_NEEDS_CSUM;
    }
    world_send(w, arg[0] % WORLD_VIFS, arg[1], length, &head);
}

static void op_take(World *w, const uint32_t *arg)
{
    world_take(w, arg[0] % WORLD_VIFS, arg[1]);
}

static void op_arm(World *w, const uint32_t *arg)
{
    unsigned vif = arg[0] % WORLD_VIFS;
    Owner *o = &w->owner[vif];
    Guest *g = &w->card->guest[vif];

    if (!o->active || o->broken) {
        return;
    }
    if (arg[1] & 1) {
        guest_wants_recv_signal(g);
        o->recv_event = g->recv_cons;
    }
    if (arg[1] & 2) {
        guest_wants_send_signal(g);
        o->send_event = svnic_mem_load(g, SVNIC_PAGE(send_prod.event));
    }
}

static void op_unmask(World *w, const uint32_t *arg)
{
    fake_page_mask_clear(w->card->ix, arg[0] % WORLD_VIFS, arg[1]);
}

static void op_clear(World *w, const uint32_t *arg)
{
    unsigned vif = arg[0] % WORLD_VIFS;

    if (fake_page_status(w->card->ix, vif)) {
        fake_page_status_clear(w->card->ix, vif, arg[1]);
    }
}

static void op_ring(World *w, const uint32_t *arg)
{
    fake_page_ring(w->card->ix, arg[0] % WORLD_VIFS,
                   arg[1] & (IXP_PAGE_SEND | IXP_PAGE_RECV));
}

/* ---- owners that do not ---- */

/* Spec, "Errors that stop a VIF": a header that must stop it. */
static bool is_bad_header(const struct svnic_frame *h, uint32_t published)
{
    uint32_t end = h->csum_start + h->csum_offset + 2;

    if (h->length < SVNIC_MIN_FRAME || h->length > SVNIC_MAX_FRAME ||
        h->slots != SVNIC_FRAME_SLOTS(h->length) || h->slots > published ||
        h->flags & ~SVNIC_FRAME_F_ALL || h->gso_type > SVNIC_GSO_TCPV6) {
        return true;
    }
    if (!(h->flags & SVNIC_FRAME_F_NEEDS_CSUM)) {
        return h->gso_type;
    }
    return h->csum_start < SVNIC_ETH_HEADER || end > h->length ||
           (h->gso_type && (!h->gso_size || h->hdr_len < end ||
                            h->hdr_len >= h->length));
}

static void op_header(World *w, const uint32_t *arg)
{
    unsigned vif = arg[0] % WORLD_VIFS;
    Owner *o = &w->owner[vif];
    Guest *g = &w->card->guest[vif];
    struct svnic_frame head = {
        .length = arg[2], .slots = arg[3], .flags = arg[4],
        .gso_type = arg[5], .hdr_len = arg[6], .gso_size = arg[7],
        .csum_start = arg[8], .csum_offset = arg[9],
    };
    uint32_t published = arg[3] ? arg[3] : 1;
    uint8_t line[sizeof(head) + 16] = { 0 };
    uint32_t error = SVNIC_ERR_NONE;
    uint32_t at;

    if (!o->active) {
        return;
    }
    memcpy(line, &head, sizeof(head));
    memcpy(line + sizeof(head), world_mac(arg[1]), MAC_BYTES);
    memcpy(line + sizeof(head) + MAC_BYTES, world_mac(vif), MAC_BYTES);
    w->flooded |= world_mac(arg[1])[0] & 1;
    if (!o->broken && is_bad_header(&head, published)) {
        error = WORLD_ANY_ERROR;
    }
    at = svnic_send_slot(g, g->send_prod);
    for (unsigned i = 0; i < sizeof(line); i += 4) {
        uint32_t word;

        memcpy(&word, line + i, 4);
        world_poke(w, vif, at + i, word);
    }
    g->send_prod += published;
    world_poke(w, vif, SVNIC_PAGE(send_prod.index), g->send_prod);
    o->must_stop = error;
    fake_page_ring(w->card->ix, vif, IXP_PAGE_SEND);
}

static void op_index(World *w, const uint32_t *arg)
{
    static const uint32_t at[] = {
        SVNIC_PAGE(send_prod.index), SVNIC_PAGE(recv_cons.index),
        SVNIC_PAGE(send_prod.event), SVNIC_PAGE(recv_cons.event),
    };
    unsigned vif = arg[0] % WORLD_VIFS;
    uint32_t offset = at[arg[1] % G_N_ELEMENTS(at)];
    Owner *o = &w->owner[vif];
    Guest *g = &w->card->guest[vif];
    bool bad;

    if (o->active) {
        /* Ahead by more than the slots, however many the card has taken. */
        bad = !o->broken && offset == at[0] && arg[2] > g->send_slots &&
              arg[2] <= UINT32_MAX - g->send_slots;
        w->flooded = true;      /* old frames may be sent once more */
        world_poke(w, vif, offset, svnic_mem_load(g, offset) + arg[2]);
        o->must_stop = bad ? SVNIC_ERR_SEND_INDEX : SVNIC_ERR_NONE;
        fake_page_ring(w->card->ix, vif, IXP_PAGE_SEND | IXP_PAGE_RECV);
    }
}

static void op_poke(World *w, const uint32_t *arg)
{
    w->flooded = true;
    world_poke(w, arg[0] % WORLD_VIFS, arg[1], arg[2]);
}

/* ---- the network ---- */

static void op_port_in(World *w, const uint32_t *arg)
{
    Ixp *ix = w->card->ix;
    unsigned port = arg[0] % WORLD_PORTS;
    uint32_t length = arg[2] % (SVNIC_MAX_FRAME + 64);

    for (unsigned n = arg[3] % MAX_FRAMES + 1; n; n--) {
        const uint8_t *data = world_frame(w, WORLD_VIFS + port, arg[1],
                                          MAX(length, SVNIC_MIN_FRAME));
        bool taken = arg[4] & 1
                     ? fake_port_receive_bad(ix, port, data, length)
                     : fake_port_receive(ix, port, data, length);

        if (!taken) {
            break;
        }
    }
}

static void op_port_out(World *w, const uint32_t *arg)
{
    world_port_take(w, arg[0] % WORLD_PORTS, arg[1]);
}

static void op_link(World *w, const uint32_t *arg)
{
    unsigned port = arg[0] % WORLD_PORTS;

    if (!(arg[1] & 1)) {
        w->unplugged |= 1u << port;
    }
    fake_port_link(w->card->ix, port, arg[1] & 1);
}

/* ---- the machine ---- */

static void op_lose(World *w, const uint32_t *arg)
{
    world_lose(w, arg[0] % WORLD_VIFS, arg[1] % WORLD_AREA, arg[2] & 1);
}

static void op_no_memory(World *w, const uint32_t *arg)
{
    fake_host_no_memory(w->card->ix, arg[0] & 1);
}

/*
 * Faults that an owner which keeps the rules does not notice; with one of them
 * set the firmware asks at each occasion of every other.
 */
static void op_fault(World *w, const uint32_t *arg)
{
    static const unsigned harmless[] = {
        IXP_FAULT_DOORBELL_DUPLICATE, IXP_FAULT_INTERRUPT_DUPLICATE,
        FW_FAULT_COMPLETION_DUPLICATE,
    };
    Ixp *ix = w->card->ix;
    IxpFaultSetting set = {
        .one_in = arg[1], .limited = arg[2], .next = arg[2],
        .at = IXP_FAULT_ANY, .value = 1,
    };

    ixp_me_pause(ix);
    ixp_fault_set(&ixp_units(ix)->faults,
                  harmless[arg[0] % G_N_ELEMENTS(harmless)], &set);
    ixp_me_resume(ix);
}

static void op_step(World *w, const uint32_t *arg)
{
    const IxpConfig *config = ixp_config(w->card->ix);

    if (!w->workers) {
        fake_chip_step(w->card->ix, arg[0] % config->microengines,
                       arg[1] % config->contexts);
    }
}

static void op_run(World *w, const uint32_t *arg)
{
    if (w->workers) {
        g_usleep(arg[0] % 8);
        return;
    }
    if (!arg[0]) {
        world_settle(w);
    }
    for (unsigned i = 0; i < arg[0]; i++) {
        fake_chip_sweep(w->card->ix);
    }
}

static void ignore_name(IxpVisitor *v, const char *name)
{
}

static void ignore_end(IxpVisitor *v)
{
}

static void check_number(IxpVisitor *v, const char *name, uint64_t value)
{
    if (!strcmp(name, "in-flight")) {
        g_assert_cmpuint(value, <=, FW_DESCRIPTORS);
    }
}

static void ignore_text(IxpVisitor *v, const char *name, const char *value)
{
    g_assert_cmpuint(strlen(value), >, 0);
}

static void op_look(World *w, const uint32_t *arg)
{
    IxpVisitor v = {
        .group = ignore_name, .list = ignore_name, .end = ignore_end,
        .number = check_number, .hex = check_number, .text = ignore_text,
    };
    uint64_t value;

    fw_describe(w->card->fw, &v);
    for (unsigned group = 0; group < WORLD_VIFS + WORLD_PORTS +
         ixp_config(w->card->ix)->microengines + 1; group++) {
        unsigned n = 0;

        while (fw_counter(w->card->fw, group, n, &value)) {
            n++;
        }
    }
    for (unsigned i = 0; i < IXP_MEMORIES; i++) {
        fw_accesses(w->card->fw, 0, i);
    }
}

static void op_reset(World *w, const uint32_t *arg)
{
    world_reset(w);
}

/* ---- reading an input ---- */

typedef struct Operation {
    void (*execute)(World *w, const uint32_t *arg);
    const char *args;
} Operation;

#define OPERATION(name, args)   { op_##name, args },

static const Operation operations[] = { FUZZ_OPS(OPERATION) };

static const uint8_t *read_args(const uint8_t *data, const uint8_t *end,
                                const char *format, uint32_t *arg)
{
    for (; *format; format++, arg++) {
        unsigned bytes = *format == 'b' ? 1 : *format == 'w' ? 2 : 4;

        *arg = 0;
        for (unsigned i = 0; i < bytes && data < end; i++) {
            *arg |= (uint32_t)*data++ << 8 * i;
        }
    }
    return data;
}

void fuzz_execute(World *w, const uint8_t *data, size_t size)
{
    const uint8_t *end = data + size;

    for (unsigned n = 0; n < MAX_OPS && data < end; n++) {
        const Operation *op = &operations[*data++ % G_N_ELEMENTS(operations)];
        uint32_t arg[MAX_ARGS];

        data = read_args(data, end, op->args, arg);
        op->execute(w, arg);
        world_check(w);
    }
    world_end(w);
}
