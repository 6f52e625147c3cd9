#!/bin/sh
# Installs what is missing and passes the tests. Arguments go to pytest.
set -eu
. "$(dirname "$0")/setup.sh"
install_project "$extras,dev"
if [ "$have_pcsc" = yes ]; then
    # Cards that others wrote, for the tests in tests/peers.
    install_packages vsmartcard-vpicc libeac-dev libssl-dev swig dpkg-dev && sh tools/peers/build.sh ||
        say "The card programs of others could not be built; their tests will say so."
fi
exec "$python" -m pytest "$@"
