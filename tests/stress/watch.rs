//! Watching a run: whether it ends, whether it leaves anything behind, what it was doing if it hangs.

use goroutines::runtime;
use std::fmt::Write;
use std::process::exit;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Waits until no goroutine is left and no thread runs without a P.
pub(crate) fn settled() {
    let mut waited = tests::Waited::new();
    while runtime::num_goroutine() != 0 || runtime::metrics().hogs != 0 {
        if waited.look() > tests::patience(60) {
            println!(
                "left behind: {} goroutines, {} hogs",
                runtime::num_goroutine(),
                runtime::metrics().hogs
            );
            eprintln!("{}", state());
            exit(3);
        }
        std::thread::yield_now();
    }
}

/// A thread that ends the process, with an account of what it was doing, if nobody stops it.
pub(crate) struct Watchdog(Arc<AtomicBool>);

impl Watchdog {
    /// Starts it; `what` is being watched. It may use its patience up in time that the processors give it: who is kept
    /// from them by other programs is not hung. One that hardly asks for them is, twice in a row (once, the machine may
    /// have stood still), or one that takes ten times as long.
    pub(crate) fn start(patience: Duration, what: String) -> Watchdog {
        let stopped = Arc::new(AtomicBool::new(false));
        let seen = stopped.clone();
        let begin = Instant::now();
        std::thread::spawn(move || {
            let (mut lately, mut used_before) = (Instant::now(), processor_time());
            let (mut idle, mut waited) = (0, tests::Waited::new());
            while waited.look() < patience
                || !(idle >= 2 || processor_time() > patience || waited.look() > 10 * patience)
            {
                std::thread::sleep(Duration::from_millis(50));
                if seen.load(Ordering::Relaxed) {
                    return;
                }
                if lately.elapsed() > patience / 6 {
                    let used = processor_time();
                    let asks = used - used_before >= lately.elapsed() / 50;
                    idle = if asks { 0 } else { idle + 1 };
                    (lately, used_before) = (Instant::now(), used);
                }
            }
            // First what needs no lock of the runtime.
            eprintln!("{what}: hung after {:?}\n{}", begin.elapsed(), threads());
            eprintln!("{}", state());
            // All others go on, and so does what interrupts them. `exit` would take the first thread's signal stack
            // away from it, and the next signal that is handled there would end us instead.
            // SAFETY: ends the process at once.
            unsafe { libc::_exit(3) }
        });
        Watchdog(stopped)
    }

    /// All is well.
    pub(crate) fn stop(self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What this process has had of the processors.
fn processor_time() -> Duration {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    used.try_into().expect("positive")
}

/// What everybody is doing.
pub(crate) fn state() -> String {
    goroutines::__private::sched_trace();
    let metrics = runtime::metrics();
    format!("{metrics:#?}\n{}\n{}", threads(), runtime::stack_all())
}

/// Every thread of the process: its state, where it sleeps in the kernel, its CPU time.
fn threads() -> String {
    let mut out = String::new();
    for entry in std::fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten()
    {
        let read =
            |file: &str| std::fs::read_to_string(entry.path().join(file)).unwrap_or_default();
        let stat = read("stat");
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap_or("")
            .split_whitespace()
            .collect();
        let _ = writeln!(
            out,
            "thread {} {:<12} state={} utime={} stime={} wchan={} syscall={}",
            entry.file_name().to_string_lossy(),
            read("comm").trim(),
            fields.first().unwrap_or(&"?"),
            fields.get(11).unwrap_or(&"?"),
            fields.get(12).unwrap_or(&"?"),
            read("wchan"),
            read("syscall").split_whitespace().next().unwrap_or("?"),
        );
    }
    out
}

/// How many threads the process has.
pub(crate) fn thread_count() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}
