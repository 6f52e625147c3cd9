#!/bin/sh
# Installs what is missing and passes the tests. Arguments go to pytest.
set -eu
. "$(dirname "$0")/setup.sh"
install_project "$extras,dev"
# A PKCS#11 token in software, and a browser with letters: for the tests of wrapped keys and of the desk's pages.
install_packages softhsm2 || say "Without softhsm2 the tests of PKCS#11 tokens say so."
install_packages chromium fonts-dejavu-core || say "Without Chromium the tests of the desk's pages say so."
if [ "$have_pcsc" = yes ]; then
    # Cards that others wrote, for the tests in tests/peers.
    install_packages vsmartcard-vpicc libeac-dev libssl-dev swig dpkg-dev && sh tools/peers/build.sh ||
        say "The card programs of others could not be built; their tests will say so."
fi
# With arguments, or with a lent server, which two would clear up for each other: one run. Else two shares side by side.
[ $# -eq 0 ] && [ -z "${CCCD_POSTGRES:-}" ] || exec "$python" -m pytest "$@"
log=$(mktemp)
"$python" -m pytest tests/registry/test_[a-o]*.py >"$log" 2>&1 &
share=$!
trap 'kill "$share" 2>/dev/null || true; rm -f "$log"' EXIT
trap 'exit 130' INT TERM
failed=0
"$python" -m pytest --ignore-glob='tests/registry/test_[a-o]*.py' || failed=$?
say "The other share, which ran beside this one:"
wait "$share" || failed=$?
cat "$log"
exit "$failed"
