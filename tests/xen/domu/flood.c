/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps the send queue of a guest's VIF full, faster than a driver could: all
 * slots hold valid frames, and the producer index follows the consumer index.
 * The interface must be down meanwhile.
 *
 *   flood MEMORY DOORBELL TO SECONDS
 *
 * MEMORY and DOORBELL are machine addresses, decimal; frames go to the MAC
 * address TO.  Run by tests/xen/cases/65-hostile.sh in a guest.
 */
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "hw/net/sv-nic/sv_nic_abi.h"

#define FRAME_BYTES 60
#define MAC_BYTES   6

static void *map(int fd, const char *address, size_t size)
{
    uint64_t at = 0;
    void *p = MAP_FAILED;

    if (sscanf(address, "%" SCNu64, &at) == 1) {
        p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, at);
    }
    if (p == MAP_FAILED) {
        err(1, "%s", address);
    }
    return p;
}

int main(int argc, char **argv)
{
    /* volatile: the card reads and writes there */
    volatile struct svnic_vif_page *page;
    /* volatile: a register */
    volatile uint32_t *doorbell;
    uint8_t to[MAC_BYTES];
    uint32_t slots, prod, first;
    size_t offset;
    time_t end;
    int fd;

    if (argc != 5 || sscanf(argv[3], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &to[0],
                            &to[1], &to[2], &to[3], &to[4], &to[5]) != 6) {
        errx(2, "usage: flood MEMORY DOORBELL TO SECONDS");
    }
    fd = open("/dev/mem", O_RDWR | O_SYNC);
    if (fd < 0) {
        err(1, "/dev/mem");
    }
    page = map(fd, argv[1], SVNIC_PAGE_SIZE);
    doorbell = map(fd, argv[2], SVNIC_DOORBELL_PAGE_SIZE);
    slots = page->send_slots;
    offset = page->send_offset;
    page = map(fd, argv[1], offset + slots * SVNIC_SLOT_SIZE);

    for (uint32_t n = 0; n < slots; n++) {
        uint8_t *slot = (uint8_t *)page + offset + n * SVNIC_SLOT_SIZE;
        struct svnic_frame head = {
            .length = FRAME_BYTES,
            .slots = 1,
        };

        memcpy(slot, &head, sizeof(head));
        memset(slot + sizeof(head), 0, FRAME_BYTES);
        memcpy(slot + sizeof(head), to, MAC_BYTES);
        memcpy(slot + sizeof(head) + MAC_BYTES, (uint8_t *)page->mac,
               MAC_BYTES);
    }
    first = prod = page->send_cons.index;
    end = time(NULL) + atoi(argv[4]);
    while (time(NULL) < end) {
        uint32_t cons = page->send_cons.index;
        int empty = cons == prod;

        prod = cons + slots;
        page->send_prod.index = prod;
        __sync_synchronize();
        if (empty) {
            doorbell[SVNIC_DB_SEND / sizeof(*doorbell)] = 1;
        }
    }
    /* Pending frames are sent as well; the driver resets the VIF at its up. */
    printf("%u\n", page->send_cons.index - first);
    return 0;
}
