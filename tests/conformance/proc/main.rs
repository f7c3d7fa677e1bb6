//! Behaviours of Go's own tests of the scheduler (`runtime/proc_test.go`, `stack_test.go`,
//! `metrics_test.go`), written anew: the same situation, the same outcome.
//!
//! They run in a process of their own because they change GOMAXPROCS and count threads. Where a test
//! is about time shares it compares shares, never clocks.

mod blocking;
mod locked;
mod metrics;
mod sharing;
mod stacks;
mod stay;

use goroutines::runtime;

/// A number of this thread, the kernel's where it can be asked for others. It must not be kept over a suspension.
#[inline(never)]
fn thread_id() -> String {
    if cfg!(not(target_os = "linux")) {
        return format!("{:?}", std::thread::current().id());
    }
    let link = std::fs::read_link("/proc/thread-self").expect("Linux");
    let id = link.file_name().expect("PID/task/TID");
    id.to_string_lossy().into_owned()
}

/// Is there still a thread with this number?
#[cfg(target_os = "linux")]
fn thread_exists(id: &str) -> bool {
    std::path::Path::new("/proc/self/task").join(id).exists()
}

/// A loop that is asked to give way by the scheduler only.
#[goroutines::goroutine]
fn spin_while(mut condition: impl FnMut() -> bool) {
    while condition() {
        std::hint::spin_loop();
    }
}

/// The same as a plain function: nothing in it can answer.
fn spin_deaf_while(condition: impl Fn() -> bool) {
    while condition() {
        std::hint::spin_loop();
    }
}

/// The lines that begin the goroutines of a dump.
fn heads(dump: &str) -> usize {
    dump.lines()
        .filter(|l| l.starts_with("goroutine ") && l.ends_with("]:"))
        .count()
}

/// Waits until only the caller's goroutine is left.
fn alone() {
    tests::eventually("the others end", || {
        runtime::gosched();
        runtime::num_goroutine() == 1
    });
}
