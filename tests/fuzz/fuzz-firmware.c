/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzzer of firmware and chip on one thread, as with workers=0: the same input
 * does the same each time.
 */
#include "ops.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size) {
        fuzz_execute(world_begin(data[0], false), data + 1, size - 1);
    }
    return 0;
}
