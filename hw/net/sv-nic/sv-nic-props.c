/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC, the board: properties of the device, with their ranges, descriptions
 * and defaults, and the programs that the chip can run.
 *
 * All functions run with the BQL, before the card is made.
 *
 * Spec of the properties: docs/system/devices/sv-nic.rst.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/host-utils.h"
#include "qemu/units.h"
#include "hw/qdev-properties.h"
#include "hw/qdev-properties-system.h"
#include "net/eth.h"
#include "bridge/i21555-regs.h"
#include "firmware-stub/svnic_fw.h"
#include "firmware-tutorial/hash.h"
#include "sv-nic.h"

#define SVNIC_MIN_SDRAM         (16 * MiB)
#define SVNIC_MAX_SDRAM         (1 * GiB)
#define SVNIC_MAX_POLL_NS       1000000
#define SVNIC_MAX_ASSIST        64

/*
 * The setter of the property refuses a netdev that another device uses.  It
 * cannot detect a netdev that is given to two ports of this card, because the
 * ports are connected at realize.
 */
static bool sv_nic_netdev_in_use(const SvNicState *s, unsigned n)
{
    const NetClientState *peer = s->conf[n].peers.ncs[0];

    for (unsigned i = 0; peer && i < n; i++) {
        if (s->conf[i].peers.ncs[0] == peer) {
            return true;
        }
    }
    return peer && peer->peer;
}

static bool sv_nic_check_port(SvNicState *s, unsigned n, Error **errp)
{
    g_autofree char *suffix = n ? g_strdup_printf("%u", n) : g_strdup("");

    if (is_multicast_ether_addr(s->conf[n].macaddr.a)) {
        error_setg(errp, "mac%s is a multicast address: the first byte must "
                   "be even", suffix);
        return false;
    }
    if (s->conf[n].peers.queues > 1) {
        error_setg(errp, "netdev%s has %d queues: a port takes one, give "
                   "queues=1 to the netdev", suffix, s->conf[n].peers.queues);
        return false;
    }
    if (sv_nic_netdev_in_use(s, n)) {
        error_setg(errp, "netdev%s: %s is in use", suffix,
                   s->conf[n].peers.ncs[0]->name);
        return false;
    }
    return true;
}

/* Programs that the chip can run. */
static const IxpProgram *const sv_nic_programs[] = {
    &svnic_program,
    &hash_program,
};

static bool sv_nic_load_program(SvNicState *s, Error **errp)
{
    const char *name = s->firmware ? s->firmware : svnic_program.name;
    g_autoptr(GString) known = g_string_new(NULL);

    for (unsigned i = 0; i < ARRAY_SIZE(sv_nic_programs); i++) {
        const IxpProgram *program = sv_nic_programs[i];

        if (!strcmp(name, program->name)) {
            s->chip.program = program;
            return true;
        }
        g_string_append_printf(known, "%s%s", i ? ", " : "", program->name);
    }
    error_setg(errp, "firmware=%s is not known: give one of %s", name,
               known->str);
    return false;
}

/* ---- the list ---- */

static const Property sv_nic_properties[] = {
#define PROP_MAC(suffix, n) \
    DEFINE_PROP_MACADDR("mac" suffix, SvNicState, conf[n].macaddr)
#define PROP_NETDEV(suffix, n) \
    DEFINE_PROP_NETDEV("netdev" suffix, SvNicState, conf[n].peers)
#define PROP_NUMBER(name, field, value, min, max, text, more) \
    DEFINE_PROP_UINT32(name, SvNicState, field, value)
#define PROP_SIZE(name, field, value, min, max, text) \
    DEFINE_PROP_SIZE32(name, SvNicState, field, value)
#define PROP_SIZE64(name, field, value, min, max, text) \
    DEFINE_PROP_SIZE(name, SvNicState, field, value)
#define PROP_POWER(name, field, value, min, max, text) \
    DEFINE_PROP_UINT32(name, SvNicState, field, value)
#define PROP_EITHER(name, field, value, other, text) \
    DEFINE_PROP_UINT32(name, SvNicState, field, value)
#define PROP_SWITCH(name, field, value, text) \
    DEFINE_PROP_BOOL(name, SvNicState, field, value)
#define PROP_STRING(name, field, text) \
    DEFINE_PROP_STRING(name, SvNicState, field)
#include "sv-nic-props.h.inc"
#undef PROP_MAC
#undef PROP_NETDEV
#undef PROP_NUMBER
#undef PROP_SIZE
#undef PROP_SIZE64
#undef PROP_POWER
#undef PROP_EITHER
#undef PROP_SWITCH
#undef PROP_STRING
};

typedef enum SvNicRule {
    SVNIC_RULE_NONE,            /* not a number */
    SVNIC_RULE_RANGE,           /* from min to max */
    SVNIC_RULE_POWER,           /* also a power of two */
    SVNIC_RULE_EITHER,          /* min or max */
} SvNicRule;

/* Possible values of a property, and its help text. */
typedef struct SvNicLimits {
    const char *name;
    SvNicRule rule;
    size_t offset;              /* of its field */
    bool wide;                  /* the field has 64 bits, not 32 */
    bool bytes;                 /* a size: K, M and G in messages */
    uint64_t min, max;
    const char *text, *more;
} SvNicLimits;

static const SvNicLimits sv_nic_limits[] = {
#define LIMITS(name, rule, field, wide, bytes, min, max, text, more) \
    { name, rule, offsetof(SvNicState, field), wide, bytes, min, max, text, \
      more }
#define TEXT(name, text) { name, SVNIC_RULE_NONE, 0, false, false, 0, 0, text }
#define PROP_MAC(suffix, n) \
    TEXT("mac" suffix, "MAC address of port " #n)
#define PROP_NETDEV(suffix, n) \
    TEXT("netdev" suffix, "Network back end of port " #n)
#define PROP_NUMBER(name, field, value, min, max, text, more) \
    LIMITS(name, SVNIC_RULE_RANGE, field, false, false, min, max, text, more)
#define PROP_SIZE(name, field, value, min, max, text) \
    LIMITS(name, SVNIC_RULE_POWER, field, false, true, min, max, text, NULL)
#define PROP_SIZE64(name, field, value, min, max, text) \
    LIMITS(name, SVNIC_RULE_POWER, field, true, true, min, max, text, NULL)
#define PROP_POWER(name, field, value, min, max, text) \
    LIMITS(name, SVNIC_RULE_POWER, field, false, false, min, max, text, NULL)
#define PROP_EITHER(name, field, value, other, text) \
    LIMITS(name, SVNIC_RULE_EITHER, field, false, false, other, value, text, \
           NULL)
#define PROP_SWITCH(name, field, value, text)   TEXT(name, text)
#define PROP_STRING(name, field, text)          TEXT(name, text)
#include "sv-nic-props.h.inc"
#undef PROP_MAC
#undef PROP_NETDEV
#undef PROP_NUMBER
#undef PROP_SIZE
#undef PROP_SIZE64
#undef PROP_POWER
#undef PROP_EITHER
#undef PROP_SWITCH
#undef PROP_STRING
#undef LIMITS
#undef TEXT
};

/* @value as in -device; the caller frees. */
static char *sv_nic_value_text(const SvNicLimits *l, uint64_t value)
{
    static const char units[] = "KMG";
    int unit = -1;

    while (l->bytes && value && value % KiB == 0 && unit < 2) {
        value /= KiB;
        unit++;
    }
    return unit < 0 ? g_strdup_printf("%" PRIu64, value)
                    : g_strdup_printf("%" PRIu64 "%c", value, units[unit]);
}

/* The possible values in words, NULL if there is no rule; the caller frees. */
static char *sv_nic_limits_text(const SvNicLimits *l)
{
    g_autofree char *min = sv_nic_value_text(l, l->min);
    g_autofree char *max = sv_nic_value_text(l, l->max);

    switch (l->rule) {
    case SVNIC_RULE_RANGE:
        return g_strdup_printf("%s to %s", min, max);
    case SVNIC_RULE_POWER:
        return g_strdup_printf("a power of two from %s to %s", min, max);
    case SVNIC_RULE_EITHER:
        return g_strdup_printf("%s or %s", min, max);
    default:
        return NULL;
    }
}

static bool sv_nic_check_limits(const SvNicState *s, const SvNicLimits *l,
                                Error **errp)
{
    const void *field = (const char *)s + l->offset;
    g_autofree char *possible = sv_nic_limits_text(l);
    g_autofree char *given = NULL;
    uint64_t value;
    bool good;

    if (l->rule == SVNIC_RULE_NONE) {
        return true;
    }
    value = l->wide ? *(const uint64_t *)field : *(const uint32_t *)field;
    if (l->rule == SVNIC_RULE_EITHER) {
        good = value == l->min || value == l->max;
    } else {
        good = value >= l->min && value <= l->max &&
               (l->rule != SVNIC_RULE_POWER || is_power_of_2(value));
    }
    if (!good) {
        given = sv_nic_value_text(l, value);
        error_setg(errp, "%s=%s is not possible: give %s", l->name, given,
                   possible);
    }
    return good;
}

/* Rules for two properties together. */
static bool sv_nic_check_together(const SvNicState *s, Error **errp)
{
    uint64_t needed = s->chip.program->sdram_min(s->vifs);

    if (s->units.scratch_rings < s->microengines) {
        error_setg(errp, "scratch-rings=%u is too few for microengines=%u, "
                   "which have one each: give at least %u, or fewer "
                   "microengines", s->units.scratch_rings, s->microengines,
                   s->microengines);
        return false;
    }
    if (s->sdram_size < needed) {
        error_setg(errp, "sdram-size=%" PRIu64 "M is too small for vifs=%u: "
                   "give at least %" PRIu64 "M, or fewer VIFs",
                   s->sdram_size / MiB, s->vifs, pow2ceil(needed) / MiB);
        return false;
    }
    return true;
}

bool sv_nic_check_properties(SvNicState *s, Error **errp)
{
    if (!sv_nic_load_program(s, errp)) {
        return false;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(sv_nic_limits); i++) {
        if (!sv_nic_check_limits(s, &sv_nic_limits[i], errp)) {
            return false;
        }
    }
    if (!sv_nic_check_together(s, errp) || !sv_nic_check_faults(s, errp)) {
        return false;
    }
    for (unsigned i = 0; i < IXP_MAX_PORTS; i++) {
        if (!sv_nic_check_port(s, i, errp)) {
            return false;
        }
    }
    return true;
}

void sv_nic_add_properties(ObjectClass *klass)
{
    device_class_set_props(DEVICE_CLASS(klass), sv_nic_properties);
    for (unsigned i = 0; i < ARRAY_SIZE(sv_nic_limits); i++) {
        const SvNicLimits *l = &sv_nic_limits[i];
        g_autofree char *possible = sv_nic_limits_text(l);
        g_autofree char *text = g_strconcat(l->text, possible ? ", " : "",
                                            possible ?: "", l->more, NULL);

        object_class_property_set_description(klass, l->name, text);
    }
    sv_nic_add_faults(klass);
}
