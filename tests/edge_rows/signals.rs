//! What a context of signals prints, and what children inherit.

use goroutines::context;
use goroutines::prelude::*;
use goroutines::signal::{self, SIGUSR1, SIGUSR2};
use goroutines::sync::Mutex;
#[cfg(target_os = "linux")]
use goroutines::{
    process,
    signal::{SIGCHLD, SIGTERM, Signal},
};

#[goroutine]
#[test]
fn a_context_of_signals_prints_as_in_go() {
    let _one = ONE.lock();
    let (all, stop_all) = signal::notify_context(&context::todo(), &[]);
    assert_eq!(all.to_string(), "signal.NotifyContext(context.TODO)");
    stop_all();
    let (ctx, stop) = signal::notify_context(&context::background(), &[SIGUSR1, SIGUSR2]);
    let name = "signal.NotifyContext(context.Background, \
                [user defined signal 1 user defined signal 2])";
    assert_eq!(ctx.to_string(), name);
    let (child, _cancel) = context::with_cancel(&ctx);
    assert_eq!(child.to_string(), format!("{name}.WithCancel"));
    let (inner, stop_inner) = signal::notify_context(&child, &[SIGUSR1]);
    let outer = format!("signal.NotifyContext({name}.WithCancel, [user defined signal 1])");
    assert_eq!(inner.to_string(), outer);
    stop_inner();
    assert!(child.err().is_none());
    stop();
    assert!(inner.err().is_some() && child.err().is_some());
    assert_eq!(
        context::cause(&ctx).unwrap().to_string(),
        "context canceled"
    );
}

/// One process, one set of dispositions.
static ONE: Mutex<()> = Mutex::new(());

/// Does a child ignore `signal`?
#[cfg(target_os = "linux")]
fn child_ignores(signal: Signal) -> bool {
    let mut command = process::Command::new("grep");
    command.args(["SigIgn", "/proc/self/status"]);
    let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let mask = text.trim().rsplit('\t').next().unwrap();
    u64::from_str_radix(mask, 16).unwrap() >> (signal.number() - 1) & 1 != 0
}

#[cfg(target_os = "linux")]
#[goroutine]
#[test]
fn children_ignore_what_is_ignored_here() {
    let _one = ONE.lock();
    assert!(!child_ignores(SIGUSR1));
    signal::ignore(&[SIGUSR1]);
    assert!(child_ignores(SIGUSR1) && signal::ignored(SIGUSR1));
    signal::raise(SIGUSR1).unwrap();
    // From ignored to wanted and back, on the way through our handler.
    let rx = signal::notify(&[SIGUSR1]);
    assert!(!child_ignores(SIGUSR1) && !signal::ignored(SIGUSR1));
    signal::raise(SIGUSR1).unwrap();
    assert_eq!(rx.recv(), Some(SIGUSR1));
    signal::ignore(&[SIGUSR1]);
    assert_eq!(rx.recv(), None);
    assert!(child_ignores(SIGUSR1));
    signal::raise(SIGUSR1).unwrap();
    signal::reset(&[SIGUSR1]);
    assert!(!child_ignores(SIGUSR1) && !signal::ignored(SIGUSR1));
}

/// Children are waited for whatever is ignored.
#[cfg(target_os = "linux")]
#[goroutine]
#[test]
fn all_can_be_ignored() {
    let _one = ONE.lock();
    signal::ignore(&[]);
    assert!(signal::ignored(SIGTERM) && signal::ignored(SIGCHLD));
    assert!(child_ignores(SIGTERM) && !child_ignores(SIGCHLD));
    signal::raise(SIGTERM).unwrap();
    signal::reset(&[]);
    assert!(!child_ignores(SIGTERM) && !signal::ignored(SIGTERM));
}
