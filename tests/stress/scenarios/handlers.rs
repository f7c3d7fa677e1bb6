//! The program's own signal handlers beside pauses: a profiler's clock, and a handler on whatever stack runs.

use crate::cx::Cx;
use goroutines::sync::WaitGroup;
use goroutines::{Chan, go, goroutine, recover, runtime};
use std::cell::Cell;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use std::{mem, ptr};

static TICKS: AtomicUsize = AtomicUsize::new(0);
static CALLS: AtomicUsize = AtomicUsize::new(0);

std::thread_local! { static DEPTH: Cell<usize> = const { Cell::new(0) }; }

/// For how long a handler computes.
const HANDLING: usize = 20_000;

/// A handler that computes for a while, so that it is interrupted itself. It may be paused there, on its
/// thread, or not: it finds its thread's state as it left it.
extern "C" fn on_signal(signal: i32) {
    // SAFETY: the thread's own.
    let before = unsafe { *errno() };
    let depth = DEPTH.get();
    DEPTH.set(depth + 1);
    compute(HANDLING);
    assert_eq!(
        DEPTH.replace(depth),
        depth + 1,
        "another thread went on with the handler"
    );
    let count = if signal == libc::SIGPROF {
        &TICKS
    } else {
        &CALLS
    };
    count.fetch_add(1, Ordering::Relaxed);
    // SAFETY: as above.
    unsafe { *errno() = before };
}

/// Where this thread's is.
fn errno() -> *mut i32 {
    // SAFETY: takes nothing.
    #[cfg(target_os = "linux")]
    return unsafe { libc::__errno_location() };
    // SAFETY: as above.
    #[cfg(not(target_os = "linux"))]
    return unsafe { libc::__error() };
}

fn compute(n: usize) {
    (0..n).for_each(|i| {
        black_box(i);
    });
}

fn handle(signal: i32, flags: i32) {
    // SAFETY: zeroed is a valid sigaction; the handler does nothing but compute.
    let rc = unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        action.sa_sigaction = on_signal as *const () as usize;
        action.sa_flags = libc::SA_RESTART | flags;
        libc::sigaction(signal, &raw const action, ptr::null_mut())
    };
    assert_eq!(rc, 0);
}

/// How often a handler may be called, so that it takes a quarter of the time at most: on an emulated machine it
/// computes for longer than the millisecond that is enough elsewhere, and nothing else would ever run.
fn pace() -> Duration {
    let used = || {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::try_from(time).expect("positive")
    };
    let begin = used();
    compute(HANDLING);
    (4 * (used() - begin)).clamp(Duration::from_millis(1), Duration::from_millis(500))
}

/// A tick whenever so much CPU time has been used; zero = none.
fn profile(every: Duration) {
    let every = libc::timeval {
        tv_sec: 0,
        tv_usec: every.as_micros() as _,
    };
    let timer = libc::itimerval {
        it_interval: every,
        it_value: every,
    };
    // SAFETY: a plain system call on values of our own.
    let rc = unsafe { libc::setitimer(libc::ITIMER_PROF, &raw const timer, ptr::null_mut()) };
    assert_eq!(rc, 0);
}

/// Loops that compute, lock their threads, panic, grow their stacks and talk, all of them interrupted by a
/// profiler, whose handler has a stack of its own, and by a handler that runs on theirs.
pub(crate) fn profiled(cx: &Cx) {
    handle(libc::SIGPROF, libc::SA_ONSTACK);
    handle(libc::SIGUSR2, 0);
    let pace = pace();
    profile(pace);
    let stop = Arc::new(AtomicBool::new(false));
    let caller = std::thread::spawn({
        let stop = stop.clone();
        move || {
            while !stop.load(Ordering::Relaxed) {
                // SAFETY: signals this process, which handles it.
                assert_eq!(unsafe { libc::kill(libc::getpid(), libc::SIGUSR2) }, 0);
                // Not before it was handled: there is no queue of them.
                std::thread::sleep(pace);
            }
        }
    });
    let wg = WaitGroup::new();
    let rounds = cx.times(40);
    let done = Arc::new(AtomicUsize::new(0));
    for i in 0..15 {
        let done = done.clone();
        wg.go(move || {
            for _ in 0..rounds {
                one(i);
                done.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    wg.wait();
    // However quick that was: until both have been called.
    while TICKS.load(Ordering::Relaxed) == 0 || CALLS.load(Ordering::Relaxed) == 0 {
        compute(1_000);
    }
    profile(Duration::ZERO);
    stop.store(true, Ordering::Relaxed);
    runtime::blocking(|| caller.join()).unwrap();
    assert_eq!(done.load(Ordering::Relaxed), 15 * rounds);
    println!(
        "       {} ticks, {} calls",
        TICKS.load(Ordering::Relaxed),
        CALLS.load(Ordering::Relaxed)
    );
}

fn one(i: usize) {
    match i % 5 {
        0 => {
            runtime::lock_os_thread();
            let thread = std::thread::current().id();
            compute(300_000);
            assert_eq!(thread, std::thread::current().id());
            runtime::unlock_os_thread();
        }
        1 => {
            let payload = recover(|| -> () { std::panic::resume_unwind(Box::new(i)) }).unwrap_err();
            assert_eq!(payload.downcast::<usize>().unwrap(), i);
            compute(300_000);
        }
        2 => {
            assert_eq!(deep(2_000), 2_000);
            assert_eq!(plainly_deep(2_000), 2_000);
        }
        3 => {
            let c = Chan::<usize>::new(0);
            go!([c], {
                compute(10_000);
                c.send(7);
            });
            assert_eq!(c.recv(), Some(7));
        }
        _ => compute(500_000),
    }
}

#[goroutine]
fn deep(n: usize) -> usize {
    let room = black_box([0u8; 200]);
    if n == 0 {
        room[0].into()
    } else {
        1 + deep(n - 1)
    }
}

/// Without a prologue of ours: the slot has room for it.
fn plainly_deep(n: usize) -> usize {
    let room = black_box([0u8; 200]);
    if n == 0 {
        room[0].into()
    } else {
        1 + plainly_deep(n - 1)
    }
}
