/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A driver of SV-NIC in user space: makes two VIFs and sends a frame from one
 * to the other.  docs/tutorial/driver.rst walks through it.
 *
 *   driver BDF              for example 0000:00:02.0; no other driver has it
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "hw/net/sv-nic/sv_nic_ring.h"

#define PCI_COMMAND             0x04
#define PCI_COMMAND_ENABLE      0x0006  /* memory, bus master */
#define SECONDS                 5       /* that the card has for anything */
#define FRAME_BYTES             60

static const char *bdf;
static volatile uint32_t *csr;          /* BAR 3: the chip's PCI CSRs */
static uint8_t *doorbells;              /* BAR 2: a page a VIF */
static uint8_t *sdram;                  /* BAR 4: command area, VIFs */

/* Polls until @condition holds; says what it was if it never does. */
#define WAIT(condition)                                                     \
    do {                                                                    \
        time_t end_ = time(NULL) + SECONDS;                                 \
        while (!(condition)) {                                              \
            if (time(NULL) > end_) {                                        \
                errx(1, "%s: waited for: %s", bdf, #condition);             \
            }                                                               \
        }                                                                   \
    } while (0)

/* ---- probe ---- */

static int open_file(const char *name)
{
    char path[64];
    int fd;

    snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", bdf, name);
    fd = open(path, O_RDWR);
    if (fd < 0) {
        err(1, "%s", path);
    }
    return fd;
}

static void *map_bar(const char *name)
{
    int fd = open_file(name);
    struct stat file = { 0 };
    void *p;

    fstat(fd, &file);
    p = mmap(NULL, file.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED) {
        err(1, "%s of %s: does another driver have it?", name, bdf);
    }
    close(fd);
    return p;
}

static void probe(void)
{
    int fd = open_file("config");
    uint16_t id[2], command;

    if (pread(fd, id, 4, 0) != 4 || pread(fd, &command, 2, PCI_COMMAND) != 2) {
        err(1, "configuration space of %s", bdf);
    }
    if (id[0] != SVNIC_PCI_VENDOR_ID || id[1] != SVNIC_PCI_DEVICE_ID) {
        errx(1, "%s is %04x:%04x, no SV-NIC", bdf, id[0], id[1]);
    }
    command |= PCI_COMMAND_ENABLE;
    if (pwrite(fd, &command, 2, PCI_COMMAND) != 2) {
        err(1, "configuration space of %s", bdf);
    }
    close(fd);
    doorbells = map_bar("resource2");
    csr = map_bar("resource3");
    sdram = map_bar("resource4");
}

/* ---- commands ---- */

static uint32_t mailbox(unsigned n)
{
    return csr[SVNIC_PCI_CSR_MAILBOX(n) / 4];
}

/* Gives a command and waits for its answer, which is left in the block. */
static struct svnic_cmd *command(uint16_t opcode, uint32_t vif,
                                 const struct svnic_vif_attr *attr)
{
    uint32_t offset = mailbox(SVNIC_MAILBOX_AREA);
    struct svnic_cmd *block = (struct svnic_cmd *)(sdram + offset);
    struct svnic_cmd cmd = {
        .version = SVNIC_CMD_VERSION, .opcode = opcode, .vif = vif,
        .status = SVNIC_ST_PENDING,
    };

    if (attr) {
        cmd.u.attr = *attr;
    }
    memcpy(block, &cmd, sizeof(cmd));
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    csr[SVNIC_PCI_CSR_MAILBOX(SVNIC_MAILBOX_COMMAND) / 4] = offset;
    csr[SVNIC_PCI_CSR_XSCALE_DOORBELL / 4] = SVNIC_XSCALE_DB_COMMAND;
    WAIT(__atomic_load_n(&block->status, __ATOMIC_ACQUIRE) !=
         SVNIC_ST_PENDING);
    if (block->status != SVNIC_ST_OK) {
        errx(1, "%s: command %u: status %u", bdf, opcode, block->status);
    }
    return block;
}

/* ---- a VIF ---- */

static void open_vif(struct svnic_owner *o, uint8_t last_of_mac)
{
    const struct svnic_vif_attr attr = {
        .mask = SVNIC_ATTR_MAC, .mac = { 2, 0x56, 0x49, 0x46, 0, last_of_mac },
    };
    uint32_t id = command(SVNIC_CMD_VIF_CREATE, SVNIC_VIF_ANY, &attr)->vif;
    struct svnic_vif_info info =
        command(SVNIC_CMD_VIF_ACTIVATE, id, NULL)->u.vif_info;

    o->page = (struct svnic_vif_page *)(sdram + info.sdram_offset);
    o->doorbell = (uint32_t *)(doorbells + ((size_t)info.doorbell_page <<
                                            SVNIC_DOORBELL_PAGE_SHIFT));
    if (!svnic_owner_attach(o, info.sdram_size)) {
        errx(1, "%s: the page of VIF %u is against the spec", bdf, id);
    }
    printf("VIF %u: %u and %u slots\n", o->id, o->send_slots, o->recv_slots);
}

static void close_vif(const struct svnic_owner *o)
{
    command(SVNIC_CMD_VIF_DEACTIVATE, o->id, NULL);
    command(SVNIC_CMD_VIF_DESTROY, o->id, NULL);
}

/* ---- traffic ---- */

static void send_frame(struct svnic_owner *from, const struct svnic_owner *to)
{
    uint8_t frame[FRAME_BYTES] = { 0 };

    memcpy(frame, to->page->mac, 6);
    memcpy(frame + 6, from->page->mac, 6);
    memcpy(frame + 12, "\x88\xb5" "hello, VIF", 12);
    WAIT(svnic_send_put(from, frame, sizeof(frame), NULL));
    printf("VIF %u sends %zu bytes and %s\n", from->id, sizeof(frame),
           svnic_send_publish(from) ? "rings" : "need not ring");
}

static void receive_frame(struct svnic_owner *o)
{
    uint8_t frame[SVNIC_MAX_FRAME];
    struct svnic_frame head;
    int32_t length;

    WAIT((length = svnic_recv_take(o, frame, sizeof(frame), &head)) !=
         SVNIC_RECV_NONE);
    if (length != FRAME_BYTES || memcmp(frame + 14, "hello, VIF", 10)) {
        errx(1, "%s: VIF %u has received something else", bdf, o->id);
    }
    svnic_recv_release(o);
    printf("VIF %u receives %d bytes: %.10s\n", o->id, length, frame + 14);
}

int main(int argc, char **argv)
{
    struct svnic_card_info card;
    struct svnic_owner a, b;

    if (argc != 2) {
        errx(2, "usage: driver BDF");
    }
    bdf = argv[1];
    probe();
    WAIT(mailbox(SVNIC_MAILBOX_IDENTITY) >> 8 == SVNIC_IDENTITY >> 8);
    card = command(SVNIC_CMD_QUERY, 0, NULL)->u.card;
    printf("%.32s: %u VIFs, %u ports\n", (const char *)card.firmware,
           card.vifs, card.ports);
    open_vif(&a, 1);
    open_vif(&b, 2);
    send_frame(&a, &b);
    receive_frame(&b);
    close_vif(&a);
    close_vif(&b);
    return 0;
}
