#!/usr/bin/env bash
# The compatibility suite: crates that people use, inside goroutines, in both builds. `tests/ecosystem.sh all` also
# builds and runs what takes long and wants servers.
set -euo pipefail
cd "$(dirname "$0")/.."

features=()
[ "${1:-}" = all ] && features=(--features services)

# A server that is not there is skipped, with a line: its tests look for the variable.
data=$(mktemp -d)
trap 'kill $(cat "$data"/*.pid 2>/dev/null) 2>/dev/null || true; rm -rf "$data"' EXIT
if [ "${1:-}" = all ]; then
    if redis=$(command -v redis-server); then
        "$redis" --port 0 --unixsocket "$data/redis.sock" --daemonize yes --pidfile "$data/redis.pid" --save '' >/dev/null
        export ECOSYSTEM_REDIS="redis+unix://$data/redis.sock"
    else
        echo "ecosystem: no redis-server here (Debian: redis-server); its tests are skipped"
    fi
fi

cargo test -p ecosystem "${features[@]}"
cargo test --release -p ecosystem "${features[@]}"
