//! Threads come from a clean one and leave nothing behind; descriptors that run out are had later.

use crate::{prog_with, start, wait};
use std::process::Command;

#[cfg(target_os = "linux")]
#[test]
fn a_locked_threads_state_is_its_own() {
    let out = "/ / / /tmp /tmp\n/ /\n/ /\n/ /\nmain returned\n";
    prog_with("locked_thread_state", &[("GOMAXPROCS", "1")]).well(out);
}

// (A sanitizer keeps memory of its own for each thread.)
#[cfg(all(target_os = "linux", not(goroutines_asan)))]
#[test]
fn a_goroutine_that_ends_locked_leaves_nothing_behind() {
    // One heap: each more would reserve 64 MiB of address space.
    let env = [("GOMAXPROCS", "1"), ("MALLOC_ARENA_MAX", "1")];
    prog_with("locked_ends", &env).well("nothing\nmain returned\n");
}

#[test]
fn a_payload_that_panics_when_it_is_dropped_takes_no_thread_with_it() {
    prog_with("payload_destructor", &[("GOMAXPROCS", "1")]).fatal("", "panic: bomb\n\ngoroutine ");
}

#[test]
fn without_descriptors_the_poller_is_opened_later() {
    let prog = start("poller_refused");
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -n 32; exec \"$0\" \"$@\""]);
    limited.arg(prog.get_program()).args(prog.get_args());
    limited
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    wait(limited.spawn().unwrap()).well("Err(Some(24))\ntrue\nmain returned\n");
}
