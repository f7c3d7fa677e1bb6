//! Go's package `runtime`: talking to the scheduler.

use crate::g::flag;
use crate::panic;
use crate::sched::state::beside;
use crate::sched::{SCHED, boot, current_g, goroutines, lineage, os_thread, preempt, procs};
use std::sync::atomic::Ordering;

pub use crate::entry::run;
pub use crate::metrics::{Metrics, metrics};
pub use crate::nosuspend::NoSuspend;
pub use crate::panic::Goexit;
pub use crate::sched::grow::RED_ZONE;

/// Sets how many goroutines may run at once, and returns the old number; 0 only reads. Go's
/// `runtime.GOMAXPROCS`.
///
/// The default is the number of processors that the process may use, the cgroup's quota included;
/// the environment variable `GOMAXPROCS` overrides it. At most 4,096. A smaller number takes effect
/// as goroutines give way, within about 10 ms.
///
/// While nothing has set the number it follows changes of the process's affinity and quota, which are
/// looked at once a second. `GODEBUG=updatemaxprocs=0` turns that off, `GODEBUG=containermaxprocs=0`
/// leaves the quota out. [`set_default_gomaxprocs`] brings the default back.
///
/// # Examples
/// ```
/// use goroutines::runtime;
/// let old = runtime::gomaxprocs(1);
/// assert_eq!(runtime::gomaxprocs(old), 1);
/// ```
pub fn gomaxprocs(n: usize) -> usize {
    boot::ensure();
    procs::gomaxprocs(n)
}

/// Sets the number of goroutines that may run at once to its default, as it is now, and lets it follow
/// changes from now on. Go's `runtime.SetDefaultGOMAXPROCS`.
///
/// # Examples
/// ```
/// use goroutines::runtime;
/// runtime::gomaxprocs(100);
/// runtime::set_default_gomaxprocs();
/// assert!(runtime::gomaxprocs(0) <= runtime::num_cpu());
/// ```
pub fn set_default_gomaxprocs() {
    boot::ensure();
    procs::set_default();
}

/// How many processors the process may run on, fixed at its start. Go's `runtime.NumCPU`.
///
/// # Examples
/// ```
/// assert!(goroutines::runtime::num_cpu() >= 1);
/// ```
#[must_use]
pub fn num_cpu() -> usize {
    crate::sys::thread::num_cpu()
}

/// How many goroutines exist, blocked ones included. Go's `runtime.NumGoroutine`.
///
/// # Examples
/// ```
/// use goroutines::runtime;
/// assert_eq!(runtime::run(runtime::num_goroutine), 1);
/// ```
#[must_use]
pub fn num_goroutine() -> usize {
    SCHED.goroutines() as usize
}

/// Lets others run: the goroutine goes to the end of the global queue. Go's `runtime.Gosched`.
///
/// # Suspends
/// Always, on a goroutine. On a plain thread it is [`std::thread::yield_now`].
///
/// # Examples
/// ```
/// use goroutines::{go, runtime};
/// use std::sync::{Arc, atomic::{AtomicBool, Ordering}};
///
/// let set = Arc::new(AtomicBool::new(false));
/// go!([set], set.store(true, Ordering::Relaxed));
/// while !set.load(Ordering::Relaxed) {
///     runtime::gosched();
/// }
/// ```
pub fn gosched() {
    panic::before_block();
    crate::sched::gosched();
}

/// Gives way if the scheduler has asked for it, for example because the goroutine has run for 10 ms
/// while others wait. Put it into long loops of plain functions; a `#[goroutine]` function needs none.
///
/// # Suspends
/// If it was asked to.
///
/// # Examples
/// ```
/// let mut sum = 0u64;
/// for n in 0..100_000 {
///     sum = sum.wrapping_add(n);
///     goroutines::runtime::checkpoint();
/// }
/// assert_eq!(sum, 4_999_950_000);
/// ```
#[inline]
pub fn checkpoint() {
    preempt::checkpoint();
}

/// Ends the calling goroutine: deferred code and destructors run, and nothing can stop it. Go's
/// `runtime.Goexit`.
///
/// In the main goroutine the program goes on without it, and dies of
/// `fatal error: no goroutines (main called runtime.Goexit) - deadlock!` when all others have ended.
///
/// # Examples
/// ```
/// use goroutines::runtime;
/// let h = goroutines::spawn(|| runtime::goexit());
/// assert!(h.join().unwrap_err().is::<runtime::Goexit>());
/// ```
pub fn goexit() -> ! {
    panic::goexit()
}

/// Binds the calling goroutine to its thread, which runs nothing else until
/// [`unlock_os_thread`] was called as often. A goroutine that ends while bound takes its thread with
/// it. What the goroutine changes of its thread (after `unshare` its working directory, its signal mask)
/// no other thread inherits. Go's `runtime.LockOSThread`.
///
/// The main goroutine of `#[goroutine] fn main` is bound to the process's first thread, for the libraries that
/// work on that one only. It runs on others until then.
///
/// # Suspends
/// The main goroutine, when it is bound: it goes over to the first thread. Others stay where they are.
///
/// # Examples
/// ```
/// use goroutines::runtime;
/// runtime::run(|| {
///     runtime::lock_os_thread();
///     let thread = std::thread::current().id();
///     runtime::gosched();
///     assert_eq!(std::thread::current().id(), thread);
///     runtime::unlock_os_thread();
/// });
/// ```
pub fn lock_os_thread() {
    os_thread::lock();
}

/// Undoes one [`lock_os_thread`], which shows an example. Go's `runtime.UnlockOSThread`.
pub fn unlock_os_thread() {
    os_thread::unlock();
}

/// Runs `f`, which may block its thread (a system call, a C library, a file), so that other
/// goroutines are not kept waiting: after 20 us sysmon gives the processor to another thread.
///
/// Without it sysmon has to find out that the thread blocks: half a millisecond at the earliest, up to
/// 20 ms if it has been resting. On a plain thread it just runs `f`.
///
/// # Suspends
/// After `f`, if the processor was given away and none is free.
///
/// # Examples
/// ```
/// use goroutines::runtime;
/// let n = runtime::blocking(|| std::fs::read_to_string("/etc/hostname").map_or(0, |s| s.len()));
/// # let _ = n;
/// ```
pub fn blocking<R>(f: impl FnOnce() -> R) -> R {
    crate::sched::blocking(f)
}

/// The calling goroutine's number; 0 on a plain thread. Go shows it only in dumps.
///
/// # Examples
/// ```
/// use goroutines::runtime;
/// assert_eq!(runtime::goid(), 0); // a plain thread
/// assert!(runtime::run(runtime::goid) > 0);
/// ```
#[must_use]
pub fn goid() -> u64 {
    current_g().map_or(0, |g| g.id.load(Ordering::Relaxed))
}

/// The calling goroutine's name, if [`Builder::name`](crate::Builder::name) gave it one: for logs and panic
/// hooks.
///
/// # Examples
/// ```
/// use goroutines::{Builder, runtime};
/// let named = Builder::new().name("parser").spawn(runtime::goroutine_name);
/// assert_eq!(named.join().unwrap().as_deref(), Some("parser"));
/// assert_eq!(runtime::goroutine_name(), None); // a plain thread
/// ```
#[must_use]
pub fn goroutine_name() -> Option<String> {
    let g = current_g().filter(|g| g.has(flag::NAMED))?;
    beside::get(g.id.load(Ordering::Relaxed), |b| b.name.clone())
}

/// Has `leave` called whenever a goroutine is about to leave its thread, and `enter` when it goes on, on that
/// or another one: for code whose state is in thread-locals and is to follow the goroutine (a log's context,
/// OpenTelemetry, labels). Both run on the goroutine itself, so [`goroutine_local!`](crate::goroutine_local) is the
/// place to keep the state meanwhile. Several pairs are left in reverse order.
///
/// It cannot be undone, and holds for the caller and for goroutines that are started afterwards: register first.
/// Entered spans of `tracing` need no hooks, but the feature `tracing`.
///
/// They are called around what has a `# Suspends` section, when that has to wait (now and then also when it
/// finds, at last, that it need not), and not when a goroutine is merely preempted, for then it keeps its
/// thread. They should not suspend; their panics are dropped. Without hooks, suspending costs what it did.
///
/// # Examples
/// ```
/// use goroutines::{goroutine_local, runtime, time};
/// use std::cell::Cell;
///
/// // Of some crate that knows threads only.
/// thread_local! { static USER: Cell<u32> = const { Cell::new(0) } }
/// // Where it is kept meanwhile.
/// goroutine_local! { static LEFT: Cell<u32> = Cell::new(0) }
///
/// runtime::on_switch(
///     || LEFT.with(|left| left.set(USER.take())),
///     || LEFT.with(|left| USER.set(left.take())),
/// );
/// goroutines::scope(|s| {
///     for user in 1..100 {
///         s.go(move || {
///             USER.set(user);
///             time::sleep(time::MILLISECOND);
///             assert_eq!(USER.take(), user);
///         });
///     }
/// });
/// ```
pub fn on_switch(
    leave: impl Fn() + Send + Sync + 'static,
    enter: impl Fn() + Send + Sync + 'static,
) {
    crate::switch::add(Box::new(leave), Box::new(enter));
}

/// Runs `f` with labels on the calling goroutine, on top of those that it has, and gives them to the goroutines
/// that it starts meanwhile. Dumps show them: `goroutine 7 [chan receive] {tenant: blue}:`. On a plain
/// thread it just runs `f`. Go's `pprof.Do` with `pprof.Labels`.
///
/// # Examples
/// ```
/// use goroutines::{runtime, spawn};
///
/// runtime::run(|| {
///     runtime::with_labels(&[("tenant", "blue")], || {
///         let child = spawn(|| runtime::label("tenant"));
///         assert_eq!(child.join().unwrap().as_deref(), Some("blue"));
///     });
///     assert_eq!(runtime::label("tenant"), None);
/// });
/// ```
pub fn with_labels<R>(labels: &[(&str, &str)], f: impl FnOnce() -> R) -> R {
    match current_g() {
        Some(g) => lineage::with_labels(g, labels, f),
        None => f(),
    }
}

/// The value of one of the calling goroutine's [labels](with_labels). Go's `pprof.Label`.
///
/// # Examples
/// ```
/// # use goroutines::runtime;
/// assert_eq!(runtime::label("tenant"), None); // a plain thread has none
/// ```
#[must_use]
pub fn label(key: &str) -> Option<String> {
    lineage::labels(current_g()?)?.get(key).cloned()
}

/// The calling goroutine's stack as text, in Go's format. Go's `debug.Stack`.
///
/// # Examples
/// ```
/// use goroutines::runtime;
/// assert!(runtime::run(runtime::stack).starts_with("goroutine "));
/// ```
#[must_use]
pub fn stack() -> String {
    goroutines::stack()
}

/// Every goroutine as text: its number, what it does, for how many minutes, where it was made. Go's
/// `runtime.Stack(buf, true)`.
///
/// # Examples
/// ```
/// use goroutines::runtime;
/// assert!(runtime::run(runtime::stack_all).contains("[running]:"));
/// ```
#[must_use]
pub fn stack_all() -> String {
    goroutines::stack_all()
}

/// The crate's version, as `goroutines 0.1.0`.
///
/// # Examples
/// ```
/// assert!(goroutines::runtime::version().starts_with("goroutines "));
/// ```
#[must_use]
pub fn version() -> &'static str {
    concat!("goroutines ", env!("CARGO_PKG_VERSION"))
}
