# Sourced by tools/demo.sh and tools/test.sh: installs what is missing, and gives $python, $cccd and $have_pcsc.
# System packages need root or sudo and Debian's apt; without them the in-process simulator stands in for PC/SC.

project=$(cd "$(dirname "$0")/.." && pwd)
cd "$project"
python=$project/.venv/bin/python
cccd=$project/.venv/bin/cccd

say() { printf '%s\n' "$*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1; then sudo "$@"
    else return 1
    fi
}

# install_packages NAME...: true when all of them are, or have become, installed.
install_packages() {
    command -v dpkg-query >/dev/null 2>&1 || return 1
    missing=
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    say "Installing:$missing"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >/dev/null || return 1
    # shellcheck disable=SC2086 # one word a package
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >/dev/null
}

install_python() {
    if ! python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        install_packages python3 python3-venv || true
    fi
    python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' || {
        say "Python 3.11 or newer with venv is needed."
        exit 1
    }
}

# install_project EXTRAS: the virtual environment, made anew only when what it is made from has changed. One that was
# made for development too does for everything.
install_project() {
    sources=$(cat pyproject.toml constraints.txt | cksum)
    wanted="$1 $sources"
    case "$(cat .venv/.made-from 2>/dev/null)" in "$wanted" | "$1,dev $sources") return 0 ;; esac
    say "Installing the project into .venv"
    [ -x "$python" ] || python3 -m venv .venv
    "$python" -m pip install --quiet --disable-pip-version-check --use-pep517 --constraint constraints.txt --editable ".[$1]"
    printf '%s' "$wanted" >.venv/.made-from
}

# start_pcsc: true when a PC/SC service with the virtual reader answers; what it starts, stop_pcsc ends.
start_pcsc() {
    pcscd_pid=
    virtual_reader && return 0
    [ -x /usr/sbin/pcscd ] || return 1
    # Called by itself, not through a function: then $! is the service's own number, and ending it ends the service.
    if [ "$(id -u)" = 0 ]; then /usr/sbin/pcscd --foreground >/dev/null 2>&1 &
    else sudo /usr/sbin/pcscd --foreground >/dev/null 2>&1 &
    fi
    pcscd_pid=$!
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        virtual_reader && return 0
        sleep 0.25
    done
    stop_pcsc
    return 1
}

virtual_reader() { "$cccd" readers 2>/dev/null | grep -q 'pcsc:Virtual PCD'; }

# The reader sees a card some tenths of a second after its program has connected.
wait_for_card() {
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        "$cccd" --lang en readers 2>/dev/null | grep -q 'Virtual PCD 00 00.card present' && return 0
        sleep 0.25
    done
    return 1
}

stop_pcsc() {
    [ -z "${pcscd_pid:-}" ] || as_root sh -c "kill $pcscd_pid" 2>/dev/null || true
    pcscd_pid=
}

install_python
# CCCD_PCSC=no leaves the system's PC/SC alone, as on a machine where it cannot be had.
if [ "${CCCD_PCSC:-yes}" = yes ] && install_packages build-essential python3-dev pkg-config libpcsclite-dev pcscd vsmartcard-vpcd; then
    have_pcsc=yes extras=all
else
    have_pcsc=no extras=nfc,fast,desk
fi
