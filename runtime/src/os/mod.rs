//! Files and pipes of the operating system (part of Go's package `os`).
//!
//! A file cannot be polled: reading one may block the thread for as long as a disk or a network
//! takes. [`File`] and the functions here bracket such calls
//! ([`runtime::blocking`](crate::runtime::blocking)), so other goroutines go on meanwhile. A
//! [`pipe`] can be polled; waiting for one suspends the goroutine alone. So does waiting for
//! [`stdout`] and [`stderr`] where they are a pipe, a socket or a terminal.
//!
//! # Suspends
//! Reading and writing a file: after a call that took long, if the processor was given away and none is
//! free.

mod file;
mod pipe;
mod stdio;

pub use file::{File, Stdin, read, read_to_string, stdin, write};
pub use pipe::{PipeReader, PipeWriter, pipe};
pub use stdio::{Stderr, StderrLock, Stdout, StdoutLock, stderr, stdout};
