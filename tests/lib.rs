//! What the test programs of this package share.

/// The crate as a third one would pass it on, for the tests of the macros.
pub use goroutines as reexported;

use goroutines::runtime;
use std::any::Any;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Runs `f`, which must panic with a text, and returns the text.
pub fn panic_text<R>(f: impl FnOnce() -> R) -> String {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(_) => panic!("did not panic"),
        Err(payload) => text_of(&*payload),
    }
}

/// The text of a panic's payload.
pub fn text_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .expect("the payload is a text")
}

/// Runs `f(0)` .. `f(n - 1)` all at once, the even ones in goroutines and the odd ones in plain
/// threads, and returns when all have returned.
pub fn gang(n: usize, f: impl Fn(usize) + Sync) {
    let f = &f;
    std::thread::scope(|threads| {
        for i in (1..n).step_by(2) {
            threads.spawn(move || f(i));
        }
        goroutines::scope(|goroutines| {
            for i in (0..n).step_by(2) {
                goroutines.go(move || f(i));
            }
        });
    });
}

/// So many seconds, until something counts as stuck; times `GOROUTINES_TEST_SLOWNESS`, for machines that are emulated.
pub fn patience(seconds: u64) -> Duration {
    let slowness = std::env::var("GOROUTINES_TEST_SLOWNESS").ok();
    let slowness = slowness.and_then(|s| s.parse().ok()).unwrap_or(1);
    Duration::from_secs(seconds * slowness)
}

/// How long somebody has waited who looks again and again. From one look to the next a second counts at most: a
/// machine that stands still, for however long, uses up no patience.
pub struct Waited {
    so_far: Duration,
    looked: Instant,
}

impl Waited {
    /// Begins to wait.
    #[expect(clippy::new_without_default, reason = "it begins now")]
    pub fn new() -> Waited {
        Waited {
            so_far: Duration::ZERO,
            looked: Instant::now(),
        }
    }

    /// For so long by now.
    pub fn look(&mut self) -> Duration {
        let since = self.looked.elapsed();
        self.looked += since;
        self.so_far += since.min(Duration::from_secs(1));
        self.so_far
    }
}

/// Waits until `condition` holds; fails after a minute. For what has no event to wait for, such
/// as "the other one is blocked by now".
#[track_caller]
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let mut waited = Waited::new();
    while !condition() {
        assert!(waited.look() < patience(60), "never happened: {what}");
        goroutines::runtime::gosched();
    }
}

/// Tries `attempt` with a time that doubles, from `first` on, until it says that this was enough. For what has to
/// come first, within a limit that is to pass: a machine that stands still may use up any one time, but not
/// those that are longer than it stands still. A fault uses up all of them.
#[track_caller]
pub fn in_time<T>(first: Duration, mut attempt: impl FnMut(Duration) -> Option<T>) -> T {
    let mut time = first;
    loop {
        if let Some(done) = attempt(time) {
            return done;
        }
        assert!(time < patience(60), "not within {time:?} either");
        time *= 2;
    }
}

/// Keeps the processor busy for `d` without giving it up.
pub fn spin_for(d: Duration) {
    let start = Instant::now();
    while start.elapsed() < d {
        std::hint::spin_loop();
    }
}

/// Runs `f` as a goroutine, with 1, 2, 4 and 16 Ps in turn.
pub fn at_all_procs(f: impl Fn() + Sync) {
    at_procs(&[1, 2, 4, 16], f);
}

/// Runs `f` as a goroutine with each of these numbers of Ps, one caller at a time, because GOMAXPROCS
/// belongs to all. A run that takes two minutes is stuck: what everybody waits for is printed, and the
/// process ends.
pub fn at_procs(procs: &[usize], f: impl Fn() + Sync) {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let before = runtime::gomaxprocs(0);
    for &n in procs {
        runtime::gomaxprocs(n);
        let done = Arc::new(AtomicBool::new(false));
        let watch = done.clone();
        let watchdog = std::thread::spawn(move || {
            let mut waited = Waited::new();
            while !watch.load(Ordering::SeqCst) && waited.look() < patience(120) {
                std::thread::park_timeout(Duration::from_millis(500));
            }
            if !watch.load(Ordering::SeqCst) {
                // Not by a macro, which a test harness captures.
                goroutines::__private::sched_trace();
                let (m, dump) = (runtime::metrics(), runtime::stack_all());
                let text = format!("stuck with GOMAXPROCS={n}\n{m:?}\n{dump}");
                let _ = std::io::stderr().write_all(text.as_bytes());
                std::process::abort();
            }
        });
        let result = catch_unwind(AssertUnwindSafe(|| runtime::run(&f)));
        done.store(true, Ordering::SeqCst);
        watchdog.thread().unpark();
        watchdog.join().unwrap();
        runtime::gomaxprocs(before);
        if let Err(panic) = result {
            eprintln!("with GOMAXPROCS={n}");
            resume_unwind(panic);
        }
    }
}
