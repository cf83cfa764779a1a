/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The register tables of docs/specs/sv-nic-chip.rst are those of the code.
 *
 *   test-registers FILE      compares: each table stands in FILE, in full
 *   test-registers --print   prints them, to be put there
 *
 * A table stands between ".. NAME begin" and ".. NAME end".
 */
#include <glib.h>
#include <string.h>

#include "hw/net/sv-nic/chip/ixp2400-pci.h"

#define COLUMNS     8

typedef struct Table {
    const char *name;
    const IxpRegister *(*get)(size_t *n);
    unsigned width;             /* of a register, bits */
} Table;

static const Table tables[] = {
    { "chip-registers", ixp_registers, 32 },
    { "pci-registers", ixp_pci_registers, 32 },
    { "pm3386-registers", pm3386_registers, 16 },
};

static const char *headings[COLUMNS] = {
    "address", "width", "register", "host", "card", "reset", "what",
    "source",
};

static char *cell(const Table *t, const IxpRegister *r, unsigned column)
{
    switch (column) {
    case 0:
        return g_strdup_printf(r->address >> 16 ? "%08x" : "%03x",
                               r->address);
    case 1:
        return g_strdup_printf("%u", t->width);
    case 2:
        return r->count > 1
            ? g_strdup_printf("%s, %u of them, %x apart", r->name, r->count,
                              r->stride)
            : g_strdup(r->name);
    case 3:
        return g_strdup(r->host);
    case 4:
        return g_strdup(r->access);
    case 5:
        return g_strdup_printf("%x", r->reset);
    case 6:
        return g_strdup(r->what);
    default:
        return strcmp(r->source, "remembered")
            ? g_strdup_printf("exact: %s", r->source)
            : g_strdup(r->source);
    }
}

static void rule(GString *s, const size_t *width)
{
    for (unsigned c = 0; c < COLUMNS; c++) {
        for (size_t i = 0; i < width[c]; i++) {
            g_string_append_c(s, '=');
        }
        g_string_append(s, c + 1 < COLUMNS ? "  " : "\n");
    }
}

static char *print(const Table *t)
{
    size_t width[COLUMNS];
    GString *s = g_string_new(NULL);
    size_t n;
    const IxpRegister *r = t->get(&n);

    for (unsigned c = 0; c < COLUMNS; c++) {
        width[c] = strlen(headings[c]);
        for (size_t i = 0; i < n; i++) {
            g_autofree char *text = cell(t, &r[i], c);

            width[c] = MAX(width[c], strlen(text));
        }
    }
    rule(s, width);
    for (unsigned c = 0; c + 1 < COLUMNS; c++) {
        g_string_append_printf(s, "%-*s  ", (int)width[c], headings[c]);
    }
    g_string_append_printf(s, "%s\n", headings[COLUMNS - 1]);
    rule(s, width);
    for (size_t i = 0; i < n; i++) {
        for (unsigned c = 0; c < COLUMNS; c++) {
            g_autofree char *text = cell(t, &r[i], c);

            g_string_append_printf(s, "%-*s", c + 1 < COLUMNS
                                   ? (int)width[c] + 2 : 0, text);
        }
        g_string_append_c(s, '\n');
    }
    rule(s, width);
    return g_string_free(s, false);
}

static const char *spec;

static void table_is_in_the_spec(gconstpointer data)
{
    const Table *t = data;
    g_autofree char *wanted = print(t);
    g_autofree char *begin = g_strdup_printf("\n.. %s begin\n\n", t->name);
    g_autofree char *end = g_strdup_printf("\n.. %s end\n", t->name);
    g_autofree char *text = NULL;
    g_autofree char *found = NULL;
    const char *from;
    const char *to;

    g_assert_true(g_file_get_contents(spec, &text, NULL, NULL));
    from = strstr(text, begin);
    g_assert_nonnull(from);
    from += strlen(begin);
    to = strstr(from, end);
    g_assert_nonnull(to);
    found = g_strndup(from, to - from);
    g_assert_cmpstr(found, ==, wanted);
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "--print")) {
        for (unsigned i = 0; i < G_N_ELEMENTS(tables); i++) {
            g_autofree char *text = print(&tables[i]);

            g_print(".. %s begin\n\n%s\n.. %s end\n\n", tables[i].name, text,
                    tables[i].name);
        }
        return 0;
    }
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(argc, ==, 2);
    spec = argv[1];
    for (unsigned i = 0; i < G_N_ELEMENTS(tables); i++) {
        g_autofree char *path = g_strdup_printf("/registers/%s of the spec "
                                                "are those of the code",
                                                tables[i].name);

        g_test_add_data_func(path, &tables[i], table_is_in_the_spec);
    }
    return g_test_run();
}
