/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PM3386: the registers that Linux's driver for the board uses, MIB counters of
 * the usual kinds, and the link.
 *
 * The registers of the counters are known for frames and bytes only.  The other
 * counters (m) are properties of the model, without registers.
 *
 * Called by firmware (registers, on the XScale) and by the ports, see pm3386.h.
 * Does not use QEMU.
 *
 * Spec: "Ports".
 */
#include <string.h>

#include "ixp.h"

#define SOURCE          "Linux pm3386.c"
#define BOTH            PM3386_CHANNELS
/* Distance between the registers of the two channels */
#define EGMAC           0x100
#define SPI3            0x20
#define SERDES          0x10

static const IxpRegister rows[] = {
    { "ID", 0x000, 1, 0, "RO", "-", 0, "not known; read to flush writes",
      SOURCE },
    { "RESET", PM3386_RESET, 1, 0, "RW", "-", 0, "63: it runs", SOURCE },
    { "INGRESS_CONTROL", PM3386_INGRESS_CONTROL(0), BOTH, SPI3, "RW",
      "-", PM3386_INGRESS_READY, "7: ready, always", SOURCE },
    { "INGRESS_BURST", 0x122, BOTH, SPI3, "RW", "-", 0, "kept", SOURCE },
    { "EGRESS_CONTROL", PM3386_EGRESS_CONTROL(0), BOTH, SPI3, "RW",
      "-", PM3386_EGRESS_READY, "3:2: ready, always", SOURCE },
    { "EGRESS_THRESHOLD", 0x221, BOTH, SPI3, "RW", "-", 0, "kept", SOURCE },
    { "EGMAC_RESET", PM3386_EGMAC_RESET(0), BOTH, EGMAC, "RW",
      "-", 0, "15: no frame passes", SOURCE },
    { "EGMAC_CONFIG", PM3386_EGMAC_CONFIG(0), BOTH, EGMAC, "RW",
      "-", 0, "kept", SOURCE },
    { "EGMAC_ENABLE", PM3386_EGMAC_ENABLE(0), BOTH, EGMAC, "RW",
      "-", 0, "12 receives, 14 transmits", SOURCE },
    { "EGMAC_AUTOSENSE", 0x306, BOTH, EGMAC, "RW", "-", 0, "kept", SOURCE },
    { "EGMAC_ADDRESS_0", PM3386_EGMAC_ADDRESS(0, 0), BOTH, EGMAC, "RW",
      "-", 0, "kept", SOURCE },
    { "EGMAC_ADDRESS_1", PM3386_EGMAC_ADDRESS(0, 1), BOTH, EGMAC, "RW",
      "-", 0, "kept", SOURCE },
    { "EGMAC_ADDRESS_2", PM3386_EGMAC_ADDRESS(0, 2), BOTH, EGMAC, "RW",
      "-", 0, "kept", SOURCE },
    { "RX_MAX", PM3386_RX_MAX(0), BOTH, EGMAC, "RW", "-", PM3386_MAX_RESET,
      "longer frames, with FCS, are dropped (reset value remembered)",
      SOURCE },
    { "TX_MAX", PM3386_TX_MAX(0), BOTH, EGMAC, "RW", "-", PM3386_MAX_RESET,
      "kept (reset value remembered)", SOURCE },
    { "AUTONEG_CONTROL", 0x318, BOTH, EGMAC, "RW", "-", 0, "kept", SOURCE },
    { "AUTONEG_STATUS", PM3386_AUTONEG_STATUS(0), BOTH, EGMAC, "RO", "-", 0,
      "1: link; down until it is read, once it was", SOURCE },
    { "AUTONEG_ADVERTISE", 0x31c, BOTH, EGMAC, "RW", "-", 0, "kept", SOURCE },
    { "MSTAT_CONTROL", PM3386_MSTAT_CONTROL(0), BOTH, EGMAC, "RW", "-", 0,
      "0: takes a snapshot of the counters, and reads 0", SOURCE },
    { "MSTAT_RX_FRAMES", PM3386_MSTAT_RX_FRAMES(0), BOTH, EGMAC, "RO", "-", 0,
      "511 is the high half", SOURCE },
    { "MSTAT_RX_BYTES", PM3386_MSTAT_RX_BYTES(0), BOTH, EGMAC, "RO",
      "-", 0, "515 is the high half", SOURCE },
    { "MSTAT_TX_FRAMES", PM3386_MSTAT_TX_FRAMES(0), BOTH, EGMAC, "RO",
      "-", 0, "591 is the high half", SOURCE },
    { "MSTAT_TX_BYTES", PM3386_MSTAT_TX_BYTES(0), BOTH, EGMAC, "RO",
      "-", 0, "595 is the high half", SOURCE },
    { "SERDES_CONTROL", 0x703, BOTH, SERDES, "RW", "-", 0, "kept", SOURCE },
    { "SERDES_NARROWBAND", 0x708, BOTH, SERDES, "RW", "-", 0, "kept", SOURCE },
};

#define ROWS            (sizeof(rows) / sizeof(rows[0]))

_Static_assert(ROWS <= PM3386_ROWS, "each row has a place");

const IxpRegister *pm3386_registers(size_t *n)
{
    *n = ROWS;
    return rows;
}

static bool is_counter(const IxpRegister *r)
{
    return r->access[1] == 'O' && r->address > PM3386_MSTAT_CONTROL(0);
}

/* The row of @reg, or -1; @high: the second half of a counter. */
static int find(unsigned reg, unsigned *channel, bool *high)
{
    for (size_t i = 0; i < ROWS; i++) {
        const IxpRegister *r = &rows[i];
        unsigned halves = is_counter(r) ? 2 : 1;

        for (*channel = 0; *channel < r->count; ++*channel) {
            unsigned at = r->address + *channel * r->stride;

            if (reg >= at && reg < at + halves) {
                *high = reg != at;
                return i;
            }
        }
    }
    return -1;
}

static void reserved(IxpUnits *u)
{
    ixp_unit_reserved(u);
}

static bool has_port(unsigned chip, unsigned channel)
{
    return chip < PM3386_CHIPS &&
           chip * PM3386_CHANNELS + channel < IXP_MAX_PORTS;
}

static uint16_t link_status(Pm3386 *m, unsigned port)
{
    bool up = __atomic_load_n(&m->link[port], __ATOMIC_ACQUIRE);
    bool was_down = __atomic_exchange_n(&m->link_was_down[port], !up,
                                        __ATOMIC_ACQ_REL);

    return up && !was_down ? PM3386_AUTONEG_LINK : 0;
}

uint16_t pm3386_read(IxpUnits *u, unsigned chip, unsigned reg)
{
    Pm3386 *m = &u->mac;
    unsigned port;
    unsigned channel;
    const Pm3386Mib *s;
    uint64_t value;
    bool high;
    int row = find(reg, &channel, &high);

    if (row < 0 || !has_port(chip, channel)) {
        reserved(u);
        return 0;
    }
    port = chip * PM3386_CHANNELS + channel;
    s = &m->snapshot[port];
    switch (rows[row].address) {
    case PM3386_AUTONEG_STATUS(0):
        return link_status(m, port);
    case PM3386_MSTAT_RX_FRAMES(0):
        value = s->rx.frames;
        break;
    case PM3386_MSTAT_RX_BYTES(0):
        value = s->rx.octets;
        break;
    case PM3386_MSTAT_TX_FRAMES(0):
        value = s->tx.frames;
        break;
    case PM3386_MSTAT_TX_BYTES(0):
        value = s->tx.octets;
        break;
    default:
        return m->reg[chip][row][channel];
    }
    return high ? value >> 16 : value;
}

static uint64_t counted(const uint64_t *counter)
{
    return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static void snapshot(Pm3386 *m, unsigned port)
{
    Pm3386Mib *s = &m->snapshot[port];
    const Pm3386Mib *mib = &m->mib[port];

    s->rx.frames = counted(&mib->rx.frames);
    s->rx.octets = counted(&mib->rx.octets);
    s->tx.frames = counted(&mib->tx.frames);
    s->tx.octets = counted(&mib->tx.octets);
}

static uint16_t stored_value(const Pm3386 *m, unsigned chip, unsigned reg)
{
    unsigned channel;
    bool high;
    int row = find(reg, &channel, &high);

    return m->reg[chip][row][channel];
}

/* Updates the values that each frame is checked against. */
static void derive(Pm3386 *m)
{
    for (unsigned i = 0; i < IXP_MAX_PORTS; i++) {
        unsigned chip = PM3386_CHIP(i);
        uint16_t enable = stored_value(m, chip, PM3386_EGMAC_ENABLE(i));

        if ((stored_value(m, chip, PM3386_RESET) & PM3386_RUNNING) !=
            PM3386_RUNNING ||
            stored_value(m, chip, PM3386_EGMAC_RESET(i)) &
            PM3386_EGMAC_IN_RESET) {
            enable = 0;
        }
        __atomic_store_n(&m->enabled[i], enable, __ATOMIC_RELAXED);
        __atomic_store_n(&m->rx_max[i], stored_value(m, chip, PM3386_RX_MAX(i)),
                         __ATOMIC_RELAXED);
    }
}

void pm3386_write(IxpUnits *u, unsigned chip, unsigned reg, uint16_t value)
{
    Pm3386 *m = &u->mac;
    unsigned channel;
    bool high;
    int row = find(reg, &channel, &high);

    if (row < 0 || !has_port(chip, channel) || rows[row].access[1] != 'W') {
        reserved(u);
        return;
    }
    switch (rows[row].address) {
    case PM3386_INGRESS_CONTROL(0):
        value |= PM3386_INGRESS_READY;
        break;
    case PM3386_EGRESS_CONTROL(0):
        value |= PM3386_EGRESS_READY;
        break;
    case PM3386_MSTAT_CONTROL(0):
        if (value & PM3386_MSTAT_SNAPSHOT) {
            snapshot(m, chip * PM3386_CHANNELS + channel);
            value &= ~PM3386_MSTAT_SNAPSHOT;
        }
        break;
    default:
        break;
    }
    m->reg[chip][row][channel] = value;
    derive(m);
}

void pm3386_reset(IxpUnits *u)
{
    Pm3386 *m = &u->mac;

    for (unsigned chip = 0; chip < PM3386_CHIPS; chip++) {
        for (size_t i = 0; i < ROWS; i++) {
            for (unsigned c = 0; c < PM3386_CHANNELS; c++) {
                m->reg[chip][i][c] = rows[i].reset;
            }
        }
    }
    memset(m->snapshot, 0, sizeof(m->snapshot));
    derive(m);
}

/* ---- frames ---- */

static void count(uint64_t *counter, uint64_t n)
{
    __atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

static bool passes(const Pm3386 *m, unsigned port, uint16_t way)
{
    return __atomic_load_n(&m->enabled[port], __ATOMIC_RELAXED) & way;
}

bool pm3386_receives(IxpUnits *u, unsigned port)
{
    if (!passes(&u->mac, port, PM3386_ENABLE_RX)) {
        count(&u->mac.mib[port].rx_disabled, 1);
        return false;
    }
    return true;
}

bool pm3386_accepts(IxpUnits *u, unsigned port, uint32_t length)
{
    Pm3386Mib *mib = &u->mac.mib[port];
    uint32_t max = __atomic_load_n(&u->mac.rx_max[port], __ATOMIC_RELAXED);

    if (length < PM3386_MIN_FRAME) {
        count(&mib->rx_runts, 1);
    } else if (length > max || length + PM3386_FCS > max) {
        count(&mib->rx_oversize, 1);
    } else {
        return true;
    }
    return false;
}

static void count_frames(Pm3386Direction *d, const uint8_t *dst,
                         uint32_t length, unsigned n)
{
    static const uint8_t broadcast[] = { 255, 255, 255, 255, 255, 255 };
    static const uint16_t sizes[] = { 64, 127, 255, 511, 1023, 1518 };
    unsigned size = 0;

    length += PM3386_FCS;
    while (size < PM3386_SIZES - 1 && length > sizes[size]) {
        size++;
    }
    count(&d->frames, n);
    count(&d->octets, (uint64_t)n * length);
    count(&d->size[size], n);
    if (!memcmp(dst, broadcast, sizeof(broadcast))) {
        count(&d->broadcast, n);
    } else {
        count(dst[0] & 1 ? &d->multicast : &d->unicast, n);
    }
}

void pm3386_received(IxpUnits *u, unsigned port, const uint8_t *frame,
                     uint32_t length, bool error)
{
    Pm3386Mib *mib = &u->mac.mib[port];

    if (error) {
        count(&mib->rx_fcs_errors, 1);
        return;
    }
    count_frames(&mib->rx, frame, length, 1);
    if (length + PM3386_FCS < 64) {
        count(&mib->rx_undersize, 1);
    }
}

void pm3386_lost(IxpUnits *u, unsigned port)
{
    count(&u->mac.mib[port].rx_lost, 1);
}

void pm3386_paused(IxpUnits *u, unsigned port)
{
    count(&u->mac.mib[port].tx_pause, 1);
}

bool pm3386_transmits(IxpUnits *u, unsigned port)
{
    if (!passes(&u->mac, port, PM3386_ENABLE_TX)) {
        count(&u->mac.mib[port].tx_disabled, 1);
        return false;
    }
    return true;
}

void pm3386_sent(IxpUnits *u, unsigned port, const uint8_t *dst,
                 uint32_t length, unsigned n)
{
    count_frames(&u->mac.mib[port].tx, dst, length, n);
}

void pm3386_set_link(IxpUnits *u, unsigned port, bool up)
{
    if (!up) {
        __atomic_store_n(&u->mac.link_was_down[port], true, __ATOMIC_RELAXED);
    }
    __atomic_store_n(&u->mac.link[port], up, __ATOMIC_RELEASE);
}

/* ---- observers ---- */

#define COUNTER(name, member) { "mib-" name, offsetof(Pm3386Mib, member) }

static const struct {
    const char *name;
    size_t offset;
} counters[] = {
    COUNTER("rx-frames", rx.frames),
    COUNTER("rx-octets", rx.octets),
    COUNTER("rx-unicast", rx.unicast),
    COUNTER("rx-multicast", rx.multicast),
    COUNTER("rx-broadcast", rx.broadcast),
    COUNTER("rx-64", rx.size[0]),
    COUNTER("rx-65-127", rx.size[1]),
    COUNTER("rx-128-255", rx.size[2]),
    COUNTER("rx-256-511", rx.size[3]),
    COUNTER("rx-512-1023", rx.size[4]),
    COUNTER("rx-1024-1518", rx.size[5]),
    COUNTER("rx-1519-max", rx.size[6]),
    COUNTER("tx-frames", tx.frames),
    COUNTER("tx-octets", tx.octets),
    COUNTER("tx-unicast", tx.unicast),
    COUNTER("tx-multicast", tx.multicast),
    COUNTER("tx-broadcast", tx.broadcast),
    COUNTER("tx-64", tx.size[0]),
    COUNTER("tx-65-127", tx.size[1]),
    COUNTER("tx-128-255", tx.size[2]),
    COUNTER("tx-256-511", tx.size[3]),
    COUNTER("tx-512-1023", tx.size[4]),
    COUNTER("tx-1024-1518", tx.size[5]),
    COUNTER("tx-1519-max", tx.size[6]),
    COUNTER("rx-undersize", rx_undersize),
    COUNTER("rx-oversize", rx_oversize),
    COUNTER("rx-runts", rx_runts),
    COUNTER("rx-fcs-errors", rx_fcs_errors),
    COUNTER("rx-lost", rx_lost),
    COUNTER("rx-disabled", rx_disabled),
    COUNTER("tx-disabled", tx_disabled),
    COUNTER("tx-pause", tx_pause),
};

const char *pm3386_counter(const IxpUnits *u, unsigned port, unsigned n,
                           const uint64_t **value)
{
    const uint8_t *mib = (const uint8_t *)&u->mac.mib[port];

    if (n >= sizeof(counters) / sizeof(counters[0])) {
        return NULL;
    }
    *value = (const uint64_t *)(mib + counters[n].offset);
    return counters[n].name;
}
