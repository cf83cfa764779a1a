/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SV-NIC, the board: the state of the card, on the monitor and in QOM.
 *
 *   info sv-nic [ID]                              as text, on the monitor
 *   qom-get /machine/peripheral/ID state          the same as JSON
 *
 * One description, sv_nic_describe(), has two visitors.  The part about VIFs
 * comes from the program that the chip runs, see IxpProgram.describe.
 *
 * With the BQL; workers go on meanwhile.
 */
#include "qemu/osdep.h"
#include "monitor/monitor.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qobject/qdict.h"
#include "qom/object.h"
#include "sv-nic.h"

/* ---- what there is ---- */

static void sv_nic_describe_ports(SvNicState *s, IxpVisitor *v)
{
    v->list(v, "ports");
    for (unsigned i = 0; i < s->chip.config.ports; i++) {
        const IxpPort *port = &s->chip.port[i];

        v->group(v, NULL);
        v->number(v, "port", i);
        v->text(v, "link",
                qatomic_read_u64(&s->chip.units.mac.link[i]) ? "up" : "down");
        v->number(v, "plugged", port->nic != NULL);
        v->number(v, "in-bytes", port->in.size - ixp_fifo_free(&port->in));
        v->number(v, "out-bytes", port->out.size - ixp_fifo_free(&port->out));
        v->hex(v, "fifo-size", port->out.size);
        v->number(v, "blocked", port->out_held);
        v->number(v, "dead", port->out_dead);
        v->end(v);
    }
    v->end(v);
}

static void sv_nic_describe_rings(SvNicState *s, IxpVisitor *v)
{
    v->list(v, "rings");
    for (unsigned i = 0; i < s->chip.units.config.scratch_rings; i++) {
        const IxpScratchRing *ring = &s->chip.units.ring[i];
        uint32_t words = qatomic_read(&ring->words);

        if (!words) {
            continue;           /* the program has not set it up */
        }
        v->group(v, NULL);
        v->number(v, "ring", i);
        v->number(v, "words", words);
        v->number(v, "used",
                  qatomic_read(&ring->tail) - qatomic_read(&ring->head));
        v->end(v);
    }
    v->end(v);
}

static void sv_nic_describe_workers(SvNicState *s, IxpVisitor *v)
{
    v->list(v, "workers");
    for (unsigned i = 0; i < s->chip.workers; i++) {
        const IxpWorker *w = &s->chip.worker[i];
        unsigned runnable = 0;

        for (unsigned n = 0; n < IXP_RUNNABLE_WORDS; n++) {
            runnable += ctpop32(qatomic_read(&w->runnable[n]));
        }
        v->group(v, NULL);
        v->number(v, "worker", i);
        v->number(v, "awake", qatomic_read(&w->awake));
        v->number(v, "runnable", runnable);
        v->end(v);
    }
    v->end(v);
}

static void sv_nic_describe_windows(SvNicState *s, IxpVisitor *v)
{
    v->list(v, "windows");
    for (unsigned i = 0; i < I21555_DOWN_WINDOWS; i++) {
        I21555DownInfo info;

        i21555_window_info(&s->bridge, i, &info);
        v->group(v, NULL);
        v->number(v, "downstream", i);
        v->number(v, "bar", info.bar);
        v->hex(v, "size", info.size);
        if (info.address != PCI_BAR_UNMAPPED) {
            v->hex(v, "address", info.address);
        }
        v->hex(v, "base", info.base);
        v->end(v);
    }
    v->end(v);
}

/* Those that are set or have struck. */
static void sv_nic_describe_faults(SvNicState *s, IxpVisitor *v)
{
    const IxpFaults *f = &s->chip.units.faults;
    const IxpFaultKind *kind;

    v->list(v, "faults");
    for (unsigned i = 0; (kind = ixp_fault_kind(s->chip.program, i)); i++) {
        if (ixp_fault_get(f, i).one_in || ixp_fault_struck(f, i)) {
            g_autofree char *setting = sv_nic_fault_text(s, i);

            v->group(v, NULL);
            v->text(v, "fault", kind->name);
            v->text(v, "set", setting);
            v->number(v, "struck", ixp_fault_struck(f, i));
            v->end(v);
        }
    }
    v->end(v);
}

static void sv_nic_describe(SvNicState *s, IxpVisitor *v)
{
    const IxpProgram *program = s->chip.program;

    v->text(v, "firmware", program->name);
    v->number(v, "running", ixp_running(&s->chip));
    sv_nic_describe_windows(s, v);
    sv_nic_describe_workers(s, v);
    sv_nic_describe_rings(s, v);
    sv_nic_describe_ports(s, v);
    sv_nic_describe_faults(s, v);
    if (program->describe) {
        v->group(v, "program");
        program->describe(s->chip.state, v);
        v->end(v);
    }
}

/* ---- as text: a line for each group of a list ---- */

typedef struct SvNicText {
    IxpVisitor visitor;
    GString *text;
    unsigned depth;
    bool line;                  /* inside a group of a list, */
    bool first;                 /* of which nothing was written yet */
} SvNicText;

static void sv_nic_text_indent(SvNicText *t)
{
    g_string_append_printf(t->text, "%*s", 2 * t->depth, "");
}

static void sv_nic_text_list(IxpVisitor *v, const char *name)
{
    SvNicText *t = container_of(v, SvNicText, visitor);

    sv_nic_text_indent(t);
    g_string_append_printf(t->text, "%s:\n", name);
    t->depth++;
}

static void sv_nic_text_group(IxpVisitor *v, const char *name)
{
    SvNicText *t = container_of(v, SvNicText, visitor);

    if (name) {
        sv_nic_text_list(v, name);
        return;
    }
    sv_nic_text_indent(t);
    t->line = true;
    t->first = true;
}

static void sv_nic_text_end(IxpVisitor *v)
{
    SvNicText *t = container_of(v, SvNicText, visitor);

    if (t->line) {
        g_string_append_c(t->text, '\n');
        t->line = false;
    } else {
        t->depth--;
    }
}

static void sv_nic_text_text(IxpVisitor *v, const char *name,
                             const char *value)
{
    SvNicText *t = container_of(v, SvNicText, visitor);

    if (t->line) {
        g_string_append_printf(t->text, "%s%s %s", t->first ? "" : ", ", name,
                               value);
        t->first = false;
    } else {
        sv_nic_text_indent(t);
        g_string_append_printf(t->text, "%s %s\n", name, value);
    }
}

static void sv_nic_text_number(IxpVisitor *v, const char *name,
                               uint64_t value)
{
    g_autofree char *text = g_strdup_printf("%" PRIu64, value);

    sv_nic_text_text(v, name, text);
}

static void sv_nic_text_hex(IxpVisitor *v, const char *name, uint64_t value)
{
    g_autofree char *text = g_strdup_printf("0x%" PRIx64, value);

    sv_nic_text_text(v, name, text);
}

static const IxpVisitor sv_nic_text_visitor = {
    .group = sv_nic_text_group,
    .list = sv_nic_text_list,
    .end = sv_nic_text_end,
    .number = sv_nic_text_number,
    .hex = sv_nic_text_hex,
    .text = sv_nic_text_text,
};

typedef struct SvNicSearch {
    const char *id;             /* NULL: all */
    GString *text;
} SvNicSearch;

static int sv_nic_info_device(Object *obj, void *opaque)
{
    SvNicSearch *search = opaque;
    SvNicState *s = (SvNicState *)object_dynamic_cast(obj, TYPE_SV_NIC);
    SvNicText t = {
        .visitor = sv_nic_text_visitor, .text = search->text, .depth = 1,
    };

    if (s && s->chip.live &&
        (!search->id || !g_strcmp0(search->id, DEVICE(s)->id))) {
        g_autofree char *path = object_get_canonical_path(obj);

        g_string_append_printf(t.text, "%s:\n", path);
        sv_nic_describe(s, &t.visitor);
    }
    return 0;
}

static void sv_nic_info_hmp(Monitor *mon, const QDict *qdict)
{
    g_autoptr(GString) text = g_string_new(NULL);
    SvNicSearch search = {
        .id = qdict_get_try_str(qdict, "id"), .text = text,
    };

    object_child_foreach_recursive(object_get_root(), sv_nic_info_device,
                                   &search);
    if (text->len) {
        monitor_printf(mon, "%s", text->str);
    } else if (search.id) {
        monitor_printf(mon, "Error: no sv-nic has the id '%s'\n", search.id);
    } else {
        monitor_printf(mon, "No sv-nic\n");
    }
}

/* ---- as a QOM property ---- */

typedef struct SvNicJson {
    IxpVisitor visitor;
    Visitor *out;
    unsigned depth;
    uint32_t lists;             /* bit n: it is a list that is open at n */
} SvNicJson;

/* An output visitor takes everything. */
static void sv_nic_json_group(IxpVisitor *v, const char *name)
{
    SvNicJson *j = container_of(v, SvNicJson, visitor);

    visit_start_struct(j->out, name, NULL, 0, &error_abort);
    j->lists &= ~(1u << j->depth++);
}

static void sv_nic_json_list(IxpVisitor *v, const char *name)
{
    SvNicJson *j = container_of(v, SvNicJson, visitor);

    visit_start_list(j->out, name, NULL, 0, &error_abort);
    j->lists |= 1u << j->depth++;
}

static void sv_nic_json_end(IxpVisitor *v)
{
    SvNicJson *j = container_of(v, SvNicJson, visitor);

    if (j->lists & 1u << --j->depth) {
        visit_end_list(j->out, NULL);
    } else {
        visit_end_struct(j->out, NULL);
    }
}

static void sv_nic_json_number(IxpVisitor *v, const char *name, uint64_t value)
{
    SvNicJson *j = container_of(v, SvNicJson, visitor);

    visit_type_uint64(j->out, name, &value, &error_abort);
}

static void sv_nic_json_text(IxpVisitor *v, const char *name,
                             const char *value)
{
    SvNicJson *j = container_of(v, SvNicJson, visitor);
    char *text = (char *)value;

    visit_type_str(j->out, name, &text, &error_abort);
}

static void sv_nic_state_get(Object *obj, Visitor *v, const char *name,
                             void *opaque, Error **errp)
{
    SvNicJson j = {
        .visitor = {
            .group = sv_nic_json_group,
            .list = sv_nic_json_list,
            .end = sv_nic_json_end,
            .number = sv_nic_json_number,
            .hex = sv_nic_json_number,
            .text = sv_nic_json_text,
        },
        .out = v,
    };

    sv_nic_json_group(&j.visitor, name);
    sv_nic_describe(SV_NIC(obj), &j.visitor);
    sv_nic_json_end(&j.visitor);
}

void sv_nic_info_init(SvNicState *s)
{
    object_property_add(OBJECT(s), "state", "struct", sv_nic_state_get, NULL,
                        NULL, NULL);
}

void sv_nic_info_uninit(SvNicState *s)
{
    object_property_del(OBJECT(s), "state");
}

static void sv_nic_info_register(void)
{
    monitor_register_hmp("sv-nic", true, sv_nic_info_hmp);
}

type_init(sv_nic_info_register)
