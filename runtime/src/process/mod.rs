//! Starting other programs and waiting for them (Go's package `os/exec`).
//!
//! [`Command`] and [`Child`] have the names and methods of std's types. Waiting for a process and
//! talking to it suspend the goroutine: a thousand running children need no thread.

mod child;
mod command;
mod pipe;

pub use child::Child;
pub use command::Command;
pub use pipe::{ChildStderr, ChildStdin, ChildStdout};
pub use std::process::{ExitCode, ExitStatus, Output, Stdio, abort, exit, id};
