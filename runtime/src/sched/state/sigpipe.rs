//! Writing to a standard stream whose reader has gone: the process dies of SIGPIPE, quietly, as Go's do and
//! as every filter of a pipeline should. On other descriptors such a write is an error.
//!
//! std ignores SIGPIPE from the start, so nothing comes by itself. Code of ours that writes to descriptor
//! 1 or 2 asks here ([`check`]); `println!` panics instead, and the hook asks ([`check_panic`]).

use super::fatal;
use crate::sys::signal;
use std::io;
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};

/// The program has asked for SIGPIPE, or to ignore it: then the write is an error here too.
static KEPT: AtomicBool = AtomicBool::new(false);

/// Does the program receive SIGPIPE, or ignore it on purpose?
pub(crate) fn keep(kept: bool) {
    KEPT.store(kept, Ordering::Relaxed);
}

/// A write to a standard stream has failed with `e`.
pub(crate) fn check(e: &io::Error) {
    if e.kind() == io::ErrorKind::BrokenPipe {
        die();
    }
}

/// Is this std's panic of a `println!` or `eprintln!` to a broken pipe?
pub(crate) fn check_panic(info: &PanicHookInfo<'_>, message: &str) {
    let by_std = |file: &str| file.ends_with("std/src/io/stdio.rs");
    if message.starts_with("failed printing to std")
        && message.ends_with(&io::Error::from_raw_os_error(signal::EPIPE).to_string())
        && info.location().is_some_and(|at| by_std(at.file()))
    {
        die();
    }
}

fn die() {
    if !KEPT.load(Ordering::Relaxed) {
        fatal::claim();
        signal::die_of_sigpipe();
    }
}
