/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The serial ROM of an Intel 21555, as 512 bytes.
 *
 * Plain C without QEMU: the device and the tool tools/srom.c both use it.
 * Spec: docs/specs/sv-nic-chip.rst, "Serial ROM".
 */
#ifndef HW_NET_SV_NIC_BRIDGE_I21555_IMAGE_H
#define HW_NET_SV_NIC_BRIDGE_I21555_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A named field of the image. */
typedef struct I21555Field {
    const char *name;
    uint16_t offset;
    uint8_t bytes;
} I21555Field;

/* Sorted by offset; the last entry has the name NULL. */
extern const I21555Field i21555_fields[];

uint32_t i21555_field_get(const uint8_t *image, const I21555Field *field);
void i21555_field_set(uint8_t *image, const I21555Field *field,
                      uint32_t value);

/*
 * The built-in image: windows for a doorbell aperture of @doorbell bytes,
 * @pci_csr bytes of PCI CSRs and @sdram bytes of memory, powers of two; @csr
 * bytes of Downstream Memory 0.
 */
void i21555_image_default(uint8_t *image, uint32_t csr, uint32_t doorbell,
                          uint32_t pci_csr, uint32_t sdram);

/*
 * Returns true if the bridge can start with @image.  If not, stores a message
 * with the offset of the first bad byte in @error, a buffer of @size bytes.
 */
bool i21555_image_check(const uint8_t *image, char *error, size_t size);

#endif /* HW_NET_SV_NIC_BRIDGE_I21555_IMAGE_H */
