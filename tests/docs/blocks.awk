# SPDX-License-Identifier: GPL-2.0-or-later
#
# Takes the commands out of a page: one a line, "KIND<tab>COMMAND", lines that
# a backslash continues joined.  KIND is "sh", "guest" or "dom0" (a block that
# begins with ```sh guest or ```sh dom0) or "monitor" (lines that begin with
# "(qemu) ").
# Called by tests/docs/commands with README.md or an .rst page.

/^```sh guest$/ { kind = "guest"; next }
/^```sh dom0$/ { kind = "dom0"; next }
/^```sh$/ { kind = "sh"; next }
/^```/ { kind = ""; next }
/^\.\. code-block:: (sh|none)$/ { kind = "rst"; next }
kind == "rst" && /^[^ ]/ { kind = "" }
kind == "" || /^ *$/ { next }

{
    line = $0
    sub(/^ +/, "", line)
    is = kind != "rst" ? kind : sub(/^\(qemu\) /, "", line) ? "monitor" : "sh"
    part = part line
    if (sub(/\\$/, "", part)) {
        next
    }
    print is "\t" part
    part = ""
}
