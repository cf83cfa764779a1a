/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ports' MACs: registers, what they let pass, what they count, the link.
 */
#include "card.h"

#define PORTS                   3
/* The longest frame that the firmware lets in. */
#define LONGEST                 (SVNIC_MAX_MTU + SVNIC_ETH_MAX_HEADER)

static Card *make(void)
{
    FakeChipConfig config = card_default;

    config.ports = PORTS;
    return card_new(&config);
}

static uint64_t mib(Card *c, unsigned port, const char *name)
{
    const uint64_t *value;
    const char *found;

    for (unsigned i = 0;
         (found = pm3386_counter(c->fw->units, port, i, &value)); i++) {
        if (!strcmp(found, name)) {
            return *value;
        }
    }
    g_error("no counter %s", name);
}

static void every_register(void)
{
    g_autoptr(Card) c = make();
    IxpUnits *u = c->fw->units;
    const IxpRegister *r;
    size_t n;

    fake_chip_units_reset(c->ix);
    r = pm3386_registers(&n);
    for (unsigned chip = 0; chip < PM3386_CHIPS; chip++) {
        for (size_t i = 0; i < n; i++) {
            for (unsigned k = 0; k < r[i].count; k++) {
                unsigned at = r[i].address + k * r[i].stride;
                bool none = chip == 1 && k == 1;    /* leads nowhere */
                uint64_t reserved = u->reserved;
                bool writable = r[i].access[1] == 'W';

                g_test_message("%s %u of chip %u", r[i].name, k, chip);
                if (r[i].address != 0x31a) {
                    g_assert_cmphex(pm3386_read(u, chip, at), ==,
                                    none ? 0 : r[i].reset);
                    g_assert_cmpuint(u->reserved - reserved, ==, none);
                }
                reserved = u->reserved;
                pm3386_write(u, chip, at, 0x5a5a);
                g_assert_cmpuint(u->reserved - reserved, ==,
                                 none || !writable);
                if (!none && writable) {
                    g_assert_cmphex(pm3386_read(u, chip, at) & 0x5a52, ==,
                                    0x5a52);
                }
            }
        }
    }
    /* The XScale's addresses, each chip's in a window of its own. */
    fake_chip_units_reset(c->ix);
    for (unsigned chip = 0; chip < PM3386_CHIPS; chip++) {
        uint64_t reserved = u->reserved;

        for (size_t i = 0; i < n; i++) {
            uint32_t address = PM3386_ADDRESS(chip, r[i].address);

            if (r[i].access[1] == 'W') {
                ixp_csr_write(u, address, 0x1200 + i);
            }
            g_assert_cmphex(ixp_csr_read(u, address), ==,
                            pm3386_read(u, chip, r[i].address));
            if (!strcmp(r[i].what, "kept")) {
                g_assert_cmphex(ixp_csr_read(u, address), ==, 0x1200 + i);
            }
        }
        g_assert_cmpuint(u->reserved, ==, reserved);
        ixp_csr_read(u, PM3386_ADDRESS(chip, 0x999));
        ixp_csr_read(u, PM3386_ADDRESS(chip, PM3386_RESET) + 1);
        ixp_csr_write(u, PM3386_ADDRESS(chip, 0), 1);
        g_assert_cmpuint(u->reserved, ==, reserved + 3);
    }
    g_assert_cmphex(pm3386_read(u, 0, 0x999), ==, 0);
    g_assert_cmphex(pm3386_read(u, PM3386_CHIPS, PM3386_RESET), ==, 0);
}

static void brought_up(void)
{
    g_autoptr(Card) c = make();
    IxpUnits *u = c->fw->units;

    for (unsigned i = 0; i < PORTS; i++) {
        unsigned chip = PM3386_CHIP(i);
        const uint8_t *mac = c->fw->port[i].mac;

        g_assert_cmphex(pm3386_read(u, chip, PM3386_RESET), ==,
                        PM3386_RESET_RUN);
        g_assert_cmpuint(pm3386_read(u, chip, PM3386_RX_MAX(i)), ==,
                         LONGEST + PM3386_FCS);
        /* ready, whatever is written */
        pm3386_write(u, chip, PM3386_INGRESS_CONTROL(i), 3);
        g_assert_cmphex(pm3386_read(u, chip, PM3386_INGRESS_CONTROL(i)), ==,
                        PM3386_INGRESS_READY | 3);
        pm3386_write(u, chip, PM3386_EGRESS_CONTROL(i), 3);
        g_assert_cmphex(pm3386_read(u, chip, PM3386_EGRESS_CONTROL(i)), ==,
                        PM3386_EGRESS_READY | 3);
        g_assert_cmphex(pm3386_read(u, chip, PM3386_EGMAC_ENABLE(i)), ==,
                        PM3386_ENABLE_RX | PM3386_ENABLE_TX);
        for (unsigned k = 0; k < 3; k++) {
            g_assert_cmphex(pm3386_read(u, chip, PM3386_EGMAC_ADDRESS(i, k)),
                            ==, mac[2 * k] | mac[2 * k + 1] << 8);
        }
    }
}

/* Only frames that a MAC which is up takes come in. */
static void what_passes(void)
{
    static const struct {
        uint32_t length;
        const char *counter;
    } cases[] = {
        { 0, "mib-rx-runts" }, { 1, "mib-rx-runts" }, { 13, "mib-rx-runts" },
        { 14, "mib-rx-undersize" }, { 59, "mib-rx-undersize" },
        { 60, "mib-rx-frames" }, { LONGEST, "mib-rx-frames" },
        { LONGEST + 1, "mib-rx-oversize" },
        { SVNIC_MAX_FRAME, "mib-rx-oversize" },
        { UINT32_MAX - 2, "mib-rx-oversize" },
    };
    g_autoptr(Card) c = make();
    IxpUnits *u = c->fw->units;
    g_autofree uint8_t *bytes = g_malloc0(SVNIC_MAX_FRAME);
    uint64_t frames = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint64_t before = mib(c, 2, cases[i].counter);
        bool taken = cases[i].length >= 14 && cases[i].length <= LONGEST;

        g_assert_true(fake_port_receive(c->ix, 2, bytes, cases[i].length));
        frames += taken;
        g_assert_cmpuint(mib(c, 2, cases[i].counter), ==, before + 1);
        g_assert_cmpuint(mib(c, 2, "mib-rx-frames"), ==, frames);
        card_run(c);
        g_assert_cmpuint(card_port_count(c, 2, "in-frames"), ==, frames);
    }
    g_assert_cmpuint(mib(c, 2, "mib-rx-undersize"), ==, 2);
    g_assert_true(fake_port_receive_bad(c->ix, 2, bytes, 100));
    g_assert_cmpuint(mib(c, 2, "mib-rx-fcs-errors"), ==, 1);
    g_assert_cmpuint(mib(c, 2, "mib-rx-frames"), ==, frames);
    /* Held, or not enabled: nothing passes. */
    pm3386_write(u, 1, PM3386_EGMAC_RESET(2), PM3386_EGMAC_IN_RESET);
    fake_port_receive(c->ix, 2, bytes, 100);
    pm3386_write(u, 1, PM3386_EGMAC_RESET(2), 0);
    pm3386_write(u, 1, PM3386_EGMAC_ENABLE(2), PM3386_ENABLE_TX);
    fake_port_receive(c->ix, 2, bytes, 100);
    g_assert_true(pm3386_transmits(u, 2));
    pm3386_write(u, 1, PM3386_EGMAC_ENABLE(2), PM3386_ENABLE_RX);
    g_assert_false(pm3386_transmits(u, 2));
    g_assert_cmpuint(mib(c, 2, "mib-tx-disabled"), ==, 1);
    pm3386_write(u, 1, PM3386_RESET, 0x60);
    fake_port_receive(c->ix, 2, bytes, 100);
    g_assert_cmpuint(mib(c, 2, "mib-rx-disabled"), ==, 3);
    g_assert_cmpuint(mib(c, 2, "mib-rx-frames"), ==, frames);
    /* Which is no business of the first chip's. */
    fake_port_receive(c->ix, 0, bytes, 100);
    g_assert_cmpuint(mib(c, 0, "mib-rx-frames"), ==, 1);
}

/* A frame is of the size that it has on the wire, with 4 bytes of FCS. */
static void sizes(void)
{
    static const struct {
        const char *name;
        uint32_t first, last;
    } size[] = {
        { "64", 18, 64 }, { "65-127", 65, 127 }, { "128-255", 128, 255 },
        { "256-511", 256, 511 }, { "512-1023", 512, 1023 },
        { "1024-1518", 1024, 1518 }, { "1519-max", 1519, LONGEST + 4 },
    };
    static const uint8_t unicast[MAC_BYTES] = { 2 };
    static const uint8_t multicast[MAC_BYTES] = { 1 };
    g_autoptr(Card) c = make();
    IxpUnits *u = c->fw->units;
    uint64_t octets = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(size); i++) {
        g_autofree char *rx = g_strdup_printf("mib-rx-%s", size[i].name);
        g_autofree char *tx = g_strdup_printf("mib-tx-%s", size[i].name);

        pm3386_received(u, 0, unicast, size[i].first - 4, false);
        pm3386_received(u, 0, multicast, size[i].last - 4, false);
        pm3386_sent(u, 0, unicast, size[i].first - 4, 2);
        pm3386_sent(u, 0, card_broadcast, size[i].last - 4, 3);
        g_assert_cmpuint(mib(c, 0, rx), ==, 2);
        g_assert_cmpuint(mib(c, 0, tx), ==, 5);
        octets += size[i].first + size[i].last;
        g_assert_cmpuint(mib(c, 0, "mib-rx-octets"), ==, octets);
    }
    g_assert_cmpuint(mib(c, 0, "mib-rx-unicast"), ==, G_N_ELEMENTS(size));
    g_assert_cmpuint(mib(c, 0, "mib-rx-multicast"), ==, G_N_ELEMENTS(size));
    g_assert_cmpuint(mib(c, 0, "mib-rx-broadcast"), ==, 0);
    g_assert_cmpuint(mib(c, 0, "mib-tx-unicast"), ==, 2 * G_N_ELEMENTS(size));
    g_assert_cmpuint(mib(c, 0, "mib-tx-multicast"), ==, 0);
    g_assert_cmpuint(mib(c, 0, "mib-tx-broadcast"), ==,
                     3 * G_N_ELEMENTS(size));
}

static uint32_t halves(IxpUnits *u, unsigned reg)
{
    return pm3386_read(u, 0, reg) | pm3386_read(u, 0, reg + 1) << 16;
}

/* The registers show what was counted when the snapshot was taken. */
static void snapshot(void)
{
    g_autoptr(Card) c = make();
    IxpUnits *u = c->fw->units;
    uint8_t bytes[1496] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

    for (unsigned i = 0; i < 100; i++) {
        pm3386_received(u, 1, bytes, sizeof(bytes), false);
    }
    pm3386_sent(u, 1, bytes, sizeof(bytes), 70000);
    g_assert_cmpuint(halves(u, PM3386_MSTAT_RX_FRAMES(1)), ==, 0);
    pm3386_write(u, 0, PM3386_MSTAT_CONTROL(1), PM3386_MSTAT_SNAPSHOT);
    g_assert_cmphex(pm3386_read(u, 0, PM3386_MSTAT_CONTROL(1)), ==, 0);
    pm3386_received(u, 1, bytes, sizeof(bytes), false);
    g_assert_cmpuint(halves(u, PM3386_MSTAT_RX_FRAMES(1)), ==, 100);
    g_assert_cmpuint(halves(u, PM3386_MSTAT_RX_BYTES(1)), ==, 150000);
    g_assert_cmpuint(halves(u, PM3386_MSTAT_TX_FRAMES(1)), ==, 70000);
    g_assert_cmpuint(halves(u, PM3386_MSTAT_TX_BYTES(1)), ==, 105000000);
    g_assert_cmpuint(halves(u, PM3386_MSTAT_RX_FRAMES(0)), ==, 0);
    g_assert_cmpuint(mib(c, 1, "mib-rx-frames"), ==, 101);
    g_assert_cmpuint(mib(c, 1, "mib-rx-broadcast"), ==, 101);
    g_assert_cmpuint(mib(c, 1, "mib-tx-1024-1518"), ==, 70000);
    /* A reset clears registers; the wire has had what it has had. */
    fake_chip_reset(c->ix);
    g_assert_cmpuint(halves(u, PM3386_MSTAT_RX_FRAMES(1)), ==, 0);
    g_assert_cmpuint(mib(c, 1, "mib-rx-frames"), ==, 101);
}

static uint16_t status(Card *c)
{
    return pm3386_read(c->fw->units, 0, PM3386_AUTONEG_STATUS(1));
}

/* A link that was down shows so once, and for as long as it is. */
static void link_latches(void)
{
    g_autoptr(Card) c = make();

    g_assert_cmphex(status(c), ==, PM3386_AUTONEG_LINK);
    pm3386_set_link(c->fw->units, 1, false);
    pm3386_set_link(c->fw->units, 1, true);
    g_assert_cmphex(status(c), ==, 0);
    g_assert_cmphex(status(c), ==, PM3386_AUTONEG_LINK);
    pm3386_set_link(c->fw->units, 1, false);
    for (unsigned i = 0; i < 3; i++) {
        g_assert_cmphex(status(c), ==, 0);
    }
    pm3386_set_link(c->fw->units, 1, true);
    g_assert_true(fw_mac_link(c->fw, 1));
    fake_chip_reset(c->ix);
    g_assert_cmphex(status(c), ==, PM3386_AUTONEG_LINK);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mac/every register reads its reset value, all else 0",
                    every_register);
    g_test_add_func("/mac/the firmware brings each one up", brought_up);
    g_test_add_func("/mac/only frames that it takes pass, all are counted",
                    what_passes);
    g_test_add_func("/mac/a frame is counted with its size and its kind",
                    sizes);
    g_test_add_func("/mac/the registers show a snapshot", snapshot);
    g_test_add_func("/mac/a link that was down shows so once", link_latches);
    return g_test_run();
}
