/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * svnic srom: prints and creates images of the bridge's serial ROM, for the
 * device's property srom=FILE.
 *
 * Layout and checks are those of the device, i21555-image.c.
 * Spec: docs/specs/sv-nic-chip.rst, "Serial ROM".
 */
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "hw/net/sv-nic/sv_nic_abi.h"
#include "i21555-image.h"

#define DEFAULT_VIFS    64
#define DEFAULT_SDRAM   (256u << 20)
#define MIN_SDRAM       (16u << 20)
#define MAX_SDRAM       (1u << 30)

static void usage(FILE *to)
{
    fputs("usage: svnic srom print FILE\n"
          "       svnic srom make FILE [NAME=VALUE]...\n"
          "\n"
          "make writes the built-in image of a card with vifs=64 and\n"
          "sdram-size=256M, changed by the names that print shows, in this\n"
          "order; before them, vifs=N, sdram-size=SIZE[M|G],\n"
          "pci-csr-size=SIZE[K|M] and msix=on give the built-in image of such\n"
          "a card.\n", to);
}

static int fail(const char *file, const char *why)
{
    fprintf(stderr, "srom: %s: %s\n", file, why);
    return 1;
}

static int print_image(const char *file)
{
    uint8_t image[SVNIC_SROM_SIZE + 1];
    char why[128];
    size_t size;
    FILE *f = fopen(file, "rb");

    if (!f) {
        return fail(file, strerror(errno));
    }
    size = fread(image, 1, sizeof(image), f);
    fclose(f);
    if (size != SVNIC_SROM_SIZE) {
        return fail(file, "a serial ROM has 512 bytes");
    }
    for (const I21555Field *field = i21555_fields; field->name; field++) {
        printf("%03x  %-24s 0x%0*x\n", field->offset, field->name,
               field->bytes * 2, i21555_field_get(image, field));
    }
    for (unsigned i = SVNIC_SROM_VPD; i < SVNIC_SROM_SIZE; i += 16) {
        char text[17] = { 0 };

        printf("%03x  vpd  ", i);
        for (unsigned n = 0; n < 16; n++) {
            uint8_t byte = image[i + n];

            printf("%02x ", byte);
            text[n] = byte;
            if (!g_ascii_isprint(byte)) {
                text[n] = '.';
            }
        }
        printf(" %s\n", text);
    }
    if (!i21555_image_check(image, why, sizeof(why))) {
        return fail(file, why);
    }
    return 0;
}

/* A number with an optional K, M or G; false: it is none. */
static bool number(const char *text, uint64_t *value)
{
    char *end;

    errno = 0;
    *value = g_ascii_strtoull(text, &end, 0);
    if (errno || end == text || *text == '-') {
        return false;
    }
    if (*end == 'K') {
        *value <<= 10;
        end++;
    } else if (*end == 'M') {
        *value <<= 20;
        end++;
    } else if (*end == 'G') {
        *value <<= 30;
        end++;
    }
    return !*end;
}

typedef struct Card {
    uint64_t vifs, sdram, pci_csr;
    bool msix;
} Card;

static uint32_t power_of_2(uint32_t n)
{
    uint32_t size = 1;

    while (size < n) {
        size <<= 1;
    }
    return size;
}

static void built_in(uint8_t *image, const Card *card)
{
    i21555_image_default(image, card->msix ? SVNIC_MSIX_BAR_SIZE
                                           : SVNIC_CSR_SIZE,
                         power_of_2(card->vifs * SVNIC_DOORBELL_PAGE_SIZE),
                         card->pci_csr, card->sdram);
}

static bool size_option(const char *value, uint64_t min, uint64_t max,
                        uint64_t *size)
{
    return number(value, size) && *size >= min && *size <= max &&
           !(*size & (*size - 1));
}

/* What the built-in image is for. */
static bool card_option(Card *card, const char *name, const char *value,
                        bool *good)
{
    if (!strcmp(name, "vifs")) {
        *good = number(value, &card->vifs) && card->vifs >= 1 &&
                card->vifs <= SVNIC_MAX_VIFS;
    } else if (!strcmp(name, "sdram-size")) {
        *good = size_option(value, MIN_SDRAM, MAX_SDRAM, &card->sdram);
    } else if (!strcmp(name, "pci-csr-size")) {
        *good = size_option(value, SVNIC_PCI_CSR_SIZE_MIN, SVNIC_PCI_CSR_SIZE,
                            &card->pci_csr);
    } else if (!strcmp(name, "msix")) {
        card->msix = !strcmp(value, "on");
        *good = card->msix || !strcmp(value, "off");
    } else {
        return false;
    }
    return true;
}

static bool field_option(uint8_t *image, const char *name, const char *value,
                         bool *good)
{
    for (const I21555Field *field = i21555_fields; field->name; field++) {
        uint64_t n;

        if (!strcmp(name, field->name)) {
            *good = number(value, &n) && n < UINT64_C(1) << 8 * field->bytes;
            if (*good) {
                i21555_field_set(image, field, n);
            }
            return true;
        }
    }
    return false;
}

static int make_image(const char *file, int n, char **options)
{
    Card card = { DEFAULT_VIFS, DEFAULT_SDRAM, SVNIC_PCI_CSR_SIZE, false };
    uint8_t image[SVNIC_SROM_SIZE];
    bool fields = false;
    char why[128];
    FILE *f;

    built_in(image, &card);
    for (int i = 0; i < n; i++) {
        char *value = strchr(options[i], '=');
        bool good = false;

        if (!value) {
            return fail(options[i], "give NAME=VALUE");
        }
        *value++ = '\0';
        if (field_option(image, options[i], value, &good)) {
            fields = true;
        } else if (!fields && card_option(&card, options[i], value, &good)) {
            built_in(image, &card);
        } else {
            return fail(options[i], "no such name here: see 'srom print'");
        }
        if (!good) {
            return fail(options[i], "this value is not possible");
        }
    }
    if (!i21555_image_check(image, why, sizeof(why))) {
        return fail(file, why);
    }
    f = fopen(file, "wb");
    if (!f) {
        return fail(file, strerror(errno));
    }
    if (fwrite(image, sizeof(image), 1, f) != 1 || fclose(f)) {
        return fail(file, strerror(errno));
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "print")) {
        return print_image(argv[2]);
    }
    if (argc >= 3 && !strcmp(argv[1], "make")) {
        return make_image(argv[2], argc - 3, argv + 3);
    }
    usage(stderr);
    return 2;
}
