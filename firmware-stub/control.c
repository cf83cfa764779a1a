/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands: a table from opcode to function, flags and need of a VIF.
 *
 * Called on the XScale.  The block is copied once; checks and execution use the
 * copy.  The answer goes out in this order: payload, status (with release, so
 * that the payload is visible to a host that reads the status), MAILBOX_STATUS,
 * COMMAND_DONE in PCI_DOORBELL, the manager's interrupt.  A refusal leaves the
 * payload as the host wrote it.  Spec: "Commands".
 */
#include "fw.h"
#include "hw/net/sv-nic/sv_nic_version.h"

static const char firmware_text[] = "sv-nic " SVNIC_VERSION;

uint32_t fw_capabilities(const SvnicFw *fw)
{
    return SVNIC_CAP_CHECKSUM | SVNIC_CAP_SEGMENTATION |
           SVNIC_CAP_SPOOF_CHECK |
           (fw->vectors ? SVNIC_CAP_MSIX | SVNIC_CAP_VECTOR : 0) |
           (fw->host ? SVNIC_CAP_HOST_PLACEMENT : 0);
}

static uint32_t query(SvnicFw *fw, FwVif *v, struct svnic_cmd *cmd)
{
    struct svnic_card_info *card = &cmd->u.card;

    memset(&cmd->u, 0, sizeof(cmd->u));
    card->abi = fw_le32(SVNIC_IDENTITY);
    card->capabilities = fw_le32(fw_capabilities(fw));
    card->vifs = fw_le32(fw->vifs);
    card->vifs_used = fw_le32(fw->vifs_used);
    card->ports = fw_le32(fw->ports);
    card->microengines = fw_le32(fw->microengines);
    card->contexts = fw_le32(fw->contexts);
    card->sdram_free = fw_le32(fw_sdram_largest(fw) *
                               (SVNIC_PAGE_SIZE / 1024));
    card->max_frame = fw_le32(SVNIC_MAX_FRAME);
    card->slot_size = fw_le32(SVNIC_SLOT_SIZE);
    memcpy(card->firmware, firmware_text, sizeof(firmware_text));
    card->events = fw_le64(fw_counted(&fw->stops));
    card->irq_bits = fw_le32(fw->irq_bits);
    return SVNIC_ST_OK;
}

static uint32_t answer_info(SvnicFw *fw, FwVif *v, struct svnic_cmd *cmd,
                            uint32_t status)
{
    if (status == SVNIC_ST_OK) {
        memset(&cmd->u, 0, sizeof(cmd->u));
        fw_vif_info(fw, v, &cmd->u.vif_info);
    }
    return status;
}

static uint32_t vif_create(SvnicFw *fw, FwVif *v, struct svnic_cmd *cmd)
{
    uint32_t status = fw_vif_create(fw, fw_le32(cmd->vif), &cmd->u.attr, &v);

    if (status == SVNIC_ST_OK) {
        cmd->vif = fw_le32(v->id);
    }
    return answer_info(fw, v, cmd, status);
}

static uint32_t vif_activate(SvnicFw *fw, FwVif *v, struct svnic_cmd *cmd)
{
    return answer_info(fw, v, cmd, fw_vif_activate(fw, v));
}

static uint32_t vif_deactivate(SvnicFw *fw, FwVif *v, struct svnic_cmd *cmd)
{
    return fw_vif_deactivate(fw, v);
}

static uint32_t vif_change(SvnicFw *fw, FwVif *v, struct svnic_cmd *cmd)
{
    bool while_active = fw_le32(cmd->flags) & SVNIC_CMD_F_WHILE_ACTIVE;

    return answer_info(fw, v, cmd,
                       fw_vif_change(fw, v, while_active, &cmd->u.attr));
}

static uint32_t vif_reset(SvnicFw *fw, FwVif *v, struct svnic_cmd *cmd)
{
    return answer_info(fw, v, cmd, fw_vif_reset(fw, v));
}

static uint32_t vif_destroy(SvnicFw *fw, FwVif *v, struct svnic_cmd *cmd)
{
    return fw_vif_destroy(fw, v);
}

static uint32_t vif_query(SvnicFw *fw, FwVif *v, struct svnic_cmd *cmd)
{
    return answer_info(fw, v, cmd, SVNIC_ST_OK);
}

static uint32_t vif_stats(SvnicFw *fw, FwVif *v, struct svnic_cmd *cmd)
{
    memset(&cmd->u, 0, sizeof(cmd->u));
    fw_vif_stats(v, &cmd->u.stats);
    return SVNIC_ST_OK;
}

static uint32_t vif_map(SvnicFw *fw, FwVif *v, struct svnic_cmd *cmd)
{
    return fw_vif_map(fw, v, &cmd->u.map);
}

static uint32_t port_query(SvnicFw *fw, FwVif *v, struct svnic_cmd *cmd)
{
    uint32_t port = fw_le32(cmd->index);

    if (port >= fw->ports) {
        return SVNIC_ST_BAD_PORT;
    }
    memset(&cmd->u, 0, sizeof(cmd->u));
    fw_port_info(fw, port, &cmd->u.port);
    return SVNIC_ST_OK;
}

typedef struct Command {
    /* @v: the VIF that the block names, if needs_vif; answers in @cmd */
    uint32_t (*serve)(SvnicFw *fw, FwVif *v, struct svnic_cmd *cmd);
    bool needs_vif;
    uint32_t flags;                 /* SVNIC_CMD_F_* that it knows */
} Command;

static const Command commands[] = {
    [SVNIC_CMD_QUERY]           = { query },
    [SVNIC_CMD_VIF_CREATE]      = { vif_create },
    [SVNIC_CMD_VIF_ACTIVATE]    = { vif_activate, true },
    [SVNIC_CMD_VIF_DEACTIVATE]  = { vif_deactivate, true },
    [SVNIC_CMD_VIF_CHANGE]      = { vif_change, true,
                                    SVNIC_CMD_F_WHILE_ACTIVE },
    [SVNIC_CMD_VIF_RESET]       = { vif_reset, true },
    [SVNIC_CMD_VIF_DESTROY]     = { vif_destroy, true },
    [SVNIC_CMD_VIF_QUERY]       = { vif_query, true },
    [SVNIC_CMD_VIF_STATS]       = { vif_stats, true },
    [SVNIC_CMD_PORT_QUERY]      = { port_query },
    [SVNIC_CMD_VIF_MAP]         = { vif_map, true },
};

static uint32_t serve(SvnicFw *fw, struct svnic_cmd *cmd)
{
    uint32_t opcode = fw_le16(cmd->opcode);
    uint32_t vif = fw_le32(cmd->vif);
    const Command *c;
    FwVif *v = NULL;

    if (fw_le16(cmd->version) != SVNIC_CMD_VERSION) {
        return SVNIC_ST_BAD_VERSION;
    }
    if (opcode >= sizeof(commands) / sizeof(commands[0]) ||
        !commands[opcode].serve) {
        return SVNIC_ST_UNSUPPORTED;
    }
    c = &commands[opcode];
    if (fw_le32(cmd->flags) & ~c->flags) {
        return SVNIC_ST_BAD_FLAGS;
    }
    if (c->needs_vif) {
        if (vif >= fw->vifs ||
            fw_vif_state(&fw->vif[vif]) == SVNIC_VIF_FREE) {
            return SVNIC_ST_NO_SUCH_VIF;
        }
        v = &fw->vif[vif];
    }
    return c->serve(fw, v, cmd);
}

void fw_control_finish(SvnicFw *fw, uint32_t status)
{
    ixp_mailbox_write(fw->ix, SVNIC_MAILBOX_STATUS, status);
    ixp_pci_doorbell_set(fw->ix, SVNIC_PCI_DB_COMMAND_DONE);
    ixp_host_interrupt(fw->ix, SVNIC_MANAGER_IRQ_BIT(fw->irq_bits),
                       SVNIC_VECTOR_MANAGER);
}

void fw_control_answer(SvnicFw *fw, const struct svnic_cmd *cmd, uint32_t at,
                       uint32_t status)
{
    struct svnic_cmd *block = (struct svnic_cmd *)(fw->sdram + at);

    if (status == SVNIC_ST_OK) {
        block->vif = cmd->vif;
        memcpy(&block->u, &cmd->u, sizeof(cmd->u));
    }
    ixp_store_release(&block->status, status);
    ixp_trace(fw->ix, FW_EVENT_COMMAND, fw_le16(cmd->opcode),
              fw_le32(cmd->vif), status);
    fw_control_finish(fw, status);
}

static void answer(SvnicFw *fw)
{
    if (!fw_fault_answer(fw)) {
        fw_control_answer(fw, &fw->command, fw->command_at,
                          fw->command_status);
    }
}

void fw_control_continue(SvnicFw *fw)
{
    FwVif *v = &fw->vif[fw_le32(fw->command.vif)];

    fw_sdram_scrub(fw);
    if (!fw->scrubs) {
        /* The VIF page lies in what was zeroed. */
        if (v->region) {
            fw_vif_write_page(fw, v);
        }
        answer(fw);
    }
}

void fw_control_command(SvnicFw *fw)
{
    uint32_t offset = ixp_mailbox_read(fw->ix, SVNIC_MAILBOX_COMMAND);

    if (offset >= SVNIC_CMD_AREA_SIZE || offset % SVNIC_CMD_BLOCK_SIZE) {
        ixp_trace(fw->ix, FW_EVENT_COMMAND, 0, 0, SVNIC_ST_BAD_POINTER);
        fw_control_finish(fw, SVNIC_ST_BAD_POINTER);
        return;
    }
    fw->command_at = offset;
    fw_copy_once(&fw->command, fw->sdram + offset, sizeof(fw->command));
    if (fw_fault_command(fw)) {
        return;
    }
    fw->command_status = serve(fw, &fw->command);
    if (!fw->scrubs) {
        answer(fw);
    }
}
