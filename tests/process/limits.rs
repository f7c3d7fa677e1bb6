//! No more stack, no more threads: a clear report, never a bare crash.

use crate::{prog, start, wait};
use std::process::Command;

#[test]
fn running_off_a_plain_stack_names_the_goroutine_and_the_remedy() {
    for name in ["guard_page", "guard_page_in_main"] {
        let ended = prog(name);
        assert_eq!((ended.code, &*ended.out), (Some(2), ""), "{ended:#?}");
        ended
            .says("runtime: goroutine stack exceeds ")
            .says("-byte limit\nfatal error: stack overflow\n\ngoroutine ")
            .says(" [running]:\n")
            .says("plain_depth(...)\n\t")
            .says("...additional frames elided...\n")
            .says("#[goroutine]");
    }
}

/// A goroutine with a name and a small stack of its own.
#[test]
fn the_name_and_the_origin_are_told() {
    let ended = prog("guard_page_with_a_name");
    assert_eq!(ended.code, Some(2), "{ended:#?}");
    ended
        .says("\tnamed \"deep\"\n")
        .says("plain_depth(...)\n")
        .says("created by goroutine 1\n");
}

#[test]
fn a_growing_stack_ends_at_the_limit() {
    let ended = prog("stack_overflow");
    let report = "runtime: goroutine stack exceeds 16777216-byte limit\n";
    ended
        .fatal("", report)
        .says("\nfatal error: stack overflow\n");
}

#[test]
fn too_many_blocked_threads() {
    let report = "runtime: program exceeds 10-thread limit\n";
    prog("thread_exhaustion")
        .fatal("", report)
        .says("fatal error: thread exhaustion\n");
}

#[cfg(not(goroutines_asan))] // a sanitizer's own mappings need more than that limit
#[test]
fn no_more_stacks() {
    let prog = start("many_goroutines");
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -v 4194304; exec \"$0\" \"$@\""]);
    limited.arg(prog.get_program()).args(prog.get_args());
    limited
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let ended = wait(limited.spawn().unwrap());
    ended.fatal("", "fatal error: ");
}

/// Goroutines that have not begun have no stacks, but are counted and shown; and what they own arrives.
#[cfg(target_os = "linux")]
#[test]
fn one_that_has_not_begun_has_no_stack() {
    crate::prog_with("not_begun", &[("GOMAXPROCS", "1")]).well("main returned\n");
}
