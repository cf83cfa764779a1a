/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The spec's table of the bridge's registers says what the model's does.
 *
 *   test-bridge SPEC     path of docs/specs/sv-nic-chip.rst
 *
 * Spec: "Registers of the bridge".
 */
#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include "hw/net/sv-nic/bridge/i21555-regs.h"

#define BEGIN   ".. registers of the bridge begin"
#define END     ".. registers of the bridge end"

enum {
    CONFIG, CSR, BITS, NAME, PRIMARY, SECONDARY, WRITABLE, RESET, KNOWN,
    SOURCE, WHAT, COLUMNS
};

typedef struct Row {
    const char *name;
    unsigned config, csr, count, bytes;
    const char *primary, *secondary, *known;
    uint32_t writable, reset;
    unsigned rom;
} Row;

#define ROW(name, config, csr, count, bytes, primary, secondary, writable, \
            reset, rom, known) \
    { #name, config, csr, count, bytes, #primary, #secondary, #known, \
      writable, reset, rom },

static const Row rows[] = {
    I21555_REGISTERS(ROW)
};

static const char *spec_path;

static const char *access_text(const char *access)
{
    const struct {
        const char *code, *text;
    } texts[] = {
        { "NONE", "none" }, { "RO", "R" }, { "RW", "RW" },
        { "W1C", "R W1C" }, { "W1S", "R W1S" }, { "FX", "effects" },
    };
    size_t i;

    for (i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (!strcmp(texts[i].code, access)) {
            return texts[i].text;
        }
    }
    g_assert_not_reached();
}

static char *offset_text(unsigned offset, int digits, unsigned count)
{
    if (offset == I21555_NONE) {
        return g_strdup("-");
    }
    if (count > 1) {
        return g_strdup_printf("%0*X+%u", digits, offset, count);
    }
    return g_strdup_printf("%0*X", digits, offset);
}

static char *value_text(uint32_t value, unsigned bytes)
{
    return g_strdup_printf("%0*X", (int)bytes * 2, value);
}

/* The table's lines, each a vector of COLUMNS texts. */
static GPtrArray *spec_lines(void)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(
        (GDestroyNotify)g_strfreev);
    char *begin, *end, *text, **all;
    GError *err = NULL;
    size_t i;

    g_file_get_contents(spec_path, &text, NULL, &err);
    g_assert_no_error(err);
    begin = strstr(text, BEGIN);
    end = strstr(text, END);
    g_assert_true(begin && end && begin < end);
    *end = '\0';
    all = g_strsplit(begin, "\n", -1);
    for (i = 0; all[i]; i++) {
        char **words = g_strsplit(all[i], "|", -1);
        guint n;

        for (n = 0; words[n]; n++) {
            g_strstrip(words[n]);
        }
        if (n < 3) { /* not of the table's body */
            g_strfreev(words);
            continue;
        }
        g_assert_cmpuint(n, ==, COLUMNS);
        g_ptr_array_add(lines, words);
    }
    g_strfreev(all);
    g_free(text);
    return lines;
}

static void test_table(void)
{
    GPtrArray *lines = spec_lines();
    size_t i;

    for (i = 0; i < MIN(G_N_ELEMENTS(rows), lines->len); i++) {
        const Row *row = &rows[i];
        char **line = lines->pdata[i];
        g_autofree char *config = offset_text(row->config, 2, row->count);
        g_autofree char *csr = offset_text(row->csr, 3, row->count);
        g_autofree char *bits = g_strdup_printf("%u", row->bytes * 8);
        g_autofree char *writable = value_text(row->writable, row->bytes);
        g_autofree char *reset = row->rom ? g_strdup("ROM")
                                          : value_text(row->reset,
                                                       row->bytes);

        g_assert_cmpstr(line[NAME], ==, row->name);
        g_test_message("%s", row->name);
        g_assert_cmpstr(line[CONFIG], ==, config);
        g_assert_cmpstr(line[CSR], ==, csr);
        g_assert_cmpstr(line[BITS], ==, bits);
        g_assert_cmpstr(line[PRIMARY], ==, access_text(row->primary));
        g_assert_cmpstr(line[SECONDARY], ==, access_text(row->secondary));
        g_assert_cmpstr(line[WRITABLE], ==, writable);
        g_assert_cmpstr(line[RESET], ==, reset);
        g_assert_cmpstr(line[KNOWN], ==, !strcmp(row->known, "EXACT") ?
                                         "exact" : "remembered");
        g_assert_cmpuint(strlen(line[SOURCE]), >, 0);
        g_assert_cmpuint(strlen(line[WHAT]), >, 0);
    }
    g_assert_cmpuint(lines->len, ==, G_N_ELEMENTS(rows));
    g_ptr_array_free(lines, TRUE);
}

/* Two registers at one place would be a slip of the table. */
static void test_overlap(void)
{
    uint8_t config[0x100] = { 0 }, csr[SVNIC_CSR_SIZE] = { 0 };
    size_t i, n;

    for (i = 0; i < G_N_ELEMENTS(rows); i++) {
        const Row *row = &rows[i];

        g_test_message("%s", row->name);
        g_assert_true(row->config != I21555_NONE || row->csr != I21555_NONE);
        for (n = 0; n < row->count * row->bytes; n++) {
            if (row->config != I21555_NONE) {
                g_assert_cmpuint(row->config + n, <, sizeof(config));
                g_assert_cmpuint(config[row->config + n]++, ==, 0);
            }
            if (row->csr != I21555_NONE) {
                g_assert_cmpuint(row->csr + n, <, sizeof(csr));
                g_assert_cmpuint(csr[row->csr + n]++, ==, 0);
            }
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(argc, ==, 2);
    spec_path = argv[1];
    g_test_add_func("/bridge/the-spec-has-every-row-as-the-model-has-it",
                    test_table);
    g_test_add_func("/bridge/no-two-registers-overlap", test_overlap);
    return g_test_run();
}
