//! After `time/sleep_test.go` and `tick_test.go`.
//!
//! Not here: `TestStopResult` and parts of `TestChan` that look at `asynctimerchan` (gone in Go 1.27
//! too). Upper bounds on times are wide: the machine may be busy. Lower bounds are exact.

use super::{at_all_procs, at_procs, settle};
use goroutines::chan::{Select, TryRecvError};
use goroutines::prelude::*;
use goroutines::time::{
    Duration, HOUR, Instant, MICROSECOND, MILLISECOND, NANOSECOND, SECOND, Ticker, Timer, after,
    after_func, now, since, sleep,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

/// Longer than any busy machine needs.
const FAR: Duration = SECOND.saturating_mul(30);

/// `TestSleep`.
#[test]
fn sleeps_at_least_that_long() {
    at_all_procs(|| {
        for d in [NANOSECOND, 50 * MICROSECOND, 3 * MILLISECOND] {
            let start = now();
            sleep(d);
            assert!(since(start) >= d);
        }
        sleep(Duration::ZERO);
        // Sleepers overlap: one after the other they would need longer than a test may take.
        let start = now();
        scope(|s| {
            for _ in 0..3_000 {
                s.go(|| sleep(30 * MILLISECOND));
            }
        });
        assert!(since(start) < 60 * SECOND);
    });
}

/// `TestAfterFunc`: a chain of ten, each started by the one before.
#[test]
fn after_func_chain() {
    fn link(i: usize, c: Sender<bool>) {
        if i == 0 {
            return c.send(true);
        }
        after_func(Duration::ZERO, move || link(i - 1, c.clone()));
    }
    at_all_procs(|| {
        let (tx, rx) = chan::channel(0);
        link(10, tx);
        assert_eq!(rx.recv(), Some(true));
    });
}

/// `TestAfter`, `TestAfterTick`, `TestTick`.
#[test]
fn after_and_tick() {
    at_all_procs(|| {
        let start = now();
        let due = after(5 * MILLISECOND).recv().unwrap();
        assert!(due >= start + 5 * MILLISECOND && due <= now());
        let period = 2 * MILLISECOND;
        let start = now();
        for (i, due) in time::tick(period).iter().take(10).enumerate() {
            assert!(due >= start + period * (i as u32 + 1));
        }
        assert!(since(start) >= 10 * period);
        assert!(time::tick(Duration::ZERO).is_nil());
    });
}

/// `TestAfterStop`: some functions stopped before their time, some not; those stopped do not run, the
/// others do.
#[test]
fn after_func_stop() {
    at_all_procs(|| {
        let ran: Arc<Vec<AtomicBool>> =
            Arc::new((0..100).map(|_| AtomicBool::new(false)).collect());
        let wg = WaitGroup::new();
        let timers: Vec<_> = (0..100)
            .map(|i| {
                wg.add(1);
                let (ran, wg) = (ran.clone(), wg.clone());
                let run = move || {
                    ran[i].store(true, SeqCst);
                    wg.done();
                };
                after_func(if i % 2 == 0 { HOUR } else { 5 * MILLISECOND }, run)
            })
            .collect();
        for timer in timers.iter().step_by(2) {
            assert!(timer.stop(), "an hour has passed");
            assert!(!timer.stop(), "stopped twice");
            wg.done();
        }
        wg.wait();
        for (i, timer) in timers.iter().enumerate() {
            assert_eq!(ran[i].load(SeqCst), i % 2 == 1, "{i}");
            assert!(!timer.stop());
        }
    });
}

/// `TestAfterFuncStarvation`: two goroutines that keep each other busy on one P do not starve the
/// function.
#[test]
fn after_func_starvation() {
    at_procs(&[1], || {
        let wg = WaitGroup::new();
        let stop = Arc::new(AtomicBool::new(false));
        let (c1, c2) = (make!(chan bool, 1), make!(chan bool, 1));
        for (send, recv) in [(c1.clone(), c2.clone()), (c2, c1)] {
            wg.add(1);
            go!([wg, stop], {
                while !stop.load(SeqCst) {
                    send.send(true);
                    recv.recv();
                }
                send.close();
                wg.done();
            });
        }
        let _timer = after_func(10 * MILLISECOND, move || stop.store(true, SeqCst));
        wg.wait();
    });
}

/// `TestReset`: a reset timer comes at its new time, and says whether it was running.
#[test]
fn reset() {
    at_all_procs(|| {
        let t = Timer::new(HOUR);
        let start = now();
        assert!(t.reset(3 * MILLISECOND));
        let due = t.c().recv().unwrap();
        assert!(due >= start + 3 * MILLISECOND);
        assert!(!t.reset(3 * MILLISECOND), "it had been received");
        assert!(t.c().recv().is_some());
        assert!(!t.stop());
    });
}

/// `TestOverflowSleep`: an endless duration does not wrap around, and the others go on.
#[test]
fn endless_durations() {
    at_all_procs(|| {
        let forever = after(Duration::MAX);
        let slept = make!(chan());
        go!([slept], {
            sleep(Duration::MAX);
            slept.send(());
        });
        let timer = after_func(Duration::MAX, || panic!("ran"));
        select! {
            <-forever => panic!("came"),
            <-slept => panic!("woke"),
            <-after(5 * MILLISECOND) => {},
        }
        assert!(timer.stop());
        let tick = Ticker::new(Duration::MAX);
        assert_eq!(tick.c().try_recv(), Err(TryRecvError::Empty));
    });
}

/// `TestTimerModifiedEarlier`: a timer that is always moved from far to near while somebody waits.
#[test]
fn moved_to_an_earlier_time() {
    at_all_procs(|| {
        let timer = Timer::new(HOUR);
        for i in 0..500 {
            timer.reset(HOUR);
            timer.reset(Duration::from_nanos(i));
            let deadline = Timer::new(FAR);
            select! {
                <-timer.c() => {},
                <-deadline.c() => panic!("missed"),
            }
            assert!(deadline.stop());
        }
    });
}

/// `TestTicker`: ticks come at their interval, also after a reset to a slower one, and stop.
#[test]
fn ticker() {
    at_all_procs(|| {
        let (fast, slow) = (2 * MILLISECOND, 4 * MILLISECOND);
        let start = now();
        let ticker = Ticker::new(fast);
        for _ in 0..5 {
            ticker.c().recv();
        }
        let middle = now();
        ticker.reset(slow);
        for _ in 0..5 {
            ticker.c().recv();
        }
        assert!(middle - start >= 5 * fast && since(middle) >= 5 * slow);
        ticker.stop();
        sleep(2 * slow);
        assert_eq!(ticker.c().try_recv(), Err(TryRecvError::Empty));
        ticker.reset(fast);
        assert!(ticker.c().recv().is_some());
    });
}

/// `TestTeardown`: tickers made, read once and stopped.
#[test]
fn ticker_teardown() {
    at_all_procs(|| {
        for _ in 0..3 {
            let ticker = Ticker::new(2 * MILLISECOND);
            ticker.c().recv();
            ticker.stop();
        }
    });
}

/// `TestNewTickerLtZeroDuration`, `TestTickerResetLtZeroDuration`.
#[test]
fn ticker_without_interval() {
    at_all_procs(|| {
        let new = recover(|| drop(Ticker::new(Duration::ZERO))).unwrap_err();
        assert_eq!(new.message(), "non-positive interval for NewTicker");
        let ticker = Ticker::new(HOUR);
        let reset = recover(|| ticker.reset(Duration::ZERO)).unwrap_err();
        assert_eq!(reset.message(), "non-positive interval for Ticker.Reset");
    });
}

/// `TestChan`, for one timer or ticker: what its channel shows and what stop and reset guarantee.
fn chan_of(
    c: &Receiver<Instant>,
    stop: &dyn Fn() -> bool,
    reset: &dyn Fn(Duration) -> bool,
    returns: bool,
) {
    let empty = || {
        assert_eq!((c.len(), c.cap()), (0, 0));
        assert_eq!(c.try_recv(), Err(TryRecvError::Empty));
        let missed = select! { <-c => false, default => true };
        assert!(missed);
    };
    let came = || {
        assert_eq!((c.len(), c.cap()), (0, 0));
        assert!(c.recv_timeout(FAR).is_ok());
    };
    let expect = |was_running: bool, got: bool| {
        assert!(!returns || was_running == got);
    };
    // Far away: nothing.
    empty();
    // Expired and not received: still counts as running; nothing is left after stop and reset.
    expect(true, reset(Duration::from_nanos(1)));
    sleep(MILLISECOND);
    assert_eq!((c.len(), c.cap()), (0, 0));
    expect(true, stop());
    empty();
    expect(false, stop());
    expect(false, reset(Duration::from_nanos(1)));
    sleep(MILLISECOND);
    expect(true, reset(HOUR));
    empty();
    expect(true, reset(Duration::from_nanos(1)));
    came();
    stop();
    // Somebody waits while the timer is moved, stopped, started.
    let got = make!(chan Instant, 3);
    go!([got, c], { got.send(c.recv().unwrap()) });
    settle();
    let start = now();
    expect(false, reset(HOUR));
    settle();
    assert!(got.is_empty());
    expect(true, stop());
    settle();
    expect(false, reset(2 * MILLISECOND));
    assert!(got.recv().unwrap() >= start + 2 * MILLISECOND);
    stop();
    // Two wait: each start serves one of them.
    for _ in 0..2 {
        go!([got, c], { got.send(c.recv().unwrap()) });
    }
    settle();
    for _ in 0..2 {
        reset(MILLISECOND);
        assert!(got.recv().unwrap() <= now());
        stop();
        settle();
    }
    // The same in a select, with the arm that loses taken back.
    let other = make!(chan(), 1);
    for _ in 0..20 {
        reset(20 * MICROSECOND);
        go!([other], select! { other <- () => {}, default => {} });
        let mut sel = Select::new();
        let (t, o) = (sel.recv(c), sel.recv(&other));
        let chosen = sel.wait();
        assert!(t == chosen || o == chosen);
        let _ = sel.take(t);
        stop();
        empty();
    }
}

/// `TestChan`.
#[test]
fn channels_of_timers_and_tickers() {
    at_all_procs(|| {
        let timer = Timer::new(HOUR);
        chan_of(timer.c(), &|| timer.stop(), &|d| timer.reset(d), true);
        let ticker = Ticker::new(HOUR);
        let stop = || {
            ticker.stop();
            true
        };
        let reset = |d| {
            ticker.reset(d);
            true
        };
        chan_of(ticker.c(), &stop, &reset, false);
    });
}

/// `TestStopResult`, `TestResetResult`: if stop says that it has prevented the value, none comes; if
/// it says that it was too late, somebody has received it.
#[test]
fn stop_tells_the_truth() {
    at_all_procs(|| {
        for i in 0..500 {
            let timer = Timer::new(Duration::from_nanos(i % 7 * 500));
            let got = make!(chan bool, 1);
            let stopped = make!(chan());
            go!([got, stopped, c = timer.c().clone()], {
                got.send(select! { <-c => true, <-stopped => c.try_recv().is_ok() });
            });
            if i % 3 == 0 {
                runtime::gosched();
            }
            let prevented = if i % 2 == 0 {
                timer.stop()
            } else {
                timer.reset(HOUR)
            };
            stopped.close();
            assert_eq!(got.recv(), Some(!prevented), "round {i}");
        }
    });
}

/// `TestAfterTimes`: the value is the time at which the timer was due, not at which it was received.
#[test]
fn the_value_is_the_due_time() {
    at_all_procs(|| {
        let before = now();
        let c = after(5 * MILLISECOND);
        let behind = now();
        sleep(15 * MILLISECOND);
        let start = c.recv().unwrap() - 5 * MILLISECOND;
        assert!(before <= start && start <= behind, "{start:?}");
    });
}

/// `TestSleepZeroDeadlock`: sleeping for nothing while timers come and go.
#[test]
fn short_sleeps_beside_many_timers() {
    at_all_procs(|| {
        let stop = make!(chan());
        let made = Arc::new(AtomicUsize::new(0));
        go!([stop, made], {
            loop {
                select! { <-stop => return, default => {} }
                after_func(Duration::ZERO, || {});
                made.fetch_add(1, SeqCst);
                sleep(NANOSECOND);
            }
        });
        for _ in 0..100 {
            sleep(NANOSECOND);
        }
        while made.load(SeqCst) == 0 {
            runtime::gosched();
        }
        stop.close();
    });
}

/// `TestTickerStress` and its kind: many goroutines set, stop and read timers at once.
#[test]
fn timer_stress() {
    at_all_procs(|| {
        scope(|s| {
            for g in 0..8_u64 {
                s.go(move || {
                    let ticker = Ticker::new(MICROSECOND * 100);
                    for i in 0..50 {
                        let t = Timer::new(Duration::from_micros(i * g % 90));
                        select! {
                            <-ticker.c() => {},
                            <-t.c() => {},
                            <-after(50 * MICROSECOND) => {},
                        }
                        t.reset(Duration::from_micros(i));
                        if i % 2 == 0 {
                            t.c().recv();
                        }
                    }
                    ticker.stop();
                });
            }
        });
    });
}

/// `TimerFairness` of `runtime/proc_test.go`: an arm that is always ready does not hide the timer's.
#[test]
fn a_ready_arm_does_not_hide_a_timer() {
    at_procs(&[1, 2], || {
        let busy = make!(chan(), 1);
        go!([busy], { while busy.checked_send(()).is_ok() {} });
        let timer = after(20 * MILLISECOND);
        let deadline = now() + FAR;
        loop {
            select! {
                <-busy => {},
                <-timer => break,
            }
            assert!(now() < deadline);
        }
        // The sender ends by the close.
        let _ = recover(|| busy.close());
    });
}

/// Deadlines of single operations and of the dynamic select (beyond Go).
#[test]
fn operations_with_a_deadline() {
    use goroutines::chan::{RecvTimeoutError, SendTimeoutError};
    at_all_procs(|| {
        let c = make!(chan i32);
        let start = now();
        assert_eq!(
            c.recv_timeout(2 * MILLISECOND),
            Err(RecvTimeoutError::Timeout)
        );
        let late = c.send_timeout(1, 2 * MILLISECOND);
        assert_eq!(late, Err(SendTimeoutError::Timeout(1)));
        assert!(since(start) >= 4 * MILLISECOND);
        assert_eq!(
            c.recv_timeout(Duration::ZERO),
            Err(RecvTimeoutError::Timeout)
        );
        let nil = Chan::<i32>::nil();
        assert_eq!(
            nil.recv_timeout(MILLISECOND),
            Err(RecvTimeoutError::Timeout)
        );
        go!([c], c.send(5));
        assert_eq!(c.recv_timeout(FAR), Ok(5));
        go!([c], {
            c.recv();
        });
        assert_eq!(c.send_timeout(6, FAR), Ok(()));
        go!([c], c.close());
        assert_eq!(c.recv_timeout(FAR), Err(RecvTimeoutError::Closed));
        assert_eq!(c.send_timeout(7, FAR), Err(SendTimeoutError::Closed(7)));
        let (tx, rx) = chan::channel(0);
        go!([rx], {
            settle();
            drop(rx);
        });
        drop(rx);
        assert_eq!(
            tx.send_timeout(8, FAR),
            Err(SendTimeoutError::NoReceivers(8))
        );
        // A value that comes just when the time is over is received or still with its sender.
        let c = make!(chan usize);
        let sent = make!(chan usize, 1);
        go!([c, sent], {
            let all = 0..500;
            sent.send(
                all.filter(|i| c.send_timeout(*i, MICROSECOND).is_ok())
                    .count(),
            );
        });
        let mut got = 0;
        let lost = loop {
            got += usize::from(c.recv_timeout(MICROSECOND).is_ok());
            if let Ok(sent) = sent.try_recv() {
                break sent - got;
            }
        };
        assert_eq!(lost, 0);
    });
}
