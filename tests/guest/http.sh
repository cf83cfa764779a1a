# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# The outside that the guest talks to: an HTTP server on the host's loopback,
# which a guest finds at 10.0.2.2 of QEMU's user network.  Sourced by
# tests/guest/demo and tests/guest/run, after scripts/lib.sh.  The server is
# busybox's, out of the guest's image.

# http_start DIR BYTES [PORT]: serve, out of DIR, the file data of BYTES
# pseudo-random bytes and, at cgi-bin/sum, the SHA-256 of what is posted.  Any
# free port will do if none is given.  Sets http_port, http_pid and http_sum
# (the SHA-256 of data); the caller kills http_pid.
http_start()
{
    busybox=${SVNIC_GUEST:-$SVNIC_BUILD/guest}/root/bin/busybox
    mkdir -p "$1/cgi-bin"
    head -c "$2" /dev/urandom >"$1/data"
    http_sum=$(sha256sum <"$1/data" | cut -d' ' -f1)
    printf '%s\n' "$http_sum" >"$1/name"
    cat >"$1/cgi-bin/sum" <<'END'
#!/bin/sh
printf 'Content-Type: text/plain\r\n\r\n'
head -c "$CONTENT_LENGTH" | sha256sum | cut -d' ' -f1
END
    chmod 755 "$1/cgi-bin/sum"
    for try in 1 2 3 4 5 6 7 8 9 10; do
        http_port=${3:-$((20000 + ($(od -An -t u2 -N 2 /dev/urandom)) % 20000))}
        "$busybox" httpd -f -p "127.0.0.1:$http_port" -h "$1" 2>"$1/log" &
        http_pid=$!
        if http_answers "$1"; then
            return
        fi
        kill "$http_pid" 2>/dev/null || :
        if [ -n "${3-}" ]; then
            die "cannot serve at port $3 of the loopback, it is in use:" \
                "choose another --port, or none to have a free one found"
        fi
    done
    die "found no free port on the loopback after $try tries: $(cat "$1/log")"
}

# http_answers DIR: whether it is this server that answers, within 5 seconds.
http_answers()
{
    tries=50
    while kill -0 "$http_pid" 2>/dev/null && [ "$tries" -gt 0 ]; do
        if [ "$("$busybox" wget -q -O - "http://127.0.0.1:$http_port/name" \
                2>/dev/null)" = "$(cat "$1/name")" ]; then
            return 0
        fi
        tries=$((tries - 1))
        sleep 0.1
    done
    return 1
}
