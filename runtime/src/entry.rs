//! Where a program enters the runtime: `#[goroutine] fn main`, `#[goroutine] #[test]`, `run`.

use crate::g::flag;
use crate::join::Packet;
use crate::panic;
use crate::panic::hook;
use crate::sched::current_g;
use crate::sched::origin::Origin;
use crate::sched::{Options as SpawnOptions, spawn};
use crate::sched::{asleep, boot, fatal, procs, quit, root};
use crate::stack::arena;
use crate::switch::away;
use std::panic::Location;
use std::process::{ExitCode, Termination};

/// What `#[goroutine(stack = .., procs = ..)]` gives to `main` and tests.
#[doc(hidden)]
#[derive(Default)]
pub struct Options {
    /// Bytes of stack.
    pub stack: Option<usize>,
    /// GOMAXPROCS.
    pub procs: Option<usize>,
}

/// The main goroutine has as much room as any (virtual, like a thread's).
const MAIN_STACK: usize = 512 << 20;
/// And a test has more than a test's thread.
const TEST_STACK: usize = 64 << 20;

impl Options {
    /// What was asked for, or `default`, if the arena is not too small for that.
    fn class(&self, default: usize) -> Option<u8> {
        let bytes = self.stack.unwrap_or_else(|| default.min(arena::len() / 8));
        arena::class_for(bytes).or(Some(arena::CLASSES as u8 - 1))
    }

    fn apply(&self) {
        boot::ensure();
        if let Some(n) = self.procs {
            procs::gomaxprocs(n);
        }
    }
}

/// Runs `f` as goroutine 1 on this thread and ends the process when it returns: other goroutines are
/// cut off, their destructors do not run.
#[doc(hidden)]
#[track_caller]
pub fn main<R: Termination + 'static>(
    options: Options,
    f: impl FnOnce() -> R + Send + 'static,
) -> ! {
    options.apply();
    hook::install_quiet_hook();
    asleep::enable();
    quit::install();
    crate::trace::start_from_env();
    let spawn_options = SpawnOptions {
        class: options.class(MAIN_STACK),
        flags: flag::MAIN | flag::FIRST,
        ..SpawnOptions::new()
    };
    let main = move || {
        let code = f().report();
        crate::trace::stop();
        root::await_unwinding();
        exit(code)
    };
    let first = boot::first_m();
    spawn(main, spawn_options, Location::caller());
    boot::run_on_this_thread(first)
}

/// Ends the process as returning from `main` does.
fn exit(code: ExitCode) -> ! {
    // `ExitCode` has no stable way to its number except comparison.
    let number = (0..=u8::MAX).find(|&n| ExitCode::from(n) == code);
    fatal::exit(number.map_or(1, i32::from))
}

/// Runs a test as a goroutine; its panic fails that test only.
#[doc(hidden)]
#[track_caller]
pub fn test<R: Send>(options: Options, f: impl FnOnce() -> R + Send) -> R {
    options.apply();
    run_with(options.class(TEST_STACK), f)
}

/// Runs `f` as a goroutine and waits for it, from a plain thread (a test, a callback, a `main` that
/// is not a goroutine). From a goroutine it works too.
///
/// # Panics
/// With the panic of `f`, whose message the calling thread prints (so under `cargo test` it belongs to its
/// test), as it does for the goroutines that `f` starts; with `goroutine exited` if `f` ended by [`goexit`](crate::runtime::goexit).
///
/// # Suspends
/// When called from a goroutine.
///
/// # Examples
/// ```
/// use goroutines::{make, go, runtime};
///
/// let sum = runtime::run(|| {
///     let ch = make!(chan i32);
///     go!([tx = ch.sender()], move || tx.send(40));
///     ch.recv().unwrap() + 2
/// });
/// assert_eq!(sum, 42);
/// ```
#[track_caller]
pub fn run<R: Send>(f: impl FnOnce() -> R + Send) -> R {
    boot::ensure();
    run_with(None, f)
}

#[track_caller]
fn run_with<R: Send, F: FnOnce() -> R + Send>(class: Option<u8>, f: F) -> R {
    panic::before_block();
    hook::install_hook();
    let packet = Packet::new();
    // A plain thread shows the panics of the goroutines that it waits for.
    let origin = current_g().is_none().then(|| Origin::new::<F>());
    let task = {
        let (packet, origin) = (&packet, origin.clone());
        move || {
            let unjoined = packet.run(f);
            debug_assert!(unjoined.is_none(), "joined below");
            if let Some(origin) = origin {
                origin.end();
            }
        }
    };
    let task: Box<dyn FnOnce() + Send + '_> = Box::new(task);
    // SAFETY: the closure borrows `packet` and what `f` borrows; we do not return before it has
    // finished, `wait` cannot unwind, and `run` touches the packet last under its lock. (`end` comes
    // later, but `origin` is counted.)
    let task: Box<dyn FnOnce() + Send + 'static> = unsafe { std::mem::transmute(task) };
    let options = SpawnOptions {
        class,
        flags: flag::FIRST,
        origin: origin.as_ref().map_or(0, |origin| origin.id()),
        ..SpawnOptions::new()
    };
    spawn(task, options, Location::caller());
    if let Some(origin) = origin {
        origin.wait();
    }
    let waited = {
        let _away = away();
        packet.wait()
    };
    match waited {
        Ok(r) => r,
        Err(p) if p.is::<panic::Goexit>() => panic!("goroutine exited"),
        Err(p) => panic::unwind_again(p),
    }
}
