/* SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause */
/*
 * Version of this project: that of meson.build, see "Releases" in
 * CONTRIBUTING.md.  Firmware and guest drivers report it.
 */
#ifndef HW_NET_SV_NIC_VERSION_H
#define HW_NET_SV_NIC_VERSION_H

#define SVNIC_VERSION "1.0.0"

#endif /* HW_NET_SV_NIC_VERSION_H */
