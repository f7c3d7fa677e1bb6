#!/usr/bin/env bash
# The compatibility suite: everyday crates and those that are heavy, inside goroutines.
#
#   tests/ecosystem.sh           the everyday crates, optimised (`cargo test --workspace` runs them unoptimised)
#   tests/ecosystem.sh heavy     what takes minutes to compile or talks to a server, unoptimised; with
#                                `--release` behind it, optimised
#
# Starts PostgreSQL and Redis (Debian: postgresql, redis-server) with their data and sockets in a folder that is
# gone afterwards. Where one is not installed, its tests are left out, which is said.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "${1:-}" != heavy ]; then
    # Without debug information, which takes longer than the rest.
    CARGO_PROFILE_RELEASE_DEBUG=0 exec cargo test --release -p ecosystem
fi
shift

dir=$(mktemp -d)
chmod 755 "$dir"
redis=
finish() {
    if [ -n "$redis" ]; then kill "$redis" 2>/dev/null || true; fi
    if [ -d "$dir/data" ]; then postgres_as "$pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true; fi
    rm -rf "$dir"
}
trap finish EXIT

# PostgreSQL does not run as root.
postgres_as() {
    if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; else "$@"; fi
}
newest() {
    command -v "$1" || ls -1 /usr/lib/postgresql/*/bin/"$1" 2>/dev/null | sort -V | tail -1
}
initdb=$(newest initdb || true)
pg_ctl=$(newest pg_ctl || true)
if [ -z "$initdb" ] || [ -z "$pg_ctl" ]; then
    echo "skipped: postgres, r2d2_postgres and tokio_postgres, because PostgreSQL is not installed (Debian: postgresql)"
else
    mkdir "$dir/data" "$dir/sockets"
    if [ "$(id -u)" = 0 ]; then chown postgres "$dir/data" "$dir/sockets"; fi
    (cd "$dir" && postgres_as "$initdb" -D "$dir/data" -U gopher -A trust -E UTF8 --no-sync) >/dev/null
    options="-c listen_addresses= -c unix_socket_directories=$dir/sockets -c fsync=off -c max_connections=100"
    (cd "$dir" && postgres_as "$pg_ctl" -D "$dir/data" -w -o "$options" -l "$dir/sockets/log" start) >/dev/null
    export ECOSYSTEM_POSTGRES="host=$dir/sockets user=gopher dbname=postgres"
fi
if ! command -v redis-server >/dev/null; then
    echo "skipped: redis, because Redis is not installed (Debian: redis-server)"
else
    redis-server --port 0 --unixsocket "$dir/redis.sock" --dir "$dir" --save "" >/dev/null &
    redis=$!
    until [ -S "$dir/redis.sock" ]; do
        kill -0 "$redis" || { echo "redis-server does not start"; exit 1; }
        sleep 0.05
    done
    export ECOSYSTEM_REDIS="redis+unix://$dir/redis.sock"
fi
CARGO_PROFILE_RELEASE_DEBUG=0 cargo test -p ecosystem --features heavy --test heavy "$@"
