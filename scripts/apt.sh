# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# A private apt configuration: other suites of the archives in the machine's apt
# sources, without root and without a change to the machine's configuration.  Sourced
# by qemu/fetch and scripts/kernel, after scripts/lib.sh.

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

# private_apt DIR URI SUITE TYPE...: create the private configuration for one
# archive in DIR and export it for apt; TYPE: deb, deb-src.
private_apt()
{
    private_dir=$1 private_uri=$2 private_suite=$3
    shift 3
    rm -rf "$private_dir"
    mkdir -p "$private_dir/parts" "$private_dir/lists/partial" \
             "$private_dir/cache/archives/partial"
    # It may contain a proxy's password.
    chmod 700 "$private_dir"
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
APT::Sandbox::User "root";
APT::Get::AllowUnauthenticated "false";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
END
    } >"$private_dir/apt.conf"
    APT_CONFIG=$private_dir/apt.conf
    export APT_CONFIG
}
