#!/bin/bash
# HTTP clients against one server (ours): goroutines, Go and reqwest in turn. Prints wall time, and the client's
# CPU, of each round. Needs Go (benches/install-go.sh) for Go's lines.
#   benches/http/run.sh [ROUNDS [PROCS]]
set -euo pipefail
rounds=${1:-5} procs=${2:-2}
root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/benches/http out=$root/target/http-askers
mkdir -p "$out"
cargo build -q --release --manifest-path "$root/Cargo.toml" -p bench-rows --bin asker
cargo build -q --release --manifest-path "$here/reqwest/Cargo.toml" --target-dir "$root/target/peers/reqwest"
askers=("goroutines=$root/target/release/asker" "reqwest=$root/target/peers/reqwest/release/asker-reqwest")
go=${GO:-$root/.venv/bin/go}
if [ -x "$go" ]; then
    "$go" build -o "$out/asker-go" "$here/asker.go"
    askers+=("Go=$out/asker-go")
else
    echo "no Go here: its lines are left out"
fi
coproc SERVER { GOMAXPROCS=$procs exec "$root/target/release/asker" serve; }
read -r addr <&"${SERVER[0]}"
export GOMAXPROCS=$procs
TIMEFORMAT='%U s user, %S s system'
for round in $(seq "$rounds"); do
    for work in "many 200 40000" "up 52428800" "down 52428800"; do
        read -r kind rest <<<"$work"
        for asker in "${askers[@]}"; do
            # shellcheck disable=SC2086
            printf '%s, round %s, %-10s %s\n' "$work" "$round" "${asker%%=*}" \
                "$({ time "${asker#*=}" "$kind" "$addr" $rest; } 2>&1 | paste -sd' ')"
        done
    done
done
eval "exec ${SERVER[1]}>&-"
