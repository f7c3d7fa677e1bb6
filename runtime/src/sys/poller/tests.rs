use super::{Events, Poller};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

#[test]
fn no_wake_up_is_lost() {
    const ROUNDS: usize = 1000;
    let poller = Arc::new(Poller::new().unwrap());
    let broken = Arc::new(AtomicUsize::new(0));
    let waiter = thread::spawn({
        let (poller, broken) = (poller.clone(), broken.clone());
        move || {
            let mut events = Events::new();
            for _ in 0..ROUNDS {
                poller.wait(&mut events, -1).unwrap();
                assert_eq!(events.iter().count(), 0);
                broken.fetch_add(1, Ordering::Release);
            }
        }
    });
    for round in 0..ROUNDS {
        poller.wake();
        let begin = Instant::now();
        while broken.load(Ordering::Acquire) == round {
            assert!(begin.elapsed() < Duration::from_secs(60), "lost a wake-up");
            thread::yield_now();
        }
    }
    waiter.join().unwrap();
}

#[test]
fn a_poll_that_does_not_wait_leaves_the_wake_up() {
    let poller = Poller::new().unwrap();
    let mut events = Events::new();
    poller.wake();
    poller.wait(&mut events, 0).unwrap();
    let begin = Instant::now();
    poller.wait(&mut events, 120_000_000_000).unwrap();
    assert!(begin.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_timeout_is_never_early_and_not_rounded_to_milliseconds() {
    let poller = Poller::new().unwrap();
    let mut events = Events::new();
    let mut wait = |us: u64| {
        let begin = Instant::now();
        poller.wait(&mut events, us as i64 * 1000).unwrap();
        let waited = begin.elapsed();
        assert!(waited >= Duration::from_micros(us));
        waited
    };
    wait(30_000);
    // On a busy machine any one is late: one of many that is in time shows it.
    for us in [50, 300, 2_100] {
        let in_time = |d: Duration| d < Duration::from_micros(us + 800);
        assert!((0..2_000).any(|_| in_time(wait(us))), "{us} us");
    }
}
