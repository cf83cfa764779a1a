/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libqos driver for the SV-NIC card: the operations of the guest's drivers.
 *
 * Used by tests/qtest/sv-nic-*-test.c.  Single-threaded, like all of libqos.
 * Section names in quotes are those of docs/specs/sv-nic*.rst.
 *
 * No function waits for a fixed time: it polls a condition and steps the
 * virtual clock.  If the condition is not true after SV_NIC_DEADLINE_US, the
 * test fails with a message that has the condition.
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

/* Only exceeded if the card is broken; long enough for a busy machine. */
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
    uint64_t vector_addr;       /* guest memory: a dword per vector; or 0 */
} QSvNic;

/* Pages of a region in host memory: 64 slots for each queue. */
#define SV_NIC_HOST_PAGES       66

typedef struct QSvNicVif {
    QSvNic *nic;
    uint32_t id;
    uint32_t base;              /* SDRAM offset of the region; 0: on the host */
    uint32_t size;              /* bytes of the region */
    uint32_t irq_bit;
    uint32_t vector;
    struct svnic_owner ring;
    uint8_t mac[6];
    uint64_t page[SV_NIC_HOST_PAGES]; /* guest addresses, if on the host */
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
/* As sv_nic_start(), after a reset: maps the BARs at the same addresses. */
void sv_nic_restart(QSvNic *nic);
/* "Boot and command mailboxes": waits for IDENTITY, looks up the area. */
void sv_nic_wait_firmware(QSvNic *nic);

/*
 * One round of polling: steps the virtual clock.  Fails the test with @what
 * and @where in the message if @deadline (g_get_monotonic_time) has passed.
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

/* Sets the downstream windows to their addresses after reset. */
void sv_nic_windows(QSvNic *nic);
/*
 * A cycle of the chip of card SV_NIC_ID on the secondary bus.  @space is
 * "config" or "csr" (of the bridge, from the secondary side) or "memory" (any
 * address of the bus).  @result, if not NULL, and the return value of the write
 * are a MemTxResult.
 */
uint64_t sv_nic_secondary_read(QSvNic *nic, const char *space, uint64_t addr,
                               uint32_t size, uint32_t *result);
uint32_t sv_nic_secondary_write(QSvNic *nic, const char *space, uint64_t addr,
                                uint32_t size, uint64_t value);
/* Level of s_inta_l, the bridge's interrupt to the chip. */
bool sv_nic_s_inta(QSvNic *nic);
/*
 * Waits until card SV_NIC_ID is idle: all work is done, or waits for the
 * network or for the owner of a VIF.
 */
void sv_nic_wait_idle(QSvNic *nic);

/*
 * "Interrupts"
 */

/* Level of INTA, from the status register of the function. */
bool sv_nic_inta(QSvNic *nic);
/*
 * Sets the address of each vector to a separate dword of guest memory, unmasks
 * all vectors and enables MSI-X.
 */
void sv_nic_msix_enable(QSvNic *nic);
/* Returns true if @vector has been sent since the last call. */
bool sv_nic_vector_take(QSvNic *nic, uint32_t vector);

/*
 * "Commands".  @cmd is little-endian, as in the area.
 */

/* Initializes @cmd: version, status pending, all other fields 0. */
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
/* Sum of the counters of @of with @suffix; adds their number to *@n. */
uint64_t sv_nic_counters(QSvNic *nic, const char *of, const char *suffix,
                         unsigned *n);
/* PORT_QUERY; the counters of the answer in host order. */
void sv_nic_port_info(QSvNic *nic, uint32_t port,
                      struct svnic_port_info *info);

/*
 * A VIF and its owner
 */

/* A MAC address that is different for every @n. */
void sv_nic_mac(uint8_t mac[6], uint32_t n);
/*
 * Creates VIF @id with @attr (NULL: defaults and a unique MAC address) and
 * activates it.  Every step must succeed.
 */
void sv_nic_vif_open(QSvNicVif *vif, QSvNic *nic, uint32_t id,
                     const struct svnic_vif_attr *attr);
/* Initializes @vif from the answer of ACTIVATE or RESET: both queues at 0. */
void sv_nic_vif_attach(QSvNicVif *vif, QSvNic *nic, uint32_t id,
                       const struct svnic_vif_info *info);
/*
 * "Host placement": assigns the pages of @vif consecutive guest addresses from
 * @base on, in reverse order.
 */
void sv_nic_vif_pages(QSvNicVif *vif, uint64_t base);
/* Creates VIF @id, inactive, on the host, with 64 slots for each queue. */
void sv_nic_vif_create_host(QSvNicVif *vif, QSvNic *nic, uint32_t id);
/* VIF_MAP of @pages pages from @page of the region on; returns the status. */
uint32_t sv_nic_vif_map(QSvNic *nic, uint32_t id, uint64_t address,
                        uint32_t page, uint32_t pages);
/*
 * Maps all pages, each at its guest address plus @offset, and activates the
 * VIF.
 */
void sv_nic_vif_start_host(QSvNicVif *vif, uint64_t offset);
/* All of these steps, in memory from @alloc, which is not freed. */
void sv_nic_vif_open_host(QSvNicVif *vif, QSvNic *nic, uint32_t id,
                          QGuestAllocator *alloc);
/* VIF_RESET, and both queues at 0. */
void sv_nic_vif_reset(QSvNicVif *vif);
/* VIF_CHANGE of an active VIF; must succeed. */
void sv_nic_vif_change(QSvNicVif *vif, const struct svnic_vif_attr *attr);

/* The VIF's region, in card or host memory: @size bytes at @offset. */
void sv_nic_region_read(QSvNicVif *vif, uint32_t offset, void *buf,
                        size_t size);
void sv_nic_region_write(QSvNicVif *vif, uint32_t offset, const void *buf,
                         size_t size);
uint32_t sv_nic_region32(QSvNicVif *vif, uint32_t offset);
void sv_nic_region32_write(QSvNicVif *vif, uint32_t offset, uint32_t value);

/* A dword of the VIF page; @member is one of struct svnic_vif_page. */
#define sv_nic_page(vif, member) \
    sv_nic_region32(vif, offsetof(struct svnic_vif_page, member))
#define sv_nic_page_write(vif, member, value) \
    sv_nic_region32_write(vif, offsetof(struct svnic_vif_page, member), value)

/* A dword of the VIF's doorbell page. */
uint32_t sv_nic_db(QSvNicVif *vif, uint32_t offset);
void sv_nic_db_write(QSvNicVif *vif, uint32_t offset, uint32_t value);
/* Waits until all of @bits are set in the status, then clears them. */
void sv_nic_signal_wait(QSvNicVif *vif, uint32_t bits);

/*
 * Queues a frame without publishing it; the queue must have enough free slots.
 * Sets length and slots of @header (NULL: no offload).
 */
void sv_nic_queue(QSvNicVif *vif, const struct svnic_frame *header,
                  const void *data, uint32_t length);
/* Free slots of the send queue. */
uint32_t sv_nic_send_room(QSvNicVif *vif);
/* "Publishing and sleeping": returns true if it rang the doorbell. */
bool sv_nic_publish(QSvNicVif *vif);
/* Waits for free slots, queues and publishes. */
void sv_nic_send(QSvNicVif *vif, const struct svnic_frame *header,
                 const void *data, uint32_t length);
/* Waits until the card has taken all published frames. */
void sv_nic_send_drain(QSvNicVif *vif);

/*
 * Takes the oldest frame of the receive queue and checks that its header is
 * well-formed.  Returns false if the queue is empty.
 */
bool sv_nic_take(QSvNicVif *vif, QSvNicFrame *frame);
/* Waits for a frame and takes it. */
void sv_nic_recv(QSvNicVif *vif, QSvNicFrame *frame);
/*
 * Waits for a frame; it must be @length bytes of @data, with the offload fields
 * of @header (NULL: none).
 */
void sv_nic_expect(QSvNicVif *vif, const struct svnic_frame *header,
                   const void *data, uint32_t length);

/*
 * Adds test sv-nic-@topic/.../VARIANT/@name for each of @variants, a string of
 * these characters:
 *   0  workers-0: all contexts run inline, deterministically
 *   1  workers-1: one worker, with assist (the default)
 *   2  workers-2-no-assist: two workers, without assist
 * @fn gets the QSvNic, @before and @arg are as in QOSGraphTestOptions.  @opts:
 * more device options, or NULL.  The device's id is SV_NIC_ID.
 */
void sv_nic_add_test(const char *topic, const char *name, QOSTestFunc fn,
                     const char *variants, const char *opts,
                     QOSBeforeTest before, void *arg);

#endif
