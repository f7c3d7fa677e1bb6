#!/usr/bin/env bash
# The crate on other targets than this machine's.
#
#   tests/cross.sh setup                    what the others need: about a minute, 700 MB
#   tests/cross.sh aarch64 [TESTS..]        aarch64 Linux under qemu's user emulation: half an hour for all
#   tests/cross.sh musl [TESTS..]           x86-64 Linux with musl
#   tests/cross.sh types [TARGET..]         clippy, for targets whose programs cannot run here
#   tests/cross.sh msrv                     the oldest compiler that Cargo.toml promises
#   tests/cross.sh have aarch64|types|msrv  was that set up?
#
# TESTS are names of tests of the package `tests`, or `unit`, `doc`, `tour`; without any, all. A name may be followed
# by arguments for the test program: `aarch64 'process deadlock'`.
#
# Nothing is installed: Debian's packages are downloaded with apt, from the sources that the machine has, and unpacked
# into $GOROUTINES_CROSS (~/.cache/goroutines-cross). The standard libraries come by rustup.
#
# What qemu does not do: epoll_pwait2, process_madvise, MADV_GUARD_INSTALL (it says yes), reordering of memory accesses
# on an x86 host. The tests skip nothing for that: the runtime finds out what works.
set -euo pipefail
cd "$(dirname "$0")/.."

arm=aarch64-unknown-linux-gnu
musl=x86_64-unknown-linux-musl
typed=(aarch64-apple-darwin x86_64-apple-darwin x86_64-unknown-freebsd aarch64-unknown-linux-musl riscv64gc-unknown-linux-gnu)
all=(unit channels conformance proc process stress macros models edge_rows edge_panics edge_threads elastic preempt
    preempt_allocator reports load doc tour)
oldest=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
root=${GOROUTINES_CROSS:-$HOME/.cache/goroutines-cross}

die() {
    echo "cross: $*" >&2
    exit 1
}

has_std() {
    [ -d "$(rustc --print sysroot)/lib/rustlib/$1/lib" ]
}

have() {
    case $1 in
    aarch64) has_std $arm && [ -x "$root/usr/bin/qemu-aarch64" ] && [ -x "$root/cc" ] ;;
    musl) has_std $musl && [ -d "$root/usr/include/x86_64-linux-musl" ] ;;
    types) for t in "${typed[@]}"; do has_std "$t" || return 1; done ;;
    msrv) rustup run "$oldest" rustc -V >/dev/null 2>&1 ;;
    *) die "have what?" ;;
    esac
}

# The machine's sources, and the backports of its release: the release's own qemu is too old (7.2 takes 6 GB).
sources() {
    # shellcheck source=/dev/null
    . /etc/os-release
    find /etc/apt/sources.list /etc/apt/sources.list.d -name '*.list' -exec cat {} + 2>/dev/null | grep -h '^deb ' || true
    find /etc/apt/sources.list.d -name '*.sources' -print0 2>/dev/null | while IFS= read -r -d '' file; do
        awk -v RS= '
            function field(name,    i) {
                for (i = 1; i <= n; i++) if (index(line[i], name ":") == 1) {
                    sub("^" name ": *", "", line[i]); return line[i]
                }
            }
            { n = split($0, line, "\n"); uri = field("URIs"); key = field("Signed-By"); suites = field("Suites")
              part = field("Components"); split(suites, suite, " ")
              for (i in suite) print "deb " (key ? "[signed-by=" key "] " : "") uri, suite[i], part }' "$file"
    done
}

# A program of the packages, under a short name: it finds its libraries where they were unpacked.
wrap() {
    printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s %s "$@"\n' "$root/usr/lib/x86_64-linux-gnu" "$root/usr/bin/$2" "${3:-}" \
        >"$root/$1"
    chmod +x "$root/$1"
}

setup() {
    rustup target add "$arm" "$musl" "${typed[@]}"
    rustup toolchain install "$oldest" --profile minimal
    have aarch64 && have musl && return
    [ -e /etc/debian_version ] || die "packages are taken from Debian: elsewhere set GOROUTINES_CROSS up by hand"
    local apt=$root/apt
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    sources >"$apt/sources.list"
    # shellcheck source=/dev/null
    . /etc/os-release
    sed -n "s/\( $VERSION_CODENAME\) .*/\1-backports main/p" "$apt/sources.list" | head -n 1 >"$apt/backports.list"
    cat "$apt/backports.list" >>"$apt/sources.list"
    local options=(-o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o Debug::NoLocking=1)
    apt-get "${options[@]}" -q update
    local qemu=qemu-user
    if apt-cache "${options[@]}" madison qemu-user | grep -q -- -backports; then
        qemu=qemu-user/$VERSION_CODENAME-backports
    fi
    apt-get "${options[@]}" -q -y --download-only --no-install-recommends install \
        gcc-aarch64-linux-gnu libc6-dev-arm64-cross musl-dev "$qemu"
    for package in "$apt"/cache/archives/*.deb; do
        dpkg -x "$package" "$root"
    done
    rm -r "$apt"
    wrap cc aarch64-linux-gnu-gcc "--sysroot=$root"
    wrap ar aarch64-linux-gnu-ar
    have aarch64 && have musl
}

# cargo with what the target needs. C code is compiled for it (one dependency has some).
cargo_for() {
    local target=$1 subcommand=$2
    shift 2
    set -- "$subcommand" --target "$target" "$@"
    case $target in
    "$arm")
        CC_aarch64_unknown_linux_gnu=$root/cc CFLAGS_aarch64_unknown_linux_gnu="-I$root/usr/aarch64-linux-gnu/include" \
            AR_aarch64_unknown_linux_gnu=$root/ar \
            CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=$root/cc cargo "$@"
        ;;
    "$musl")
        CC_x86_64_unknown_linux_musl=cc CFLAGS_x86_64_unknown_linux_musl="-isystem $root/usr/include/x86_64-linux-musl" \
            cargo "$@"
        ;;
    *)
        # Nothing is linked, so nobody misses the C code.
        local name=${target//-/_}
        env "CC_$name=true" "AR_$name=true" SDKROOT=/ cargo "$@"
        ;;
    esac
}

# One name of TESTS.
run() {
    local target=$1
    set -- $2
    local what=$1
    shift
    echo "=== $target: $what $*"
    case $what in
    unit) cargo_for "$target" test -p goroutines --all-features --lib -- "$@" ;;
    doc) cargo_for "$target" test -p goroutines --all-features --doc -- "$@" ;;
    tour) cargo_for "$target" run -p examples --bin tour -- "$@" ;;
    *) cargo_for "$target" test -p tests --test "$what" -- "$@" ;;
    esac
}

# Runs all that are asked for, and says which failed.
run_all() {
    local target=$1 failed=()
    shift
    [ $# -gt 0 ] || set -- "${all[@]}"
    for what in "$@"; do
        run "$target" "$what" || failed+=("$what")
    done
    [ ${#failed[@]} -eq 0 ] || die "$target failed: ${failed[*]}"
}

# Programs that the tests start are the target's too: the kernel hands them to qemu, in a namespace of ours.
in_namespace() {
    mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
    printf '%s' ':goroutines:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:' \
        "$root/usr/bin/qemu-aarch64:PF" >/proc/sys/fs/binfmt_misc/register
    QEMU_LD_PREFIX=$root/usr/aarch64-linux-gnu GOROUTINES_TEST_SLOWNESS=10 RUST_TEST_THREADS=1 run_all "$arm" "$@"
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
setup) setup ;;
have)
    have "${1:-}" && exit
    exit 1
    ;;
aarch64)
    have aarch64 || die "run \`tests/cross.sh setup\` first"
    unshare --user --map-root-user --mount "$BASH" tests/cross.sh in-namespace "$@"
    ;;
in-namespace) in_namespace "$@" ;;
musl)
    have musl || die "run \`tests/cross.sh setup\` first"
    run_all "$musl" "$@"
    ;;
types)
    [ $# -gt 0 ] || set -- "${typed[@]}"
    for target in "$@"; do
        has_std "$target" || die "no standard library for $target: run \`tests/cross.sh setup\`, or rustup"
        echo "=== $target: types"
        cargo_for "$target" clippy -p goroutines --all-features --all-targets -- -D warnings
        cargo_for "$target" clippy -q -p examples --bins --examples -- -D warnings
        # On Linux the tests are checked by running them.
        [[ $target = *-linux-* ]] || cargo_for "$target" clippy -q -p tests --tests --bins -- -D warnings
    done
    ;;
msrv) RUSTUP_TOOLCHAIN=$oldest cargo check -p goroutines --all-features ;;
*) sed -n '2,/^set -e/s/^# \{0,1\}//p' "$0" && exit 2 ;;
esac
echo "cross: ok"
