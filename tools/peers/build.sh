#!/bin/sh
# Builds the Python binding of libeac, which Debian ships as source only, into .cache/peers/libeac. Needs no root.
# What it needs from Debian: libeac-dev libssl-dev swig dpkg-dev build-essential python3-dev.
set -eu
project=$(cd "$(dirname "$0")/../.." && pwd)
python=$project/.venv/bin/python
into=$project/.cache/peers/libeac
[ -e "$into/_eac.so" ] && "$python" -c "import sys; sys.path.insert(0, '$into'); import eac, chat" 2>/dev/null && exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial" "$work/apt/sources" "$into"

# The sources of this machine, asked for source packages, in a state of their own: the system's lists stay as they are.
for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -e "$list" ] || continue
    sed -n 's/^deb /deb-src /p' "$list" >"$work/apt/sources/$(basename "$list" .list)-src.list"
done
for list in /etc/apt/sources.list.d/*.sources; do
    [ -e "$list" ] || continue
    sed 's/^Types:.*/Types: deb-src/' "$list" >"$work/apt/sources/$(basename "$list" .sources)-src.sources"
done
apt_here() {
    apt-get -q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$work/apt/sources" \
        -o Dir::State::lists="$work/apt/lists" -o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User="$(id -un)" "$@"
}
cd "$work"
apt_here update >&2
apt_here source openpace >&2

cd "$work"/openpace-*/bindings
headers=$("$python" -c "import sysconfig; print(sysconfig.get_paths()['include'])")
swig -python -I. -outdir "$into" -o "$work/eac_wrap.c" eac.i
gcc -shared -fPIC -O2 -w "$work/eac_wrap.c" -I"$headers" -o "$into/_eac.so" -leac -lcrypto
cp python/chat.py "$into/"
"$python" -c "import sys; sys.path.insert(0, '$into'); import eac, chat"
echo "The binding of libeac is in $into" >&2
