/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The driver of the ports' MACs, two PM3386: initializes them in the order of
 * Linux's driver for the board, and reads the link.
 *
 * Called by boot.c on the XScale.
 */
#include "fw.h"

/* The longest frame that any VIF takes, on the wire. */
#define MAX_FRAME       (SVNIC_MAX_MTU + SVNIC_ETH_MAX_HEADER + PM3386_FCS)

static void set(SvnicFw *fw, unsigned port, unsigned reg, uint16_t value)
{
    pm3386_write(fw->units, PM3386_CHIP(port), reg, value);
}

void fw_mac_boot(SvnicFw *fw, unsigned port)
{
    const uint8_t *mac = fw->port[port].mac;

    set(fw, port, PM3386_RESET, PM3386_RESET_RUN);
    set(fw, port, PM3386_EGMAC_RESET(port), PM3386_EGMAC_IN_RESET);
    set(fw, port, PM3386_EGMAC_RESET(port), 0);
    set(fw, port, PM3386_EGMAC_CONFIG(port), PM3386_EGMAC_CONFIG_VALUE);
    for (unsigned i = 0; i < 3; i++) {
        set(fw, port, PM3386_EGMAC_ADDRESS(port, i),
            mac[2 * i] | mac[2 * i + 1] << 8);
    }
    set(fw, port, PM3386_RX_MAX(port), MAX_FRAME);
    set(fw, port, PM3386_TX_MAX(port), MAX_FRAME);
    set(fw, port, PM3386_EGMAC_ENABLE(port),
        PM3386_ENABLE_RX | PM3386_ENABLE_TX);
}

bool fw_mac_link(SvnicFw *fw, unsigned port)
{
    unsigned chip = PM3386_CHIP(port);

    /* The first read tells whether the link was down since the last read. */
    pm3386_read(fw->units, chip, PM3386_AUTONEG_STATUS(port));
    return pm3386_read(fw->units, chip, PM3386_AUTONEG_STATUS(port)) &
           PM3386_AUTONEG_LINK;
}
