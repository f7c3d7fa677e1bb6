//! Main returns, `exit`, `goexit`, signals, environment variables.

use crate::{Ended, prog, prog_with, start, wait};
use goroutines::signal;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::time::Duration;
use tests::{eventually, in_time};

#[test]
fn main_returning_cuts_the_others_off() {
    prog("main_returns").well("main's own defer\nmain returned\n");
}

#[test]
fn a_goroutine_parks_in_a_bracketed_call() {
    prog("parks_in_a_bracket").well("main returned\n");
}

/// Each goroutine bound to a thread of its own, from its beginning: `main` to the process's first.
#[test]
fn nobody_moves_if_asked_so() {
    let debug = [("GODEBUG", "migrate=0")];
    prog_with("main_returns", &debug).well("main's own defer\nmain returned\n");
    prog_with("main_is_bound", &debug).well("main returned\n");
    prog("main_is_bound").well("main returned\n");
}

/// All on threads that they share: the program ends, and dies, as ever.
#[test]
fn all_stay_if_asked_so() {
    let debug = [("GODEBUG", "migrate=stay")];
    prog_with("main_returns", &debug).well("main's own defer\nmain returned\n");
    prog_with("main_is_bound", &debug).well("main returned\n");
}

#[test]
fn an_error_from_main_is_exit_code_1() {
    let ended = prog("main_fails");
    assert_eq!(
        (ended.code, &*ended.err),
        (Some(1), "Error: \"main failed\"\n"),
        "{ended:#?}"
    );
}

#[test]
fn exit_ends_the_process_from_any_goroutine() {
    let ended = prog("exit_in_goroutine");
    assert_eq!(
        (ended.code, &*ended.out, &*ended.err),
        (Some(3), "", ""),
        "{ended:#?}"
    );
}

#[test]
fn goexit_runs_the_destructors_of_its_goroutine_only() {
    prog("goexit_in_goroutine").well("deferred\ndropped by goexit\nmain returned\n");
}

#[test]
fn recover_does_not_stop_goexit() {
    prog("recover_does_not_stop_goexit").well("main returned\n");
}

#[test]
fn a_panic_being_printed_outlives_main() {
    let programs = [
        ("print_after_main_panics_elsewhere", ""),
        (
            "print_after_main_panics_in_group",
            " [recovered, repanicked]",
        ),
    ];
    for (program, how) in programs.into_iter().cycle().take(30) {
        let ended = prog(program);
        assert_eq!(ended.code, Some(2), "{ended:#?}");
        ended.says(&format!("panic: the last words{how}\n\ngoroutine "));
    }
}

#[test]
fn gomaxprocs_is_read_from_the_environment() {
    let procs = |value| {
        let ended = prog_with("gomaxprocs", &[("GOMAXPROCS", value)]);
        let (procs, cpus) = ended.out.lines().next().unwrap().split_once(' ').unwrap();
        assert_eq!((ended.code, &*ended.err), (Some(0), ""), "{ended:#?}");
        (
            procs.parse::<usize>().unwrap(),
            cpus.parse::<usize>().unwrap(),
        )
    };
    assert_eq!(procs("3").0, 3);
    assert_eq!(procs("1").0, 1);
    let (default, cpus) = procs("");
    assert!((1..=cpus).contains(&default));
    for ignored in ["abc", "0", "-4", "2x"] {
        assert_eq!(procs(ignored).0, default, "GOMAXPROCS={ignored}");
    }
}

#[test]
fn an_unhandled_signal_ends_the_process_by_that_signal() {
    for (signal, number) in [("TERM", signal::SIGTERM), ("INT", signal::SIGINT)] {
        if signal::ignored(number) {
            // As a shell starts what it puts into the background; the child inherits it.
            continue;
        }
        let mut child = start("busy").spawn().unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        let sent = Command::new("kill")
            .args(["-s", signal, &child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
        assert_eq!(child.wait().unwrap().signal(), Some(number.number()));
    }
}

fn busy_a_little(debug: &str, busy: Duration) -> Ended {
    let busy = busy.as_millis().to_string();
    let env = [("GODEBUG", debug), ("GOMAXPROCS", "2"), ("BUSY", &busy)];
    prog_with("busy_a_little", &env)
}

#[test]
fn schedtrace_prints_go_s_line() {
    let ended = in_time(Duration::from_millis(350), |busy| {
        let ended = busy_a_little("schedtrace=100", busy);
        (ended.err.matches("SCHED ").count() >= 2).then_some(ended)
    });
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    let lines: Vec<_> = ended
        .err
        .lines()
        .filter(|l| l.starts_with("SCHED "))
        .collect();
    let stamp =
        |line: &str| -> Option<u64> { line["SCHED ".len()..].split_once("ms:")?.0.parse().ok() };
    for pair in lines.windows(2) {
        let [earlier, later] = [pair[0], pair[1]].map(|line| stamp(line).expect("a stamp"));
        assert!(later - earlier >= 99, "{ended:#?}");
    }
    for part in [
        "ms: gomaxprocs=2 idleprocs=",
        " threads=",
        " runqueue=",
        " [",
    ] {
        assert!(lines[0].contains(part), "{ended:#?}");
    }
}

#[test]
fn scheddetail_adds_every_p_m_and_g() {
    let ended = in_time(Duration::from_millis(350), |busy| {
        let ended = busy_a_little("schedtrace=100,scheddetail=1", busy);
        // When it has come to that.
        let bound = ended.err.contains(" nmidlelocked=1 ");
        bound.then_some(ended)
    });
    ended
        .says("\n  P0: status=")
        .says("\n  P1: ")
        .says("\n  M0: ")
        .says("\n  G1: status=4(sleep) m=nil lockedm=nil\n")
        .says("\n  G2: status=4(sleep) m=nil lockedm=")
        .says(" lockedg=2\n")
        .says(" nmidlelocked=1 ");
}

/// A dump of everybody, with the frames of those who wait.
#[test]
fn sigquit_shows_every_goroutine() {
    if signal::ignored(signal::SIGQUIT) {
        // As a shell starts what it puts into the background; the child inherits it.
        return;
    }
    let ended = |level| {
        let mut child = start("all_wait").env("GOTRACEBACK", level).spawn().unwrap();
        let mut line = [0; 6];
        let out = child.stdout.as_mut().unwrap();
        out.read_exact(&mut line).unwrap();
        let id = child.id().to_string();
        let sent = Command::new("kill").args(["-s", "QUIT", &id]).status();
        assert!(sent.unwrap().success());
        let ended = wait(child).fatal("", "SIGQUIT: quit\nPC=0x");
        assert!(!ended.err.contains("PC=0x0 "), "{ended:#?}");
        ended
    };
    let none = ended("none");
    assert!(!none.err.contains("goroutine "), "{none:#?}");
    // What computes is stopped where it is, unless its thread waits for a processor for too long.
    eventually("what computes is stopped", || {
        let ended = ended("")
            .says("\ngoroutine 1 [sleep]:\n")
            .says("[chan receive]:\n")
            .says("wait_here(...)\n")
            .says("process/prog/ends.rs:")
            .says("[syscall]:\n")
            .says("\ncreated by goroutine 1\n");
        // One whose time slice is over may wait in line for the next.
        let computes = ["[running]:\n", "[runnable]:\n"];
        assert!(computes.iter().any(|c| ended.err.contains(c)), "{ended:#?}");
        ended.err.contains("computes_here(...)\n")
    });
}

/// `GODEBUG=tracebackancestors=N`: who started the one that died, and who started that one.
#[test]
fn ancestors_are_shown_if_asked_for() {
    let ended = prog_with("grandchild_panics", &[("GODEBUG", "tracebackancestors=5")]);
    let ended = ended.fatal("", "panic: the grandchild\n");
    let (parent, grandparent) = (
        "[originating from goroutine 2]:\n",
        "[originating from goroutine 1]:\n",
    );
    let at = |text| ended.err.find(text).unwrap_or_else(|| panic!("{ended:#?}"));
    assert!(at(parent) < at(grandparent), "{ended:#?}");
    assert!(
        ended.err[at(grandparent)..].contains("child_starts_a_child(...)\n"),
        "{ended:#?}"
    );
    let ended = prog_with("grandchild_panics", &[("GODEBUG", "tracebackancestors=1")]);
    assert!(
        ended.err.contains(parent) && !ended.err.contains(grandparent),
        "{ended:#?}"
    );
    assert!(!prog("grandchild_panics").err.contains("originating"));
}

#[test]
fn a_goroutine_outlives_the_one_that_started_it() {
    let lines = "the parent has ended\nthe child is alive\nmain returned\n";
    prog("child_outlives_parent").well(lines);
}

#[test]
fn main_ends_the_process_though_every_processor_is_taken() {
    for procs in ["1", "2"] {
        prog_with("hogs_do_not_keep_main", &[("GOMAXPROCS", procs)]).well("main returned\n");
    }
}

#[test]
fn an_abandoned_sender_ends_and_says_so_when_asked() {
    let out = "dropped by the abandoned sender\ngoexit: true\nmain returned\n";
    prog("abandoned_sender").well(out);
    let ended = prog_with("abandoned_sender", &[("GODEBUG", "abandon=1")]);
    assert_eq!((ended.code, &*ended.out), (Some(0), out), "{ended:#?}");
    ended.says("goroutine ");
}

#[test]
fn a_panic_on_a_plain_thread_stays_there() {
    let ended = prog("plain_thread_panics");
    assert_eq!(
        (ended.code, &*ended.out),
        (Some(0), "joined: true\nmain returned\n"),
        "{ended:#?}"
    );
    ended.says("thread '").says("on a plain thread");
}

#[test]
fn the_harness_sees_an_unknown_command() {
    let child = start("no such thing").spawn().unwrap();
    assert_eq!(wait(child).code, Some(1));
}
