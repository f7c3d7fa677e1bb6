//! Goroutines that end because all receivers of the channel they send to have gone.

use crate::g::flag;
use crate::panic;
use crate::sched::state::godebug;
use crate::sched::state::m::current_g;
use std::sync::atomic::{AtomicU64, Ordering};

static COUNT: AtomicU64 = AtomicU64::new(0);

/// How many there were.
pub(crate) fn count() -> u64 {
    COUNT.load(Ordering::Relaxed)
}

/// A send that can never finish: the goroutine ends like `goexit`, as a process writing to a pipe
/// without readers ends by SIGPIPE. The main goroutine and plain threads panic instead. Not to be
/// called while unwinding.
///
/// # Panics
/// `send on channel without receivers`.
#[cold]
#[inline(never)]
pub(crate) fn end_sender() -> ! {
    match current_g() {
        Some(g) if !g.has(flag::MAIN) => {
            COUNT.fetch_add(1, Ordering::Relaxed);
            if godebug::number("abandon") == Some(1) {
                eprintln!(
                    "goroutine {} ended: send on channel without receivers",
                    g.id.load(Ordering::Relaxed)
                );
            }
            panic::goexit()
        }
        _ => panic!("send on channel without receivers"),
    }
}
