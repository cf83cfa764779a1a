/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Common to the unit tests: a card with firmware on the fake chip, its manager,
 * and owners of VIFs that send, receive and compare.
 *
 * All functions fail the test (g_assert) on an error.
 */
#ifndef TESTS_UNIT_CARD_H
#define TESTS_UNIT_CARD_H

#include <glib.h>
#include <string.h>

#include "fw.h"
#include "guest.h"

#define MAC_BYTES               6

typedef struct Card {
    Ixp *ix;
    SvnicFw *fw;
    unsigned block;                 /* next block of the command area */
    struct svnic_cmd answer;        /* to the last command */
    Guest guest[SVNIC_MAX_VIFS];
} Card;

/* A frame with its header: as sent, or as expected. */
typedef struct Frame {
    struct svnic_frame head;
    uint32_t length;
    uint8_t data[SVNIC_MAX_FRAME];
} Frame;

/* 8 VIFs, 2 ports, 32 MiB of any content, 8 x 8 contexts. */
extern const FakeChipConfig card_default;

Card *card_new(const FakeChipConfig *config);
void card_free(Card *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Card, card_free)

/* ---- the manager ---- */

/* Issues @cmd, checks the protocol of the answer, returns the status. */
uint32_t card_command(Card *c, const struct svnic_cmd *cmd);
/* card_command() with an opcode for a VIF; @attr may be NULL. */
uint32_t card_vif_command(Card *c, uint16_t opcode, uint32_t vif,
                          const struct svnic_vif_attr *attr);
/* VIF_CHANGE with SVNIC_CMD_F_WHILE_ACTIVE. */
uint32_t card_change_active(Card *c, uint32_t vif,
                            const struct svnic_vif_attr *attr);
/* Asserts that the command is refused with @status and changes nothing. */
void card_refuses(Card *c, uint32_t status, const struct svnic_cmd *cmd);

/* Creates @vif with @attr (or NULL) and the MAC of card_mac(), activates. */
Guest *card_vif(Card *c, uint32_t vif, const struct svnic_vif_attr *attr);
/* Activates or resets a VIF, and initializes its owner's queues. */
Guest *card_start(Card *c, uint16_t opcode, uint32_t vif);
/* The locally administered MAC of a VIF. */
const uint8_t *card_mac(uint32_t vif);
extern const uint8_t card_broadcast[MAC_BYTES];
extern const uint8_t card_stranger[MAC_BYTES];

/* Runs the contexts until all sleep. */
void card_run(Card *c);
/* A counter of VIF @vif, or of port @port. */
uint64_t card_count(Card *c, uint32_t vif, const char *name);
uint64_t card_port_count(Card *c, uint32_t port, const char *name);
/* Asserts that VIF @vif is stopped for @error, or (NONE) active. */
void card_assert_error(Card *c, uint32_t vif, enum svnic_vif_error error);
/* Sets all indices of both queues of an idle VIF to @index. */
void card_set_index(Card *c, uint32_t vif, uint32_t index);

/* ---- frames ---- */

/* A new frame of @length bytes, each different from the last; g_free() it. */
Frame *frame_new(const uint8_t *dst, const uint8_t *src, uint32_t length);
/* Puts, publishes and runs. */
void card_send(Card *c, Guest *g, const Frame *f);
/* Makes a frame, sends it, returns it. */
Frame *card_send_new(Card *c, Guest *g, const uint8_t *dst, uint32_t length);
/* Asserts that the next frame of @g is @f, bytes, header and all. */
void card_receives(Guest *g, const Frame *f);
void card_receives_nothing(Guest *g);
/* The same for the next frame that a port transmits; @offload may be NULL. */
void card_port_sends(Card *c, unsigned port, const Frame *f,
                     IxpOffload *offload);
void card_port_sends_nothing(Card *c, unsigned port);
/* Has the port receive a frame, and runs. */
void card_port_receive(Card *c, unsigned port, const Frame *f);

/* Drops that the firmware has reported for this reason. */
static inline unsigned card_drops(Card *c, FwDrop reason)
{
    return fake_trace_named(c->ix, FW_EVENT_DROP, reason);
}

/* ---- faults, see docs/faults.rst ---- */

/* Sets a kind: strikes on each occasion, or, with @next, so many times. */
void card_fault(Card *c, unsigned id, uint32_t next, uint32_t at,
                uint32_t value);
void card_fault_off(Card *c, unsigned id);
/* How often it has struck. */
uint64_t card_struck(Card *c, unsigned id);
/* Sends a frame from @from to @to, which gets it. */
void card_passes(Card *c, Guest *from, Guest *to);
/* Issues @opcode, which need not be answered; returns its block. */
struct svnic_cmd *card_issue(Card *c, uint16_t opcode);
/* The card answers a command. */
void card_answers(Card *c);

#endif /* TESTS_UNIT_CARD_H */
