#!/bin/sh
# Lint and types.
set -eu
. "$(dirname "$0")/setup.sh"
install_project "$extras,dev"
.venv/bin/ruff format --check .
.venv/bin/ruff check .
.venv/bin/mypy
