# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2317
#
# Linux and lspci decode the cards' configuration space and VPD.  Run by
# tests/guest/run with two cards, with and without MSI-X.

. /lib/svnic/tap.sh

# shows CARD PATTERN...: lspci -vvv has a line for each.
shows()
{
    lspci -n -vvv -s "$1" >/tmp/lspci
    cat /tmp/lspci
    shift
    for pattern; do
        grep -qE "$pattern" /tmp/lspci || {
            echo "no line: $pattern"
            return 1
        }
    done
}

identity()
{
    shows "$1" ' 0680: 8086:b555' 'Subsystem: 1331:0030' \
        'Interrupt: pin A' \
        'Region 0: Memory at .*size=(4K|16K)' 'Region 1: I/O ports .*size=256' \
        'Region 2: Memory .*size=256K' 'Region 3: Memory .*size=(1M|64K)' \
        'Region 4: Memory .*64-bit, prefetchable.*size=32M'
}

capabilities()
{
    shows "$1" 'Capabilities: \[dc\] Power Management version 2' \
        'Status: D0 ' \
        'Capabilities: \[e4\] Vital Product Data' \
        'Product Name: SV-NIC on ENP-2611' 'Part number: ENP-2611' \
        'checksum good' \
        'Capabilities: \[ec\] CompactPCI hot-swap'
}

# lspci decodes everything: its output has no word for an error.  It only knows
# the name of the hot-swap capability, and reports missing libkmod indices.
no_complaint()
{
    shows "$1" . 2>/tmp/errors
    cat /tmp/errors
    ! grep -v 'libkmod resources' /tmp/errors || return 1
    ! grep -v 'CompactPCI hot-swap <?>' /tmp/lspci |
        grep -E '<chain|<access denied>|<\?>|!!!|Unknown|Not readable|No end tag|checksum bad'
}

# The kernel parses the VPD up to its end tag.
vpd_file()
{
    grep -q ENP-2611 "/sys/bus/pci/devices/$1/vpd"
}

# D3hot to D0 resets the function, so that its BARs must be restored, which the
# kernel does for its own changes of power state.
power()
{
    echo "$1"
    bars='10.l 14.l 18.l 1c.l 20.l 24.l'
    # shellcheck disable=SC2086 # a list of words
    values=$(setpci -s "$1" $bars)
    setpci -s "$1" dc+4.w=3
    same D3hot "$(setpci -s "$1" dc+4.w)" 0003
    setpci -s "$1" dc+4.w=0
    same D0 "$(setpci -s "$1" dc+4.w)" 0000
    same 'BAR 0 after the reset' "$(setpci -s "$1" 10.l)" 00000000
    for bar in $bars; do
        setpci -s "$1" "$bar=$(printf '%s\n' "$values" | head -n 1)"
        values=$(printf '%s\n' "$values" | tail -n +2)
    done
}

poll 5 [ "$(cards | wc -l)" = 2 ]
for card in $(cards); do
    check "lspci: identity and BARs of $card" identity "$card"
    check "lspci: power management, VPD and hot swap of $card" \
        capabilities "$card"
    check "lspci: no complaint about $card" no_complaint "$card"
    check "the kernel's VPD file of $card" vpd_file "$card"
    check "$card goes to D3hot and back" power "$card"
done
check 'lspci: MSI-X of the card that has it' \
    shows "$(cards | head -n 1)" 'Capabilities: \[f0\] MSI-X: .*Count=65'
check 'lspci: revision and size of the PCI CSRs as on the board' \
    shows "$(cards | head -n 1)" '\(rev 03\)' 'Region 3: .*size=1M'
check 'lspci: revision and size of the PCI CSRs as set by properties' \
    shows "$(cards | tail -n 1)" '\(rev 05\)' 'Region 3: .*size=64K'
load_drivers
check 'the drivers probe the cards after these reads' poll 10 card_ready
