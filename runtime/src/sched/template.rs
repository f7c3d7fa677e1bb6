//! The template thread, which starts the threads of all Ms (Go's `startTemplateThread`).
//!
//! A new thread inherits much of the one that starts it: the signal mask, the scheduling policy, after
//! `unshare` the working directory and the namespaces, and what libtest has told std of where output
//! goes. The goroutine that needs another M may be locked to its thread just because it has changed such
//! things, and a plain thread may have any state. So threads are started only from here: a thread that is
//! made at boot, runs nobody's code, and is not one of std's, which would hand on the captured output.
//!
//! While goroutines are paused it also watches sysmon, so that there is somebody who needs nothing that
//! they may hold.
//!
//! An M without a thread waits in a list; it owns its P from the beginning, as one that was woken does. If
//! the system refuses the thread, the P goes idle, the work stays in the queues, and sysmon [tries
//! again](retry) until it is granted. Only when nothing else has run for [`PATIENCE`], or there is no thread
//! at all, the process dies, with Go's words.

use super::global::SCHED;
use super::m::M;
use super::{dump, fatal, find, idle, pause, quit, run, sysmon};
use crate::stack::overflow;
use crate::sys::{clock::nanotime, futex, thread};
use std::ffi::c_void;
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicI32, AtomicI64, AtomicPtr, AtomicU32, Ordering};
use std::time::Duration;

/// Threads of the runtime that are no Ms: this one and sysmon.
pub(crate) const THREADS: usize = 2;

/// For so long (in nanoseconds) a thread may be refused while nothing can run without it.
const PATIENCE: i64 = if cfg!(test) {
    300_000_000
} else {
    10_000_000_000
};

/// How often it looks whether sysmon is stuck, while goroutines are paused.
const WATCH: Duration = Duration::from_millis(10);

/// A dying process's report takes no longer than this.
const REPORT: Duration = Duration::from_secs(20);

/// Ms that wait for their thread, linked by `idle_link`.
static WANTED: AtomicPtr<M> = AtomicPtr::new(ptr::null_mut());
/// Raised with each.
static NOTE: AtomicU32 = AtomicU32::new(0);
/// Since when threads have been refused, by the monotonic clock; 0 = they are not. And why.
static REFUSED: AtomicI64 = AtomicI64::new(0);
static ERRNO: AtomicI32 = AtomicI32::new(0);

/// Starts it, and it starts sysmon; at boot.
pub(crate) fn start() {
    sysmon::prepare();
    if let Err(e) = thread::start(main) {
        die(&e);
    }
}

extern "C" fn main(_: *mut c_void) -> *mut c_void {
    thread::set_name(c"template");
    if let Err(e) = sysmon::start() {
        die(&e);
    }
    loop {
        let note = NOTE.load(Ordering::Acquire);
        if let Some(o) = overflow::asked() {
            dump::report_overflow(o);
        }
        // Acquire: pairs with the Release in `want`.
        let mut next = WANTED.swap(ptr::null_mut(), Ordering::Acquire);
        if next.is_null() {
            let watches = pause::anybody_in_line();
            let patience = if quit::dying() {
                Some(REPORT)
            } else {
                watches.then_some(WATCH)
            };
            let begin = nanotime();
            futex::wait(&NOTE, note, patience);
            if patience == Some(REPORT) && nanotime() - begin >= REPORT.as_nanos() as i64 {
                quit::give_up();
            }
            if watches && sysmon::is_stuck() {
                pause::relieve();
            }
        }
        // SAFETY: null or an M; Ms are never freed.
        while let Some(m) = unsafe { next.as_ref() } {
            next = m.idle_link.load(Ordering::Relaxed);
            if let Err(e) = run::spawn_thread(m) {
                refused(m, &e);
            }
        }
    }
}

/// There is somebody in line from now on: watches sysmon, which may come to need what a paused goroutine
/// holds, an allocator's lock, say.
pub(crate) fn watch() {
    wake();
}

/// Has it come round once. Async-signal-safe.
pub(crate) fn wake() {
    NOTE.fetch_add(1, Ordering::Release);
    futex::wake(&raw const NOTE);
}

/// Has a thread made for `m`, which has its P in `next_p` and is counted in `SCHED.threads`.
pub(crate) fn want(m: &'static M) {
    let raw = ptr::from_ref(m).cast_mut();
    let mut head = WANTED.load(Ordering::Relaxed);
    loop {
        m.idle_link.store(head, Ordering::Relaxed);
        match WANTED.compare_exchange(head, raw, Ordering::Release, Ordering::Relaxed) {
            Ok(_) => break,
            Err(now) => head = now,
        }
    }
    NOTE.fetch_add(1, Ordering::Release);
    futex::wake(&raw const NOTE);
}

/// A thread has been granted.
pub(crate) fn granted() {
    if REFUSED.load(Ordering::Relaxed) != 0 {
        REFUSED.store(0, Ordering::Relaxed);
    }
}

/// There is no thread for `m`, for want of something that the system may have again later.
pub(crate) fn refused(m: &'static M, e: &io::Error) {
    let p = m.next_p.swap(ptr::null_mut(), Ordering::Relaxed);
    let spinning = m.spinning.get();
    if SCHED.threads.load(Ordering::SeqCst) == 1 {
        die(e);
    }
    m.retire();
    ERRNO.store(e.raw_os_error().unwrap_or(0), Ordering::Relaxed);
    // Relaxed: only sysmon acts on it, and comes again.
    let _ = REFUSED.compare_exchange(0, nanotime(), Ordering::Relaxed, Ordering::Relaxed);
    // SAFETY: stored by who made the M, and nobody's since.
    idle::no_thread(unsafe { &*p }, spinning);
}

/// Is a thread wanted that was refused? Then sysmon must come by.
pub(crate) fn is_refused() -> bool {
    REFUSED.load(Ordering::Relaxed) != 0
}

/// sysmon's part: asks again for a thread that was refused, if there is still work for it.
pub(crate) fn retry(now: i64) {
    let since = REFUSED.load(Ordering::Relaxed);
    if since == 0 {
        return;
    }
    if !find::work_in_sight() {
        return REFUSED.store(0, Ordering::Relaxed);
    }
    if !sysmon::all_idle() {
        // Others run, and may come to it.
        REFUSED.store(now, Ordering::Relaxed);
    } else if now - since > PATIENCE {
        die(&io::Error::from_raw_os_error(ERRNO.load(Ordering::Relaxed)));
    }
    idle::wakep();
}

#[cold]
fn die(e: &io::Error) -> ! {
    let have = SCHED.threads.load(Ordering::SeqCst);
    let errno = e.raw_os_error().unwrap_or(0);
    let mut head =
        format!("runtime: failed to create new OS thread (have {have} already; errno={errno})\n");
    if e.kind() == io::ErrorKind::WouldBlock {
        head += "runtime: may need to increase max user processes (ulimit -u)\n";
    }
    fatal::die(&(head + "fatal error: newosproc\n"), dump::Who::Current)
}
