//! Threads that the system refuses.
//!
//! The P of the M goes idle, the work stays in the queues, and sysmon [tries again](retry) until a thread is
//! granted. Only when nothing else has run for [`PATIENCE`], or there is no thread at all, the process
//! dies, with Go's words.

use super::sleep;
use crate::sched::state::fatal;
use crate::sched::state::free_m::FreeM;
use crate::sched::state::level::Who;
use crate::sched::state::sched::SCHED;
use crate::sched::wake::idle;
use crate::sys::clock::nanotime;
use std::io;
use std::sync::atomic::{AtomicI32, AtomicI64, Ordering};

/// How long (in nanoseconds) a thread may be refused while nothing can run without it.
const PATIENCE: i64 = if cfg!(test) {
    300_000_000
} else {
    10_000_000_000
};

/// Since when threads have been refused, by the monotonic clock (0: they are not), and why.
static REFUSED: AtomicI64 = AtomicI64::new(0);
static ERRNO: AtomicI32 = AtomicI32::new(0);

/// A thread has been granted.
pub(crate) fn granted() {
    if REFUSED.load(Ordering::Relaxed) != 0 {
        REFUSED.store(0, Ordering::Relaxed);
    }
}

/// There is no thread for `m`, for want of something that the system may have again later.
/// (A home keeps it, and says so to the next who posts.)
pub(crate) fn refused(m: FreeM, e: &io::Error) {
    let p = m.take_left_p();
    let spinning = m.is_spinning();
    if SCHED.threads() == 1 {
        die(e);
    }
    if m.home.is_one() {
        while let Some(g) = m.home.take_refused() {
            SCHED.put(g);
        }
    } else {
        m.retire();
    }
    ERRNO.store(e.raw_os_error().unwrap_or(0), Ordering::Relaxed);
    // Relaxed: only sysmon acts on it, and comes again.
    let _ = REFUSED.compare_exchange(0, nanotime(), Ordering::Relaxed, Ordering::Relaxed);
    idle::no_thread(p.expect("made for a P"), spinning);
}

/// Is a refused thread still wanted? Then sysmon must come by.
pub(crate) fn is_refused() -> bool {
    REFUSED.load(Ordering::Relaxed) != 0
}

/// sysmon's part: asks again for a thread that was refused, if there is still work for it.
pub(crate) fn retry(now: i64) {
    let since = REFUSED.load(Ordering::Relaxed);
    if since == 0 {
        return;
    }
    if !sleep::work_in_sight() {
        return REFUSED.store(0, Ordering::Relaxed);
    }
    if !SCHED.all_idle() {
        // Others run, and may come to it.
        REFUSED.store(now, Ordering::Relaxed);
    } else if now - since > PATIENCE {
        die(&io::Error::from_raw_os_error(ERRNO.load(Ordering::Relaxed)));
    }
    idle::wakep();
}

#[cold]
pub(crate) fn die(e: &io::Error) -> ! {
    let have = SCHED.threads();
    let errno = e.raw_os_error().unwrap_or(0);
    let mut head =
        format!("runtime: failed to create new OS thread (have {have} already; errno={errno})\n");
    if e.kind() == io::ErrorKind::WouldBlock {
        head += "runtime: may need to increase max user processes (ulimit -u)\n";
    }
    fatal::die(&(head + "fatal error: newosproc\n"), Who::Current)
}
