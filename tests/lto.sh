#!/usr/bin/env bash
# Runs the tests as a release build in one piece: fat link-time optimisation, one codegen unit. What is
# inlined into what then shows whether the compiler keeps the address of a thread-local over a switch
# of stacks, and with it the thread that a goroutine has left.
#
#   tests/lto.sh                      everything: about twenty minutes on two cores
#   tests/lto.sh conformance stress   some of: unit conformance channels proc process macros stress
set -euo pipefail
cd "$(dirname "$0")/.."

export CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1

run() {
    echo "=== $*"
    cargo test --release --target-dir target/lto "$@"
}

for what in ${@:-unit conformance channels proc process macros stress}; do
    case $what in
    unit) run -p goroutines --lib ;;
    # What threadcheck finds are addresses on stacks, and a program in one piece keeps none.
    process) run -p tests --test process -- --skip threadcheck::a_borrow --skip threadcheck::the_lock ;;
    *) run -p tests --test "$what" ;;
    esac
done
echo "lto: ok"
