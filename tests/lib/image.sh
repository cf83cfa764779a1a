# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154 # apt_dir, of scripts/apt.sh
#
# Making a system to boot out of Debian's packages, which are unpacked and
# never installed on the host.  Sourced by tests/*/image, after scripts/lib.sh,
# scripts/apt.sh and scripts/cache.sh.
#
# Every function takes its folders as arguments and keeps no state of its own;
# callers run them under 'set -e'.

# kernel_release: the release that the drivers are built for, on stdout: that
# of the installed headers (linux-headers-amd64), or of those in KDIR.
kernel_release()
{
    if [ -n "${KDIR-}" ]; then
        cat "$KDIR/include/config/kernel.release" 2>/dev/null ||
            die "KDIR=$KDIR holds no configured kernel headers"
        return
    fi
    find /usr/src -maxdepth 1 -name 'linux-headers-[0-9]*-amd64' \
         ! -name '*-cloud-*' ! -name '*-rt-*' |
        sed 's/.*linux-headers-//' | sort -V | tail -n 1
}

# apt_bare ARG...: apt-get, told that nothing is installed, so that libraries
# count as missing, and without archives but those in $apt_dir/archives.
apt_bare()
{
    mkdir -p "$apt_dir/archives/partial"
    : >"$apt_dir/none"
    apt-get -qq -o Dir::State::status="$apt_dir/none" \
            -o Dir::Cache::archives="$apt_dir/archives" \
            -o Debug::NoLocking=1 "$@"
}

# The parts of Debian's kernel that have packages of their own in newer releases.
kernel_parts='image base binary modules'

# kernel_packages KREL: the packages of Debian's kernel: linux-image, and those that it
# needs if it does not have everything itself.
kernel_packages()
{
    apt-cache depends --important "linux-image-$1" 2>/dev/null |
        awk -v image="linux-image-$1" '
            NR == 1 { print image }
            $1 == "Depends:" && $2 ~ /^linux-(base|binary|modules)-/ {
                print $2
            }'
}

# fetch_debs WORK CACHE KREL PACKAGE...: fill CACHE with the packages, all that
# they need and Debian's kernel KREL; write the files' names to WORK/debs, the
# kernel's to WORK/kernel-debs.  What CACHE holds is not fetched again.
fetch_debs()
{
    deb_work=$1
    deb_cache=$2
    deb_krel=$3
    shift 3
    cache_open
    apt_scratch
    mkdir -p "$deb_cache"
    set -- install -y --no-install-recommends "$@"
    apt_bare --print-uris "$@" | awk '{ print $2 }' >"$deb_work/debs"
    deb_kernel=$(kernel_packages "$deb_krel")
    : >"$deb_work/kernel-error"
    : >"$deb_work/kernel-debs"
    # shellcheck disable=SC2086 # a list of words
    [ -z "$deb_kernel" ] || apt_bare --print-uris download $deb_kernel \
        2>"$deb_work/kernel-error" |
        awk '{ print $2 }' >"$deb_work/kernel-debs"
    if [ ! -s "$deb_work/kernel-debs" ]; then
        # What scripts/kernel brought is in no archive that the machine knows.
        for deb_part in $kernel_parts; do
            find "$deb_cache" -name "linux-$deb_part-${deb_krel}_*.deb" |
                sed 's|.*/||' | sort -V | tail -n 1
        done >"$deb_work/kernel-debs"
    fi
    test -s "$deb_work/debs"
    if [ ! -s "$deb_work/kernel-debs" ]; then
        cat "$deb_work/kernel-error" >&2
        say "no archive and no cache has linux-image-$deb_krel"
        return 1
    fi
    while read -r deb; do
        if cache_has "$deb_cache/$deb"; then
            ln -s "$deb_cache/$deb" "$apt_dir/archives/"
        fi
    done <"$deb_work/debs"
    apt_bare --download-only "$@"
    cache_take "$apt_dir/archives" "$deb_cache"
    while read -r deb; do
        cache_has "$deb_cache/$deb" || deb_missing=yes
    done <"$deb_work/kernel-debs"
    if [ "${deb_missing-no}" = yes ]; then
        # shellcheck disable=SC2086 # a list of words
        (cd "$apt_dir/out" && apt_bare download $deb_kernel)
        cache_take "$apt_dir/out" "$deb_cache"
    fi
}

# merged_usr DIR: create DIR with /bin, /sbin, /lib and /lib64 as links into /usr, so
# that a file has both paths: up to Debian 12 packages have some below /, from
# Debian 13 on all below /usr.
merged_usr()
{
    for dir in bin sbin lib lib64; do
        mkdir -p "$1/usr/$dir"
        ln -s "usr/$dir" "$1/$dir"
    done
}

# unpack_deb FILE DIR: a package's files into DIR, through the links of merged_usr,
# which 'dpkg-deb -x' would replace by directories.
unpack_deb()
{
    dpkg-deb --fsys-tarfile "$1" |
        tar -x --keep-directory-symlink --no-same-owner -C "$2"
}

# unpack_debs WORK CACHE: what fetch_debs listed, into WORK/tmp/debs and
# WORK/tmp/kernel, which the caller removes.
unpack_debs()
{
    rm -rf "$1/tmp"
    merged_usr "$1/tmp/debs"
    merged_usr "$1/tmp/kernel"
    while read -r deb; do
        unpack_deb "$2/$deb" "$1/tmp/debs"
    done <"$1/debs"
    while read -r deb; do
        unpack_deb "$2/$deb" "$1/tmp/kernel"
    done <"$1/kernel-debs"
}

# busybox_root DEBS ROOT: an empty system in ROOT in which busybox serves all
# the small commands.
busybox_root()
{
    rm -rf "$2"
    for dir in bin sbin dev proc sys run tmp etc lib var usr/bin lib64; do
        mkdir -p "$2/$dir"
    done
    cp "$1/bin/busybox" "$2/bin/"
    for applet in $("$2/bin/busybox" --list); do
        test -e "$2/bin/$applet" || ln -s busybox "$2/bin/$applet"
    done
    ln -s ../run "$2/var/run"
    printf 'root::0:0:root:/:/bin/sh\n' >"$2/etc/passwd"
    printf '127.0.0.1 localhost\n' >"$2/etc/hosts"
}

# copy_programs DEBS ROOT FILE...: the programs into ROOT/bin, and the libraries
# that the packages' own loader finds for them into ROOT/lib, at one path each.
copy_programs()
{
    prog_debs=$1
    prog_root=$2
    shift 2
    loader=$prog_debs/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2
    libs=$prog_debs/lib/x86_64-linux-gnu:$prog_debs/usr/lib/x86_64-linux-gnu
    cp -L "$loader" "$prog_root/lib64/"
    # glibc opens it when a thread is cancelled.
    cp -L "$prog_debs/lib/x86_64-linux-gnu/libgcc_s.so.1" "$prog_root/lib/"
    for program; do
        rm -f "$prog_root/bin/${program##*/}"
        cp -L "$prog_debs/$program" "$prog_root/bin/"
        "$loader" --library-path "$libs" --list "$prog_debs/$program" |
            awk '$3 ~ /^\// { print $3 }'
    done | sort -u | while read -r lib; do
        cp -L "$lib" "$prog_root/lib/"
    done
}

# unpack_module FILE TO: a module of a kernel package, which may be packed, into TO.
unpack_module()
{
    case $1 in
    *.xz) xz -dc "$1" >"$2" ;;
    *.zst) zstd -dcq "$1" >"$2" ;;
    *.gz) gzip -dc "$1" >"$2" ;;
    *) cp "$1" "$2" ;;
    esac
}

# copy_modules KERNEL ROOT KREL MODULE...: of the unpacked kernel package KERNEL
# the modules named that are not built in, and all that they need, into ROOT,
# without indices.
copy_modules()
{
    mod_from=$1/lib/modules/$3
    mod_into=$2/lib/modules/$3
    mod_krel=$3
    shift 3
    mkdir -p "$mod_into"
    cp "$mod_from/modules.builtin" "$mod_from/modules.order" "$mod_into/"
    (cd "$mod_from" && find . -name '*.ko*') | sed 's|^\./||' >"$mod_from/files"
    # What a module needs is appended to the list.
    while [ $# != 0 ]; do
        mod_file="(^|/)$(printf %s "$1" | sed 's/[-_]/[-_]/g')\.ko"
        # Some kernels have in them what is a module of others.
        if ! grep -qE "$mod_file\$" "$mod_from/modules.builtin"; then
            ko=$(grep -E "$mod_file(\.(xz|zst|gz))?\$" "$mod_from/files") ||
                die "linux-image-$mod_krel has no module '$1'"
            plain=$mod_into/${ko%.ko*}.ko
            if [ ! -e "$plain" ]; then
                mkdir -p "${plain%/*}"
                unpack_module "$mod_from/$ko" "$plain"
                # shellcheck disable=SC2046 # a list of words
                set -- "$@" $(modinfo_value depends "$plain" | tr , ' ')
            fi
        fi
        shift
    done
}

# modinfo_value NAME FILE: a value of the information in a module.
modinfo_value()
{
    tr '\0' '\n' <"$2" | sed -n "s/^$1=//p"
}

# module_kernel FILE: the release of the kernel that a module was built for.
module_kernel()
{
    modinfo_value vermagic "$1" | cut -d' ' -f1
}

# index_modules ROOT TREE KREL: modules.dep and its kin for TREE, by the busybox
# of ROOT.
index_modules()
{
    "$1/bin/busybox" depmod -b "$2" "$3"
}

# kernel_image KERNEL KREL: the path of the kernel in the unpacked packages KERNEL: in
# /boot, or beside its modules.
kernel_image()
{
    image_file=$1/boot/vmlinuz-$2
    [ -f "$image_file" ] || image_file=$1/lib/modules/$2/vmlinuz
    printf '%s\n' "$image_file"
}

# unpack_kernel BZIMAGE VMLINUX: the ELF kernel inside, where the boot header
# says (Documentation/x86/boot.rst: setup_sects, payload_offset,
# payload_length).
unpack_kernel()
{
    boot_field()
    {
        od -An -t "u$2" -j "$1" -N "$2" "$3" | tr -d ' '
    }
    at=$((($(boot_field 497 1 "$1") + 1) * 512 + $(boot_field 584 4 "$1")))
    size=$(boot_field 588 4 "$1")
    # The payload ends in the unpacked size, which xz would call garbage.
    tail -c +$((at + 1)) "$1" | head -c "$size" >"$2.payload"
    case $(od -An -t x1 -N 4 "$2.payload" | tr -d ' ') in
    fd377a58) unpacker='xz -dc --single-stream' ;;
    28b52ffd) unpacker='zstd -dcq' ;;
    1f8b*) unpacker='gzip -dcq' ;;
    *) die "$1: the kernel is packed in a way that this script does not know" ;;
    esac
    $unpacker <"$2.payload" >"$2.new" 2>/dev/null || :
    rm -f "$2.payload"
    case $(od -An -t x1 -N 4 "$2.new" | tr -d ' ') in
    7f454c46) mv "$2.new" "$2" ;;
    *) die "$1: found no ELF kernel inside" ;;
    esac
}

# pack BUSYBOX DIR: a cpio archive of DIR on stdout, all of it root's.
pack()
{
    (cd "$2" && find . | LC_ALL=C sort |
         "$1" cpio -o -H newc -R 0:0 2>/dev/null)
}
