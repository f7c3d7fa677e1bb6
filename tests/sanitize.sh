#!/usr/bin/env bash
# Runs the tests under AddressSanitizer, which is told of every switch of stacks (`--cfg goroutines_asan`).
# Needs a nightly toolchain, whose own standard library will do.
#
#   tests/sanitize.sh                 everything: about a quarter of an hour on two cores
#   tests/sanitize.sh unit stress     some of: unit conformance channels proc process edge_rows edge_panics edge_threads preempt elastic stress
#
# Not found this way: leaks, because the leak checker does not know the goroutines' stacks; data races,
# because corosensei cannot tell ThreadSanitizer of its switches. For those there are the models
# (`cargo test -p tests --test loom --test models`).
set -euo pipefail
cd "$(dirname "$0")/.."

export RUSTFLAGS="-Zsanitizer=address --cfg goroutines_asan"
export ASAN_OPTIONS="detect_leaks=0:detect_stack_use_after_return=1"
host=$(rustc +nightly -vV | sed -n 's/^host: //p')

run() {
    echo "=== $*"
    # A target, so that build scripts and macros are built without the sanitizer.
    cargo +nightly test --target "$host" --target-dir target/sanitize "$@"
}

for what in ${@:-unit conformance channels proc process edge_rows edge_panics edge_threads preempt elastic stress}; do
    case $what in
    unit) run -p goroutines --lib ;;
    *) run -p tests --test "$what" ;;
    esac
done
echo "sanitize: ok"
