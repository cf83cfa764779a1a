# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Directories and a private configuration for apt: other suites of the archives in
# the machine's apt sources, without root and without a change to the machine's
# configuration.  Sourced after scripts/lib.sh.
#
# For root, apt downloads as the user _apt, which has no other rights ("sandbox").  It
# needs directories that this user can reach: not below a home directory.

# apt_scratch: create a directory for apt; sets $apt_dir.  Downloads go to
# $apt_dir/out.  It is removed when the script ends.
apt_scratch()
{
    apt_dir=$(mktemp -d "${TMPDIR:-/tmp}/svnic-apt.XXXXXX")
    trap 'rm -rf "$apt_dir"' EXIT
    trap 'exit 1' HUP INT TERM
    chmod 755 "$apt_dir"
    mkdir "$apt_dir/out"
    if [ "$(id -u)" = 0 ] && id _apt >/dev/null 2>&1; then
        chown _apt "$apt_dir/out"
    fi
}

# Debian's keyring; Debian 13 has it under both names.
keyring()
{
    for key in /usr/share/keyrings/debian-archive-keyring.gpg \
               /usr/share/keyrings/debian-archive-keyring.pgp; do
        if [ -f "$key" ]; then
            printf '%s\n' "$key"
            return
        fi
    done
    die "Debian's archive keyring is missing: install debian-archive-keyring"
}

# private_apt URI SUITE TYPE...: create the private configuration for one archive in
# $apt_dir and export it for apt; TYPE: deb, deb-src.
private_apt()
{
    private_dir=$apt_dir/private private_uri=$1 private_suite=$2
    shift 2
    # The index of unstable is valid for a week only, which has run out in an archive
    # that is frozen at a date.  Its signature is checked as ever.
    private_expired=''
    [ "$private_suite" != sid ] ||
        private_expired='Acquire::Check-Valid-Until "false";'
    rm -rf "$private_dir"
    mkdir -p "$private_dir/parts" "$private_dir/lists/partial" \
             "$private_dir/cache/archives/partial"
    : >"$private_dir/apt.conf"
    # It may contain a proxy's password.
    chmod 600 "$private_dir/apt.conf"
    key=$(keyring)
    for type; do
        printf '%s [signed-by=%s] %s %s main\n' "$type" "$key" \
               "$private_uri" "$private_suite"
    done >"$private_dir/sources.list"
    : >"$private_dir/status"
    {
        apt-config dump | grep '^Acquire::' || :
        cat <<END
Dir::Etc::main "/dev/null";
Dir::Etc::parts "$private_dir/parts";
Dir::Etc::sourcelist "$private_dir/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "$private_dir";
Dir::State::lists "$private_dir/lists";
Dir::State::status "$private_dir/status";
Dir::Cache "$private_dir/cache";
APT::Get::AllowUnauthenticated "false";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::AllowInsecureRepositories "false";
$private_expired
Acquire::AllowWeakRepositories "false";
END
    } >"$private_dir/apt.conf"
    APT_CONFIG=$private_dir/apt.conf
    export APT_CONFIG
}
