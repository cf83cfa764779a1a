/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzzer of firmware and chip with a thread for each microengine, while the
 * manager, the owners and the network are this one.
 */
#include "ops.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size) {
        fuzz_execute(world_begin(data[0], true), data + 1, size - 1);
    }
    return 0;
}
