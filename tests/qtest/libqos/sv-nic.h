/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libqos driver for the SV-NIC card: what a guest's drivers do, by hand.
 *
 * Used by tests/qtest/sv-nic-*-test.c.  Single-threaded, like all of libqos.
 * Section names in quotes are those of docs/specs/sv-nic.rst.
 *
 * Nothing here ever waits for a fixed time: a function that waits polls, lets
 * the virtual clock run, and ends the test with the condition that it waited
 * for if SV_NIC_DEADLINE_US have passed.
 */
#ifndef QGRAPH_SV_NIC_H
#define QGRAPH_SV_NIC_H

#include "qgraph.h"
#include "pci.h"
#include "libqos-malloc.h"

/* A VIF's memory and doorbell page are reached by qtest; see sv-nic-vif.c. */
#define SVNIC_RING_MEMORY
#define SVNIC_RING_DOORBELL
struct svnic_owner;
uint32_t svnic_mem_load(const struct svnic_owner *o, uint32_t offset);
void svnic_mem_store(const struct svnic_owner *o, uint32_t offset,
                     uint32_t value);
void svnic_mem_read(const struct svnic_owner *o, uint32_t offset, void *to,
                    uint32_t size);
void svnic_mem_write(const struct svnic_owner *o, uint32_t offset,
                     const void *from, uint32_t size);
void svnic_mem_barrier(const struct svnic_owner *o);
uint32_t svnic_db_read(const struct svnic_owner *o, uint32_t reg);
void svnic_db_write(const struct svnic_owner *o, uint32_t reg,
                    uint32_t value);
#include "hw/net/sv-nic/sv_nic_ring.h"

/* Reached by a broken card only; generous, for a busy machine. */
#define SV_NIC_DEADLINE_US      (20 * G_USEC_PER_SEC)

/* The card's id; see sv_nic_add_test(). */
#define SV_NIC_ID               "card"

typedef struct QSvNic {
    QOSGraphObject obj;
    QPCIDevice pci_dev;
    QGuestAllocator *alloc;
    QPCIBar csr, csr_io, doorbell, pci_csr, sdram;
    uint32_t area;              /* SDRAM offset of the command area */
    uint32_t block;             /* number of the next command block */
    uint64_t vector_addr;       /* guest memory: a dword a vector, or 0 */
} QSvNic;

/* Pages of a run with 64 slots a queue, which VIFs on the host have here. */
#define SV_NIC_HOST_PAGES       66

typedef struct QSvNicVif {
    QSvNic *nic;
    uint32_t id;
    uint32_t base;              /* SDRAM offset of the run; 0: on the host */
    uint32_t size;              /* bytes of the run */
    uint32_t irq_bit;
    uint32_t vector;
    struct svnic_owner ring;
    uint8_t mac[6];
    uint64_t page[SV_NIC_HOST_PAGES]; /* guest addresses of a run on the host */
} QSvNicVif;

/* A frame in host memory. */
typedef struct QSvNicFrame {
    struct svnic_frame header;  /* little-endian, as in the slot */
    uint32_t length;
    uint8_t data[SVNIC_MAX_FRAME];
} QSvNicFrame;

/*
 * The card
 */

/* The card at @devfn of @bus, or the only one on the bus if @devfn < 0. */
void sv_nic_init(QSvNic *nic, QPCIBus *bus, QGuestAllocator *alloc,
                 int devfn);
/* Maps the BARs, enables the function, waits for the firmware. */
void sv_nic_start(QSvNic *nic);
/* The same after a reset: maps the BARs where they were. */
void sv_nic_restart(QSvNic *nic);
/* "Boot and command mailboxes": waits for IDENTITY, looks up the area. */
void sv_nic_wait_firmware(QSvNic *nic);

/*
 * One round of polling: lets the virtual clock run, and ends the test, naming
 * @what at @where, if @deadline (g_get_monotonic_time) is over.
 */
void sv_nic_poll(QTestState *qts, int64_t deadline, const char *what,
                 const char *where);

/* Polls until @condition holds. */
#define sv_nic_wait(qts, condition)                                         \
    do {                                                                    \
        int64_t deadline_ = g_get_monotonic_time() + SV_NIC_DEADLINE_US;    \
        while (!(condition)) {                                              \
            sv_nic_poll(qts, deadline_, #condition, G_STRLOC);              \
        }                                                                   \
    } while (0)

static inline QTestState *sv_nic_qts(QSvNic *nic)
{
    return nic->pci_dev.bus->qts;
}

static inline uint32_t sv_nic_pci_csr(QSvNic *nic, uint32_t offset)
{
    return qpci_io_readl(&nic->pci_dev, nic->pci_csr, offset);
}

static inline void sv_nic_pci_csr_write(QSvNic *nic, uint32_t offset,
                                        uint32_t value)
{
    qpci_io_writel(&nic->pci_dev, nic->pci_csr, offset, value);
}

static inline uint16_t sv_nic_csr16(QSvNic *nic, uint32_t offset)
{
    return qpci_io_readw(&nic->pci_dev, nic->csr, offset);
}

static inline void sv_nic_csr16_write(QSvNic *nic, uint32_t offset,
                                      uint16_t value)
{
    qpci_io_writew(&nic->pci_dev, nic->csr, offset, value);
}

/* Card SDRAM: @offset from its start, @size bytes. */
void sv_nic_sdram_read(QSvNic *nic, uint32_t offset, void *buf, size_t size);
void sv_nic_sdram_write(QSvNic *nic, uint32_t offset, const void *buf,
                        size_t size);
uint32_t sv_nic_sdram32(QSvNic *nic, uint32_t offset);
void sv_nic_sdram32_write(QSvNic *nic, uint32_t offset, uint32_t value);

/*
 * The bridge
 */

/* Moves the downstream windows back to where they are after reset. */
void sv_nic_windows(QSvNic *nic);
/*
 * A cycle of the chip on the secondary bus: @space is "config" or "csr" of the
 * bridge, as seen from there, or "memory", all of the bus's addresses.  Of
 * SV_NIC_ID.  @result, if not NULL, and what write returns: a MemTxResult.
 */
uint64_t sv_nic_secondary_read(QSvNic *nic, const char *space, uint64_t addr,
                               uint32_t size, uint32_t *result);
uint32_t sv_nic_secondary_write(QSvNic *nic, const char *space, uint64_t addr,
                                uint32_t size, uint64_t value);
/* Level of s_inta_l, the bridge's interrupt to the chip. */
bool sv_nic_s_inta(QSvNic *nic);
/*
 * Waits until no context of SV_NIC_ID has anything to do: all that was given to
 * it is done, or waits for the network or for its owner.
 */
void sv_nic_rest(QSvNic *nic);

/*
 * "Interrupts"
 */

/* Level of INTA, as the function's status register shows it. */
bool sv_nic_inta(QSvNic *nic);
/*
 * Points every vector of the table at a dword of guest memory of its own,
 * unmasks it and enables MSI-X.
 */
void sv_nic_msix_enable(QSvNic *nic);
/* Whether @vector has been sent since the last call. */
bool sv_nic_vector_take(QSvNic *nic, uint32_t vector);

/*
 * "Commands".  @cmd is little-endian, as in the area.
 */

/* @cmd as a host fills it: version, status pending, all else 0. */
void sv_nic_cmd_init(struct svnic_cmd *cmd, uint16_t opcode, uint32_t vif);
/* Rings for the block at SDRAM offset @pointer; does not wait. */
void sv_nic_cmd_ring(QSvNic *nic, uint32_t pointer);
/*
 * Puts @cmd into the next block, rings, waits for the status, reads the
 * answer into @cmd and clears COMMAND_DONE.  Returns the status.
 */
uint32_t sv_nic_cmd(QSvNic *nic, struct svnic_cmd *cmd);
/* A command without payload, or with @attr; the answer goes to @info. */
uint32_t sv_nic_vif_cmd(QSvNic *nic, uint16_t opcode, uint32_t vif,
                        uint32_t flags, const struct svnic_vif_attr *attr,
                        struct svnic_vif_info *info);
/* VIF_STATS; each member of the answer in host order. */
void sv_nic_vif_stats(QSvNic *nic, uint32_t vif,
                      struct svnic_vif_stats *stats);
/* Counter @name of @of ("vif[3]", "port[0]") in QOM, of card SV_NIC_ID. */
uint64_t sv_nic_counter(QSvNic *nic, const char *of, const char *name);
uint64_t sv_nic_vif_counter(QSvNic *nic, uint32_t vif, const char *name);
/* Sum of those of @of whose names end in @suffix; adds to *@n how many. */
uint64_t sv_nic_counters(QSvNic *nic, const char *of, const char *suffix,
                         unsigned *n);
/* PORT_QUERY; the counters of the answer in host order. */
void sv_nic_port_info(QSvNic *nic, uint32_t port,
                      struct svnic_port_info *info);

/*
 * A VIF and its owner
 */

/* MAC number @n of these tests; different for every @n. */
void sv_nic_mac(uint8_t mac[6], uint32_t n);
/*
 * Creates VIF @id with @attr, or if that is NULL with defaults and a MAC of
 * its own, and activates it.  Every step has to succeed.
 */
void sv_nic_vif_open(QSvNicVif *vif, QSvNic *nic, uint32_t id,
                     const struct svnic_vif_attr *attr);
/* Takes over what an ACTIVATE or RESET answered: both queues at 0. */
void sv_nic_vif_attach(QSvNicVif *vif, QSvNic *nic, uint32_t id,
                       const struct svnic_vif_info *info);
/*
 * "Host placement": gives @vif its pages, each at a guest address of its own
 * from @base on, the first page last.
 */
void sv_nic_vif_pages(QSvNicVif *vif, uint64_t base);
/* Makes it inactive, on the host, with 64 slots a queue. */
void sv_nic_vif_create_host(QSvNicVif *vif, QSvNic *nic, uint32_t id);
/* VIF_MAP of @pages pages from @page of the run on; returns the status. */
uint32_t sv_nic_vif_map(QSvNic *nic, uint32_t id, uint64_t address,
                        uint32_t page, uint32_t pages);
/*
 * Puts all of the pages into the table, each at @offset from where the guest
 * sees it, and activates.
 */
void sv_nic_vif_start_host(QSvNicVif *vif, uint64_t offset);
/* All of that, in memory from @alloc; the run goes with the test. */
void sv_nic_vif_open_host(QSvNicVif *vif, QSvNic *nic, uint32_t id,
                          QGuestAllocator *alloc);
/* VIF_RESET, and both queues at 0. */
void sv_nic_vif_reset(QSvNicVif *vif);
/* VIF_CHANGE of an active VIF; has to succeed. */
void sv_nic_vif_change(QSvNicVif *vif, const struct svnic_vif_attr *attr);

/* The VIF's run, wherever it lies: @offset from its start, @size bytes. */
void sv_nic_run_read(QSvNicVif *vif, uint32_t offset, void *buf, size_t size);
void sv_nic_run_write(QSvNicVif *vif, uint32_t offset, const void *buf,
                      size_t size);
uint32_t sv_nic_run32(QSvNicVif *vif, uint32_t offset);
void sv_nic_run32_write(QSvNicVif *vif, uint32_t offset, uint32_t value);

/* A dword of the VIF page; @member is one of struct svnic_vif_page. */
#define sv_nic_page(vif, member) \
    sv_nic_run32(vif, offsetof(struct svnic_vif_page, member))
#define sv_nic_page_write(vif, member, value) \
    sv_nic_run32_write(vif, offsetof(struct svnic_vif_page, member), value)

/* A dword of the VIF's doorbell page. */
uint32_t sv_nic_db(QSvNicVif *vif, uint32_t offset);
void sv_nic_db_write(QSvNicVif *vif, uint32_t offset, uint32_t value);
/* Waits for signals: all of @bits in the status, then clears them. */
void sv_nic_signal_wait(QSvNicVif *vif, uint32_t bits);

/*
 * Queues a frame; there has to be room.  Fills in length and slots of
 * @header (NULL: no offload).  Not published yet.
 */
void sv_nic_queue(QSvNicVif *vif, const struct svnic_frame *header,
                  const void *data, uint32_t length);
/* Free slots of the send queue. */
uint32_t sv_nic_send_room(QSvNicVif *vif);
/* "Publishing and sleeping": true if the card had to be rung. */
bool sv_nic_publish(QSvNicVif *vif);
/* Waits for room, queues and publishes. */
void sv_nic_send(QSvNicVif *vif, const struct svnic_frame *header,
                 const void *data, uint32_t length);
/* The card has taken all that was published. */
void sv_nic_send_drain(QSvNicVif *vif);

/*
 * Takes the oldest frame of the receive queue; false: there is none.  Checks
 * that its header is well-formed.
 */
bool sv_nic_take(QSvNicVif *vif, QSvNicFrame *frame);
/* Waits for a frame and takes it. */
void sv_nic_recv(QSvNicVif *vif, QSvNicFrame *frame);
/*
 * Waits for a frame; it has to be @length bytes of @data, with all of
 * @header's offload fields (NULL: none).
 */
void sv_nic_expect(QSvNicVif *vif, const struct svnic_frame *header,
                   const void *data, uint32_t length);

/*
 * Adds test sv-nic-@topic/.../VARIANT/@name for each of @variants, a string of
 * these:
 *   0  workers-0: all on the main loop, deterministic
 *   1  workers-1: one thread, and whoever rings it helps (the default)
 *   2  workers-2-no-assist: two threads, each on its own
 * @fn gets the QSvNic, @before and @arg are as in QOSGraphTestOptions.  @opts:
 * further device options, or NULL.  The device's id is SV_NIC_ID.
 */
void sv_nic_add_test(const char *topic, const char *name, QOSTestFunc fn,
                     const char *variants, const char *opts,
                     QOSBeforeTest before, void *arg);

#endif
