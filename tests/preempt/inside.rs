//! What a paused goroutine finds when it goes on: everything as it was.

use crate::{Loops, compute};
use goroutines::prelude::*;
use goroutines::runtime::NoSuspend;
use goroutines::signal;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tests::at_procs;

/// Allocations, a lock of std's that all of them want, formatting, hashing: pauses hit inside all of these.
#[test]
fn loops_that_do_what_programs_do() {
    at_procs(&[1, 2, 4], || {
        let shared = Arc::new(Mutex::new(HashMap::new()));
        let inside = Arc::new(AtomicUsize::new(0));
        let loops = Loops::start(16, move |i| {
            let text = (0..100).map(|n| format!("{i}-{n}")).collect::<Vec<_>>();
            let mut map = shared.lock().unwrap();
            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two are inside");
            for t in text {
                *map.entry(t).or_insert(0u32) += 1;
            }
            if map.len() > 1000 {
                map.clear();
            }
            inside.fetch_sub(1, Ordering::SeqCst);
        });
        for _ in 0..3 {
            loops.wait_for_a_round();
        }
        loops.end();
    });
}

/// It stays on its thread, and `errno`, thread-locals and `NoSuspend` scopes hold.
#[test]
fn the_thread_and_its_state_stay() {
    std::thread_local! { static MINE: AtomicUsize = const { AtomicUsize::new(0) }; }
    at_procs(&[1, 2], || {
        let loops = Loops::start(6, move |i| {
            let _here = NoSuspend::new();
            let thread = std::thread::current().id();
            MINE.with(|mine| {
                mine.store(i + 1, Ordering::Relaxed);
                let failed = std::fs::metadata("/no/such/file").unwrap_err();
                assert_eq!(failed.kind(), std::io::ErrorKind::NotFound);
                for _ in 0..200 {
                    compute(500);
                    assert_eq!(mine.load(Ordering::Relaxed), i + 1);
                }
            });
            assert_eq!(thread, std::thread::current().id());
        });
        for _ in 0..2 {
            loops.wait_for_a_round();
        }
        loops.end();
    });
}

/// Locked to their threads, panicking and recovering, growing their stacks: all of them in loops.
#[test]
fn loops_that_do_what_only_this_crate_does() {
    at_procs(&[1, 2, 4], || {
        let loops = Loops::start(12, move |i| match i % 4 {
            0 => {
                runtime::lock_os_thread();
                compute(100_000);
                runtime::unlock_os_thread();
            }
            1 => {
                let n = recover(|| -> () { std::panic::resume_unwind(Box::new(i)) }).unwrap_err();
                assert_eq!(n.downcast::<usize>().unwrap(), i);
            }
            2 => assert_eq!(deep(2000), 2000),
            _ => {
                let (tx, rx) = chan::channel(0);
                go!({
                    compute(1000);
                    tx.send(i);
                });
                assert_eq!(rx.recv(), Some(i));
            }
        });
        for _ in 0..3 {
            loops.wait_for_a_round();
        }
        loops.end();
    });
}

#[goroutine]
fn deep(n: usize) -> usize {
    let room = std::hint::black_box([0u8; 200]);
    if n == 0 {
        room[0].into()
    } else {
        1 + deep(n - 1)
    }
}

/// A call that blocks is not interrupted: `poll`, which no flag of the handler's would restart, never
/// says `EINTR`.
#[test]
fn blocking_calls_are_not_interrupted() {
    at_procs(&[1, 2], || {
        let loops = Loops::plain(4);
        loops.wait_for_a_round();
        let (pipe, _writer) = std::io::pipe().unwrap();
        for _ in 0..10 {
            let begin = Instant::now();
            let wait = Timespec {
                tv_sec: 0,
                tv_nsec: 15_000_000,
            };
            let mut fds = [PollFd::new(&pipe, PollFlags::IN)];
            assert_eq!(poll(&mut fds, Some(&wait)), Ok(0));
            assert!(begin.elapsed() >= Duration::from_millis(15));
        }
        loops.end();
    });
}

/// The signal is the program's too.
#[test]
fn the_programs_own_sigurg_arrives() {
    at_procs(&[1, 2], || {
        let urgent = signal::notify(&[signal::SIGURG]);
        let loops = Loops::plain(3);
        loops.wait_for_a_round();
        let me = rustix::process::getpid();
        rustix::process::kill_process(me, rustix::process::Signal::URG).unwrap();
        assert_eq!(urgent.recv(), Some(signal::SIGURG));
        loops.wait_for_a_round();
        signal::stop(&urgent);
        loops.end();
    });
}
