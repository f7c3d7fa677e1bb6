#!/usr/bin/env bash
# The compatibility suite in the other build: `cargo test --workspace` runs it unoptimised. Without debug
# information, which takes longer than the rest.
set -euo pipefail
cd "$(dirname "$0")/.."
CARGO_PROFILE_RELEASE_DEBUG=0 cargo test --release -p ecosystem
