//! Behaviours of Go's own tests of channels, select and time, written anew: the same situation, the
//! same outcome. What had to be adapted is said in the test's doc line.
//!
//! They run in a process of their own because they change GOMAXPROCS: [`at_all_procs`].

mod basic;
mod closed;
mod model;
mod powser;
mod programs;
mod race;
mod select;
mod time;
mod typeparam;

use goroutines::runtime;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// One test at a time: GOMAXPROCS belongs to all.
static ONE: Mutex<()> = Mutex::new(());

/// Runs `f` as a goroutine, with 1, 2, 4 and 16 Ps in turn.
fn at_all_procs(f: impl Fn() + Sync) {
    at_procs(&[1, 2, 4, 16], f);
}

/// Runs `f` as a goroutine with each of these numbers of Ps. A run that takes a minute is stuck: what
/// everybody waits for is printed, and the process ends.
fn at_procs(procs: &[usize], f: impl Fn() + Sync) {
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let before = runtime::gomaxprocs(0);
    for &n in procs {
        runtime::gomaxprocs(n);
        let done = Arc::new(AtomicBool::new(false));
        let watch = done.clone();
        let watchdog = std::thread::spawn(move || {
            std::thread::park_timeout(Duration::from_secs(60));
            if !watch.load(Ordering::SeqCst) {
                eprintln!("stuck with GOMAXPROCS={n}\n{}", runtime::stack_all());
                std::process::abort();
            }
        });
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| runtime::run(&f)));
        done.store(true, Ordering::SeqCst);
        watchdog.thread().unpark();
        watchdog.join().unwrap();
        runtime::gomaxprocs(before);
        if let Err(panic) = result {
            eprintln!("with GOMAXPROCS={n}");
            std::panic::resume_unwind(panic);
        }
    }
}

/// Lets others run until nothing changes any more, as far as one can tell: what should block has had
/// its chance to go wrong.
fn settle() {
    for _ in 0..50 {
        runtime::gosched();
    }
}
