//! What is waited for when a child should be gone.

use goroutines::context::{self, ContextError};
use goroutines::prelude::*;
use goroutines::process::{Command, Stdio, WaitDelayExpired};
use goroutines::signal::SIGTERM;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::time::Duration;
use tests::in_time;

const SHORT: Duration = Duration::from_millis(20);
/// Longer than any test may take.
const FAR: Duration = Duration::from_secs(3600);

fn sh(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

/// A process that goes, but whose own child keeps the pipe.
#[goroutine]
#[test]
fn pipes_that_stay_open() {
    // What is not read by then is lost.
    in_time(SHORT, |delay| {
        let left = "sleep 600 & echo $!; echo err >&2";
        let e = sh(left).wait_delay(delay).output().unwrap_err();
        assert_eq!(e.to_string(), "exec: WaitDelay expired before I/O complete");
        let late: WaitDelayExpired = *e.into_inner().unwrap().downcast().unwrap();
        assert!(late.output.status.success());
        end(&late.output.stdout)?;
        (late.output.stderr == b"err\n").then_some(())
    });
    // The process's own failure is more important.
    in_time(SHORT, |delay| {
        let failing = "sleep 600 & echo $!; exit 3";
        let output = sh(failing).wait_delay(delay).output().unwrap();
        assert_eq!(output.status.code(), Some(3));
        end(&output.stdout)
    });
    // Nobody keeps it: the delay does not matter.
    let output = sh("echo all").wait_delay(FAR).output().unwrap();
    assert_eq!(output.stdout, b"all\n");
}

/// Ends the process whose number was printed, if it was.
fn end(printed: &[u8]) -> Option<()> {
    let pid: u32 = str::from_utf8(printed).ok()?.trim().parse().ok()?;
    sh(&format!("kill {pid}")).status().unwrap();
    Some(())
}

#[goroutine]
#[test]
fn one_that_ignores_the_signal_is_killed() {
    let (ctx, cancel) = context::with_cancel(&context::background());
    let mut command = sh("trap '' TERM; echo ready; while :; do sleep 0.01; done");
    command
        .context(&ctx)
        .cancel_signal(SIGTERM)
        .wait_delay(SHORT);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    child
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut [0; 6])
        .unwrap();
    cancel();
    let e = child.wait().unwrap_err();
    assert_eq!(e.to_string(), "context canceled");
    // The status is still known.
    assert_eq!(child.try_wait().unwrap().unwrap().signal(), Some(9));
}

#[goroutine]
#[test]
fn one_that_heeds_the_signal_may_finish() {
    let (ctx, cancel) = context::with_cancel(&context::background());
    let mut command = sh("trap 'exit 0' TERM; echo ready; while :; do sleep 0.01; done");
    command.context(&ctx).cancel_signal(SIGTERM).wait_delay(FAR);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    child
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut [0; 6])
        .unwrap();
    cancel();
    // As in Go: whatever it says, it may have been cut short.
    let e = child.wait().unwrap_err();
    let e = e.get_ref().unwrap().downcast_ref::<ContextError>();
    assert_eq!(e, Some(&ContextError::Canceled));
    assert!(child.try_wait().unwrap().unwrap().success());
}

/// One that has ended by itself is not said to have been cancelled.
#[goroutine]
#[test]
fn a_context_that_comes_too_late() {
    let (ctx, cancel) = context::with_cancel(&context::background());
    let mut child = sh("exit 5")
        .context(&ctx)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // The end of its output is the end of it, but for a moment; then it waits to be waited for.
    child
        .stdout
        .as_mut()
        .unwrap()
        .read_to_end(&mut Vec::new())
        .unwrap();
    let ended = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
        stat.contains(") Z ")
    };
    if cfg!(target_os = "linux") {
        tests::eventually("it has ended", ended);
        cancel();
    }
    assert_eq!(child.wait().unwrap().code(), Some(5));
}
