/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench/dataplane: frames per second that one host core moves from VIF to VIF.
 *
 *   dataplane-firmware [SECONDS [SLOTS [SIZE SENDERS]]]
 *   dataplane-firmware apart SECONDS SLOTS SIZE SENDERS
 *   dataplane-firmware port SECONDS SLOTS SIZE VIFS [ELEMENT]
 *   dataplane-firmware stages SECONDS SIZE SENDERS FRAMES
 *
 * The firmware as QEMU runs it, on the fake chip of tests/unit/, with the VIFs'
 * owners simulated on the same core: all of it is in the time.  With N sending
 * VIFs each sends to the next one, in a ring; one sender has one receiver.  An
 * owner's turn is what a driver cannot do without: for each frame write its
 * first line (64 bytes: header and MACs), or read the header; publish; ring if
 * the card asks.  The rest of the payload was written once, before, and is not
 * looked at, as a packet generator does.  Queues have SLOTS slots (default 64);
 * a turn is up to 32 frames.
 *
 * Prints three lines a point, for VIFs in card memory, for VIFs in the host's,
 * and for a bare memcpy() of the same bytes: "card", "host" or "copy", frame
 * size, sending VIFs, frames, seconds, seconds that the core really gave.
 * bench/dataplane runs this in rounds and makes the table.
 *
 * "apart" has the owners on a core of their own, as DPDK's loopback has its
 * other end, and the firmware alone on another, which polls.  A turn is 32
 * frames then, or as many as fit, and no more are on the way to a receiver than
 * its queue holds.  Prints a line: "apart", frame size, sending VIFs, frames,
 * seconds, seconds that the firmware had work.
 *
 * "port" has frames come in at a port for VIFs, and leave from them by it; see
 * dataplane-port.c.  Prints two lines: "in" and "out", frame size, VIFs,
 * frames, seconds, seconds that the core really gave.  What is too long to come
 * in has no first line.  ELEMENT is the size of RBUF's and TBUF's: 64, 128 or
 * 256 bytes, or the device's.
 *
 * "stages" has the firmware take the time of its stages, with turns of FRAMES
 * frames, and prints a line a stage: "stage", frame size, sending VIFs, frames
 * of a turn, the stage's name, how often, nanoseconds in all, of one at most.
 * bench/stages runs this.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dataplane.h"

#define GROUP                   16
#define AHEAD                   8       /* slots that an owner fetches */
#define TURNS_A_LOOK            32      /* at the clock */

static uint32_t turn_frames = TURN;
static unsigned msf_element;            /* bytes; 0: the device's */
static const uint32_t sizes[] = { 64, 256, 1500, 65536 };
static const uint32_t counts[] = { 1, 8, 64, 256 };

void die(const char *what)
{
    fprintf(stderr, "dataplane-firmware: %s\n", what);
    exit(1);
}

static double now(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

void vif_mac(uint32_t vif, uint8_t *mac)
{
    const uint8_t bytes[6] = { 0x02, 0x56, 0x49, 0x46, vif >> 8, vif };

    memcpy(mac, bytes, sizeof(bytes));
}

/* A command that has to succeed; the answer stays in the command area. */
static const struct svnic_vif_info *command(Ixp *ix, struct svnic_cmd cmd)
{
    struct svnic_cmd *block = (struct svnic_cmd *)ixp_config(ix)->sdram;

    *block = cmd;
    block->version = SVNIC_CMD_VERSION;
    fake_mailbox_set(ix, SVNIC_MAILBOX_COMMAND, 0);
    fake_xscale_doorbell(ix, SVNIC_XSCALE_DB_COMMAND);
    if (block->status != SVNIC_ST_OK) {
        die("a command was refused");
    }
    return &block->u.vif_info;
}

/*
 * An active VIF, with its run where @attr says; on the host in pages that
 * follow each other, as a driver gets them.  Returns the run.
 */
static uint8_t *open_vif(Ixp *ix, uint32_t vif,
                         const struct svnic_vif_attr *attr)
{
    struct svnic_cmd create = {
        .opcode = SVNIC_CMD_VIF_CREATE, .vif = vif, .u.attr = *attr,
    };
    struct svnic_cmd activate = {
        .opcode = SVNIC_CMD_VIF_ACTIVATE, .vif = vif,
    };
    uint32_t size = command(ix, create)->sdram_size;
    uint64_t address = FAKE_HOST_BASE + (uint64_t)vif * size;

    if (attr->placement == SVNIC_PLACEMENT_CARD) {
        return ixp_config(ix)->sdram + command(ix, activate)->sdram_offset;
    }
    command(ix, (struct svnic_cmd) {
        .opcode = SVNIC_CMD_VIF_MAP, .vif = vif, .u.map = {
            .extents = 1,
            .extent[0] = { address, 0, size / SVNIC_PAGE_SIZE },
        },
    });
    command(ix, activate);
    return fake_host(ix, address);
}

/* The header of a frame of this size; above the MTU it is one to segment. */
static struct svnic_frame frame_head(uint32_t size)
{
    struct svnic_frame head = {
        .length = size, .slots = SVNIC_FRAME_SLOTS(size),
    };

    if (size > SVNIC_DEFAULT_MTU + SVNIC_ETH_HEADER) {
        head.flags = SVNIC_FRAME_F_NEEDS_CSUM;
        head.gso_type = SVNIC_GSO_TCPV4;
        head.hdr_len = 66;
        head.gso_size = 1448;
        head.csum_start = 34;
        head.csum_offset = 16;
    }
    return head;
}

void prepare(Owner *o, uint32_t from, uint32_t to, uint32_t size)
{
    memset(guest_send_slot(&o->g, 0), 0x5a,
           o->g.send_slots * SVNIC_SLOT_SIZE);
    memset(&o->line, 0x5a, sizeof(o->line));
    o->line.head = frame_head(size);
    vif_mac(to, o->line.data);
    vif_mac(from, o->line.data + 6);
}

/* The loops have a copy of the owner: the slots that are written may be it. */
void owner_fill(Owner *o)
{
    Guest g = o->g;
    uint32_t slots = o->line.head.slots;
    uint32_t room = guest_room(&g);

    for (uint32_t i = 0; i < turn_frames && room >= slots; i++) {
        __builtin_prefetch(guest_send_slot(&g, g.send_prod + AHEAD * slots),
                           1);
        memcpy(guest_send_slot(&g, g.send_prod), &o->line, sizeof(o->line));
        g.send_prod += slots;
        room -= slots;
    }
    o->g.send_prod = g.send_prod;
    guest_publish(&o->g);
}

uint32_t owner_drain(Owner *o)
{
    Guest g = o->g;
    uint32_t end = g.recv_cons + svnic_recv_ready(&g);
    uint32_t frames = 0;

    while (g.recv_cons != end) {
        const struct svnic_frame *slot = guest_recv_slot(&g, g.recv_cons);

        __builtin_prefetch(guest_recv_slot(&g, g.recv_cons + AHEAD));
        g.recv_cons += slot->slots;
        frames++;
    }
    o->g.recv_cons = g.recv_cons;
    guest_release(&o->g);
    return frames;
}

/*
 * Every sender has one turn.  Owners are not in step with each other: while
 * the card works for some, others fill their queues.  So they go in groups.
 */
static uint64_t turn(Ixp *ix, Owner *owner, uint32_t senders, uint32_t vifs)
{
    uint64_t frames = 0;

    for (uint32_t first = 0; first < senders; first += GROUP) {
        uint32_t last = first + GROUP < senders ? first + GROUP : senders;

        for (uint32_t i = first; i < last; i++) {
            owner_fill(&owner[i]);
        }
        if (!fake_chip_run(ix, MOST_STEPS)) {
            die("the firmware does not come to rest");
        }
        for (uint32_t i = first; i < last; i++) {
            frames += owner_drain(&owner[(i + 1) % vifs]);
        }
    }
    return frames;
}

uint64_t counter(Ixp *ix, uint32_t vif, const char *name)
{
    const char *found;
    uint64_t value;

    for (unsigned i = 0;
         (found = fw_counter(fake_chip_state(ix), vif, i, &value)); i++) {
        if (!strcmp(found, name)) {
            return value;
        }
    }
    die("no such counter");
    return 0;
}

/*
 * The same bytes from the same slots to the same slots by memcpy() alone: the
 * limit set by this machine's memory.
 */
static uint64_t turn_of_copies(Ixp *ix, Owner *owner, uint32_t senders,
                               uint32_t vifs)
{
    uint32_t size = SVNIC_FRAME_HEADER + owner->line.head.length;
    uint32_t slots = owner->line.head.slots;
    uint32_t fit = owner->g.send_slots / slots;
    uint32_t frames = fit < TURN ? fit : TURN;

    for (uint32_t i = 0; i < senders; i++) {
        Guest *from = &owner[i].g;
        Guest *to = &owner[(i + 1) % vifs].g;
        uint8_t *send = (uint8_t *)guest_send_slot(from, 0);
        uint8_t *recv = (uint8_t *)guest_recv_slot(to, 0);

        for (uint32_t k = 0; k < frames; k++) {
            uint32_t at = (from->send_prod & (from->send_slots - 1)) *
                          SVNIC_SLOT_SIZE;
            uint32_t end = from->send_slots * SVNIC_SLOT_SIZE;
            uint32_t first = size < end - at ? size : end - at;

            memcpy(recv + at, send + at, first);
            memcpy(recv, send, size - first);
            from->send_prod += slots;
        }
    }
    return (uint64_t)senders * frames;
}

void clocked(const char *name, Turn *one_turn, Ixp *ix, Owner *owner,
             uint32_t senders, uint32_t vifs, double seconds)
{
    double cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    double start = now(CLOCK_MONOTONIC);
    uint64_t frames = 0;
    double end;

    do {
        for (unsigned i = 0; i < TURNS_A_LOOK; i++) {
            frames += one_turn(ix, owner, senders, vifs);
        }
        end = now(CLOCK_MONOTONIC);
    } while (end - start < seconds);
    cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("%s %u %u %llu %.6f %.6f\n", name, owner->line.head.length,
           senders, (unsigned long long)frames, end - start, cpu);
    fflush(stdout);
}

/* A counter of the firmware, of all microengines together. */
static uint64_t me_counter(Ixp *ix, const char *name, bool most)
{
    const IxpConfig *config = ixp_config(ix);
    uint64_t sum = 0;

    for (unsigned i = 0; i < config->microengines; i++) {
        uint64_t n = counter(ix, config->pages + config->ports + i, name);

        sum = most ? (n > sum ? n : sum) : sum + n;
    }
    return sum;
}

static void print_stages(Ixp *ix, uint32_t size, uint32_t senders)
{
    static const char *const stages[] = {
        "doorbell", "fetch", "classify", "ring", "copy", "signal",
    };

    for (unsigned i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
        char count[64];
        char ns[64];
        char most[64];

        snprintf(count, sizeof(count), "stage-%s-count", stages[i]);
        snprintf(ns, sizeof(ns), "stage-%s-ns", stages[i]);
        snprintf(most, sizeof(most), "stage-%s-max", stages[i]);
        printf("stage %u %u %u %s %llu %llu %llu\n", size, senders,
               turn_frames, stages[i],
               (unsigned long long)me_counter(ix, count, false),
               (unsigned long long)me_counter(ix, ns, false),
               (unsigned long long)me_counter(ix, most, true));
    }
}

Setting set_up(uint32_t size, uint32_t senders, uint32_t slots,
               enum svnic_vif_placement placement, bool stamps)
{
    uint32_t vifs = senders > 1 ? senders : 2;
    FakeChipConfig config = {
        .microengines = IXP_MAX_MICROENGINES,
        .contexts = IXP_MAX_CONTEXTS,
        .pages = vifs,
        .ports = 1,
        .sdram_size = fw_sdram_min(vifs) +
                      (uint64_t)vifs * 2 * slots * SVNIC_SLOT_SIZE,
        .port_room = UINT32_MAX,
        .msf_element = msf_element,
        .stamps = stamps,
        /* the page, both queues, and up to a slot in front of each */
        .host_pages = placement == SVNIC_PLACEMENT_HOST ? vifs * (slots + 2)
                                                        : 0,
    };
    struct svnic_vif_attr attr = {
        .mask = SVNIC_ATTR_MAC | SVNIC_ATTR_SEND_SLOTS |
                SVNIC_ATTR_RECV_SLOTS | SVNIC_ATTR_PLACEMENT,
        .placement = placement,
        .send_slots = slots, .recv_slots = slots,
    };
    Setting s = {
        .ix = fake_chip_new(&config),
        .owner = calloc(vifs, sizeof(*s.owner)),
        .senders = senders,
        .vifs = vifs,
    };

    for (uint32_t i = 0; i < vifs; i++) {
        vif_mac(i, attr.mac);
        guest_attach_run(&s.owner[i].g, s.ix, open_vif(s.ix, i, &attr));
        prepare(&s.owner[i], i, (i + 1) % vifs, size);
    }
    fake_chip_run(s.ix, MOST_STEPS);
    return s;
}

static void check_counters(const Setting *s)
{
    uint64_t least = UINT64_MAX;
    uint64_t most = 0;

    for (uint32_t i = 0; i < s->senders; i++) {
        uint64_t sent = counter(s->ix, i, "send-frames");
        uint64_t got = counter(s->ix, (i + 1) % s->vifs, "recv-frames");

        if (!sent || sent != got || counter(s->ix, i, "stops") ||
            counter(s->ix, (i + 1) % s->vifs, "recv-full")) {
            die("frames were lost: the figures would be wrong");
        }
        least = sent < least ? sent : least;
        most = sent > most ? sent : most;
    }
    if (least < most / 2) {
        die("some VIFs have hardly sent: the figures would be of the others");
    }
}

void tear_down(Setting *s)
{
    free(s->owner);
    fake_chip_free(s->ix);
}

static void measure(uint32_t size, uint32_t senders, double seconds,
                    uint32_t slots, enum svnic_vif_placement placement,
                    bool stamps)
{
    bool host = placement == SVNIC_PLACEMENT_HOST;
    Setting s = set_up(size, senders, slots, placement, stamps);

    clocked(host ? "host" : "card", turn, s.ix, s.owner, senders, s.vifs,
            seconds);
    check_counters(&s);
    if (stamps) {
        print_stages(s.ix, size, senders);
    } else if (!host) {
        for (uint32_t i = 0; i < senders; i++) {
            s.owner[i].g.send_prod = 0;
        }
        clocked("copy", turn_of_copies, s.ix, s.owner, senders, s.vifs,
                seconds);
    }
    tear_down(&s);
}

/* ---- owners on a core of their own ---- */

typedef struct Card {
    Ixp *ix;
    int core;
    bool end;                   /* atomic */
    double busy;                /* seconds; once the thread has ended */
} Card;

/* The calling thread runs on @core alone. */
static void pin(int core)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(core, &set);
    if (pthread_setaffinity_np(pthread_self(), sizeof(set), &set)) {
        die("a thread cannot be given a core");
    }
}

/* The firmware, polling. */
static void *run_card(void *opaque)
{
    Card *card = opaque;
    bool busy = false;
    double since = 0;

    pin(card->core);
    while (!__atomic_load_n(&card->end, __ATOMIC_RELAXED)) {
        if (fake_chip_sweep(card->ix)) {
            if (!busy) {
                since = now(CLOCK_MONOTONIC);
                busy = true;
            }
        } else if (busy) {
            card->busy += now(CLOCK_MONOTONIC) - since;
            busy = false;
        }
    }
    if (busy) {
        card->busy += now(CLOCK_MONOTONIC) - since;
    }
    return NULL;
}

/*
 * Each receiver takes what is there, and its sender sends a turn if all of it
 * fits and the receiver has room for what is on the way.  Returns how many
 * frames arrived.
 */
static uint64_t owners_turn(Setting *s, uint32_t frames)
{
    uint32_t slots = frames * s->owner->line.head.slots;
    uint64_t got = 0;

    for (uint32_t i = 0; i < s->senders; i++) {
        Owner *from = &s->owner[i];
        Owner *to = &s->owner[(i + 1) % s->vifs];

        if (guest_has_frame(&to->g)) {
            got += owner_drain(to);
        }
        if (from->g.send_prod - to->g.recv_cons + slots <= to->g.recv_slots &&
            guest_room(&from->g) >= slots) {
            owner_fill(from);
        }
    }
    return got;
}

/* Two different cores of those that this process may use. */
static void two_cores(int core[2])
{
    cpu_set_t set;
    unsigned n = 0;

    if (sched_getaffinity(0, sizeof(set), &set)) {
        die("it cannot be found out which cores there are");
    }
    for (int i = 0; i < CPU_SETSIZE && n < 2; i++) {
        if (CPU_ISSET(i, &set)) {
            core[n++] = i;
        }
    }
    if (n < 2) {
        die("this takes two cores");
    }
}

static void measure_apart(uint32_t size, uint32_t senders, double seconds,
                          uint32_t slots)
{
    Setting s = set_up(size, senders, slots, SVNIC_PLACEMENT_CARD, false);
    uint32_t fit = slots / s.owner->line.head.slots;
    uint32_t frames = fit < turn_frames ? fit : turn_frames;
    Card card = { .ix = s.ix };
    uint64_t got = 0;
    pthread_t thread;
    double start;
    double end;
    int core[2];

    two_cores(core);
    pin(core[0]);
    card.core = core[1];
    if (pthread_create(&thread, NULL, run_card, &card)) {
        die("no thread for the card");
    }
    start = now(CLOCK_MONOTONIC);
    do {
        for (unsigned i = 0; i < TURNS_A_LOOK; i++) {
            got += owners_turn(&s, frames);
        }
        end = now(CLOCK_MONOTONIC);
    } while (end - start < seconds);
    __atomic_store_n(&card.end, true, __ATOMIC_RELAXED);
    pthread_join(thread, NULL);
    printf("apart %u %u %llu %.6f %.6f\n", size, senders,
           (unsigned long long)got, end - start, card.busy);
    fake_chip_run(s.ix, MOST_STEPS);
    check_counters(&s);
    tear_down(&s);
}

static void measure_both(uint32_t size, uint32_t senders, double seconds,
                         uint32_t slots)
{
    measure(size, senders, seconds, slots, SVNIC_PLACEMENT_CARD, false);
    measure(size, senders, seconds, slots, SVNIC_PLACEMENT_HOST, false);
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 0.5;
    uint32_t slots = argc > 2 ? atoi(argv[2]) : 64;

    if (argc == 6 && !strcmp(argv[1], "stages")) {
        turn_frames = atoi(argv[5]);
        measure(atoi(argv[3]), atoi(argv[4]), atof(argv[2]), 64,
                SVNIC_PLACEMENT_CARD, true);
        return 0;
    }
    if (argc == 6 && !strcmp(argv[1], "apart")) {
        measure_apart(atoi(argv[4]), atoi(argv[5]), atof(argv[2]),
                      atoi(argv[3]));
        return 0;
    }
    if ((argc == 6 || argc == 7) && !strcmp(argv[1], "port")) {
        msf_element = argc == 7 ? atoi(argv[6]) : 0;
        measure_port(atoi(argv[4]), atoi(argv[5]), atof(argv[2]),
                     atoi(argv[3]));
        return 0;
    }
    if (argc > 4) {
        measure_both(atoi(argv[3]), atoi(argv[4]), seconds, slots);
        return 0;
    }
    for (unsigned s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        for (unsigned n = 0; n < sizeof(counts) / sizeof(counts[0]); n++) {
            measure_both(sizes[s], counts[n], seconds, slots);
        }
    }
    return 0;
}
