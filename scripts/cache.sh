# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# The cache of downloads, SVNIC_CACHE.  Sourced after scripts/lib.sh.
#
# Programs of the cache run on the host, so a file there is used only if its SHA-256
# is in the cache's manifest, SHA256SUMS, which gets it when apt has verified the
# download.  Only the user and root may be able to write to the cache.

cache_manifest=$SVNIC_CACHE/SHA256SUMS

# cache_open: create the cache, or exit if another user can write to it.
cache_open()
{
    umask 022
    can_write_in "$SVNIC_CACHE" SVNIC_CACHE
    cache_foreign=$(find "$SVNIC_CACHE" ! -type l \
        \( -perm /022 -o ! -user 0 ! -user "$(id -u)" \) -print 2>/dev/null |
        head -n 1)
    [ -z "$cache_foreign" ] ||
        die "$cache_foreign is writable for other users, and programs of the" \
            "cache run on this machine: remove $SVNIC_CACHE, or set" \
            "SVNIC_CACHE to a directory of your own"
}

# cache_name FILE: the name of a file of the cache in the manifest.
cache_name()
{
    printf '%s\n' "${1#"$SVNIC_CACHE"/}"
}

# cache_sum FILE: the SHA-256 of FILE.
cache_sum()
{
    sha256sum <"$1" | cut -d' ' -f1
}

# cache_keep FILE...: add files of the cache, as apt has downloaded them, to the
# manifest.
cache_keep()
{
    (
        exec 8>"$SVNIC_CACHE/lock"
        flock 8
        for cache_file; do
            printf '%s  %s\n' "$(cache_sum "$cache_file")" \
                   "$(cache_name "$cache_file")"
        done >"$cache_manifest.new"
        # The entries of other files.
        [ ! -f "$cache_manifest" ] ||
            awk 'NR == FNR { skip[substr($0, 67)]; next }
                 !(substr($0, 67) in skip)' \
                "$cache_manifest.new" "$cache_manifest" >"$cache_manifest.old"
        [ ! -f "$cache_manifest" ] ||
            cat "$cache_manifest.old" >>"$cache_manifest.new"
        rm -f "$cache_manifest.old"
        LC_ALL=C sort -k 2 -o "$cache_manifest.new" "$cache_manifest.new"
        mv "$cache_manifest.new" "$cache_manifest"
    )
}

# cache_has FILE: whether the cache has FILE as it was downloaded.  One that differs
# is reported and removed, so that it is downloaded again.
cache_has()
{
    [ -f "$1" ] || return 1
    if [ -f "$cache_manifest" ] &&
       grep -qxF "$(cache_sum "$1")  $(cache_name "$1")" "$cache_manifest"; then
        return 0
    fi
    say "$1 is not what $cache_manifest says: removed, to be downloaded again"
    rm -f "$1"
    return 1
}

# cache_take FROM DIR: move the files in FROM, which apt has downloaded, to DIR of the
# cache.  They are added to the manifest together: if this is interrupted, none counts.
cache_take()
{
    cache_from=$1
    cache_into=$2
    mkdir -p "$cache_into"
    set --
    for cache_file in "$cache_from"/*; do
        if [ -f "$cache_file" ] && [ ! -L "$cache_file" ]; then
            # A copy, so that the file is the user's, not apt's.
            cp "$cache_file" "$cache_into/.new$$"
            rm "$cache_file"
            mv "$cache_into/.new$$" "$cache_into/${cache_file##*/}"
            set -- "$@" "$cache_into/${cache_file##*/}"
        fi
    done
    [ $# = 0 ] || cache_keep "$@"
}
