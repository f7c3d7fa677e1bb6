//! What has to do with time goes by the bubble's clock.

use goroutines::prelude::*;
use goroutines::testing::synctest;
use goroutines::time::{Duration, HOUR, MILLISECOND, NANOSECOND, SECOND, Timer};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};

/// TestTimerReadBeforeDeadline, TestTimerReadAfterDeadline, TestTimerReset.
#[test]
fn timers_are_exact() {
    synctest::test(|| {
        let start = time::now();
        let timer = Timer::new(5 * SECOND);
        timer.c().recv();
        assert_eq!(time::since(start), 5 * SECOND);

        let due = time::now() + SECOND;
        let timer = Timer::new(SECOND);
        time::sleep(2 * SECOND);
        assert_eq!(timer.c().recv(), Some(due), "the due time, not the present");

        let start = time::now();
        let timer = Timer::new(SECOND);
        assert_eq!(timer.c().recv(), Some(start + SECOND));
        timer.reset(2 * SECOND);
        assert_eq!(timer.c().recv(), Some(start + 3 * SECOND));
        timer.reset(3 * SECOND);
        time::sleep(SECOND);
        timer.reset(3 * SECOND);
        assert_eq!(timer.c().recv(), Some(start + 7 * SECOND));
    });
}

#[test]
fn tickers_and_timeouts_go_by_the_clock() {
    synctest::test(|| {
        let start = time::now();
        let ticker = time::Ticker::new(HOUR);
        for i in 1..=3 {
            assert_eq!(ticker.c().recv(), Some(start + i * HOUR));
        }
        ticker.stop();
        let never = make!(chan u8);
        let start = time::now();
        assert!(never.recv_timeout(HOUR).is_err());
        assert_eq!(time::since(start), HOUR);
        let late = select! {
            <-never => false,
            <-time::after(HOUR) => true,
        };
        assert!(late);
        assert_eq!(time::since(start), 2 * HOUR);
    });
}

/// TestTimeAfter: what a timer's function starts is in the bubble too.
#[test]
fn functions_of_timers_run_in_the_bubble() {
    synctest::test(|| {
        let i = Arc::new(AtomicU32::new(0));
        let steps = i.clone();
        time::after_func(SECOND, move || {
            steps.fetch_add(1, SeqCst);
            go!([steps], {
                time::sleep(SECOND);
                steps.fetch_add(1, SeqCst);
            });
        });
        time::sleep(3 * SECOND);
        synctest::wait();
        assert_eq!(i.load(SeqCst), 2);
    });
}

/// TestTimerAfterBubbleExit; and what the function owned is let go.
#[test]
fn a_timer_does_not_fire_after_the_test_and_is_freed() {
    let ran = Arc::new(AtomicBool::new(false));
    let own = ran.clone();
    synctest::test(move || {
        time::after_func(SECOND, move || own.store(true, SeqCst));
    });
    assert!(!ran.load(SeqCst));
    tests::eventually("the function is dropped", || Arc::strong_count(&ran) == 1);
}

/// TestTimerFromOutsideBubble.
#[test]
fn a_timer_from_outside_goes_by_the_real_clock() {
    let timer = Timer::new(10 * MILLISECOND);
    let inside = timer.clone();
    synctest::test(move || {
        let start = time::now();
        inside.c().recv();
        assert_eq!(time::since(start), Duration::ZERO, "not durable");
    });
    assert!(!timer.stop(), "it was received");
}

/// TestTimerNondeterminism, TestSleepNondeterminism.
#[test]
fn who_is_due_at_the_same_moment_goes_in_any_order() {
    synctest::test(|| {
        let mut seen = [false; 2];
        for _ in 0..1000 {
            let (a, b) = (Timer::new(NANOSECOND), Timer::new(NANOSECOND));
            select! {
                <-a.c() => seen[0] = true,
                <-b.c() => seen[1] = true,
            }
            if seen == [true; 2] {
                break;
            }
            synctest::wait();
        }
        assert_eq!(seen, [true; 2], "timers");
        let mut seen = [false; 2];
        for _ in 0..1000 {
            let first = Arc::new(AtomicU32::new(0));
            for who in 1..=2 {
                go!([first], {
                    time::sleep(NANOSECOND);
                    let _ = first.compare_exchange(0, who, SeqCst, SeqCst);
                });
            }
            synctest::sleep(NANOSECOND);
            seen[first.load(SeqCst) as usize - 1] = true;
            if seen == [true; 2] {
                return;
            }
        }
        panic!("sleepers always in one order: {seen:?}");
    });
}

/// TestTimerRunsImmediately, TestTimerRanInPast, TestAfterFuncRunsImmediately.
#[test]
fn what_is_due_at_once_does_not_wait_for_anybody() {
    synctest::test(|| {
        let start = time::now();
        assert_eq!(Timer::new(Duration::ZERO).c().try_recv(), Ok(start));
        let timer = Timer::new(SECOND);
        time::sleep(2 * SECOND);
        assert_eq!(timer.c().try_recv(), Ok(start + SECOND));
        let ran = Arc::new(AtomicBool::new(false));
        let flag = ran.clone();
        let timer = time::after_func(Duration::ZERO, move || flag.store(true, SeqCst));
        while !ran.swap(false, SeqCst) {
            runtime::gosched();
        }
        assert!(!timer.reset(Duration::ZERO));
        while !ran.load(SeqCst) {
            runtime::gosched();
        }
    });
}

/// The examples of Go's package: Context.AfterFunc, Context.WithTimeout.
#[test]
fn contexts() {
    synctest::test(|| {
        let (ctx, cancel) = context::with_cancel(&context::background());
        let called = Arc::new(AtomicBool::new(false));
        let flag = called.clone();
        context::after_func(&ctx, move || flag.store(true, SeqCst));
        synctest::wait();
        assert!(!called.load(SeqCst));
        cancel();
        synctest::wait();
        assert!(called.load(SeqCst));

        let (ctx, _cancel) = context::with_timeout(&context::background(), 5 * SECOND);
        time::sleep(5 * SECOND - NANOSECOND);
        synctest::wait();
        assert!(ctx.err().is_none());
        synctest::sleep(NANOSECOND);
        assert_eq!(ctx.err(), Some(context::ContextError::DeadlineExceeded));
    });
}

/// What the function of a timer owns is dropped in the bubble, whose timers it may stop; a context of
/// the bubble may be let go of anywhere.
#[test]
fn what_a_function_owns_is_dropped_in_its_bubble() {
    let outside = synctest::test(|| {
        let (ctx, _cancel) = context::with_timeout(&context::background(), HOUR);
        let (held, group) = (ctx.clone(), WaitGroup::new());
        group.add(1);
        let raised = group.clone();
        let done = scopeguard(move || raised.done());
        let _timer = time::after_func(2 * HOUR, move || {
            let _ = (&held, &done);
        });
        ctx
    });
    drop(outside);
}

/// Runs `f` when it is dropped.
fn scopeguard(f: impl FnMut() + Send) -> impl Send {
    struct Guard<F: FnMut()>(F);
    impl<F: FnMut()> Drop for Guard<F> {
        fn drop(&mut self) {
            (self.0)();
        }
    }
    Guard(f)
}
