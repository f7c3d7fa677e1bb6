//! Starting other programs and waiting for them (Go's package `os/exec`).
//!
//! [`Command`] and [`Child`] have the names and methods of std's types. Waiting for a process and
//! talking to it suspend the goroutine: a thousand running children need no thread.

mod child;
mod command;
mod pipe;
mod watch;

pub use child::Child;
pub use command::Command;
pub use pipe::{ChildStderr, ChildStdin, ChildStdout};
pub use std::process::{ExitCode, ExitStatus, Output, Stdio, abort, exit, id};

use std::fmt;

/// A process has succeeded, but what it started kept its pipes open for longer than
/// [`Command::wait_delay`] allows (Go's `exec.ErrWaitDelay`).
#[derive(Debug)]
#[non_exhaustive]
pub struct WaitDelayExpired {
    /// What had come until then.
    pub output: Output,
}

impl fmt::Display for WaitDelayExpired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("exec: WaitDelay expired before I/O complete")
    }
}

impl std::error::Error for WaitDelayExpired {}
