/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC, the board: the properties fault-*, by which the card does something
 * wrong on request.
 *
 *   -device sv-nic,fault-doorbell-lose=one-in=100:vif=2
 *   qom-set /machine/peripheral/ID fault-command-fail next=1:status=9
 *
 * A property for each kind of fault of the chip and of the program, made of
 * their lists (chip/ixp_faults.h).  Its value is "off", "on", or fields joined
 * by colons.  A setting is one value, so that it takes effect at once: the chip
 * is paused meanwhile.
 *
 * BQL.  What a driver should do about each fault: docs/faults.rst.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/cutils.h"
#include "qom/object.h"
#include "firmware-stub/svnic_fw.h"
#include "sv-nic.h"

#define SV_NIC_FAULT_PREFIX     "fault-"
#define SV_NIC_FAULT_SEED       "fault-seed"
#define SV_NIC_FAULT_OFF        "off"
#define SV_NIC_FAULT_ON         "on"

/* The field that restricts a fault, by scope. */
static const char *const sv_nic_fault_scope[] = {
    [IXP_FAULT_PAGE] = "vif",
    [IXP_FAULT_PORT] = "port",
    [IXP_FAULT_VECTOR] = "vector",
    [IXP_FAULT_OPCODE] = "opcode",
    /* others: none */
};

/* The largest value of that field; @s NULL: on any card. */
static uint32_t sv_nic_fault_scope_max(const SvNicState *s,
                                       IxpFaultScope scope)
{
    switch (scope) {
    case IXP_FAULT_PAGE:
        return (s ? s->vifs : SVNIC_MAX_VIFS) - 1;
    case IXP_FAULT_PORT:
        return IXP_MAX_PORTS - 1;
    case IXP_FAULT_VECTOR:
        return SVNIC_VECTOR((s ? s->vifs : SVNIC_MAX_VIFS) - 1);
    default:
        return UINT16_MAX;
    }
}

/* ---- from and to text ---- */

typedef struct SvNicFaultField {
    const char *name;
    uint32_t min, max;
    uint32_t *value;
} SvNicFaultField;

/* The fields that @kind has, stored in @set; returns how many. */
static unsigned sv_nic_fault_fields(const IxpFaultKind *kind,
                                    IxpFaultSetting *set,
                                    SvNicFaultField field[4])
{
    unsigned n = 0;

    if (kind->scope != IXP_FAULT_STATE) {
        field[n++] = (SvNicFaultField) {
            "one-in", 1, UINT32_MAX, &set->one_in,
        };
    }
    field[n++] = (SvNicFaultField) { "next", 1, UINT32_MAX, &set->next };
    if (sv_nic_fault_scope[kind->scope]) {
        field[n++] = (SvNicFaultField) {
            sv_nic_fault_scope[kind->scope], 0,
            sv_nic_fault_scope_max(NULL, kind->scope), &set->at,
        };
    }
    if (kind->value) {
        field[n++] = (SvNicFaultField) {
            kind->value, kind->min, kind->max, &set->value,
        };
    }
    return n;
}

/* All fields in words, as the help and an error have them. */
static char *sv_nic_fault_syntax(const IxpFaultKind *kind)
{
    GString *text = g_string_new(SV_NIC_FAULT_OFF ", " SV_NIC_FAULT_ON
                                 ", or of");
    IxpFaultSetting set;
    SvNicFaultField field[4];
    unsigned n = sv_nic_fault_fields(kind, &set, field);

    for (unsigned i = 0; i < n; i++) {
        g_string_append_printf(text, "%s %s=", i ? "," : "", field[i].name);
        if (field[i].value == &set.value) {
            g_string_append_printf(text, "%u-%u (%u)", kind->min, kind->max,
                                   kind->normal);
        } else {
            g_string_append_c(text, 'N');
        }
    }
    g_string_append(text, " joined by ':'");
    return g_string_free(text, false);
}

static bool sv_nic_fault_parse_field(const IxpFaultKind *kind,
                                     const SvNicFaultField *field, unsigned n,
                                     const char *text, Error **errp)
{
    const char *equals = strchr(text, '=');
    g_autofree char *syntax = NULL;

    for (unsigned i = 0; equals && i < n; i++) {
        unsigned int value;

        if (strlen(field[i].name) != equals - text ||
            strncmp(field[i].name, text, equals - text)) {
            continue;
        }
        if (!g_ascii_isdigit(equals[1]) ||
            qemu_strtoui(equals + 1, NULL, 0, &value) ||
            value < field[i].min || value > field[i].max) {
            error_setg(errp, SV_NIC_FAULT_PREFIX "%s: %s is not possible: "
                       "give %u to %u", kind->name, text, field[i].min,
                       field[i].max);
            return false;
        }
        *field[i].value = value;
        return true;
    }
    syntax = sv_nic_fault_syntax(kind);
    error_setg(errp, SV_NIC_FAULT_PREFIX "%s: '%s' is not known: give %s",
               kind->name, text, syntax);
    return false;
}

static bool sv_nic_fault_parse(const IxpFaultKind *kind, const char *text,
                               IxpFaultSetting *set, Error **errp)
{
    g_auto(GStrv) parts = g_strsplit(text, ":", -1);
    SvNicFaultField field[4];
    unsigned n = sv_nic_fault_fields(kind, set, field);

    *set = (IxpFaultSetting) { .at = IXP_FAULT_ANY, .value = kind->normal };
    if (!strcmp(text, SV_NIC_FAULT_OFF)) {
        return true;
    }
    set->one_in = 1;
    if (!strcmp(text, SV_NIC_FAULT_ON)) {
        return true;
    }
    for (unsigned i = 0; i == 0 || parts[i]; i++) {
        if (!sv_nic_fault_parse_field(kind, field, n, parts[i] ?: "", errp)) {
            return false;
        }
    }
    set->limited = set->next;
    return true;
}

static char *sv_nic_fault_print(const IxpFaultKind *kind, IxpFaultSetting set)
{
    GString *text = g_string_new(NULL);
    SvNicFaultField field[4];
    unsigned n = sv_nic_fault_fields(kind, &set, field);

    if (!set.one_in) {
        return g_string_free(g_string_append(text, SV_NIC_FAULT_OFF), false);
    }
    for (unsigned i = 0; i < n; i++) {
        if ((field[i].value == &set.one_in && set.one_in == 1) ||
            (field[i].value == &set.next && !set.limited) ||
            (field[i].value == &set.at && set.at == IXP_FAULT_ANY)) {
            continue;
        }
        g_string_append_printf(text, "%s%s=%u", text->len ? ":" : "",
                               field[i].name, *field[i].value);
    }
    return g_string_free(text->len ? text
                         : g_string_append(text, SV_NIC_FAULT_ON), false);
}

char *sv_nic_fault_text(SvNicState *s, unsigned id)
{
    return sv_nic_fault_print(ixp_fault_kind(s->chip.program, id),
                              ixp_fault_get(&s->chip.units.faults, id));
}

/* ---- checks ---- */

static bool sv_nic_check_fault(const SvNicState *s, const IxpFaultKind *kind,
                               const IxpFaultSetting *set, Error **errp)
{
    uint32_t max = sv_nic_fault_scope_max(s, kind->scope);

    if (set->one_in && set->at != IXP_FAULT_ANY && set->at > max) {
        error_setg(errp, SV_NIC_FAULT_PREFIX "%s: %s=%u is not possible with "
                   "vifs=%u: give 0 to %u", kind->name,
                   sv_nic_fault_scope[kind->scope], set->at, s->vifs, max);
        return false;
    }
    return true;
}

bool sv_nic_check_faults(SvNicState *s, Error **errp)
{
    const IxpFaultKind *kind;

    for (unsigned i = 0; (kind = ixp_fault_kind(&svnic_program, i)); i++) {
        IxpFaultSetting set = ixp_fault_get(&s->chip.units.faults, i);

        if (set.one_in && kind != ixp_fault_kind(s->chip.program, i)) {
            error_setg(errp, SV_NIC_FAULT_PREFIX "%s is a fault of firmware=%s "
                       "only: leave it out", kind->name, svnic_program.name);
            return false;
        }
        if (!sv_nic_check_fault(s, kind, &set, errp)) {
            return false;
        }
    }
    return true;
}

/* ---- properties ---- */

/* The setting takes effect between two steps; the XScale looks at it. */
static void sv_nic_fault_changed(SvNicState *s, unsigned id,
                                 const IxpFaultSetting *set)
{
    IXP_ENTRY(&s->chip);

    ixp_me_pause(&s->chip);
    ixp_fault_set(&s->chip.units.faults, id, set);
    ixp_me_resume(&s->chip);
    sv_nic_removed_update(s);
    ixp_faults_begin(&s->chip);
}

static void sv_nic_fault_get(Object *obj, Visitor *v, const char *name,
                             void *opaque, Error **errp)
{
    SvNicState *s = SV_NIC(obj);
    unsigned id = GPOINTER_TO_UINT(opaque);
    g_autofree char *text =
        sv_nic_fault_print(ixp_fault_kind(&svnic_program, id),
                           ixp_fault_get(&s->chip.units.faults, id));

    visit_type_str(v, name, &text, errp);
}

static void sv_nic_fault_set(Object *obj, Visitor *v, const char *name,
                             void *opaque, Error **errp)
{
    SvNicState *s = SV_NIC(obj);
    unsigned id = GPOINTER_TO_UINT(opaque);
    const IxpFaultKind *kind = ixp_fault_kind(&svnic_program, id);
    g_autofree char *text = NULL;
    IxpFaultSetting set;

    if (!visit_type_str(v, name, &text, errp) ||
        !sv_nic_fault_parse(kind, text, &set, errp)) {
        return;
    }
    if (!s->chip.live) {
        ixp_fault_set(&s->chip.units.faults, id, &set);
    } else if (kind != ixp_fault_kind(s->chip.program, id)) {
        error_setg(errp, SV_NIC_FAULT_PREFIX "%s is a fault of firmware=%s "
                   "only", kind->name, svnic_program.name);
    } else if (sv_nic_check_fault(s, kind, &set, errp)) {
        sv_nic_fault_changed(s, id, &set);
    }
}

static void sv_nic_fault_seed_get(Object *obj, Visitor *v, const char *name,
                                  void *opaque, Error **errp)
{
    SvNicState *s = SV_NIC(obj);

    visit_type_uint32(v, name, &s->chip.units.faults.seed, errp);
}

static void sv_nic_fault_seed_set(Object *obj, Visitor *v, const char *name,
                                  void *opaque, Error **errp)
{
    SvNicState *s = SV_NIC(obj);
    uint32_t seed;

    if (!visit_type_uint32(v, name, &seed, errp)) {
        return;
    }
    if (s->chip.live) {
        IXP_ENTRY(&s->chip);

        ixp_me_pause(&s->chip);
        ixp_fault_seed(&s->chip.units.faults, seed);
        ixp_me_resume(&s->chip);
    } else {
        ixp_fault_seed(&s->chip.units.faults, seed);
    }
}

void sv_nic_add_faults(ObjectClass *klass)
{
    const IxpFaultKind *kind;

    for (unsigned i = 0; (kind = ixp_fault_kind(&svnic_program, i)); i++) {
        g_autofree char *name = g_strconcat(SV_NIC_FAULT_PREFIX, kind->name,
                                            NULL);
        g_autofree char *syntax = sv_nic_fault_syntax(kind);
        g_autofree char *text = g_strconcat("Fault: ", kind->text, ": ",
                                            syntax, NULL);

        object_class_property_add(klass, name, "str", sv_nic_fault_get,
                                  sv_nic_fault_set, NULL,
                                  GUINT_TO_POINTER(i));
        object_class_property_set_description(klass, name, text);
    }
    object_class_property_add(klass, SV_NIC_FAULT_SEED, "uint32",
                              sv_nic_fault_seed_get, sv_nic_fault_seed_set,
                              NULL, NULL);
    object_class_property_set_description(klass, SV_NIC_FAULT_SEED,
        "Seed of the sequences by which faults strike");
}
